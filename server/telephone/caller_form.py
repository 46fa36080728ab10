"""The two questions by which somebody who calls shows who they are, as a form of its own."""

from dataclasses import replace
from functools import cache

from server.forms.library import SHIPPED, load_form
from survey_engine.questionnaire import Questionnaire

#: The items, whose names the shipped file gives.
LAST4, NAME = "last4", "name"


@cache
def _asked() -> Questionnaire:
    return load_form(SHIPPED / "incoming" / "caller.yaml")


def caller_form(form: Questionnaire) -> Questionnaire:
    """Return the questions as whoever calls for an interview by ``form`` is asked them.

    They are greeted, and understood, as that form has it.
    """
    return form.derived(_of)


def _of(form: Questionnaire) -> Questionnaire:
    return replace(
        _asked(),
        form=form.form,
        version=form.version,
        official=form.official,
        outcomes=form.outcomes,
        script=form.script,
    )
