"""``tingwen understand`` and ``tingwen evaluate``."""

import json
from pathlib import Path
from typing import Annotated

import typer

from server.commands.form import usable_form
from server.understanding import command


def understand(
    ask: Annotated[str, typer.Option(help="What was asked: A4, B2a, or an option as E5/2.")],
    text: Annotated[str, typer.Option(help="What was said.")],
    form: Annotated[str, typer.Option()] = "person",
    context: Annotated[str, typer.Option(help="What is known, as JSON.")] = "{}",
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Tell what words mean in answer to a question."""
    result = command.understand(usable_form(form), ask, text, context)
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
        return
    meant = result["intent"] or result["value"] or "—"
    typer.echo(f"{result['decision']}：{meant}（{result['confidence']}）")


def evaluate(
    file: Annotated[Path, typer.Argument(help="A TSV file, one utterance a row.")],
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Run an evaluation set and print what was wrong, covered and recognised."""
    result = command.evaluate(file, usable_form)
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
        return
    for name in ("rows", "wrong", "coverage", "intent_accuracy", "ece", "ms_per_row"):
        typer.echo(f"{name:16} {result[name]}")
