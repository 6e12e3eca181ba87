"""From good prices to the best ones: a linear program over the arcs that may matter: `polish`.

Only arcs whose reduced cost is within a margin of the least of their parcel are kept, and parcels
with one such arc are not in the program at all. Its costs are the reduced ones: all >= 0 and of one
size, whatever money and metres are; its duals are corrections to the prices, and the bound over ALL
arcs (`bound.bound_at`) judges them. Corrections are kept in a box (Marsten, Hogan & Blankenship
1975, doi 10.1287/opre.23.3.389, recalled) by a price on load outside the limits: it grows while the
bound does. Arcs that were left out and become cheap join, and the program is solved again, until
the bound meets the program's own value or a number of rounds is over.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array, csc_array, hstack, vstack

from landplan.optimize.exchange.bound import Dual, bound_at, nearest_parties
from landplan.optimize.exchange.costs import arcs_of, costs_per_value
from landplan.optimize.exchange.problem import FloatArray, IntArray, Problem
from landplan.optimize.exchange.smoothing import arc_costs

_LISTED = 16
_ROUNDS = 12
_CLOSED = 1e-9
_BOX, _WIDER, _NARROWER = 5.0, 4.0, 3.0
"""How far the first program may correct a price, in margins, and how that changes."""
_KEPT = 1e-6
"""Load outside the limits, in mean parcels, that is rounding."""


@dataclass(frozen=True, slots=True)
class _Side:
    """One of value and area: amounts [n], limits [m] and prices [m] before the correction."""

    amount: IntArray
    low: FloatArray
    high: FloatArray
    price: FloatArray
    mean: float


@dataclass(frozen=True, slots=True)
class _Answer:
    """Of one program: what it adds to the bound, prices, rounded shares, and if limits are kept."""

    gain: float
    prices: tuple[FloatArray, FloatArray]
    party: IntArray
    kept: bool


def polish(problem: Problem, dual: Dual, margin: float) -> tuple[Dual, IntArray]:
    """Return the best prices met, and the relaxation rounded.

    Parameters
    ----------
    margin
        Arcs of so much more reduced cost per value than the cheapest are kept.

    Returns
    -------
    tuple[Dual, IntArray]
        A bound no worse than the one given, and for every parcel [n] the party with its largest
        share in an optimum of the relaxation over the arcs kept.
    """
    best, box = dual, _BOX
    party = None
    arcs = _near(problem, dual, margin)
    for _ in range(_ROUNDS):
        answer = _solve(problem, arcs, best, margin, box)
        if answer is None:
            break
        party = answer.party
        trial = Dual(*answer.prices, bound_at(problem, *answer.prices)[0])
        aim = best.bound + answer.gain
        box = box * _WIDER if trial.bound > best.bound else box / _NARROWER
        best = max(best, trial, key=lambda one: one.bound)
        if answer.kept and trial.bound >= aim - _CLOSED * abs(aim):
            break
        arcs = np.union1d(arcs, _near(problem, trial, margin))
    if party is None:
        party = bound_at(problem, best.value_price, best.area_price)[1]
    return best, party


def _near(problem: Problem, dual: Dual, margin: float) -> IntArray:
    """Return the arcs within the margin of the cheapest of their parcel, as parcel · m + party."""
    w, u = dual.value_price, dual.area_price
    lists = nearest_parties(problem, w, u, min(problem.m, _LISTED))
    cost = arc_costs(arcs_of(problem), lists, np.arange(problem.n))
    reduced = cost - w[lists] - u[lists] * (problem.area / problem.value)[:, None]
    reduced -= reduced.min(axis=1, keepdims=True)
    parcel, at = np.nonzero(reduced <= margin)
    return np.unique(parcel * problem.m + lists[parcel, at])


def _reduced(problem: Problem, dual: Dual, parcel: IntArray, party: IntArray) -> FloatArray:
    """Return reduced costs per value of some arcs, the cheapest of each parcel at 0."""
    ratio = problem.area[parcel] / problem.value[parcel]
    cost = costs_per_value(arcs_of(problem), parcel, party)
    cost -= dual.value_price[party] + dual.area_price[party] * ratio
    least = np.full(problem.n, np.inf)
    np.minimum.at(least, parcel, cost)
    return np.asarray(cost - least[parcel])


def _sides(problem: Problem, dual: Dual) -> list[_Side]:
    """Return value, and area where any party has a limit on it."""
    sides = []
    for amount, low, high, price in (
        (problem.value, problem.value_low, problem.value_high, dual.value_price),
        (problem.area, problem.area_low, problem.area_high, dual.area_price),
    )[: 2 if problem.by_area else 1]:
        least = low.clip(0, None).astype(float)
        most = np.maximum(high.clip(None, int(amount.sum())).astype(float), least)
        sides.append(_Side(amount, least, most, price, float(amount.mean())))
    return sides


def _solve(
    problem: Problem, arcs: IntArray, dual: Dual, margin: float, box: float
) -> _Answer | None:
    """Solve one program; None where the solver gives up.

    Variables: shares of the arcs of parcels that have several; then for each side and party the
    distance of its load from the limit that its price leans on, and what is missing or too much.
    """
    m = problem.m
    parcel, party = np.divmod(arcs, m)
    several = np.bincount(parcel, minlength=problem.n)[parcel] > 1
    loose, row = np.unique(parcel[several], return_inverse=True)
    whose, count = party[several], int(several.sum())
    unit = margin * float(problem.value.mean())
    reduced = _reduced(problem, dual, parcel, party)[several]
    cost = [reduced * problem.value[parcel[several]] / unit]
    most = [np.ones(count)]
    once = coo_array((np.ones(count), (row, np.arange(count))), shape=(len(loose), count))
    loads, right = [], [np.ones(len(loose))]
    sides = _sides(problem, dual)
    for side in sides:
        held = np.bincount(party[~several], side.amount[parcel[~several]], minlength=m)
        part = side.amount[parcel[several]] / side.mean
        loads.append(coo_array((part, (whose, np.arange(count))), shape=(m, count)))
        right.append((np.where(side.price >= 0, side.low, side.high) - held) / side.mean)
        cost += [np.abs(side.price) * side.mean / unit, np.full(2 * m, box)]
        most += [(side.high - side.low) / side.mean, np.full(2 * m, np.inf)]
    upper = np.concatenate(most)
    # the stubs know only dense matrices and lists
    matrix: Any = _matrix(once, loads, sides)
    shares: Any = np.column_stack([np.zeros(len(upper)), upper])
    answer = linprog(
        np.concatenate(cost),
        A_eq=matrix,
        b_eq=np.concatenate(right),
        bounds=shares,
        method="highs-ds",
    )
    if answer.x is None or answer.fun is None:
        return None
    rounded = np.empty(problem.n, np.int64)
    rounded[parcel[~several]] = party[~several]
    order = np.argsort(answer.x[:count], kind="stable")
    rounded[loose[row[order]]] = whose[order]
    change = answer.eqlin.marginals[len(loose) :].reshape(len(sides), m) * unit
    prices = [side.price + part / side.mean for side, part in zip(sides, change, strict=True)]
    outside = answer.x[count:].reshape(len(sides), 3, m)[:, 1:]
    return _Answer(
        gain=float(answer.fun) * unit,
        prices=(prices[0], prices[1] if problem.by_area else dual.area_price),
        party=rounded,
        kept=bool(outside.sum() <= _KEPT),
    )


def _matrix(once: coo_array, loads: list[coo_array], sides: list[_Side]) -> csc_array:
    """Return the rows of the loose parcels and, side by side, those of the parties."""
    m = loads[0].shape[0]
    tail = 3 * m * len(sides)
    lines = [hstack([once, coo_array((once.shape[0], tail))])]
    every = np.tile(np.arange(m), 3)
    for k, (load, side) in enumerate(zip(loads, sides, strict=True)):
        lean = np.where(side.price >= 0, -1.0, 1.0)
        signs = np.concatenate([lean, np.ones(m), -np.ones(m)])
        at = 3 * m * k + np.arange(3 * m)
        lines.append(hstack([load, coo_array((signs, (every, at)), shape=(m, tail))]))
    return vstack(lines).tocsc()
