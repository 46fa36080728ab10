"""A waiting interview as plain data, so that no turn has to replay its whole history."""

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any, get_type_hints

from survey_engine.form_model import form_model
from survey_engine.instance import Instance
from survey_engine.interview import Interview
from survey_engine.plain import PlainError, read_plain, to_plain
from survey_engine.questionnaire import Questionnaire

_LIVE = ("questionnaire", "instance")


def take_snapshot(interview: Interview) -> dict[str, object]:
    """Return ``interview`` as JSON can hold it; it names its form and version."""
    form, instance = interview.questionnaire, interview.instance
    kept = {
        bind.name: text
        for bind in instance.model.binds
        if (text := instance.stored(bind.name)) or bind.default is not None
    }
    state = {
        field.name: to_plain(held)
        for field in fields(Interview)
        if field.name not in _LIVE and (held := getattr(interview, field.name)) != field.default
    }
    return {"form": form.form, "version": form.version, "stored": kept, **state}


def restore(form: Questionnaire, snapshot: Mapping[str, object]) -> Interview:
    """Return the interview of ``snapshot``; it goes on exactly as the original would.

    Raises :class:`survey_engine.plain.PlainError` where it is of another form or malformed.
    """
    data = dict(snapshot)
    name, version = data.pop("form", None), data.pop("version", None)
    if (name, version) != (form.form, form.version):
        raise PlainError(f"the snapshot is of {name} {version}, not of {form.form} {form.version}")
    stored = read_plain(Mapping[str, str], data.pop("stored", {}))
    hints = _hints()
    if not data.keys() <= hints.keys():
        raise PlainError("the snapshot holds what is no part of an interview; take a new one")
    state: dict[str, Any] = {key: read_plain(hints[key], held) for key, held in data.items()}
    try:
        instance = Instance.start(form_model(form), stored, state["at"])
        return Interview(questionnaire=form, instance=instance, **state)
    except (KeyError, TypeError, ValueError) as error:
        raise PlainError(f"the snapshot is not whole: {error!r}; take a new one") from error


@cache
def _hints() -> Mapping[str, Any]:
    return {key: kind for key, kind in get_type_hints(Interview).items() if key not in _LIVE}
