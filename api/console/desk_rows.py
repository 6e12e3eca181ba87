"""What the Desk and the list of scenarios show: one row per scenario, with its latest plan."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from api.console.signoff_record import Record, all_records
from api.people import Person
from api.services import Services
from landplan.errors import LandplanError
from landplan.messages import Language, say
from landplan.messages.numbers import M2_PER_HA, area, count, money
from landplan.proposal.certificate import Certificate, certificate_short
from landplan.proposal.document import certificate_from_json
from landplan.proposal.redaction import public_certificate_sentence
from landplan.workspace.jobs_row import OPEN, Job
from landplan.workspace.records import Plan, Scenario

State = Literal[
    "draft",
    "waiting",
    "running",
    "done",
    "nothing_fits",
    "unproven",
    "failed",
    "submitted",
    "returned",
    "approved",
]
STATES: Final[tuple[State, ...]] = (
    *("draft", "waiting", "running", "done", "nothing_fits", "unproven", "failed"),
    *("submitted", "returned", "approved"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A scenario as a line of a list; texts are ready to print, None where there is nothing."""

    scenario: Scenario
    asks: str
    state: State
    when: str
    plan: Plan | None = None
    area: str | None = None
    cost: str | None = None
    certificate: str | None = None
    job: Job | None = None


@dataclass(frozen=True, slots=True)
class PlanFigures:
    """What a list says about a plan; ``cost`` is None for readers who may not see money."""

    state: State
    area: str | None
    cost: str | None
    certificate: str


class Lists:
    """Reads what lists need, once per request."""

    def __init__(self, known: Services, person: Person, language: Language) -> None:
        self.known = known
        self.person = person
        self.language: Language = language
        self.records: Mapping[str, Record] = dict(all_records(known.workspace))

    def rows(
        self, *, mine: bool = False, state: str | None = None, limit: int | None = None
    ) -> list[Row]:
        """Return scenarios, the last changed first; readers see only those that have a plan."""
        found: list[Row] = []
        for scenario in self.known.workspace.scenarios.list():
            if mine and self.person.name not in (scenario.created_by, scenario.changed_by):
                continue
            row = self.row(scenario)
            hidden = row.plan is None and not self.person.sees_names
            if hidden or (state and row.state != state):
                continue
            found.append(row)
            if limit is not None and len(found) == limit:
                break
        return found

    def row(self, scenario: Scenario) -> Row:
        """Return the line of one scenario."""
        asks = asked_in_words(scenario.draft, self.language)
        plans = self.known.workspace.scenarios.plans(scenario.id)
        jobs = self.known.jobs.list(scenario=scenario.id, purpose="plan", limit=1)
        job = jobs[0] if jobs else None
        newest = plans[-1] if plans else None
        figures = self.figures(newest.proposal_id) if newest else None
        state: State = figures.state if figures else "draft"
        if job is not None and job.status in OPEN:
            state = "running" if job.status == "running" else "waiting"
        elif job is not None and job.status == "failed" and newest is None:
            state = "failed"
        when = max(scenario.changed_at, newest.created_at if newest else "")
        if newest is None or figures is None:
            return Row(scenario, asks, state, when, job=job)
        return Row(
            scenario,
            asks,
            state,
            when,
            newest,
            figures.area,
            figures.cost,
            figures.certificate,
            job,
        )

    def figures(self, proposal_id: str) -> PlanFigures | None:
        """Return what is said about a plan; None where its files are gone."""
        try:
            document = self.known.workspace.proposals.document(proposal_id)
            proposal = self.known.workspace.proposals.get(proposal_id)
        except LandplanError:
            return None
        certificate = certificate_from_json(document["certificate"])
        total = float(proposal.sites["area_m2"].sum())
        shown = self.person.sees_names and len(proposal.sites) > 0
        cost = round(float(proposal.sites["cost"].sum()), 2)
        return PlanFigures(
            self._state(proposal_id, certificate, document),
            area(total, self.language) if total else None,
            money(cost, proposal.town.currency, self.language) if shown else None,
            self.sentence(certificate),
        )

    def sentence(self, certificate: Certificate) -> str:
        """Return the short form of a certificate, as this reader may see it."""
        whole = str(certificate.relative_to.get("code", "")).endswith(".request")
        if certificate.proven_best and whole:
            return say(f"desk.certificate.{certificate.sense}", None, self.language)
        if self.person.sees_names:
            return certificate_short(certificate, self.language)
        return public_certificate_sentence(certificate, self.language)

    def _state(self, proposal_id: str, proof: Certificate, document: Mapping[str, Any]) -> State:
        record = self.records.get(proposal_id)
        if record is not None and record.state != "open":
            return record.state
        if all(demand["met"] for demand in document["demands"]):
            return "done"
        unmet = [demand["reason"]["code"] for demand in document["demands"] if not demand["met"]]
        return (
            "unproven"
            if proof.status == "stopped" or "unmet.not_found" in unmet
            else "nothing_fits"
        )


def asked_in_words(draft: Mapping[str, Any], language: Language) -> str:
    """Return the smallest area asked for, or how many demands and sites; "" for an empty draft."""
    demands = _demands(draft)
    if not demands:
        return ""
    sites = sum(n for _, n in demands)
    if len(demands) == 1 and demands[0][0]:
        least = area(demands[0][0] * M2_PER_HA, language)
        return say("desk.asks.one", {"area": least}, language)
    params = {"n": len(demands), "sites": count(sites, "site", language)}
    return say("desk.asks.many", params, language)


def _demands(draft: Mapping[str, Any]) -> list[tuple[float, int]]:
    """Return (least ha, count) of every demand as far as they are understood."""
    from landplan.planning.form import parse_form

    asked = draft
    if "data" in draft:
        if not any(str(text).strip() for text in draft["data"].values()):
            return []
        asked, _ = parse_form(str(draft.get("process", "assemble")), draft["data"])
    found = []
    for demand in asked.get("demand", []):
        low = demand["area_ha"][0] if demand.get("area_ha") else 0.0
        low = demand["area_mu"][0] / 15 if demand.get("area_mu") else low
        found.append((float(low), int(demand.get("count", 1))))
    return found
