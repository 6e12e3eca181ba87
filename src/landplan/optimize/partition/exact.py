"""Small pieces of land searched to the end: whether they can give a certain number of sites.

All smallest sites are listed (those of which no connected part would do), as bit masks of at most
62 atoms; then a depth-first search packs disjoint ones (kernels).
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from landplan.optimize.partition.problem import IntArray
from landplan.optimize.partition.state import Fabric

MOST_ATOMS = 62
Masks = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Packing:
    """Answer of `pack`: masks of disjoint sites, whether the search came to its end, its nodes."""

    sites: tuple[int, ...]
    finished: bool
    nodes: int


def smallest_sites(fabric: Fabric, atoms: IntArray, low: int, high: int, most: int) -> Masks | None:
    """Return the smallest sites of a component as masks over ``atoms``; None if too many."""
    position = {int(v): i for i, v in enumerate(atoms)}
    beside, foes = (
        np.array([_mask(to[start[v] : start[v + 1]], position) for v in atoms], np.uint64)
        for start, to in ((fabric.start, fabric.to), (fabric.foe_start, fabric.foe))
    )
    masks, finished = _list_sites(beside, foes, fabric.area[atoms], low, high, most, 40 * most)
    return masks if finished else None


def pack(masks: Masks, area: IntArray, low: int, wanted: int, most_nodes: int) -> Packing:
    """Look for ``wanted`` disjoint sites among the masks."""
    first = np.array([int(mask & -mask).bit_length() - 1 for mask in masks.tolist()], np.int64)
    order = np.argsort(first, kind="stable")
    start = np.searchsorted(first[order], np.arange(len(area) + 1)).astype(np.int64)
    chosen, finished, nodes = _pack(masks[order], start, area, low, wanted, most_nodes)
    return Packing(tuple(int(mask) for mask in chosen), bool(finished), int(nodes))


def _mask(neighbours: IntArray, position: dict[int, int]) -> int:
    return sum(1 << position[int(u)] for u in neighbours if int(u) in position)


@njit(cache=True)
def _area_of(mask: np.uint64, area: IntArray) -> int:
    total = 0
    for i in range(len(area)):
        if (mask >> np.uint64(i)) & np.uint64(1):
            total += area[i]
    return total


@njit(cache=True)
def _is_whole(mask: np.uint64, beside: Masks) -> bool:
    """Whether the atoms of a mask hang together."""
    reached = mask & (~mask + np.uint64(1))
    while True:
        wider = reached
        for i in range(len(beside)):
            if (reached >> np.uint64(i)) & np.uint64(1):
                wider |= beside[i] & mask
        if wider == reached:
            return bool(reached == mask)
        reached = wider


@njit(cache=True)
def _is_smallest(mask: np.uint64, beside: Masks, area: IntArray, total: int, low: int) -> bool:
    """Whether no atom can be left out of a site."""
    for i in range(len(area)):
        bit = np.uint64(1) << np.uint64(i)
        if mask & bit and total - area[i] >= low and _is_whole(mask ^ bit, beside):
            return False
    return True


@njit(cache=True)
def _list_sites(
    beside: Masks, foes: Masks, area: IntArray, low: int, high: int, most: int, most_steps: int
) -> tuple[Masks, bool]:
    """List connected sets by their first atom; each is extended until it is large enough.

    Every connected set is met once: an atom that was passed over is barred from then on.
    """
    n = len(area)
    found = np.empty(most, np.uint64)
    count, steps = 0, 0
    inside, barred = np.zeros(n + 2, np.uint64), np.zeros(n + 2, np.uint64)
    for root in range(n):
        depth = 0
        inside[0] = np.uint64(1) << np.uint64(root)
        barred[0] = inside[0] - np.uint64(1)
        while depth >= 0:
            steps += 1
            if steps > most_steps:
                return found[:count], False
            mask = inside[depth]
            total = _area_of(mask, area)
            if total >= low:
                if total <= high and _is_smallest(mask, beside, area, total, low):
                    if count == most:
                        return found[:count], False
                    found[count] = mask
                    count += 1
                depth -= 1
                continue
            edge = np.uint64(0)
            for i in range(n):
                if (mask >> np.uint64(i)) & np.uint64(1):
                    edge |= beside[i]
            edge &= ~(mask | barred[depth])
            if edge == 0:
                depth -= 1
                continue
            bit = edge & (~edge + np.uint64(1))
            barred[depth] |= bit
            v = 0
            while (bit >> np.uint64(v)) != np.uint64(1):
                v += 1
            if foes[v] & mask:
                continue
            inside[depth + 1] = mask | bit
            barred[depth + 1] = barred[depth]
            depth += 1
    return found[:count], True


@njit(cache=True)
def _pack(
    masks: Masks, start: IntArray, area: IntArray, low: int, wanted: int, most_nodes: int
) -> tuple[Masks, bool, int]:
    """Take the atoms one by one: each is the first of some site, or of none.

    A branch ends where the land that is left cannot give the sites that are missing.
    """
    n = len(area)
    chosen = np.zeros(wanted + 1, np.uint64)
    taken = np.zeros(wanted + 2, np.uint64)
    atom, nth = np.zeros(wanted + 2, np.int64), np.zeros(wanted + 2, np.int64)
    depth, nodes = 0, 0
    nth[0] = start[0]
    while depth >= 0:
        if depth == wanted:
            return chosen[:wanted], True, nodes
        v = atom[depth]
        if nth[depth] == start[min(v, n - 1) + 1] or v == n:
            # nothing more begins at this atom: it is in no site
            atom[depth] += 1
            v += 1
            left = 0
            for i in range(v, n):
                if not (taken[depth] >> np.uint64(i)) & np.uint64(1):
                    left += min(area[i], low)
            if v >= n or left < (wanted - depth) * low:
                depth -= 1
            else:
                nth[depth] = start[v]
            continue
        mask = masks[nth[depth]]
        nth[depth] += 1
        nodes += 1
        if nodes > most_nodes:
            return chosen[:0], False, nodes
        if mask & taken[depth]:
            continue
        chosen[depth] = mask
        taken[depth + 1] = taken[depth] | mask
        atom[depth + 1] = v + 1
        nth[depth + 1] = start[v + 1] if v + 1 < n else start[n]
        depth += 1
    return chosen[:0], True, nodes
