"""Why a whole site was turned down, said so that all sites like it are.

A rest beside the site that it cuts off from the street, or leaves too small, stays so whatever else
the site holds, as long as the site holds all of the rest's neighbours and leaves one parcel of it
out: what is left of the rest is no larger and has no more street. A hole stays one as long as the
site holds the parcels around it and leaves out ground in it that nothing else covers. Width and
rectangles give no such reasons: more land can mend them anywhere.
"""

import numpy as np
import shapely
from numpy.typing import NDArray

from landplan.optimize.assembly.problem import Reason
from landplan.planning.assemble.whole_site import HOLE_M2, WholeSite, ground_parts

IntArray = NDArray[np.int64]

_MOST = 20
"""Parcels of one rest or hole that get a reason of their own."""
_MARGIN = 6.0
"""Ground so many seams from all other land is covered by no closing of gaps (corners reach 5)."""
_SNAP_M = 1e-3
_FIRM_M = 0.1
"""A wall drawn in by so much still encloses its hole: it does not hang together at corners only."""
_SQUARE_DECIMETRES = 100
_NOTHING = np.empty(0, np.int64)


def reasons_of(judge: WholeSite, parcels: IntArray) -> tuple[Reason, ...]:
    """Return the reasons that hold against a site that ``judge`` turned down; maybe none."""
    return (*_of_rests(judge, parcels), *_of_holes(judge, parcels))


def _of_rests(judge: WholeSite, parcels: IntArray) -> list[Reason]:
    """Return the reasons given by rests without a street, or too small."""
    left, rule = judge.leftovers, judge.neighbours
    if left is None:
        return []
    rests = left.landlocked(parcels) if rule.keep_street_contact else []
    least = round(rule.min_orphan_area_m2 * _SQUARE_DECIMETRES)
    if least > 0:
        rests = [*rests, *left.orphans(parcels, least)]
    reasons = []
    for rest in rests:
        beside = np.unique(
            np.concatenate([left.to[left.start[v] : left.start[v + 1]] for v in rest])
        )
        around = np.setdiff1d(beside, rest)
        if np.isin(around, parcels).all():
            reasons += _each(judge, around, rest)
    return reasons


def _each(judge: WholeSite, around: IntArray, inner: IntArray) -> list[Reason]:
    """Return one reason per parcel that would have to come in; one for all where one may not."""
    around = np.asarray(around, np.int64)
    if not judge.eligible[inner].all():
        return [Reason(around, _NOTHING)]
    return [Reason(around, np.array([v], np.int64)) for v in inner[:_MOST]]


def _of_holes(judge: WholeSite, parcels: IntArray) -> list[Reason]:
    """Return the reasons given by holes."""
    if judge.shape.holes == "allow":
        return []
    shapes = judge.shapes[parcels]
    parts = ground_parts(shapes, judge.tolerance_m)
    rings = [ring for part in parts for ring in shapely.get_rings(part)[1:]]
    reasons = []
    for hole in shapely.polygons(rings) if rings else []:
        if hole.area <= HOLE_M2:
            continue
        near = shapely.dwithin(shapes, hole, judge.tolerance_m + 2.0 * _SNAP_M)
        reasons += _of_hole(judge, hole, parcels, np.sort(parcels[near]))
    return reasons


def _of_hole(
    judge: WholeSite, hole: shapely.Polygon, parcels: IntArray, around: IntArray
) -> list[Reason]:
    """Return the reasons given by one hole and the parcels around it, if these enclose it."""
    closed = shapely.buffer(shapely.union_all(judge.shapes[around]), _SNAP_M, join_style="mitre")
    wall = shapely.buffer(closed, -_SNAP_M - _FIRM_M, join_style="mitre")
    enclosed = shapely.difference(
        shapely.union_all(
            [shapely.polygons(ring) for part in shapely.get_parts(wall) for ring in _inner(part)]
        ),
        wall,
    )
    margin = _MARGIN * (judge.tolerance_m / 2.0 + _SNAP_M)
    others = np.flatnonzero(judge.eligible & shapely.dwithin(judge.shapes, hole, margin))
    others = np.setdiff1d(others, parcels)
    land = [*judge.shapes[around], *judge.shapes[others]]
    if judge.shape.holes == "forbid" and _stays_open(enclosed, land, margin):
        return [Reason(around, _NOTHING)]
    reasons = []
    for v in others[:_MOST]:
        if not shapely.contains_xy(enclosed, *judge.points[v]):
            continue
        rest = [*judge.shapes[around], *judge.shapes[others[others != v]]]
        open_ground = shapely.intersection(enclosed, judge.shapes[v])
        point = shapely.Point(judge.points[v])
        if _stays_open(open_ground, rest, margin, point):
            reasons.append(Reason(around, np.array([v], np.int64)))
    return reasons


def _inner(part: shapely.Polygon) -> list[shapely.LinearRing]:
    return list(shapely.get_rings(part)[1:])


def _stays_open(
    ground: shapely.Geometry,
    land: list[shapely.Geometry],
    margin: float,
    point: shapely.Point | None = None,
) -> bool:
    """Whether enough ground in one piece, with the point, is farther than a margin from land."""
    free = shapely.difference(ground, shapely.buffer(shapely.union_all(land), margin))
    pieces = [part for part in shapely.get_parts(free) if part.area > HOLE_M2]
    if point is None:
        return len(pieces) > 0
    return any(shapely.contains(part, point) for part in pieces)
