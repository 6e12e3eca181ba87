"""The door of the exchange engine."""

import numpy as np

from landplan.optimize.exchange.bound import nearest_parties
from landplan.optimize.exchange.costs import least_pieces, terms_of
from landplan.optimize.exchange.crossover import polish
from landplan.optimize.exchange.dual import DualSearch
from landplan.optimize.exchange.inside import plan_inside
from landplan.optimize.exchange.params import Params
from landplan.optimize.exchange.problem import FloatArray, IntArray, Problem, Progress, Stop
from landplan.optimize.exchange.reach import unreachable
from landplan.optimize.exchange.result import Result, Status, outside_of
from landplan.optimize.exchange.search import PlanSearch

_SUGGESTED = 8


def solve(
    problem: Problem,
    params: Params,
    stop: Stop | None = None,
    progress: Progress | None = None,
    start: Result | None = None,
) -> Result:
    """Assign every parcel to a party at about the least cost, and prove how good that is.

    The bound holds for every assignment inside the limits of value, area and kinds; the limits on
    the number of parcels and of moves only raise the true minimum. Pieces count in it with
    `least_pieces`. If the holders of today keep all limits, the result is never
    worse than they are.

    Parameters
    ----------
    start
        The result for about the same problem with the same parties and parcels: its prices and its
        assignment shorten the search.

    Returns
    -------
    Result
        ``feasible`` or ``optimal`` with an assignment that keeps all limits; ``infeasible`` where
        it is proven that none does; else ``stopped`` with the one that comes nearest.
    """
    if problem.n == 0:
        return _nothing(problem)
    tell = progress if progress is not None else _silent
    duals = DualSearch(problem, params)
    prices = None if start is None else (start.value_price, start.area_price)
    dual, rounded = polish(problem, duals.run(prices), params.margin * duals.scale)
    pieces = problem.piece_price * least_pieces(problem)
    bound = dual.bound + pieces
    tell("bound", float("inf"), bound)
    lists = nearest_parties(problem, dual.value_price, dual.area_price, min(problem.m, _SUGGESTED))
    search = PlanSearch(problem, params, lists)
    party = _best_plan(problem, search, rounded, bound, start, stop)
    terms = terms_of(problem, party)
    objective = sum(terms.values())
    outside = outside_of(problem, party)
    kept = search.keeps(party)
    status: Status = "feasible" if kept else "stopped"
    if kept and bound >= objective - 0.5:
        status, bound = "optimal", float(objective)
    if not kept and (_impossible(problem) or unreachable(problem)):
        status = "infeasible"
    tell("done", float(objective), bound)
    work = {"newton_steps": duals.steps, "trials": search.trials}
    return Result(
        status,
        party,
        objective,
        bound,
        terms,
        outside,
        dual.value_price,
        dual.area_price,
        work,
        limit_hit=status == "feasible",
    )


def _best_plan(
    problem: Problem,
    search: PlanSearch,
    rounded: IntArray,
    bound: float,
    start: Result | None,
    stop: Stop | None,
) -> IntArray:
    """Return the best of the plans that the search makes of good first ones."""
    today = problem.holder.astype(np.int64)
    first = today if problem.max_moves is not None else rounded
    if start is not None or problem.agreed is not None:
        agreed = start.party if start is not None else problem.agreed
        assert agreed is not None
        first = np.where(problem.fixed, today, agreed).astype(np.int64)
    plans = [search.improve(first, bound, stop)]
    if search.keeps(today):
        plans.append(today)
        if not search.keeps(plans[0]):
            plans.append(search.improve(today, bound, stop))
    stopped = stop is not None and stop(float("inf"), bound)
    if not stopped and not any(search.keeps(plan) for plan in plans):
        within = plan_inside(problem)
        if within is not None and search.keeps(within):
            plans += [within, search.improve(within, bound, stop)]
    kept = [plan for plan in plans if search.keeps(plan)]
    return min(kept, key=search.cost) if kept else plans[0]


def _impossible(problem: Problem) -> bool:
    """Whether the sums of land alone, or fixed parcels, rule out every assignment."""
    for amount, low, high in (
        (problem.value, problem.value_low, problem.value_high),
        (problem.area, problem.area_low, problem.area_high),
    ):
        total = float(amount.sum())
        held = np.zeros(problem.m)
        np.add.at(held, problem.holder[problem.fixed], amount[problem.fixed].astype(float))
        least = np.maximum(low.astype(float), held)
        if least.sum() > total or high.astype(float).sum() < total or (held > high).any():
            return True
    return bool(problem.least.sum() > problem.n)


def _nothing(problem: Problem) -> Result:
    empty: IntArray = np.empty(0, np.int64)
    zeros: FloatArray = np.zeros(problem.m)
    terms = dict.fromkeys(("travel", "extra", "moves", "leaving", "pieces"), 0)
    outside = outside_of(problem, empty)
    return Result(
        "infeasible" if outside else "optimal", empty, 0, 0.0, terms, outside, zeros, zeros
    )


def _silent(_phase: str, _best: float, _bound: float) -> None:
    """Tell nobody."""
