"""Plans side by side: the same rows for all, and whether a difference matters.

A difference of costs is called "same" where the prices could be wrong by as much: let every price
be off by up to the spread, each in the direction that hurts most. Parcels that both plans use are
wrong by the same amount in both and cancel out; so two plans that share most of their land are told
apart by small differences, and two that share none only by large ones. As formula: the difference
is Σ cost(p) · w(p) over all parcels p, and the prices may shift it by spread · Σ cost(p) · |w(p)|.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from landplan.errors import InputError, LandplanError, ManyErrors
from landplan.proposal.certificate import Certificate, distance
from landplan.proposal.ledger_money import acquirer_shares, to_cents
from landplan.proposal.proposal import Proposal

MOST: Final = 4
SPREAD: Final = 0.08
"""By how much prices may be off, as a share: a placeholder until the town states its own."""

Weights = dict[str, float]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the comparison; ``plan`` is None for today."""

    plan: str | None
    title: str
    certificate: Certificate | None = None
    data_hash: str = ""
    base_date: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of every column.

    Attributes
    ----------
    key
        What it is; its label is the message ``comparison.<key>``.
    unit
        ``m2``, ``m``, ``count``, ``share``, ``money``, ``money_per_m2``, or "" for a plain number.
    lower_is_better
        None where neither is.
    values
        One per column; None where a column has no such figure.
    differences
        To the baseline; None for the baseline itself and where either value is missing.
    same
        Whether the difference is smaller than the prices may be off; False where it is not money.
    """

    key: str
    unit: str
    lower_is_better: bool | None
    values: tuple[float | None, ...]
    differences: tuple[float | None, ...]
    same: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The table, and what a reader must know before trusting it.

    Attributes
    ----------
    columns, rows
        Today (if asked for) and the plans, and the same rows for all of them.
    baseline
        Column that the differences refer to.
    spread, spread_is_placeholder
        By how much prices may be off, and whether nobody has stated it yet.
    notes
        (code, params) pairs: other data, another question, demands not met.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    baseline: int
    spread: float
    spread_is_placeholder: bool
    notes: tuple[tuple[str, Mapping[str, object]], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Difference:
    """Parcel ids by which of two plans uses them, sorted."""

    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    both: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    """A plan's sites as figures by parcel."""

    proposal: Proposal
    paid: Weights
    area_m2: float
    owners: int | None
    """None where the town has no data of owners."""

    @property
    def cost(self) -> float | None:
        """What the land costs; an objective may hold further prices, or count sites."""
        sites = self.proposal.sites
        return round(float(sites["cost"].sum()), 2) if len(sites) else None


def compare(
    proposals: Sequence[Proposal],
    *,
    today: bool = True,
    baseline: int = 0,
    spread: float | None = None,
) -> Comparison:
    """Put plans side by side.

    Parameters
    ----------
    proposals
        One to `MOST` plans of one process for one town.
    today
        Whether the ground as it is comes first.
    baseline
        Which of the plans the differences refer to.
    spread
        By how much prices may be off; None: `SPREAD`, marked as a placeholder.

    Raises
    ------
    ManyErrors
        Too many plans, one twice, or plans of different processes or towns.
    """
    _require_comparable(proposals)
    plans = [_plan(proposal) for proposal in proposals]
    shift = 1 if today else 0
    base = min(max(baseline, 0), len(plans) - 1)
    width = SPREAD if spread is None else spread
    columns = [Column(None, "")] if today else []
    columns += [_column(proposal) for proposal in proposals]
    return Comparison(
        columns=tuple(columns),
        rows=tuple(_rows(plans, today, base, width)),
        baseline=base + shift,
        spread=width,
        spread_is_placeholder=spread is None,
        notes=tuple(_notes(proposals)),
    )


def price_trials(
    proposals: Sequence[Proposal], spread: float = SPREAD, trials: int = 100, seed: int = 1
) -> tuple[int, ...]:
    """Return in how many trials each plan is the cheapest; they sum to ``trials``.

    In a trial the price of each parcel is multiplied by a number drawn evenly between 1 − spread
    and 1 + spread, independently of other parcels, and the same in all plans that use the parcel.
    What a parcel draws depends on its id and the seed alone, so adding a plan does not change what
    is said of two others but for the trials that it wins. Plans of equal cost: the first of them.
    """
    costs = trial_costs(proposals, spread, trials, seed)
    won = np.bincount(np.argmin(costs, axis=0), minlength=len(proposals))
    return tuple(int(count) for count in won)


def trial_costs(
    proposals: Sequence[Proposal], spread: float = SPREAD, trials: int = 100, seed: int = 1
) -> FloatArray:
    """Return what every plan costs in every trial of `price_trials`, [plans, trials].

    inf for a plan without land.
    """
    _require_comparable(proposals)
    plans = [_plan(proposal) for proposal in proposals]
    costs = np.zeros((len(plans), trials))
    drawn: dict[str, np.ndarray] = {}
    for number, plan in enumerate(plans):
        for parcel, paid in sorted(plan.paid.items()):
            if parcel not in drawn:
                stream = np.random.default_rng([seed, *parcel.encode("utf-8")])
                drawn[parcel] = stream.uniform(1.0 - spread, 1.0 + spread, trials)
            costs[number] += paid * drawn[parcel]
        if not plan.paid:
            costs[number] = np.inf
    return costs


def figure(proposal: Proposal, key: str) -> float | None:
    """Return one figure of a plan: a key of the rows of `compare` that are about its sites."""
    return next(of for name, _, _, of in _FIGURES if name == key)(_plan(proposal))


def difference(first: Proposal, second: Proposal) -> Difference:
    """Return which parcels only the first, only the second, or both plans use."""
    one, two = set(_used(first)), set(_used(second))
    return Difference(tuple(sorted(one - two)), tuple(sorted(two - one)), tuple(sorted(one & two)))


def _require_comparable(proposals: Sequence[Proposal]) -> None:
    faults: list[LandplanError] = []
    if not 1 <= len(proposals) <= MOST:
        faults.append(InputError("comparison.count", n=len(proposals), most=MOST))
    ids = [proposal.id for proposal in proposals]
    twice = sorted({plan for plan in ids if ids.count(plan) > 1})
    if twice:
        faults.append(InputError("comparison.twice", ids=twice))
    processes = sorted({proposal.process for proposal in proposals})
    if len(processes) > 1:
        faults.append(InputError("comparison.processes", processes=processes))
    towns = sorted({f"{p.town.name} ({p.town.crs}, {p.town.currency})" for p in proposals})
    if len(towns) > 1:
        faults.append(InputError("comparison.towns", towns=towns))
    if faults:
        raise ManyErrors(faults)


def _plan(proposal: Proposal) -> _Plan:
    used = proposal.parcels[proposal.parcels["site_id"].notna()]
    shares = acquirer_shares(proposal)[used.index]
    paid = {
        str(parcel): to_cents(cost, share)
        for parcel, cost, share in zip(used["parcel_id"], used["cost"], shares, strict=True)
    }
    own = set(proposal.request.get("acquirer_owners", []))
    rights = proposal.rights
    holders = set(rights.loc[rights["parcel_id"].isin(list(paid)), "owner_id"].dropna()) - own
    owners = len(holders) if rights["owner_id"].notna().any() else None
    return _Plan(proposal, paid, float(used["area_m2"].sum()), owners)


def _used(proposal: Proposal) -> list[str]:
    inside = proposal.parcels["site_id"].notna()
    return [str(parcel) for parcel in proposal.parcels.loc[inside, "parcel_id"]]


def _column(proposal: Proposal) -> Column:
    return Column(
        plan=proposal.id,
        title=str(proposal.request.get("title", "")),
        certificate=proposal.certificate,
        data_hash=proposal.provenance.data_hash,
        base_date=proposal.town.base_date,
    )


Figure = Callable[[_Plan], float | None]
_FIGURES: Final[tuple[tuple[str, str, bool | None, Figure], ...]] = (
    ("demands_met", "count", False, lambda p: sum(d.met for d in p.proposal.demands)),
    ("sites", "count", None, lambda p: len(p.proposal.sites)),
    ("area", "m2", None, lambda p: p.area_m2 if p.paid else None),
    ("cost", "money", True, lambda p: p.cost),
    ("distance", "share", True, lambda p: _distance(p)),
    ("cost_per_m2", "money_per_m2", True, lambda p: _per_m2(p)),
    ("owners", "count", True, lambda p: p.owners if p.paid else None),
    ("parcels", "count", None, lambda p: len(p.paid) or None),
    ("crossings", "count", True, lambda p: len(p.proposal.bridges) if p.paid else None),
    ("compactness", "", False, lambda p: _least_compact(p)),
)
_TOWN: Final = (
    ("town_parcels", "count", "parcels"),
    ("town_owners", "count", "owners"),
    ("town_mean_area", "m2", "mean_area_m2"),
)
"""Figures of the whole town, which today has as well."""


def _rows(plans: list[_Plan], today: bool, base: int, spread: float) -> list[Row]:
    rows = []
    for key, unit, lower, figure in _FIGURES:
        values = [figure(plan) for plan in plans]
        weigh = _WEIGHTS.get(key)
        same = [False] * len(plans)
        if weigh is not None:
            same = [_same(plans[base], plan, weigh, spread) for plan in plans]
        rows.append(_row(key, unit, lower, values, same, base, today, None))
    measures = [plan.proposal.measures for plan in plans]
    for key, unit, name in _TOWN:
        values = [measure.after.get(name) for measure in measures]
        now = measures[base].before.get(name)
        if name == "owners" and not now:  # no data of owners: the acquirer alone says nothing
            now, values = None, [None] * len(plans)
        rows.append(_row(key, unit, None, values, [False] * len(plans), base, today, now))
    return rows


def _row(
    key: str,
    unit: str,
    lower: bool | None,
    values: Sequence[float | None],
    same: list[bool],
    base: int,
    today: bool,
    now: float | None,
) -> Row:
    """Put today in front; differences are always to the baseline, which has none."""
    reference = values[base]
    listed: list[float | None] = [now, *values] if today else list(values)
    marked = [False, *same] if today else list(same)
    place = base + (1 if today else 0)
    differences = [
        None if number == place or value is None or reference is None else value - reference
        for number, value in enumerate(listed)
    ]
    marks = [mark and diff is not None for mark, diff in zip(marked, differences, strict=True)]
    return Row(key, unit, lower, tuple(listed), tuple(differences), tuple(marks))


def _same(first: _Plan, second: _Plan, weigh: Callable[[_Plan], float], spread: float) -> bool:
    """Whether the prices may be off by as much as two plans differ."""
    if not first.paid or not second.paid:
        return False
    one, two = weigh(first), weigh(second)
    gap = slack = 0.0
    for parcel in first.paid.keys() | second.paid.keys():
        before, after = first.paid.get(parcel), second.paid.get(parcel)
        paid = before if before is not None else after
        weight = (one if before is not None else 0.0) - (two if after is not None else 0.0)
        gap += (before or 0.0) * one - (after or 0.0) * two
        slack += (paid or 0.0) * abs(weight)
    return abs(gap) <= spread * slack


_WEIGHTS: Final[dict[str, Callable[[_Plan], float]]] = {
    "cost": lambda plan: 1.0,
    "cost_per_m2": lambda plan: 1.0 / plan.area_m2,
}
"""By what a parcel's cost is multiplied in a figure of money."""


def _per_m2(plan: _Plan) -> float | None:
    return plan.cost / plan.area_m2 if plan.cost is not None and plan.area_m2 > 0 else None


def _distance(plan: _Plan) -> float | None:
    worse = distance(plan.proposal.certificate)
    return None if worse is None else float(worse)


def _least_compact(plan: _Plan) -> float | None:
    """A²/2πI of the least compact site; a disc has 1."""
    inertia = plan.proposal.sites["inertia"]
    return float(inertia.min()) if len(inertia) else None


def _notes(proposals: Sequence[Proposal]) -> list[tuple[str, Mapping[str, object]]]:
    notes: list[tuple[str, Mapping[str, object]]] = []
    if len({proposal.provenance.data_hash for proposal in proposals}) > 1:
        notes.append(("comparison.other_data", {}))
    asked = [proposal.request.get("demand") for proposal in proposals]
    if any(demand != asked[0] for demand in asked):
        notes.append(("comparison.other_question", {}))
    unmet = [proposal.id for proposal in proposals if not all(d.met for d in proposal.demands)]
    if unmet and len(unmet) < len(proposals):
        notes.append(("comparison.unmet", {"n": len(unmet), "ids": unmet}))
    return notes
