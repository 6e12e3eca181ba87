"""What the sign-off screen says, and what stands in the way of a decision."""

from dataclasses import dataclass
from typing import Any

from fastapi import Request
from sqlalchemy import select

from api.console.plan_figures import figures
from api.console.plan_head import Head, newer_data, title_of
from api.console.plan_source import Source
from api.console.signoff_hardest import exchange_differences, exchange_paragraph, hardest
from api.console.signoff_record import Record, record_of
from api.people import Person
from api.services import services
from landplan.errors import InputError, LandplanError
from landplan.messages import Language, say
from landplan.messages.numbers import area, count, decimal, difference, money
from landplan.proposal.audit.seals import check_seals
from landplan.proposal.audit.view import View
from landplan.proposal.audit.written import read_written
from landplan.proposal.files import read_document
from landplan.proposal.fingerprint import fingerprint_short
from landplan.workspace.tables import jobs
from landplan.workspace.workspace import Workspace

MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Line:
    """Something that was checked, and whether it is as it should be."""

    good: bool
    words: str


@dataclass(frozen=True, slots=True)
class Other:
    """Another plan of the same scenario and how it differs."""

    proposal_id: str
    words: str


@dataclass(frozen=True, slots=True)
class Case:
    """A plan before its decision."""

    name: str
    text: str
    others: list[Other]
    lines: list[Line]
    hardest: list[str]


def case(request: Request, source: Source, top: Head) -> Case:
    """Collect what a leader reads in two minutes."""
    return Case(
        name=name_of(services(request).workspace, source),
        text=_paragraph(source, top),
        others=_others(request, source),
        lines=_lines(source, top),
        hardest=hardest(source)[:MOST_NAMED],
    )


def name_of(workspace: Workspace, source: Source) -> str:
    """Return how a plan is called: scenario, title and label, or its title alone."""
    plan = workspace.scenarios.plan_of(source.id)
    if plan is None:
        return title_of(source)
    scenario = workspace.scenarios.get(plan.scenario_id)
    params = {"scenario": scenario.code, "title": title_of(source), "label": plan.label}
    return say("signoff.name.plan", params, source.language)


def obstacles_to_submit(
    workspace: Workspace, source: Source, record: Record
) -> list[LandplanError]:
    """Say why a plan cannot be submitted."""
    if record.state == "approved":
        return [LandplanError("signoff.frozen")]
    return _obstacles(workspace, source)


def obstacles_to_approve(
    workspace: Workspace, source: Source, record: Record, person: Person
) -> list[LandplanError]:
    """Say why this person cannot approve this plan now, all reasons together."""
    found = obstacles_to_decide(workspace, source, record, person)
    if record.state != "submitted":
        return found
    found += _obstacles(workspace, source)
    now, then = current_fingerprint(workspace, source.id), record.submission
    if then is not None and then.fingerprint != now:
        found.append(LandplanError("signoff.blocked.changed", submitted=then.fingerprint, now=now))
    return found


def obstacles_to_decide(
    workspace: Workspace, source: Source, record: Record, person: Person
) -> list[LandplanError]:
    """Say why this person cannot decide on this plan at all, whichever way."""
    if record.state in ("approved", "returned"):
        assert record.last is not None
        decided = record.approval or record.last
        return [LandplanError("signoff.already", person=decided.person)]
    if record.state != "submitted":
        return [LandplanError("signoff.not_submitted")]
    if not person.name:
        return [LandplanError("signoff.nobody_known")]
    own = person.name in involved(workspace, source.id)
    return [LandplanError("signoff.own_plan")] if own else []


def _obstacles(workspace: Workspace, source: Source) -> list[LandplanError]:
    if not source.found:
        return [LandplanError("signoff.blocked.none")]
    return [LandplanError("signoff.blocked.old")] if newer_data(workspace, source) else []


def broken_files(workspace: Workspace, proposal_id: str) -> list[LandplanError]:
    """Compare the files as they lie there now with their fingerprints; none may sign others."""
    try:
        view = View(read_written(workspace.proposals.folder(proposal_id)))
        failed = [f"audit.{check.code}" for check in check_seals(view, None) if not check.passed]
    except InputError as fault:
        return [fault]
    return [LandplanError("signoff.blocked.broken", checks=failed)] if failed else []


def current_fingerprint(workspace: Workspace, proposal_id: str) -> str:
    """Return the short fingerprint that the files state now, not as they were read earlier."""
    document = read_document(workspace.proposals.folder(proposal_id))
    return fingerprint_short(document["provenance"]["content_hash"])


def involved(workspace: Workspace, proposal_id: str) -> set[str]:
    """Return who had a part in a plan and so does not sign it.

    Those who asked for it or for a plan it was made from by hand, changed either, wrote or changed
    the request of their scenarios, or submitted it.
    """
    known: set[str] = set()
    open_, seen = [proposal_id], set[str]()
    while open_:
        current = open_.pop()
        if current in seen:
            continue
        seen.add(current)
        acts = workspace.events.of(f"proposal/{current}", "asked", "edited", "submitted")
        known.update(act.person for act in acts)
        made_from = [act.remark or "" for act in acts if act.action == "edited"]
        open_ += [name.removeprefix("proposal/") for name in made_from if name]
        for plan in workspace.scenarios.plans_of(current):
            scenario = workspace.scenarios.get(plan.scenario_id)
            known |= {plan.created_by, scenario.created_by, scenario.changed_by}
            drafts = workspace.events.of(f"scenario/{scenario.id}", "drafted")
            known.update(act.person for act in drafts)
            open_ += [
                parent.proposal_id
                for parent in workspace.scenarios.plans(plan.scenario_id)
                if parent.id == plan.parent_id
            ]
    askers = select(jobs.c.created_by).where(jobs.c.proposal_id.in_(seen), jobs.c.purpose == "plan")
    with workspace.engine.connect() as connection:
        known.update(row[0] for row in connection.execute(askers))
    return known


def _paragraph(source: Source, top: Head) -> str:
    language, counted = source.language, top.figures
    if top.exchange is not None:
        return exchange_paragraph(top.title, top.exchange, language)
    params = {
        "area": area(counted.area_m2, language),
        "sites": count(counted.sites, "site", language),
        "title": top.title,
        "parcels": top.parcels,
        "owners": top.owners,
        "cost": money(counted.cost, source.currency, language),
    }
    return say("signoff.text", params, language)


def _others(request: Request, source: Source) -> list[Other]:
    workspace = services(request).workspace
    plan = workspace.scenarios.plan_of(source.id)
    if plan is None:
        return []
    own = figures(source)
    found = []
    for one in workspace.scenarios.plans(plan.scenario_id):
        if one.proposal_id == source.id or not workspace.proposals.exists(one.proposal_id):
            continue
        other = Source(workspace.proposals.get(one.proposal_id), source.language, source.names)
        theirs = figures(other)
        against = exchange_differences(other)
        params = {"label": one.label, "differences": against or _differences(own, theirs, source)}
        found.append(Other(one.proposal_id, say("signoff.other", params, source.language)))
    return found[:MOST_NAMED]


def _differences(own: Any, theirs: Any, source: Source) -> str:
    """Return how another plan differs: cost and owners, with their signs."""
    language: Language = source.language
    if theirs.cost is None or own.cost is None:
        return say("plan.state.nothing_fits", None, language)
    change = theirs.cost - own.cost
    shown = money(abs(change), source.currency, language)
    sign = "+" if change > 0 else "−"
    words = [sign + shown if change else say("signoff.other.same_cost", None, language)]
    owners = theirs.owners - own.owners
    if owners:
        number = {"n": abs(owners), "shown": difference(owners)}
        words.append(say("signoff.other.owners", number, language))
    return (", " if language == "en" else "、").join(words)


def _lines(source: Source, top: Head) -> list[Line]:
    language = source.language
    block = source.document["audit"] or {"checks": [], "passed": False}
    passed = sum(bool(check["passed"]) for check in block["checks"])
    total = len(block["checks"])
    crossings = top.figures.crossings
    told: list[tuple[bool, str, dict[str, object]]] = [
        (passed == total, "audit", {"n": passed, "total": total}),
        _data_line(top),
        (
            top.met == top.demands,
            "met" if top.met == top.demands else "partial",
            {"met": decimal(top.met, 0), "total": decimal(top.demands, 0)},
        ),
    ]
    if top.exchange is None:
        told.insert(2, (True, "crossings" if crossings else "one_piece", {"n": crossings}))
    return [
        Line(good, say(f"signoff.check.{code}", params, language)) for good, code, params in told
    ]


def _data_line(top: Head) -> tuple[bool, str, dict[str, object]]:
    """Say whether the data are current; without a date of the register nobody can know."""
    if top.old is not None:
        return False, "data_old", {}
    if not top.data_date:
        return False, "data_undated", {}
    return (False, "data_aged", {"date": top.data_day}) if top.aged else (True, "data", {})


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list of plans that were submitted."""

    id: str
    name: str
    area: str
    cost: str
    certificate: str
    record: Record


def row_of(workspace: Workspace, proposal_id: str, language: Language) -> Row | None:
    """Return a line of the list; None where the proposal is gone."""
    if not workspace.proposals.exists(proposal_id):
        return None
    source = Source(workspace.proposals.get(proposal_id), language, names=True)
    counted = figures(source)
    return Row(
        id=proposal_id,
        name=name_of(workspace, source),
        area=area(counted.area_m2, language),
        cost=money(counted.cost, source.currency, language),
        certificate=source.short(),
        record=record_of(workspace, proposal_id),
    )
