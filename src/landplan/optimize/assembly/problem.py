"""The assembly problem as numbers: contiguous sites of least cost.

A *site* of a demand is a set of eligible parcels, with a *centre* parcel of its own, that

* contains every ``must`` parcel, has at least ``min_parcels`` parcels and an area within
  ``[area_min, area_max]``;
* falls into b + 1 pieces when joined by borders alone, b <= ``max_bridges``, and is one piece when
  joined by borders and bridges;
* has no parcel farther than ``radius_m`` from its centre (between the points ``xy``);
* keeps every row of ``rows`` and ``owner_rows``, and is accepted by ``accept``.

Its objective is the sum of

* ``cost`` of its parcels,
* ``owner_price`` of every distinct owner of its parcels,
* ``bridge_price`` for each of its b bridges, and the least sum of ``bridge_fee`` of b bridges that
  make it one piece (a minimum spanning tree of its pieces),
* ``moment_price`` times area times squared distance from the centre, of every parcel, each rounded
  to a whole number (`moment_cost`).

A *plan* has ``count`` sites for every demand, all disjoint; its objective is the sum of theirs.
Where there is a ``budget``, the ``cost`` of all of its parcels is no more than that; every rule of
``between`` holds for each site of its first demand with each other site of its second.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Row:
    """A linear rule: the sum of ``coef`` over what a site holds is at least ``low``.

    ``coef`` is [n] over parcels in `SiteDemand.rows`, [m] over owners in `SiteDemand.owner_rows`.
    """

    coef: IntArray
    low: int


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a site is turned down, and all like it.

    `SiteDemand.accept` turns down every site that holds all of ``inside`` and none of ``outside``.
    """

    inside: IntArray
    outside: IntArray


@dataclass(frozen=True, slots=True)
class SiteDemand:
    """What one demand asks for.

    ``eligible`` [n]; areas in dm²; ``must`` parcel indices; ``moment_price`` minor money units per
    dm² and m²; ``accept`` judges a whole site (sorted parcel indices) where no row can, ``why``
    may name reasons for one it turned down, all of which hold for that site.
    """

    eligible: BoolArray
    area_min: int
    area_max: int
    radius_m: float = float("inf")
    max_bridges: int = 0
    min_parcels: int = 1
    count: int = 1
    must: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    moment_price: float = 0.0
    rows: tuple[Row, ...] = ()
    owner_rows: tuple[Row, ...] = ()
    accept: Callable[[IntArray], bool] | None = None
    why: Callable[[IntArray], tuple[Reason, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Between:
    """How near two sites may come, and how far apart they may be, m.

    The distance of two sites is the least distance of a parcel of the one from a parcel of the
    other (`Problem.apart`). ``first`` and ``second`` are demands, maybe the same.
    """

    first: int
    second: int
    min_m: float = 0.0
    max_m: float = float("inf")


@dataclass(frozen=True, slots=True)
class Problem:
    """Frozen arrays of n parcels.

    ``cost`` [n] minor money units >= 0, ``area`` [n] dm² > 0, ``xy`` [n, 2] m, ``borders`` [e, 2]
    and ``bridges`` [b, 2] index pairs. The owners of parcel v are
    ``owner_of[owner_start[v]:owner_start[v + 1]]`` (nobody where ``owner_start`` is empty; a parcel
    may have several); ``owner_price`` [m] and ``bridge_price`` are minor money units >= 0.
    ``bridge_fee`` [b] is what each bridge costs beside, minor money units >= 0 (empty: nothing).
    ``budget`` is in minor money units; ``apart`` gives the distance [n] of every parcel from the
    nearest of some, m, where ``between`` asks for any.
    """

    cost: IntArray
    area: IntArray
    xy: FloatArray
    borders: IntArray
    bridges: IntArray
    demands: tuple[SiteDemand, ...]
    owner_start: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    owner_of: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    owner_price: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    bridge_price: int = 0
    bridge_fee: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    budget: int | None = None
    between: tuple[Between, ...] = ()
    apart: Callable[[IntArray], FloatArray] | None = None

    def bridge_costs(self) -> IntArray:
        """Return what each bridge [b] costs, minor money units."""
        fee = self.bridge_fee if len(self.bridge_fee) else np.zeros(len(self.bridges), np.int64)
        return np.asarray(fee + self.bridge_price, np.int64)


class Stop(Protocol):
    """Asked between units of work; True ends the search with the best plan and its bound."""

    def __call__(self, best: float, bound: float, /) -> bool:
        """Whether to stop, given the best plan's objective (inf: none) and the bound so far."""
        ...


class Progress(Protocol):
    """Told what goes on."""

    def __call__(self, phase: str, best: float, bound: float, /) -> None:
        """Receive the phase, the objective of the best plan (inf: none) and the proven bound."""
        ...


def moment_cost(
    area: FloatArray, xy: FloatArray, centre: FloatArray, moment_price: float
) -> FloatArray:
    """Return what distance from the centre costs, minor units, whole numbers.

    Parameters
    ----------
    area, xy
        [k] dm² and [k, 2] m.
    centre
        [2] m.
    moment_price
        Minor units per dm² and m².
    """
    offset = xy - centre
    return np.asarray(
        np.rint(moment_price * area * (offset[:, 0] ** 2 + offset[:, 1] ** 2)), np.float64
    )
