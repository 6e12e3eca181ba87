"""The audit's own geometry: common borders, pieces, facing and shape, on drawings."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Polygon, box
from shapely.affinity import rotate, translate

from landplan.proposal.audit.contiguity import border_length, borders, pieces
from landplan.proposal.audit.facing import facing_length
from landplan.proposal.audit.shape import shape_measures

TOLERANCE = 0.1
LEFT = box(0, 0, 50, 40)


def border(one: Polygon, two: Polygon, tolerance: float = TOLERANCE) -> float:
    return float(border_length(np.array([one]), np.array([two]), tolerance)[0])


@pytest.mark.parametrize(
    ("other", "length"),
    [
        (box(50, 0, 80, 40), 40.0),  # a common edge
        (box(50, 10, 80, 30), 20.0),  # a T-junction
        (box(50.08, 0, 80, 40), 40.0),  # a hairline gap within the tolerance
        (box(49.95, 0, 80, 40), 40.0),  # a hairline overlap
        (box(50.2, 0, 80, 40), 0.0),  # a gap wider than the tolerance
        (box(50, 40, 80, 60), 0.0),  # a corner
        (box(50.05, 40.05, 80, 60), 0.0),  # a corner across a hairline gap
        (box(49.95, 39.95, 80, 60), 0.0),  # a corner across a hairline overlap
        (box(50, 39.2, 80, 60), 0.8),  # an edge shorter than a metre
        (box(0, 0, 50, 40).buffer(20) - LEFT, 180.0),  # a parcel in the hole of another
    ],
)
def test_the_common_border_of_two_drawings(other, length):
    assert border(LEFT, other) == pytest.approx(length, abs=0.25)
    assert border(other, LEFT) == pytest.approx(border(LEFT, other))


def test_many_corner_touches_add_up_to_nothing():
    """A saw along a wall: every tooth touches in one point.

    ::

        |/|/|/|/|
        ---------
    """
    teeth = [(x, 0 if k % 2 else 3) for k, x in enumerate(range(0, 50, 2))]
    saw = Polygon([*teeth, (48, 10), (0, 10)])
    wall = box(0, -10, 50, 0)
    assert border(saw, wall) == pytest.approx(0.0, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    angle=st.floats(0, 360),
    dx=st.floats(-1e5, 1e5),
    dy=st.floats(-1e6, 1e6),
    low=st.floats(-30, 30),
)
def test_the_common_border_does_not_depend_on_where_and_how_the_town_lies(angle, dx, dy, low):
    other = box(50, low, 80, low + 25)
    expected = max(0.0, min(40, low + 25) - max(0, low))
    one, two = (translate(rotate(shape, angle, (0, 0)), dx, dy) for shape in (LEFT, other))
    assert border(one, two) == pytest.approx(expected, abs=0.25)


def test_borders_lists_each_pair_once():
    shapes = np.array([box(0, 0, 1, 1), box(1, 0, 2, 1), box(2, 0, 3, 1), box(5, 0, 6, 1)])
    pairs, length = borders(shapes, 0.01)
    assert sorted(map(tuple, pairs.tolist())) == [(0, 1), (1, 2)]
    assert length == pytest.approx([1.0, 1.0], abs=0.05)


def test_pieces_counts_what_hangs_together():
    labels = pieces(5, np.array([[0, 1], [1, 2]]))
    assert labels[0] == labels[1] == labels[2]
    assert len(set(labels.tolist())) == 3
    assert len(set(pieces(3, np.empty((0, 2), np.int64)).tolist())) == 3


NOTHING = Polygon()
SOUTH, NORTH = box(0, 0, 50, 40), box(0, 52, 50, 90)


@pytest.mark.parametrize(
    ("target", "obstacle", "length"),
    [
        (NORTH, NOTHING, 50.0),
        (box(20, 52, 90, 90), NOTHING, 30.0),  # staggered
        (box(52, 52, 90, 90), NOTHING, 0.0),  # diagonal, at a crossing
        (box(0, 75, 50, 90), NOTHING, 0.0),  # farther than 30 m
        (box(0, 40, 50, 90), NOTHING, 0.0),  # touching
        (NORTH, box(10, 44, 30, 46), 30.0),  # a kiosk in between
        (NORTH, LineString([(-5, 46), (60, 46)]), 0.0),  # a railway line
        (NORTH, LineString([(-5, 40), (60, 40)]), 0.0),  # a line along the viewer's own edge
        (NORTH, LineString([(-5, 52), (60, 52)]), 0.0),  # a line along the target's edge
    ],
)
def test_facing_is_what_is_seen_straight_ahead(target, obstacle, length):
    assert facing_length(SOUTH, target, obstacle, 30.0, TOLERANCE) == pytest.approx(length, abs=0.5)


def test_a_block_in_the_hole_of_another_faces_it_all_around():
    ring = box(-20, -20, 70, 60) - box(-10, -10, 60, 50)
    assert facing_length(SOUTH, ring, NOTHING, 30.0, TOLERANCE) == pytest.approx(180.0, abs=1.0)
    # from outside every wall of the hole sees the block along the block's own sides
    assert facing_length(ring, SOUTH, NOTHING, 30.0, TOLERANCE) == pytest.approx(180.0, abs=1.0)


def test_a_wing_of_the_viewer_itself_stands_in_the_way():
    """The viewer is a U that opens east; its lower arm looks at its own upper arm."""
    viewer = box(0, 0, 50, 40) - box(10, 10, 50, 30)
    behind = box(0, 45, 50, 60)
    assert facing_length(viewer, behind, NOTHING, 100.0, TOLERANCE) == pytest.approx(50.0, abs=0.5)


@pytest.mark.parametrize("where", [(0.0, 0.0), (352_000.0, 3_460_000.0)])
def test_shape_measures_of_known_shapes(where):
    square = shape_measures(translate(box(0, 0, 10, 10), *where))
    assert square["polsby_popper"] == pytest.approx(math.pi / 4)
    assert square["inertia"] == pytest.approx(3 / math.pi)
    strip = shape_measures(translate(box(0, 0, 40, 10), *where))
    assert strip["elongation"] == pytest.approx(0.25)
    assert strip["rectangularity"] == pytest.approx(1.0)
    # a ring: I is the outer square's less the inner's, a⁴/6 − b⁴/6
    ring = shape_measures(translate(box(0, 0, 10, 10) - box(2, 2, 8, 8), *where))
    assert ring["inertia"] == pytest.approx(64**2 / (2 * math.pi * (10**4 - 6**4) / 6))
    disc = shape_measures(translate(shapely.Point(0, 0).buffer(100, quad_segs=256), *where))
    assert disc["polsby_popper"] == pytest.approx(1.0, abs=1e-4)
    assert disc["inertia"] == pytest.approx(1.0, abs=1e-4)


def test_the_least_rectangle_is_the_same_far_from_the_origin():
    """In national grids the northing has millions of metres; the shape keeps its elongation."""
    near = shapely.Polygon([(0, 0), (83.1, 11.7), (80.2, 95.3), (41.0, 99.9), (-7.4, 60.3)])
    far = shapely.transform(near, lambda xy: xy + np.array([610_000.123, 3_463_000.456]))
    one, other = shape_measures(near), shape_measures(far)
    assert one["elongation"] == pytest.approx(other["elongation"], abs=1e-8)
    assert one["rectangularity"] == pytest.approx(other["rectangularity"], abs=1e-8)
