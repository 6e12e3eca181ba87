"""Two owners swap parcels: what changes can be counted on the picture."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from landplan.measures.change import BETTER, holding_changes, town_changes, worse_off
from landplan.measures.town import holding_measures

# Six parcels of 1 ha in a row; before A B A B A B, after A A A B B C: C gets what B gives up.
BORDERS = np.array([(i, i + 1) for i in range(5)])
HOMES = pd.DataFrame({"x": [50.0, 550.0, 550.0], "y": 50.0}, index=["A", "B", "C"])


def held(names: str) -> pd.DataFrame:
    shapes = gpd.GeoSeries([box(100 * i, 0, 100 * i + 100, 100) for i in range(6)])
    parcels = gpd.GeoDataFrame(
        {
            "holding": list(names),
            "area_m2": shapes.area,
            "x": shapes.centroid.x,
            "y": shapes.centroid.y,
            "psi": 1.0,
            "road_access": np.nan,
            "sole": 1.0,
        },
        geometry=shapes,
    )
    return holding_measures(parcels, BORDERS, HOMES)


@pytest.fixture(scope="module")
def sides():
    return held("ABABAB"), held("AAABBC")


def test_rates_count_parcels_and_pieces_by_holding(sides):
    changes = holding_changes(*sides)
    assert changes["consolidation_rate"].to_dict() == pytest.approx(
        {"A": 0.0, "B": 1 / 3, "C": np.nan}, nan_ok=True
    )
    assert changes["piece_rate"][["A", "B"]].tolist() == pytest.approx([2 / 3, 2 / 3])
    # A: from 0, 200, 400 apart to 0, 100, 200: half
    assert changes.loc["A", "parcel_concentration"] == pytest.approx(0.5)
    assert changes.loc["A", "home_distance_gain"] == pytest.approx(-0.5)
    assert changes.loc["B", "area_gain"] == pytest.approx(-1 / 3)


def test_nobody_is_worse_off_where_nothing_changes_and_all_is_told_where_it_is_undone(sides):
    before, after = sides
    assert worse_off(before, before).empty
    undone = worse_off(after, before)
    told = set(zip(undone["holding"], undone["measure"], strict=True))
    assert {("A", "pieces"), ("A", "home_distance_m"), ("B", "parcels")} <= told
    assert "C" not in set(undone["holding"])  # on one side only
    assert ("A", "parcels") not in told
    assert undone["holding"].is_monotonic_increasing


def test_an_average_parcel_of_b_lies_nearer_and_nothing_unknown_is_judged(sides):
    worse = worse_off(*sides)
    assert "road_access" not in set(worse["measure"])
    assert "A" not in set(worse["holding"])


def test_the_town_sums_all_holdings(sides):
    figures = town_changes(*sides)
    assert figures["consolidation_rate"] == 0.0  # six parcels before and after
    assert figures["piece_rate"] == pytest.approx((6 - 3) / 6)
    assert figures["worse_pieces"] == 0
    assert {f"worse_{name}" for name in BETTER} < set(figures)
