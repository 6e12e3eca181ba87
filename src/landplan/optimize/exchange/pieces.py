"""An exchange plan that is being worked on, and how many pieces every holding is in.

A *piece* is a set of bordering parcels of one party that no other parcel of the party borders.
Parcels are numbered along a curve through the land (`plan.prepare`), so that neighbours in the
land are neighbours in memory. No kernel here makes an array.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from landplan.optimize.exchange.problem import BoolArray, FloatArray, IntArray
from landplan.optimize.partition.state import kernel

NONE = -1


class Land(NamedTuple):
    """What does not change during a search: n parcels, m parties, K kinds.

    ``to[start[j]:start[j + 1]]`` are the parcels that border j. ``extra`` [m, n] is empty if
    there is none. ``near`` [n, .] are parties that may want a parcel. ``by_value``, ``by_area``
    turn excess value and area into mean parcels. ``agreed`` is -1 where nothing was agreed.
    """

    start: IntArray
    to: IntArray
    value: IntArray
    area: IntArray
    x: FloatArray
    y: FloatArray
    home_x: FloatArray
    home_y: FloatArray
    holder: IntArray
    fixed: BoolArray
    kind: IntArray
    may: BoolArray
    value_low: IntArray
    value_high: IntArray
    area_low: IntArray
    area_high: IntArray
    least: IntArray
    near: IntArray
    agreed: IntArray
    extra: IntArray
    move_price: float
    distance_price: float
    piece_price: float
    leave_price: float
    by_value: float
    by_area: float
    max_moves: int


class Plan(NamedTuple):
    """Who gets what, with the sums of every party and work arrays.

    ``party`` [n]; ``value``, ``area``, ``number`` (of parcels) [m]; ``moved`` [1], the parcels away
    from their holder; ``mark``, ``goal`` [n] with ``stamp`` [1] for visits, ``queue`` [n]; ``dice``
    [1]; a chain under trial is ``what``, ``giver``, ``taker`` [3], its parties ``touched`` [6].
    """

    party: IntArray
    value: IntArray
    area: IntArray
    number: IntArray
    moved: IntArray
    mark: IntArray
    goal: IntArray
    stamp: IntArray
    queue: IntArray
    dice: NDArray[np.uint64]
    what: IntArray
    giver: IntArray
    taker: IntArray
    touched: IntArray


def new_plan(land: Land, party: IntArray, seed: int) -> Plan:
    """Return a plan that gives parcel j to ``party[j]``; ``party`` [n] is copied."""
    n, m = len(land.value), len(land.value_low)
    value, area = np.zeros(m, np.int64), np.zeros(m, np.int64)
    np.add.at(value, party, land.value)
    np.add.at(area, party, land.area)
    return Plan(
        party.astype(np.int64),
        value,
        area,
        np.bincount(party, minlength=m).astype(np.int64),
        np.array([int((party != land.holder).sum())], np.int64),
        np.zeros(n, np.int64),
        np.zeros(n, np.int64),
        np.zeros(1, np.int64),
        np.empty(n + 1, np.int64),
        np.array([seed * 2_654_435_769 + 88_172_645_463_325_252], np.uint64),
        np.zeros(3, np.int64),
        np.zeros(3, np.int64),
        np.zeros(3, np.int64),
        np.zeros(6, np.int64),
    )


@kernel
def parts_beside(land: Land, plan: Plan, j: int, p: int) -> int:
    """Return how many pieces of p, with j taken out of its land, border j.

    Breadth first from a neighbour of j; ends as soon as every neighbour of j has been met.
    """
    party, to = plan.party, land.to
    first, last = land.start[j], land.start[j + 1]
    left = 0
    for a in range(first, last):
        left += party[to[a]] == p
    if left < 2:
        return left
    plan.stamp[0] += 1
    s = plan.stamp[0]
    for a in range(first, last):
        plan.goal[to[a]] = s
    plan.mark[j] = s
    groups = 0
    for a in range(first, last):
        u = to[a]
        if party[u] != p or plan.mark[u] == s:
            continue
        groups += 1
        left -= 1
        if left == 0:
            return groups
        plan.mark[u] = s
        plan.queue[0] = u
        head, tail = 0, 1
        while head < tail:
            z = plan.queue[head]
            head += 1
            for b in range(land.start[z], land.start[z + 1]):
                w = to[b]
                if party[w] == p and plan.mark[w] != s:
                    plan.mark[w] = s
                    plan.queue[tail] = w
                    tail += 1
                    if plan.goal[w] == s:
                        left -= 1
                        if left == 0:
                            return groups
    return groups


@kernel
def hand_over(land: Land, plan: Plan, j: int, q: int) -> int:
    """Give parcel j to q; return by how much the number of pieces grows.

    Without j its giver has ``parts_beside`` pieces where there was one; the taker has one where
    there were as many.
    """
    p = plan.party[j]
    grown = parts_beside(land, plan, j, p) - parts_beside(land, plan, j, q)
    plan.party[j] = q
    return grown


@kernel
def count_pieces(land: Land, plan: Plan) -> int:
    """Return the number of pieces of all parties together."""
    plan.stamp[0] += 1
    s = plan.stamp[0]
    pieces = 0
    for j in range(len(land.value)):
        if plan.mark[j] == s:
            continue
        pieces += 1
        plan.mark[j] = s
        plan.queue[0] = j
        head, tail = 0, 1
        while head < tail:
            z = plan.queue[head]
            head += 1
            for b in range(land.start[z], land.start[z + 1]):
                w = land.to[b]
                if plan.mark[w] != s and plan.party[w] == plan.party[j]:
                    plan.mark[w] = s
                    plan.queue[tail] = w
                    tail += 1
    return pieces
