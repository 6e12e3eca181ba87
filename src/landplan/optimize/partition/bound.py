"""How many sites a piece of land can give at most.

Every atom gets a weight so that each site weighs at least ``low``; then weight counts like area.
Blocks that hang on a single atom are counted apart. Proofs: docs/explanation/partition.md.
"""

import numpy as np
from numba import njit

from landplan.optimize.partition.atoms import Atoms
from landplan.optimize.partition.problem import IntArray
from landplan.optimize.partition.state import NONE, Fabric


def component_bounds(atoms: Atoms, low: int) -> IntArray:
    """Return the most sites that each component can give."""
    bounds = np.zeros(max(atoms.components, 1), np.int64)
    if atoms.count:
        _bound_by_blocks(atoms.fabric, atoms.component, weights(atoms.fabric, low), low, bounds)
    return bounds[: atoms.components]


@njit(cache=True)
def weights(fabric: Fabric, low: int) -> IntArray:
    """Return the weight [n] of every atom.

    An atom that is a site by itself weighs ``low``. Any other needs a neighbour: of its area, no
    more counts than ``low`` less its smallest neighbour's, but half of ``low`` at least.
    """
    weight = np.empty(len(fabric.area), np.int64)
    for v in range(len(weight)):
        area = fabric.area[v]
        if area >= low:
            weight[v] = low
            continue
        smallest = low
        for k in range(fabric.start[v], fabric.start[v + 1]):
            smallest = min(smallest, fabric.area[fabric.to[k]])
        weight[v] = min(area, max(low - smallest, (low + 1) // 2))
    return weight


@njit(cache=True)
def _bound_by_blocks(
    fabric: Fabric, component: IntArray, weight: IntArray, low: int, bounds: IntArray
) -> None:
    """Add up what the blocks can give, from the outermost inwards.

    A depth-first search finds the blocks (Hopcroft & Tarjan 1973). What a block does not use up,
    the atom that it hangs on may add to its own weight.
    """
    n = len(weight)
    number, lowest = np.zeros(n, np.int64), np.zeros(n, np.int64)
    parent, at = np.full(n, NONE), fabric.start[:-1].copy()
    path, waiting = np.empty(n, np.int64), np.empty(n, np.int64)
    for root in range(n):
        if number[root]:
            continue
        depth, held, clock = 1, 0, 1
        path[0] = root
        number[root] = lowest[root] = clock
        while depth > 0:
            v = path[depth - 1]
            if at[v] < fabric.start[v + 1]:
                u = fabric.to[at[v]]
                at[v] += 1
                if number[u] == 0:
                    clock += 1
                    number[u] = lowest[u] = clock
                    parent[u] = v
                    path[depth] = u
                    depth += 1
                    waiting[held] = u
                    held += 1
                elif u != parent[v]:
                    lowest[v] = min(lowest[v], number[u])
                continue
            depth -= 1
            above = parent[v]
            if above == NONE:
                bounds[component[v]] += min(weight[v], low) // low
                continue
            lowest[above] = min(lowest[above], lowest[v])
            if lowest[v] >= number[above]:
                block = 0
                while True:
                    held -= 1
                    block += min(weight[waiting[held]], low)
                    if waiting[held] == v:
                        break
                bounds[component[v]] += block // low
                weight[above] = min(weight[above] + block % low, low)
