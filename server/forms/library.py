"""Forms by path or by name: YAML and XLSForm, with overlays, as questionnaires."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from server.forms.plain_yaml import PlainYaml, UnreadableFormError, read_plain_yaml
from survey_engine.fault import Fault, FormError
from survey_engine.overlay import lay_over
from survey_engine.questionnaire import Questionnaire
from survey_engine.reading import read_questionnaire

SHIPPED = Path(__file__).resolve().parents[2] / "questionnaires"
MAX_BYTES = 10_000_000
_YAML, _XLSFORM = (".yaml", ".yml"), (".xlsx", ".md", ".xls", ".xlsm")


@dataclass(frozen=True, slots=True)
class FormFault:
    """One fault of a form file, with the line where it is known."""

    code: str
    path: str
    line: int | None
    message: str

    def sentence(self, file: Path) -> str:
        """Return where, what and what to do as one sentence."""
        where = f"{file.name}:{self.line}" if self.line else file.name
        return f"{where}: {self.message}"


class FaultyFormError(Exception):
    """A form that cannot be used; ``faults`` names everything that is wrong with it."""

    def __init__(self, file: Path, faults: tuple[FormFault, ...]) -> None:
        self.file = file
        self.faults = faults
        super().__init__("\n".join(fault.sentence(file) for fault in faults))


def find_form(name: str) -> Path:
    """Return the file of a form given by path, or by the name of a shipped form (``person``)."""
    shipped = SHIPPED / f"{name}.yaml"
    path = Path(name)
    return shipped if not path.exists() and shipped.is_file() else path


def load_form(file: Path, overlays: tuple[Path, ...] = ()) -> Questionnaire:
    """Read a form from YAML or XLSForm, with overlays laid over it in this order.

    Raises :class:`FaultyFormError` with every fault found.
    """
    plain = _laid_over(file, overlays)
    try:
        return read_questionnaire(_mapping(file, plain.value))
    except FormError as error:
        raise _faulty(file, plain, error.faults) from error


def plain_form(file: Path, overlays: tuple[Path, ...] = ()) -> Mapping[str, object]:
    """Return the plain mapping of a form with its overlays, for writing it out again."""
    return _mapping(file, _laid_over(file, overlays).value)


def _laid_over(file: Path, overlays: tuple[Path, ...]) -> PlainYaml:
    plain = _read(file)
    for overlay in overlays:
        changes = _read(overlay)
        try:
            laid, _about = lay_over(_mapping(file, plain.value), _mapping(overlay, changes.value))
        except FormError as error:
            raise _faulty(overlay, changes, error.faults) from error
        plain = PlainYaml(laid, plain.lines)
    return plain


def speakable(form: Questionnaire) -> Questionnaire:
    """Return ``form`` with the shipped script if it brings none, as an XLSForm does."""
    if form.script:
        return form
    return replace(form, script=load_form(SHIPPED / "person.yaml").script)


def _read(file: Path) -> PlainYaml:
    content = _content(file)
    if file.suffix.lower() in _XLSFORM:
        return _read_sheets(file)
    if file.suffix.lower() not in _YAML:
        known = ", ".join((*_YAML, ".xlsx", ".md"))
        raise _unreadable(file, f"is no form by its ending; give one of {known}")
    try:
        return read_plain_yaml(content)
    except UnreadableFormError as error:
        raise _unreadable(file, str(error)) from error


def _read_sheets(file: Path) -> PlainYaml:
    from server.forms.sheet_fault import SheetError
    from server.forms.xlsform_reader import read_sheet_form

    try:
        form = read_sheet_form(file)
    except SheetError as error:
        faults = (FormFault(one.code, one.sheet, one.row or None, str(one)) for one in error.faults)
        raise FaultyFormError(file, tuple(faults)) from error
    return PlainYaml(form.value, dict(form.rows))


def _content(file: Path) -> bytes:
    try:
        size = file.stat().st_size
        if size > MAX_BYTES:
            raise _unreadable(
                file, f"has {size / 1e6:.0f} MB; a form may have {MAX_BYTES / 1e6:.0f} MB"
            )
        return file.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise _unreadable(file, f"cannot be read ({reason}); give the path of a form") from error


def _unreadable(file: Path, message: str) -> FaultyFormError:
    return FaultyFormError(file, (FormFault("unreadable-form", "", None, message),))


def _mapping(file: Path, value: object) -> Mapping[str, object]:
    if isinstance(value, Mapping):
        return value
    raise _unreadable(file, "is not a mapping at its top; begin with `form: NAME`")


def _faulty(file: Path, plain: PlainYaml, faults: tuple[Fault, ...]) -> FaultyFormError:
    places = _places(plain.value)
    return FaultyFormError(
        file,
        tuple(
            FormFault(fault.code, fault.path, _line(fault.path, plain, places), fault.message)
            for fault in faults
        ),
    )


def _line(path: str, plain: PlainYaml, places: Mapping[str, str]) -> int | None:
    """Find the line of a path that names things (``items.A4``) rather than counting them."""
    parts = path.split(".")
    for length in range(len(parts), 0, -1):
        place = places.get(".".join(parts[:length]))
        if place is not None:
            rest = ".".join([place, *parts[length:]])
            return plain.line_of(rest)
    return plain.line_of(path) if plain.lines else None


def _places(value: object) -> dict[str, str]:
    places: dict[str, str] = {}
    form = value if isinstance(value, Mapping) else {}
    for key, name in (("checks", "id"), ("checks_elsewhere", "id"), ("outcomes", "code")):
        entries = form.get(key)
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            if isinstance(entry, Mapping):
                places[f"{key}.{entry.get(name)}"] = f"{key}[{index}]"
    _item_places(form.get("sections"), "sections", places)
    return places


def _item_places(entries: object, path: str, places: dict[str, str]) -> None:
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if not isinstance(entry, Mapping):
            continue
        place = f"{path}[{index}]"
        kind = "sections" if "items" in entry else "items"
        name = f"{kind}.{entry.get('name')}"
        places[name] = place
        _choice_places(entry.get("choices"), name, place, places)
        _item_places(entry.get("items"), f"{place}.items", places)


def _choice_places(entries: object, name: str, place: str, places: dict[str, str]) -> None:
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, Mapping):
            places[f"{name}.choices.{entry.get('code')}"] = f"{place}.choices[{index}]"
