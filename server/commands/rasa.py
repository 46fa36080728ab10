"""``tingwen rasa``: an optional second opinion, in a process of its own."""

from typing import Annotated

import typer

from dialog.spoken_corpus import read_corpus
from server.commands.form import usable_form
from server.rasa import process
from server.rasa.project import write_project
from server.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Rasa 3.6 in its own Python 3.10, asked over HTTP.")


@app.command()
def train() -> None:
    """Write the training data from the corpus and the forms, and train a model of it."""
    settings = Settings()
    forms = [usable_form(name) for name in ("person", "community")]
    phrases = write_project(settings.rasa_dir, forms, read_corpus())
    typer.echo(f"写出 {phrases} 句训练话语，开始训练。")
    typer.echo(f"模型在 {process.train(settings.rasa_dir, settings.rasa_python)}。")


@app.command()
def serve(port: Annotated[int, typer.Option(min=1, max=65535)] = 5005) -> None:
    """Serve the model on loopback; set TINGWEN_RASA_URL to its address."""
    settings = Settings()
    process.serve(settings.rasa_dir, settings.rasa_python, port)
