"""Pages from templates: everything said comes from the catalogues, every number from one module."""

import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from api.people import person_of
from api.services import services
from landplan import __version__
from landplan.messages import LANGUAGES, Language, say
from landplan.messages import numbers as spelled

HERE = Path(__file__).parent
STATIC = HERE / "static"


def render(
    request: Request, template: str, *, status_code: int = 200, **context: Any
) -> HTMLResponse:
    """Fill a template.

    Templates get ``t(code, **params)``, the filters of `landplan.messages.numbers` (``area``,
    ``money``, ``share``, ``count``, ``length``, ``difference``, ``moment``) in the page's language,
    ``link(path)`` with the path prefix, ``asset(name)`` with a content hash, ``nonce``, ``person``
    and ``language``.
    """
    html = (
        environment()
        .get_template(template)
        .render(
            request=request,
            language=request.state.language,
            languages=LANGUAGES,
            nonce=request.state.nonce,
            person=getattr(request.state, "person", None) and person_of(request),
            settings=services(request).settings,
            version=__version__,
            **context,
        )
    )
    return HTMLResponse(html, status_code, {"cache-control": "no-store"})


def prefixed(request: Request, path: str) -> str:
    """Return a path of this service as a browser must ask for it."""
    return f"{services(request).settings.path_prefix}{path}"


def is_part(request: Request) -> bool:
    """Whether htmx asks for a part of a page and not for a whole one."""
    return request.headers.get("hx-request") == "true"


@cache
def environment() -> Environment:
    """Return the templates' environment: escaping on, unknown names are errors."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"t": _t, "link": _link, "asset": _asset}
    made.filters |= {
        "area": _in_language(spelled.area),
        "money": _in_language(spelled.money),
        "share": _in_language(spelled.share),
        "count": _in_language(spelled.count),
        "length": _in_language(spelled.length),
        "size": len,  # jinja's own "length" counts; here a length is one in metres
        "moment": _in_language(_moment),
        "unit_price": _in_language(spelled.unit_price),
        "difference": spelled.difference,
    }
    return made


@pass_context
def _t(context: Context, code: str, /, **params: object) -> str:
    return say(code, params, context["language"])


@pass_context
def _link(context: Context, path: str) -> str:
    return prefixed(context["request"], path)


@pass_context
def _asset(context: Context, name: str) -> str:
    return prefixed(context["request"], f"/static/{name}?v={_version_of(name)}")


@cache
def _version_of(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def _moment(when: str | datetime | None, *, language: Language, on_paper: bool = False) -> str:
    """Spell a stored time (UTC) in the time zone of this machine."""
    if when is None:
        return spelled.MISSING
    known = datetime.fromisoformat(when) if isinstance(when, str) else when
    local = known.astimezone() if known.tzinfo else known
    return spelled.moment(local, language, on_paper=on_paper)


def _in_language(spell: Any) -> Any:
    @pass_context
    def filtered(context: Context, value: Any, *more: Any, **options: Any) -> str:
        return str(spell(value, *more, language=context["language"], **options))

    return filtered
