"""A scenario and its draft: found, begun, asked again, and checked as a whole request."""

from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from api.console import request_prefill
from api.console.request_draft import Draft
from api.people import Person
from api.problems import Refused
from api.services import Services
from landplan import __version__
from landplan.cadastre.cadastre import Cadastre
from landplan.errors import LandplanError, ManyErrors
from landplan.planning.assemble.alternatives import land_of_plan
from landplan.planning.form import FieldError, parse_form
from landplan.planning.process import find_process
from landplan.proposal.proposal import proposal_id
from landplan.workspace.records import DatasetRecord, Scenario


def scenario_of(known: Services, scenario_id: int) -> Scenario:
    """Return a scenario; raises Refused (404)."""
    try:
        found = known.workspace.scenarios.get(scenario_id)
    except LandplanError:
        found = None
    if found is None:
        raise Refused(404, "scenario.unknown", id=f"S-{scenario_id:03d}")
    return found


def draft_of(known: Services, scenario: Scenario) -> Draft:
    """Return a scenario's draft; its data are the latest of the town where it names none."""
    latest = known.workspace.datasets.latest(scenario.series)
    draft = Draft.of(scenario.draft, scenario.process, latest.id if latest else "")
    if latest is not None and not has_data(known, draft.dataset):
        return Draft(draft.process, latest.id, draft.data, draft.changed)
    return draft


def checked(known: Services, draft: Draft) -> tuple[dict[str, Any], list[FieldError]]:
    """Return the canonical request of a draft, or every fault with the input it is shown at."""
    request, errors = parse_form(draft.process, draft.data)
    if errors:
        return request, errors
    try:
        model = find_process(draft.process).request.model_validate(request)
    except ValidationError:  # parse_form has told all faults; kept as a last door
        return request, [FieldError("title", "request.not_valid", {})]
    errors = unknown_names(model, known.workspace.datasets.cadastre(draft.dataset))
    return ({}, errors) if errors else (model.canonical(), [])  # type: ignore[attr-defined]  # every process's request has it


def unknown_names(model: Any, town: Cadastre) -> list[FieldError]:
    """Return the names in a request that the town does not have, at the inputs that hold them."""
    check = find_process(model.process).check
    if check is None:
        return []
    try:
        check(model, town)
    except ManyErrors as faults:
        places = {demand.id: place for place, demand in enumerate(getattr(model, "demand", ()))}
        return [_at_input(fault, places) for fault in faults.errors]
    return []


def _at_input(fault: LandplanError, places: dict[str, int]) -> FieldError:
    place = places.get(str(fault.params.get("demand")))
    code = str(fault.code)
    default = {"request.unknown_zone": "zones", "request.no_zones": "zones"}
    default["request.unknown_use"] = "land_uses"
    key = str(fault.params.get("key", default.get(code, "id")))
    path = key if place is None else f"demand.{place}.{key}"
    return FieldError(path, code, fault.params)


def asked_again(
    known: Services, person: Person, source: str, patch: str | None, different: bool = False
) -> Scenario:
    """Return the scenario whose form now asks what a plan asked, with changes marked.

    ``different``: for a plan that lies mostly elsewhere than that one. The plan's own scenario,
    unless its draft holds something that was never calculated.
    """
    workspace = known.workspace
    asked = request_prefill.asked_by(workspace, source)
    plan = workspace.scenarios.plan_of(source)
    used = workspace.datasets.get(plan.dataset_id) if plan else workspace.datasets.latest()
    newest = workspace.datasets.latest(used.series) if used else None
    if newest is None:
        raise Refused(409, "desk.data.none")
    draft = replace(request_prefill.from_request(newest.id, asked, patch), source=source)
    if different:
        name = workspace.scenarios.get(plan.scenario_id).code + f"/{plan.label}" if plan else source
        still = set(workspace.datasets.cadastre(newest.id).parcels["parcel_id"])
        land = [p for p in land_of_plan(workspace.proposals.get(source)) if p in still]
        draft = request_prefill.elsewhere(draft, name, land)
    if plan is None:
        return create(known, person, newest.series, draft)
    scenario = workspace.scenarios.get(plan.scenario_id)
    if not _is_answered(known, scenario):
        return create(known, person, newest.series, draft)
    title = draft.text("title")
    return workspace.scenarios.save_draft(
        scenario.id, draft.stored(), person.name, scenario.revision, title=title
    )


def _is_answered(known: Services, scenario: Scenario) -> bool:
    """Whether a plan answers the draft, or nobody has typed since it was filled in."""
    draft = draft_of(known, scenario)
    asked, errors = checked(known, draft)
    if draft.source:
        return True
    if errors:
        return False
    return any(
        known.workspace.proposals.document(plan.proposal_id)["request"] == asked
        for plan in known.workspace.scenarios.plans(scenario.id)
    )


@dataclass(frozen=True, slots=True)
class Same:
    """An answer to the same question that is there already."""

    proposal_id: str
    when: str | None


def same_as_asked(
    known: Services, draft: Draft, asked: dict[str, Any], data_hash: str
) -> Same | None:
    """Return the answer to the same question on the same data, where there is one."""
    found = proposal_id(draft.process, asked, data_hash, __version__, asked["seed"])
    if not known.workspace.proposals.exists(found):
        return None
    plan = known.workspace.scenarios.plan_of(found)
    return Same(found, plan.created_at if plan else None)


def dataset_to_begin_with(known: Services, wished: str | None) -> DatasetRecord | None:
    """Return the version of the data to begin with: the one wished for, else the latest."""
    if wished and has_data(known, wished):
        return known.workspace.datasets.get(wished)
    return known.workspace.datasets.latest()


def create(known: Services, person: Person, series: str, draft: Draft) -> Scenario:
    """Begin a scenario with a draft."""
    title = draft.text("title")[:200]
    return known.workspace.scenarios.create(
        title, series, draft.process, draft.stored(), person.name
    )


def untouched(known: Services, person: Person, series: str) -> Scenario | None:
    """Return an empty draft that this person began and never filled in."""
    for scenario in known.workspace.scenarios.list(series):
        fresh = scenario.revision == 1 and scenario.created_by == person.name
        if fresh and not scenario.draft.get("data", True):
            return scenario
    return None


def has_data(known: Services, dataset_id: str) -> bool:
    """Whether there is such a version of the data."""
    try:
        known.workspace.datasets.get(dataset_id)
    except LandplanError:
        return False
    return True


def minutes_to_choose(known: Services) -> list[int]:
    """Return the time limits to choose from, up to the service's own."""
    most = known.settings.time_limit_s / 60
    return [m for m in (1, 2, 5, 10, 30, 60) if m < most] + [max(1, round(most))]


def seconds_allowed(draft: Draft, known: Services) -> float:
    """Return the time limit chosen, within the service's own."""
    chosen = draft.text("minutes")
    minutes = int(chosen) if chosen.isdecimal() and len(chosen) < 5 else 10
    return max(1.0, min(minutes * 60.0, known.settings.time_limit_s))
