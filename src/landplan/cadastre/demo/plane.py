"""Polygons that share their corners: cutting one puts the new corner into its neighbour as well.

A ring is a list of point numbers, counter-clockwise and not closed. Points lie on a millimetre
grid, as surveyed corners do. Each cut of an edge is remembered under the edge, so that whoever else
has this edge finds the new corner later: a fabric cut in any order ends as an exact coverage,
without gaps, overlaps or corners that only one neighbour knows.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

Ring = list[int]
_MIN_CHORD_M = 2.0


class Frame(NamedTuple):
    """The tightest box along an edge.

    Centre, unit vector of the long axis, length and width (m).
    """

    x: float
    y: float
    ux: float
    uy: float
    length: float
    width: float


class Plane:
    """Points on a millimetre grid and the edges that have been cut."""

    def __init__(self) -> None:
        self._xy: list[tuple[float, float]] = []
        self._number: dict[tuple[float, float], int] = {}
        self._cuts: dict[tuple[int, int], int] = {}

    def point(self, x: float, y: float) -> int:
        """Return the number of a point, new or known."""
        key = (round(x, 3), round(y, 3))
        number = self._number.get(key)
        if number is None:
            number = self._number[key] = len(self._xy)
            self._xy.append(key)
        return number

    def ring(self, polygon: shapely.Polygon) -> Ring:
        """Take over the outer boundary of a polygon."""
        corners = shapely.get_coordinates(shapely.orient_polygons(polygon).exterior)[:-1]
        ring = [self.point(x, y) for x, y in corners.tolist()]
        return [
            number
            for number, before in zip(ring, ring[-1:] + ring[:-1], strict=True)
            if number != before
        ]

    def polygons(self, rings: Iterable[Ring]) -> NDArray[np.object_]:
        """Return rings as polygons, with the corners that neighbours have put on their edges."""
        full = [self.expand(ring) for ring in rings]
        closed = [number for ring in full for number in (*ring, ring[0])]
        sizes = [len(ring) + 1 for ring in full]
        coordinates = np.asarray(self._xy).reshape(-1, 2)[closed]
        owners = np.repeat(np.arange(len(full)), sizes)
        return np.asarray(shapely.polygons(shapely.linearrings(coordinates, indices=owners)))

    def expand(self, ring: Ring) -> Ring:
        """Insert the corners that have been put on the edges of a ring since it was made."""
        cuts = self._cuts
        full: Ring = []
        for a, b in zip(ring, ring[1:] + ring[:1], strict=True):
            full.append(a)
            if (a, b) in cuts or (b, a) in cuts:
                self._between(a, b, full)
        return full

    def _between(self, a: int, b: int, into: Ring) -> None:
        middle = self._cuts.get((a, b) if a < b else (b, a))
        if middle is not None:
            self._between(a, middle, into)
            into.append(middle)
            self._between(middle, b, into)

    def area(self, ring: Ring) -> float:
        """Return the area in m² (shoelace formula)."""
        xy = self._xy
        x0, y0 = xy[ring[0]]
        total = 0.0
        ax, ay = 0.0, 0.0
        for number in ring[1:]:
            bx, by = xy[number][0] - x0, xy[number][1] - y0
            total += ax * by - bx * ay
            ax, ay = bx, by
        return total / 2.0

    def compactness(self, ring: Ring) -> float:
        """Return 4πA/P²: 1 for a disc, 0.79 for a square, 0.5 for a 1:4 rectangle."""
        xy = self._xy
        around = sum(
            math.dist(xy[a], xy[b]) for a, b in zip(ring, ring[1:] + ring[:1], strict=True)
        )
        return 4.0 * math.pi * self.area(ring) / around**2

    def frame(self, ring: Ring) -> Frame:
        """Return the smallest box among those along the four longest edges."""
        points = [self._xy[number] for number in ring]
        edges = [
            (bx - ax, by - ay)
            for (ax, ay), (bx, by) in zip(points, points[1:] + points[:1], strict=True)
        ]
        edges.sort(key=lambda edge: edge[0] ** 2 + edge[1] ** 2, reverse=True)
        best: Frame | None = None
        for dx, dy in edges[:4]:
            norm = math.hypot(dx, dy)
            box = _box(points, dx / norm, dy / norm)
            if best is None or box.length * box.width < best.length * best.width * 0.98:
                best = box
        assert best is not None
        return best

    def cut(
        self, ring: Ring, x: float, y: float, ux: float, uy: float, snap_m: float
    ) -> tuple[Ring, Ring] | None:
        """Cut a ring along the line through (x, y) with unit direction (ux, uy).

        None where that is no clean cut.

        Ends of the cut closer than ``snap_m`` to a corner move to it, so that no short jogs arise.
        The first ring lies to the left of the direction. Where the line meets the ring more than
        twice, the stretch through (x, y) or else the longest counts.
        """
        ring = self.expand(ring)
        hits = self._hits(ring, x, y, ux, uy)
        pairs = [(hits[k], hits[k + 1]) for k in range(0, len(hits) - 1, 2)]
        if not pairs:
            return None
        pairs.sort(key=lambda pair: (not pair[0][0] <= 0.0 <= pair[1][0], pair[0][0] - pair[1][0]))
        ends = [
            self._end(ring, edge, x + along * ux, y + along * uy, snap_m)
            for along, edge in pairs[0]
        ]
        start, end = ends[0][0], ends[1][0]
        full = list(ring)
        for number, edge in sorted(ends, key=lambda item: item[1], reverse=True):
            if number not in (ring[edge], ring[(edge + 1) % len(ring)]):
                full.insert(edge + 1, number)
        i, j = full.index(start), full.index(end)
        right = full[i : j + 1] if i < j else full[i:] + full[: j + 1]
        left = full[j : i + 1] if j < i else full[j:] + full[: i + 1]
        if len(right) < 3 or len(left) < 3 or not self._is_free(full, start, end):
            return None
        for number, edge in ends:
            a, b = ring[edge], ring[(edge + 1) % len(ring)]
            if number not in (a, b):
                self._cuts[(a, b) if a < b else (b, a)] = number
        return left, right

    def _end(self, ring: Ring, edge: int, x: float, y: float, snap_m: float) -> tuple[int, int]:
        """Return (point, edge) of one end of a cut.

        A corner of the edge if near enough, else a new point.
        """
        corners = (ring[edge], ring[(edge + 1) % len(ring)])
        gaps = [math.dist(self._xy[corner], (x, y)) for corner in corners]
        nearest = 0 if gaps[0] <= gaps[1] else 1
        return (corners[nearest] if gaps[nearest] <= snap_m else self.point(x, y)), edge

    def _is_free(self, ring: Ring, start: int, end: int) -> bool:
        """Whether the chord from start to end meets the ring nowhere else and is long enough."""
        xy = self._xy
        sx, sy = xy[start]
        dx, dy = xy[end][0] - sx, xy[end][1] - sy
        length = math.hypot(dx, dy)
        if length < _MIN_CHORD_M:
            return False
        sides = [(dx * (xy[n][1] - sy) - dy * (xy[n][0] - sx)) / length for n in ring]
        for k, side in enumerate(sides):
            a, b = ring[k - 1], ring[k]
            other = sides[k - 1]
            if a in (start, end) or b in (start, end) or (side > 0.0) == (other > 0.0):
                continue
            share = other / (other - side)
            px = xy[a][0] + share * (xy[b][0] - xy[a][0]) - sx
            py = xy[a][1] + share * (xy[b][1] - xy[a][1]) - sy
            if -_MIN_CHORD_M < (px * dx + py * dy) / length < length + _MIN_CHORD_M:
                return False
        return True

    def _hits(
        self, ring: Ring, x: float, y: float, ux: float, uy: float
    ) -> list[tuple[float, int]]:
        """Return where the line meets the ring.

        (distance along the line, number of the edge), sorted.
        """
        points = [self._xy[number] for number in ring]
        sides = [ux * (py - y) - uy * (px - x) for px, py in points]
        along = [ux * (px - x) + uy * (py - y) for px, py in points]
        hits = []
        for k, side in enumerate(sides):
            following = (k + 1) % len(ring)
            other = sides[following]
            if (side >= 0.0) != (other >= 0.0):
                share = side / (side - other)
                hits.append((along[k] + share * (along[following] - along[k]), k))
        return sorted(hits)


def _box(points: list[tuple[float, float]], ux: float, uy: float) -> Frame:
    """Return the box of points along a direction, its long axis first."""
    along = [ux * x + uy * y for x, y in points]
    across = [ux * y - uy * x for x, y in points]
    low, high, left, right = min(along), max(along), min(across), max(across)
    a, b = (low + high) / 2.0, (left + right) / 2.0
    x, y = a * ux - b * uy, a * uy + b * ux
    if high - low >= right - left:
        return Frame(x, y, ux, uy, high - low, right - left)
    return Frame(x, y, -uy, ux, right - left, high - low)
