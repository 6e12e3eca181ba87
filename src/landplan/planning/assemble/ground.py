"""What of a town stays the same from one question to the next: computed once, kept, shared.

The ledger of what is left and the hand edit answer within a second because borders, bridges and
overlays are found for all land at once and kept here. A border or bridge depends on its two parcels
and what stands between them, never on which parcels a demand may use; a request then only picks.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Generic, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landplan.cadastre.adjacency import Adjacency
from landplan.cadastre.bridges import Bridges, find_bridges
from landplan.cadastre.cadastre import Cadastre
from landplan.cadastre.land import borders_of_land, land_of
from landplan.planning.assemble.formulate import (
    Formulation,
    barriers,
    joined,
    representative_points,
    use_rules,
)
from landplan.planning.assemble.owners import refusing
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.assemble.request_parts import Bridge
from landplan.proposal.canonical import canonical_json
from landplan.rules.eligibility import Ground, judge

TOWNS_KEPT: Final = 4
BRIDGES_KEPT: Final = 8
QUESTIONS_KEPT: Final = 8

Kept = TypeVar("Kept")


class Shelf(Generic[Kept]):
    """The last few things made, by key; safe for several threads, each thing made once."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._things: OrderedDict[Hashable, Kept] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}

    def get(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """Return what stands under a key, made now if it is not there."""
        with self._lock:
            if key in self._things:
                self._things.move_to_end(key)
                return self._things[key]
            making = self._making.setdefault(key, threading.Lock())
        with making:
            with self._lock:
                if key in self._things:
                    return self._things[key]
            thing = make()
            with self._lock:
                self._things[key] = thing
                self._making.pop(key, None)
                while len(self._things) > self._size:
                    self._things.popitem(last=False)
        return thing

    def find(self, key: Hashable) -> Kept | None:
        """Return what stands under a key, None if it is not there."""
        with self._lock:
            return self._things.get(key)

    def __len__(self) -> int:
        with self._lock:
            return len(self._things)


@dataclass(frozen=True, eq=False)
class TownGround:
    """One town with its overlays, all borders of its land, and the bridges asked for so far.

    Attributes
    ----------
    cadastre, ground
        The town, and what all demands share.
    land
        [n] whether a parcel is neither street nor faulty.
    adjacency
        Common borders of all land.
    points
        [n, 2] a point inside every parcel, m.
    """

    cadastre: Cadastre
    ground: Ground
    land: NDArray[np.bool_]
    adjacency: Adjacency
    points: NDArray[np.float64]
    _bridges: Shelf[Bridges] = field(default_factory=lambda: Shelf(BRIDGES_KEPT))
    _questions: Shelf[Formulation] = field(default_factory=lambda: Shelf(QUESTIONS_KEPT))

    @cached_property
    def ids(self) -> pd.Index:
        """Ids of the parcels, for looking up their rows."""
        ids: pd.Index = pd.Index(self.cadastre.parcels["parcel_id"])
        return ids

    @classmethod
    def of(cls, cadastre: Cadastre) -> "TownGround":
        """Overlay a town and find all borders of its land."""
        parcels = cadastre.parcels
        land, adjacency = land_of(parcels), borders_of_land(cadastre)
        points = representative_points(parcels)
        return cls(cadastre, Ground.of(cadastre), land, adjacency, points)

    def bridges(self, asked: Bridge, never_over: gpd.GeoSeries) -> Bridges:
        """Return all bridges between land for these widths and barriers."""
        key = (asked.max_width_m, asked.min_facing_m, tuple(sorted(set(asked.never_over))))
        return self._bridges.get(
            key,
            lambda: find_bridges(
                self.cadastre.parcels,
                self.adjacency,
                max_width_m=asked.max_width_m,
                min_facing_m=asked.min_facing_m,
                barriers=never_over,
                usable=self.land,
            ),
        )

    def formulation(self, request: AssembleRequest) -> Formulation:
        """Return the request as arrays, as `formulate` does; names are not checked."""
        asked = {
            key: value
            for key, value in request.canonical().items()
            if key not in ("title", "seed", "effort", "partial")
        }
        return self._questions.get(canonical_json(asked), lambda: self.formulated(request))

    def formulated(self, request: AssembleRequest) -> Formulation:
        """Return the request as arrays, made now and not kept: for one of many trials."""
        refused = refusing(request, self.cadastre)
        verdicts = tuple(
            judge(self.ground, use_rules(request, item, refused)) for item in request.demand
        )
        never_over = barriers(request, self.cadastre, self.ground)
        if any(demand.max_bridges for demand in request.demand):
            bridges = self.bridges(request.bridge, never_over)
        else:
            bridges = _no_bridges(request.bridge, self.adjacency.tolerance_m)
        return joined(
            request, verdicts, self.ground, self.adjacency, bridges, never_over, self.points
        )


class GroundCache:
    """The grounds of the towns used last, for a service that answers many questions.

    Safe for several threads; at most ``size`` towns are kept.
    """

    def __init__(self, size: int = TOWNS_KEPT) -> None:
        self._towns: Shelf[TownGround] = Shelf(size)

    def get(self, cadastre: Cadastre, dataset_id: str | None = None) -> TownGround:
        """Return the ground of a town.

        Parameters
        ----------
        cadastre
            The town; used where its ground is not kept yet.
        dataset_id
            What tells datasets apart; None: the hash of the data with the tolerances.
        """
        town = cadastre.town
        key: Hashable = dataset_id or (
            cadastre.provenance.data_hash,
            town.tolerance_m,
            town.min_border_m,
        )
        return self._towns.get(key, lambda: TownGround.of(cadastre))

    def __len__(self) -> int:
        return len(self._towns)


def _no_bridges(asked: Bridge, tolerance_m: float) -> Bridges:
    none = np.empty(0, np.float64)
    pairs = np.empty((0, 2), np.int64)
    return Bridges(pairs, none, none, asked.max_width_m, asked.min_facing_m, tolerance_m)
