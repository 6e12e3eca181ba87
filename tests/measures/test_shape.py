import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Point, Polygon, box
from shapely.affinity import rotate, scale, translate

from landplan.measures import shape

RATIOS = (
    shape.polsby_popper,
    shape.hull_ratio,
    shape.rectangularity,
    shape.elongation,
    shape.inertia,
)
ALL = (*shape.SITE_MEASURES, shape.shape_index)

SQUARE = box(0, 0, 10, 10)
STRIP = box(0, 0, 40, 10)
# The L: three unit squares, the corner one at the origin.
#
#   +--+
#   |  |
#   +--+--+
#   |  |  |
#   +--+--+
ELL = Polygon([(0, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2)])
RING = box(0, 0, 3, 3).difference(box(1, 1, 2, 2))


def one(measure, polygon):
    return measure(gpd.GeoSeries([polygon])).iloc[0]


def test_a_square_has_the_values_of_the_textbook():
    assert one(shape.perimeter, SQUARE) == pytest.approx(40)
    assert one(shape.polsby_popper, SQUARE) == pytest.approx(np.pi / 4)
    assert one(shape.shape_index, SQUARE) == pytest.approx(2 / np.sqrt(np.pi))
    assert one(shape.hull_ratio, SQUARE) == pytest.approx(1)
    assert one(shape.rectangularity, SQUARE) == pytest.approx(1)
    assert one(shape.elongation, SQUARE) == pytest.approx(1)
    assert one(shape.inertia, SQUARE) == pytest.approx(3 / np.pi)  # I = s⁴ / 6


def test_a_strip_of_one_by_four_is_long_but_rectangular():
    assert one(shape.perimeter, STRIP) == pytest.approx(100)
    assert one(shape.polsby_popper, STRIP) == pytest.approx(4 * np.pi * 400 / 100**2)
    assert one(shape.rectangularity, STRIP) == pytest.approx(1)
    assert one(shape.elongation, STRIP) == pytest.approx(0.25)
    # I = ab(a² + b²) / 12
    assert one(shape.inertia, STRIP) == pytest.approx(400**2 / (2 * np.pi * 400 * 1700 / 12))


def test_an_l_fills_six_sevenths_of_its_hull_and_three_quarters_of_its_square():
    assert one(shape.perimeter, ELL) == pytest.approx(8)
    assert one(shape.hull_ratio, ELL) == pytest.approx(3 / 3.5)
    assert one(shape.elongation, ELL) == pytest.approx(1)
    assert one(shape.rectangularity, ELL) == pytest.approx(0.75)
    # Unit squares at (½, ½), (3/2, ½), (½, 3/2); centroid (5/6, 5/6); I = 3 · 1/6 + Σ d² = 1/2 +
    # 4/3.
    assert one(shape.inertia, ELL) == pytest.approx(9 / (2 * np.pi * (1 / 2 + 4 / 3)))


def test_a_square_ring_counts_its_hole_in_every_measure():
    assert one(shape.perimeter, RING) == pytest.approx(12 + 4)
    assert one(shape.polsby_popper, RING) == pytest.approx(4 * np.pi * 8 / 16**2)
    assert one(shape.hull_ratio, RING) == pytest.approx(8 / 9)
    assert one(shape.rectangularity, RING) == pytest.approx(8 / 9)
    assert one(shape.inertia, RING) == pytest.approx(64 / (2 * np.pi * (81 - 1) / 6))


def test_measures_approach_one_for_a_disc():
    disc = Point(7, -3).buffer(100, quad_segs=512)
    for measure in (shape.polsby_popper, shape.shape_index, shape.inertia, shape.hull_ratio):
        assert one(measure, disc) == pytest.approx(1, abs=1e-5)
    assert one(shape.elongation, disc) == pytest.approx(1, abs=1e-3)
    assert one(shape.rectangularity, disc) == pytest.approx(np.pi / 4, abs=1e-3)


def test_two_far_parts_are_less_compact_than_either_alone():
    pair = MultiPolygon([SQUARE, translate(SQUARE, 30, 0)])
    assert one(shape.hull_ratio, pair) == pytest.approx(200 / 400)
    assert one(shape.perimeter, pair) == pytest.approx(80)
    # Parallel axes: I = 2 · (10⁴/6 + 100 · 15²)
    assert one(shape.inertia, pair) == pytest.approx(
        200**2 / (2 * np.pi * 2 * (10**4 / 6 + 100 * 225))
    )


def test_what_has_no_area_has_no_shape():
    nothing = gpd.GeoSeries(
        [None, Polygon(), SQUARE, Polygon([(0, 0), (5, 0), (9, 0)])], index=list("abcd")
    )
    for measure in ALL:
        values = measure(nothing)
        assert list(values.index) == list("abcd")
        assert values.isna().tolist() == [True, True, False, True]


def test_an_empty_series_gives_an_empty_table_with_all_columns():
    table = shape.site_measures(gpd.GeoSeries([], crs="EPSG:4549"))
    assert list(table.columns) == [
        "perimeter_m",
        "polsby_popper",
        "hull_ratio",
        "rectangularity",
        "elongation",
        "inertia",
    ]
    assert len(table) == 0


def test_the_input_is_left_as_it_was():
    ground = gpd.GeoSeries([Polygon([(0, 0, 4), (1, 0, 4), (1, 1, 4)])])
    before = ground.to_wkb()
    shape.site_measures(ground)
    pd.testing.assert_series_equal(ground.to_wkb(), before)


def test_millions_of_metres_of_offset_do_not_cost_digits():
    small, far = gpd.GeoSeries([ELL]), gpd.GeoSeries([translate(ELL, 40_500_000, 3_460_000)])
    for measure in ALL:
        assert measure(far).iloc[0] == pytest.approx(measure(small).iloc[0], rel=1e-7)


polygons = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=3, max_size=9, unique=True
).map(lambda points: shapely.concave_hull(shapely.MultiPoint(points), ratio=0.3))
areal = polygons.filter(lambda polygon: polygon.geom_type == "Polygon" and polygon.area > 1)


@settings(deadline=None)
@given(areal)
def test_ratios_lie_between_zero_and_one(polygon):
    for measure in RATIOS:
        assert 0 < one(measure, polygon) <= 1 + 1e-12
    assert one(shape.shape_index, polygon) >= 1 - 1e-12


@settings(deadline=None)
@given(areal, st.floats(0, 360), st.floats(0.1, 50))
def test_ratios_do_not_change_when_the_shape_is_turned_moved_or_enlarged(polygon, angle, factor):
    other = translate(scale(rotate(polygon, angle), factor, factor), 500, -900)
    for measure in (shape.polsby_popper, shape.hull_ratio, shape.inertia):
        assert one(measure, other) == pytest.approx(one(measure, polygon), rel=1e-6)


@settings(deadline=None)
@given(areal)
def test_the_direction_of_the_rings_does_not_matter(polygon):
    assert one(shape.inertia, shapely.reverse(polygon)) == pytest.approx(
        one(shape.inertia, polygon)
    )
