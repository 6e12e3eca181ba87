"""What waits for somebody: plans returned, plans ready to read, plans to decide on."""

from dataclasses import dataclass
from typing import Literal

from api.console.desk_rows import Lists
from landplan.workspace.records import Plan, Scenario

Kind = Literal["sign", "returned", "approved", "ready", "unmet"]
MOST = 6


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line: a plan, and why it waits."""

    kind: Kind
    scenario: Scenario
    plan: Plan
    person: str = ""
    remark: str = ""
    area: str | None = None


def waiting_for(lists: Lists) -> list[Waiting]:
    """Return what waits for this person, decisions first."""
    if not lists.person.sees_names:
        return []
    found = [*_to_sign(lists), *_decided(lists), *_ready(lists)]
    return found[:MOST]


def _to_sign(lists: Lists) -> list[Waiting]:
    """Plans that a leader may decide on: submitted by somebody else."""
    if not lists.person.may("leader"):
        return []
    return [
        entry
        for proposal, record in lists.records.items()
        if record.state == "submitted" and record.last is not None
        for entry in _entry(lists, proposal, "sign", record.last.person, "")
        if record.last.person != lists.person.name
    ]


def _decided(lists: Lists) -> list[Waiting]:
    """Plans of this person that came back, or were approved and not looked at since."""
    found = []
    for proposal, record in lists.records.items():
        last, sent = record.last, record.submission
        if last is None or sent is None or sent.person != lists.person.name:
            continue
        if last.action == "returned":
            found += _entry(lists, proposal, "returned", last.person, last.remark)
        elif last.action == "approved" and not _seen(lists, proposal, last.at):
            found += _entry(lists, proposal, "approved", last.person, "")
    return found


def _ready(lists: Lists) -> list[Waiting]:
    """Plans that were calculated for this person and that nobody has opened for them."""
    found: list[Waiting] = []
    jobs = lists.known.jobs.list(
        status="successful", person=lists.person.name, purpose="plan", limit=20
    )
    for proposal in dict.fromkeys(job.proposal_id for job in jobs if job.proposal_id):
        if proposal in lists.records or _seen(lists, proposal, ""):
            continue
        figures = lists.figures(proposal)
        if figures is not None:
            kind: Kind = "ready" if figures.state == "done" else "unmet"
            found += _entry(lists, proposal, kind, "", "", figures.area)
    return found


def _seen(lists: Lists, proposal: str, since: str) -> bool:
    seen = lists.known.workspace.events.of(f"proposal/{proposal}", "saw")
    return any(event.person == lists.person.name and event.at > since for event in seen)


def _entry(
    lists: Lists, proposal: str, kind: Kind, person: str, remark: str, area: str | None = None
) -> list[Waiting]:
    plan = lists.known.workspace.scenarios.plan_of(proposal)
    if plan is None:
        return []
    scenario = lists.known.workspace.scenarios.get(plan.scenario_id)
    return [Waiting(kind, scenario, plan, person, remark, area)]
