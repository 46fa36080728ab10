"""Labels that are no code of a form, and what they mean in codes."""

from dialog.spoken_corpus import READ_BACK, UNCLEAR
from survey_engine.questionnaire import Questionnaire

#: Words that are no answer, at a place where only answers are told apart.
INTENT = "intent"
#: Words that are an answer, where only intents are told apart.
ANSWER = "answer"


def yes_no_meanings(form: Questionnaire, place: str) -> dict[str, str]:
    """Return what a plain yes, a no and neither mean at ``place``, if they mean anything."""
    if "/" in place or place == READ_BACK:
        return {"yes": "yes", "no": "no", UNCLEAR: UNCLEAR}
    item = form.item(place)
    codes = [one.code for one in item.choices] if item else []
    labels = [one.label for one in item.choices] if item else []
    return {"yes": codes[0], "no": codes[1], UNCLEAR: UNCLEAR} if labels == ["是", "否"] else {}
