"""What a service does before it is needed, so that the first person waits no longer than others."""

import logging
from datetime import UTC, datetime
from threading import Thread

from models.campaign import Campaigns
from models.failure import RecordsError
from server.service import Service
from server.templates import load_templates
from survey_engine.channel import Channel

_log = logging.getLogger(__name__)


def practising(service: Service) -> Thread:
    """Begin to practise beside whatever else the process does, and return the thread that does.

    It ends with the process.
    """
    thread = Thread(target=_practise, args=(service,), name="practice", daemon=True)
    thread.start()
    return thread


def practise(service: Service) -> None:
    """Compile the pages, begin an interview with each form in use, and answer every question.

    Raises ``LookupError`` if a form is not at hand.
    """
    load_templates()
    campaigns = [one for one in Campaigns(service.database).all() if one.status == "open"]
    for name, version in sorted({(one.form, one.version) for one in campaigns}):
        form = service.shelf.find(name, version)
        service.conversation.begin(form, {}, {}, at=datetime.now(UTC), channel=Channel.VOICE)
        service.reviews.reader.practise(form)


def _practise(service: Service) -> None:
    try:
        practise(service)
    except (LookupError, RecordsError) as error:
        _log.warning("what is needed first was not made ready: %s", error)
