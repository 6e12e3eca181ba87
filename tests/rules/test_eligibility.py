"""Every parcel that may not be used names its rule, the measure and the limit."""

from dataclasses import replace

import geopandas as gpd
import pytest
import shapely

from landplan.cadastre.reading import read_town
from landplan.cadastre.zoning import allowed_share, main_zone, zone_shares
from landplan.rules.eligibility import Ground, UseRules, judge
from tests.towns import CRS, box, squares, write_town

ANYTHING = UseRules("d", (), (), 0.95, (), (), 1e9, allow_zero_cost=False)


@pytest.fixture
def ground(tmp_path):
    """ABCDEF A.

    B and F are industry (0601), C is a river (1101), D is a street (1003), E has no cost zone M
    covers A and 93 % of B; a red line touches F on 50 m²; owner o1 has A, co-owner o2 has B
    """
    parcels = squares(
        "ABCDEF",
        use=["0601", "0601", "1101", "1003", "0601", "060101"],
        price=[1.0, 2.0, 3.0, 4.0, None, 6.0],
        owner=["o1", "o2", "o3", "o3", "o3", "o3"],
    )
    zones = gpd.GeoDataFrame(
        {"code": ["M", "R"]}, geometry=[box(0, 0, 193, 100), box(193, 0, 407, 100)], crs=CRS
    )
    lines = gpd.GeoDataFrame({"kind": ["farmland"]}, geometry=[box(590, 0, 60, 5)], crs=CRS)
    keys = (
        'land_use = { column = "use", scheme = "gb21010", edition = "2017" }\n'
        'cost = "price"\nowner = "owner"\n'
        'street = { column = "use", values = ["1003"] }\n'
    )
    toml = (
        '[zones]\nfile = "zones.gpkg"\ncode = "code"\n'
        '[restrictions]\nfile = "lines.gpkg"\nkind = "kind"\n'
    )
    town = write_town(tmp_path, parcels, toml, keys, {"zones": zones, "lines": lines})
    return Ground.of(read_town(town).require())


def failed(verdict):
    return {(row.parcel_id, row.rule) for row in verdict.exclusions.itertuples()}


def test_streets_water_restrictions_and_missing_costs_always_exclude(ground):
    verdict = judge(ground, ANYTHING)
    assert verdict.eligible.tolist() == [True, True, False, False, False, False]
    assert failed(verdict) == {
        ("C", "water"),
        ("D", "street"),
        ("E", "cost.missing"),
        ("F", "restriction.hard"),
    }


def test_the_measure_and_the_limit_stand_beside_the_rule(ground):
    verdict = judge(ground, replace(ANYTHING, zones=("M",)))
    row = verdict.exclusions.query("parcel_id == 'B'").iloc[0]
    assert (row["rule"], row["measured"], row["limit"], row["unit"]) == (
        "zone_share",
        0.93,
        0.95,
        "share",
    )
    restricted = verdict.exclusions.query("rule == 'restriction.hard'").iloc[0]
    assert restricted["measured"] == 50.0


def test_a_narrow_miss_is_named_apart(ground):
    verdict = judge(ground, replace(ANYTHING, zones=("M",)))
    assert verdict.near_misses["parcel_id"].tolist() == ["B"]
    assert judge(ground, replace(ANYTHING, zones=("M",), min_zone_share=0.9)).eligible[1]


def test_a_parcel_that_fails_several_rules_has_several_rows(ground):
    verdict = judge(ground, replace(ANYTHING, zones=("M",), never=("F",), land_uses=("0604",)))
    rules = {rule for parcel, rule in failed(verdict) if parcel == "F"}
    assert rules == {"land_use", "zone_share", "restriction.hard", "never"}


def test_a_use_stands_for_the_uses_below_it(ground):
    allowed = judge(ground, replace(ANYTHING, land_uses=("0601",)))
    assert ("F", "land_use") not in failed(allowed)


def test_an_owner_who_refuses_keeps_the_land(ground):
    assert ("B", "never_owner") in failed(judge(ground, replace(ANYTHING, never_owners=("o2",))))


def test_a_parcel_larger_than_the_range_can_never_be_part(ground):
    verdict = judge(ground, replace(ANYTHING, area_max_m2=9_999.0))
    row = verdict.exclusions.query("parcel_id == 'A'").iloc[0]
    assert (row["rule"], row["measured"], row["limit"]) == ("area.above_range", 10_000.0, 9_999.0)


def test_every_parcel_is_eligible_or_has_a_reason(ground):
    verdict = judge(ground, replace(ANYTHING, zones=("M",), never=("A",)))
    ids = ground.cadastre.parcels["parcel_id"]
    assert set(ids[verdict.eligible]) | set(verdict.exclusions["parcel_id"]) == set(ids)
    assert not set(ids[verdict.eligible]) & set(verdict.exclusions["parcel_id"])


def parcels_and_zones(*zones):
    parcels = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 10, 10), shapely.box(20, 0, 30, 10)])
    frame = gpd.GeoDataFrame(
        {"zone": [code for code, _ in zones]}, geometry=[shape for _, shape in zones]
    )
    return parcels, frame


def test_zones_of_one_code_that_overlap_count_the_land_once():
    """Two overlapping M zones cover 60 % of the first parcel, not 100 %."""
    parcels, zones = parcels_and_zones(
        ("M", shapely.box(0, 0, 10, 6)),
        ("M", shapely.box(0, 1, 10, 6)),
        ("M", shapely.box(0, 0, 10, 5)),
    )
    shares = zone_shares(parcels, zones)
    assert allowed_share(shares, ["M"], 2).tolist() == pytest.approx([0.6, 0.0])


def test_shares_of_two_allowed_zones_add_up():
    parcels, zones = parcels_and_zones(
        ("M", shapely.box(0, 0, 4, 10)), ("W", shapely.box(4, 0, 10, 10))
    )
    shares = zone_shares(parcels, zones)
    assert allowed_share(shares, ["M", "W"], 2).tolist() == pytest.approx([1.0, 0.0])
    assert main_zone(shares, 2)["zone"].tolist()[0] == "W"
    assert main_zone(shares, 2)["zone_share"].isna().tolist() == [False, True]
