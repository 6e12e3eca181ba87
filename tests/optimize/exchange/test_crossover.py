"""The bound against the linear program over all arcs, solved in one piece."""

import numpy as np
import pytest
from scipy.optimize import linprog

from landplan.optimize.exchange.bound import Dual, bound_at
from landplan.optimize.exchange.crossover import polish
from landplan.optimize.exchange.dual import DualSearch
from landplan.optimize.exchange.params import Params
from landplan.optimize.exchange.problem import NO_LIMIT, FloatArray, Problem


def land(seed: int, n: int = 120, m: int = 9, by_area: bool = False) -> Problem:
    """Scattered holdings of about equal size; 5 % and a third of a parcel of tolerance."""
    dice = np.random.default_rng(seed)
    value = dice.integers(500, 1500, n)
    area = (value * dice.uniform(0.7, 1.3, n)).astype(np.int64) + 1
    holder = np.arange(n) % m
    limits = []
    for amount in (value, area):
        held = np.bincount(holder, amount, minlength=m)
        limits += [(0.95 * held - 300).astype(np.int64), (1.05 * held + 300).astype(np.int64)]
    if not by_area:
        limits[2:] = [np.full(m, -NO_LIMIT), np.full(m, NO_LIMIT)]
    return Problem(
        value,
        area,
        dice.uniform(0, 1000, (n, 2)),
        holder,
        dice.random(n) < 0.1,
        dice.uniform(0, 1000, (m, 2)),
        limits[0],
        limits[1],
        limits[2],
        limits[3],
        np.ones(m, np.int64),
        dice.integers(0, 2, n),
        dice.random((m, 2)) < 0.8,
        np.empty((0, 2), np.int64),
        0.001,
        move_price=40,
    )


def relaxed(problem: Problem) -> float:
    """Solve the relaxation over all arcs: shares of parcels, limits on value and area."""
    n, m = problem.n, problem.m
    mine = problem.holder[:, None] == np.arange(m)
    may = mine | (~problem.fixed[:, None] & problem.may_receive[:, problem.kind].T)
    away = ((problem.xy[:, None] - problem.reference) ** 2).sum(axis=2)
    cost = np.rint(problem.distance_price * problem.value[:, None] * away)
    cost += problem.move_price * ~mine
    once = np.kron(np.eye(n), np.ones(m))
    rows, right = [], []
    for amount, low, high in (
        (problem.value, problem.value_low, problem.value_high),
        (problem.area, problem.area_low, problem.area_high),
    ):
        load: FloatArray = np.kron(amount.astype(float), np.eye(m))
        rows += [load, -load]
        right += [high.astype(float), -low.astype(float)]
    answer = linprog(
        cost.ravel(),
        np.vstack(rows),
        np.concatenate(right),
        once,
        np.ones(n),
        bounds=[(0, 1 if free else 0) for free in may.ravel()],
    )
    assert answer.fun is not None
    return float(answer.fun)


@pytest.mark.parametrize("by_area", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_the_bound_is_the_optimum_of_the_relaxation(seed: int, by_area: bool) -> None:
    problem = land(seed, by_area=by_area)
    params = Params()
    search = DualSearch(problem, params)
    dual, rounded = polish(problem, search.run(), params.margin * search.scale)
    best = relaxed(problem)
    assert dual.bound == pytest.approx(best, rel=1e-6)
    assert dual.bound <= best + 1e-6 * best
    may = problem.may_receive[rounded, problem.kind] & ~problem.fixed
    assert (may | (rounded == problem.holder)).all()


def test_poor_prices_are_corrected_and_never_make_the_bound_worse() -> None:
    problem = land(7)
    search = DualSearch(problem, Params())
    nothing: FloatArray = np.zeros(problem.m)
    start = Dual(nothing, nothing, bound_at(problem, nothing, nothing)[0])
    dual, _ = polish(problem, start, 0.05 * search.scale)
    best = relaxed(problem)
    assert start.bound < 0.95 * best
    assert dual.bound == pytest.approx(best, rel=1e-3)


def test_parties_that_may_receive_nothing_keep_what_they_hold() -> None:
    problem = land(3)
    problem.may_receive[:] = False
    search = DualSearch(problem, Params())
    dual, rounded = polish(problem, search.run(), 0.01 * search.scale)
    assert (rounded == problem.holder).all()
    assert dual.bound <= relaxed(problem) * (1 + 1e-9)
