"""The two questions by which somebody who calls shows who they are, as a form of its own."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from dialog.fixed_prompts import FixedPrompt, fixed_prompts
from dialog.wording import Office
from server.forms.library import SHIPPED, load_form
from server.telephone.sentences import FOUND, NO_MATCH, REFUSED
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


def caller_prompts(form: Questionnaire, office: Office) -> Iterator[FixedPrompt]:
    """Yield what whoever calls is told besides the sentences of ``form`` itself."""
    for prompt in fixed_prompts(caller_form(form), office):
        if not prompt.key.startswith("script."):
            yield prompt
    yield FixedPrompt("caller.no_match", NO_MATCH)
    yield FixedPrompt("caller.found", FOUND)
    yield FixedPrompt("caller.refused", REFUSED.format(callback=office.callback))


def _of(form: Questionnaire) -> Questionnaire:
    return replace(
        _asked(),
        form=form.form,
        version=form.version,
        official=form.official,
        outcomes=form.outcomes,
        script=form.script,
    )
