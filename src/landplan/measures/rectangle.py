"""Rectangles in a polygon: whether one of given sides fits, and the largest one found.

For one direction the answer is exact: the centres of all places where the rectangle R fits into the
polygon P are P less the ground that R sweeps when its centre follows the boundary of P (the erosion
P ⊖ R, the complement of a Minkowski sum). Along one edge R sweeps the convex hull of its places at
both ends. Directions are tried every `STEP_DEGREES` and along the longest edges of P, so that a
rectangle that is claimed is there, and one in between two directions may be overlooked.

Source: Serra (1982), Image Analysis and Mathematical Morphology, chapter II (erosion).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import affinity

FloatArray = NDArray[np.float64]

STEP_DEGREES: Final = 3.0
ROUNDING_M: Final = 0.01
"""A rectangle may stick out by this much: coordinates are no better."""
_EDGES: Final = 12
_COARSE, _FINE = 40, 100
_FINE_DIRECTIONS: Final = 3
_HALVINGS: Final = 12


@dataclass(frozen=True, slots=True)
class Rectangle:
    """Sides (m, length >= width), middle (m) and direction of the long side, degrees from east."""

    length_m: float
    width_m: float
    x: float
    y: float
    angle_deg: float

    @property
    def area_m2(self) -> float:
        """Length times width."""
        return self.length_m * self.width_m

    def polygon(self, inset_m: float = 0.0) -> shapely.Polygon:
        """Return its outline, drawn in by ``inset_m`` on each side."""
        half = np.array([self.length_m, self.width_m]) / 2.0 - inset_m
        flat = shapely.box(-half[0], -half[1], half[0], half[1])
        turned = affinity.rotate(flat, self.angle_deg, origin=(0.0, 0.0))
        moved: shapely.Polygon = affinity.translate(turned, self.x, self.y)
        return moved


def fits(shape: shapely.Polygon, length_m: float, width_m: float) -> Rectangle | None:
    """Return a place of a rectangle in a polygon, None where no direction tried has one.

    ``length_m`` and ``width_m`` in whichever order; both directions of each are tried.
    """
    long, short = max(length_m, width_m), min(length_m, width_m)
    if not _may_fit(shape, long, short):
        return None
    x, y = shapely.get_coordinates(shapely.centroid(shape))[0]
    near = affinity.translate(shape, -x, -y)
    for angle in _directions(near, 180.0):
        turned = affinity.rotate(near, -angle, origin=(0.0, 0.0))
        middle = _place(turned, long - 2.0 * ROUNDING_M, short - 2.0 * ROUNDING_M)
        if middle is not None:
            return _turned_back(long, short, middle, angle, x, y)
    return None


def largest(shape: shapely.Polygon) -> Rectangle | None:
    """Return the largest rectangle found in a polygon; a somewhat larger one may exist.

    Every direction is looked at on a grid; in the best ones the rectangle found on a finer grid is
    drawn out side by side until it touches the boundary. None where nothing is found.
    """
    x, y = shapely.get_coordinates(shapely.centroid(shape))[0]
    near = affinity.translate(shape, -x, -y)
    tried = []
    for angle in _directions(near, 90.0):
        turned = affinity.rotate(near, -angle, origin=(0.0, 0.0))
        tried.append((_on_grid(turned, _COARSE)[0], angle, turned))
    tried.sort(key=lambda one: (-one[0], one[1]))
    best: Rectangle | None = None
    for _, angle, turned in tried[:_FINE_DIRECTIONS]:
        box = _drawn_out(turned, _on_grid(turned, _FINE)[1])
        if box is None:
            continue
        found = _of_box(box, angle, x, y)
        if best is None or found.area_m2 > best.area_m2:
            best = found
    return best


def _may_fit(shape: shapely.Polygon, long: float, short: float) -> bool:
    """Whether nothing simple forbids it: area, and the discs along the rectangle's middle line."""
    if shape.area < (long - 2 * ROUNDING_M) * (short - 2 * ROUNDING_M):
        return False
    core = shapely.buffer(shape, -(short / 2.0 - 2 * ROUNDING_M))
    reach = max(long - short - 4 * ROUNDING_M, 0.0)
    return any(_diameter(part) >= reach for part in shapely.get_parts(core) if not part.is_empty)


def _diameter(shape: shapely.Geometry) -> float:
    """Return an upper limit of the distance of two points of a shape: the bounding circle's."""
    return 2.0 * float(shapely.minimum_bounding_radius(shape))


def _directions(shape: shapely.Polygon, period: float) -> Iterator[float]:
    """Yield directions in degrees: along the longest edges first, then every `STEP_DEGREES`."""
    corners = shapely.get_coordinates(shape.exterior)
    steps = np.diff(corners, axis=0)
    length = np.hypot(steps[:, 0], steps[:, 1])
    longest = steps[np.argsort(-length, kind="stable")[:_EDGES]]
    along = np.degrees(np.arctan2(longest[:, 1], longest[:, 0])) % 90.0
    angles = [*(float(turn + quarter) for turn in along for quarter in np.arange(0, period, 90.0))]
    angles += [float(angle) for angle in np.arange(0.0, period, STEP_DEGREES)]
    seen: set[float] = set()
    for angle in angles:
        rounded = round(angle % period, 3) % period
        if rounded not in seen:
            seen.add(rounded)
            yield angle % period


def _place(shape: shapely.Polygon, along: float, across: float) -> tuple[float, float] | None:
    """Return a middle of an axis-parallel rectangle in a polygon; None where none fits."""
    low_x, low_y, high_x, high_y = shape.bounds
    if high_x - low_x < along or high_y - low_y < across:
        return None
    room = shapely.box(
        low_x + along / 2, low_y + across / 2, high_x - along / 2, high_y - across / 2
    )
    swept = shapely.union_all(_swept(shape, along / 2, across / 2))
    free = shapely.difference(shapely.intersection(shape, room), swept)
    if free.is_empty:
        return None
    point = shapely.get_coordinates(shapely.point_on_surface(free))[0]
    return float(point[0]), float(point[1])


def _swept(shape: shapely.Polygon, half_x: float, half_y: float) -> NDArray[np.object_]:
    """Return the ground [e] that the rectangle sweeps along every edge: hulls of eight corners."""
    rings = shapely.get_rings(shape)
    points, of_ring = shapely.get_coordinates(rings, return_index=True)
    real = of_ring[1:] == of_ring[:-1]
    ends = np.stack([points[:-1][real], points[1:][real]], axis=1)
    corners = np.array([[-half_x, -half_y], [half_x, -half_y], [half_x, half_y], [-half_x, half_y]])
    around = (ends[:, :, None, :] + corners[None, None, :, :]).reshape(len(ends), 8, 2)
    return np.asarray(shapely.convex_hull(shapely.multipoints(around)), dtype=object)


def _on_grid(
    shape: shapely.Polygon, cells: int
) -> tuple[float, tuple[float, float, float, float] | None]:
    """Return area and box of the largest rectangle of grid cells whose middles lie in the shape."""
    low_x, low_y, high_x, high_y = shape.bounds
    side = max(high_x - low_x, high_y - low_y) / cells
    columns = max(int((high_x - low_x) / side), 1)
    rows = max(int((high_y - low_y) / side), 1)
    xs = low_x + (np.arange(columns) + 0.5) * side
    ys = low_y + (np.arange(rows) + 0.5) * side
    shapely.prepare(shape)
    inside = np.asarray(shapely.contains_xy(shape, *np.meshgrid(xs, ys)), dtype=np.bool_)
    area, top, left, bottom, right = _largest_block(inside)
    if area == 0:
        return 0.0, None
    box = (
        low_x + left * side,
        low_y + top * side,
        low_x + (right + 1) * side,
        low_y + (bottom + 1) * side,
    )
    return area * side * side, box


def _largest_block(inside: NDArray[np.bool_]) -> tuple[int, int, int, int, int]:
    """Return cells, first row, first column, last row, last column of the largest full block.

    Row by row the largest rectangle under a histogram, with a stack of rising columns.
    """
    best = (0, 0, 0, 0, 0)
    height = np.zeros(inside.shape[1] + 1, np.int64)
    for row, line in enumerate(inside):
        height[:-1] = np.where(line, height[:-1] + 1, 0)
        stack: list[tuple[int, int]] = []
        for column, tall in enumerate(height.tolist()):
            first = column
            while stack and stack[-1][1] >= tall:
                first, above = stack.pop()
                cells = above * (column - first)
                if cells > best[0]:
                    best = (cells, row - above + 1, first, row, column - 1)
            stack.append((first, tall))
    return best


def _drawn_out(
    shape: shapely.Polygon, box: tuple[float, float, float, float] | None
) -> tuple[float, float, float, float] | None:
    """Shrink a box until it lies in the shape, then draw its sides out one after the other."""
    if box is None:
        return None
    shapely.prepare(shape)
    middle = np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2] * 2)
    sides, share = np.array(box), 1.0
    while not shapely.covers(shape, shapely.box(*(middle + (sides - middle) * share))):
        share -= 0.05
        if share <= 0:
            return None
    sides = middle + (sides - middle) * share
    span = max(shape.bounds[2] - shape.bounds[0], shape.bounds[3] - shape.bounds[1])
    for place in (0, 1, 2, 3, 0, 1, 2, 3):
        outward, step = (-1.0 if place < 2 else 1.0), span / 2
        for _ in range(_HALVINGS):
            moved = sides.copy()
            moved[place] += outward * step
            if shapely.covers(shape, shapely.box(*moved)):
                sides = moved
            step /= 2
    return float(sides[0]), float(sides[1]), float(sides[2]), float(sides[3])


def _of_box(box: tuple[float, float, float, float], angle: float, x: float, y: float) -> Rectangle:
    along, across = box[2] - box[0], box[3] - box[1]
    middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    if along >= across:
        return _turned_back(along, across, middle, angle, x, y)
    turned = _turned_back(along, across, middle, angle, x, y)
    return Rectangle(across, along, turned.x, turned.y, (angle + 90.0) % 180.0)


def _turned_back(
    along: float, across: float, middle: tuple[float, float], angle: float, x: float, y: float
) -> Rectangle:
    turn = np.radians(angle)
    east = middle[0] * np.cos(turn) - middle[1] * np.sin(turn)
    north = middle[0] * np.sin(turn) + middle[1] * np.cos(turn)
    return Rectangle(along, across, float(x + east), float(y + north), angle % 180.0)
