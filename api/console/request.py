"""Saying what is needed: the form, its draft, what is left, the check, and off to calculate."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from api.console import request_actions, request_prefill
from api.console.ledger import count_what_is_left
from api.console.map_parts import town_map
from api.console.request_draft import Draft, typed
from api.console.request_fields import FormView, fault_texts, label_of
from api.console.request_scenario import (
    asked_again,
    checked,
    create,
    dataset_to_begin_with,
    draft_of,
    has_data,
    minutes_to_choose,
    same_as_asked,
    scenario_of,
    seconds_allowed,
    untouched,
)
from api.pages import prefixed, render
from api.people import Person, Planner
from api.problems import Refused
from api.services import Services, services
from landplan.errors import LandplanError
from landplan.messages import Language, say
from landplan.messages import numbers as spelled
from landplan.planning.assemble.words import request_words
from landplan.planning.form import FieldError, parse_form
from landplan.planning.process import process_ids
from landplan.workspace.records import Scenario

router = APIRouter(include_in_schema=False)


@router.get("/requests/new")
def new_request(
    request: Request,
    person: Person = Planner,
    source: Annotated[str | None, Query(alias="from", max_length=64)] = None,
    patch: Annotated[str | None, Query(max_length=request_prefill.MOST_PATCH)] = None,
    select: Annotated[str | None, Query(max_length=100_000)] = None,
    dataset: Annotated[str | None, Query(max_length=64)] = None,
    different: bool = False,
    process: Annotated[str, Query(max_length=40)] = "assemble",
) -> Response:
    """Make a draft and open it; a draft that its planner never touched is used again.

    ``different`` asks for a plan that lies mostly elsewhere than the plan ``from``.
    """
    known = services(request)
    if process not in process_ids():
        raise Refused(
            404, "request.process_unknown", file="–", process=process, known=process_ids()
        )
    if source is not None:
        return _to(request, asked_again(known, person, source, patch, different))
    record = dataset_to_begin_with(known, dataset)
    if record is None:
        return render(request, "request/no_data.html", status_code=409)
    if select:
        parcels = known.workspace.datasets.cadastre(record.id).parcels["parcel_id"]
        draft = request_prefill.from_selection(record.id, list(parcels), select)
        return _to(request, create(known, person, record.series, draft))
    fresh = untouched(known, person, record.series)
    if fresh is not None and fresh.draft.get("process", "assemble") == process:
        return _to(request, fresh)
    return _to(request, create(known, person, record.series, Draft(process, record.id)))


@router.post("/requests/example")
def example(request: Request, person: Person = Planner) -> Response:
    """Begin a request that the newest data can answer, to show how it is done."""
    known = services(request)
    record = dataset_to_begin_with(known, None)
    if record is None:
        return render(request, "request/no_data.html", status_code=409)
    town = known.workspace.datasets.cadastre(record.id)
    draft = request_prefill.example(record.id, town, request.state.language)
    return _to(request, create(known, person, record.series, draft))


@router.get("/scenarios/{scenario_id}/edit")
def edit_page(request: Request, scenario_id: int, person: Person = Planner) -> Response:
    """Show the form of a scenario."""
    scenario = scenario_of(services(request), scenario_id)
    return _page(request, scenario, draft_of(services(request), scenario))


@router.post("/scenarios/{scenario_id}/edit")
async def edit(request: Request, scenario_id: int, person: Person = Planner) -> Response:
    """Save the form and do what its button says; works without JavaScript."""
    form = await request.form(max_fields=20_000, max_part_size=8_000_000)
    posted = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    return await run_in_threadpool(_edited, request, scenario_id, person, posted)


@router.post("/scenarios/{scenario_id}/draft")
async def save(request: Request, scenario_id: int, person: Person = Planner) -> Response:
    """Save the form while it is filled in, and answer with what is left."""
    form = await request.form(max_fields=20_000, max_part_size=8_000_000)
    posted = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    return await run_in_threadpool(_saved, request, scenario_id, person, posted)


@router.get("/scenarios/{scenario_id}/check")
def check_page(request: Request, scenario_id: int, person: Person = Planner) -> Response:
    """Show the request in plain sentences before anything is calculated."""
    known = services(request)
    scenario = scenario_of(known, scenario_id)
    draft = draft_of(known, scenario)
    asked, errors = checked(known, draft)
    if errors:
        return _page(request, scenario, draft, errors, status=422)
    return _check(request, scenario, draft, asked)


@router.post("/scenarios/{scenario_id}/run")
def calculate(
    request: Request,
    scenario_id: int,
    token: Annotated[str, Form(min_length=8, max_length=64)],
    person: Person = Planner,
) -> Response:
    """Store the job and show it; the same form sent twice is the same job."""
    known = services(request)
    scenario = scenario_of(known, scenario_id)
    draft = draft_of(known, scenario)
    asked, errors = checked(known, draft)
    if errors:
        return _page(request, scenario, draft, errors, status=422)
    ledger = count_what_is_left(known, draft, request.state.language)
    if ledger.impossible:
        return _check(request, scenario, draft, asked, status=409)
    try:
        job, new = known.jobs.submit(
            process=draft.process,
            dataset_id=draft.dataset,
            request=asked,
            client=f"person/{person.name}",
            person=person.name,
            scenario_id=scenario.id,
            idempotency_key=token,
            time_limit_s=seconds_allowed(draft, known),
        )
    except LandplanError as error:
        status = 429 if hasattr(error, "retry_after") else 409
        return _check(request, scenario, draft, asked, status=status, refusal=error)
    if new:
        known.workspace.events.add(person.name, person.role, "asked", f"job/{job.id}")
    return RedirectResponse(prefixed(request, f"/runs/{job.id}"), 303)


def _edited(
    request: Request, scenario_id: int, person: Person, posted: list[tuple[str, str]]
) -> Response:
    known = services(request)
    scenario, draft, refusal = _store(known, scenario_id, person, posted)
    do = dict(posted).get("do", "save")
    if refusal is not None:
        return _page(request, scenario, draft, conflict=refusal, status=409)
    if do != "check":
        return _to(request, scenario)
    errors = checked(known, draft)[1]
    if errors:
        return _page(request, scenario, draft, errors, status=422)
    return RedirectResponse(prefixed(request, f"/scenarios/{scenario.id}/check"), 303)


def _saved(
    request: Request, scenario_id: int, person: Person, posted: list[tuple[str, str]]
) -> Response:
    known = services(request)
    before = typed(posted)
    scenario, draft, refusal = _store(known, scenario_id, person, posted)
    view = FormView(draft, known.workspace.datasets.cadastre(draft.dataset), [], _lang(request))
    _, errors = parse_form(draft.process, draft.data)
    filled = [error for error in errors if draft.text(error.path)]
    ledger = count_what_is_left(known, draft, request.state.language)
    state = {
        "revision": scenario.revision,
        "faults": fault_texts(filled, request.state.language),
        "echoes": {entry.path: entry.echo for s in view.sections for entry in s.inputs},
        "fields": {p: draft.text(p) for p in draft.data if draft.data[p] != before.get(p)},
        "locks": ledger.locks,
        "demands": draft.demands,
        "saved": say(
            "request.saved", {"when": _when(scenario.changed_at, request)}, request.state.language
        ),
    }
    return render(
        request,
        "request/ledger.html",
        ledger=ledger,
        scenario=scenario,
        state=state,
        conflict=refusal,
    )


def _store(
    known: Services, scenario_id: int, person: Person, posted: list[tuple[str, str]]
) -> tuple[Scenario, Draft, LandplanError | None]:
    """Save what was posted, after its button's work; a save on an older state is refused."""
    scenario = scenario_of(known, scenario_id)
    answers = dict(posted)
    stored = draft_of(known, scenario)
    dataset = answers.get("dataset", stored.dataset)
    if not has_data(known, dataset):
        dataset = stored.dataset
    draft = Draft(stored.process, dataset, typed(posted), stored.changed)
    draft = request_actions.apply(draft, answers.get("do", ""))
    try:
        revision = int(answers.get("revision", "0"))
    except ValueError:
        revision = 0
    if draft == stored and revision == scenario.revision:
        return scenario, draft, None
    try:
        title = draft.text("title").strip()[:200]
        saved = known.workspace.scenarios.save_draft(
            scenario.id, draft.stored(), person.name, revision, title=title
        )
    except LandplanError as error:
        return scenario, draft, error
    return saved, draft, None


def _page(
    request: Request,
    scenario: Scenario,
    draft: Draft,
    errors: Sequence[FieldError] = (),
    *,
    conflict: LandplanError | None = None,
    status: int = 200,
) -> Response:
    known = services(request)
    language = _lang(request)
    town = known.workspace.datasets.cadastre(draft.dataset)
    ledger = count_what_is_left(known, draft, language)
    return render(
        request,
        "request/edit.html",
        status_code=status,
        scenario=scenario,
        draft=draft,
        view=FormView(draft, town, errors, language),
        summary=[
            (
                e.path,
                label_of(e.path, draft.demands, language, draft.process),
                say(e.code, e.params, language),
            )
            for e in errors
        ],
        ledger=ledger,
        datasets=known.workspace.datasets.list(scenario.series),
        state=None,
        conflict=conflict,
        processes=() if known.workspace.scenarios.plans(scenario.id) else process_ids(),
        minutes=minutes_to_choose(known),
        map=town_map(request, known.workspace.datasets.get(draft.dataset), locks=ledger.locks),
    )


def _check(
    request: Request,
    scenario: Scenario,
    draft: Draft,
    asked: dict[str, Any],
    *,
    status: int = 200,
    refusal: LandplanError | None = None,
) -> Response:
    known = services(request)
    town = known.workspace.datasets.cadastre(draft.dataset)
    return render(
        request,
        "request/check.html",
        status_code=status,
        scenario=scenario,
        record=known.workspace.datasets.get(draft.dataset),
        words=request_words(asked, town.town, _lang(request)),
        ledger=count_what_is_left(known, draft, _lang(request)),
        same=same_as_asked(known, draft, asked, town.provenance.data_hash),
        minutes=seconds_allowed(draft, known) / 60,
        token=secrets.token_urlsafe(16),
        refusal=refusal,
    )


def _when(moment: str, request: Request) -> str:
    return spelled.moment(datetime.fromisoformat(moment).astimezone(), _lang(request))


def _lang(request: Request) -> Language:
    language: Language = request.state.language
    return language


def _to(request: Request, scenario: Scenario) -> Response:
    return RedirectResponse(prefixed(request, f"/scenarios/{scenario.id}/edit"), 303)


@router.post("/scenarios/{scenario_id}/use")
def use(
    request: Request,
    scenario_id: int,
    proposal: Annotated[str, Form(max_length=64)],
    person: Person = Planner,
) -> Response:
    """Add a plan that already answers the question, and open it."""
    known = services(request)
    scenario = scenario_of(known, scenario_id)
    draft = draft_of(known, scenario)
    asked, errors = checked(known, draft)
    hashed = known.workspace.datasets.get(draft.dataset).data_hash
    same = None if errors else same_as_asked(known, draft, asked, hashed)
    if same is None or same.proposal_id != proposal:
        return RedirectResponse(prefixed(request, f"/scenarios/{scenario.id}/check"), 303)
    known.workspace.scenarios.add_plan(scenario.id, proposal, draft.dataset, person.name)
    return RedirectResponse(prefixed(request, f"/proposals/{proposal}"), 303)
