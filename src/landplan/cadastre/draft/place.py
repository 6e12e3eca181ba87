"""Where the layers lie on Earth, and which metric CRS to work in there."""

from dataclasses import dataclass, field
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.aoi import AreaOfInterest
from pyproj.database import query_crs_info
from pyproj.enums import PJType
from pyproj.exceptions import ProjError

from landplan.cadastre.draft.survey import Source

LONGITUDE_LATITUDE: Final = "EPSG:4326"
_ZONED: Final = 1.0
_INTERIOR: Final = 0.75

# National grids by the beginning of their EPSG name, with the currency used there and how near to
# the edge of the area of use (a box, 0 = its middle, 1 = its edge) a place may lie. The box of a
# whole country holds parts of its neighbours: near its edge UTM is the safer guess.
_GRIDS: Final[dict[str, tuple[str, float]]] = {
    "CGCS2000 / 3-degree Gauss-Kruger CM": ("CNY", _ZONED),
    "NAD83 / ": ("USD", _ZONED),
    "RGF93 v1 / Lambert-93": ("EUR", _INTERIOR),
    "OSGB36 / British National Grid": ("GBP", _INTERIOR),
    "CH1903+ / LV95": ("CHF", _INTERIOR),
    "Amersfoort / RD New": ("EUR", _INTERIOR),
    "S-JTSK / Krovak East North": ("CZK", _INTERIOR),
    "TWD97 / TM2 zone 121": ("TWD", _INTERIOR),
}
_STATE_PLANE: Final = (range(26929, 26999), range(32100, 32162))  # NAD83 in metres, by state


@dataclass(frozen=True, slots=True)
class Place:
    """A working CRS with how it was found.

    ``reason`` is ``declared`` (the parcels or another layer have it), ``grid`` (the national grid
    there), ``utm`` or ``unknown``; ``others`` are grids that could serve as well.
    """

    crs: str | None
    name: str = ""
    reason: str = "unknown"
    others: tuple[str, ...] = ()
    currency: str | None = None
    centre: tuple[float, float] | None = field(default=None)


def assumed_crs(source: Source) -> tuple[CRS | None, bool]:
    """Return the CRS to read a layer in, and whether it is a guess.

    Only one guess is made: coordinates that all lie within ±180, ±90 and are not near the origin
    of some local system are longitude and latitude. A declared CRS that the coordinates
    contradict (degrees with values of thousands) counts as none.
    """
    degrees = looks_like_degrees(source.geometry)
    if source.crs is not None:
        return (None, False) if source.crs.is_geographic and not degrees else (source.crs, False)
    return (CRS(LONGITUDE_LATITUDE), True) if degrees else (None, False)


def looks_like_degrees(geometry: gpd.GeoSeries) -> bool:
    """Whether all coordinates fit into degrees and span less than a country."""
    bounds = shapely.bounds(geometry.to_numpy())
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(bounds):
        return False
    west, south = bounds[:, :2].min(axis=0)
    east, north = bounds[:, 2:].max(axis=0)
    inside = -180 <= west <= east <= 180 and -90 <= south <= north <= 90
    return bool(inside and east - west < 10 and north - south < 10)


def zone_prefixed_crs(easting: float) -> tuple[str, str] | None:
    """Name the CGCS2000 3-degree grid whose zone number an eight-digit easting begins with.

    Returns the grid with the prefix and the one without it (EPSG:4528 and EPSG:4549 for zone 40).
    Only a candidate: Beijing 1954 and Xi'an 1980 number their zones alike.
    """
    zone = int(easting // 1_000_000)
    if zone not in range(25, 46):
        return None
    return f"EPSG:{4513 + zone - 25}", f"EPSG:{4534 + zone - 25}"


def usable(crs: CRS | None) -> bool:
    """Whether areas may be computed in it: projected, in metres, not Web Mercator."""
    if crs is None or not crs.is_projected or crs.axis_info[0].unit_name != "metre":
        return False
    operation = crs.coordinate_operation
    return operation is None or "Pseudo Mercator" not in operation.method_name


def find_place(sources: list[Source]) -> Place:
    """Choose the working CRS for layers, the most important one first."""
    known = [(source, assumed_crs(source)[0]) for source in sources if source.kind != "table"]
    located = [(source, crs) for source, crs in known if crs is not None]
    if not located:
        return Place(None)
    centre = _centre(*located[0])
    for _, crs in located:
        code = crs.to_authority()
        if usable(crs) and code is not None:
            return Place(":".join(code), crs.name, "declared", (), _currency(crs.name), centre)
    if centre is None:
        return Place(None)
    return _by_location(centre, [crs.name for _, crs in located])


def _centre(source: Source, crs: CRS) -> tuple[float, float] | None:
    bounds = shapely.bounds(source.geometry.to_numpy())
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    x, y = np.median((bounds[:, :2] + bounds[:, 2:]) / 2, axis=0)
    try:
        longitude, latitude = Transformer.from_crs(crs, 4326, always_xy=True).transform(x, y)
    except ProjError:
        return None
    if not (np.isfinite(longitude) and np.isfinite(latitude)):
        return None
    return float(longitude), float(latitude)


def _by_location(centre: tuple[float, float], named: list[str]) -> Place:
    """Take the national grid whose area of use holds the place well inside, else UTM.

    A layer in feet of the same grid (``NAD83 / North Carolina (ftUS)``) decides between neighbours.
    """
    grids = _grids_at(*centre)
    siblings = [one for one in grids if any(name.startswith(one[1] + " (") for name in named)]
    others = tuple(f"{code} {name}" for code, name, _ in grids)
    inside = [one for one in grids if one[2] <= _family(one[1])[1]]
    if siblings or inside:
        code, name, _ = (siblings or inside)[0]
        rest = tuple(one for one in others if not one.startswith(f"{code} "))
        return Place(code, name, "grid", rest, _currency(name), centre)
    code = _utm(*centre)
    return Place(code, CRS(code).name, "utm", others, None, centre)


def _grids_at(longitude: float, latitude: float) -> list[tuple[str, str, float]]:
    """Return (code, name, nearness to the edge 0..1) of the grids in use at a place."""
    found = []
    area = AreaOfInterest(longitude, latitude, longitude, latitude)
    for info in query_crs_info("EPSG", PJType.PROJECTED_CRS, area, contains=True):
        if info.deprecated or info.area_of_use is None or not _is_grid(int(info.code), info.name):
            continue
        west, south, east, north = info.area_of_use.bounds
        edge = max(
            abs(2 * longitude - west - east) / (east - west),
            abs(2 * latitude - south - north) / (north - south),
        )
        if usable(CRS(f"EPSG:{info.code}")):
            found.append((f"EPSG:{info.code}", info.name, edge))
    return sorted(found, key=lambda one: (one[2], one[0]))


def _is_grid(code: int, name: str) -> bool:
    if name.startswith("NAD83 / "):
        return any(code in codes for codes in _STATE_PLANE)
    return any(name.startswith(beginning) for beginning in _GRIDS)


def _family(name: str) -> tuple[str | None, float]:
    return next((kind for start, kind in _GRIDS.items() if name.startswith(start)), (None, 0.0))


def _currency(name: str) -> str | None:
    return _family(name)[0]


def _utm(longitude: float, latitude: float) -> str:
    zone = int((longitude + 180) // 6) % 60 + 1
    return f"EPSG:{(32600 if latitude >= 0 else 32700) + zone}"
