"""Blocks become parcels: each block is cut across its long side until the lots have their size."""

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from landplan.cadastre.demo.ground import FloatArray, Geometries
from landplan.cadastre.demo.plane import Plane, Ring
from landplan.cadastre.demo.streets import Blocks

IntArray = NDArray[np.int64]

LOT_M2 = {
    "plant": math.inf,
    "industry": 15_000.0,
    "research": 12_000.0,
    "centre": 3_500.0,
    "housing": 5_500.0,
    "farm": 11_000.0,
}
"""Mean parcel by district, m²; 1.5 ha is the mean industrial parcel of Shanghai's list."""

_SPREAD = {"industry": 0.55, "research": 0.4, "centre": 0.4, "housing": 0.45, "farm": 0.4}
_SMALLEST_SHARE = 0.18
_SNAP_M = 3.0
_LEAST_COMPACT = 0.24


@dataclass(frozen=True, slots=True)
class Lots:
    """Parcels as polygons, and the block each lies in."""

    polygons: Geometries
    block: IntArray


def lots_wanted(blocks: Blocks, size: int) -> IntArray:
    """Return how many lots each block gets, so that the town has ``size`` parcels.

    Industry keeps its natural size; housing and farms give or take what is missing.
    """
    area = shapely.area(blocks.polygons)
    natural = np.ones(len(area))
    for district, mean in LOT_M2.items():
        here = (blocks.district == district) & (blocks.kind == "land")
        if math.isfinite(mean):
            natural[here] = area[here] / mean
    natural = np.maximum(natural, 1.0)
    flexible = np.isin(blocks.district, ["housing", "farm", "centre"]) & (blocks.kind == "land")
    fixed = int(np.rint(natural[~flexible]).sum())
    low, high = 0.05, 20.0
    for _ in range(60):
        factor = math.sqrt(low * high)
        count = fixed + int(np.maximum(np.rint(natural[flexible] * factor), 1).sum())
        low, high = (factor, high) if count < size else (low, factor)
    wanted = np.rint(natural)
    wanted[flexible] = np.maximum(np.rint(natural[flexible] * high), 1)
    return wanted.astype(np.int64)


def natural_count(blocks: Blocks) -> float:
    """Return how many parcels the town would have if every district had its mean lot."""
    area = shapely.area(blocks.polygons)
    land = blocks.kind == "land"
    count = float((~land).sum())
    for district, mean in LOT_M2.items():
        here = land & (blocks.district == district)
        count += float((area[here] / mean).sum()) if math.isfinite(mean) else float(here.sum())
    return count


def cut_lots(blocks: Blocks, wanted: IntArray, rng: np.random.Generator) -> Lots:
    """Cut all blocks; the lots of a block share their boundaries exactly."""
    polygons: list[Geometries] = []
    owner: list[IntArray] = []
    for number, (block, count) in enumerate(zip(blocks.polygons, wanted, strict=True)):
        if count < 2:
            lots = np.array([block], dtype=object)
        else:
            spread = _SPREAD.get(str(blocks.district[number]), 0.4)
            lots = _cut_block(block, int(count), spread, rng)
        polygons.append(lots)
        owner.append(np.full(len(lots), number, dtype=np.int64))
    return Lots(np.concatenate(polygons), np.concatenate(owner))


def _cut_block(
    block: shapely.Polygon, count: int, spread: float, rng: np.random.Generator
) -> Geometries:
    plane = Plane()
    weights = np.exp(rng.normal(0.0, spread, count))
    weights = np.maximum(weights, _SMALLEST_SHARE * weights.mean())
    done: list[Ring] = []
    pending: list[tuple[Ring, FloatArray]] = [(plane.ring(block), weights)]
    while pending:
        ring, part = pending.pop()
        halves = _halve(plane, ring, part, rng) if len(part) > 1 else None
        if halves is None:
            done.append(ring)
            continue
        pending += halves
    return plane.polygons(done)


def _halve(
    plane: Plane, ring: Ring, weights: FloatArray, rng: np.random.Generator
) -> list[tuple[Ring, FloatArray]] | None:
    """Cut a ring across its long side in the ratio of the weights, nearly at a right angle."""
    half = len(weights) // 2
    share = float(weights[:half].sum() / weights.sum())
    frame = plane.frame(ring)
    for turn, shift in ((rng.normal(0.0, 0.03), 0.0), (0.0, 0.06), (0.12, -0.06), (-0.12, 0.0)):
        at = (share + shift - 0.5) * frame.length
        x, y = frame.x + at * frame.ux, frame.y + at * frame.uy
        ux, uy = -frame.uy, frame.ux
        ux, uy = (
            ux * math.cos(turn) - uy * math.sin(turn),
            ux * math.sin(turn) + uy * math.cos(turn),
        )
        parts = plane.cut(ring, x, y, ux, uy, snap_m=_SNAP_M)
        if parts is None or min(map(plane.compactness, parts)) < _LEAST_COMPACT:
            continue
        # the first ring lies left of the direction, on the side of the first weights
        left, right = parts
        return [(left, weights[:half]), (right, weights[half:])]
    return None
