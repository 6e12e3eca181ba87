"""From parcels to atoms: groups that stay together become one node, the rest of the land its own.

Two graphs come out of a problem. In the *strict* one a group is one node, whether or not its
parcels touch; every plan of the problem is a plan of that graph, so its bounds hold. In the
*joined* one a group that falls into pieces also takes the land on a shortest way between them;
every plan of that graph is one of the problem.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

from landplan.optimize.partition.problem import BoolArray, FloatArray, IntArray, Problem
from landplan.optimize.partition.state import Fabric

OUT = -1


@dataclass(frozen=True, slots=True)
class Atoms:
    """A graph of atoms.

    ``of`` [n] the atom of every parcel, -1 where no site may hold it; ``fabric`` the graph;
    ``component`` [atoms] with ``components`` of them.
    """

    of: IntArray
    fabric: Fabric
    component: IntArray
    components: int

    @property
    def count(self) -> int:
        """How many atoms there are."""
        return len(self.fabric.area)


def graph(n: int, pairs: IntArray) -> csr_array:
    """Return the symmetric graph [n, n] of index pairs [e, 2]."""
    ones = np.ones(len(pairs), np.int8)
    half = coo_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    return (half + half.T).tocsr()


def strict_atoms(problem: Problem) -> Atoms:
    """Return the graph that every plan of the problem is a plan of."""
    usable = usable_land(problem)
    return _contract(problem, usable, list(problem.together))


def joined_atoms(problem: Problem, strict: Atoms) -> Atoms:
    """Return the graph whose plans are all plans of the problem.

    A group whose pieces no way joins without breaking a rule is left out of it.
    """
    usable = strict.of != OUT
    groups: list[IntArray] = []
    changed = False
    for group in problem.together:
        if not usable[group].all():
            continue
        joined = _connected(problem, usable, group)
        changed |= joined is None or len(joined) > len(set(group.tolist()))
        if joined is None:
            usable[group] = False
        else:
            groups.append(joined)
    if not changed:
        return strict
    for group in _merged(groups):
        if not _is_allowed(problem, group):
            usable[group[np.isin(group, np.concatenate(problem.together))]] = False
    return _contract(problem, usable, _merged(groups))


def usable_land(problem: Problem) -> BoolArray:
    """Return which parcels [n] a site may hold.

    Not those of a group of which some may not, that is larger than a site, holds what must stay
    apart, or lies in several pieces of land.
    """
    usable = problem.eligible & (problem.area <= problem.area_max)
    changed = True
    while changed:
        changed = False
        piece = connected_components(
            graph(len(usable), _inside(problem.links, usable)), directed=False
        )[1]
        for group in problem.together:
            if not usable[group].any():
                continue
            whole = usable[group].all() and len(np.unique(piece[group])) == 1
            if not whole or not _is_allowed(problem, np.unique(group)):
                usable[group] = False
                changed = True
    return np.asarray(usable)


def _inside(pairs: IntArray, usable: BoolArray) -> IntArray:
    return np.asarray(pairs[usable[pairs].all(axis=1)])


def _contract(problem: Problem, usable: BoolArray, groups: list[IntArray]) -> Atoms:
    """Make one atom of each group and of every other usable parcel; near ones get near numbers."""
    n = len(problem.area)
    leader = np.arange(n)
    for group in groups:
        if usable[group].all():
            leader[group] = group.min()
    first, of_usable = np.unique(leader[usable], return_inverse=True)
    place = np.empty(len(first), np.int64)
    place[np.argsort(_along_a_curve(problem.xy[first]), kind="stable")] = np.arange(len(first))
    of = np.full(n, OUT, np.int64)
    of[usable] = place[of_usable]
    area = np.bincount(of[usable], weights=problem.area[usable], minlength=len(first))
    links, foes = (_between(of, pairs, len(first)) for pairs in (problem.links, problem.apart))
    components, component = connected_components(links, directed=False)
    fabric = Fabric(
        *(links.indptr.astype(np.int64), links.indices.astype(np.int64)),
        area.astype(np.int64),
        *(foes.indptr.astype(np.int64), foes.indices.astype(np.int64)),
    )
    return Atoms(of, fabric, component.astype(np.int64), int(components))


def _along_a_curve(xy: FloatArray) -> IntArray:
    """Return the place [n] of points on a Z-order curve (Morton 1966) over their bounding box.

    Atoms that are near each other then lie near each other in memory too, which on 100,000 parcels
    is worth a factor of two.
    """
    if not len(xy):
        return np.empty(0, np.int64)
    offset = xy - xy.min(axis=0)
    cell = (offset / max(float(offset.max()), 1e-9) * 65_535).astype(np.int64)
    code = np.zeros(len(xy), np.int64)
    for bit in range(16):
        code |= (cell[:, 0] >> bit & 1) << (2 * bit) | (cell[:, 1] >> bit & 1) << (2 * bit + 1)
    return code


def _between(of: IntArray, pairs: IntArray, count: int) -> csr_array:
    """Return the pairs of parcels as a graph of their atoms."""
    ends = of[pairs.reshape(-1, 2)]
    ends = ends[(ends != OUT).all(axis=1) & (ends[:, 0] != ends[:, 1])]
    joined = graph(count, np.unique(np.sort(ends, axis=1), axis=0).reshape(-1, 2))
    joined.sort_indices()
    return joined


def _connected(problem: Problem, usable: BoolArray, group: IntArray) -> IntArray | None:
    """Return a group with the parcels on shortest ways that join its pieces; None without one."""
    apart = problem.apart
    foes = np.r_[apart[np.isin(apart[:, 0], group), 1], apart[np.isin(apart[:, 1], group), 0]]
    free = usable.copy()
    free[foes] = False
    order, before = breadth_first_order(
        graph(len(free), _inside(problem.links, free)), int(group[0]), directed=False
    )
    rank = {int(v): i for i, v in enumerate(order)}
    if any(int(v) not in rank for v in group):
        return None
    reached = {int(group[0])}
    for parcel in sorted(set(group.tolist()), key=lambda v: rank[v]):
        at = parcel
        while at not in reached:
            reached.add(at)
            at = int(before[at])
    return np.array(sorted(reached), np.int64)


def _is_allowed(problem: Problem, group: IntArray) -> bool:
    """Whether a site may hold all of a group."""
    conflict = np.isin(problem.apart, group).all(axis=1).any()
    return bool(not conflict and problem.area[group].sum() <= problem.area_max)


def _merged(groups: list[IntArray]) -> list[IntArray]:
    """Unite groups that have come to share parcels."""
    united: list[set[int]] = []
    for group in groups:
        own = set(group.tolist())
        for other in [other for other in united if other & own]:
            own |= other
            united.remove(other)
        united.append(own)
    return [np.array(sorted(group), np.int64) for group in united]
