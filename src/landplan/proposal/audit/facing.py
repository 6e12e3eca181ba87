"""How long one polygon faces another: lines of sight from its boundary, straight out."""

import numpy as np
import shapely

from landplan.proposal.audit.view import FloatArray

STEP_M = 0.25
_OFF_M = 1e-3


def facing_length(
    viewer: shapely.Geometry,
    target: shapely.Geometry,
    obstacle: shapely.Geometry,
    reach_m: float,
    tolerance_m: float,
) -> float:
    """Length of the viewer's boundary that sees the target straight ahead, m.

    Parameters
    ----------
    viewer, target
        The two polygons.
    obstacle
        Ground and lines that end a line of sight.
    reach_m
        Farthest sight.
    tolerance_m
        What is seen this near is touched, and is no facing.
    """
    starts, outward, steps = _stations(viewer, target, reach_m)
    if not len(starts):
        return 0.0
    begin = starts + outward * _OFF_M
    sight = shapely.linestrings(np.stack([begin, starts + outward * reach_m], axis=1))
    points = shapely.points(begin)
    apart = np.asarray(shapely.distance(points, shapely.intersection(sight, target)))
    seen = apart > tolerance_m
    # the way starts inside the viewer's own line, so that a barrier on that line ends it too
    way = shapely.linestrings(
        np.stack(
            [
                starts[seen] - outward[seen] * _OFF_M,
                begin[seen] + outward[seen] * apart[seen, None],
            ],
            axis=1,
        )
    )
    free = ~shapely.intersects(way, obstacle)
    own = shapely.linestrings(
        np.stack([begin[seen], begin[seen] + outward[seen] * apart[seen, None]], axis=1)
    )
    free &= ~shapely.intersects(own, viewer)
    return float(steps[seen][free].sum())


def _stations(
    viewer: shapely.Geometry, target: shapely.Geometry, reach_m: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Points [s, 2] on the viewer's boundary near the target, unit normals [s, 2], lengths [s].

    The normals point outward; each point stands for its length of boundary.
    """
    window = shapely.buffer(target, reach_m)
    points, normals, lengths = [], [], []
    for ring in shapely.get_rings(shapely.orient_polygons(shapely.get_parts(viewer))):
        coordinates = shapely.get_coordinates(ring)
        start, run = coordinates[:-1], np.diff(coordinates, axis=0)
        length = np.hypot(run[:, 0], run[:, 1])
        near = shapely.intersects(
            shapely.linestrings(np.stack([start, coordinates[1:]], axis=1)), window
        )
        for k in np.flatnonzero(near & (length > 0)):
            count = max(int(np.ceil(length[k] / STEP_M)), 1)
            along = (np.arange(count) + 0.5) / count
            points.append(start[k] + along[:, None] * run[k])
            # shells run counter-clockwise and holes clockwise: outside is always to the right
            normals.append(np.tile(np.array([run[k, 1], -run[k, 0]]) / length[k], (count, 1)))
            lengths.append(np.full(count, length[k] / count))
    if not points:
        return np.empty((0, 2)), np.empty((0, 2)), np.empty(0)
    return np.concatenate(points), np.concatenate(normals), np.concatenate(lengths)
