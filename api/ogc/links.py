"""Links and media types: every address is absolute, as people and programs reach it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from api.pages import render
from api.problems import wants_html
from api.services import services

JSON: Final = "application/json"
GEOJSON: Final = "application/geo+json"
HTML: Final = "text/html"
SCHEMA: Final = "application/schema+json"
OPENAPI: Final = "application/vnd.oai.openapi+json;version=3.0"
GEOPACKAGE: Final = "application/geopackage+sqlite3"
WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

REL_SCHEMA: Final = "http://www.opengis.net/def/rel/ogc/1.0/schema"
REL_PROCESSES: Final = "http://www.opengis.net/def/rel/ogc/1.0/processes"
REL_JOBS: Final = "http://www.opengis.net/def/rel/ogc/1.0/job-list"
REL_EXECUTE: Final = "http://www.opengis.net/def/rel/ogc/1.0/execute"
REL_RESULTS: Final = "http://www.opengis.net/def/rel/ogc/1.0/results"
REL_EXCEPTIONS: Final = "http://www.opengis.net/def/rel/ogc/1.0/exceptions"

VARIES: Final = "accept, accept-language, authorization, cookie, x-api-key"
KEPT: Final = {"cache-control": "private, no-cache", "vary": VARIES}
"""Whoever keeps an answer asks again before using it: roles and languages differ."""


@dataclass(frozen=True, slots=True)
class Link:
    """One link of an answer."""

    href: str
    rel: str
    type: str
    title: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the link as OGC API spells it."""
        plain = {"href": self.href, "rel": self.rel, "type": self.type}
        return plain | ({"title": self.title} if self.title else {})

    def to_header(self) -> str:
        """Return the link for a ``Link`` header."""
        return f'<{self.href}>; rel="{self.rel}"; type="{self.type}"'


def address(request: Request, *parts: str, **query: object) -> str:
    """Return an absolute address of this service; parts are escaped, queries without None.

    The origin is the one set for the service, else the one the caller asked.
    """
    settings = services(request).settings
    origin = settings.public_origin or f"{request.url.scheme}://{request.url.netloc}"
    path = "/".join(quote(part, safe="") for part in parts)
    given = {key: value for key, value in query.items() if value is not None}
    tail = f"?{urlencode(given)}" if given else ""
    return f"{origin}{settings.path_prefix}/{path}{tail}"


def here(request: Request, parts: Sequence[str], **changes: object) -> str:
    """Return this request's own address with some of its parameters changed, None: left out."""
    query: dict[str, object] = dict(request.query_params)
    return address(request, *parts, **(query | changes))


def self_and_alternate(request: Request, parts: Sequence[str], kind: str = JSON) -> list[Link]:
    """Return the links to this answer and to the same in the other media type."""
    html = as_html(request)
    first = Link(here(request, parts, f="json"), "alternate" if html else "self", kind)
    second = Link(here(request, parts, f="html"), "self" if html else "alternate", HTML)
    return [second, first] if html else [first, second]


def as_html(request: Request) -> bool:
    """Whether the answer is a page: asked for by ``f``, else by what the caller accepts."""
    asked = request.query_params.get("f")
    return wants_html(request) if asked is None else asked == "html"


def answer(
    request: Request, template: str, document: Mapping[str, Any], kind: str = JSON
) -> Response:
    """Answer with a document, or with the page that shows the same."""
    if as_html(request):
        page = render(request, template, document=document)
        page.headers["vary"] = VARIES
        return page
    return JSONResponse(dict(document), media_type=kind, headers=KEPT)
