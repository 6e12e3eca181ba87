"""How far parcels lie from given places: housing, a plant gate, a hospital, a red line."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from landplan.cadastre.cadastre import Cadastre
from landplan.codes import landuse

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]
Geometries = NDArray[np.object_]

ROUNDING_M: Final = 1e-6
"""A distance that misses a limit by less than a micrometre keeps it: rounding, no ground."""
NAME_COLUMN: Final = {
    "facilities": "kind",
    "restrictions": "kind",
    "roads": "class",
    "zones": "zone",
    "parcels": "parcel_id",
    "land_use": "land_use",
}
"""The column that tells the places of a layer apart; buildings have none."""


@dataclass(frozen=True, slots=True)
class PlaceRule:
    """How far every parcel must at least, and may at most, lie from the nearest of some places.

    Attributes
    ----------
    layer
        ``parcels`` (by id), ``land_use`` (parcels by their use), or another layer of the town.
    names
        Ids, codes, kinds or classes; empty: all of the layer.
    min_m, max_m
        Limits, m; 0 and None: none.
    """

    layer: str
    names: tuple[str, ...] = ()
    min_m: float = 0.0
    max_m: float | None = None


def of_use(cadastre: Cadastre, land_uses: tuple[str, ...]) -> BoolArray:
    """Which parcels [n] have one of the uses; codes stand for those below them."""
    uses = cadastre.parcels["land_use"]
    scheme = landuse.scheme(cadastre.town.land_use_scheme, cadastre.town.land_use_edition)
    allowed = [
        code
        for code in uses.dropna().unique()
        if any(scheme.accepts(wanted, code) for wanted in land_uses)
    ]
    return uses.isin(allowed).to_numpy()


def place_shapes(cadastre: Cadastre, rule: PlaceRule) -> Geometries:
    """Return the shapes of the places as the town has them: roads from their line, no buffers."""
    if rule.layer == "land_use":
        frame, chosen = cadastre.parcels, of_use(cadastre, rule.names)
    else:
        frame = getattr(cadastre, rule.layer)
        chosen = np.ones(len(frame), np.bool_)
        if rule.names:
            chosen = frame[NAME_COLUMN[rule.layer]].isin(rule.names).to_numpy()
    shapes = frame.geometry.to_numpy()[chosen]
    shapes = shapes[~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)]
    return np.asarray(shapely.make_valid(shapes), dtype=object)


def distance_to(cadastre: Cadastre, rule: PlaceRule) -> FloatArray:
    """Return the distance [n] between every parcel and the nearest place, m.

    Between shapes, 0 where they meet; inf where there is no place, and for parcels with a fault.
    """
    parcels = cadastre.parcels
    away = np.full(len(parcels), np.inf)
    shapes, places = parcels.geometry.to_numpy(), place_shapes(cadastre, rule)
    usable = np.flatnonzero(parcels["fault"].isna().to_numpy())
    if len(places) and len(usable):
        found, metres = shapely.STRtree(places).query_nearest(
            shapes[usable], return_distance=True, all_matches=False
        )
        away[usable[found[0]]] = metres
    return away
