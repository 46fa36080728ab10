"""Pages made from templates; everything put into one is escaped."""

from datetime import datetime, timedelta, timezone
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
_CHINA = timezone(timedelta(hours=8))


def moment(at: datetime) -> str:
    """Return a time as people in China read it on a screen."""
    return f"{day(at)} {at.astimezone(_CHINA):%H:%M}"


def day(at: datetime) -> str:
    """Return the day of a time as people in China read it on a screen."""
    here = at.astimezone(_CHINA)
    return f"{here.month}月{here.day}日"


_ENVIRONMENT.filters |= {"moment": moment, "day": day}


def load_templates() -> None:
    """Compile every page, so that the first one asked for is there as soon as the others."""
    for name in _ENVIRONMENT.list_templates():
        _ENVIRONMENT.get_template(name)


def page(name: str, /, *, code: int = 200, **values: object) -> HTMLResponse:
    """Return the page ``name`` filled with ``values``."""
    return HTMLResponse(_ENVIRONMENT.get_template(name).render(values), status_code=code)
