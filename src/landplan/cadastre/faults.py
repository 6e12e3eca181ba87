"""Parcel errors: what makes a parcel unusable, found for all parcels at once."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.validation import explain_validity

from landplan.cadastre.findings import Finding
from landplan.errors import InputError

BoolArray = NDArray[np.bool_]

UNUSABLE_LIMIT = 0.05
"""More than this share of unusable parcels is a town error."""


def repair(
    frame: gpd.GeoDataFrame, make_valid: bool
) -> tuple[gpd.GeoDataFrame, list[Finding], list[str]]:
    """Make invalid polygons valid where the town file asks for it.

    Returns the frame, the findings and one line per repair for the provenance. Areas are computed
    again.
    """
    geometry = frame.geometry.to_numpy()
    broken = ~shapely.is_valid(geometry) & ~shapely.is_missing(geometry)
    if not (make_valid and broken.any()):
        return frame, [], []
    fixed = geometry.copy()
    fixed[broken] = [_polygonal(shape) for shape in shapely.make_valid(geometry[broken])]
    frame = frame.set_geometry(gpd.GeoSeries(fixed, index=frame.index, crs=frame.crs))
    frame["area_m2"] = shapely.area(fixed).round(2)
    ids = tuple(frame.loc[broken, "parcel_id"].astype(str))
    return (
        frame,
        [Finding("repair.made_valid", "warning", "parcels", ids, float(len(ids)))],
        [f"make_valid {i}" for i in ids],
    )


def _polygonal(shape: shapely.Geometry) -> shapely.Geometry:
    parts = [
        part for part in shapely.get_parts(shape) if part.geom_type in ("Polygon", "MultiPolygon")
    ]
    return shapely.union_all(parts) if parts else shapely.Polygon()


def mark_faults(frame: gpd.GeoDataFrame, tolerance_m: float) -> list[Finding]:
    """Set ``fault`` and make ``parcel_id`` unique in place; return the findings.

    Raises InputError("town.unusable") where more than 5 % of the parcels are unusable. Duplicate
    ids: all their parcels are unusable, since nobody knows which row the register means; the second
    carries #2, the third #3.
    """
    frame["fault"] = pd.Series(pd.NA, index=frame.index, dtype="string").astype("str")
    geometry = frame.geometry.to_numpy()
    missing = shapely.is_missing(geometry)
    empty = ~missing & shapely.is_empty(geometry)
    kinds = shapely.get_type_id(geometry)
    other = ~missing & ~empty & ~np.isin(kinds, (3, 6))
    invalid = ~missing & ~empty & ~other & ~shapely.is_valid(geometry)
    findings = _identify(frame)
    findings += _mark(frame, missing, "geometry.null")
    findings += _mark(frame, empty, "geometry.empty")
    findings += _mark(frame, other, "geometry.not_polygon")
    findings += _mark(frame, invalid, "geometry.invalid", _reason(geometry, invalid))
    shapes_ok = ~(missing | empty | other | invalid)
    findings += _mark(
        frame, overlapping(geometry, shapes_ok, tolerance_m), "geometry.overlap", limit=tolerance_m
    )
    frame.loc[missing | empty | other, "area_m2"] = 0.0
    return findings


def require_usable(frame: gpd.GeoDataFrame) -> None:
    """Raise InputError where more than `UNUSABLE_LIMIT` of the parcels carry a fault.

    None is left.
    """
    unusable = int(frame["fault"].notna().sum())
    share = unusable / len(frame) if len(frame) else 1.0
    if share > UNUSABLE_LIMIT:
        counts = frame["fault"].value_counts().sort_index()
        causes = ", ".join(f"{code} {n}" for code, n in counts.items())
        raise InputError(
            "town.unusable",
            unusable=unusable,
            total=len(frame),
            share=f"{share:.1%}",
            causes=causes,
        )


def overlapping(geometry: NDArray[np.object_], usable: BoolArray, tolerance_m: float) -> BoolArray:
    """Which parcels overlap another by more than hair width.

    An overlap counts where its mean width 2·area/perimeter exceeds ``tolerance_m``: digitising
    noise along a common border is narrow, however long.
    """
    marked = np.zeros(len(geometry), dtype=bool)
    index = np.flatnonzero(usable)
    if len(index) < 2:
        return marked
    shapes = geometry[index]
    shapely.prepare(shapes)
    tree = shapely.STRtree(shapes)
    first, second = tree.query(shapes)
    upper = first < second
    first, second = first[upper], second[upper]
    # a common strip needs boxes that share more than the tolerance in both directions
    boxes = shapely.bounds(shapes)
    shared = np.minimum(boxes[first, 2:], boxes[second, 2:]) - np.maximum(
        boxes[first, :2], boxes[second, :2]
    )
    wide = (shared > tolerance_m).all(axis=1)
    first, second = first[wide], second[wide]
    interiors = ~shapely.touches(shapes[first], shapes[second]) & shapely.intersects(
        shapes[first], shapes[second]
    )
    first, second = first[interiors], second[interiors]
    common = shapely.intersection(shapes[first], shapes[second])
    perimeter = shapely.length(common)
    width = np.divide(
        2 * shapely.area(common), perimeter, out=np.zeros_like(perimeter), where=perimeter > 0
    )
    real = width > max(tolerance_m, 1e-6)
    marked[index[first[real]]] = True
    marked[index[second[real]]] = True
    return marked


def _identify(frame: gpd.GeoDataFrame) -> list[Finding]:
    ids = frame["parcel_id"]
    nameless = ids.isna().to_numpy()
    frame.loc[nameless, "parcel_id"] = "?"
    repeated = frame["parcel_id"].duplicated(keep=False).to_numpy()
    frame["parcel_id"] = _numbered(frame["parcel_id"])
    return _mark(frame, nameless, "id.missing") + _mark(frame, repeated & ~nameless, "id.duplicate")


def _numbered(ids: pd.Series) -> pd.Series:
    """Give the second of equal ids #2, the third #3, and pass over names that are taken already."""
    taken = set(ids)
    seen: dict[str, int] = {}
    unique = []
    for name in ids:
        number = seen.get(name, 0) + 1
        while number > 1 and f"{name}#{number}" in taken:
            number += 1
        seen[name] = number
        unique.append(name if number == 1 else f"{name}#{number}")
    return pd.Series(unique, index=ids.index, dtype="str")


def _mark(
    frame: gpd.GeoDataFrame,
    where: BoolArray,
    code: str,
    detail: str | None = None,
    limit: float | None = None,
) -> list[Finding]:
    if not where.any():
        return []
    ids = tuple(frame.loc[where, "parcel_id"])
    frame.loc[where & frame["fault"].isna().to_numpy(), "fault"] = f"data.{code}"
    params: dict[str, object] = {"detail": detail} if detail else {}
    return [Finding(code, "parcel_error", "parcels", ids, float(len(ids)), limit, params)]


def _reason(geometry: NDArray[np.object_], invalid: BoolArray) -> str | None:
    return explain_validity(geometry[invalid][0]) if invalid.any() else None
