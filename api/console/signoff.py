"""Sign-off: a planner submits, a leader approves or returns, the record stays."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from api.console.plan_head import head
from api.console.plan_source import Source, open_source
from api.console.signoff_record import (
    APPROVED,
    RETURNED,
    SUBMITTED,
    State,
    add_step,
    all_records,
    record_of,
)
from api.console.signoff_view import (
    Row,
    broken_files,
    case,
    current_fingerprint,
    obstacles_to_approve,
    obstacles_to_decide,
    obstacles_to_submit,
    row_of,
)
from api.pages import prefixed, render
from api.people import Leader, Person, Planner, person_of
from api.services import services
from landplan.errors import LandplanError
from landplan.messages import say
from landplan.messages.numbers import money_unit

router = APIRouter(include_in_schema=False)
Remark = Annotated[str, Form(max_length=4000)]


@router.get("/signoff")
def waiting_page(request: Request, person: Person = Planner) -> Response:
    """List what waits for a leader, and what one has submitted oneself."""
    workspace, language = services(request).workspace, request.state.language
    waiting: list[Row] = []
    mine: list[Row] = []
    decided: list[Row] = []
    for proposal_id, record in all_records(workspace):
        row = row_of(workspace, proposal_id, language)
        if row is None:
            continue
        own = record.submission is not None and record.submission.person == person.name
        if own:
            mine.append(row)
        if record.state == "submitted" and person.may("leader"):
            waiting.append(row)
        elif record.state != "submitted" and not own:
            decided.append(row)
    return render(
        request,
        "signoff/list.html",
        waiting=waiting,
        mine=mine[::-1],
        decided=decided[::-1][:20],
    )


@router.get("/proposals/{proposal_id}/signoff", dependencies=[Planner])
def signoff_page(request: Request, proposal_id: str) -> Response:
    """Show one plan for a decision."""
    return _page(request, open_source(request, proposal_id))


@router.post("/proposals/{proposal_id}/submit")
def submit(
    request: Request, proposal_id: str, remark: Remark = "", person: Person = Planner
) -> Response:
    """Submit a plan; submitting it again while it waits changes nothing."""
    source, workspace = open_source(request, proposal_id), services(request).workspace
    record = record_of(workspace, proposal_id)
    if record.state == "submitted":
        return _back(request, proposal_id)
    faults = obstacles_to_submit(workspace, source, record)
    faults = faults or broken_files(workspace, proposal_id)
    if faults:
        return _page(request, source, faults, remark)
    return _add(request, source, person, SUBMITTED, ("open", "returned"), remark)


@router.post("/proposals/{proposal_id}/approve")
def approve(
    request: Request,
    proposal_id: str,
    remark: Remark = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    confirm: Annotated[str, Form(max_length=10)] = "",
    person: Person = Leader,
) -> Response:
    """Approve a plan: never one's own, never on old data, only the files that were submitted."""
    source, known = open_source(request, proposal_id), services(request)
    record = record_of(known.workspace, proposal_id)
    if record.approval is not None and record.approval.person == person.name:
        return _back(request, proposal_id)
    faults = obstacles_to_approve(known.workspace, source, record, person)
    if not faults and known.settings.mode == "accounts":
        role = known.workspace.people.check(person.name, password)
        if role not in ("leader", "admin"):
            faults = [LandplanError("signoff.wrong_password")]
    elif not faults and not confirm:
        faults = [LandplanError("signoff.need_confirm")]
    faults = faults or broken_files(known.workspace, proposal_id)
    if faults:
        return _page(request, source, faults, remark)
    return _add(request, source, person, APPROVED, ("submitted",), remark)


@router.post("/proposals/{proposal_id}/return")
def give_back(
    request: Request, proposal_id: str, remark: Remark = "", person: Person = Leader
) -> Response:
    """Return a plan with a reason, which becomes the planner's task."""
    source, workspace = open_source(request, proposal_id), services(request).workspace
    record = record_of(workspace, proposal_id)
    last = record.last
    if last is not None and (last.action, last.person) == (RETURNED, person.name):
        return _back(request, proposal_id)
    faults = obstacles_to_decide(workspace, source, record, person)
    if not faults and not remark.strip():
        faults = [LandplanError("signoff.need_reason")]
    if faults:
        return _page(request, source, faults, remark)
    return _add(request, source, person, RETURNED, ("submitted",), remark)


def _add(
    request: Request,
    source: Source,
    person: Person,
    action: str,
    when: tuple[State, ...],
    remark: str,
) -> Response:
    """Write the line, unless somebody was faster."""
    workspace = services(request).workspace
    record, added = add_step(
        workspace,
        source.id,
        person,
        action,
        when=when,
        fingerprint=current_fingerprint(workspace, source.id),
        remark=remark.strip(),
    )
    last = record.last
    same = last is not None and (last.person, last.action) == (person.name, action)
    if not added and last is not None and not same:
        return _page(
            request, source, [LandplanError("signoff.already", person=last.person)], remark
        )
    return _back(request, source.id)


def _back(request: Request, proposal_id: str) -> Response:
    return RedirectResponse(prefixed(request, f"/proposals/{proposal_id}/signoff"), 303)


def _page(
    request: Request, source: Source, faults: list[LandplanError] | None = None, remark: str = ""
) -> Response:
    known, person = services(request), person_of(request)
    top = head(request, source)
    said = [say(fault.code, fault.params, source.language) for fault in faults or []]
    blocked = _blocked(request, source, person)
    return render(
        request,
        "signoff/page.html",
        status_code=409 if faults else 200,
        top=top,
        case=case(request, source, top) if top.found else None,
        faults=said,
        blocked=[sentence for sentence in blocked if sentence not in said],
        remark=remark,
        with_password=known.settings.mode == "accounts",
        names=source.names,
        money_unit=money_unit(source.currency, source.language),
    )


def _blocked(request: Request, source: Source, person: Person) -> list[str]:
    """Say before anything is pressed why it would be refused."""
    workspace = services(request).workspace
    record = record_of(workspace, source.id)
    if record.state == "submitted" and person.may("leader"):
        found = obstacles_to_approve(workspace, source, record, person)
    elif record.state in ("open", "returned"):
        found = obstacles_to_submit(workspace, source, record)
    else:
        found = []
    return [say(fault.code, fault.params, source.language) for fault in found]
