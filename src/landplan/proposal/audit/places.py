"""Distances from given places, measured anew from the written layers."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import shapely

from landplan.proposal.audit.document import Demand, Place
from landplan.proposal.audit.view import BoolArray, FloatArray, Geometries, View

SLACK_M = 1e-3
"""Distances computed in different ways agree to a millimetre; within it, either is accepted."""
_COLUMN = {
    "facilities": "kind",
    "restrictions": "kind",
    "roads": "class",
    "zones": "zone",
    "parcels": "parcel_id",
    "land_use": "land_use",
}
Distances = Mapping[Place, FloatArray]


def distances(view: View) -> Distances:
    """Return, for every place asked for, the distance [n] of every parcel from the nearest, m."""
    asked = {place for demand in view.document.demands for place in demand.places}
    return {place: _distance(view, place) for place in asked}


def misplaced(view: View, demand: Demand, far: Distances) -> BoolArray:
    """Which usable parcels [n] lie too near to a place, or too far from it, for a demand."""
    wrong = np.zeros(len(view.ids), dtype=bool)
    for place in demand.places:
        wrong |= far[place] < place.min_m - SLACK_M
        if place.max_m is not None:
            wrong |= far[place] > place.max_m + SLACK_M
    return np.asarray(wrong & view.usable & ~view.faulty & ~view.street, dtype=bool)


def _distance(view: View, place: Place) -> FloatArray:
    """Distance [n] to the union of the places."""
    grounds = _grounds(view, place)
    away = np.full(len(view.ids), np.inf)
    if len(grounds) == 0:
        return away
    whole = shapely.union_all(grounds)
    shapely.prepare(whole)
    usable = np.flatnonzero(view.usable)
    away[usable] = shapely.distance(view.shapes[usable], whole)
    return away


def _grounds(view: View, place: Place) -> Geometries:
    written = view.written
    if place.layer in ("parcels", "land_use"):
        chosen = _named(view, view.parcels[_COLUMN[place.layer]], place)
        return np.asarray(view.shapes[chosen], dtype=object)
    frame = getattr(written, place.layer, None)
    if frame is None:
        return np.empty(0, dtype=object)
    shapes = frame.geometry.to_numpy()
    if place.names:
        shapes = shapes[frame[_COLUMN[place.layer]].isin(place.names).to_numpy()]
    shapes = shapes[~shapely.is_missing(shapes)]
    return np.asarray(shapely.make_valid(shapes), dtype=object)


def _named(view: View, column: "pd.Series[str]", place: Place) -> BoolArray:
    """Return the rows that are meant; a code of a scheme stands for the longer ones below it."""
    if place.layer == "land_use" and view.document.hierarchical_uses:
        heads = tuple(place.names)
        return column.map(lambda use: isinstance(use, str) and use.startswith(heads)).to_numpy(
            dtype=bool
        )
    return column.isin(place.names).to_numpy(dtype=bool)
