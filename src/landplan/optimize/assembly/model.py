"""One demand on its own parcels: the arrays that every kernel of the engine reads."""

from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from landplan.optimize.assembly.problem import (
    BoolArray,
    FloatArray,
    IntArray,
    Problem,
    SiteDemand,
)

_LAYERED_BRIDGES = 6
"""Up to so many bridges, shortest paths count those they use; beyond, they use them freely."""


class SiteModel(NamedTuple):
    """One demand on the parcels that can serve it, numbered 0 … n − 1.

    Amounts are floats that hold integers exactly (sums stay below 2**53). A named tuple, because
    numba reads it as it is.

    Attributes
    ----------
    parcels
        [n] index of each parcel in the problem.
    cost, area
        [n] minor money units and dm².
    xy
        [n, 2] m.
    forced, must
        [n] whether every site must hold the parcel; the same as a list.
    rank
        [n] a site searched for around a root holds no parcel of lower rank than the root.
    border_start, border_to, bridge_start, bridge_to
        Neighbours of parcel v: ``border_to[border_start[v]:border_start[v + 1]]``; the same for
        bridges.
    centres
        Roots to try, in order. Every site has one of them as its centre (radius limit) or as its
        parcel of lowest rank.
    area_min, area_max, radius_sq, max_bridges, min_parcels
        The demand; dm², m².
    layers
        Bridge counts told apart by shortest paths; 1: bridges are counted nowhere in paths.
    bridge_cost
        [len(bridge_to)] what each bridge costs, minor units, in the order of ``bridge_to``.
    bridge_price, same_price
        The most that a bridge costs, and whether all cost as much.
    moment_price
        Minor units per dm² and m² from the root.
    owner_start, owner_of, owner_price
        The owners of parcel v, of those that a price or row is about:
        ``owner_of[owner_start[v]:owner_start[v + 1]]``; [m] minor units.
    payer
        [n] the first owner of each parcel that has a price, −1 where none has.
    row_coef, row_low
        [r, n] and [r] linear rules on parcels.
    owner_row_coef, owner_row_low
        [q, m] and [q] linear rules on owners.
    """

    parcels: IntArray
    cost: FloatArray
    area: FloatArray
    xy: FloatArray
    forced: BoolArray
    must: IntArray
    rank: IntArray
    border_start: IntArray
    border_to: IntArray
    bridge_start: IntArray
    bridge_to: IntArray
    centres: IntArray
    area_min: float
    area_max: float
    radius_sq: float
    max_bridges: int
    min_parcels: int
    layers: int
    bridge_cost: FloatArray
    bridge_price: float
    same_price: bool
    moment_price: float
    owner_start: IntArray
    owner_of: IntArray
    owner_price: FloatArray
    payer: IntArray
    row_coef: FloatArray
    row_low: FloatArray
    owner_row_coef: FloatArray
    owner_row_low: FloatArray


def neighbour_lists(n: int, pairs: IntArray) -> tuple[IntArray, IntArray]:
    """Return start [n + 1] and target [2 e] arrays of the neighbours of ``n`` nodes, ascending."""
    pairs = pairs.reshape(-1, 2)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    if len(pairs) == 0:
        return np.zeros(n + 1, np.int64), np.empty(0, np.int64)
    unique = np.unique(np.sort(pairs, axis=1), axis=0)
    both = np.concatenate([unique, unique[:, ::-1]])
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    start = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(both[:, 0], minlength=n), out=start[1:])
    return start, np.ascontiguousarray(both[:, 1])


def pieces(n: int, pairs: IntArray) -> IntArray:
    """Return the [n] number of the connected piece of each node."""
    ones = np.ones(len(pairs), np.int8)
    graph = coo_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)


def renumber(pairs: IntArray, kept: BoolArray) -> IntArray:
    """Return the pairs with both ends ``kept``, in the numbering of the kept nodes."""
    number = np.cumsum(kept) - 1
    pairs = pairs.reshape(-1, 2)
    inside = kept[pairs[:, 0]] & kept[pairs[:, 1]]
    return np.asarray(number[pairs[inside]], np.int64)


def usable_parcels(problem: Problem, demand: SiteDemand, forbidden: BoolArray | None) -> BoolArray:
    """Return the parcels that a site can hold: eligible, not too large, with enough land joined."""
    usable = np.asarray(demand.eligible & (problem.area <= demand.area_max), np.bool_)
    if forbidden is not None:
        usable &= ~forbidden
    if not usable[demand.must].all():
        return np.zeros_like(usable)
    joins = [renumber(problem.borders, usable)]
    if demand.max_bridges > 0:
        joins.append(renumber(problem.bridges, usable))
    label = pieces(int(usable.sum()), np.concatenate(joins))
    area = np.bincount(label, weights=problem.area[usable].astype(np.float64))
    enough = (area >= demand.area_min) & (np.bincount(label) >= demand.min_parcels)
    if len(demand.must):
        number = np.cumsum(usable) - 1
        for parcel in demand.must:
            enough &= np.arange(len(enough)) == label[number[parcel]]
    usable[usable] = enough[label]
    return usable


def _centres(
    xy: FloatArray, density: FloatArray, must: IntArray, radius_m: float, moment: bool
) -> tuple[IntArray, IntArray, float]:
    """Return the roots to try, the rank of each parcel and the squared radius that counts.

    Where the root matters, as the middle of a disc or of the moment, all parcels are roots.
    """
    n = len(xy)
    none = np.zeros(n, np.int64)
    span = xy.max(axis=0) - xy.min(axis=0) if n else np.zeros(2)
    radius_sq = radius_m * radius_m
    if radius_sq < span[0] ** 2 + span[1] ** 2:
        centres = np.arange(n)
        for parcel in must:
            offset = xy[centres] - xy[parcel]
            centres = centres[offset[:, 0] ** 2 + offset[:, 1] ** 2 <= radius_sq]
        return centres.astype(np.int64), none, radius_sq
    if moment:
        return np.arange(n), none, np.inf
    if len(must):
        return must[:1], none, np.inf
    order = np.argsort(density, kind="stable").astype(np.int64)
    rank = np.empty(n, np.int64)
    rank[order] = np.arange(n)
    return order, rank, np.inf


def build_model(
    problem: Problem,
    demand: SiteDemand,
    extra_cost: IntArray | None = None,
    forbidden: BoolArray | None = None,
) -> SiteModel:
    """Return one demand on the parcels that can serve it.

    Without an effective radius limit each site is searched for around its parcel of least cost per
    area: a root may then ignore all parcels that come before it, and no site is looked at twice.

    Parameters
    ----------
    extra_cost
        [parcels] prices added to the cost, minor money units >= 0.
    forbidden
        [parcels] parcels that this site may not use.
    """
    usable = usable_parcels(problem, demand, forbidden)
    parcels = np.flatnonzero(usable)
    number = np.cumsum(usable) - 1
    cost = problem.cost[parcels] + (0 if extra_cost is None else extra_cost[parcels])
    area = problem.area[parcels].astype(np.float64)
    xy = np.ascontiguousarray(problem.xy[parcels], dtype=np.float64)
    must = (
        number[np.unique(demand.must)].astype(np.int64) if len(parcels) else np.empty(0, np.int64)
    )
    moment = demand.moment_price > 0.0
    centres, rank, radius_sq = _centres(xy, cost / area, must, demand.radius_m, moment)
    forced = np.zeros(len(parcels), np.bool_)
    forced[must] = True
    borders = renumber(problem.borders, usable)
    bridges = renumber(problem.bridges, usable) if demand.max_bridges else np.empty((0, 2), int)
    price = _inside(problem.bridge_costs(), problem.bridges, usable)
    max_bridges = demand.max_bridges if len(bridges) else 0
    border_start, border_to = neighbour_lists(len(parcels), borders)
    bridge_start, bridge_to = neighbour_lists(len(parcels), _without(bridges, borders))
    bridge_cost = _listed(bridge_start, bridge_to, bridges, price)
    most = float(bridge_cost.max(initial=0.0))
    owners = _owners_who_count(problem, demand, parcels)
    return SiteModel(
        parcels=parcels,
        cost=cost.astype(np.float64),
        area=area,
        xy=xy,
        forced=forced,
        must=must,
        rank=rank,
        border_start=border_start,
        border_to=border_to,
        bridge_start=bridge_start,
        bridge_to=bridge_to,
        centres=centres,
        area_min=float(demand.area_min),
        area_max=float(demand.area_max),
        radius_sq=float(radius_sq),
        max_bridges=int(max_bridges),
        min_parcels=int(demand.min_parcels),
        layers=max_bridges + 1 if max_bridges <= _LAYERED_BRIDGES else 1,
        bridge_cost=bridge_cost,
        bridge_price=most,
        same_price=bool((bridge_cost == most).all()),
        moment_price=float(demand.moment_price),
        owner_start=owners.start,
        owner_of=owners.of,
        owner_price=owners.price,
        payer=owners.payer,
        owner_row_coef=owners.row_coef,
        owner_row_low=np.array([float(row.low) for row in demand.owner_rows]),
        row_coef=_stacked([row.coef[parcels] for row in demand.rows], len(parcels)),
        row_low=np.array([float(row.low) for row in demand.rows]),
    )


class _Owners(NamedTuple):
    """The owners who count, numbered anew, as `SiteModel` describes them."""

    start: IntArray
    of: IntArray
    price: FloatArray
    payer: IntArray
    row_coef: FloatArray


def _owners_who_count(problem: Problem, demand: SiteDemand, parcels: IntArray) -> _Owners:
    """Return the owners that have a price or that a rule speaks of."""
    counts = problem.owner_price > 0
    for row in demand.owner_rows:
        counts = counts | (row.coef != 0)
    number = np.cumsum(counts) - 1
    start = np.zeros(len(parcels) + 1, np.int64)
    held: list[int] = []
    payer = np.full(len(parcels), -1, np.int64)
    for v, parcel in enumerate(parcels if counts.any() else parcels[:0]):
        first, last = problem.owner_start[parcel], problem.owner_start[parcel + 1]
        for owner in problem.owner_of[first:last]:
            if counts[owner]:
                held.append(int(number[owner]))
                if payer[v] < 0 and problem.owner_price[owner] > 0:
                    payer[v] = number[owner]
        start[v + 1] = len(held)
    return _Owners(
        start,
        np.array(held, np.int64),
        problem.owner_price[counts].astype(np.float64),
        payer,
        _stacked([row.coef[counts] for row in demand.owner_rows], int(counts.sum())),
    )


def _stacked(rows: list[IntArray], width: int) -> FloatArray:
    """Return the rows as a matrix, also where there are none."""
    return np.array(rows, np.float64).reshape(len(rows), width)


def _inside(amounts: IntArray, pairs: IntArray, kept: BoolArray) -> IntArray:
    """Return the amounts of the pairs that `renumber` keeps."""
    pairs = pairs.reshape(-1, 2)
    return np.asarray(amounts[kept[pairs[:, 0]] & kept[pairs[:, 1]]], np.int64)


def _listed(start: IntArray, to: IntArray, pairs: IntArray, amounts: IntArray) -> FloatArray:
    """Return the amount of every entry of neighbour lists, the least where a pair comes twice."""
    n = len(start) - 1
    wanted = np.repeat(np.arange(n), np.diff(start)) * n + to
    if len(wanted) == 0:
        return np.empty(0)
    key = pairs.min(axis=1) * n + pairs.max(axis=1)
    order = np.lexsort((amounts, key))
    least = np.minimum(wanted // n, wanted % n) * n + np.maximum(wanted // n, wanted % n)
    return np.asarray(amounts[order[np.searchsorted(key[order], least)]], np.float64)


def _without(pairs: IntArray, others: IntArray) -> IntArray:
    """Return the pairs not among ``others``: a bridge beside a border joins nothing new."""
    if len(pairs) == 0 or len(others) == 0:
        return pairs
    size = int(max(pairs.max(), others.max())) + 1

    def key(rows: IntArray) -> IntArray:
        ends = np.sort(rows, axis=1)
        return np.asarray(ends[:, 0] * size + ends[:, 1], np.int64)

    return pairs[~np.isin(key(pairs), key(others))]
