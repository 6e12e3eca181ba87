"""The layers of a proposal: columns, units and kinds, written once, and bringing frames to them."""

from collections.abc import Callable
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

Frame = pd.DataFrame

SPATIAL: Final[dict[str, dict[str, str]]] = {
    "sites": {
        "site_id": "str",
        "demand_id": "str",
        "area_m2": "float",
        "cost": "float",
        "parcel_count": "int",
        "owner_count": "int",
        "bridge_count": "int",
        "perimeter_m": "float",
        "polsby_popper": "float",
        "hull_ratio": "float",
        "rectangularity": "float",
        "elongation": "float",
        "inertia": "float",
        "centre_parcel": "str",
        "price_owners": "float",
        "price_refusals": "float",
        "price_crossings": "float",
        "price_closing": "float",
        "price_distance": "float",
        "survival": "float",
        "frontage_m": "float",
        "width_m": "float",
        "rectangle_length_m": "float",
        "rectangle_width_m": "float",
        "rectangle_x": "float",
        "rectangle_y": "float",
        "rectangle_angle_deg": "float",
    },
    "parcels": {
        "parcel_id": "str",
        "area_m2": "float",
        "area_registered_m2": "float",
        "owner_id": "str",
        "land_use": "str",
        "zone": "str",
        "zone_share": "float",
        "value": "float",
        "cost": "float",
        "street": "bool",
        "site_id": "str",
        "excluded_by": "str",
    },
    "bridges": {
        "site_id": "str",
        "parcel_a": "str",
        "parcel_b": "str",
        "width_m": "float",
        "facing_m": "float",
        "closed_m2": "float",
        "road_class": "str",
    },
    "zones": {"zone": "str"},
    "restrictions": {"kind": "str", "hard": "bool", "buffer_m": "float"},
    "roads": {"class": "str", "width_m": "float"},
    "buildings": {"floors": "float"},
    "facilities": {"kind": "str"},
}
"""Layers with a geometry, in the order they are written. Text is nullable, NaN is "not known"."""

TABLES: Final[dict[str, dict[str, str]]] = {
    "rights": {
        "parcel_id": "str",
        "owner_id": "str",
        "share": "float",
        "type": "str",
        "ownership": "str",
        "end": "str",
        "encumbrance": "str",
    },
    "owners": {
        "owner_id": "str",
        "consent": "str",
        "refusal_probability": "float",
    },
    "exclusions": {
        "parcel_id": "str",
        "demand_id": "str",
        "rule": "str",
        "measured": "float",
        "limit": "float",
        "unit": "str",
    },
    "statements": {
        "party_id": "str",
        "role": "str",
        "owners": "str",
        "parcels_before": "int",
        "parcels_after": "int",
        "pieces_before": "int",
        "pieces_after": "int",
        "area_before_m2": "float",
        "area_after_m2": "float",
        "value_before": "float",
        "value_after": "float",
        "claim_value": "float",
        "payment": "float",
        "distance_before_m": "float",
        "distance_after_m": "float",
        "reference_x": "float",
        "reference_y": "float",
        "value_low": "float",
        "value_high": "float",
        "area_low_m2": "float",
        "area_high_m2": "float",
        "price_of_value": "float",
        "price_of_area": "float",
    },
    "holdings": {
        "parcel_id": "str",
        "party_before": "str",
        "party_after": "str",
        "fixed": "bool",
        "cycle": "int",
        "party_agreed": "str",
    },
    "worse_off": {
        "party_id": "str",
        "measure": "str",
        "before": "float",
        "after": "float",
    },
    "ledger": {
        "parcel_before": "str",
        "parcel_after": "str",
        "parent_ids": "str",
        "owner_before": "str",
        "owner_after": "str",
        "area_before_m2": "float",
        "area_after_m2": "float",
        "value_before": "float",
        "value_after": "float",
        "land_use": "str",
        "zone": "str",
    },
}
"""Attribute tables without geometry."""

LAYERS: Final = {**SPATIAL, **TABLES}
ONLY_WHERE_PRESENT: Final = frozenset(
    {
        *("zones", "restrictions", "roads", "buildings", "facilities", "owners"),
        *("statements", "holdings", "worse_off"),
    }
)
"""Copies of what the town has, and the tables of an exchange: written where there is any.

All other layers always exist. ``statements`` has a row per party of an exchange: role ``owner``,
``community`` (owners of one parcel in common, ids with "; " between them) or ``acquirer``; what it
is paid, negative where it pays; mean distance to its reference point; NaN where nothing limits it.
The prices are the multipliers behind the bound: money per value, and per m²; NaN where they are not
known. ``holdings`` has a row per parcel that takes part; ``cycle`` > 0 numbers the ring in which it
changes hands, 0 where it stays or goes against money; ``party_agreed`` is who was to get it in the
plan that this one was made from, missing where it was made from none. ``worse_off`` has a row per
party of an exchange and measure of `landplan.measures.change.BETTER` that is worse after it, and
per party whose land has less ``value`` or ``area_m2`` than is due.
"""
MAY_BE_MISSING: Final[dict[str, tuple[str, ...]]] = {
    "sites": tuple(SPATIAL["sites"])[tuple(SPATIAL["sites"]).index("centre_parcel") :],
    "bridges": ("closed_m2", "road_class"),
    "statements": ("price_of_value", "price_of_area"),
    "holdings": ("party_agreed",),
}
"""Columns that proposals made before they were known do not have: missing throughout."""

_MULTI: Final[dict[int, Callable[..., Any]]] = {
    shapely.GeometryType.POLYGON: shapely.multipolygons,
    shapely.GeometryType.LINESTRING: shapely.multilinestrings,
    shapely.GeometryType.POINT: shapely.multipoints,
}
_DTYPES: Final[dict[str, Any]] = {"str": "str", "float": "float64", "int": "int64", "bool": "bool"}


def empty_layer(name: str, crs: str) -> Frame:
    """Return a layer without rows."""
    columns = {column: pd.Series(dtype=_DTYPES[kind]) for column, kind in LAYERS[name].items()}
    frame = pd.DataFrame(columns)
    if name in TABLES:
        return frame
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries([], crs=crs), crs=crs)


def conform(frame: Frame, name: str, crs: str) -> Frame:
    """Bring a frame to the columns, kinds and geometry of its layer; further columns are left out.

    Geometry becomes two-dimensional and of the Multi type, an empty one becomes missing: what a
    GeoPackage gives back is then what went in.

    Raises
    ------
    ValueError
        A column is missing, holds what its kind cannot, or the frame has another CRS.
    """
    missing = [column for column in LAYERS[name] if column not in frame.columns]
    if set(missing) - set(MAY_BE_MISSING.get(name, ())):
        raise ValueError(f"layer {name} lacks {', '.join(missing)}")
    columns = {
        column: _cast(
            _unknown(frame.index, kind) if column in missing else frame[column],
            kind,
            f"{name}.{column}",
        )
        for column, kind in LAYERS[name].items()
    }
    table = pd.DataFrame(columns).reset_index(drop=True)
    if name in TABLES:
        return table
    if not isinstance(frame, gpd.GeoDataFrame):
        raise ValueError(f"layer {name} has no geometry")
    if frame.crs is not None and not same_crs(frame.crs, crs):
        raise ValueError(f"layer {name} is in {frame.crs.name}, not in the town's system")
    return gpd.GeoDataFrame(table, geometry=promote(frame.geometry.to_numpy()), crs=crs)


def _unknown(index: "pd.Index[Any]", kind: str) -> "pd.Series[Any]":
    return pd.Series(None if kind == "str" else np.nan, index=index, dtype=_DTYPES[kind])


def same_crs(one: object, other: object) -> bool:
    """Whether two systems are the same but for the order of their axes; unknown ones never are."""
    try:
        first, second = CRS.from_user_input(one), CRS.from_user_input(other)
    except CRSError:
        return False
    return bool(first.equals(second, ignore_axis_order=True))


def promote(geometry: Any) -> Any:
    """Return geometries [n] in two dimensions, single parts as Multi, empty ones as None."""
    flat = np.array(geometry, dtype=object)
    further = np.flatnonzero(shapely.get_coordinate_dimension(flat) > 2)
    flat[further] = shapely.force_2d(flat[further])
    flat[shapely.is_empty(flat)] = None
    kind = shapely.get_type_id(flat)
    for single, several in _MULTI.items():
        rows = np.flatnonzero(kind == single)
        if len(rows):
            flat[rows] = several(flat[rows], indices=np.arange(len(rows)))
    return flat


def _cast(column: "pd.Series[Any]", kind: str, name: str) -> "pd.Series[Any]":
    if kind in ("int", "bool") and column.isna().any():
        raise ValueError(f"{name} must not be missing")
    try:
        return column.astype(_DTYPES[kind])
    except (ValueError, TypeError) as error:
        raise ValueError(f"{name} does not hold {kind}: {error}") from error
