"""``tingwen call``: one call to one person, now."""

import json
from typing import Annotated

import typer

from models.failure import CallRefusedError
from models.phone_call import PhoneCalls
from server.commands.opened import opened_service
from server.failure import CommandFailedError
from server.telephone.dialler import Dialler
from server.telephone.ready import carrier_of
from telephony.failure import CarrierError


def call(
    campaign: Annotated[str, typer.Option()],
    person: Annotated[str, typer.Option(metavar="KEY", help="The certificate number.")],
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Call one person now through the carrier; the service that is running holds the call."""
    with opened_service() as service:
        case = service.cases.by_certificate(campaign, person)
        try:
            carrier = carrier_of(service.settings)
            dialled = Dialler(service, PhoneCalls(service.database), carrier).dial(case)
        except (CallRefusedError, CarrierError) as error:
            raise CommandFailedError(str(error)) from error
    typer.echo(json.dumps({"call": dialled.external_id}) if as_json else dialled.external_id)
