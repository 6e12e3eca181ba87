"""What an assignment costs, arc by arc and as a whole (numba kernels)."""

from typing import NamedTuple

import numpy as np
from numba import njit
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from landplan.optimize.exchange.problem import BoolArray, FloatArray, IntArray, Problem


class Arcs(NamedTuple):
    """What the kernels need to price an arc; ``extra`` is empty and ``agreed`` the holder if none.

    A party may get a parcel where it holds it, or where ``open`` [m, kinds] says so.
    """

    value: IntArray
    x: FloatArray
    y: FloatArray
    holder: IntArray
    fixed: BoolArray
    rx: FloatArray
    ry: FloatArray
    kind: IntArray
    open: BoolArray
    price: float
    move: int
    leave: int
    agreed: IntArray
    extra: IntArray


def arcs_of(problem: Problem) -> Arcs:
    """Return the arrays of a problem as the kernels take them."""
    extra = np.zeros((0, 0), np.int64) if problem.extra is None else problem.extra
    agreed = problem.holder if problem.agreed is None else problem.agreed
    return Arcs(
        problem.value.astype(np.int64),
        np.ascontiguousarray(problem.xy[:, 0], np.float64),
        np.ascontiguousarray(problem.xy[:, 1], np.float64),
        problem.holder.astype(np.int64),
        problem.fixed.astype(np.bool_),
        np.ascontiguousarray(problem.reference[:, 0], np.float64),
        np.ascontiguousarray(problem.reference[:, 1], np.float64),
        problem.kind.astype(np.int64),
        problem.may_receive.astype(np.bool_),
        float(problem.distance_price),
        int(problem.move_price),
        int(problem.leave_price) if problem.agreed is not None else 0,
        agreed.astype(np.int64),
        extra.astype(np.int64),
    )


@njit(cache=True, inline="always")
def may_get(arcs: Arcs, j: int, i: int) -> bool:
    """Whether parcel j may go to party i."""
    if i == arcs.holder[j]:
        return True
    return (not arcs.fixed[j]) and arcs.open[i, arcs.kind[j]]


@njit(cache=True, inline="always")
def cost_of(arcs: Arcs, j: int, i: int) -> float:
    """Return what it costs that parcel j goes to party i; a whole number."""
    dx, dy = arcs.x[j] - arcs.rx[i], arcs.y[j] - arcs.ry[i]
    cost = np.rint(arcs.price * arcs.value[j] * (dx * dx + dy * dy))
    if i != arcs.holder[j]:
        cost += arcs.move
    if i != arcs.agreed[j]:
        cost += arcs.leave
    if arcs.extra.shape[0] > 0:
        cost += arcs.extra[i, j]
    return float(cost)


@njit(cache=True, inline="always")
def cost_per_value(arcs: Arcs, j: int, i: int) -> float:
    """Return what it costs per value that parcel j goes to party i, nothing rounded."""
    dx, dy = arcs.x[j] - arcs.rx[i], arcs.y[j] - arcs.ry[i]
    more = (arcs.move if i != arcs.holder[j] else 0) + (arcs.leave if i != arcs.agreed[j] else 0)
    if arcs.extra.shape[0] > 0:
        more += arcs.extra[i, j]
    return float(arcs.price * (dx * dx + dy * dy) + more / arcs.value[j])


@njit(cache=True)
def costs_per_value(arcs: Arcs, parcels: IntArray, parties: IntArray) -> FloatArray:
    """Return [k] costs per value of some arcs."""
    cost = np.empty(len(parcels))
    for at in range(len(parcels)):
        cost[at] = cost_per_value(arcs, parcels[at], parties[at])
    return cost


@njit(cache=True)
def cost_table(arcs: Arcs, parcels: IntArray, barred: int) -> IntArray:
    """Return [m, k] costs of some parcels with every party; ``barred`` where it may not be."""
    table = np.full((len(arcs.rx), len(parcels)), barred, np.int64)
    for i in range(len(arcs.rx)):
        for at in range(len(parcels)):
            if may_get(arcs, parcels[at], i):
                table[i, at] = np.int64(cost_of(arcs, parcels[at], i))
    return table


@njit(cache=True)
def _arc_sums(arcs: Arcs, party: IntArray) -> tuple[float, float]:
    travel = 0.0
    extra = 0.0
    for j in range(len(party)):
        i = party[j]
        dx, dy = arcs.x[j] - arcs.rx[i], arcs.y[j] - arcs.ry[i]
        travel += np.rint(arcs.price * arcs.value[j] * (dx * dx + dy * dy))
        if arcs.extra.shape[0] > 0:
            extra += arcs.extra[i, j]
    return travel, extra


def pieces_of(problem: Problem, party: IntArray) -> int:
    """Return the number of contiguous pieces of an assignment."""
    same = party[problem.edges[:, 0]] == party[problem.edges[:, 1]]
    ends = problem.edges[same]
    links = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(problem.n, problem.n))
    return int(connected_components(links, directed=False)[0])


def terms_of(problem: Problem, party: IntArray) -> dict[str, int]:
    """Return the terms of the objective of an assignment [n], minor units of money."""
    arcs = arcs_of(problem)
    travel, extra = _arc_sums(arcs, party)
    return {
        "travel": int(travel),
        "extra": int(extra),
        "moves": arcs.move * int((party != arcs.holder).sum()),
        "leaving": arcs.leave * int((party != arcs.agreed).sum()),
        "pieces": int(problem.piece_price) * pieces_of(problem, party),
    }


def least_pieces(problem: Problem) -> int:
    """Return a number of pieces that no assignment inside the limits has fewer of.

    A party that must hold land is one piece at least. Where its fixed parcels cannot be joined by
    free parcels, each group of those that can is one: parcels fixed to others are in no piece of
    it.
    """
    must = (problem.least > 0) | (problem.value_low > 0) | (problem.area_low > 0)
    fixed = problem.fixed
    must[np.unique(problem.holder[fixed])] = False
    return int(must.sum()) + _fixed_groups(problem)


def _fixed_groups(problem: Problem) -> int:
    """Return how many groups of fixed parcels of one party free parcels cannot join."""
    n, fixed, holder = problem.n, problem.fixed, problem.holder
    if not fixed.any():
        return 0
    a, b = problem.edges[:, 0], problem.edges[:, 1]
    free = ~fixed[a] & ~fixed[b]
    links = coo_array((np.ones(int(free.sum())), (a[free], b[free])), shape=(n, n))
    count, label = connected_components(links, directed=False)
    # a node for every parcel, and one for every group of free parcels as each party meets it
    own = fixed[a] & fixed[b] & (holder[a] == holder[b])
    mixed = fixed[a] != fixed[b]
    still = np.where(fixed[a], a, b)[mixed]
    loose = np.where(fixed[a], b, a)[mixed]
    met = n + np.unique(holder[still] * count + label[loose], return_inverse=True)[1]
    first, second = np.concatenate([a[own], still]), np.concatenate([b[own], met])
    size = n + len(still)
    joined = coo_array((np.ones(len(first)), (first, second)), shape=(size, size))
    return len(np.unique(connected_components(joined, directed=False)[1][:n][fixed]))
