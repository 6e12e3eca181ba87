"""The list of scenarios, and one scenario with its request, plans and calculations."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.console.desk_rows import STATES, Lists
from api.console.request_scenario import checked, draft_of, scenario_of
from api.console.run_settle import settle
from api.pages import render
from api.people import Person, Viewer
from api.problems import Refused
from api.services import services
from landplan.planning.assemble.words import request_words

router = APIRouter(include_in_schema=False)


@router.get("/scenarios")
def scenario_list(
    request: Request,
    person: Person = Viewer,
    mine: Annotated[bool, Query()] = False,
    status: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """List all scenarios; readers see those that have a plan."""
    known = services(request)
    settle(known)
    lists = Lists(known, person, request.state.language)
    wished = status if status in STATES else ""
    return render(
        request,
        "desk/scenarios.html",
        rows=lists.rows(mine=mine, state=wished or None),
        mine=mine,
        status=wished,
        states=STATES,
    )


@router.get("/scenarios/{scenario_id}")
def scenario_page(request: Request, scenario_id: int, person: Person = Viewer) -> Response:
    """Show a scenario: what is asked, its plans, its calculations."""
    known = services(request)
    settle(known)
    scenario = scenario_of(known, scenario_id)
    lists = Lists(known, person, request.state.language)
    plans = known.workspace.scenarios.plans(scenario.id)
    if not plans and not person.sees_names:
        raise Refused(404, "scenario.unknown", id=scenario.code)
    draft = draft_of(known, scenario)
    words: list[str] = []
    asked, errors = checked(known, draft)
    if not errors:
        town = known.workspace.datasets.cadastre(draft.dataset).town
        public = not person.sees_names
        words = request_words(asked, town, request.state.language, public=public)
    return render(
        request,
        "desk/scenario.html",
        scenario=scenario,
        plans=[(plan, lists.figures(plan.proposal_id)) for plan in reversed(plans)],
        words=words,
        jobs=known.jobs.list(scenario=scenario.id, purpose="plan", limit=20)
        if person.sees_names
        else [],
    )
