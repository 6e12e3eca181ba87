"""Fragmentation, dispersion, access and consolidation of holdings, by hand and against others."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, box
from shapely.affinity import translate

from landplan.measures import dispersion, fragmentation
from landplan.measures.access import access_share, road_access
from landplan.measures.consolidation import (
    consolidation_rate,
    consolidation_rate_of,
    kept_share,
    relative_gain,
)
from landplan.measures.inequality import gini, theil

# Unit squares; the letters are holdings, the dot belongs to nobody:
#
#     A A B A
#     B B A .
NAMES = "AABABBA."
CELLS = [box(x, 1 - y, x + 1, 2 - y) for y in (0, 1) for x in range(4)]
HOLDING = pd.Series([None if name == "." else name for name in NAMES], name="holding")
BORDERS = np.array([(0, 1), (1, 2), (2, 3), (4, 5), (5, 6), (6, 7), (0, 4), (1, 5), (2, 6), (3, 7)])
GEOMETRY = gpd.GeoSeries(CELLS)
X, Y = GEOMETRY.centroid.x, GEOMETRY.centroid.y
AREA = GEOMETRY.area


def test_pieces_hang_together_inside_one_holding_only():
    assert fragmentation.parcel_count(HOLDING).to_dict() == {"A": 4.0, "B": 3.0}
    # A: the pair at the top left, and two single cells that meet nothing of A but a corner
    assert fragmentation.piece_count(HOLDING, BORDERS).to_dict() == {"A": 3.0, "B": 2.0}
    assert fragmentation.piece_count(HOLDING, np.empty((0, 2), int)).to_dict() == {"A": 4, "B": 3}


def test_a_border_to_a_parcel_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="outside"):
        fragmentation.piece_count(HOLDING, np.array([(0, 8)]))


def test_areas_of_one_one_and_two_have_the_indices_of_the_textbook():
    area = pd.Series([1.0, 1.0, 2.0, 5.0, np.nan])
    holding = pd.Series(["h", "h", "h", "one", None])
    assert fragmentation.simmons(area, holding).to_dict() == {"h": 6 / 16, "one": 1.0}
    assert fragmentation.simpson(area, holding).to_dict() == {"h": 10 / 16, "one": 0.0}
    k = fragmentation.januszewski(area, holding)
    assert k["h"] == pytest.approx(2 / (2 + np.sqrt(2)))
    assert k["one"] == 1.0
    assert fragmentation.mean_area(area, holding)["h"] == pytest.approx(4 / 3)
    assert fragmentation.median_area(area, holding).to_dict() == {"h": 1.0, "one": 5.0}


@pytest.mark.parametrize("n", [1, 2, 7])
def test_equal_parcels_reach_the_ends_of_the_ranges(n):
    area, holding = pd.Series([3.0] * n), pd.Series(["h"] * n)
    assert fragmentation.simmons(area, holding)["h"] == pytest.approx(1 / n)
    assert fragmentation.simpson(area, holding)["h"] == pytest.approx(1 - 1 / n)
    assert fragmentation.januszewski(area, holding)["h"] == pytest.approx(1 / np.sqrt(n))


def test_the_hull_of_a_holding_is_drawn_around_all_its_land():
    # A: hull of the cells (0,1) (1,1) (3,1) (2,0): the strip of the top and a trapezium below it,
    # from x 0…4 at y 1 to x 2…3 at y 0: 4 + 2.5.
    found = fragmentation.schmook(GEOMETRY, HOLDING)
    assert found["A"] == pytest.approx((4 + (4 + 1) / 2) / 4)
    assert fragmentation.schmook(gpd.GeoSeries([box(0, 0, 2, 1)]), pd.Series(["h"]))["h"] == 1.0


def test_round_trips_count_against_the_mean_area_in_km_and_hectares():
    area = pd.Series([10_000.0, 30_000.0])
    way = pd.Series([500.0, 1500.0])
    # mean 2 ha, trips 2 * (0.5 + 1.5) = 4 km
    found = fragmentation.igbozurike(area, way, pd.Series(["h", "h"]))
    assert found["h"] == pytest.approx(4 / (2 / 100))
    way[1] = np.nan
    assert np.isnan(fragmentation.igbozurike(area, way, pd.Series(["h", "h"]))["h"])


def test_distances_to_the_common_centre_follow_pythagoras():
    x, y = pd.Series([0.0, 6.0, 3.0, 3.0]), pd.Series([0.0, 0.0, 4.0, -4.0])
    holding = pd.Series(["h"] * 4)
    # centre (3, 0); distances 3, 3, 4, 4
    assert dispersion.standard_distance(x, y, holding)["h"] == pytest.approx(np.sqrt(50 / 4))
    assert dispersion.centre_distance(x, y, holding)["h"] == pytest.approx(3.5)
    centre = dispersion.weighted_centre(x, y, pd.Series([1.0, 3.0, 0.0, 0.0]), holding)
    assert centre.loc["h"].to_dict() == {"x": 4.5, "y": 0.0}


def test_distance_to_the_homestead_weighs_by_area():
    holding = pd.Series(["h", "h", "g"])
    way = dispersion.home_distance(
        pd.Series([3.0, 0.0, 1.0]),
        pd.Series([4.0, 0.0, 1.0]),
        holding,
        pd.Series({"h": 0.0, "g": np.nan}),
        pd.Series({"h": 0.0, "g": np.nan}),
    )
    assert way[:2].tolist() == [5.0, 0.0]
    mean = dispersion.weighted_distance(way, pd.Series([1.0, 3.0, 1.0]), holding)
    assert mean["h"] == pytest.approx(5 / 4)
    assert np.isnan(mean["g"])


def test_concentration_is_bounded_and_above_zero_when_closer():
    before = pd.Series({"closer": 100.0, "wider": 50.0, "same": 0.0, "gathered": 80.0, "gone": 1.0})
    after = pd.Series({"closer": 50.0, "wider": 100.0, "same": 0.0, "gathered": 0.0})
    found = dispersion.parcel_concentration(before, after)
    assert found.drop("gone").to_dict() == {
        "closer": 0.5,
        "wider": -0.5,
        "same": 0.0,
        "gathered": 1.0,
    }
    assert np.isnan(found["gone"])


def test_access_counts_from_the_edge_of_the_road_and_from_street_parcels():
    # the road runs 2.5 m above the top row and is 4 m wide: 0.5 m away; the dot is a street
    road = gpd.GeoSeries([LineString([(0, 4.5), (2.5, 4.5)])])
    streets = pd.Series([name == "." for name in NAMES])
    found = road_access(GEOMETRY, road, pd.Series([4.0]), streets, 0.6)
    assert found.tolist() == [True, True, True, True, False, False, True, True]
    assert access_share(found[:7], AREA[:7]) == pytest.approx(5 / 7)
    assert access_share(found[:0], AREA[:0]) is None


def test_access_is_the_distance_to_the_road_whatever_its_length_and_kind():
    rng = np.random.default_rng(3)
    parcels = gpd.GeoSeries([box(x, y, x + 9, y + 9) for x, y in rng.uniform(0, 900, (80, 2))])
    bend = LineString([(0, 0), (400, 50), (900, 900), (0, 880)])
    roads = gpd.GeoSeries([shapely.multilinestrings([bend]), box(700, 0, 730, 300), None])
    width = pd.Series([60.0, 500.0, 5.0])
    found = road_access(parcels, roads, width, pd.Series(False, index=parcels.index), 12.0)
    line, surface = parcels.distance(bend), parcels.distance(roads[1])
    assert found.tolist() == ((line <= 30 + 12) | (surface <= 12)).tolist()
    assert 0 < found.sum() < 80


def test_consolidation_halves_and_keeps_what_stays_in_place():
    before, after = pd.Series({"a": 4.0, "b": 2.0, "new": np.nan}), pd.Series({"a": 2.0, "b": 3.0})
    assert consolidation_rate(before, after)[["a", "b"]].tolist() == [0.5, -0.5]
    assert consolidation_rate_of(6, 5) == pytest.approx(1 / 6)
    assert consolidation_rate_of(0, 5) is None
    assert relative_gain(before, after)["b"] == 0.5
    stays = kept_share(
        pd.Series([1.0, 3.0, 2.0]), pd.Series(["a", "a", "b"]), pd.Series(["a", "b", "b"])
    )
    assert stays.to_dict() == {"a": 0.25, "b": 1.0}


def test_gini_and_theil_of_one_who_has_everything_reach_their_ends():
    assert gini(pd.Series([0.0, 0.0, 0.0, 8.0])) == pytest.approx(3 / 4)
    assert theil(pd.Series([0.0, 0.0, 0.0, 8.0])) == pytest.approx(np.log(4))
    assert gini(pd.Series([2.0, 2.0])) == 0.0
    assert theil(pd.Series([2.0, 2.0])) == 0.0
    assert gini(pd.Series([0.0])) is None
    with pytest.raises(ValueError, match="below 0"):
        gini(pd.Series([-1.0, 2.0]))


@given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=12))
@settings(max_examples=50, deadline=None)
def test_gini_is_the_mean_difference(amounts):
    x = np.array(amounts)
    pairs = np.abs(x[:, None] - x[None, :]).sum() / (2 * len(x) ** 2 * x.mean())
    assert gini(pd.Series(amounts)) == pytest.approx(pairs, abs=1e-9)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.floats(1.0, 1e4)), min_size=1, max_size=20),
    st.integers(0, 2**31),
)
@settings(max_examples=50, deadline=None)
def test_measures_ignore_the_order_of_parcels_and_stay_in_range(parcels, seed):
    holding = pd.Series([label for label, _ in parcels])
    area = pd.Series([size for _, size in parcels])
    order = np.random.default_rng(seed).permutation(len(parcels))
    for measure in (fragmentation.simmons, fragmentation.simpson, fragmentation.januszewski):
        found = measure(area, holding)
        pd.testing.assert_series_equal(found, measure(area[order], holding[order]))
        assert found.between(-1e-12, 1.0 + 1e-12).all()
    count = fragmentation.parcel_count(holding)
    assert (fragmentation.simmons(area, holding) >= 1.0 / count - 1e-12).all()


def test_no_measure_notices_millions_of_metres_of_northing():
    far = gpd.GeoSeries([translate(cell, 345_678.0, 3_456_789.0) for cell in CELLS])
    near = dispersion.standard_distance(X, Y, HOLDING)
    moved = dispersion.standard_distance(far.centroid.x, far.centroid.y, HOLDING)
    assert moved.to_numpy() == pytest.approx(near.to_numpy(), rel=1e-8)
    assert fragmentation.schmook(far, HOLDING).to_numpy() == pytest.approx(
        fragmentation.schmook(GEOMETRY, HOLDING).to_numpy()
    )


def test_pieces_are_those_of_the_dissolved_land():
    rng = np.random.default_rng(4)
    cells = [box(x, y, x + 1, y + 1) for y in range(8) for x in range(8)]
    borders = np.array(
        [(8 * y + x, 8 * y + x + 1) for y in range(8) for x in range(7)]
        + [(8 * y + x, 8 * y + x + 8) for y in range(7) for x in range(8)]
    )
    holding = pd.Series(rng.integers(0, 4, 64))
    counted = fragmentation.piece_count(holding, borders)
    for label, rows in holding.groupby(holding).groups.items():
        land = shapely.union_all([cells[row] for row in rows])
        assert counted[label] == shapely.get_num_geometries(land)
