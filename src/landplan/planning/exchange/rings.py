"""Rings of an exchange: parties that give to each other in turn."""

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]


def rings(before: IntArray, after: IntArray) -> IntArray:
    """Return the number [n] of the ring in which each parcel changes hands.

    A ring leads from party to party, one parcel a step, back to where it began; every parcel that
    changes hands is in one ring at most. 0: the parcel stays, or goes against land or money that no
    ring brings back. Rings of two are found first, then longer ones, always in the order of the
    parcels.

    Parameters
    ----------
    before, after
        [n] parties.
    """
    number = np.zeros(len(before), np.int64)
    given: dict[int, list[int]] = defaultdict(list)
    for j in np.flatnonzero(before != after)[::-1].tolist():
        given[int(before[j])].append(j)
    found = 0
    for j in np.flatnonzero(before != after).tolist():
        if number[j]:
            continue
        back = _pair(given, after, number, int(after[j]), int(before[j]))
        if back >= 0:
            found += 1
            number[j] = number[back] = found
    for start in sorted(given):
        while True:
            ring = _ring(given, after, number, start)
            if not ring:
                break
            found += 1
            number[ring] = found
    return number


def _pair(
    given: dict[int, list[int]], after: IntArray, number: IntArray, giver: int, taker: int
) -> int:
    for j in given.get(giver, []):
        if number[j] == 0 and after[j] == taker:
            return j
    return -1


def _ring(given: dict[int, list[int]], after: IntArray, number: IntArray, start: int) -> list[int]:
    """Return the parcels of a shortest ring through a party, empty: none (breadth first)."""
    came: dict[int, int] = {}
    giver_of: dict[int, int] = {}
    queue = [start]
    for here in queue:
        for j in given.get(here, []):
            there = int(after[j])
            if number[j] or there in came:
                continue
            came[there], giver_of[there] = j, here
            if there == start:
                ring, at = [j], here
                while at != start:
                    ring.append(came[at])
                    at = giver_of[at]
                return ring
            queue.append(there)
    return []
