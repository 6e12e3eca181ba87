"""The rows that a rooted linear program starts with, and what its columns cost."""

import math
from dataclasses import dataclass, field

import numpy as np
from numba import njit

from landplan.optimize.assembly.model import SiteModel
from landplan.optimize.assembly.problem import FloatArray, IntArray
from landplan.optimize.assembly.scan import weight_of

_TURN_ROWS = 60
"""The most rows that leave sites to earlier centres; those with the shortest sums come first."""


@dataclass(slots=True)
class RowList:
    """Rows ``lower <= A x <= upper`` as they are gathered."""

    columns: list[IntArray] = field(default_factory=list)
    values: list[FloatArray] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)

    def add(self, columns: IntArray, values: FloatArray, lower: float, upper: float) -> None:
        """Append one row."""
        self.columns.append(columns)
        self.values.append(values)
        self.lower.append(lower)
        self.upper.append(upper)

    def at_most(self, columns: IntArray, least: int) -> None:
        """Append x_least <= sum of the other columns."""
        count = len(columns)
        every = np.empty(count + 1, np.int64)
        every[:count], every[count] = columns, least
        values = np.empty(count + 1)
        values[:count], values[count] = 1.0, -1.0
        self.add(every, values, 0.0, np.inf)


@dataclass(frozen=True, slots=True)
class OwnerColumns:
    """The owners of a ball that get a column of their own, after those of parcels and bridges.

    An owner of the root or of a forced parcel is met anyhow; one with a single parcel in the ball,
    of whom no rule speaks, is priced with it.

    Attributes
    ----------
    owners
        [k] numbers of the owners in the site model.
    held
        For each of them, the places in the ball of the parcels.
    base
        Prices of the owners that are met anyhow.
    met
        [m] whether an owner is met anyhow.
    parcel_fee
        [ball] what the owners priced with their only parcel add to its cost.
    """

    owners: IntArray
    held: tuple[IntArray, ...]
    base: float
    met: FloatArray
    parcel_fee: FloatArray


def owner_columns(site: SiteModel, ball: IntArray) -> OwnerColumns:
    """Sort out which owners of a ball need a column."""
    m = len(site.owner_price)
    met = np.zeros(m)
    parcels: dict[int, list[int]] = {}
    for place, v in enumerate(ball):
        for owner in site.owner_of[site.owner_start[v] : site.owner_start[v + 1]]:
            parcels.setdefault(int(owner), []).append(place)
            if place == 0 or site.forced[v]:
                met[owner] = 1.0
    ruled = np.abs(site.owner_row_coef).sum(axis=0) > 0
    parcel_fee = np.zeros(len(ball))
    owners = []
    held = []
    for owner in sorted(parcels):
        if met[owner]:
            continue
        if len(parcels[owner]) == 1 and not ruled[owner]:
            parcel_fee[parcels[owner][0]] += site.owner_price[owner]
        else:
            owners.append(owner)
            held.append(np.array(parcels[owner], np.int64))
    return OwnerColumns(
        np.array(owners, np.int64), tuple(held), float(met @ site.owner_price), met, parcel_fee
    )


def column_costs(
    site: SiteModel, ball: IntArray, bridge_cost: FloatArray, owners: OwnerColumns
) -> FloatArray:
    """Return the cost of every column: parcels, bridges (given), owners; minor units.

    The root, which is always in, carries the prices of the owners that are met anyhow.
    """
    root = int(ball[0])
    parcels = _weights(site, root, ball) + owners.parcel_fee
    parcels[0] += owners.base
    return np.concatenate([parcels, bridge_cost, site.owner_price[owners.owners]])


@njit(cache=True)
def _weights(site: SiteModel, root: int, parcels: IntArray) -> FloatArray:
    """Return what `weight_of` says of each parcel."""
    weights = np.empty(len(parcels))
    for i in range(len(parcels)):
        weights[i] = weight_of(site, root, parcels[i])
    return weights


def first_rows(
    site: SiteModel,
    ball: IntArray,
    bridges: IntArray,
    neighbours: tuple[IntArray, IntArray],
    owners: OwnerColumns,
) -> RowList:
    """Return the rows of area, number, bridges, linear rules, owners and single neighbourhoods."""
    rows = RowList()
    n = len(ball)
    every = np.arange(n)
    unit = _unit(site.area_min, 512.0)
    rows.add(every, site.area[ball] / unit, site.area_min / unit, site.area_max / unit)
    if site.min_parcels > 1:
        rows.add(every, np.ones(n), float(site.min_parcels), np.inf)
    if len(bridges) > site.max_bridges:
        count = np.arange(n, n + len(bridges))
        rows.add(count, np.ones(len(bridges)), 0.0, float(site.max_bridges))
    for i, ends in enumerate(bridges):
        for end in ends:
            if end != 0:
                rows.at_most(np.array([end]), n + i)
    start, to = neighbours
    beside = set(to[start[0] : start[1]].tolist())
    for v in range(1, n):
        if v not in beside:
            rows.at_most(to[start[v] : start[v + 1]], v)
    for coef, low in zip(site.row_coef[:, ball], site.row_low, strict=True):
        _add_rule(rows, every, coef, float(low))
    _add_owner_rows(rows, site, n + len(bridges), owners)
    return rows


def add_turn_rows(rows: RowList, site: SiteModel, ball: IntArray, turn: IntArray) -> None:
    """Leave a site to the parcel of an earlier turn that can be its centre.

    A site that holds such a parcel and lies within its radius is looked for around it; so one that
    is looked for here holds a parcel beyond that radius: x_v <= sum of x beyond the radius of v.
    """
    earlier = np.flatnonzero(turn[ball] < turn[ball[0]])
    xy = site.xy[ball]
    number = _count_beyond(xy, earlier, site.radius_sq)
    for place in earlier[np.argsort(number, kind="stable")[:_TURN_ROWS]].tolist():
        away = xy - xy[place]
        far = np.flatnonzero(away[:, 0] ** 2 + away[:, 1] ** 2 > site.radius_sq)
        rows.at_most(far, place)


@njit(cache=True)
def _count_beyond(xy: FloatArray, places: IntArray, radius_sq: float) -> IntArray:
    """Return for some places how many others lie beyond the radius around them."""
    number = np.zeros(len(places), np.int64)
    for i in range(len(places)):
        x, y = xy[places[i], 0], xy[places[i], 1]
        for k in range(len(xy)):
            dx, dy = xy[k, 0] - x, xy[k, 1] - y
            number[i] += dx * dx + dy * dy > radius_sq
    return number


def add_block_rows(
    rows: RowList,
    blocks: tuple[IntArray, ...],
    bridges: IntArray,
    first: int,
    n_parcels: int,
    most: int,
) -> None:
    """Say which blocks a site uses: columns from ``first`` on, one per block without the root.

    A block is what borders join. Every one used is a piece more, and entered by a bridge.
    """
    columns = np.arange(first, first + len(blocks))
    rows.add(columns, np.ones(len(blocks)), 0.0, float(most))
    every_bridge = np.arange(n_parcels, n_parcels + len(bridges))
    rows.add(
        np.concatenate([every_bridge, columns]),
        np.concatenate([np.ones(len(bridges)), -np.ones(len(blocks))]),
        0.0,
        np.inf,
    )
    for block, column in zip(blocks, columns.tolist(), strict=True):
        for parcel in block.tolist():
            rows.at_most(np.array([column]), parcel)
        rows.at_most(block, column)
        entering = np.isin(bridges, block).sum(axis=1) == 1
        rows.at_most(n_parcels + np.flatnonzero(entering), column)


def _add_owner_rows(rows: RowList, site: SiteModel, first: int, owners: OwnerColumns) -> None:
    """Say that each parcel meets its owners and, where rules may profit, that one at least does."""
    ruled = np.abs(site.owner_row_coef).sum(axis=0) > 0
    for place, (owner, held) in enumerate(zip(owners.owners, owners.held, strict=True)):
        column = first + place
        for parcel in held:
            rows.at_most(np.array([column]), int(parcel))
        if ruled[owner]:
            rows.at_most(held, column)
    columns = np.arange(first, first + len(owners.owners))
    for coef, low in zip(site.owner_row_coef, site.owner_row_low, strict=True):
        _add_rule(rows, columns, coef[owners.owners], float(low - coef @ owners.met))


def _add_rule(rows: RowList, columns: IntArray, coef: FloatArray, low: float) -> None:
    """Add sum of coef x >= low, scaled by a power of two."""
    unit = _unit(float(np.abs(coef).max(initial=1.0)), 8.0)
    kept = coef != 0.0
    rows.add(columns[kept], coef[kept] / unit, low / unit, np.inf)


def _unit(size: float, wanted: float) -> float:
    """Return the power of two that brings a size near the one wanted."""
    return float(2.0 ** math.floor(math.log2(max(size, 1.0) / wanted)))
