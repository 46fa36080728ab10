"""The forms that campaigns run on: each version kept as it was when its campaign was opened."""

from pathlib import Path

from server.forms.library import SHIPPED, load_form, speakable
from survey_engine.questionnaire import Questionnaire


class FormShelf:
    """Finds forms by name and version: shipped ones, and those kept in the data folder.

    A form never changes once a campaign runs on it; a change is a new version under a new name.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[tuple[str, str], Questionnaire] = {}

    def keep(self, form: Questionnaire) -> None:
        """Make ``form`` known to this process."""
        self._known[form.form, form.version] = speakable(form)

    def find(self, form: str, version: str) -> Questionnaire:
        """Return a form. Raises ``LookupError`` where there is none of that name and version."""
        found = self._known.get((form, version))
        if found is None:
            self._read()
            found = self._known.get((form, version))
        if found is None:
            raise LookupError(
                f"There is no form {form} {version} in {self._folder}; put its file there."
            )
        return found

    def every(self) -> tuple[Questionnaire, ...]:
        """Return all forms that are known here."""
        self._read()
        return tuple(self._known.values())

    def _read(self) -> None:
        kept = sorted(self._folder.iterdir()) if self._folder.is_dir() else []
        for file in [*SHIPPED.glob("*.yaml"), *kept]:
            form = load_form(file)
            self._known.setdefault((form.form, form.version), speakable(form))
