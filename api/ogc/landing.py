"""The way in: landing page, conformance, the API's description."""

from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from api.ogc.links import (
    HTML,
    JSON,
    KEPT,
    OPENAPI,
    REL_JOBS,
    REL_PROCESSES,
    Link,
    address,
    answer,
    as_html,
    self_and_alternate,
)
from api.ogc.openapi import PROBLEMS, json_answer, openapi
from api.ogc.queries import PlainQuery
from api.pages import prefixed
from api.people import Viewer, person_of
from api.problems import Refused
from landplan import __version__
from landplan.messages import say

router = APIRouter(tags=["capabilities"], responses=PROBLEMS, dependencies=[Viewer])

FEATURES: Final = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf"
SYSTEMS: Final = "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf"
PROCESSES: Final = "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf"
CONFORMS_TO: Final = (
    f"{FEATURES}/core",
    f"{FEATURES}/geojson",
    f"{FEATURES}/html",
    f"{FEATURES}/oas30",
    f"{SYSTEMS}/crs",
    f"{PROCESSES}/core",
    f"{PROCESSES}/ogc-process-description",
    f"{PROCESSES}/json",
    f"{PROCESSES}/oas30",
    f"{PROCESSES}/job-list",
    f"{PROCESSES}/dismiss",
)
"""Only what a test per requirement shows (tests/api/test_ogc_requirements.py)."""


def landing(request: Request) -> Response:
    """Return the landing page for programs: what this is, and where everything begins.

    The page for people is the Desk; it carries the same links in its menu.
    """
    unknown = set(request.query_params) - {"f", "lang"}
    if unknown or request.query_params.get("f", "json") not in ("json", "html"):
        name = min(unknown, default="f")
        raise Refused(400, "api.unknown_parameter", where=name, detail="")
    language = request.state.language
    document = {
        "title": "landplan",
        "description": say("ogc.landing", None, language),
        "links": [link.to_json() for link in landing_links(request)],
        "version": __version__,
    }
    return JSONResponse(document, headers=KEPT)


def landing_links(request: Request) -> list[Link]:
    """Return the links of the landing page, which the Desk shows too."""

    def to(path: str, rel: str, kind: str = JSON, name: str = "") -> Link:
        title = say(f"ogc.link.{name or path or 'landing'}", None, request.state.language)
        return Link(address(request, path), rel, kind, title)

    links = [
        Link(address(request, "", f="json"), "self", JSON),
        Link(address(request, "", f="html"), "alternate", HTML),
        to("api", "service-desc", OPENAPI),
        to("docs", "service-doc", HTML),
        to("conformance", "conformance"),
        to("conformance", "http://www.opengis.net/def/rel/ogc/1.0/conformance"),
        to("collections", "data"),
        to("processes", REL_PROCESSES),
    ]
    if person_of(request).may("planner"):
        links.append(to("jobs", REL_JOBS))
    return links


@router.get("/conformance", **json_answer("The classes of the standards that hold here."))
def conformance(request: Request, query: PlainQuery) -> Response:
    """Name the conformance classes of OGC API Features and Processes that hold here."""
    document: dict[str, Any] = {
        "links": [link.to_json() for link in self_and_alternate(request, ["conformance"])],
        "conformsTo": list(CONFORMS_TO),
    }
    return answer(request, "ogc/conformance.html", document)


@router.get("/api", **json_answer("The description of this API.", OPENAPI))
def api(request: Request, query: PlainQuery) -> Response:
    """Describe this API in OpenAPI 3.0."""
    if as_html(request):
        return Response(status_code=307, headers={"location": prefixed(request, "/docs")})
    document = openapi(request.app) | {"servers": [{"url": address(request, "").rstrip("/")}]}
    return JSONResponse(document, media_type=OPENAPI, headers=KEPT)
