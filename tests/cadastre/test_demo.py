"""The invented town is a town.

Whole land, real people, codes that hold, the same for the same seed.
"""

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

from landplan.cadastre.check import check_town
from landplan.cadastre.demo import write_demo
from landplan.cadastre.reading import read_town
from landplan.codes import landuse
from landplan.errors import InputError


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("demo")
    write_demo(place, 1000, seed=3)
    return place


@pytest.fixture(scope="module")
def parcels(folder):
    return gpd.read_file(folder / "town.gpkg", layer="parcels")


@pytest.fixture(scope="module")
def town(folder):
    return read_town(folder / "town.toml").require()


def test_the_number_of_parcels_is_met_within_three_percent(parcels):
    assert abs(len(parcels) - 1000) <= 30


@pytest.mark.parametrize(("size", "seed"), [(500, 1), (500, 2), (2000, 1), (2000, 5)])
def test_small_and_large_towns_grow_from_any_seed(tmp_path, size, seed):
    write_demo(tmp_path, size, seed)
    count = pyogrio.read_info(tmp_path / "town.gpkg", layer="parcels")["features"]
    assert abs(count - size) <= 0.03 * size


@pytest.mark.parametrize(("size", "seed"), [(499, 1), (50_001, 1), (1000, -1)])
def test_sizes_and_seeds_out_of_range_are_refused(tmp_path, size, seed):
    with pytest.raises(InputError):
        write_demo(tmp_path, size, seed)


def test_no_land_is_counted_twice(parcels):
    shapes = parcels.geometry.to_numpy()
    assert shapely.is_valid(shapes).all()
    overlap = shapely.area(shapes).sum() - shapely.area(shapely.union_all(shapes))
    assert abs(overlap) < 1.0


def test_it_lies_at_anting(parcels):
    assert parcels.crs.to_epsg() == 4549
    assert (
        np.hypot(
            *(parcels.geometry.union_all().centroid.coords[0] - np.array([610_451.8, 3_463_707.9]))
        )
        < 600
    )


def test_nothing_but_a_few_registered_areas_is_odd(folder):
    reading = check_town(folder / "town.toml")
    assert reading.errors == ()
    assert {finding.code for finding in reading.findings} <= {"area.differs"}


def test_a_mean_industrial_parcel_has_one_and_a_half_hectares(folder):
    """48,501 industrial parcels on 728 km² of Shanghai are 1.50 ha each."""
    areas = []
    for seed in (1, 2):
        write_demo(folder / str(seed), 2000, seed)
        frame = gpd.read_file(folder / str(seed) / "town.gpkg", layer="parcels")
        areas.append(frame.geometry.area[frame["DLBM"] == "0601"].mean())
    assert 12_000 < np.mean(areas) < 18_000


def test_every_right_has_its_owner_and_shares_sum_to_one(town):
    assert set(town.rights["owner_id"]) <= set(town.owners["owner_id"])
    totals = town.rights.groupby("parcel_id")["share"].sum()
    assert totals.round(9).eq(1.0).all()
    assert set(totals.index) == set(town.parcels["parcel_id"])
    assert (town.rights["share"] < 1).any()


def test_holdings_are_skewed_and_scattered(town):
    firms = town.rights[town.rights["owner_id"].str.startswith("Q")]
    holdings = firms.groupby("owner_id").size()
    assert holdings.max() > 4 * holdings.median()


def test_parcel_codes_have_nineteen_characters_of_a_county_that_does_not_exist(parcels):
    assert parcels["ZDDM"].str.fullmatch(r"310199\d{6}(GB|JA|JC)\d{5}").all()
    assert parcels["ZDDM"].is_unique


def test_uses_and_zones_are_of_the_schemes_they_name(town):
    present = landuse.scheme("gb21010", "2017")
    planned = landuse.scheme("mnr2023", "2023")
    assert all(present.find(code) for code in set(town.parcels["land_use"]))
    assert all(planned.find(code) for code in set(town.zones["zone"]) - {"0103"})
    assert set(town.town.water_uses) == {"1101"}


def test_prices_vary_and_are_never_zero(town):
    unit = town.parcels["cost"] / town.parcels["area_m2"]
    assert (unit > 0).all()
    assert unit.std() > 0.2 * unit.mean()


def test_red_lines_are_hard_and_the_power_line_is_not(town):
    hard = set(town.restrictions.loc[town.restrictions["hard"], "kind"])
    assert {"farmland", "water", "rail"} <= hard
    assert "power_line" not in hard


def test_the_same_seed_gives_the_same_town(folder, tmp_path, parcels):
    write_demo(tmp_path, 1000, seed=3)
    again = gpd.read_file(tmp_path / "town.gpkg", layer="parcels")
    assert again.equals(parcels)
    assert (tmp_path / "town.toml").read_bytes() == (folder / "town.toml").read_bytes()
