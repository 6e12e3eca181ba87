"""Every break is planted as a consistent lie: what follows from it, hashes too, is made anew.

So a break is caught by the check that is made for it, never by a hash alone.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.affinity import translate

from tests.proposal.audit.drawing import Drawing, at, frame, line

Plant = Callable[[], Drawing]
BREAKS: list[Any] = []


def plant(code: str, *also: str) -> Callable[[Plant], Plant]:
    """Register a break: the code of its own check, and the checks that it breaks besides."""

    def register(make: Plant) -> Plant:
        expected = {f"audit.{name}" for name in (code, *also)}
        BREAKS.append(pytest.param(make, f"audit.{code}", expected, id=make.__name__))
        return make

    return register


def append(table: pd.DataFrame, row: dict[str, object]) -> pd.DataFrame:
    more = frame({k: [v] for k, v in row.items() if k != "geometry"}, [row["geometry"]])
    return pd.concat([table, more], ignore_index=True)


def test_the_drawing_itself_passes_every_check(audited):
    report = audited(Drawing())
    assert report.passed
    assert len(report.checks) > 50
    assert report.failed == ()


# ---------------------------------------------------------------- the parcels


@plant("parcels.missing")
def missing_parcel():
    drawing = Drawing()
    ledger = drawing.layers["ledger"]
    gone = drawing.parcel("M4")
    drawing.layers["parcels"] = drawing.layers["parcels"].drop(index=gone).reset_index(drop=True)
    # the books still balance: its land and value now stand at nothing
    for column in ("area_before_m2", "area_after_m2", "value_before", "value_after"):
        ledger.loc[gone, column] = 0.0
    return drawing


@plant("parcels.duplicate", "ledger.land_closure", "ledger.value_closure")
def duplicated_parcel():
    drawing = Drawing()
    parcels = drawing.layers["parcels"]
    drawing.layers["parcels"] = pd.concat(
        [parcels, parcels.iloc[[drawing.parcel("M4")]]], ignore_index=True
    )
    return drawing


@plant("parcels.overlap")
def a_site_parcel_reaches_into_its_neighbour():
    drawing = Drawing()
    parcels, row = drawing.layers["parcels"], drawing.parcel("S3")
    parcels.loc[row, "geometry"] = at(99, 0, 150, 40)
    parcels.loc[row, "area_m2"] = 51.0 * 40
    return drawing.derive()


@plant("sites.geometry", "parcels.area", "sites.area")
def moved_vertex_of_a_parcel():
    drawing = Drawing()
    parcels, row = drawing.layers["parcels"], drawing.parcel("S1")
    corners = shapely.get_coordinates(parcels.geometry[row])
    corners[np.argmin(corners.sum(axis=1))] += 1.0
    corners[-1] = corners[0] = corners[0]
    parcels.loc[row, "geometry"] = shapely.Polygon(corners)
    return drawing


@plant("sites.geometry", "sites.shape")
def moved_vertex_of_a_site():
    drawing = Drawing()
    sites = drawing.layers["sites"]
    sites.loc[1, "geometry"] = at(100, -0.5, 150, 80)
    return drawing


@plant("parcels.area", "ledger.area", "ledger.land_closure")
def area_text_changed():
    drawing = Drawing()
    drawing.set("parcels", drawing.parcel("M4"), "area_m2", 2000.01)
    return drawing


@plant("parcels.zone", "ledger.use")
def zone_text_changed():
    drawing = Drawing()
    drawing.set("parcels", drawing.parcel("M4"), "zone", "IND")
    return drawing


@plant("parcels.zone")
def zone_share_changed():
    drawing = Drawing()
    drawing.set("parcels", drawing.parcel("ST"), "zone_share", 0.76)
    return drawing


@plant("parcels.owner")
def wrong_owner():
    drawing = Drawing()
    drawing.set("parcels", drawing.parcel("M4"), "owner_id", "o1")
    return drawing.derive()


@plant("ledger.owner")
def wrong_owner_in_the_ledger():
    drawing = Drawing()
    drawing.set("ledger", drawing.parcel("M4"), "owner_after", "o1")
    return drawing


# ---------------------------------------------------------------- the sites


@plant("sites.contiguous")
def corner_only_contact():
    """M3 and S4 touch at (150, 40) alone."""
    return Drawing({"plant-1": ("M1", "M2", "S1", "N1"), "shop-1": ("M3", "S4")})


@plant("sites.contiguous")
def pieces_without_a_bridge():
    drawing = Drawing()
    drawing.crossings = {}
    return drawing.derive()


@plant(
    "sites.members",
    "sites.geometry",
    "sites.owner_count",
    "sites.radius",
    "sites.contiguous",
    "ledger.lineage",
)
def swapped_site_ids():
    drawing = Drawing()
    one, two = drawing.parcel("S1"), drawing.parcel("S3")
    drawing.set("parcels", one, "site_id", "shop-1")
    drawing.set("parcels", two, "site_id", "plant-1")
    return drawing


@plant(
    "sites.unknown",
    "sites.members",
    "ledger.lineage",
    "ledger.owner",
    "certificate.objective",
    "certificate.terms",
)
def a_site_id_that_no_site_has():
    drawing = Drawing()
    drawing.set("parcels", drawing.parcel("M4"), "site_id", "office-1")
    return drawing


@plant("sites.area_range")
def site_below_its_range():
    drawing = Drawing()
    drawing.document["request"]["demand"][0]["area_ha"] = [0.80001, 0.85]
    return drawing


@plant("sites.area_range")
def site_above_its_range():
    drawing = Drawing()
    drawing.document["request"]["demand"][1]["area_ha"] = [0.35, 0.39999]
    return drawing


@plant("sites.min_parcels")
def too_few_parcels():
    drawing = Drawing()
    drawing.document["request"]["demand"][1]["min_parcels"] = 3
    return drawing


@plant("sites.radius")
def radius_too_large():
    """The centre of M1 lies 52 m from that of N1; a disc of 0.85 ha has a radius of 52.02 m."""
    drawing = Drawing()
    drawing.document["request"]["shape"]["max_radius_factor"] = 0.98
    return drawing


@plant("sites.disjoint", "parcels.overlap")
def sites_that_share_ground():
    drawing = Drawing()
    parcels, row = drawing.layers["parcels"], drawing.parcel("M3")
    parcels.loc[row, "geometry"] = at(95, 40, 150, 80)
    parcels.loc[row, "area_m2"] = 55.0 * 40
    return drawing.derive()


@plant("sites.area")
def site_area_text_changed():
    drawing = Drawing()
    drawing.set("sites", 0, "area_m2", 8000.5)
    return drawing


@plant("sites.parcel_count")
def parcel_count_changed():
    drawing = Drawing()
    drawing.set("sites", 0, "parcel_count", 5)
    return drawing


@plant("sites.owner_count")
def acquirer_counted_as_an_owner():
    drawing = Drawing()
    drawing.set("sites", 0, "owner_count", 4)
    return drawing


@plant("sites.shape")
def compactness_changed():
    drawing = Drawing()
    drawing.set("sites", 1, "polsby_popper", 0.9)
    return drawing


# ---------------------------------------------------------------- the bridges


def with_river_under_the_bridge(kind: str, shape: shapely.Geometry) -> Drawing:
    drawing = Drawing()
    row = {"kind": kind, "hard": False, "buffer_m": 0.0, "geometry": shape}
    drawing.layers["restrictions"] = append(drawing.layers["restrictions"], row)
    return drawing


@plant("bridges.barrier", "bridges.facing", "bridges.facing_stated")
def bridge_over_water():
    return with_river_under_the_bridge("water", at(0, 84, 200, 88))


@plant("bridges.barrier", "bridges.facing", "bridges.facing_stated")
def bridge_over_a_railway_line():
    return with_river_under_the_bridge("Rail", line(-10, 86, 210, 86))


def test_a_bridge_may_cross_what_is_not_forbidden(audited):
    assert audited(with_river_under_the_bridge("gas", line(-10, 86, 210, 86))).passed


@plant("bridges.third_parcel", "bridges.facing", "bridges.facing_stated")
def bridge_through_a_third_parcel():
    drawing = Drawing()
    parcels = drawing.layers["parcels"]
    kiosk = parcels.iloc[drawing.parcel("M4")].to_dict()
    kiosk |= {"parcel_id": "K", "geometry": at(0, 84, 50, 88), "area_m2": 200.0, "zone": "IND"}
    parcels.loc[drawing.parcel("ST"), "geometry"] = at(0, 80, 200, 92) - at(0, 84, 50, 88)
    parcels.loc[drawing.parcel("ST"), ["area_m2", "zone_share"]] = [2200.0, 1600 / 2200]
    drawing.layers["parcels"] = append(parcels, kiosk)
    drawing.layers["rights"].loc[len(drawing.layers["rights"])] = [
        "K",
        "o-M4",
        1.0,
        "use",
        "state",
        None,
        None,
    ]
    return drawing.derive()


@plant("bridges.width", "bridges.facing", "bridges.facing_stated")
def street_too_wide():
    drawing = Drawing()
    drawing.document["request"]["bridge"]["max_width_m"] = 11.8
    drawing.crossings["plant-1"] = [("M1", "N1", at(0, 80, 50, 92), 11.95, 50.0)]
    return drawing.derive()


@plant("bridges.width_stated")
def width_stated_below_the_distance():
    drawing = Drawing()
    drawing.set("bridges", 0, "width_m", 9.0)
    return drawing


@plant("bridges.facing_stated")
def facing_stated_too_long():
    drawing = Drawing()
    drawing.set("bridges", 0, "facing_m", 70.0)
    return drawing


@plant("bridges.facing", "bridges.facing_stated")
def facing_too_short():
    """M1 and N1 face each other along 50 m; 60 m are asked for, and 65 m are claimed."""
    drawing = Drawing()
    drawing.document["request"]["bridge"]["min_facing_m"] = 60.0
    drawing.set("bridges", 0, "facing_m", 65.0)
    return drawing


@plant("bridges.ends")
def corridor_that_does_not_arrive():
    drawing = Drawing()
    drawing.layers["bridges"].loc[0, "geometry"] = at(0, 80, 50, 91)
    return drawing


@plant("bridges.ends", "sites.contiguous")
def bridge_to_a_parcel_of_another_site():
    drawing = Drawing()
    drawing.set("bridges", 0, "parcel_b", "N3")
    return drawing


@plant("bridges.limit")
def more_bridges_than_allowed():
    drawing = Drawing()
    drawing.document["request"]["demand"][0]["max_bridges"] = 0
    return drawing


@plant("bridges.count")
def a_bridge_that_joins_nothing():
    """M2 is part of the piece around M1 already."""
    drawing = Drawing()
    drawing.document["request"]["demand"][0]["max_bridges"] = 2
    drawing.sites["plant-1"] = ("M1", "M2", "N1", "N2")
    drawing.document["request"]["demand"][0]["land_uses"] = ["works", "housing"]
    drawing.crossings["plant-1"].append(("M2", "N2", at(50, 80, 100, 92), 12.0, 50.0))
    return drawing.derive()


@plant("bridges.count")
def bridge_count_changed():
    drawing = Drawing()
    drawing.set("sites", 0, "bridge_count", 0)
    return drawing


# ---------------------------------------------------------------- the rules


@plant("rules.restriction", "rules.excluded")
def parcel_under_a_restriction():
    drawing = Drawing()
    restrictions = drawing.layers["restrictions"]
    # 0.5 m away from M3, but its buffer of 2 m reaches 1.5 m into it
    row = {"kind": "red", "hard": True, "buffer_m": 2.0, "geometry": at(150.5, 50, 151, 60)}
    drawing.layers["restrictions"] = append(restrictions, row)
    drawing.set("parcels", drawing.parcel("M3"), "excluded_by", "restriction.hard")
    return explain(drawing, "M3", "M4")


def explain(drawing: Drawing, *names: str) -> Drawing:
    """Report parcels as excluded from both demands."""
    rows = [(name, demand, "restriction.hard") for name in names for demand in ("plant", "shop")]
    table = pd.DataFrame(rows, columns=["parcel_id", "demand_id", "rule"]).assign(unit="")
    drawing.layers["exclusions"] = pd.concat(
        [drawing.layers["exclusions"], table], ignore_index=True
    )
    drawing.document["exclusions"]["restriction.hard"] += len(rows)
    return drawing


@plant("rules.street")
def street_parcel_inside_a_site():
    drawing = Drawing()
    drawing.set("parcels", drawing.parcel("S3"), "street", True)
    return explain(drawing, "S3")


@plant("rules.water")
def water_parcel_inside_a_site():
    drawing = Drawing()
    drawing.set("parcels", drawing.parcel("S3"), "land_use", "river")
    drawing.derive()
    return explain(drawing, "S3")


@plant("rules.land_use")
def wrong_use_inside_a_site():
    drawing = Drawing()
    drawing.set("parcels", drawing.parcel("S1"), "land_use", "housing")
    drawing.derive()
    return explain(drawing, "S1")


@plant("rules.zone")
def wrong_zone_inside_a_site():
    drawing = Drawing()
    drawing.document["request"]["demand"][1]["zones"] = ["RES"]
    return explain(drawing, *drawing.layers["parcels"]["parcel_id"])


@plant("rules.cost")
def cost_set_to_zero():
    drawing = Drawing()
    drawing.set("parcels", drawing.parcel("S3"), "cost", 0.0)
    drawing.derive()
    return explain(drawing, "S3")


def test_a_zero_cost_is_right_where_the_request_allows_it(audited):
    drawing = Drawing()
    drawing.set("parcels", drawing.parcel("S3"), "cost", 0.0)
    drawing.document["request"]["zero_cost"] = "allow"
    assert audited(drawing.derive()).passed


@plant("rules.fault", "rules.excluded")
def parcel_with_a_data_error_inside_a_site():
    drawing = Drawing()
    drawing.set("parcels", drawing.parcel("S3"), "excluded_by", "data.geometry.overlap")
    return explain(drawing, "S3")


@plant("rules.never")
def forbidden_parcel_inside_a_site():
    drawing = Drawing()
    drawing.document["request"]["demand"][1]["never"] = ["S3"]
    return explain(drawing, "S3")


@plant("rules.never_owner")
def parcel_of_a_forbidden_owner_inside_a_site():
    drawing = Drawing()
    drawing.document["request"]["demand"][0]["never_owners"] = ["o9"]
    return explain(drawing, "N1")


@plant("rules.must")
def locked_parcel_forgotten():
    drawing = Drawing()
    drawing.document["request"]["demand"][0]["must"] = ["M1", "M4"]
    return drawing


@plant("exclusions.reason")
def parcel_left_out_without_a_reason():
    drawing = Drawing()
    table = drawing.layers["exclusions"]
    drawing.layers["exclusions"] = table[table["rule"] != "never"].reset_index(drop=True)
    del drawing.document["exclusions"]["never"]
    return drawing


@plant("exclusions.count")
def exclusions_miscounted():
    drawing = Drawing()
    drawing.document["exclusions"]["street"] = 1
    return drawing


# ---------------------------------------------------------------- the books


@plant("ledger.missing", "ledger.land_closure", "ledger.value_closure")
def dropped_ledger_row():
    drawing = Drawing()
    drawing.layers["ledger"] = drawing.layers["ledger"].drop(index=5).reset_index(drop=True)
    return drawing


@plant("ledger.duplicate", "ledger.land_closure", "ledger.value_closure")
def doubled_ledger_row():
    drawing = Drawing()
    ledger = drawing.layers["ledger"]
    drawing.layers["ledger"] = pd.concat([ledger, ledger.iloc[[5]]], ignore_index=True)
    return drawing


@plant("ledger.value", "ledger.value_closure")
def value_changed_by_one_cent():
    drawing = Drawing()
    drawing.layers["ledger"].loc[5, "value_after"] += 0.01
    return drawing


@plant("ledger.value")
def value_moved_from_one_parcel_to_another():
    drawing = Drawing()
    drawing.layers["ledger"].loc[5, "value_after"] += 0.01
    drawing.layers["ledger"].loc[6, "value_after"] -= 0.01
    return drawing


@plant("ledger.area")
def land_moved_from_one_parcel_to_another():
    drawing = Drawing()
    drawing.layers["ledger"].loc[5, "area_after_m2"] += 1.0
    drawing.layers["ledger"].loc[6, "area_after_m2"] -= 1.0
    return drawing


@plant("ledger.lineage")
def parcel_that_comes_from_another():
    drawing = Drawing()
    drawing.set("ledger", 5, "parent_ids", "M1")
    return drawing


@plant("ledger.use")
def use_changed_in_the_ledger():
    drawing = Drawing()
    drawing.set("ledger", 5, "land_use", "housing")
    return drawing


@plant("sites.cost")
def cost_of_a_site_changed_by_one_cent():
    drawing = Drawing()
    drawing.layers["sites"].loc[0, "cost"] += 0.01
    return drawing


# ---------------------------------------------------------------- the proof


@plant("certificate.objective", "certificate.terms")
def objective_below_the_cost_of_the_sites():
    drawing = Drawing()
    certificate = drawing.document["certificate"]
    certificate["objective"] = round(certificate["objective"] - 0.01, 2)
    certificate["terms"] = {"acquisition": certificate["objective"]}
    return regap(drawing)


def regap(drawing: Drawing) -> Drawing:
    certificate = drawing.document["certificate"]
    objective, bound = certificate["objective"], certificate["bound"]
    certificate["gap"] = abs(objective - bound) / max(abs(objective), 1.0)
    return drawing


@plant("certificate.bound")
def bound_above_the_objective():
    drawing = Drawing()
    certificate = drawing.document["certificate"]
    certificate["bound"] = round(certificate["objective"] + 0.01, 2)
    return regap(drawing)


@plant("certificate.terms")
def terms_that_do_not_sum():
    drawing = Drawing()
    drawing.document["certificate"]["terms"]["per_owner"] = 0.01
    return drawing


@plant("certificate.gap")
def gap_too_small():
    drawing = Drawing()
    drawing.document["certificate"]["gap"] = 0.019
    return drawing


@plant("certificate.status")
def called_optimal_with_a_gap():
    drawing = Drawing()
    drawing.document["certificate"]["status"] = "optimal"
    return drawing


@plant("certificate.status")
def called_infeasible_with_a_plan():
    drawing = Drawing()
    drawing.document["certificate"]["status"] = "infeasible"
    return drawing


@plant("certificate.seed")
def another_seed_than_asked():
    drawing = Drawing()
    drawing.document["certificate"]["seed"] = 8
    return drawing


@plant("demands.count")
def demand_count_wrong():
    drawing = Drawing()
    drawing.document["request"]["demand"][1]["count"] = 2
    return drawing


@plant("demands.count")
def demand_called_unmet_without_a_reason():
    drawing = Drawing()
    drawing.document["request"]["demand"][1]["count"] = 2
    drawing.document["demands"][1]["met"] = False
    return drawing


@plant("demands.count")
def demand_with_a_site_of_another():
    drawing = Drawing()
    drawing.document["demands"][1]["sites"] = ["shop-1", "shop-2"]
    return drawing


@plant("files.crs")
def layer_in_another_system():
    drawing = Drawing()
    drawing.layers["roads"] = drawing.layers["roads"].set_crs("EPSG:4550", allow_override=True)
    return drawing


@pytest.mark.parametrize(("make", "own", "expected"), BREAKS)
def test_a_planted_break_is_caught_by_its_own_check(make, own, expected, audited):
    failed = {check.code: check for check in audited(make()).failed}
    # the workbook repeats the books, so a break in them shows there too; it has tests of its own
    assert {code for code in failed if not code.startswith("audit.workbook")} == expected
    check = failed[own]
    assert check.measured is not None
    assert check.ids, "the report names what is wrong"


def test_translating_the_whole_town_changes_nothing(audited):
    drawing = Drawing()
    for name, layer in drawing.layers.items():
        if hasattr(layer, "geometry"):
            moved = [translate(shape, 12_345.5, -777.25) for shape in layer.geometry]
            drawing.layers[name] = layer.set_geometry(moved, crs=layer.crs)
    assert audited(drawing).passed


def test_a_town_without_zones_restrictions_and_roads_is_audited_too(audited):
    drawing = Drawing()
    for name in ("zones", "restrictions", "roads"):
        del drawing.layers[name]
    drawing.layers["parcels"]["zone"] = None
    drawing.layers["parcels"]["zone_share"] = np.nan
    drawing.document["request"]["demand"][0]["zones"] = []
    assert audited(drawing.derive()).failed == ()


def test_a_zone_without_a_zone_layer_is_invented(audited):
    drawing = Drawing()
    del drawing.layers["zones"]
    drawing.document["request"]["demand"][0]["zones"] = []
    assert [check.code for check in audited(drawing).failed] == ["audit.parcels.zone"]


def test_zones_of_one_code_that_overlap_count_once(audited):
    drawing = Drawing()
    zones = drawing.layers["zones"]
    row = {"zone": "IND", "geometry": at(-5, -20, 75, 140)}
    drawing.layers["zones"] = append(zones, row)
    assert audited(drawing).passed


def test_in_the_towns_own_words_only_the_whole_word_counts(audited):
    drawing = Drawing()
    drawing.document["request"]["demand"][0]["land_uses"] = ["wor"]
    local = explain(drawing, "M1", "M2", "M3", "M4", "N1", "S1", "S2", "S3", "S4")
    assert {check.code for check in audited(local).failed} == {"audit.rules.land_use"}


def test_in_a_scheme_of_codes_a_code_stands_for_the_longer_ones_below_it(audited):
    drawing = Drawing()
    drawing.document["request"]["demand"][0]["land_uses"] = ["wor"]
    drawing.document["provenance"]["land_use_scheme"] = "nested"
    assert audited(drawing).passed
