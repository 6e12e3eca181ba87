"""What fits into a site: width, rectangle and holes, measured on the polygons as written."""

import math
from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from landplan.proposal.audit.report import Check, at_most, none_of
from landplan.proposal.audit.view import View

WIDTH_SLACK, WIDTH_SLACK_M = 0.99, 0.03
"""Circles drawn with straight lines in two ways differ by this much."""
SHARE_SLACK = 0.01
SIDE_M, OUTSIDE_M = 0.03, 0.03
HOLE_M2 = 1.05


def check_ground(view: View) -> Iterator[Check]:
    """Check width, rectangle and holes of every site, asked for or only stated."""
    asked = view.document.asked
    records = view.written.sites.drop(columns="geometry").to_dict("records")
    told = {str(record["site_id"]): record for record in records}
    parts = {site: _parts(view, rows) for site, rows in view.members.items() if site in told}
    yield none_of("rules.min_width", _narrow(parts, asked.min_width_m, asked.width_share))
    stated = {site: float(told[site]["width_m"]) for site in parts}
    wrong = [
        site
        for site, width in stated.items()
        if width == width and _narrow({site: parts[site]}, width, asked.width_share or 0.9)
    ]
    yield none_of("sites.width", wrong)
    sticking = [
        (site, _sticking_out(told[site], parts[site]))
        for site in parts
        if not math.isnan(told[site]["rectangle_length_m"])
    ]
    yield at_most("sites.rectangle", sticking, OUTSIDE_M)
    yield none_of("rules.rectangle", [s for s in parts if not _large_enough(view, told[s])])
    yield none_of("rules.holes", [s for s in parts if _bad_hole(view, s, parts[s])])


def _parts(view: View, rows: NDArray[np.int64]) -> list[BaseGeometry]:
    """Return the connected ground of parcels: drawn out and in by half the tolerance."""
    half = view.document.tolerance_m / 2.0 + 1e-3
    out = shapely.union_all(shapely.buffer(view.shapes[rows], half, join_style="mitre"))
    ground = shapely.buffer(out, -half, join_style="mitre")
    return [part for part in shapely.get_parts(ground) if part.area > 1.0]


def _narrow(parts: dict[str, list[BaseGeometry]], width: float, share: float) -> list[str]:
    """Sites with a part of which no piece, drawn in and out by half a width, covers enough."""
    inset = width * WIDTH_SLACK / 2.0 - WIDTH_SLACK_M
    if inset <= 0:
        return []
    found = []
    for site, own in parts.items():
        for part in own:
            pieces = shapely.get_parts(part.buffer(-inset, quad_segs=32))
            least = (share - SHARE_SLACK) * part.area
            drawn = [
                piece.buffer(inset, join_style="mitre", mitre_limit=1.5, quad_segs=32)
                for piece in pieces
            ]
            if not any(part.intersection(piece).area >= least for piece in drawn):
                found.append(site)
                break
    return found


def _sticking_out(record: Mapping[Hashable, Any], parts: list[BaseGeometry]) -> float:
    """How far the stated rectangle reaches out of the best part, m."""
    length, width = record["rectangle_length_m"], record["rectangle_width_m"]
    turn = math.radians(record["rectangle_angle_deg"])
    along = np.array([math.cos(turn), math.sin(turn)]) * length / 2.0
    across = np.array([-math.sin(turn), math.cos(turn)]) * width / 2.0
    middle = np.array([record["rectangle_x"], record["rectangle_y"]])
    corners = [middle + a * along + b * across for a, b in ((1, 1), (1, -1), (-1, -1), (-1, 1))]
    if not np.isfinite(corners).all():
        return math.nan
    drawn = shapely.Polygon(corners)
    depths = []
    for part in parts:
        outside = shapely.get_coordinates(drawn.difference(part))
        holes = [shapely.polygons(ring) for ring in shapely.get_rings(part)[1:]]
        # a hole wholly inside is outside ground too: the way from its middle to the part
        inner = [shapely.get_coordinates(shapely.point_on_surface(hole)) for hole in holes]
        seen = np.vstack([outside, *inner]) if len(outside) else np.empty((0, 2))
        points = np.asarray(shapely.points(seen), dtype=object)
        reached = points[shapely.dwithin(points, drawn, 1e-6)]
        depths.append(float(shapely.distance(reached, part).max(initial=0.0)))
    return min(depths, default=math.inf)


def _large_enough(view: View, record: Mapping[Hashable, Any]) -> bool:
    long, short = view.document.asked.rectangle_m
    if long == 0:
        return True
    sides = sorted((record["rectangle_length_m"], record["rectangle_width_m"]), reverse=True)
    return bool(sides[0] >= long - SIDE_M and sides[1] >= short - SIDE_M)


def _bad_hole(view: View, site: str, parts: list[BaseGeometry]) -> bool:
    """Whether a site encloses what it may not: anything, or land that its demand may use."""
    rule = view.document.asked.holes
    rings = [ring for part in parts for ring in shapely.get_rings(part)[1:]]
    holes = [hole for hole in map(shapely.polygons, rings) if hole.area > HOLE_M2]
    if rule == "allow" or not holes:
        return False
    if rule == "forbid":
        return True
    demand, table = view.demand_of.get(site), view.written.exclusions
    named = table["demand_id"].isna() | (table["demand_id"] == (demand.id if demand else None))
    barred = set(table.loc[named, "parcel_id"])
    inner = shapely.point_on_surface(view.shapes)
    inside = np.unique(shapely.STRtree(inner).query(holes, predicate="contains")[1])
    own = set(view.members[site])
    return any(
        row not in own and view.ids[row] not in barred and not view.street[row] for row in inside
    )
