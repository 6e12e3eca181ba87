"""The head of a plan's page: what it is, its key figures, where it stands, what may be done."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from fastapi import Request

from api.console.desk_data import day_text, parsed
from api.console.exchange_figures import ExchangeFigures, exchange_figures
from api.console.plan_figures import Figures, asked_for, figures
from api.console.plan_source import Source
from api.console.signoff_record import Record, record_of
from api.people import person_of
from api.services import services
from landplan.errors import InputError
from landplan.messages import Language, say
from landplan.messages.numbers import M2_PER_HA, area, count, missing, money, unit_price
from landplan.proposal.fingerprint import fingerprint_short
from landplan.workspace.records import Plan, Scenario
from landplan.workspace.workspace import Workspace

State = Literal["done", "unproven", "nothing_fits", "nothing_found", "partial"]


@dataclass(frozen=True, slots=True)
class Tab:
    """A plan of the same scenario."""

    label: str
    proposal_id: str
    here: bool
    by_hand: bool


@dataclass(frozen=True, slots=True)
class Newer:
    """The register has changed since the plan was made."""

    date: str
    affected: int


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the map of a plan."""

    id: str
    title: str
    town: str
    scenario: Scenario | None
    label: str
    plans: list[Tab]
    state: State
    process: str
    by_hand: bool
    figures: Figures
    area: tuple[str, str]
    asked: str
    cost: tuple[str, str]
    sites: str
    parcels: str
    owners: str
    crossings: str
    short: str
    sentence: str
    not_covered: str
    fingerprint: str
    record: Record
    old: Newer | None
    data_date: str | None
    data_day: str
    aged: bool
    met: int
    demands: int
    exchange: ExchangeFigures | None = None

    @property
    def found(self) -> bool:
        """Whether there is land to show."""
        return self.figures.sites > 0 or self.exchange is not None


def head(request: Request, source: Source) -> Head:
    """Collect the head of a plan's page."""
    workspace, language = services(request).workspace, source.language
    plan = workspace.scenarios.plan_of(source.id)
    counted = figures(source)
    wanted = source.document["request"]
    scenario = None if plan is None else workspace.scenarios.get(plan.scenario_id)
    register = _data_date(workspace, plan)
    shown = Head(
        id=source.id,
        title=title_of(source),
        town=source.whole.town.name,
        scenario=scenario,
        label="" if plan is None else plan.label,
        plans=_siblings(workspace, plan),
        state=state_of(source),
        process=source.whole.process,
        by_hand=source.by_hand,
        figures=counted,
        area=split_area(counted.area_m2, language),
        asked=_asked(wanted, language),
        cost=_cost(counted, source),
        sites=count(counted.sites, "site", language),
        parcels=count(counted.parcels, "parcel", language),
        owners=owners_text(source, counted.owners),
        crossings=count(counted.crossings, "crossing", language),
        short=short_certificate(source),
        sentence=source.sentence(),
        not_covered=source.not_covered(),
        fingerprint=fingerprint_short(source.whole.content_hash),
        record=record_of(workspace, source.id),
        old=newer_data(workspace, source),
        data_date=register,
        data_day=spelled_day(register, language),
        aged=_aged(register, services(request).settings.old_after_days),
        met=sum(demand["met"] for demand in source.document["demands"]),
        demands=len(source.document["demands"]),
        exchange=exchange_figures(source),
    )
    _log_seen(request, source)
    return shown


def owners_known(source: Source) -> bool:
    """Whether the town has any data of owners."""
    return bool(source.whole.rights["owner_id"].notna().any())


def owners_text(source: Source, owners: int) -> str:
    """Return how many owners must be talked to; unknown where the town has no data of owners."""
    if owners_known(source):
        return count(owners, "owner", source.language)
    return missing(say("plan.owners.unknown", None, source.language), source.language)


def newer_data(workspace: Workspace, source: Source) -> Newer | None:
    """Say since when there are newer data than the plan's; None where its own are the newest."""
    try:
        stale = workspace.staleness(source.id)
    except InputError:  # a proposal that was copied here without its data
        return None
    if stale.current or stale.newest is None:
        return None
    date = stale.newest.data_date or stale.newest.imported_at[:10]
    return Newer(spelled_day(date, source.language), len(stale.affected))


def spelled_day(day: str | None, language: Language) -> str:
    """Spell the date of a register; what is no date stays as the town wrote it."""
    found = parsed(day)
    return day_text(found, language) if found else day or ""


def _aged(day: str | None, limit_days: int) -> bool:
    """Whether a register is older than the town allows."""
    found = parsed(day)
    return found is not None and (datetime.now(UTC).date() - found).days > limit_days


def title_of(source: Source) -> str:
    """Return the plan's title; its demands where it has none."""
    wanted = source.document["request"]
    named = ", ".join(demand["id"] for demand in wanted.get("demand", []))
    return (
        wanted.get("title") or named or say(f"process.{wanted['process']}", None, source.language)
    )


def state_of(source: Source) -> State:
    """Return what came out."""
    if not source.found:
        return "nothing_fits" if source.proof["status"] == "infeasible" else "nothing_found"
    if not all(demand["met"] for demand in source.document["demands"]):
        return "partial"
    known = source.proof["proven_best"] or source.proof["distance"] is not None
    return "done" if known else "unproven"


def short_certificate(source: Source) -> str:
    """Return what is proven, in a sentence that fits the band."""
    if state_of(source) == "unproven":
        return say("plan.certificate.unproven", None, source.language)
    return source.short()


def split_area(m2: float, language: Language) -> tuple[str, str]:
    """Return an area in ha, and in mu for the line below it."""
    both = area(m2, language)
    mark = " (" if language == "en" else "（"
    main, _, other = both.partition(mark)
    return main, other.rstrip(")）")


def _asked(wanted: dict[str, Any], language: Language) -> str:
    if wanted["process"] == "partition":
        # as many sites as there can be, not a sum of areas
        least = wanted["demand"][0]["area_ha"][0] * M2_PER_HA
        return say("plan.asked_each", {"low": split_area(least, language)[0]}, language)
    demands = asked_for(wanted)
    if not demands:
        return ""
    low = sum(count * least for count, least, _ in demands) * M2_PER_HA
    high = sum(count * most for count, _, most in demands) * M2_PER_HA
    limits = {"low": _bare(low, language), "high": split_area(high, language)[0]}
    return say("plan.asked", limits, language)


def _bare(m2: float, language: Language) -> str:
    """Return the number of ha alone, for the first of two numbers of a range."""
    return split_area(m2, language)[0].removesuffix(" ha").removesuffix("公顷")


def _cost(counted: Figures, source: Source) -> tuple[str, str]:
    if counted.cost is None:
        return "", ""
    return (
        money(counted.cost, source.currency, source.language),
        unit_price(counted.cost_per_m2, source.currency, source.language),
    )


def _siblings(workspace: Workspace, plan: Plan | None) -> list[Tab]:
    if plan is None:
        return []
    return [
        Tab(
            one.label,
            one.proposal_id,
            one.proposal_id == plan.proposal_id,
            one.parent_id is not None,
        )
        for one in workspace.scenarios.plans(plan.scenario_id)
    ]


def _data_date(workspace: Workspace, plan: Plan | None) -> str | None:
    if plan is None:
        return None
    return workspace.datasets.get(plan.dataset_id).data_date


def _log_seen(request: Request, source: Source) -> None:
    """Note that somebody who may see owners and prices looked; once a visit, not at every tab."""
    person = person_of(request)
    if not source.names or request.headers.get("hx-request") == "true":
        return
    services(request).workspace.events.add(person.name, person.role, "saw", f"proposal/{source.id}")
