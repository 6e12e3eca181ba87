"""A width is what discs can fill: necks and tails do not count, corners do."""

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import affinity

from landplan.measures.width import has_width, narrowest, width

EAST, NORTH = 610_000.0, 3_463_000.0
BLOCK = shapely.box(0, 0, 200, 100)
DUMBBELL = shapely.union_all([BLOCK, shapely.box(200, 40, 300, 60), shapely.box(300, 0, 500, 100)])
TAILED = shapely.union(shapely.box(0, 0, 100, 100), shapely.box(100, 0, 150, 10))


@pytest.mark.parametrize("angle", [0, 17, 45, 90])
def test_a_rectangle_has_the_width_of_its_short_side(angle):
    turned = affinity.translate(affinity.rotate(BLOCK, angle), EAST, NORTH)
    assert has_width(turned, 100.0, 0.999)
    assert not has_width(turned, 100.5, 0.1)
    assert width(turned, 0.99) == pytest.approx(100.0, abs=0.1)


def test_a_neck_decides_although_both_ends_are_wide():
    assert has_width(DUMBBELL, 20.0)
    assert not has_width(DUMBBELL, 21.0)
    assert width(DUMBBELL) == pytest.approx(20.0, abs=0.2)


def test_a_tail_counts_only_where_its_land_is_needed_for_the_share():
    # 500 of 10 500 m² lie in the tail
    assert has_width(TAILED, 100.0, 0.95)
    assert not has_width(TAILED, 100.0, 0.96)
    assert width(TAILED, 0.96) == pytest.approx(10.0, abs=0.1)


def test_the_narrowest_part_is_the_width_of_all():
    assert narrowest([BLOCK, DUMBBELL]) == pytest.approx(20.0, abs=0.2)
    assert narrowest([]) == 0.0


@given(
    cells=st.sets(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1),
    narrow=st.floats(1, 60),
    more=st.floats(0, 30),
)
def test_whoever_has_a_width_has_every_smaller_one(cells, narrow, more):
    ground = shapely.union_all(
        [shapely.box(30 * x, 30 * y, 30 * x + 30, 30 * y + 30) for x, y in cells]
    )
    part = max(shapely.get_parts(ground), key=lambda shape: shape.area)
    if has_width(part, narrow + more, 0.8):
        assert has_width(part, narrow, 0.8 - 2e-3)
