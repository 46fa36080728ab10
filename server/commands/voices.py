"""``tingwen voices``."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from dialog.fixed_prompts import FixedPrompt, fixed_prompts
from server.commands.form import usable_form
from server.failure import CommandFailedError
from server.settings import Settings
from server.speech import office_of, synthesis_of
from server.telephone.caller_form import caller_prompts
from telephony.failure import VoiceError
from telephony.voices.kept import KeptVoice
from telephony.voices.recorded import SCRIPT

app = typer.Typer(no_args_is_help=True, help="电话里的声音：录音稿、预先合成")


@app.command()
def script(
    form: Annotated[str, typer.Option()] = "person",
    out: Annotated[Path | None, typer.Option(help="The folder, if not the service's.")] = None,
    proxies: Annotated[bool, typer.Option(help="Also what is said to others.")] = False,
) -> None:
    """Write the sentences that somebody may read in, each with the name of its sound file."""
    settings = Settings()
    prompts = _prompts(settings, form, proxies=proxies)
    folder = out or settings.prompt_path
    lines = "".join(f"{one.key}\t{one.text}\n" for one in prompts)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / SCRIPT).write_text(lines, encoding="utf-8")
    except OSError as error:
        raise CommandFailedError(f"写不进 {folder}（{error.strerror}）；请检查权限。") from error
    typer.echo(f"{len(prompts)} 句写入 {folder / SCRIPT}；请把录音存成 同名.wav 放在旁边。")


@app.command()
def render(
    form: Annotated[str, typer.Option()] = "person",
    rate: Annotated[float, typer.Option(min=0.5, max=2.0)] = 1.0,
    proxies: Annotated[bool, typer.Option(help="Also what is said to others.")] = False,
) -> None:
    """Make every fixed sentence of a form, so that no call has to wait for one."""
    settings = Settings()
    prompts = _prompts(settings, form, proxies=proxies)
    voice = synthesis_of(settings)
    kept = KeptVoice(voice, settings.spoken_dir, {one.text for one in prompts})
    wanted = [one for one in prompts if not kept.has(one.text, rate)]
    try:
        for one in track(wanted, description="合成", transient=True):
            kept.speak(one.text, rate)
    except VoiceError as error:
        raise CommandFailedError(str(error)) from error
    typer.echo(f"{voice.name}：{len(prompts)} 句齐备，新合成 {len(wanted)} 句。")


def _prompts(settings: Settings, form: str, *, proxies: bool) -> list[FixedPrompt]:
    asked, office = usable_form(form), office_of(settings)
    return [*fixed_prompts(asked, office, proxies=proxies), *caller_prompts(asked, office)]
