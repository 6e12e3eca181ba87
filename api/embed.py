"""Maps for other pages of the intranet: always as everybody may see them, whoever asks."""

from dataclasses import replace
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.console.desk_data import day_text, parsed
from api.console.map_parts import ground, without_plan
from api.console.signoff_record import all_records
from api.pages import prefixed, render
from api.people import Viewer
from api.problems import Refused
from api.services import services
from landplan.errors import LandplanError
from landplan.messages import say
from landplan.proposal.proposal import Proposal
from landplan.workspace.workspace import Workspace
from maps.page import map_page
from maps.view import MapView, dataset_view, proposal_view

router = APIRouter(include_in_schema=False, dependencies=[Viewer])
LATEST: Final = "latest"

Theme = Annotated[str, Query(max_length=40)]
Site = Annotated[str, Query(max_length=80)]


@router.get("/embed/latest")
def embed_latest(request: Request, theme: Theme = "", site: Site = "") -> Response:
    """Show the plan approved last, or say that there is none yet."""
    found = latest_approved(services(request).workspace)
    if found is None:
        return render(request, "embed/none.html")
    return _page(request, _plan_view(request, found, theme, site), embedded=True)


@router.get("/embed/{proposal_id}")
def embed(request: Request, proposal_id: str, theme: Theme = "", site: Site = "") -> Response:
    """Show a plan inside a page of another origin."""
    return _page(request, _plan_view(request, proposal_id, theme, site), embedded=True)


@router.get("/maps/{source}")
def public_map(request: Request, source: str, theme: Theme = "", site: Site = "") -> Response:
    """Show the whole page of a plan's map, or of a town's."""
    if services(request).workspace.proposals.exists(source):
        return _page(request, _plan_view(request, source, theme, site), embedded=False)
    return _page(request, without_plan(_town_view(request, source, theme)), embedded=False)


def latest_approved(workspace: Workspace) -> str | None:
    """Return the plan whose approval is the newest and whose files are there."""
    approved = [
        (record.approval.at, proposal)
        for proposal, record in all_records(workspace)
        if record.approval is not None and workspace.proposals.exists(proposal)
    ]
    return max(approved)[1] if approved else None


def _plan_view(request: Request, proposal_id: str, theme: str, site: str) -> MapView:
    known = services(request)
    try:
        proposal = known.workspace.proposals.get(proposal_id)
    except LandplanError:
        raise Refused(404, "embed.unknown", id=proposal_id[:40]) from None
    view = proposal_view(
        proposal,
        language=request.state.language,
        role="viewer",
        data_date=_data_date(request, proposal),
        url=prefixed(request, f"/map-data/proposal/{proposal.id}"),
        basemap=ground(request),
        stale=_stale(request, proposal),
        open_url=_open(request, proposal.id),
        parent_origins=known.settings.frame_ancestors,
        selected=site or None,
    )
    return replace(view, theme=theme) if theme else view


def _town_view(request: Request, dataset_id: str, theme: str) -> MapView:
    known = services(request)
    try:
        record = known.workspace.datasets.get(dataset_id)
    except LandplanError:
        raise Refused(404, "embed.unknown", id=dataset_id[:40]) from None
    when = parsed(record.data_date)
    return dataset_view(
        known.workspace.datasets.cadastre(record.id),
        language=request.state.language,
        role="viewer",
        data_date=day_text(when, request.state.language) if when else "",
        url=prefixed(request, f"/map-data/dataset/{record.id}"),
        basemap=ground(request),
        parent_origins=known.settings.frame_ancestors,
        theme=theme or "land_use",
    )


def _page(request: Request, view: MapView, *, embedded: bool) -> HTMLResponse:
    html = map_page(
        view,
        assets=prefixed(request, "/map-static"),
        nonce=request.state.nonce,
        data="url",
        embedded=embedded,
    )
    return HTMLResponse(html, headers={"cache-control": "no-store"})


def _open(request: Request, proposal_id: str) -> str:
    return prefixed(request, f"/proposals/{proposal_id}?lang={request.state.language}")


def _data_date(request: Request, proposal: Proposal) -> str:
    try:
        record = services(request).workspace.datasets.by_hash(proposal.provenance.data_hash)
    except LandplanError:
        return ""
    when = parsed(record.data_date)
    return day_text(when, request.state.language) if when else ""


def _stale(request: Request, proposal: Proposal) -> str:
    """Say that the data have changed since; "" where they have not, or are gone."""
    try:
        state = services(request).workspace.staleness(proposal.id)
    except LandplanError:
        return ""
    return "" if state.current else say("embed.stale", None, request.state.language)
