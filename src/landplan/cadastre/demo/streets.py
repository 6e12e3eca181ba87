"""Blocks between the streets.

Land is cut by streets of falling rank, and what they leave over are the blocks.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from landplan.cadastre.demo.ground import GRID_M, Bones, FloatArray, Geometries
from landplan.cadastre.demo.plane import Plane, Ring

_SMALLEST_BLOCK_M2 = 1_500.0
_COLLECTOR_FROM_M2 = 300_000.0

# area of a block (m²), width of its local streets (m): both are what planners find in such towns
# [estimate]
BLOCK_STYLE: dict[str, tuple[float, tuple[float, float]]] = {
    "plant": (math.inf, (16.0, 16.0)),
    "industry": (185_000.0, (14.0, 16.0)),
    "housing": (36_000.0, (12.0, 16.0)),
    "centre": (20_000.0, (12.0, 16.0)),
    "research": (75_000.0, (14.0, 16.0)),
    "farm": (150_000.0, (12.0, 12.0)),
}


@dataclass(frozen=True, slots=True)
class Blocks:
    """Polygons of the town without street space, with kind and district each.

    The streets as lines.
    """

    polygons: Geometries
    kind: "np.ndarray[tuple[int], np.dtype[np.str_]]"  # land, water, bank, rail
    district: "np.ndarray[tuple[int], np.dtype[np.str_]]"
    streets: pd.DataFrame  # line, width_m, rank: arterial, collector, local


def superblocks(bones: Bones) -> tuple[Geometries, "np.ndarray[tuple[int], np.dtype[np.str_]]"]:
    """Return the faces between arterials, river and railway, and their kinds.

    Arterial ground is left out.
    """
    street = shapely.union_all(_paved(bones.arterials, bones.arterial_widths_m))
    river = shapely.union(bones.water, bones.banks)
    edges = [shapely.boundary(g) for g in (bones.limits, street, bones.water, river, bones.rail)]
    faces = _faces(edges)
    inside = shapely.point_on_surface(faces)
    for area in (bones.limits, street, bones.water, bones.banks, bones.rail):
        shapely.prepare(area)
    land = shapely.contains(bones.limits, inside) & ~shapely.contains(street, inside)
    faces, inside = faces[land], inside[land]
    kind = np.full(len(faces), "land", dtype="<U5")
    kind[shapely.contains(bones.banks, inside)] = "bank"
    kind[shapely.contains(bones.rail, inside)] = "rail"
    kind[shapely.contains(bones.water, inside)] = "water"
    big = shapely.area(faces) > _SMALLEST_BLOCK_M2
    return faces[big], kind[big]


def lay_streets(
    bones: Bones,
    faces: Geometries,
    kind: "np.ndarray[tuple[int], np.dtype[np.str_]]",
    district: "np.ndarray[tuple[int], np.dtype[np.str_]]",
    rng: np.random.Generator,
) -> Blocks:
    """Cut every piece of land into blocks by collectors and local streets."""
    lines: list[shapely.LineString] = []
    widths: list[float] = []
    ranks: list[str] = []
    hosts: list[int] = []
    for number in np.flatnonzero(kind == "land"):
        plane = Plane()
        for chord, width, rank in _chords(plane, plane.ring(faces[number]), district[number], rng):
            lines.append(chord)
            widths.append(width)
            ranks.append(rank)
            hosts.append(int(number))
    blocks = _carve(faces, np.asarray(lines, dtype=object), np.asarray(widths), np.asarray(hosts))
    polygons, origin = _noded(blocks, faces, kind)
    streets = pd.DataFrame(
        {
            "line": [*bones.arterials, *lines],
            "width_m": [*bones.arterial_widths_m, *widths],
            "rank": ["arterial"] * len(bones.arterials) + ranks,
        }
    )
    return Blocks(polygons, kind[origin], district[origin], streets)


def _chords(
    plane: Plane, ring: Ring, district: str, rng: np.random.Generator
) -> list[tuple[shapely.LineString, float, str]]:
    """Return (line, width, rank) of the streets inside one superblock."""
    wanted, (narrow, wide) = BLOCK_STYLE[district]
    found: list[tuple[shapely.LineString, float, str]] = []
    pending = [ring]
    while pending:
        ring = pending.pop()
        area = plane.area(ring)
        pieces = round(area / (wanted * rng.uniform(0.85, 1.25)))
        if pieces < 2:
            continue
        collector = area > _COLLECTOR_FROM_M2 and district != "farm" and not found
        halves = _street_cut(plane, ring, pieces, rng)
        if halves is None:
            continue
        left, right, line = halves
        width = rng.choice([20.0, 22.0, 24.0]) if collector else rng.choice([narrow, wide])
        found.append((line, float(width), "collector" if collector else "local"))
        pending += [left, right]
    return found


def _street_cut(
    plane: Plane, ring: Ring, pieces: int, rng: np.random.Generator
) -> tuple[Ring, Ring, shapely.LineString] | None:
    """Cut a superblock across its long side, so that both parts stay compact."""
    frame = plane.frame(ring)
    for attempt in range(4):
        turn = rng.normal(0.0, 0.05)
        share = (pieces // 2) / pieces if attempt < 2 else 0.5
        share = float(np.clip(share + rng.normal(0.0, 0.05), 0.3, 0.7))
        if rng.random() < 0.5:
            share = 1.0 - share
        shift = (share - 0.5) * frame.length
        x, y = frame.x + shift * frame.ux, frame.y + shift * frame.uy
        ux, uy = -frame.uy, frame.ux
        ux, uy = (
            ux * math.cos(turn) - uy * math.sin(turn),
            ux * math.sin(turn) + uy * math.cos(turn),
        )
        parts = plane.cut(ring, x, y, ux, uy, snap_m=12.0)
        if parts is not None and min(map(plane.compactness, parts)) > 0.42:
            left, right = parts
            ends = plane.polygons([left])[0], plane.polygons([right])[0]
            line = shapely.line_merge(shapely.intersection(ends[0], ends[1]))
            if line.geom_type == "LineString":
                return left, right, line
    return None


def _paved(lines: Geometries, widths_m: FloatArray) -> Geometries:
    return np.asarray(shapely.buffer(lines, widths_m / 2.0, cap_style="flat", join_style="mitre"))


def _carve(
    faces: Geometries,
    lines: Geometries,
    widths_m: FloatArray,
    hosts: "np.ndarray[tuple[int], np.dtype[np.int64]]",
) -> Geometries:
    """Return the parts of the faces that no street takes."""
    paved = _paved(_lengthened(lines, 0.28 * widths_m), widths_m)
    per_face = np.full(len(faces), shapely.Polygon(), dtype=object)
    order = np.argsort(hosts, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(hosts[order])) + 1) if len(order) else []
    for group in groups:
        per_face[hosts[group[0]]] = shapely.union_all(paved[group])
    return np.asarray(shapely.get_parts(shapely.difference(faces, per_face)))


def _lengthened(lines: Geometries, by_m: FloatArray) -> Geometries:
    """Extend straight lines at both ends, so that an oblique street mouth leaves no wedge."""
    ends = np.array([[line.coords[0], line.coords[-1]] for line in lines]).reshape(-1, 2, 2)
    along = ends[:, 1] - ends[:, 0]
    along *= (by_m / np.linalg.norm(along, axis=1))[:, None]
    return np.asarray(
        shapely.linestrings(np.stack([ends[:, 0] - along, ends[:, 1] + along], axis=1))
    )


def _faces(edges: list[shapely.Geometry]) -> Geometries:
    noded = shapely.union_all(edges, grid_size=GRID_M)
    return np.asarray(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))))


def _noded(
    blocks: Geometries, faces: Geometries, kind: "np.ndarray[tuple[int], np.dtype[np.str_]]"
) -> tuple[Geometries, "np.ndarray[tuple[int], np.dtype[np.int64]]"]:
    """Give blocks, river and railway one common set of corners.

    Return polygons and the face each lies in.
    """
    corridors = faces[kind != "land"]
    cells = _faces([*shapely.boundary(blocks), *shapely.boundary(corridors)])
    points = shapely.point_on_surface(cells)
    at, _ = shapely.STRtree(np.concatenate([blocks, corridors])).query(points, predicate="within")
    cells, points = cells[np.unique(at)], points[np.unique(at)]
    at, face = shapely.STRtree(faces).query(points, predicate="within")
    origin = np.zeros(len(cells), dtype=np.int64)
    origin[at] = face
    keep = (shapely.area(cells) > _SMALLEST_BLOCK_M2) & (shapely.get_num_interior_rings(cells) == 0)
    return cells[keep], origin[keep]
