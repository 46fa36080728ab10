"""What a service does before it is needed, so that the first person waits no longer than others."""

from datetime import UTC, datetime
from threading import Thread

from dialog.utterance import Utterance
from models.campaign import Campaigns
from server.service import Service
from server.templates import load_templates
from survey_engine.channel import Channel
from survey_engine.questionnaire import Questionnaire


def practising(service: Service) -> Thread:
    """Begin to practise beside whatever else the process does, and return the thread that does.

    It ends with the process.
    """
    thread = Thread(target=practise, args=(service,), name="practice", daemon=True)
    thread.start()
    return thread


def practise(service: Service) -> None:
    """Compile the pages, begin an interview with each form in use, and answer every question."""
    load_templates()
    campaigns = [one for one in Campaigns(service.database).all() if one.status == "open"]
    for form, version in sorted({(one.form, one.version) for one in campaigns}):
        _practise(service, service.shelf.find(form, version))


def _practise(service: Service, form: Questionnaire) -> None:
    now, conversation = datetime.now(UTC), service.conversation
    turn = conversation.begin(form, {}, {}, at=now, channel=Channel.VOICE)
    said = Utterance(id="practice", at=now, words="我就是本人", confidence=1.0)
    conversation.take(turn.interview, said)
    service.reviews.reader.understanding(form).practise()
