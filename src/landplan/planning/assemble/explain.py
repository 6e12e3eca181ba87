"""Why a demand is not met, in numbers, and what a planner should know beside the plan."""

import math
from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from landplan.cadastre.adjacency import Adjacency
from landplan.cadastre.cadastre import Cadastre
from landplan.cadastre.land import borders_of_land
from landplan.optimize.assembly.engine import solve
from landplan.optimize.assembly.feasibility import largest_contiguous_area
from landplan.optimize.assembly.params import Params
from landplan.optimize.assembly.problem import Problem, SiteDemand
from landplan.optimize.assembly.result import Result
from landplan.planning.assemble.formulate import (
    SQUARE_DECIMETRES,
    SQUARE_METRES_PER_HECTARE,
    Formulation,
    crossings,
    street_bridges,
    use_rules,
)
from landplan.planning.assemble.owners import MINOR_UNITS, refusing
from landplan.planning.assemble.request import AssembleRequest, Demand
from landplan.planning.assemble.shape_reason import without_shape_rules
from landplan.rules.eligibility import Verdict, judge

Said = dict[str, Any]

RELAXED_ZONE_SHARE = 0.9
_NAMED = 5


def notes(demand: Demand, verdict: Verdict, town: Cadastre, formulation: Formulation) -> list[Said]:
    """Return what a planner should know first.

    Parcels that meet the demand alone, and those that narrowly miss.
    """
    parcels = town.parcels
    low, high = (hectares * SQUARE_METRES_PER_HECTARE for hectares in demand.area_range_ha)
    area = parcels["area_m2"].to_numpy()
    alone = (
        verdict.eligible
        & (area >= low - 0.005)
        & (area <= high + 0.005)
        & parcels["parcel_id"].isin(demand.must or parcels["parcel_id"])
    )
    said = []
    if alone.any() and len(demand.must) <= 1:
        cheapest = np.flatnonzero(alone)[np.argsort(formulation.cost[alone], kind="stable")][
            :_NAMED
        ]
        said.append(
            _say("note.one_parcel", demand=demand.id, n=int(alone.sum()), ids=_ids(town, cheapest))
        )
    near = verdict.near_misses
    if len(near):
        shown = [_narrowly(row) for row in near.head(_NAMED).to_dict("records")]
        said.append(_say("note.near_miss", demand=demand.id, n=len(near), ids=shown))
    return said


def explain(
    request: AssembleRequest, number: int, town: Cadastre, formulation: Formulation, result: Result
) -> tuple[Said, list[Said]]:
    """Return why a demand is not met, and what one change of the rules would do to its land."""
    demand, verdict = request.demand[number], formulation.verdicts[number]
    asked = formulation.problem.demands[number]
    outcome = result.demands[number]
    barred = asked.must[~verdict.eligible[asked.must]]
    if len(barred):
        ids = _ids(town, barred)
        why = verdict.exclusions[verdict.exclusions["parcel_id"].isin(ids)]
        rules = ", ".join(f"{row.parcel_id}: {row.rule}" for row in why.itertuples())
        return _say("unmet.must_excluded", ids=ids, rules=rules), []
    short = _budget_short(request, number, formulation, result)
    if short is not None:
        return _say("unmet.budget"), [short]
    if outcome.found:
        code = "unmet.jointly_proven" if result.jointly_impossible else "unmet.jointly"
        return _say(code, met=outcome.met, count=demand.count), []
    zones_bind = bool(demand.zones) and demand.min_zone_share > RELAXED_ZONE_SHARE
    relaxed = [_relaxed_zones(request, number, town, formulation)] if zones_bind else []
    if not verdict.eligible.any():
        return _say("unmet.no_land"), relaxed
    largest = largest_contiguous_area(formulation.problem, asked).bound
    code = "unmet.proven" if outcome.proven_infeasible else "unmet.not_found"
    if largest < asked.area_min:
        code = "unmet.too_small"
    numbers = {"largest_ha": _hectares(largest), "area_min_ha": _hectares(asked.area_min)}
    shaped = [] if largest < asked.area_min else without_shape_rules(request, number, formulation)
    more = _one_more_bridge(request, asked, town, formulation)
    helps = more["params"].get("largest_ha") != numbers["largest_ha"]
    return _say(code, **numbers), [*shaped, *([more] if helps else []), *relaxed]


def _budget_short(
    request: AssembleRequest, number: int, formulation: Formulation, result: Result
) -> Said | None:
    """Return what the land costs at least, where that alone proves the budget too small.

    All other prices and the distances between sites are left out, so the bound is one of the land
    alone. It is that of the demand, or, where this is met alone, of all demands met alone.
    """
    problem = formulation.problem
    if problem.budget is None:
        return None
    together = result.demands[number].found
    asked = [d for d, own in enumerate(result.demands) if (own.found if together else d == number)]
    bare = replace(
        problem,
        demands=tuple(replace(problem.demands[d], moment_price=0.0) for d in asked),
        owner_price=np.zeros_like(problem.owner_price),
        bridge_price=0,
        bridge_fee=np.empty(0, np.int64),
        budget=None,
        between=(),
    )
    least = solve(bare, Params.of(request.effort, request.seed))
    met = all(d.met == own.count for d, own in zip(least.demands, bare.demands, strict=True))
    if not met or least.bound <= problem.budget:
        return None
    amounts = {"least": least.bound / MINOR_UNITS, "budget": problem.budget / MINOR_UNITS}
    rounded = {key: math.floor(amount * 100) / 100 for key, amount in amounts.items()}
    return _say("note.budget", demand=request.demand[number].id, **rounded)


def _one_more_bridge(
    request: AssembleRequest, asked: SiteDemand, town: Cadastre, formulation: Formulation
) -> Said:
    """Return the largest contiguous land with one street crossing more than allowed."""
    problem = _crossing(request, town, formulation, formulation.adjacency, asked.eligible)
    more = replace(asked, max_bridges=asked.max_bridges + 1)
    return _largest("unmet.one_more_bridge", problem, more)


def _relaxed_zones(
    request: AssembleRequest, number: int, town: Cadastre, formulation: Formulation
) -> Said:
    """Return the largest contiguous land if a parcel needed to lie in its zones by 0.9 only."""
    asked_rules = use_rules(request, request.demand[number], refusing(request, town))
    rules = replace(asked_rules, min_zone_share=RELAXED_ZONE_SHARE)
    eligible = judge(formulation.ground, rules).eligible
    problem = _with_land(request, number, eligible, town, formulation)
    asked = replace(problem.demands[number], eligible=eligible)
    return _largest("unmet.zone_share_09", problem, asked)


def _with_land(
    request: AssembleRequest,
    number: int,
    eligible: NDArray[np.bool_],
    town: Cadastre,
    formulation: Formulation,
) -> Problem:
    adjacency = borders_of_land(town).among(eligible)
    crossing = eligible & (request.demand[number].max_bridges > 0)
    problem = _crossing(request, town, formulation, adjacency, crossing)
    return replace(problem, borders=adjacency.pairs)


def _crossing(
    request: AssembleRequest,
    town: Cadastre,
    formulation: Formulation,
    adjacency: Adjacency,
    usable: NDArray[np.bool_],
) -> Problem:
    """Return the problem with the bridges between other land; their fees are not asked here."""
    barriers = formulation.barriers
    bridges = street_bridges(request, town, adjacency, barriers, usable)
    bridges, _ = crossings(request, town, bridges, barriers, usable)
    return replace(formulation.problem, bridges=bridges.pairs, bridge_fee=np.empty(0, np.int64))


def _largest(code: str, problem: Problem, demand: SiteDemand) -> Said:
    """Say how large a site could be: exactly where that is known, else between two numbers."""
    land = largest_contiguous_area(problem, demand)
    if land.exact:
        return _say(code, largest_ha=_hectares(land.found))
    numbers = {"found_ha": _hectares(land.found), "bound_ha": _hectares(land.bound)}
    return _say(f"{code}_between", **numbers)


def _narrowly(row: Mapping[Hashable, Any]) -> str:
    """Return a parcel with its measure and the limit, never rounded so that it seems kept."""
    if row["unit"] != "m":
        return f"{row['parcel_id']} ({_down(row['measured'])} of {row['limit']:g})"
    towards = math.floor if row["rule"] == "place.min" else math.ceil
    return f"{row['parcel_id']} ({towards(row['measured'] * 100) / 100:g} m, {row['limit']:g} m)"


def _down(share: float) -> str:
    """Return a share that misses a limit so that it never looks as if it met it."""
    return f"{math.floor(share * 1000) / 1000:.3f}"


def _say(code: str, **params: Any) -> Said:
    return {"code": code, "params": params}


def _ids(town: Cadastre, rows: NDArray[np.int64]) -> list[str]:
    return [str(parcel) for parcel in town.parcels["parcel_id"].iloc[rows]]


def _hectares(square_decimetres: float) -> float:
    return round(float(square_decimetres) / SQUARE_DECIMETRES / SQUARE_METRES_PER_HECTARE, 2)
