"""Corners and the parcel shape index; the shapes of the plots of Prague against momepy."""

import geopandas as gpd
import momepy
import numpy as np
import pandas as pd
import pytest
from shapely import Point, Polygon, box
from shapely.affinity import rotate, translate

from landplan.measures import shape
from landplan.measures.outline import corners, parcel_shape_index
from landplan.measures.scheme import Factor, Scheme, read_scheme
from landplan.measures.town import PARCEL_SHAPE, parcel_measures

# An L of three squares with sides of 30 m, one reflex corner:
#
#   +--+
#   |  |
#   +--+--+
#   |  |  |
#   +--+--+
ELL = Polygon([(0, 0), (60, 0), (60, 30), (30, 30), (30, 60), (0, 60)])
SPIKE = Polygon([(0, 0), (100, 0), (0, 20)])


def test_corners_have_their_inner_angles_and_sides():
    found = corners(gpd.GeoSeries([box(0, 0, 40, 10), ELL]))
    assert np.bincount(found.row).tolist() == [4, 6]
    assert found.angle_deg[found.row == 0] == pytest.approx([90] * 4)
    assert sorted(found.angle_deg[found.row == 1]) == pytest.approx([90] * 5 + [270])
    assert sorted(found.side_m[found.row == 0]) == pytest.approx([10, 10, 40, 40])


def test_points_along_a_straight_side_and_small_dents_are_no_corners():
    dented = Polygon([(50, 0), (100, 0), (100, 100), (50, 100.5), (0, 100), (0, 0)])
    assert len(corners(gpd.GeoSeries([dented])).row) == 4


def test_an_oblong_of_one_to_two_is_best_and_worse_shapes_are_worse():
    shapes = gpd.GeoSeries([box(0, 0, 60, 30), box(0, 0, 30, 30), ELL, SPIKE, box(0, 0, 400, 5)])
    best, square, ell, spike, strip = parcel_shape_index(shapes)
    assert best == pytest.approx(1.0)
    assert square == pytest.approx(1.0)
    assert 0 < spike < ell < 1
    assert 0 < strip < 1


def test_the_index_is_the_weighted_mean_of_the_values_that_occur():
    # the oblong of 10 by 30: sides 10 (value ½) and 30 (1), 4 corners (1), compactness
    # 4π 300 / 80² = 0.589, regularity 10 / 20 = 0.5; no acute, no reflex angle
    compact = np.interp(4 * np.pi * 300 / 80**2, [0.35, 0.698], [0.5, 1.0])
    regular = np.interp(0.5, [0.334, 1.0], [1.0, 0.3])
    expected = np.mean([0.75, 1.0, compact, regular])
    assert parcel_shape_index(gpd.GeoSeries([box(0, 0, 10, 30)]))[0] == pytest.approx(expected)


def test_turning_and_moving_a_parcel_changes_nothing_and_no_area_has_no_index():
    turned = [translate(rotate(each, 33), 350_000, 3_450_000) for each in (ELL, SPIKE)]
    found = parcel_shape_index(gpd.GeoSeries([*turned, None, Polygon(), Point(0, 0)]))
    assert found[:2].to_numpy() == pytest.approx(
        parcel_shape_index(gpd.GeoSeries([ELL, SPIKE])).to_numpy(), abs=1e-6
    )
    assert found[2:].isna().all()


def test_measures_together_are_the_measures_one_by_one():
    shapes = gpd.GeoSeries([ELL, SPIKE, None, Point(3, 3).buffer(5)], index=[4, 7, 9, 11])
    table = parcel_measures(shapes)
    assert tuple(table.columns) == PARCEL_SHAPE
    single = [*(m(shapes) for m in (*shape.SITE_MEASURES, shape.shape_index))]
    single.append(parcel_shape_index(shapes))
    pd.testing.assert_frame_equal(table, pd.concat(single, axis=1))


def test_shapes_of_the_buildings_of_prague_are_those_of_momepy():
    land = gpd.read_file(momepy.datasets.get_path("bubenec"), layer="buildings").geometry
    x, y = land.total_bounds[:2]
    land = land.translate(-x, -y)  # far from the origin momepy itself loses digits
    found = parcel_measures(land)
    theirs = {
        "hull_ratio": momepy.convexity(land),
        "rectangularity": momepy.rectangularity(land),
        "elongation": momepy.elongation(land),
    }
    for name, values in theirs.items():
        assert found[name].to_numpy() == pytest.approx(values.to_numpy(), rel=1e-4), name


def test_a_scheme_takes_weights_and_refuses_what_it_does_not_know():
    scheme = read_scheme("glfi")
    assert sum(factor.weight for factor in scheme.factors) == pytest.approx(1.0)
    assert scheme.status == "estimate"
    only = scheme.weighted({f.name: float(f.name == "psi") for f in scheme.factors})
    measured = pd.DataFrame({f.name: [0.25] for f in scheme.factors})
    assert only.measured_score(measured)[0] == pytest.approx(0.25)
    with pytest.raises(ValueError, match="colour"):
        scheme.weighted({"colour": 1.0})
    with pytest.raises(ValueError, match="no weight"):
        scheme.weighted({factor.name: 0.0 for factor in scheme.factors})


def test_a_missing_value_drops_its_factor_and_none_gives_no_score():
    scheme = Scheme(
        "s",
        "by hand",
        "verified",
        (Factor("a", "m", 3.0, ((0.0, 1.0), (10.0, 0.0))), Factor("b", "m", 1.0, ((0.0, 0.5),))),
    )
    nan = float("nan")
    measured = pd.DataFrame({"a": [5.0, nan, nan], "b": [1.0, 1.0, nan]})
    score = scheme.measured_score(measured)
    assert score[:2].tolist() == [0.5, 0.5]
    assert np.isnan(score[2])
    with pytest.raises(ValueError, match="rise"):
        Factor("c", "m", 1.0, ((1.0, 0.0), (1.0, 1.0)))
