"""What the print page of a plan says, every figure as the screen and the stored plan have it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from fastapi import Request

from api.console.exchange_tabs import MeasureLine, OwnerLine, measure_lines, owner_lines
from api.console.plan_figures import Figures, figures
from api.console.plan_head import Head, owners_known, owners_text, title_of
from api.console.plan_inputs import Inputs, inputs
from api.console.plan_source import Source
from api.console.plan_tabs import OwnerRow, ParcelRow, Rule, owner_rows, parcel_rows, rules
from api.console.signoff_hardest import exchange_differences
from api.console.signoff_record import APPROVED, RETURNED, SUBMITTED, Step
from api.services import services
from landplan.messages import Language, has, say
from landplan.messages.numbers import (
    M2_PER_HA,
    MU_PER_HA,
    area,
    count,
    decimal,
    difference,
    length,
    moment,
    money,
    money_cell,
)
from landplan.proposal.exchange import is_exchange
from landplan.proposal.fingerprint import fingerprint_short
from landplan.proposal.ledger_money import ledger_rows
from landplan.proposal.proposal import Proposal
from landplan.workspace.records import Plan
from maps.svg import Show, parcel_numbers, proposal_svg, site_letters

MOST_ROWS: Final = 40
"""Parcels on the second page; more of them go to an annex."""
_MOST_DETAILS: Final = 12
_OTHERS: Final = 2
_MAP_MM: Final = (180.0, 138.0)
_DETAIL_MM: Final = (180.0, 122.0)
_A3_MM: Final = (390.0, 248.0)


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site as the table lists it."""

    letter: str
    id: str
    ha: str
    mu: str
    cost: str
    parcels: int
    owners: str
    crossings: int


@dataclass(frozen=True, slots=True)
class Crossing:
    """A street crossing with its number on the map."""

    number: int
    letter: str
    width: str
    facing: str


@dataclass(frozen=True, slots=True)
class Signature:
    """A line to sign on, or who has signed already; ``word`` is submitted, approved, returned."""

    role: str
    word: str = ""
    person: str = ""
    at: str = ""
    fingerprint: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that the page prints besides the head of the plan; drawings are markup."""

    currency: str
    data_date: str
    map: str
    annex_map: str
    details: list[tuple[str, str]]
    sites: list[SiteRow]
    parcels: list[tuple[str, ParcelRow]]
    crossings: list[Crossing]
    owners: list[OwnerRow]
    parties: list[OwnerLine]
    turned: list[MeasureLine]
    total: tuple[str, str, str]
    total_owners: str
    inputs: Inputs
    rules: list[Rule]
    locked: list[str]
    excluded: list[str]
    left_out: list[tuple[str, str]]
    compared: list[str]
    signatures: list[Signature]

    @property
    def has_annex(self) -> bool:
        """Whether the parcels are too many for the second page."""
        return len(self.parcels) > MOST_ROWS


def sheet(request: Request, source: Source, top: Head) -> Sheet:
    """Collect what the print page says."""
    whole, exchanged = source.whole, top.exchange is not None
    locks = _locks(source)
    return Sheet(
        currency=source.currency,
        data_date=paper_date(top.data_date, source.language),
        map=_map(source, top, _MAP_MM, "print-map"),
        annex_map=_map(source, top, _A3_MM, "print-annex", show="both"),
        details=_details(source, top),
        sites=_sites(source),
        parcels=_parcels(source),
        crossings=_crossings(whole, source.language),
        owners=_givers(source),
        parties=owner_lines(source) if exchanged and source.names else [],
        turned=measure_lines(source) if exchanged else [],
        total=_total(top.figures, source.language),
        total_owners=str(top.figures.owners) if owners_known(source) else "–",
        inputs=inputs(request, source),
        rules=rules(source),
        locked=locks[0],
        excluded=locks[1],
        left_out=_left_out(source),
        compared=_compared(request, source, top),
        signatures=signatures(top.record.steps, source.language),
    )


def _givers(source: Source) -> list[OwnerRow]:
    """Return who gives land to a site; in an exchange nobody does."""
    if not source.names or not source.found or is_exchange(source.whole):
        return []
    return owner_rows(source)


def heading_of(request: Request, source: Source) -> tuple[str, str]:
    """Return the line above a map that stands alone, and the date of the register."""
    workspace = services(request).workspace
    plan = workspace.scenarios.plan_of(source.id)
    parts = [title_of(source)]
    register = None
    if plan is not None:
        parts.append(say("plan.plan", {"label": plan.label}, source.language))
        register = workspace.datasets.get(plan.dataset_id).data_date
    parts.append(fingerprint_short(source.whole.content_hash))
    return " · ".join(parts), paper_date(register, source.language)


def paper_date(stored: str | None, language: Language) -> str:
    """Return a stored date as paper has it: ``18 Nov 2026``, ``2026年11月18日``."""
    if not stored:
        return ""
    try:
        known = datetime.fromisoformat(stored)
    except ValueError:  # a town may state a date in its own words
        return stored
    return moment(known.astimezone() if known.tzinfo else known, language, on_paper=True)


def signatures(steps: tuple[Step, ...], language: Language) -> list[Signature]:
    """Return the three lines to sign on, with what the record says already."""
    lines = {"planner": Signature("planner"), "leader": Signature("leader")}
    for step in steps:
        role = "planner" if step.action == SUBMITTED else "leader"
        if step.action == SUBMITTED:
            # whoever decided before decided on what is now submitted anew
            lines["leader"] = Signature("leader")
        if step.action in (SUBMITTED, APPROVED, RETURNED):
            lines[role] = _signed(role, step, language)
    return [lines["planner"], Signature("reviewer"), lines["leader"]]


def _signed(role: str, step: Step, language: Language) -> Signature:
    at = paper_date(step.at, language)
    return Signature(role, step.action, step.person, at, step.fingerprint, step.remark)


def _map(
    source: Source,
    top: Head,
    size: tuple[float, float],
    ident: str,
    *,
    show: Show = "after",
    site: str | None = None,
) -> str:
    return proposal_svg(
        source.whole,
        language=source.language,
        width_mm=size[0],
        height_mm=size[1],
        site=site,
        show=show,
        role="planner" if top.exchange is not None and source.names else "viewer",
        data_date=paper_date(top.data_date, source.language),
        ident=ident,
    )


def _details(source: Source, top: Head) -> list[tuple[str, str]]:
    """Return (name, drawing) of every site with its parcels numbered as in the table."""
    letters = list(site_letters(source.whole).items())[:_MOST_DETAILS]
    return [
        (f"{letter} · {name}", _map(source, top, _DETAIL_MM, f"print-site-{row}", site=name))
        for row, (name, letter) in enumerate(letters)
    ]


def _sites(source: Source) -> list[SiteRow]:
    letters = site_letters(source.whole)
    known = owners_known(source)
    return [
        SiteRow(
            letter=letters[row["site_id"]],
            id=row["site_id"],
            ha=decimal(row["area_m2"] / M2_PER_HA, 2),
            mu=decimal(row["area_m2"] * MU_PER_HA / M2_PER_HA, 1),
            cost=money_cell(row["cost"], source.language) if "cost" in row else "",
            parcels=int(row["parcel_count"]),
            owners=str(row["owner_count"]) if known else "–",
            crossings=int(row["bridge_count"]),
        )
        for row in source.layer("sites").to_dict("records")
    ]


def _parcels(source: Source) -> list[tuple[str, ParcelRow]]:
    """Return the parcels in the order of their numbers on the map, with what is paid for each."""
    rows = {row.id: row for row in parcel_rows(source)}
    numbers = parcel_numbers(source.whole)
    if source.names:
        moved = ledger_rows(source.whole).set_index("parcel_before")["paid"]
        for name in numbers:
            rows[name] = replace(rows[name], cost=money_cell(moved[name], source.language))
    return [(number, rows[name]) for name, number in numbers.items()]


def _crossings(whole: Proposal, language: Language) -> list[Crossing]:
    letters = site_letters(whole)
    columns = whole.bridges[["site_id", "width_m", "facing_m"]].itertuples(index=False)
    return [
        Crossing(row, letters.get(site, ""), length(width, language), length(facing, language))
        for row, (site, width, facing) in enumerate(columns, start=1)
    ]


def _total(counted: Figures, language: Language) -> tuple[str, str, str]:
    """Return ha, mu and cost of all sites together, from the unrounded values."""
    return (
        decimal(counted.area_m2 / M2_PER_HA, 2),
        decimal(counted.area_m2 * MU_PER_HA / M2_PER_HA, 1),
        "" if counted.cost is None else money_cell(counted.cost, language),
    )


def _locks(source: Source) -> tuple[list[str], list[str]]:
    """Return the parcels that the request locks in, and those that it excludes by hand."""
    wanted = source.document["request"].get("demand", [])
    must = {parcel for demand in wanted for parcel in demand["must"]}
    never = {parcel for demand in wanted for parcel in demand["never"]}
    return sorted(must), sorted(never)


def _left_out(source: Source) -> list[tuple[str, str]]:
    """Return why parcels could not be used, and how many each rule bars; some are barred twice."""
    table = source.layer("exclusions")[["parcel_id", "rule"]]
    named = table.assign(rule=[_rule_name(rule, source.language) for rule in table["rule"]])
    counts = named.groupby("rule", sort=False)["parcel_id"].nunique()
    order = sorted(counts.items(), key=lambda item: (-int(item[1]), str(item[0])))
    return [(str(name), count(int(n), "parcel", source.language)) for name, n in order]


def _rule_name(rule: str, language: Language) -> str:
    code = f"remaining.rule.{'data' if rule.startswith('data.') else rule}"
    return say(code, None, language) if has(code, language) else rule


def _compared(request: Request, source: Source, top: Head) -> list[str]:
    """Compare with today, and with the latest other plans of the same request: three lines."""
    language = source.language
    if not top.found:
        return []
    if top.exchange is not None:
        return _other_exchanges(request, source)
    today: dict[str, Any] = {
        "parcels": top.parcels,
        "owners": top.owners,
        "sites": count(top.figures.sites, "site", language),
    }
    lines = [say("print.compare.today", today, language)]
    workspace = services(request).workspace
    plan = workspace.scenarios.plan_of(source.id)
    siblings = [] if plan is None else list(workspace.scenarios.plans(plan.scenario_id))
    others = [one for one in siblings if one.proposal_id != source.id]
    for one in others[-_OTHERS:]:
        other = Source(workspace.proposals.get(one.proposal_id), language, source.names)
        lines.append(_other(one, figures(other), top.figures, other))
    return lines if others else [*lines, say("print.compare.none", None, language)]


def _other_exchanges(request: Request, source: Source) -> list[str]:
    """Compare with the latest other exchanges of the same request."""
    workspace = services(request).workspace
    plan = workspace.scenarios.plan_of(source.id)
    siblings = [] if plan is None else list(workspace.scenarios.plans(plan.scenario_id))
    lines = []
    for one in [one for one in siblings if one.proposal_id != source.id][-_OTHERS:]:
        other = Source(workspace.proposals.get(one.proposal_id), source.language, source.names)
        params = {"label": one.label, "differences": exchange_differences(other)}
        lines.append(say("signoff.other", params, source.language))
    return lines


def _other(plan: Plan, one: Figures, here: Figures, source: Source) -> str:
    language = source.language
    params = {
        "label": plan.label,
        "area": area(one.area_m2, language),
        "owners": owners_text(source, one.owners),
        "owners_more": difference(one.owners - here.owners) if owners_known(source) else "–",
    }
    if one.cost is None or here.cost is None:
        return say("print.compare.other_public", params, language)
    more = one.cost - here.cost
    sign = "+" if more > 0 else ""
    params["cost"] = money(one.cost, source.currency, language)
    params["cost_more"] = f"{sign}{money(more, source.currency, language)}" if more else "0"
    return say("print.compare.other", params, language)
