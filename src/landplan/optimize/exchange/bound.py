"""What any prices on value and area prove, over all arcs, and the parties nearest in price.

For any prices w_i on value and u_i on area no assignment inside the limits costs less than

    Σ_j min_i (c_ij − w_i v_j − u_i a_j) + Σ_i (w_i⁺ value_low_i − w_i⁻ value_high_i)
                                         + Σ_i (u_i⁺ area_low_i − u_i⁻ area_high_i),

the minimum over all parties that may get j.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from scipy.spatial import cKDTree

from landplan.optimize.exchange.costs import Arcs, arcs_of, cost_of, may_get
from landplan.optimize.exchange.problem import FloatArray, IntArray, Problem

_ALL_PARTIES = 40
"""With at most so many parties every list holds all of them."""
_SLIP = 1e-12
"""Relative rounding error of a sum, taken off the bound."""


@dataclass(slots=True)
class Dual:
    """Prices [m] on value and area, and the best bound with any of those tried."""

    value_price: FloatArray
    area_price: FloatArray
    bound: float


@njit(cache=True)
def _least(
    arcs: Arcs, area: IntArray, w: FloatArray, u: FloatArray
) -> tuple[float, float, IntArray]:
    """Return Σ_j of the least reduced cost over all arcs, the sum of sizes, and where it is."""
    n, m = len(arcs.value), len(w)
    value, x, y, rx, ry = arcs.value, arcs.x, arcs.y, arcs.rx, arcs.ry
    kind, allowed, price = arcs.kind, arcs.open, arcs.price
    total, size = 0.0, 0.0
    best = np.empty(n, np.int64)
    changing = arcs.move + arcs.leave
    for j in range(n):
        v, a, k = float(value[j]), float(area[j]), kind[j]
        at = arcs.holder[j]
        least = cost_of(arcs, j, at) - w[at] * v - u[at] * a
        other = arcs.agreed[j]
        if other != at and may_get(arcs, j, other):
            reduced = cost_of(arcs, j, other) - w[other] * v - u[other] * a
            if reduced < least:
                least, at = reduced, other
        if not arcs.fixed[j]:
            for i in range(m):
                dx, dy = x[j] - rx[i], y[j] - ry[i]
                # what changes hands and leaves the plan costs both; all else was looked at above
                reduced = price * v * (dx * dx + dy * dy) - w[i] * v - u[i] * a + changing - 0.5
                if reduced < least and allowed[i, k]:
                    reduced = cost_of(arcs, j, i) - w[i] * v - u[i] * a
                    if reduced < least:
                        least, at = reduced, i
        total += least
        size += abs(least)
        best[j] = at
    return total, size, best


def bound_at(problem: Problem, w: FloatArray, u: FloatArray) -> tuple[float, IntArray]:
    """Return the bound that prices give over all arcs, and the party [n] of least reduced cost."""
    total, size, best = _least(arcs_of(problem), problem.area.astype(np.int64), w, u)
    for price, low, high, amount in (
        (w, problem.value_low, problem.value_high, problem.value),
        (u, problem.area_low, problem.area_high, problem.area),
    ):
        # nobody ends with less than nothing, or with more than all there is
        everything = int(amount.sum())
        up, down = price > 0, price < 0
        least, most = low.clip(0, None).astype(float), high.clip(None, everything).astype(float)
        part = price[up] @ least[up] + price[down] @ most[down]
        total += float(part)
        size += abs(float(part))
    return total - _SLIP * size, best


def nearest_parties(
    problem: Problem, w: FloatArray, u: FloatArray, most: int, which: IntArray | slice = slice(None)
) -> IntArray:
    """Return [n, k] parties of about the least reduced cost for each parcel, or some of them.

    d² − w/p − u a/(v p) is least at the nearest of the points (reference, z, √(M − w/p − z²)),
    z = u/2ps, seen from (place, s a/v, 0): a power diagram lifted by one dimension for the
    constant and one for the ratio.
    """
    m = problem.m
    price = max(problem.distance_price, 1e-300)
    xy = problem.xy[which]
    if m <= max(most, _ALL_PARTIES):
        return np.tile(np.arange(m), (len(xy), 1))
    all_ratios = problem.area / problem.value
    scale = 1_000.0 / float(all_ratios.mean())
    z = u / price / (2.0 * scale)
    lift = w / price + z * z
    high = np.sqrt(np.maximum(lift.max() - lift, 0.0))
    sites = np.column_stack([problem.reference, z, high])
    seen = np.column_stack([xy, scale * all_ratios[which], np.zeros(len(xy))])
    return np.asarray(cKDTree(sites).query(seen, k=most)[1], np.int64)
