"""Layers as compact GeoJSON in longitude and latitude, the same bytes for the same rows."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from landplan.errors import InputError

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

LONGITUDE_LATITUDE: Final = "EPSG:4326"
DECIMALS: Final = 6
"""About 0.1 m: nobody sees less on a screen, and the map is never used to measure."""


def layer_geojson(
    frame: gpd.GeoDataFrame,
    columns: Sequence[str],
    bbox: Bounds | None = None,
    simplify: float | None = None,
) -> bytes:
    """Return a FeatureCollection for the map; the first column is the id of each feature.

    Parameters
    ----------
    frame
        In any CRS.
    columns
        Which columns become properties; missing values are left out. Nothing else gets into the
        bytes.
    bbox
        Only features whose box meets this one (degrees).
    simplify
        Tolerance in units of the frame's CRS; rings keep their topology one by one.
    """
    shapes = frame.geometry
    if simplify:
        shapes = shapes.simplify(simplify)
    shapes = shapes.to_crs(LONGITUDE_LATITUDE)
    kept = drawable(shapes)
    if bbox is not None:
        kept &= _meets(shapes.bounds.to_numpy(), bbox)
    texts = [_values(frame[column].to_numpy()[kept]) for column in columns]
    names = [json.dumps(column) for column in columns]
    features = [
        _feature(geometry, names, values)
        for geometry, *values in zip(_geometries(shapes.to_numpy()[kept]), *texts, strict=True)
    ]
    return f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}'.encode()


def parse_bbox(text: str | None) -> Bounds | None:
    """Read ``west,south,east,north`` of a query; raises InputError ``map.bbox``."""
    if not text:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise InputError("map.bbox", bbox=text[:80]) from None
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise InputError("map.bbox", bbox=text[:80])
    return west, south, east, north


def etag(*parts: object) -> str:
    """Return a strong ETag of what an answer depends on: id, layer, role, box, version."""
    digest = hashlib.sha256(json.dumps([str(part) for part in parts]).encode())
    return f'"{digest.hexdigest()[:32]}"'


def bounds_of(frames: Iterable[gpd.GeoDataFrame]) -> Bounds | None:
    """Return the box around all features of some frames in degrees; None where there are none."""
    boxes = [
        frame.geometry.to_crs(LONGITUDE_LATITUDE).total_bounds for frame in frames if len(frame)
    ]
    found = np.array([box for box in boxes if np.isfinite(box).all()])
    if not len(found):
        return None
    west, south = found[:, :2].min(axis=0)
    east, north = found[:, 2:].max(axis=0)
    return float(west), float(south), float(east), float(north)


def drawable(shapes: gpd.GeoSeries) -> NDArray[np.bool_]:
    """Return which geometries [n] are neither missing nor empty."""
    array = shapes.to_numpy()
    kept: NDArray[np.bool_] = ~(shapely.is_missing(array) | shapely.is_empty(array))
    return kept


def _meets(boxes: Any, bbox: Bounds) -> Any:
    west, south, east, north = bbox
    return (
        (boxes[:, 0] <= east)
        & (boxes[:, 2] >= west)
        & (boxes[:, 1] <= north)
        & (boxes[:, 3] >= south)
    )


def _geometries(shapes: Any) -> list[str]:
    rounded = shapely.transform(shapes, lambda points: np.round(points, DECIMALS))
    single = np.array(
        [
            shape.geoms[0] if hasattr(shape, "geoms") and len(shape.geoms) == 1 else shape
            for shape in rounded
        ],
        dtype=object,
    )
    return [str(text) for text in shapely.to_geojson(single)]


def _values(column: Any) -> list[str | None]:
    return [_value(value) for value in column.tolist()]


def _value(value: object) -> str | None:
    """Return a value as JSON, None where it is missing."""
    if value is None or (isinstance(value, float) and not np.isfinite(value)):
        return None
    if isinstance(value, float):
        value = int(value) if value == int(value) else round(value, 4)
    if not isinstance(value, bool | int | float | list | tuple):
        value = str(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _feature(geometry: str, names: list[str], values: list[str | None]) -> str:
    properties = ",".join(
        f"{name}:{value}" for name, value in zip(names, values, strict=True) if value is not None
    )
    ident = f'"id":{values[0]},' if values and values[0] is not None else ""
    return f'{{"type":"Feature",{ident}"properties":{{{properties}}},"geometry":{geometry}}}'
