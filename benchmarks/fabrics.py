"""Invented fabrics of parcels, the instance families of the published figures.

`vor`: a Voronoi fabric, 1 ha per parcel on average, denser near villages, about 5.9 borders each.
`gui`: recursive blocks cut into strips, rectangles with T-junctions, median aspect about 3.2.
`street`: blocks of about ten lots between streets 12–20 m wide; lots that face each other across a
street are bridges.
Prices vary smoothly in space with noise; 18–28 % of the parcels are zoned out, in clusters and at
random.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Voronoi, cKDTree

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_HECTARE = 1e4
_MOST_PIECE = 30e4
"""Blocks above this area (m²) are halved across their longer side."""


@dataclass(frozen=True, slots=True)
class Fabric:
    """Parcels as arrays.

    ``xy`` [n, 2] m, ``area`` [n] ha, ``borders`` [e, 2], ``bridges`` [b, 2], ``side`` and
    ``villages`` m.
    """

    side: float
    xy: FloatArray
    area: FloatArray
    borders: IntArray
    villages: FloatArray
    bridges: IntArray = field(default_factory=lambda: np.empty((0, 2), np.int64))


def voronoi_fabric(n: int, seed: int = 0) -> Fabric:
    """Return a Voronoi fabric of ``n`` parcels."""
    rng = np.random.default_rng(seed)
    side = float(np.sqrt(n) * 100.0)
    villages = rng.uniform(0, side, (max(3, n // 400), 2))
    candidates = rng.uniform(0, side, (4 * n, 2))
    distance = cKDTree(villages).query(candidates)[0]
    density = 0.25 + 1.5 * np.exp(-distance / 250.0)
    points = candidates[rng.choice(4 * n, n, replace=False, p=density / density.sum())]
    diagram = Voronoi(np.vstack([points, *_mirrored(points, side)]))
    ridges = np.asarray(diagram.ridge_points)
    vertices = np.array(diagram.ridge_vertices)
    inner = (ridges < n).all(axis=1) & (vertices >= 0).all(axis=1)
    ends = diagram.vertices[vertices[inner]]
    length = np.linalg.norm(ends[:, 0] - ends[:, 1], axis=1)
    rings = [diagram.vertices[diagram.regions[diagram.point_region[i]]] for i in range(n)]
    area = np.array([_ring_area(ring) / _HECTARE for ring in rings])
    return Fabric(side, points, area, ridges[inner][length > 1.0].astype(np.int64), villages)


def _mirrored(points: FloatArray, side: float) -> list[FloatArray]:
    """Return the points near each edge of the square, mirrored at it, so that all cells close."""
    copies = []
    for axis, edge in ((0, 0.0), (0, side), (1, 0.0), (1, side)):
        image = points.copy()
        image[:, axis] = 2 * edge - image[:, axis]
        copies.append(image[np.abs(points[:, axis] - edge) < 600])
    return copies


def _ring_area(ring: FloatArray) -> float:
    return 0.5 * abs(
        float(ring[:, 0] @ np.roll(ring[:, 1], 1) - ring[:, 1] @ np.roll(ring[:, 0], 1))
    )


def guillotine_fabric(n: int, seed: int = 0, strip: float = 4.0) -> Fabric:
    """Return a fabric of ``n`` rectangles made by cutting a large piece in two, over and over."""
    rng = np.random.default_rng(seed)
    side = float(np.sqrt(n) * 100.0)
    heap: list[tuple[float, int, float, float, float, float]] = [
        (-side * side, 0, 0.0, 0.0, side, side)
    ]
    made = 1
    while len(heap) < n:
        area, _, x0, y0, x1, y1 = heapq.heappop(heap)
        share = rng.uniform(0.35, 0.65)
        if _cut_across(rng, -area > _MOST_PIECE, x1 - x0, y1 - y0, strip):
            middle = y0 + share * (y1 - y0)
            halves = ((x0, y0, x1, middle), (x0, middle, x1, y1))
        else:
            middle = x0 + share * (x1 - x0)
            halves = ((x0, y0, middle, y1), (middle, y0, x1, y1))
        for box in halves:
            size = (box[2] - box[0]) * (box[3] - box[1])
            heapq.heappush(heap, (-size * rng.lognormal(0, 0.5), made, *box))
            made += 1
    boxes = np.array([entry[2:] for entry in heap])
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    centre = np.column_stack([boxes[:, 0] + boxes[:, 2], boxes[:, 1] + boxes[:, 3]]) / 2
    villages = rng.uniform(0, side, (max(3, n // 400), 2))
    return Fabric(side, centre, width * height / _HECTARE, _touching(boxes), villages)


def _cut_across(
    rng: np.random.Generator, big: bool, width: float, height: float, strip: float
) -> bool:
    """Whether the cut is horizontal; the order of the draws is part of the family."""
    if big:
        return height > width
    rng.random()  # a draw of the published family whose outcome it does not use
    return height > width if rng.random() < 0.2 else height > width / strip


def _touching(boxes: FloatArray) -> IntArray:
    """Return the pairs of boxes with a common border of more than 1 m, lower index first."""
    import shapely

    shapes = shapely.box(boxes[:, 0], boxes[:, 1], boxes[:, 2], boxes[:, 3])
    i, j = shapely.STRtree(shapes).query(shapes)
    i, j = i[i < j], j[i < j]
    overlap = np.minimum(boxes[i, 2:], boxes[j, 2:]) - np.maximum(boxes[i, :2], boxes[j, :2])
    long = overlap.max(axis=1) > 1
    return np.column_stack([i[long], j[long]]).astype(np.int64)


def smooth_field(
    xy: FloatArray, rng: np.random.Generator, scale: float, waves: int = 40
) -> FloatArray:
    """Return a smooth random field of about unit variance and the given wavelength in m."""
    direction = rng.normal(0, 1 / scale, (waves, 2))
    phase = rng.uniform(0, 2 * np.pi, waves)
    return np.asarray(np.cos(xy @ direction.T + phase).sum(axis=1) / np.sqrt(waves / 2))


def prices(
    fabric: Fabric, seed: int = 0, noise: float = 0.3
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return the price of each parcel in thousands and whether it is zoned out."""
    rng = np.random.default_rng(seed + 77)
    n = len(fabric.area)
    smooth_field(fabric.xy, rng, 600)  # value of the land, drawn first in the published family
    rng.normal(0, 0.1, n)
    price = (
        fabric.area
        * 20
        * np.exp(0.35 * smooth_field(fabric.xy, rng, 400) + noise * rng.normal(0, 1, n))
    )
    zoned_out = (rng.random(n) < 0.03) | (smooth_field(fabric.xy, rng, 800) > 1.0)
    return price, zoned_out


def blocked(fabric: Fabric, share: float, seed: int = 0) -> NDArray[np.bool_]:
    """Return which parcels are zoned out where it is to be this share of them, in clusters."""
    rng = np.random.default_rng(seed + 177)
    score = smooth_field(fabric.xy, rng, 800) + rng.normal(0, 0.5, len(fabric.area))
    return np.asarray(score > np.quantile(score, 1.0 - share))


def street_fabric(n: int, seed: int = 0, lots: int = 10) -> Fabric:
    """Return ``n`` rectangles in blocks of about ``lots``, with streets between the blocks."""
    rng = np.random.default_rng(seed)
    columns = max(1, round(np.sqrt(n / lots)))
    rows = max(1, round(n / lots / columns))
    side = float(np.sqrt(n) * 100.0)
    x, y = _lines(rng, columns, side), _lines(rng, rows, side)
    street = rng.uniform(12.0, 20.0)
    blocks = [
        (x[i], y[j], x[i + 1] - street, y[j + 1] - street)
        for i in range(columns)
        for j in range(rows)
    ]
    size = np.array([(b[2] - b[0]) * (b[3] - b[1]) for b in blocks])
    number = np.diff(np.rint(np.cumsum(size) / size.sum() * n).astype(int), prepend=0)
    boxes = np.array(
        [lot for block, k in zip(blocks, number, strict=True) for lot in _lots(rng, block, int(k))]
    )
    wide, high = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    centre = np.column_stack([boxes[:, 0] + boxes[:, 2], boxes[:, 1] + boxes[:, 3]]) / 2
    villages = rng.uniform(0, side, (max(3, n // 400), 2))
    bridges = _facing(boxes, street)
    return Fabric(side, centre, wide * high / _HECTARE, _touching(boxes), villages, bridges)


def _lines(rng: np.random.Generator, count: int, side: float) -> FloatArray:
    """Return the ends of ``count`` unequal strips of a square."""
    widths = rng.uniform(0.7, 1.3, count)
    return np.concatenate([[0.0], np.cumsum(widths) / widths.sum() * side])


def _lots(
    rng: np.random.Generator, block: tuple[float, float, float, float], count: int
) -> list[tuple[float, float, float, float]]:
    """Cut a block into ``count`` lots, the largest across its longer side each time."""
    heap = [(-1.0, 0, block)] if count else []
    while 0 < len(heap) < count:
        _, made, (x0, y0, x1, y1) = heapq.heappop(heap)
        share = rng.uniform(0.35, 0.65)
        if y1 - y0 > x1 - x0:
            cut = y0 + share * (y1 - y0)
            halves = ((x0, y0, x1, cut), (x0, cut, x1, y1))
        else:
            cut = x0 + share * (x1 - x0)
            halves = ((x0, y0, cut, y1), (cut, y0, x1, y1))
        for k, box in enumerate(halves):
            size = (box[2] - box[0]) * (box[3] - box[1])
            heapq.heappush(heap, (-size, 2 * len(heap) + made + k, box))
    return [box for _, _, box in heap]


def _facing(boxes: FloatArray, street: float) -> IntArray:
    """Return the pairs of lots that face each other across a street along more than 10 m."""
    import shapely

    shapes = shapely.box(boxes[:, 0], boxes[:, 1], boxes[:, 2], boxes[:, 3])
    i, j = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=street + 0.5)
    i, j = i[i < j], j[i < j]
    overlap = np.minimum(boxes[i, 2:], boxes[j, 2:]) - np.maximum(boxes[i, :2], boxes[j, :2])
    apart, along = overlap.min(axis=1), overlap.max(axis=1)
    across = (apart < -street / 2) & (along > 10)
    return np.column_stack([i[across], j[across]]).astype(np.int64)


FABRICS: dict[str, Callable[[int, int], Fabric]] = {
    "vor": voronoi_fabric,
    "gui": guillotine_fabric,
    "street": street_fabric,
}
