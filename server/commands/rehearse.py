"""``tingwen rehearse``: a form tried by hand."""

from typing import Annotated

import typer

from server.commands.form import AsJson, FormName, Overlays, usable_form
from server.forms.library import speakable
from server.rehearsal import Rehearsal


def rehearse(
    form: FormName = "person",
    overlay: Overlays = None,
    person: Annotated[
        str, typer.Option(help="Facts as NAME=VALUE, comma-separated, e.g. age=45,sex=male.")
    ] = "",
    channel: Annotated[str, typer.Option(help="voice, chat, window …")] = "chat",
    as_json: AsJson = False,
) -> None:
    """Rehearse one interview with an invented person here in the terminal, an answer a line."""
    questionnaire = speakable(usable_form(form, overlay or ()))
    Rehearsal.prepare(questionnaire, person, channel, as_json=as_json).run()
