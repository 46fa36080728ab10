"""The service opened for one command, with its trouble told in one sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

from models.failure import RecordsError
from server.failure import CommandFailedError
from server.forms.library import FaultyFormError
from server.service import Service
from server.settings import Settings


@contextmanager
def opened_service(settings: Settings | None = None) -> Iterator[Service]:
    """Give the service of the settings; storage trouble ends the command in one sentence."""
    try:
        service = Service.open(settings or Settings())
    except (RecordsError, OSError) as error:
        raise CommandFailedError(str(error)) from error
    try:
        yield service
    except (RecordsError, LookupError, FaultyFormError) as error:
        raise CommandFailedError(str(error)) from error
    finally:
        service.close()
