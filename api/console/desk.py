"""The Desk: what waits for me, what is running, how old the data are, what was asked lately."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from api.console import keys  # noqa: F401  # registers the keys with the templates
from api.console.desk_data import town_states
from api.console.desk_rows import STATES, Lists, Row
from api.console.desk_waiting import waiting_for
from api.console.map_sheet import MOST_FOUND, Found, find_parcels
from api.console.run_settle import settle
from api.console.run_view import RunView, view_of
from api.ogc.landing import landing
from api.pages import prefixed, render
from api.people import Person, Viewer
from api.problems import wants_html
from api.services import Services, services
from landplan.messages import Language
from landplan.workspace.jobs_row import OPEN
from landplan.workspace.records import DatasetRecord

router = APIRouter(include_in_schema=False)
RECENT = 12


@router.get("/")
def desk(
    request: Request,
    person: Person = Viewer,
    mine: Annotated[bool, Query()] = False,
    status: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Show the Desk to people, and the landing page of the API to programs."""
    if not wants_html(request):
        return landing(request)
    known = services(request)
    settle(known)
    lists = Lists(known, person, request.state.language)
    wished = status if status in STATES else ""
    return render(
        request,
        "desk/desk.html",
        waiting=waiting_for(lists),
        running=running_jobs(known, person, request.state.language),
        towns=town_states(known, person, request.state.language),
        rows=lists.rows(mine=mine, state=wished or None, limit=RECENT),
        any_rows=bool(mine or wished) or bool(known.workspace.scenarios.count()),
        mine=mine,
        status=wished,
        states=STATES,
        failed=False,
    )


@router.get("/desk/running")
def running(request: Request, person: Person = Viewer) -> Response:
    """Show what is running, and tell the page to look anew once something has ended."""
    known = services(request)
    ended = settle(known)
    answer = render(
        request,
        "desk/running.html",
        running=running_jobs(known, person, request.state.language),
    )
    if ended:
        answer.headers["hx-refresh"] = "true"
    return answer


@router.get("/find")
def find(
    request: Request,
    q: Annotated[str, Query(max_length=200)] = "",
    person: Person = Viewer,
) -> Response:
    """Look for parcels, owners and plans; one plan or parcel alone is opened at once."""
    known = services(request)
    wanted = q.strip()
    plans = _plans_like(known, person, wanted, request.state.language)
    towns = _parcels_like(known, person, wanted)
    parcels = [(record, parcel) for record, found in towns for parcel in found]
    if len(parcels) == 1 and not plans:
        record, parcel = parcels[0]
        address = f"/map/{record.id}?parcel={quote(parcel.id)}"
        return RedirectResponse(prefixed(request, address), 303)
    return render(
        request,
        "desk/find.html",
        q=wanted,
        plans=plans,
        towns=towns,
        most=MOST_FOUND,
    )


def running_jobs(known: Services, person: Person, language: Language) -> list[RunView]:
    """Return what waits or runs, the first in line first; readers see none of it."""
    if not person.sees_names:
        return []
    jobs = known.jobs.list(status=OPEN, purpose="plan", limit=20)
    return [view_of(known, job, language) for job in reversed(jobs)]


def _parcels_like(
    known: Services, person: Person, wanted: str
) -> list[tuple[DatasetRecord, list[Found]]]:
    """Return the parcels found in the newest data of every town, towns without any left out."""
    if not wanted:
        return []
    newest: dict[str, DatasetRecord] = {}
    for record in known.workspace.datasets.list():
        if record.series not in newest:
            latest = known.workspace.datasets.latest(record.series)
            newest[record.series] = latest or record
    found = [(record, find_parcels(known, record.id, wanted, person)) for record in newest.values()]
    return [(record, parcels) for record, parcels in found if parcels]


def _plans_like(known: Services, person: Person, wanted: str, language: Language) -> list[Row]:
    if not wanted:
        return []
    low = wanted.lower()
    return [
        row
        for row in Lists(known, person, language).rows()
        if low in row.scenario.title.lower()
        or low == row.scenario.code.lower()
        or (row.plan and row.plan.proposal_id.startswith(low))
    ][:MOST_FOUND]
