"""A signed form is written once: the database refuses every later change of it."""

from models.schema.write_once import write_once

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Refuse to change, replace or delete what was signed."""
    write_once("signed_form", "id")
