"""What is left of a town's land after every rule: counted before anything is calculated."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landplan.cadastre.cadastre import Cadastre
from landplan.optimize.assembly.feasibility import largest_contiguous_area
from landplan.optimize.assembly.model import pieces, renumber
from landplan.optimize.assembly.problem import Problem, SiteDemand
from landplan.planning.assemble.formulate import SQUARE_DECIMETRES, Formulation
from landplan.planning.assemble.ground import GroundCache
from landplan.planning.assemble.partial import Draft, Warned, completed
from landplan.planning.assemble.request import AssembleRequest
from landplan.rules.eligibility import Verdict

RULES: Final = (
    *("street", "data", "water", "land_use", "zone_share", "place.min", "place.max"),
    *("restriction.hard", "cost.missing"),
    *("geometry.multipart", "area.above_range", "owner_refuses", "never_owner", "never"),
)
"""The lines of the ledger in their order: the ground first, what a person decided last."""


@dataclass(frozen=True, slots=True)
class Line:
    """Parcels that a rule takes away first, of those that the rules before it left."""

    rule: str
    count: int
    area_m2: float

    @property
    def code(self) -> str:
        """Message code of its label."""
        return f"remaining.rule.{self.rule}"


@dataclass(frozen=True, slots=True)
class DemandLedger:
    """What one demand may use; ``total`` minus all ``lines`` is ``left``.

    Attributes
    ----------
    id, index
        Of the demand.
    total, total_m2, lines, left, left_m2
        Parcels and their land.
    excluded, locked
        Parcels of the town that the demand excludes by hand and locks in.
    connected_m2
        The largest piece of land left, joined by common borders alone.
    reach_found_m2, reach_bound_m2
        A site of the first size exists (whatever the area asked for), and none can be larger than
        the second: with the crossings allowed, the locks, and the limit on how far it may spread.
    warnings
        What to look at before calculating.
    """

    id: str
    index: int
    total: int
    total_m2: float
    lines: tuple[Line, ...]
    left: int
    left_m2: float
    excluded: int
    locked: int
    connected_m2: float
    reach_found_m2: float
    reach_bound_m2: float
    warnings: tuple[Warned, ...] = field(default=())

    @property
    def possible(self) -> bool:
        """Whether a plan may exist; False only where it is certain that none does."""
        return all(warned.severity != "impossible" for warned in self.warnings)


@dataclass(frozen=True, slots=True)
class Remaining:
    """The ledger of every demand, in the order of the request."""

    demands: tuple[DemandLedger, ...]

    @property
    def possible(self) -> bool:
        """Whether a plan that meets every demand may exist."""
        return all(demand.possible for demand in self.demands)

    @property
    def warnings(self) -> tuple[Warned, ...]:
        """The warnings of all demands."""
        return tuple(warned for demand in self.demands for warned in demand.warnings)


def remaining(
    request: AssembleRequest | Mapping[str, Any],
    cadastre: Cadastre,
    cache: GroundCache,
    dataset_id: str | None = None,
) -> Remaining:
    """Count what the rules of a request leave, demand by demand.

    Parameters
    ----------
    request
        A request, or the part of one that is written so far: what is missing restricts nothing.
    cadastre, cache, dataset_id
        The town, and where its ground is kept (see `GroundCache.get`).

    Raises
    ------
    ManyErrors
        A value has the wrong kind or lies outside its limits.
    """
    draft = completed(request, cadastre)
    formulation = cache.get(cadastre, dataset_id).formulation(draft.request)
    return Remaining(
        tuple(_ledger(draft, number, formulation) for number in range(len(draft.request.demand)))
    )


def _ledger(draft: Draft, number: int, formulation: Formulation) -> DemandLedger:
    parcels = formulation.ground.cadastre.parcels
    demand, verdict = draft.request.demand[number], formulation.verdicts[number]
    problem, asked = formulation.problem, formulation.problem.demands[number]
    if not draft.area_known[number]:
        asked = replace(asked, area_min=0)
    land = largest_contiguous_area(problem, replace(asked, min_parcels=1))
    area = np.nan_to_num(parcels["area_m2"].to_numpy(dtype=float))
    warnings = [
        *draft.warnings[number],
        *_locks_that_fail(draft.ids[number], demand.must, verdict),
        *_limits(draft, number, problem, asked, land.bound),
    ]
    return DemandLedger(
        id=draft.ids[number],
        index=number,
        total=len(parcels),
        total_m2=round(float(area.sum()), 2),
        lines=_lines(verdict, parcels["parcel_id"], area),
        left=int(verdict.eligible.sum()),
        left_m2=round(float(area[verdict.eligible].sum()), 2),
        excluded=int(parcels["parcel_id"].isin(demand.never).sum()),
        locked=int(parcels["parcel_id"].isin(demand.must).sum()),
        connected_m2=_largest_piece(problem, verdict.eligible) / SQUARE_DECIMETRES,
        reach_found_m2=land.found / SQUARE_DECIMETRES,
        reach_bound_m2=land.bound / SQUARE_DECIMETRES,
        warnings=tuple(warnings),
    )


def _lines(verdict: Verdict, ids: pd.Series, area: NDArray[np.float64]) -> tuple[Line, ...]:
    """Give every parcel left out to the first rule it fails, in the order of `RULES`."""
    order = {rule: place for place, rule in enumerate(RULES)}
    rule = verdict.exclusions["rule"].where(
        ~verdict.exclusions["rule"].str.startswith("data."), "data"
    )
    # a rule that is added later stands last under its own name instead of being lost
    order |= {name: len(order) for name in sorted(set(rule) - set(order))}
    first = rule.map(order).groupby(verdict.exclusions["parcel_id"]).min()
    taken_by = ids.map(first).to_numpy(dtype=float)
    lines = []
    for name, place in order.items():
        taken = taken_by == place
        if taken.any():
            lines.append(Line(name, int(taken.sum()), round(float(area[taken].sum()), 2)))
    return tuple(lines)


def _largest_piece(problem: Problem, eligible: NDArray[np.bool_]) -> float:
    if not eligible.any():
        return 0.0
    label = pieces(int(eligible.sum()), renumber(problem.borders, eligible))
    return float(np.bincount(label, weights=problem.area[eligible].astype(float)).max())


def _locks_that_fail(demand: str, must: list[str], verdict: Verdict) -> list[Warned]:
    """Name every locked parcel that a rule bars, with the measure and the limit."""
    barred = verdict.exclusions[verdict.exclusions["parcel_id"].isin(must)]
    warnings = []
    for row in barred.to_dict("records"):
        params = {
            "demand": demand,
            "id": row["parcel_id"],
            "rule": row["rule"],
            "measured": None if pd.isna(row["measured"]) else row["measured"],
            "limit": None if pd.isna(row["limit"]) else row["limit"],
            "unit": row["unit"],
        }
        ids = (str(row["parcel_id"]),)
        warnings.append(Warned("remaining.locked_fails", params, "impossible", ids))
    return warnings


def _limits(
    draft: Draft, number: int, problem: Problem, asked: SiteDemand, bound: int
) -> list[Warned]:
    """Say what the land left cannot give, whatever is calculated; the first reason is enough."""
    demand, known = draft.ids[number], draft.area_known[number]
    left = int(problem.area[asked.eligible].sum())
    if not asked.eligible.any():
        return [Warned("remaining.no_land", {"demand": demand}, "impossible")]
    wanted = {"demand": demand, "area_min_m2": asked.area_min / SQUARE_DECIMETRES}
    if len(asked.must) and not asked.eligible[asked.must].all():
        return []
    locked = int(problem.area[asked.must].sum())
    if known and locked > asked.area_max:
        params = {"demand": demand, "locked_m2": locked / SQUARE_DECIMETRES}
        params |= {"area_max_m2": asked.area_max / SQUARE_DECIMETRES}
        return [Warned("remaining.locked_too_large", params, "impossible")]
    if bound == 0 and len(asked.must) > 1:
        return [Warned("remaining.locked_apart", {"demand": demand}, "impossible")]
    if known and bound < asked.area_min:
        return [_too_small(problem, asked, wanted, bound)]
    if known and left < asked.area_min * asked.count:
        params = wanted | {"left_m2": left / SQUARE_DECIMETRES, "n": asked.count}
        return [Warned("remaining.too_many", params, "impossible")]
    if int(asked.eligible.sum()) < asked.min_parcels * asked.count:
        params = {"demand": demand, "left": int(asked.eligible.sum()), "n": asked.min_parcels}
        return [Warned("remaining.too_few_parcels", params, "impossible")]
    if known and left < asked.area_max:
        params = {"demand": demand, "left_m2": left / SQUARE_DECIMETRES}
        params |= {"area_max_m2": asked.area_max / SQUARE_DECIMETRES}
        return [Warned("remaining.area_above_left", params, "note")]
    return []


def _too_small(
    problem: Problem, asked: SiteDemand, wanted: dict[str, object], bound: int
) -> Warned:
    """Say that no site can be large enough, and which limit it is that may be lifted."""
    params = wanted | {"largest_m2": bound / SQUARE_DECIMETRES, "n": asked.max_bridges}
    free = replace(asked, min_parcels=1)
    if np.isfinite(asked.radius_m):
        wide = largest_contiguous_area(problem, replace(free, radius_m=float("inf")))
        if wide.bound >= asked.area_min:
            return Warned("remaining.too_small_spread", params, "impossible")
    more = largest_contiguous_area(problem, replace(free, max_bridges=asked.max_bridges + 1))
    params["crossing_may_help"] = more.bound >= asked.area_min
    code = "remaining.too_small" if asked.max_bridges == 0 else "remaining.too_small_bridges"
    return Warned(code, params, "impossible")
