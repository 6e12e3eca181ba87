"""What `landplan check` adds to reading.

Everything a planner should know that does not stop the work.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from landplan.cadastre.cadastre import Cadastre
from landplan.cadastre.findings import Finding
from landplan.cadastre.reading import Reading, read_town
from landplan.cadastre.text import unreadable

SLIVER_WIDTH_M = 0.5
GAP_WIDTH_M = 1.0
AREA_DEVIATION = 0.05
OUTSIDE_SHARE = 0.01


def check_town(path: Path) -> Reading:
    """Read a town and look at everything.

    Raises ManyErrors where the town file itself cannot be read.
    """
    reading = read_town(path)
    if reading.cadastre is None:
        return reading
    return Reading(reading.cadastre, (*reading.findings, *_observations(reading.cadastre)), ())


def _observations(cadastre: Cadastre) -> list[Finding]:
    parcels = cadastre.parcels
    found = (
        _shapes(parcels)
        + _gaps(parcels, cadastre.town.tolerance_m)
        + _money(parcels)
        + _areas(parcels)
    )
    found += _restrictions(cadastre)
    if len(cadastre.zones):
        found += _zones(cadastre)
    for name in (
        "parcels",
        "zones",
        "restrictions",
        "roads",
        "buildings",
        "facilities",
        "owners",
        "rights",
    ):
        found += _texts(getattr(cadastre, name), name)
    for assumption in cadastre.assumptions:
        params = assumption["params"]
        assert isinstance(params, dict)
        found.append(Finding("assumption.constant", "note", "parcels", params=params))
    return found


def _shapes(parcels: gpd.GeoDataFrame) -> list[Finding]:
    sound = parcels[parcels["fault"].isna()]
    shapes = sound.geometry.to_numpy()
    several = shapely.get_num_geometries(shapes) > 1
    width = mean_width(shapes)
    thin = width < SLIVER_WIDTH_M
    found = []
    if several.any():
        found.append(_named("geometry.multipart", sound, several, limit=1.0))
    if thin.any():
        found.append(
            _named(
                "geometry.sliver",
                sound,
                thin,
                measured=float(width[thin].min()),
                limit=SLIVER_WIDTH_M,
            )
        )
    return found


def mean_width(
    shapes: "np.ndarray[tuple[int], np.dtype[np.object_]]",
) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Return 2·area/perimeter [n] in m: the width of a long strip, half the side of a square."""
    perimeter = shapely.length(shapes)
    return np.divide(
        2 * shapely.area(shapes), perimeter, out=np.zeros_like(perimeter), where=perimeter > 0
    )


def _gaps(parcels: gpd.GeoDataFrame, tolerance_m: float) -> list[Finding]:
    """Narrow holes between parcels: wider than the tolerance, narrower than any path."""
    shapes = parcels.geometry.to_numpy()[parcels["fault"].isna().to_numpy()]
    whole = shapely.get_parts(shapely.disjoint_subset_union_all(shapes))
    rings = [ring for part in whole for ring in shapely.get_rings(part)[1:]]
    if not rings:
        return []
    holes = np.asarray(shapely.polygons(np.array(rings)), dtype=object)
    width = mean_width(holes)
    gap = (width > tolerance_m) & (width < GAP_WIDTH_M)
    if not gap.any():
        return []
    points = shapely.get_coordinates(shapely.point_on_surface(holes[gap]))
    ids = tuple(f"({x:.0f}, {y:.0f})" for x, y in points)
    area = round(float(shapely.area(holes[gap]).sum()), 2)
    return [
        Finding(
            "geometry.gap",
            "warning",
            "parcels",
            ids,
            float(gap.sum()),
            GAP_WIDTH_M,
            {"area_m2": area},
        )
    ]


def _money(parcels: gpd.GeoDataFrame) -> list[Finding]:
    land = parcels[~parcels["street"] & parcels["fault"].isna()]
    found = []
    for field in ("cost", "value"):
        missing = land[field].isna().to_numpy()
        zero = (land[field] <= 0).to_numpy()
        if missing.all():
            found.append(Finding(f"{field}.none", "warning", "parcels", measured=float(len(land))))
        elif missing.any():
            found.append(_named(f"{field}.missing", land, missing))
        if zero.any():
            found.append(_named(f"{field}.zero", land, zero))
    return found


def _areas(parcels: gpd.GeoDataFrame) -> list[Finding]:
    known = parcels[
        parcels["area_registered_m2"].notna() & parcels["fault"].isna() & (parcels["area_m2"] > 0)
    ]
    if known.empty:
        return []
    ratio = (known["area_registered_m2"] / known["area_m2"]).to_numpy()
    median = float(np.median(ratio))
    if not 0.5 < median < 2.0:
        return [
            Finding(
                "area.unit_suspected", "warning", "parcels", measured=round(median, 6), limit=1.0
            )
        ]
    off = np.abs(ratio - 1.0) > AREA_DEVIATION
    if not off.any():
        return []
    worst = round(float(np.abs(ratio[off] - 1.0).max()), 4)
    return [_named("area.differs", known, off, measured=worst, limit=AREA_DEVIATION)]


def _restrictions(cadastre: Cadastre) -> list[Finding]:
    """Hard restrictions that cover no ground, and so keep nobody out."""
    layer = cadastre.restrictions
    flat = shapely.get_dimensions(layer.geometry.to_numpy()) < 2
    idle = flat & layer["hard"].to_numpy() & ~(layer["buffer_m"] > 0).to_numpy()
    if not idle.any():
        return []
    rows = tuple(f"row {row + 1}" for row in np.flatnonzero(idle))
    return [Finding("restriction.no_ground", "warning", "restrictions", rows, float(idle.sum()))]


def _zones(cadastre: Cadastre) -> list[Finding]:
    land = cadastre.parcels[~cadastre.parcels["street"] & cadastre.parcels["fault"].isna()]
    outside = (land["zone_share"].fillna(0.0) < OUTSIDE_SHARE).to_numpy()
    found = [_named("zone.outside", land, outside, limit=OUTSIDE_SHARE)] if outside.any() else []
    ground = cadastre.zones.geometry.to_numpy()
    polygons = np.isin(shapely.get_type_id(ground), (3, 6))
    thin = polygons & (mean_width(ground) < SLIVER_WIDTH_M)
    if thin.any():
        rows = tuple(f"row {row + 1}" for row in np.flatnonzero(thin))
        found.append(
            Finding("zone.sliver", "note", "zones", rows, float(thin.sum()), SLIVER_WIDTH_M)
        )
    nameless = cadastre.zones["zone"].isna().to_numpy()
    if nameless.any():
        rows = tuple(f"row {row + 1}" for row in np.flatnonzero(nameless))
        found.append(Finding("zone.no_code", "warning", "zones", rows, float(nameless.sum())))
    return found


def _texts(frame: pd.DataFrame, layer: str) -> list[Finding]:
    found = []
    for name in frame.columns:
        if name == "geometry" or not (
            pd.api.types.is_string_dtype(frame[name]) or frame[name].dtype == object
        ):
            continue
        bad = unreadable(frame[name]).to_numpy()
        if bad.any():
            key = next((k for k in ("parcel_id", "owner_id") if k in frame.columns), None)
            ids = (
                frame.loc[bad, key]
                if key
                else pd.Series([f"row {row + 1}" for row in np.flatnonzero(bad)])
            )
            example = str(frame.loc[bad, name].iloc[0])
            params: dict[str, object] = {"column": name, "example": example}
            found.append(
                Finding(
                    "text.unreadable",
                    "warning",
                    layer,
                    tuple(ids.astype(str)),
                    float(bad.sum()),
                    params=params,
                )
            )
    return found


def _named(
    code: str,
    frame: pd.DataFrame,
    where: "np.ndarray[tuple[int], np.dtype[np.bool_]]",
    measured: float | None = None,
    limit: float | None = None,
) -> Finding:
    ids = tuple(frame.loc[where, "parcel_id"].astype(str))
    return Finding(
        code, "warning", "parcels", ids, float(len(ids)) if measured is None else measured, limit
    )
