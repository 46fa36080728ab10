"""What a service does before it is needed, so that the first person waits no longer than others."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from threading import Thread

from dialog.fixed_prompts import fixed_prompts
from models.campaign import Campaigns
from models.failure import RecordsError
from server.service import Service
from server.speech import office_of, unmade
from server.templates import load_templates
from survey_engine.channel import Channel
from survey_engine.questionnaire import Questionnaire

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
    for form in _forms(service):
        service.conversation.begin(form, {}, {}, at=datetime.now(UTC), channel=Channel.VOICE)
        service.reviews.reader.practise(form)


def _forms(service: Service) -> Iterator[Questionnaire]:
    campaigns = [one for one in Campaigns(service.database).all() if one.status == "open"]
    for name, version in sorted({(one.form, one.version) for one in campaigns}):
        yield service.shelf.find(name, version)


def _practise(service: Service) -> None:
    try:
        practise(service)
        _tell_of_unmade(service)
    except (LookupError, RecordsError) as error:
        _log.warning("what is needed first was not made ready: %s", error)


def _tell_of_unmade(service: Service) -> None:
    """Say in the log which sentences people on the telephone would have to wait for."""
    office = office_of(service.settings)
    fixed = chain.from_iterable(
        fixed_prompts(form, office, proxies=False) for form in _forms(service)
    )
    many = unmade(service.settings, {one.text for one in fixed})
    if many:
        _log.warning("%d sentences are not made yet; run `tingwen voices render`", many)
