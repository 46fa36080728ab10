"""The account that a command acts for: its role and its wall hold as they do at a desk."""

from typing import Annotated

import typer

from models.staff import Staff
from models.walled import Walled
from server.desk.permission import ROLE_WORDS, Permission, may
from server.failure import CommandFailedError
from server.service import Service

As = Annotated[
    str,
    typer.Option(
        "--as", metavar="LOGIN", help="The account this is done for; its role and region hold."
    ),
]


def records_of(service: Service, login: str, permission: Permission) -> Walled:
    """Return the records behind the wall of ``login``, who may do this.

    Raises :class:`server.failure.CommandFailedError` for nobody, an account that has ended or
    never signed in, and a role without ``permission``.
    """
    account = Staff(service.database).get(login)
    if account is None or not account.active or account.fresh:
        raise CommandFailedError(
            f"--as {login}: no such account is at work; tingwen staff list shows them, and a new"
            " one has to sign in once first."
        )
    if not may(account.role, permission):
        raise CommandFailedError(
            f"--as {login}: {ROLE_WORDS[account.role]} may not do this; name a supervisor."
        )
    return Walled(service.database, account.viewer())
