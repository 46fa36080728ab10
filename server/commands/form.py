"""``tingwen form``: questionnaires checked, run and converted."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from server.failure import CommandFailedError
from server.forms.library import FaultyFormError, FormFault, find_form, load_form, plain_form
from survey_engine.questionnaire import Questionnaire

app = typer.Typer(no_args_is_help=True, help="Questionnaires: check, run, convert.")

FormName = Annotated[str, typer.Argument(metavar="FORM", help="A file, or the name of a form.")]
Overlays = Annotated[
    list[Path] | None, typer.Option("--overlay", help="Lay this wave or region over the form.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print for machines.")]


@app.command("check")
def form_check(form: FormName, overlay: Overlays = None, as_json: AsJson = False) -> None:
    """Read a questionnaire and list every fault with its place."""
    file = find_form(form)
    try:
        questionnaire = load_form(file, tuple(overlay or ()))
    except FaultyFormError as error:
        _print_faults(error.file, error.faults, as_json)
        raise CommandFailedError(_first(error)) from None
    missing = questionnaire.official.missing()
    today = datetime.now(UTC).date()
    fieldable = questionnaire.official.may_be_fielded(today)
    if as_json:
        typer.echo(json.dumps(_summary(questionnaire, fieldable, missing), ensure_ascii=False))
        return
    typer.echo(
        f"{file.name}: {questionnaire.title} {questionnaire.version} 没有错误，"
        f"{len(questionnaire.items)} 项，{len(questionnaire.checks)} 条核对规则。"
    )
    if not fieldable:
        typer.echo(_not_fieldable(questionnaire, missing, today))


def _summary(form: Questionnaire, fieldable: bool, missing: Sequence[str]) -> dict[str, object]:
    return {
        "form": form.form,
        "version": form.version,
        "items": len(form.items),
        "checks": len(form.checks),
        "faults": [],
        "fieldable": fieldable,
        "missing": list(missing),
    }


def _not_fieldable(form: Questionnaire, missing: Sequence[str], today: date) -> str:
    if missing:
        return f"可以试用，不能正式调查：official 缺少 {'、'.join(missing)}，请补齐。"
    until = form.official.valid_until
    return f"可以试用，不能正式调查：有效期到 {until}，今天是 {today}，请换用有效的表。"


def _print_faults(file: Path, faults: tuple[FormFault, ...], as_json: bool) -> None:
    if as_json:
        listed = [
            {"code": one.code, "path": one.path, "line": one.line, "message": one.message}
            for one in faults
        ]
        typer.echo(json.dumps({"file": str(file), "faults": listed}, ensure_ascii=False))
        return
    for one in faults:
        typer.echo(one.sentence(file))


def _first(error: FaultyFormError) -> str:
    """Return the first fault, and how many more there are."""
    more = f" ({len(error.faults) - 1} more)" if len(error.faults) > 1 else ""
    return f"{error.faults[0].sentence(error.file)}{more}"


def usable_form(name: str, overlays: Sequence[Path] = ()) -> Questionnaire:
    """Return a form by path or name. Raises :class:`CommandFailedError` with its first fault."""
    file = find_form(name)
    try:
        return load_form(file, tuple(overlays))
    except FaultyFormError as error:
        raise CommandFailedError(_first(error)) from error


@app.command("run")
def form_run(
    form: FormName,
    answers: Annotated[Path, typer.Option("--answers", help="JSON: [[name, value], …]")],
    as_json: AsJson = False,
) -> None:
    """Run a form over answers in order; one line per answer."""
    from server.forms.answer_file import read_answers
    from server.forms.run import AnswerError, run_form

    questionnaire = usable_form(form)
    pairs = read_answers(answers)
    try:
        for record in run_form(questionnaire, pairs, datetime.now().astimezone()):
            line = json.dumps(record.as_dict(), ensure_ascii=False)
            typer.echo(line if as_json else f"{record.step}: {' '.join(record.relevant)}")
    except AnswerError as error:
        raise CommandFailedError(f"{answers}: {error}") from error


@app.command("convert")
def form_convert(
    form: FormName,
    file: Annotated[Path, typer.Argument(help="The .xlsx or .md file to write.")],
    overlay: Overlays = None,
) -> None:
    """Write a questionnaire out as XLSForm."""
    from server.forms.xlsform_writer import write_xlsform

    usable_form(form, tuple(overlay or ()))
    try:
        write_xlsform(plain_form(find_form(form), tuple(overlay or ())), file)
    except (ValueError, OSError) as error:
        raise CommandFailedError(f"{file} cannot be written: {error}") from error
    typer.echo(f"已写出 {file}")
