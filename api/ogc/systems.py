"""Coordinate systems of answers: CRS84 always, the town's own where it has a code.

Frames hold x = east, y = north. On the wire a system has its own order of axes (EPSG:4549 is
north, east), so coordinates change places on the way in and out.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from api.ogc.queries import Box
from api.problems import Refused

CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
INVALID: Final = "http://www.opengis.net/def/exceptions/ogcapi-features-2/1.0/invalid-crs-parameter"
_EAST_NORTH: Final = ("east", "north")


@dataclass(frozen=True, slots=True)
class System:
    """A coordinate system as an address names it; ``swapped`` where north comes first."""

    uri: str
    crs: CRS
    swapped: bool
    decimals: int

    def on_the_wire(self, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
        """Return shapes (x = east) with this system's order of axes."""
        if not self.swapped:
            return shapes
        return np.asarray(shapely.transform(shapes, lambda points: points[:, ::-1]))

    def box_in_memory(self, box: Box) -> Box:
        """Return a box given in this system's order of axes as east, north, east, north."""
        return (box[1], box[0], box[3], box[2]) if self.swapped else box


LONGITUDE_LATITUDE: Final = System(CRS84, CRS.from_user_input("OGC:CRS84"), False, 8)


def systems_of(crs: CRS) -> tuple[System, ...]:
    """Return CRS84, and the town's own system where it has an EPSG code and plain axes."""
    code = crs.to_authority(auth_name="EPSG", min_confidence=100)
    axes = tuple(axis.direction.lower() for axis in crs.axis_info[:2])
    if code is None or axes not in (_EAST_NORTH, _EAST_NORTH[::-1]):
        return (LONGITUDE_LATITUDE,)
    uri = f"http://www.opengis.net/def/crs/EPSG/0/{code[1]}"
    return LONGITUDE_LATITUDE, System(uri, crs, axes != _EAST_NORTH, 4)


def chosen(wanted: str | None, known: tuple[System, ...], parameter: str) -> System:
    """Return the system an address names; raises Refused (400) for one the collection lacks."""
    if wanted is None:
        return known[0]
    found = next((system for system in known if system.uri == wanted), None)
    if found is None:
        uris = [system.uri for system in known]
        raise Refused(400, "ogc.crs_unknown", kind=INVALID, name=parameter, crs=wanted, known=uris)
    return found


def reprojected(shapes: NDArray[np.object_], source: CRS, system: System) -> NDArray[np.object_]:
    """Return shapes in another system, x = east, rounded to about a millimetre or less."""
    if source == system.crs:
        return np.asarray(
            shapely.transform(shapes, lambda points: np.round(points, system.decimals))
        )
    transformer = _transformer(source, system.crs)

    def moved(points: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y = transformer.transform(points[:, 0], points[:, 1])
        return np.round(np.column_stack([x, y]), system.decimals)

    return np.asarray(shapely.transform(shapes, moved))


@lru_cache(maxsize=32)
def _transformer(source: CRS, target: CRS) -> Transformer:
    # finding the best operation between two systems takes longer than moving a town
    return Transformer.from_crs(source, target, always_xy=True)
