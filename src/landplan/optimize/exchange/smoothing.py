"""Kernels of the smoothed dual: costs of the listed arcs, the smoothed sum and its Hessian."""

from typing import NamedTuple

import numpy as np
from numba import njit

from landplan.optimize.exchange.costs import Arcs, cost_per_value, may_get
from landplan.optimize.exchange.problem import FloatArray, IntArray

_PRUNED = 1e-3
_FULL = 0.7


class Table(NamedTuple):
    """Pairs of parties and their weights, by open addressing; a key of −1 is free."""

    key: IntArray
    weight: FloatArray


def new_table(parties: int) -> Table:
    """Return an empty table with room for some 150 neighbours of each party."""
    size = 1 << int(np.ceil(np.log2(256 * max(parties, 16))))
    return Table(np.full(size, -1), np.zeros((size, 3)))


@njit(cache=True)
def _slot(key: IntArray, wanted: int) -> int:
    mask = len(key) - 1
    mixed = wanted * 0x9E3779B1
    at = (mixed ^ (mixed >> 15)) & mask
    while key[at] != wanted and key[at] != -1:
        at = (at + 1) & mask
    return int(at)


@njit(cache=True)
def arc_costs(arcs: Arcs, lists: IntArray, which: IntArray) -> FloatArray:
    """Return [n, k] costs per value of the listed arcs; inf where a party may not get a parcel.

    ``which``: the parcel of each row. The last column becomes the holder's where the list does not
    have it, and the one before it the party of the agreed plan's.
    """
    n, k = lists.shape
    cost = np.full((n, k), np.inf)
    for row in range(n):
        j = which[row]
        for party, at in ((arcs.agreed[j], k - 2), (arcs.holder[j], k - 1)):
            met = at < 0
            for a in range(k):
                met |= lists[row, a] == party
            if not met:
                lists[row, at] = party
        for a in range(k):
            i = lists[row, a]
            if may_get(arcs, j, i):
                cost[row, a] = cost_per_value(arcs, j, i)
    return cost


@njit(cache=True)
def smoothed(
    cost: FloatArray,
    lists: IntArray,
    value: FloatArray,
    ratio: FloatArray,
    w: FloatArray,
    u: FloatArray,
    tau: float,
    load: FloatArray,
    own: FloatArray,
    table: Table,
    wanted: bool,
) -> float:
    """Return the smoothed sum; fills loads [m, 2] and, if wanted, the Hessian.

    Weights of pairs in the table and ``own`` [m, 3]: blocks value–value, value–area, area–area.
    """
    n, k = lists.shape
    m = len(w)
    part = np.empty(k)
    load[:] = 0.0
    if wanted:
        own[:] = 0.0
        table.key[:] = -1
        table.weight[:] = 0.0
    room = int(_FULL * len(table.key))
    total = 0.0
    for j in range(n):
        least = np.inf
        for a in range(k):
            i = lists[j, a]
            part[a] = cost[j, a] - w[i] - u[i] * ratio[j]
            least = min(least, part[a])
        mass = 0.0
        for a in range(k):
            gap = (part[a] - least) / tau
            part[a] = np.exp(-gap) if gap < 35.0 else 0.0
            mass += part[a]
        total += value[j] * (least - tau * np.log(mass))
        for a in range(k):
            part[a] /= mass
            if part[a] > 0.0:
                load[lists[j, a], 0] += value[j] * part[a]
                load[lists[j, a], 1] += value[j] * ratio[j] * part[a]
        if not wanted:
            continue
        for a in range(k):
            if part[a] < _PRUNED:
                continue
            for b in range(a):
                both = part[a] * part[b]
                if both < _PRUNED:
                    continue
                first, second = lists[j, a], lists[j, b]
                at = _slot(table.key, min(first, second) * m + max(first, second))
                if table.key[at] == -1:
                    if room == 0:
                        continue
                    room -= 1
                    table.key[at] = min(first, second) * m + max(first, second)
                c = value[j] * both / tau
                for power in range(3):
                    table.weight[at, power] += c
                    own[first, power] += c
                    own[second, power] += c
                    c *= ratio[j]
    return total


def limits(
    price: FloatArray, low: FloatArray, high: FloatArray, tau: float
) -> tuple[float, FloatArray, FloatArray]:
    """Return the smoothed minimum of price · s over low <= s <= high, the s and its curvature."""
    share = 1.0 / (1.0 + np.exp(np.clip(price / tau, -500.0, 500.0)))
    width = high - low
    total = low * price - width * tau * np.logaddexp(0.0, -price / tau)
    return float(total.sum()), low + width * share, width * share * (1.0 - share) / tau
