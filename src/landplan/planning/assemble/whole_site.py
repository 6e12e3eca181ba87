"""The rules that only a whole site can be asked: width, rectangle, holes, what is left beside it.

The engine asks `WholeSite` about every site that it would otherwise keep; a hand edit asks it which
rule is broken. Ground is the union of the parcels with gaps up to the tolerance closed; its parts
are what streets separate. Width and rectangle are asked of parts, never across a street.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from landplan.measures.rectangle import Rectangle, fits, largest
from landplan.measures.width import has_width, narrowest
from landplan.planning.assemble.leftovers import Leftovers
from landplan.planning.assemble.request_parts import Neighbours, Shape

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
Geometries = NDArray[np.object_]

HOLE_M2: Final = 1.0
"""A smaller hole is noise of the drawing."""
_SEAM_M: Final = 1e-3
_KEPT: Final = 20_000
_SQUARE_DECIMETRES: Final = 100


@dataclass(frozen=True, slots=True)
class SiteFault:
    """A rule that a site breaks, and the parcels to look at."""

    code: str
    params: Mapping[str, object]
    parcels: IntArray


def ground_parts(shapes: Geometries, tolerance_m: float) -> list[shapely.Polygon]:
    """Return the connected ground of parcels, gaps up to the tolerance closed, largest first."""
    seam = tolerance_m / 2.0 + _SEAM_M
    wide = shapely.buffer(shapely.union_all(shapes), seam, join_style="mitre")
    parts = shapely.get_parts(shapely.buffer(wide, -seam, join_style="mitre"))
    return sorted((part for part in parts if part.area > HOLE_M2), key=lambda part: -part.area)


def find_rectangle(parts: list[shapely.Polygon], shape: Shape) -> Rectangle | None:
    """Return the largest rectangle found in one part; one that holds the sides asked for, if any.

    None where a rectangle is asked for and none is found.
    """
    found = [one for part in parts if (one := largest(part)) is not None]
    best = max(found, key=lambda one: one.area_m2, default=None)
    if shape.rectangle_length_m == 0 or (best is not None and holds(best, shape)):
        return best
    long, short = shape.rectangle_length_m, shape.rectangle_width_m
    return next((one for part in parts if (one := fits(part, long, short)) is not None), None)


def holds(found: Rectangle, shape: Shape) -> bool:
    """Whether a rectangle is at least as long and as wide as the one asked for."""
    long, short = sorted((shape.rectangle_length_m, shape.rectangle_width_m), reverse=True)
    return found.length_m >= long and found.width_m >= short


@dataclass(frozen=True, eq=False)
class WholeSite:
    """Judge of whole sites of one demand; ``eligible`` [n] are the parcels it may use.

    ``cut_off``: which parcels beside a site lose the street that it closes.
    """

    shapes: Geometries
    points: NDArray[np.float64]
    eligible: BoolArray
    tolerance_m: float
    shape: Shape
    neighbours: Neighbours
    leftovers: Leftovers | None
    cut_off: Callable[[IntArray], IntArray] | None = None
    _known: OrderedDict[bytes, bool] = field(default_factory=OrderedDict)

    @staticmethod
    def asked(shape: Shape, neighbours: Neighbours) -> bool:
        """Whether a request has any rule of this kind."""
        return (
            shape.min_width_m > 0
            or shape.rectangle_length_m > 0
            or shape.holes != "allow"
            or neighbours_asked(neighbours)
        )

    def __call__(self, parcels: IntArray) -> bool:
        """Whether a site keeps every rule; the same question is answered once."""
        key = np.asarray(parcels, np.int64).tobytes()
        known = self._known.get(key)
        if known is None:
            known = next(self.faults(parcels), None) is None
            self._known[key] = known
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return known

    def faults(self, parcels: IntArray) -> Iterator[SiteFault]:
        """Yield the rules that a site breaks, those that are quickly judged first."""
        yield from self._left_behind(parcels)
        if self.cut_off is not None and len(away := self.cut_off(parcels)):
            yield SiteFault("closed_off", {"n": len(away)}, away)
        shape = self.shape
        if shape.min_width_m == 0 and shape.rectangle_length_m == 0 and shape.holes == "allow":
            return
        parts = ground_parts(self.shapes[parcels], self.tolerance_m)
        yield from self._holes(parts, parcels)
        if shape.min_width_m > 0 and not all(
            has_width(part, shape.min_width_m, shape.width_share) for part in parts
        ):
            measured = narrowest(parts, shape.width_share)
            figures = {"measured_m": measured, "limit_m": shape.min_width_m}
            yield SiteFault("too_narrow", figures, parcels)
        if shape.rectangle_length_m > 0:
            long, short = shape.rectangle_length_m, shape.rectangle_width_m
            if not any(fits(part, long, short) for part in parts):
                yield SiteFault("no_rectangle", {"long_m": long, "short_m": short}, parcels)

    def _holes(self, parts: list[shapely.Polygon], parcels: IntArray) -> Iterator[SiteFault]:
        rule = self.shape.holes
        if rule == "allow":
            return
        rings = [ring for part in parts for ring in shapely.get_rings(part)[1:]]
        holes = [hole for hole in shapely.polygons(rings) if hole.area > HOLE_M2] if rings else []
        if not holes:
            return
        enclosed = _inside(holes, self.points, self.shapes, parcels)
        if rule == "fill":
            enclosed = enclosed[self.eligible[enclosed]]
            if len(enclosed) == 0:
                return
        code = {"forbid": "hole", "fill": "hole_to_fill"}[rule]
        yield SiteFault(code, {"n": len(holes)}, enclosed)

    def _left_behind(self, parcels: IntArray) -> Iterator[SiteFault]:
        left, rule = self.leftovers, self.neighbours
        if left is None:
            return
        if rule.keep_street_contact and (rests := left.landlocked(parcels)):
            away = np.concatenate(rests)
            yield SiteFault("landlocked", {"n": len(away)}, away)
        least = round(rule.min_orphan_area_m2 * _SQUARE_DECIMETRES)
        if least > 0 and (rests := left.orphans(parcels, least)):
            smallest = min(int(left.area[rest].sum()) for rest in rests) / _SQUARE_DECIMETRES
            figures = {"measured_m2": smallest, "limit_m2": rule.min_orphan_area_m2}
            yield SiteFault("orphan", figures, np.concatenate(rests))


def neighbours_asked(neighbours: Neighbours) -> bool:
    """Whether a request has a rule about the land left beside a site."""
    return neighbours.keep_street_contact or neighbours.min_orphan_area_m2 > 0


def _inside(
    holes: list[shapely.Polygon],
    points: NDArray[np.float64],
    shapes: Geometries,
    parcels: IntArray,
) -> IntArray:
    """Return the parcels, none of the site's, whose inner point lies in a hole."""
    whole = shapely.union_all(holes)
    shapely.prepare(whole)
    there = shapely.contains_xy(whole, points[:, 0], points[:, 1])
    there[parcels] = False
    real = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    return np.flatnonzero(there & real).astype(np.int64)
