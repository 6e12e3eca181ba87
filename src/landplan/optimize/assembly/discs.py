"""A cheap first bound for every centre: the land within its radius, whatever joins it (kernel).

A site around r lies within the radius of r. Without contiguity, rules, owners, bridges and moment
it costs at least

    L(mu) = mu * area_min + sum over parcels v within the radius of min(0, c_v - mu a_v),  mu >= 0,

the Lagrangian relaxation of a knapsack. No paths are needed, so it takes a tenth of the time of the
bounds in `scan`, and leaves few centres to them.
"""

import numpy as np
from numba import njit

from landplan.optimize.assembly.model import SiteModel
from landplan.optimize.assembly.problem import FloatArray, IntArray
from landplan.optimize.assembly.scan import UNIT

_BISECTIONS = 14


@njit(cache=True)
def _cells(site: SiteModel, radius: float) -> tuple[IntArray, int, IntArray, IntArray]:
    """Sort the parcels into squares as wide as the radius; return squares, columns, lists."""
    n = len(site.cost)
    cell = np.zeros(n, np.int64)
    west, south = site.xy[:, 0].min(), site.xy[:, 1].min()
    columns = int((site.xy[:, 0].max() - west) / radius) + 3
    rows = int((site.xy[:, 1].max() - south) / radius) + 3
    start = np.zeros(columns * rows + 1, np.int64)
    for v in range(n):
        column = int((site.xy[v, 0] - west) / radius) + 1
        row = int((site.xy[v, 1] - south) / radius) + 1
        cell[v] = row * columns + column
        start[cell[v] + 1] += 1
    start = np.cumsum(start)
    fill = start[:-1].copy()
    held = np.empty(n, np.int64)
    for v in range(n):
        held[fill[cell[v]]] = v
        fill[cell[v]] += 1
    return cell, columns, start, held


@njit(cache=True)
def disc_bounds(site: SiteModel, roots: IntArray) -> FloatArray:
    """Return a bound for the sites around each root, inf where there is too little land.

    The radius must be finite.
    """
    radius = np.sqrt(site.radius_sq)
    cell, columns, start, held = _cells(site, radius)
    near = np.empty(len(site.cost), np.int64)
    bounds = np.empty(len(roots))
    guess = 0.0
    for i in range(len(roots)):
        x, y = site.xy[roots[i], 0], site.xy[roots[i], 1]
        count = 0
        land = 0.0
        dearest = 0.0
        middle = cell[roots[i]]
        for row in range(-1, 2):
            first = middle + row * columns - 1
            for k in range(start[first], start[first + 3]):
                v = held[k]
                dx, dy = site.xy[v, 0] - x, site.xy[v, 1] - y
                if dx * dx + dy * dy <= site.radius_sq:
                    near[count] = v
                    count += 1
                    land += site.area[v]
                    dearest = max(dearest, site.cost[v] / site.area[v])
        if land < site.area_min:
            bounds[i] = np.inf
            continue
        bounds[i], guess = _knapsack(site, near, count, dearest, guess)
    return bounds


@njit(cache=True)
def _knapsack(
    site: SiteModel, near: IntArray, count: int, dearest: float, guess: float
) -> tuple[float, float]:
    """Maximise L by bisection on its slope, less its rounding error; return it and its price."""
    low, high = 0.0, dearest
    best, best_mu = 0.0, 0.0
    mu = guess if low < guess < high else 0.5 * (low + high)
    for _ in range(_BISECTIONS):
        bound = mu * site.area_min
        size = bound
        slope = site.area_min
        for k in range(count):
            term = site.cost[near[k]] - mu * site.area[near[k]]
            if term < 0.0:
                bound += term
                slope -= site.area[near[k]]
                size += site.cost[near[k]] + mu * site.area[near[k]]
        bound -= (count + 8) * UNIT * size
        if bound > best:
            best, best_mu = bound, mu
        if slope == 0.0:
            break
        if slope > 0.0:
            low = mu
        else:
            high = mu
        mu = 0.5 * (low + high)
    return best, best_mu
