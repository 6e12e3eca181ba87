"""The audit's own overlay of parcels with zones and restrictions."""

import numpy as np
import pandas as pd
import shapely

from landplan.proposal.audit.view import FloatArray, Geometries, View


def share_table(view: View) -> pd.DataFrame:
    """How much of every usable parcel lies in which zone: ``row``, ``zone``, ``share`` (0..1).

    The zones of one code are united first and then taken apart, so their parts are disjoint and
    their areas add up.
    """
    zones = view.written.zones
    codes = zones["zone"].to_numpy()
    parts: list[shapely.Geometry] = []
    owners: list[str] = []
    for code in sorted({str(code) for code in codes if code is not None}):
        own = polygons(zones.geometry.to_numpy()[codes == code])
        united = shapely.get_parts(shapely.union_all(own))
        parts.extend(united)
        owners.extend([code] * len(united))
    ground = np.array(parts, dtype=object)
    rows, part, area = _common_areas(view, ground)
    frame = pd.DataFrame({"row": rows, "zone": np.array(owners, dtype=object)[part], "area": area})
    summed = frame[frame["area"] > 0].groupby(["row", "zone"], as_index=False)["area"].sum()
    total = view.area[summed["row"].to_numpy(dtype=np.int64)]
    return pd.DataFrame(
        {"row": summed["row"], "zone": summed["zone"], "share": summed["area"] / total}
    )


def restricted_area(view: View) -> FloatArray:
    """Area [n] of every usable parcel under hard restrictions with their buffers, m²."""
    restrictions = view.written.restrictions
    hard = restrictions["hard"].to_numpy() != 0.0
    shapes = restrictions.geometry.to_numpy()[hard]
    distance = np.nan_to_num(restrictions["buffer_m"].to_numpy()[hard], nan=0.0)
    shapes = np.where(distance > 0, shapely.buffer(shapes, distance), shapes)
    ground = shapely.get_parts(shapely.union_all(polygons(shapes)))
    rows, _, area = _common_areas(view, ground)
    return np.bincount(rows, weights=area, minlength=len(view.ids)).astype(float)


def polygons(shapes: Geometries) -> Geometries:
    """Return the polygons among geometries, made valid; lines and points cover no ground."""
    present = shapes[~shapely.is_missing(shapes)]
    parts = shapely.get_parts(shapely.get_parts(shapely.make_valid(present)))
    return np.asarray(parts[np.isin(shapely.get_type_id(parts), (3, 6))], dtype=object)


def _common_areas(view: View, ground: Geometries) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Rows of parcels, positions in ``ground`` and the areas they have in common."""
    usable = np.flatnonzero(view.usable)
    shapely.prepare(ground)
    position, found = shapely.STRtree(view.shapes[usable]).query(ground, predicate="intersects")
    rows = usable[found]
    inside = shapely.contains_properly(ground[position], view.shapes[rows])
    area = view.area[rows].copy()
    cut = ~inside
    area[cut] = shapely.area(shapely.intersection(view.shapes[rows[cut]], ground[position[cut]]))
    return rows, position, area
