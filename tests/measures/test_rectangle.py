"""A rectangle that is claimed is there; one that plainly fits is found."""

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from landplan.measures.rectangle import ROUNDING_M, fits, largest

EAST, NORTH = 610_000.0, 3_463_000.0
CORNER = shapely.union(shapely.box(0, 0, 300, 50), shapely.box(0, 0, 50, 300))
RING = shapely.box(0, 0, 100, 100).difference(shapely.box(45, 45, 55, 55))


@pytest.mark.parametrize("angle", [0.0, 12.3, 45.0, 77.7, 133.0])
def test_a_rectangle_holds_itself_and_nothing_longer_or_wider(angle):
    shape = affinity.translate(affinity.rotate(shapely.box(0, 0, 200, 80), angle), EAST, NORTH)
    found = fits(shape, 80.0, 200.0)
    assert found is not None
    assert (found.length_m, found.width_m) == (200.0, 80.0)
    assert shapely.covers(shape.buffer(1e-6), found.polygon(ROUNDING_M))
    assert fits(shape, 200.1, 80.0) is None
    assert fits(shape, 200.0, 80.1) is None


def test_the_arms_of_a_corner_hold_long_rectangles_and_no_wide_ones():
    assert fits(CORNER, 300.0, 50.0) is not None
    assert fits(CORNER, 300.0, 51.0) is None
    assert fits(CORNER, 60.0, 60.0) is None


def test_a_hole_is_not_built_over():
    assert fits(RING, 45.0, 45.0) is not None
    assert fits(RING, 46.0, 46.0) is None
    assert fits(RING, 100.0, 45.0) is not None
    found = largest(RING)
    assert found is not None
    assert found.area_m2 == pytest.approx(4500.0, rel=0.01)


def test_the_largest_rectangle_of_a_turned_block_is_the_block():
    shape = affinity.translate(affinity.rotate(shapely.box(0, 0, 200, 80), 33.0), EAST, NORTH)
    found = largest(shape)
    assert found is not None
    assert found.area_m2 == pytest.approx(16_000.0, rel=0.005)
    assert (found.angle_deg - 33.0) % 180.0 == pytest.approx(0.0, abs=0.01)
    assert found.length_m > found.width_m


@settings(max_examples=25, deadline=None)
@given(
    cells=st.sets(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1),
    turn=st.floats(0, 90),
    sides=st.tuples(st.floats(5, 100), st.floats(5, 100)),
)
def test_whatever_is_claimed_lies_inside(cells, turn, sides):
    ground = shapely.union_all(
        [shapely.box(30 * x, 30 * y, 30 * x + 30, 30 * y + 30) for x, y in cells]
    )
    part = affinity.rotate(max(shapely.get_parts(ground), key=lambda shape: shape.area), turn)
    asked, best = fits(part, *sides), largest(part)
    assert best is not None
    assert shapely.covers(part.buffer(1e-6), best.polygon())
    if asked is not None:
        assert shapely.covers(part.buffer(1e-6), asked.polygon(ROUNDING_M))
    # along the axes of the cells a square that fits is found
    if max(sides) <= 30:
        assert asked is not None
