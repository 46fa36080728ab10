"""Labels that are no code of a form, and what they mean in codes."""

from dialog.spoken_corpus import READ_BACK, UNCLEAR
from survey_engine.questionnaire import Questionnaire

#: The meanings of answers that are a yes or a no.
YES, NO = "yes", "no"
#: Words that are no answer, at a place where only answers are told apart.
INTENT = "intent"
#: Words that are an answer, where only intents are told apart.
ANSWER = "answer"


def yes_no_meanings(form: Questionnaire, place: str) -> dict[str, str]:
    """Return what a plain yes, a no and neither mean at ``place``, if they mean anything."""
    if "/" in place or place == READ_BACK:
        return {YES: YES, NO: NO, UNCLEAR: UNCLEAR}
    item = form.item(place)
    codes = [one.code for one in item.choices] if item else []
    labels = [one.label for one in item.choices] if item else []
    return {YES: codes[0], NO: codes[1], UNCLEAR: UNCLEAR} if labels == ["是", "否"] else {}
