"""``tingwen learn``."""

from pathlib import Path
from typing import Annotated

import typer

from server.commands.form import usable_form
from server.commands.opened import opened_service
from server.understanding.learning import Lesson, calibrate, teach, verified_words


def learn(
    form: Annotated[str, typer.Option()] = "person",
    campaign: Annotated[
        list[str] | None, typer.Option(help="Learn from the verified answers of this campaign too.")
    ] = None,
    across_regions: Annotated[
        bool, typer.Option("--across-regions", help="Leave to mix provinces.")
    ] = False,
    coded: Annotated[
        list[Path] | None, typer.Option(help="Fit the combiner on these evaluation sets as well.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where to write; the service's data folder if not given.")
    ] = None,
) -> None:
    """Learn from the corpus and from what people have verified."""
    questionnaire = usable_form(form)
    with opened_service() as service:
        folder = out or service.settings.learned_dir
        verified = tuple(verified_words(service, campaign or (), across_regions=across_regions))
    lesson = teach(questionnaire, folder, verified)
    typer.echo(_said(lesson))
    if coded:
        calibrate(coded, questionnaire, folder)
        typer.echo(f"校准用了 {len(coded)} 份已编码的答案。")


def _said(lesson: Lesson) -> str:
    return (
        f"学了 {lesson.phrases} 句话（其中核实过的 {lesson.verified} 句），"
        f"{lesson.places} 处，写入 {lesson.file}。"
    )
