"""What a site has of the streets, and what it leaves to its neighbours."""

from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from landplan.proposal.audit.contiguity import border_length
from landplan.proposal.audit.report import Check, none_of
from landplan.proposal.audit.sites import BORDER_LENIENT, BORDER_STRICT
from landplan.proposal.audit.view import View

FRONTAGE_SHARE, FRONTAGE_M = 0.9, 2.0
"""Frontage is sampled; so much of the least length must be found again."""
CONTACT_SHARE = 0.5
AREA_SHARE = 0.999
_STEP_M = 2.0
_AHEAD = 0.6
"""Walking straight ahead must bring the road nearer by this part of the way (45°, and rounding)."""


def check_surroundings(view: View) -> Iterator[Check]:
    """Check frontage, ways to the street and orphans of every site."""
    asked, land = view.document.asked, _Land(view)
    short, shut, orphaned = [], [], []
    for site, rows in view.members.items():
        if asked.min_frontage_m > 0:
            metres = sum(_frontage(view, land, int(row)) for row in rows)
            if metres < FRONTAGE_SHARE * asked.min_frontage_m - FRONTAGE_M:
                short.append(site)
        inside = frozenset(map(int, rows))
        if asked.keep_street_contact and land.shut_in(inside):
            shut.append(site)
        if asked.min_orphan_area_m2 > 0 and land.orphaned(inside, asked.min_orphan_area_m2):
            orphaned.append(site)
    yield none_of("rules.frontage", short)
    yield none_of("rules.street_contact", shut)
    yield none_of("rules.orphan", orphaned)


Enough = Callable[[int, float], bool]
"""Given a parcel and the area so far: whether a rest needs no further look."""


class _Land:
    """Who borders whom and who touches open ground, asked for where it is needed only."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.reach = max(view.document.tolerance_m, 1e-3) * 1.05
        self.solid = ~view.street & ~shapely.is_empty(view.shapes)
        self.neighbours = cache(self._neighbours)
        self.contact = cache(self._contact)

    def near(self, row: int) -> NDArray[np.int64]:
        """Return other land that comes within reach of a parcel."""
        shape = self.view.shapes[row]
        found = self.view.tree.query(shape, predicate="dwithin", distance=self.reach)
        return np.sort(found[self.solid[found] & (found != row)])

    def _neighbours(self, row: int) -> tuple[tuple[int, float], ...]:
        near = self.near(row)
        near = near[~self.view.faulty[near]]
        shapes = self.view.shapes
        first = np.full(len(near), shapes[row], dtype=object)
        metres = border_length(first, shapes[near], self.view.document.tolerance_m)
        least = BORDER_LENIENT * self.view.document.min_border_m
        return tuple(
            (int(other), float(length))
            for other, length in zip(near, metres, strict=True)
            if length >= least
        )

    def open_boundary(self, row: int) -> shapely.Geometry:
        """Return the part of a boundary that runs along no other land."""
        others = shapely.buffer(self.view.shapes[self.near(row)], 2.0 * self.reach)
        line = shapely.boundary(self.view.shapes[row])
        free: shapely.Geometry = shapely.difference(line, shapely.union_all(others))
        return free

    def _contact(self, row: int) -> bool:
        least = CONTACT_SHARE * self.view.document.min_border_m
        return float(shapely.length(self.open_boundary(row))) >= least

    def shut_in(self, site: frozenset[int]) -> bool:
        """Whether land beside a site has no way to open ground, and had one before."""
        for first in self._beside(site):
            rest = self._walk(first, site, lambda found, _: self.contact(found))
            if (
                rest is not None
                and self._walk(first, frozenset(), lambda found, _: self.contact(found)) is None
            ):
                return True
        return False

    def orphaned(self, site: frozenset[int], least_m2: float) -> bool:
        """Whether land beside a site is a rest that is too small."""
        least = AREA_SHARE * least_m2
        return any(
            self._walk(first, site, lambda _, area: area >= least) is not None
            for first in self._beside(site)
        )

    def _beside(self, site: frozenset[int]) -> list[int]:
        clear = BORDER_STRICT * self.view.document.min_border_m
        beside = {
            other for row in site for other, metres in self.neighbours(row) if metres >= clear
        }
        return sorted(beside - site)

    def _walk(self, first: int, site: frozenset[int], enough: Enough) -> set[int] | None:
        """Return all land joined to a parcel around a site; None as soon as it is enough."""
        seen, queue, area = {first}, [first], 0.0
        while queue:
            row = queue.pop(0)
            area += float(self.view.area[row])
            if enough(row, area):
                return None
            for other, _ in self.neighbours(row):
                if other not in seen and other not in site:
                    seen.add(other)
                    queue.append(other)
        return seen


def _frontage(view: View, land: _Land, row: int) -> float:
    """Metres of a parcel's open boundary from which the way straight ahead leads to a road."""
    roads, asked = view.written.roads, view.document.asked
    named = [not asked.road_classes or kind in asked.road_classes for kind in roads["class"]]
    lines = roads.geometry.to_numpy()
    chosen = np.array(named, dtype=bool) & ~shapely.is_missing(lines)
    half = np.nan_to_num(roads["width_m"].to_numpy()[chosen]) / 2.0
    reach = half + asked.reach_m + 0.1
    lines = lines[chosen]
    streets = np.empty(0, dtype=object) if asked.road_classes else view.shapes[view.street]
    total = 0.0
    for middle, outward, length in _steps(land.open_boundary(row), view.shapes[row]):
        here, ahead = shapely.Point(middle), shapely.Point(middle + outward)
        near = shapely.distance(lines, here) <= reach
        closer = shapely.distance(lines[near], here) - shapely.distance(lines[near], ahead)
        on_street = shapely.dwithin(streets, here, 4.0 * land.reach).any()
        passed = shapely.distance(lines[near], here) < 1.0
        if (closer >= _AHEAD).any() or passed.any() or on_street:
            total += length
    return total


def _steps(
    line: shapely.Geometry, shape: shapely.Geometry
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64], float]]:
    """Yield middle, outward direction and length of short steps along a boundary."""
    for part in shapely.get_parts(shapely.segmentize(line, _STEP_M)):
        points = shapely.get_coordinates(part)
        for start, end in pairwise(points):
            step = end - start
            length = float(np.hypot(*step))
            if length < 1e-9:
                continue
            outward = np.array([step[1], -step[0]]) / length
            middle = (start + end) / 2.0
            if shapely.dwithin(shape, shapely.Point(middle + 0.05 * outward), 1e-3):
                outward = -outward
            yield middle, outward, length
