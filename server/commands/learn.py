"""``tingwen learn``."""

from pathlib import Path
from typing import Annotated

import typer

from server.commands.form import usable_form
from server.commands.opened import opened_service
from server.understanding.learning import (
    SEEN,
    UNSEEN,
    Lesson,
    calibrate,
    teach,
    verified_words,
)


def learn(
    form: Annotated[list[str] | None, typer.Option(help="Forms to learn; both if none.")] = None,
    campaign: Annotated[
        list[str] | None, typer.Option(help="Learn from the verified answers of this campaign too.")
    ] = None,
    across_regions: Annotated[
        bool, typer.Option("--across-regions", help="Leave to mix provinces.")
    ] = False,
    calibrated: Annotated[
        bool, typer.Option("--calibrate", help="Fit the combiner anew by cross-validation.")
    ] = False,
    unseen: Annotated[
        list[Path] | None, typer.Option(help="Coded answers that no rule was written on.")
    ] = None,
    seen: Annotated[
        list[Path] | None, typer.Option(help="Coded answers that rules were written on.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where to write; the service's data folder if not given.")
    ] = None,
) -> None:
    """Learn from the corpus and from what people have verified."""
    forms = [usable_form(name) for name in form or ("person", "community")]
    with opened_service() as service:
        folder = out or service.settings.learned_dir
        verified = tuple(verified_words(service, campaign or (), across_regions=across_regions))
    for questionnaire in forms:
        typer.echo(_said(teach(questionnaire, folder, verified)))
    if calibrated:
        sets = dict.fromkeys(unseen or (), UNSEEN) | dict.fromkeys(seen or (), SEEN)
        calibrate(forms, folder, sets)
        typer.echo("合成器已按交叉验证重新拟合。")


def _said(lesson: Lesson) -> str:
    return (
        f"学了 {lesson.phrases} 句话（其中核实过的 {lesson.verified} 句），"
        f"{lesson.places} 处，写入 {lesson.file}。"
    )
