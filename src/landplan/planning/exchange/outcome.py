"""Whether an exchange was found, and where not: why, and who would need what."""

from typing import Any

import numpy as np

from landplan.cadastre.cadastre import Cadastre
from landplan.optimize.exchange.result import Result
from landplan.planning.exchange.formulate import CENTS, SQUARE_DECIMETRES, Formulation
from landplan.planning.exchange.out_of_reach import notes, out_of_reach
from landplan.proposal.proposal import DemandOutcome

DEMAND = "exchange"


def outcome_of(
    town: Cadastre, formulation: Formulation, result: Result, done: bool
) -> DemandOutcome:
    """Say what became of the request; where nothing can be done, what is missing and for whom."""
    if done:
        return DemandOutcome(DEMAND, True)
    missed = out_of_reach(formulation)
    told = notes(missed, town.town.currency)
    reason = _reason(formulation, result, len(missed))
    if reason["code"] != "unmet.exchange_reach":
        told = (*_needs(formulation, result), *told)
    return DemandOutcome(DEMAND, False, reason=reason, notes=told)


def _needs(formulation: Formulation, result: Result) -> tuple[dict[str, Any], ...]:
    """Return what the parties that end below their limits would need."""
    return tuple(
        {
            "code": "unmet.exchange_needs",
            "params": {
                "party": formulation.names[one.party],
                "value": max(0, -one.value) / CENTS,
                "area": max(0, -one.area) / SQUARE_DECIMETRES,
            },
        }
        for one in result.outside
        if one.value < 0 or one.area < 0
    )


def _reason(formulation: Formulation, result: Result, missed: int) -> dict[str, Any]:
    """Return why nothing can be done: too little land, fixed parcels, or whole parcels alone."""
    problem = formulation.problem
    free = np.arange(problem.m) != formulation.acquirer
    missing = int(problem.value_low[free].sum())
    held = problem.holder == formulation.acquirer
    left = int(problem.value[~(held & problem.fixed)].sum())
    if missing > left:
        area = np.maximum(0, problem.area_low[free]).sum()
        area_left = problem.area[~(held & problem.fixed)].sum()
        return {
            "code": "unmet.exchange_land",
            "params": {
                "value": (missing - left) / CENTS,
                "hectares": round(max(0, int(area - area_left)) / 1e6, 4),
            },
        }
    if missed and not _fixed_too_much(formulation):
        return {"code": "unmet.exchange_reach", "params": {"n": missed}}
    worst = max(result.outside, key=lambda one: (abs(one.value), abs(one.area)))
    return {
        "code": "unmet.exchange_fixed",
        "params": {
            "party": formulation.names[worst.party],
            "n": len(result.outside),
            "value": abs(worst.value) / CENTS,
        },
    }


def _fixed_too_much(formulation: Formulation) -> bool:
    """Whether what is fixed to some party is worth or large more than it may end with."""
    problem = formulation.problem
    for amount, high in ((problem.value, problem.value_high), (problem.area, problem.area_high)):
        held = np.zeros(problem.m, np.int64)
        np.add.at(held, problem.holder[problem.fixed], amount[problem.fixed])
        if (held > high).any():
            return True
    return False
