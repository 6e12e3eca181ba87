"""Who borders whom, measured by intersecting one boundary with the other parcel's surroundings."""

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from landplan.proposal.audit.view import Geometries, IntArray

_REACH = 1.05
"""Slack on the tolerance: a gap of exactly the tolerance counts, whatever the rounding."""
_LEAST_REACH_M = 1e-3
_CORNER = 4.0
"""Reaches of boundary that a corner shows: two arms of 1/sin 30°. Shorter stretches are corners."""


def border_length(first: Geometries, second: Geometries, tolerance_m: float) -> NDArray[np.float64]:
    """Length [k] of the common border of pairs of polygons, m.

    The part of one boundary that lies within the tolerance of the other polygon falls into
    stretches. At each of its two ends a stretch runs on for about the tolerance around a corner, so
    twice the reach is taken off; and what is no longer than a corner would show is left out.
    Parcels that touch at corners, however often, have a common border of 0. The shorter of both
    views counts.
    """
    reach = max(tolerance_m * _REACH, _LEAST_REACH_M)
    return np.minimum(_seen(first, second, reach), _seen(second, first, reach))


def _seen(first: Geometries, second: Geometries, reach: float) -> NDArray[np.float64]:
    near = shapely.intersection(shapely.boundary(first), shapely.buffer(second, reach))
    pairs = []
    for stretches in near:
        lines = [part for part in shapely.get_parts(stretches) if part.geom_type == "LineString"]
        merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(lines)))
        length = shapely.length(merged)
        pairs.append(float((length - 2 * reach)[length > _CORNER * reach].sum()))
    return np.array(pairs, dtype=float)


def borders(shapes: Geometries, tolerance_m: float) -> tuple[IntArray, NDArray[np.float64]]:
    """Pairs [e, 2] of polygons that come near each other, and their common borders [e] in m."""
    tree = shapely.STRtree(shapes)
    left, right = tree.query(shapes, predicate="dwithin", distance=tolerance_m * _REACH)
    upper = left < right
    pairs = np.column_stack([left[upper], right[upper]]).astype(np.int64)
    return pairs, border_length(shapes[pairs[:, 0]], shapes[pairs[:, 1]], tolerance_m)


def pieces(n: int, pairs: IntArray) -> IntArray:
    """Label [n] of the connected piece of every node, given pairs [e, 2]."""
    ones = np.ones(len(pairs), dtype=np.int8)
    graph = coo_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)
