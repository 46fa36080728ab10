"""How Alembic runs the steps: on the connection that ``Database.migrate`` gives."""

from alembic import context
from sqlalchemy import Connection

import models.tables  # noqa: F401 - makes the tables known
from models.base import Record


def run(connection: Connection) -> None:
    """Run the steps within the caller's transaction."""
    context.configure(
        connection=connection, target_metadata=Record.metadata, transaction_per_migration=False
    )
    context.run_migrations()


run(context.config.attributes["connection"])
