"""Pages made from templates; everything put into one is escaped."""

from pathlib import Path

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).resolve().parent / "pages" / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(name: str, /, *, code: int = 200, **values: object) -> HTMLResponse:
    """Return the page ``name`` filled with ``values``."""
    return HTMLResponse(_ENVIRONMENT.get_template(name).render(values), status_code=code)
