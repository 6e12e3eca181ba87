"""The assembly problem as numbers: contiguous sites of least cost.

A *site* of a demand is a set of eligible parcels that

* contains every ``must`` parcel, has at least ``min_parcels`` parcels and an area within
``[area_min, area_max]``; * falls into at most ``max_bridges + 1`` pieces when joined by borders
alone, and is one piece when joined by borders and bridges; * has a centre parcel, itself of the
site, from which no parcel of the site lies farther than ``radius_m`` (between the points
  ``xy``).

A *plan* has ``count`` sites for every demand, all disjoint; its objective is the sum of ``cost``
over all parcels used.
"""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class SiteDemand:
    """What one demand asks for. ``eligible`` [n]; areas in dm²; ``must`` parcel indices."""

    eligible: BoolArray
    area_min: int
    area_max: int
    radius_m: float = float("inf")
    max_bridges: int = 0
    min_parcels: int = 1
    count: int = 1
    must: IntArray = field(default_factory=lambda: np.empty(0, np.int64))


@dataclass(frozen=True, slots=True)
class Problem:
    """Frozen arrays of n parcels.

    ``cost`` [n] minor money units >= 0, ``area`` [n] dm² > 0, ``xy`` [n, 2] m, ``borders`` [e, 2]
    and ``bridges`` [b, 2] index pairs.
    """

    cost: IntArray
    area: IntArray
    xy: FloatArray
    borders: IntArray
    bridges: IntArray
    demands: tuple[SiteDemand, ...]


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
