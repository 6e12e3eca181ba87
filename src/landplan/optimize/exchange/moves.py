"""Local search over assignments: shifts, swaps and chains of three (numba kernels).

A move hands one parcel to another party, a parcel of that party back to the first or on to a
third, and one of the third's back to the first. Chains were shown to free tight assignments by
Yagiura, Ibaraki & Glover 2006 (doi 10.1016/j.ejor.2004.04.047) for generalised assignment; the
change of pieces is counted exactly, by a walk through the two holdings concerned.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from landplan.optimize.exchange.costs import Arcs, cost_of, may_get
from landplan.optimize.exchange.problem import BoolArray, FloatArray, IntArray

_NEIGHBOUR = 0.8
_SECOND = 0.65
_OPEN = 0.4
_THIRD = 0.6
_WALK = 7
_HALT = 0.3


class Limits(NamedTuple):
    """What parties may end with, what being outside costs per unit, and the most moves."""

    value_low: IntArray
    value_high: IntArray
    area_low: IntArray
    area_high: IntArray
    least: IntArray
    area: IntArray
    area_weight: float
    piece: float
    max_moves: int


class Room(NamedTuple):
    """Neighbour lists and scratch of the walks."""

    start: IntArray
    to: IntArray
    stamp: IntArray
    queue: IntArray


@njit(cache=True)
def _walk(room: Room, party: IntArray, first: int, owner: int, mark: int) -> None:
    """Stamp all parcels of an owner that borders join to ``first``."""
    room.queue[0] = first
    room.stamp[first] = mark
    at, end = 0, 1
    while at < end:
        z = room.queue[at]
        at += 1
        for b in range(room.start[z], room.start[z + 1]):
            y = room.to[b]
            if party[y] == owner and room.stamp[y] != mark:
                room.stamp[y] = mark
                room.queue[end] = y
                end += 1


@njit(cache=True)
def touching(room: Room, party: IntArray, j: int, owner: int) -> int:
    """Return how many pieces of an owner, without j, border on j."""
    beside = 0
    for a in range(room.start[j], room.start[j + 1]):
        beside += party[room.to[a]] == owner
    if beside <= 1:
        return beside
    room.stamp[-1] += 1
    mark = room.stamp[-1]
    room.stamp[j] = mark
    pieces = 0
    for a in range(room.start[j], room.start[j + 1]):
        v = room.to[a]
        if party[v] == owner and room.stamp[v] != mark:
            pieces += 1
            _walk(room, party, v, owner, mark)
    return pieces


@njit(cache=True)
def _outside(limits: Limits, i: int, value: float, area: float) -> float:
    by_value = max(0.0, limits.value_low[i] - value) + max(0.0, value - limits.value_high[i])
    by_area = max(0.0, limits.area_low[i] - area) + max(0.0, area - limits.area_high[i])
    return float(by_value + limits.area_weight * by_area)


@njit(cache=True)
def _second(
    random: np.random.Generator,
    room: Room,
    party: IntArray,
    fixed: BoolArray,
    begin: int,
    owner: int,
    not_a: int,
) -> int:
    """Return a free parcel of an owner on a short random walk, −1: none met."""
    u, found = begin, -1
    for _ in range(_WALK):
        if room.start[u + 1] == room.start[u]:
            break
        u = room.to[room.start[u] + random.integers(0, room.start[u + 1] - room.start[u])]
        if party[u] == owner and u != begin and u != not_a and not fixed[u]:
            found = u
        if found >= 0 and random.random() < _HALT:
            break
    return found


@njit(cache=True)
def anneal(
    arcs: Arcs,
    limits: Limits,
    room: Room,
    lists: IntArray,
    pool: IntArray,
    party: IntArray,
    trials: int,
    heat: tuple[float, float],
    penalty: tuple[float, float],
    random: np.random.Generator,
) -> int:
    """Change ``party`` in place by ``trials`` moves that begin at parcels of ``pool``.

    ``heat`` and ``penalty`` (cost per unit of value outside the limits) go from the first to the
    second number. Returns how many moves were taken.
    """
    n, m = len(party), len(limits.least)
    value, area, count = np.zeros(m), np.zeros(m), np.zeros(m, np.int64)
    moved = 0
    for j in range(n):
        value[party[j]] += arcs.value[j]
        area[party[j]] += limits.area[j]
        count[party[j]] += 1
        moved += party[j] != arcs.holder[j]
    what, old, new = np.empty(3, np.int64), np.empty(3, np.int64), np.empty(3, np.int64)
    met = np.empty(6, np.int64)
    taken = 0
    for trial in range(trials):
        share = trial / trials
        hot = heat[0] * (heat[1] / heat[0]) ** share
        fine = penalty[0] * (penalty[1] / penalty[0]) ** share
        i = pool[random.integers(0, len(pool))]
        if arcs.fixed[i]:
            continue
        p = party[i]
        if random.random() < _NEIGHBOUR and room.start[i + 1] > room.start[i]:
            b = party[
                room.to[room.start[i] + random.integers(0, room.start[i + 1] - room.start[i])]
            ]
        else:
            b = lists[i, random.integers(0, lists.shape[1])]
        if b == p:
            continue
        size = 1
        what[0], old[0], new[0] = i, p, b
        if random.random() < _SECOND:
            second = _second(random, room, party, arcs.fixed, i, b, i)
            if second < 0:
                continue
            r = p
            if random.random() < _OPEN and room.start[second + 1] > room.start[second]:
                k = room.start[second]
                r = party[room.to[k + random.integers(0, room.start[second + 1] - k)]]
            if r == b:
                continue
            size = 2
            what[1], old[1], new[1] = second, b, r
            if r != p and random.random() < _THIRD:
                third = _second(random, room, party, arcs.fixed, second, r, i)
                if third >= 0:
                    size = 3
                    what[2], old[2], new[2] = third, r, p
        allowed = True
        change, moves, parties = 0.0, 0, 0
        for e in range(size):
            j = what[e]
            allowed &= may_get(arcs, j, new[e])
            change += cost_of(arcs, j, new[e]) - cost_of(arcs, j, old[e])
            moves += (new[e] != arcs.holder[j]) - (old[e] != arcs.holder[j])
            for o in (old[e], new[e]):
                known = False
                for z in range(parties):
                    known |= met[z] == o
                if not known:
                    met[parties] = o
                    parties += 1
        if not allowed or (moves > 0 and moved + moves > limits.max_moves):
            continue
        outside = 0.0
        for z in range(parties):
            outside -= _outside(limits, met[z], value[met[z]], area[met[z]])
        for e in range(size):
            _hand(arcs, limits, value, area, count, what[e], old[e], new[e])
        for z in range(parties):
            o = met[z]
            outside += _outside(limits, o, value[o], area[o])
            allowed &= count[o] >= limits.least[o]
        change += fine * outside
        bar = -hot * np.log(random.random() + 1e-300)
        done = 0
        if allowed and change - 2.0 * size * limits.piece < bar:
            for e in range(size):
                j = what[e]
                if limits.piece > 0.0:
                    split = touching(room, party, j, old[e]) - touching(room, party, j, new[e])
                    change += limits.piece * split
                party[j] = new[e]
                done += 1
            if change < bar:
                taken += 1
                moved += moves
                continue
        for e in range(done - 1, -1, -1):
            party[what[e]] = old[e]
        for e in range(size - 1, -1, -1):
            _hand(arcs, limits, value, area, count, what[e], new[e], old[e])
    return taken


@njit(cache=True)
def _hand(
    arcs: Arcs,
    limits: Limits,
    value: FloatArray,
    area: FloatArray,
    count: IntArray,
    j: int,
    old: int,
    new: int,
) -> None:
    """Book parcel j from one party to another."""
    value[old] -= arcs.value[j]
    value[new] += arcs.value[j]
    area[old] -= limits.area[j]
    area[new] += limits.area[j]
    count[old] -= 1
    count[new] += 1
