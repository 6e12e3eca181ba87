"""The map of the town: look a parcel up, read its sheet, choose parcels to start from."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from api.console.map_parts import town_map
from api.console.map_sheet import MOST_FOUND, SORTS, find_parcels, listed, sheet_of, use_name
from api.pages import prefixed, render
from api.people import Person, Viewer
from api.problems import Refused
from api.services import Services, services
from landplan.errors import LandplanError
from landplan.workspace.records import DatasetRecord

router = APIRouter(include_in_schema=False)


@router.get("/map")
def newest_map(request: Request, person: Person = Viewer) -> Response:
    """Go to the map of the data imported last."""
    record = services(request).workspace.datasets.latest()
    if record is None:
        return render(request, "map/no_data.html")
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(prefixed(request, f"/map/{record.id}{query}"), 303)


@router.get("/map/{dataset_id}")
def map_page(
    request: Request,
    dataset_id: str,
    person: Person = Viewer,
    parcel: Annotated[str, Query(max_length=200)] = "",
    q: Annotated[str, Query(max_length=200)] = "",
    theme: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """Show the map with its sheet; ``q`` looks up, ``parcel`` opens a sheet."""
    known = services(request)
    record = dataset_of(known, dataset_id)
    wanted = q.strip()
    found = find_parcels(known, record.id, wanted, person) if wanted else []
    if len(found) == 1 and not parcel:
        parcel = found[0].id
    return render(
        request,
        "map/map.html",
        record=record,
        records=known.workspace.datasets.list(),
        found=found,
        most=MOST_FOUND,
        q=wanted,
        chosen=parcel,
        sheet=sheet_of(known, record, parcel, person, request.state.language) if parcel else None,
        currency=known.workspace.datasets.cadastre(record.id).town.currency,
        map=town_map(request, record, theme=theme),
    )


@router.get("/map/{dataset_id}/parcels/{parcel_id:path}")
def parcel_sheet(
    request: Request, dataset_id: str, parcel_id: str, person: Person = Viewer
) -> Response:
    """Show one parcel's sheet, for the place beside the map."""
    known = services(request)
    record = dataset_of(known, dataset_id)
    return render(
        request,
        "map/sheet.html",
        record=record,
        chosen=parcel_id,
        sheet=sheet_of(known, record, parcel_id, person, request.state.language),
        currency=known.workspace.datasets.cadastre(record.id).town.currency,
    )


@router.get("/map/{dataset_id}/list")
def parcel_list(
    request: Request,
    dataset_id: str,
    person: Person = Viewer,
    sort: Annotated[str, Query(max_length=20)] = "parcel",
    down: Annotated[bool, Query()] = False,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> Response:
    """Show all parcels as a table: the map in a form that can be read out."""
    known = services(request)
    record = dataset_of(known, dataset_id)
    town = known.workspace.datasets.cadastre(record.id)
    order = sort if sort in SORTS else "parcel"
    rows, pages = listed(town, person, order, down, page)
    uses = {row.use: use_name(town, row.use, request.state.language) for row in rows}
    return render(
        request,
        "map/list.html",
        record=record,
        rows=rows,
        uses=uses,
        pages=pages,
        page=min(page, pages),
        sort=order,
        down=down,
        sorts=[key for key in SORTS if key != "owner" or person.sees_names],
        parcels=len(town.parcels),
    )


def dataset_of(known: Services, dataset_id: str) -> DatasetRecord:
    """Return a version of the data; raises Refused (404)."""
    try:
        return known.workspace.datasets.get(dataset_id)
    except LandplanError:
        raise Refused(404, "dataset.unknown", id=dataset_id[:40]) from None
