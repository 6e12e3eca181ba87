"""What several sites keep together, as numbers: the budget, and distances between sites."""

from collections.abc import Callable
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from landplan.optimize.assembly.problem import Between
from landplan.planning.assemble.owners import MINOR_UNITS
from landplan.planning.assemble.request import AssembleRequest

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
_ROUNDING: Final = 1e-6


def budget_of(request: AssembleRequest) -> int | None:
    """Return the budget in minor units, never more than asked; None where there is none."""
    if request.budget.max_cost == 0:
        return None
    return int(np.floor(request.budget.max_cost * MINOR_UNITS + _ROUNDING))


def between_of(request: AssembleRequest) -> tuple[Between, ...]:
    """Return the rules between demands by their numbers."""
    number = {demand.id: d for d, demand in enumerate(request.demand)}
    return tuple(
        Between(
            number[rule.a],
            number[rule.b],
            rule.min_m,
            float("inf") if rule.max_m is None else rule.max_m,
        )
        for rule in request.between
    )


def distances_of(parcels: gpd.GeoDataFrame) -> Callable[[IntArray], FloatArray]:
    """Return what tells the distance [n] of every parcel from the nearest of some, m.

    Between shapes, 0 where they meet; inf for parcels with a fault.
    """
    shapes = parcels.geometry.to_numpy()
    usable = np.flatnonzero(parcels["fault"].isna().to_numpy())

    def apart(chosen: IntArray) -> FloatArray:
        away = np.full(len(shapes), np.inf)
        found, metres = shapely.STRtree(shapes[chosen]).query_nearest(
            shapes[usable], return_distance=True, all_matches=False
        )
        away[usable[found[0]]] = metres
        return away

    return apart
