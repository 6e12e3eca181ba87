"""Coordinate systems.

What may be a working CRS, and whether coordinates are what their CRS says.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Proj, Transformer
from pyproj.enums import TransformDirection
from pyproj.exceptions import CRSError, ProjError

from landplan.cadastre.findings import Finding
from landplan.errors import InputError

FloatArray = NDArray[np.float64]
_US_SURVEY_FOOT_M = 1200.0 / 3937.0
_AREA_ERROR = 0.01
_MARGIN_DEG = 1.0  # towns at the edge of a zone are normal, other continents are not


def working_crs(code: str | None, crs_file: Path | None) -> CRS:
    """Resolve the working CRS.

    Raises InputError unless it is projected, in metres and true to area.

    EPSG:3857 enlarges areas by 1/cos² of the latitude (37 % at 31° N), degrees are no lengths at
    all.
    """
    crs = parse_crs(code, crs_file)
    name = code or crs.name
    if crs.is_geographic:
        raise InputError("crs.degrees", crs=name)
    if not crs.is_projected:
        raise InputError("crs.not_projected", crs=name)
    if "Pseudo Mercator" in str(crs.coordinate_operation and crs.coordinate_operation.method_name):
        raise InputError("crs.web_mercator", crs=name)
    unit = crs.axis_info[0].unit_name if crs.axis_info else "unknown"
    if unit not in {"metre", "meter", "m"}:
        raise InputError("crs.not_metres", crs=name, unit=unit)
    return crs


def parse_crs(code: str | None, crs_file: Path | None = None) -> CRS:
    """Read a CRS from a code such as EPSG:4549 or a WKT file; raises InputError."""
    text = code
    if crs_file is not None:
        try:
            text = crs_file.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            raise InputError("file.missing", file=str(crs_file)) from None
    try:
        return CRS.from_user_input(text)
    except CRSError:
        raise InputError("crs.unknown", crs=str(code or crs_file)) from None


def require_true_area(crs: CRS, points: FloatArray) -> None:
    """Raise InputError where areas in the CRS differ by more than 1 % from those on the ground.

    Judged by the areal scale at the middle of ``points`` [n, 2]: EPSG:3857 and its relatives
    enlarge by 37 % at Shanghai, whatever they are called.
    """
    points = points[np.isfinite(points).all(axis=1)]
    if len(points) == 0:
        return
    flat = crs.sub_crs_list[0] if crs.is_compound else crs
    x, y = np.median(points, axis=0)
    try:
        projection = Proj(flat)
        scale = float(projection.get_factors(*projection(x, y, inverse=True)).areal_scale)
    except ProjError:
        return
    if np.isfinite(scale) and abs(scale - 1.0) > _AREA_ERROR:
        raise InputError("crs.not_true_to_area", crs=crs.name, scale=round(scale, 4))


def position_fault(bounds_points: FloatArray, crs: CRS, layer: str) -> Finding | None:
    """Say whether the coordinates [n, 2] of a layer lie where their CRS is in use.

    If not, why.

    Tried in turn on the median point: swapped axes, a zone prefix before the easting, US survey
    feet. The area of use comes from the CRS registry; local systems without one cannot be judged.
    """
    points = bounds_points[np.isfinite(bounds_points).all(axis=1)]
    if crs.area_of_use is None or len(points) == 0:
        return None
    x, y = np.median(points, axis=0)
    if _in_use(x, y, crs):
        return None
    details: dict[str, object] = {
        "crs": crs_name(crs),
        "x": round(float(x), 3),
        "y": round(float(y), 3),
    }
    if _in_use(y, x, crs):
        return Finding("crs.swapped_axes", "town_error", layer, params=details)
    if 1e7 <= x < 1e8:
        zone = int(x // 1_000_000)
        if _in_use(x - zone * 1_000_000, y, crs):
            return Finding("crs.zone_prefix", "town_error", layer, params={**details, "zone": zone})
    if 1e7 <= y < 1e8 and _in_use(y - (y // 1_000_000) * 1_000_000, x, crs):
        return Finding("crs.swapped_axes", "town_error", layer, params=details)
    if crs.is_projected and _in_use(x * _US_SURVEY_FOOT_M, y * _US_SURVEY_FOOT_M, crs):
        return Finding("crs.us_feet", "town_error", layer, params=details)
    if crs.is_projected and abs(x) <= 180 and abs(y) <= 90:
        return Finding("crs.degrees_in_metres", "town_error", layer, params=details)
    return Finding("crs.outside_area", "town_error", layer, params=details)


def _in_use(x: float, y: float, crs: CRS) -> bool:
    area = crs.area_of_use
    if area is None:
        return True
    try:
        # always_xy: x is east in memory, whatever the axis order of the registry
        longitude, latitude = _to_degrees(crs).transform(x, y)
    except ProjError:
        return False
    if not (np.isfinite(longitude) and np.isfinite(latitude)):
        return False
    west, east = area.west - _MARGIN_DEG, area.east + _MARGIN_DEG
    inside_longitude = (
        west <= longitude <= east
        if area.west <= area.east
        else longitude >= west or longitude <= east
    )
    if not (inside_longitude and area.south - _MARGIN_DEG <= latitude <= area.north + _MARGIN_DEG):
        return False
    if crs.is_geographic:
        return True
    # far outside its zone a projection folds back on itself: only a point that returns to where it
    # was counts
    back = _to_degrees(crs).transform(longitude, latitude, direction=TransformDirection.INVERSE)
    return bool(np.hypot(back[0] - x, back[1] - y) < 1.0)


@lru_cache(maxsize=16)
def _to_degrees(crs: CRS) -> Transformer:
    """Return the way to longitude and latitude; finding it takes a tenth of a second."""
    return Transformer.from_crs(crs, 4326, always_xy=True)


def crs_name(crs: CRS) -> str:
    """Return the code of a CRS, such as EPSG:4549, or its WKT where it has none."""
    authority = crs.to_authority()
    return ":".join(authority) if authority else crs.to_wkt()
