"""Paper: the print page of a plan, and its map alone as SVG."""

from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.console.plan_head import head
from api.console.plan_source import Source, open_source
from api.pages import render
from api.people import Viewer, person_of
from api.printing_sheet import heading_of, sheet
from api.problems import Refused
from api.services import services
from landplan.messages.numbers import money_unit
from maps.svg import proposal_svg, site_letters

router = APIRouter(include_in_schema=False, dependencies=[Viewer])
A4_MM = (180.0, 250.0)
A4_LANDSCAPE_MM = (257.0, 170.0)
CARD_MM = (150.0, 95.0)
"""Beside text on a screen, where a whole sheet would be too small to read."""


@router.get("/proposals/{proposal_id}/print")
def print_page(request: Request, proposal_id: str) -> Response:
    """Show a plan as paper: two A4 pages and annexes; the browser prints it."""
    source = open_source(request, proposal_id)
    top = head(request, source)
    if source.names:
        person = person_of(request)
        subject = f"proposal/{source.id}"
        services(request).workspace.events.add(
            person.name, person.role, "exported", subject, top.fingerprint
        )
    return render(
        request,
        "print/page.html",
        top=top,
        sheet=sheet(request, source, top),
        names=source.names,
        money_unit=money_unit(source.currency, source.language),
    )


@router.get("/proposals/{proposal_id}/map.svg")
def map_svg(
    request: Request,
    proposal_id: str,
    show: Literal["before", "after", "both"] = "both",
    site: str = "",
    paper: Literal["portrait", "landscape", "card"] = "portrait",
) -> Response:
    """Return the map of a plan for e-mail, Word or paper: one A4 drawing that stands alone."""
    source = open_source(request, proposal_id)
    if site and site not in site_letters(source.whole):
        raise Refused(404, "print.no_site", site=site)
    sizes = {"portrait": A4_MM, "landscape": A4_LANDSCAPE_MM, "card": CARD_MM}
    width, height = sizes[paper]
    drawing = _drawn(request, source, show, site or None, width, height)
    headers = {
        "cache-control": "private, no-cache",
        "content-disposition": f'inline; filename="landplan-{source.id}.svg"',
    }
    return Response(drawing, media_type="image/svg+xml", headers=headers)


def _drawn(
    request: Request,
    source: Source,
    show: Literal["before", "after", "both"],
    site: str | None,
    width: float,
    height: float,
) -> str:
    heading, date = heading_of(request, source)
    return proposal_svg(
        source.whole,
        language=source.language,
        width_mm=width,
        height_mm=height,
        site=site,
        show=show,
        role="planner" if source.names else "viewer",
        data_date=date,
        heading=heading,
    )
