"""The partition problem as numbers: as many contiguous sites as the land can give.

A *site* is a set of eligible parcels that

* is one piece when joined by ``links``;
* has an area within ``[area_min, area_max]``;
* holds all parcels of a ``together`` group or none of it;
* holds no two parcels of one pair of ``apart``.

A *plan* is a set of disjoint sites. The first aim is the number of sites (at most ``max_sites``
are wanted); the second, among the plans found, is least heterogeneity (`heterogeneity`) or, where
``attributes`` has no column, least moment about the sites' centres (`inertia`). Land may stay in no
site where no site can take it.

The number of sites is the max-p objective of Duque, Anselin & Rey (2012), *The max-p-regions
problem*, Journal of Regional Science 52(3).
"""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

UNLIMITED = 2**62


@dataclass(frozen=True, slots=True)
class Problem:
    """Frozen arrays of n parcels.

    Attributes
    ----------
    area
        [n] dm² > 0.
    xy
        [n, 2] m, a point inside each parcel.
    links
        [e, 2] index pairs of parcels that may stand side by side in a site.
    eligible
        [n] whether a site may hold the parcel.
    area_min, area_max
        dm², of one site.
    attributes
        [n, d] whole numbers, in one unit for all columns; the fewer they differ within a site, the
        better. Without columns sites are made compact.
    together
        Groups of parcel indices, disjoint.
    apart
        [f, 2] index pairs.
    max_sites
        No more sites than this are wanted.
    """

    area: IntArray
    xy: FloatArray
    links: IntArray
    eligible: BoolArray
    area_min: int
    area_max: int = UNLIMITED
    attributes: IntArray = field(default_factory=lambda: np.empty((0, 0), np.int64))
    together: tuple[IntArray, ...] = ()
    apart: IntArray = field(default_factory=lambda: np.empty((0, 2), np.int64))
    max_sites: int = UNLIMITED


class Stop(Protocol):
    """Asked between units of work; True ends the search with the best plan and its bound."""

    def __call__(self, best: float, bound: float, /) -> bool:
        """Whether to stop, given the number of sites found and the bound on it."""
        ...


class Progress(Protocol):
    """Told what goes on."""

    def __call__(self, phase: str, best: float, bound: float, /) -> None:
        """Receive the phase, the number of sites found and the bound on it."""
        ...


def heterogeneity(attributes: IntArray, label: IntArray) -> int:
    """Return the sum over sites, pairs of their parcels and attributes of absolute differences.

    The measure of Duque, Anselin & Rey (2012). ``attributes`` is [n, d]; ``label`` [n] is the
    number of a parcel's site, negative for land in none.
    """
    total = 0
    for column in attributes.T:
        inside = np.flatnonzero(label >= 0)
        order = inside[np.lexsort((column[inside], label[inside]))]
        values, sites = column[order], label[order]
        if not len(order):
            continue
        first = np.r_[0, np.flatnonzero(np.diff(sites)) + 1]
        size = np.diff(np.r_[first, len(order)])
        rank = np.arange(len(order)) - np.repeat(first, size)
        # in ascending order rank r of k is added r times and taken away k - 1 - r times
        total += int((values * (2 * rank - np.repeat(size, size) + 1)).sum())
    return total


def inertia(area: IntArray, xy: FloatArray, label: IntArray) -> float:
    """Return the sum over sites of area times squared distance from the site's centroid.

    In dm²·m², parcels as points; ``label`` as for `heterogeneity`.
    """
    inside = label >= 0
    if not inside.any():
        return 0.0
    weight, site = area[inside].astype(np.float64), label[inside]
    mass = np.bincount(site, weights=weight)
    spread = 0.0
    for axis in range(2):
        offset = xy[inside, axis] - xy[inside, axis].mean()
        first = np.bincount(site, weights=weight * offset)
        second = np.bincount(site, weights=weight * offset**2)
        spread += float((second - first**2 / np.maximum(mass, 1.0)).sum())
    return spread
