"""Distances from given places: from a line of text to the plan, the reasons and the audit."""

import json
import tomllib

import geopandas as gpd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from landplan.cadastre.reading import read_town
from landplan.cadastre.validation import LookupFault
from landplan.errors import ManyErrors
from landplan.messages import LANGUAGES, has
from landplan.planning.assemble.ground import GroundCache
from landplan.planning.assemble.names import check_names
from landplan.planning.assemble.remaining import remaining
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.assemble.request_places import Place, place_line, read_place
from landplan.planning.assemble.run import run
from landplan.planning.assemble.words import request_words
from landplan.planning.form import form_data, parse_form
from landplan.proposal.audit import audit
from landplan.proposal.files import read_proposal, write_proposal
from landplan.rules.eligibility import Ground, UseRules, judge
from landplan.rules.places import PlaceRule
from tests.towns import CRS, EAST, NORTH, box, squares, write_town

ROW = "ABCDEFGH"
TOML = """
[zones]
file = "zones.gpkg"
code = "code"
[facilities]
file = "stops.gpkg"
kind = "kind"
[buildings]
file = "houses.gpkg"
[roads]
file = "roads.gpkg"
class = "kind"
"""
KEYS = 'land_use = "use"\ncost = "price"\n'
DEMAND = '[[demand]]\nid = "d"\narea_ha = [2.0, 2.0]\n'


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """Eight squares of 100 m in a row.

    A is housing, the zone R covers B, a bus stop lies in the middle of H, a house in D's far
    corner, and a road runs 50 m north of F (but for its first 20 m) to H.
    """
    parcels = squares(
        ROW, use=["home", *["field"] * 7], price=[1000.0 * k for k in (9, 8, 7, 1, 2, 3, 4, 5)]
    )
    stop = gpd.GeoDataFrame(
        {"kind": ["stop"]}, geometry=[shapely.Point(EAST + 750, NORTH + 50)], crs=CRS
    )
    zones = gpd.GeoDataFrame({"code": ["R"]}, geometry=[box(100, 0, 100, 100)], crs=CRS)
    houses = gpd.GeoDataFrame({"n": [1]}, geometry=[box(390, 90, 10, 10)], crs=CRS)
    lines = [shapely.LineString([(EAST + 520, NORTH + 150), (EAST + 800, NORTH + 150)])]
    roads = gpd.GeoDataFrame({"kind": ["main"]}, geometry=lines, crs=CRS)
    layers = {"stops": stop, "zones": zones, "houses": houses, "roads": roads}
    folder = tmp_path_factory.mktemp("town")
    return read_town(write_town(folder, parcels, TOML, KEYS, layers)).require()


def ask(*places, demand=DEMAND):
    text = f'process = "assemble"\n{demand}place = {json.dumps(places)}\n'
    return AssembleRequest.model_validate(tomllib.loads(text))


def left(town, *places):
    rules = UseRules("d", (), (), 0.95, (), (), 1e9, False, places=places)
    verdict = judge(Ground.of(town), rules)
    return "".join(town.parcels["parcel_id"][verdict.eligible]), verdict


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (PlaceRule("land_use", ("home",), min_m=200), "DEFGH"),
        (PlaceRule("land_use", ("home",), max_m=100), "ABC"),
        (PlaceRule("zones", ("R",), min_m=150), "EFGH"),
        (PlaceRule("zones", (), min_m=100), "DEFGH"),
        (PlaceRule("facilities", ("stop",), max_m=249), "FGH"),
        (PlaceRule("buildings", (), min_m=10), "ABCFGH"),
        (PlaceRule("roads", ("main",), max_m=50), "FGH"),
        (PlaceRule("parcels", ("H", "A"), min_m=200), "DE"),
        (PlaceRule("parcels", ("D",), min_m=100, max_m=200), "ABFG"),
    ],
)
def test_distance_counts_from_the_edge_of_the_parcel_to_the_nearest_place(town, place, expected):
    assert left(town, place)[0] == expected


def test_an_exclusion_names_the_measured_distance_and_the_limit(town):
    table = left(town, PlaceRule("land_use", ("home",), min_m=205))[1].exclusions
    row = table.query("parcel_id == 'D'").iloc[0]
    assert (row["rule"], row["measured"], row["limit"], row["unit"]) == (
        "place.min",
        200.0,
        205.0,
        "m",
    )


def test_a_distance_missed_by_a_twentieth_is_a_near_miss(town):
    verdict = left(town, PlaceRule("land_use", ("home",), min_m=205))[1]
    assert verdict.near_misses["parcel_id"].tolist() == ["D"]
    verdict = left(town, PlaceRule("facilities", ("stop",), max_m=240))[1]
    assert verdict.near_misses["parcel_id"].tolist() == ["E"]


def test_the_plan_keeps_its_distances_and_passes_the_audit(town, tmp_path):
    request = ask("land_use home >= 300 m", "facilities stop <= 300 m", "buildings >= 100 m")
    proposal = run(request, town, {})
    used = proposal.parcels["site_id"].notna()
    assert "".join(proposal.parcels.loc[used, "parcel_id"]) == "FG"
    written = write_proposal(proposal, tmp_path / "plan")
    assert audit(tmp_path / "plan").failed == ()
    again = read_proposal(tmp_path / "plan")
    assert again == written
    assert len(again.facilities) == len(again.buildings) == 1


@pytest.mark.parametrize("line", ["land_use home >= 450 m", "facilities stop <= 40 m"])
def test_the_audit_finds_a_plan_that_claims_a_distance_it_does_not_keep(town, tmp_path, line):
    proposal = run(ask("buildings >= 0.5 m", "facilities stop >= 0.5 m"), town, {})
    write_proposal(proposal, tmp_path)
    path = tmp_path / "proposal.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["request"]["demand"][0]["place"] = [Place.model_validate(line).model_dump()]
    path.write_text(json.dumps(document), encoding="utf-8")
    found = {check.code for check in audit(tmp_path).failed}
    assert {"audit.rules.place", "audit.exclusions.reason"} <= found


def test_the_ledger_counts_what_distances_take_away(town):
    ledger = remaining(ask("land_use home >= 150 m"), town, GroundCache())
    lines = {line.rule: line.count for line in ledger.demands[0].lines}
    assert lines == {"place.min": 3}


def test_what_the_town_does_not_have_is_named_with_all_other_faults(town):
    request = ask(
        "land_use hom >= 1 m", "zones Q >= 1 m", "restrictions >= 5 m", "parcels Z <= 3 m"
    )
    with pytest.raises(ManyErrors) as caught:
        check_names(request, town)
    assert [error.code for error in caught.value.errors] == [
        "request.unknown_use",
        "request.unknown_place",
        "request.no_places",
        "request.unknown_place",
    ]


def test_a_line_says_layer_names_and_limits():
    assert read_place("zones R2 | R3 ≥ 1.5 km <= 2000") == {
        "layer": "zones",
        "names": ["R2", "R3"],
        "min_m": 1500.0,
        "max_m": 2000.0,
    }


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("near the school", "place.line"),
        ("zones R >= 1 m >= 2 m", "place.line"),
        ("{not a table", "place.line"),
        ("zones R >= 0 m", "place.no_limit"),
        ("zones R >= 9 m <= 8 m", "place.order"),
        ("parcels <= 8 m", "place.names_needed"),
        ("buildings tall <= 8 m", "place.no_names"),
    ],
)
def test_a_line_that_means_nothing_is_refused_in_both_languages(line, code):
    with pytest.raises(ValidationError) as caught:
        Place.model_validate(line)
    fault = caught.value.errors()[0]["ctx"]["error"]
    assert isinstance(fault, LookupFault)
    assert fault.code == code
    assert all(has(c, language) for language in LANGUAGES for c in (code, f"form.{code}"))


names = st.lists(st.text("Rr 2|<≥;,{住宅", min_size=1, max_size=4), max_size=3)


@given(names=names, least=st.integers(0, 900), most=st.none() | st.integers(901, 9000))
def test_a_place_survives_its_line(names, least, most):
    table = {"layer": "zones", "names": names, "min_m": least + 0.25, "max_m": most}
    place = Place.model_validate(table)
    assert Place.model_validate(place_line(place.model_dump())) == place


def test_the_form_holds_a_place_as_a_line_and_reads_it_back():
    request = ask("zones R | Q >= 300 m", "buildings >= 5 m").canonical()
    data = form_data("assemble", request)
    assert data["demand.0.place"].splitlines() == ["buildings >= 5 m", "zones Q | R >= 300 m"]
    typed, faults = parse_form("assemble", data)
    assert faults == []
    assert AssembleRequest.model_validate(typed).canonical() == request
    _, faults = parse_form("assemble", {**data, "demand.0.place": "zones R"})
    assert [(fault.path, fault.code) for fault in faults] == [("demand.0.place", "form.place.line")]


def test_the_distances_are_said_in_words(town):
    said = request_words(
        ask("land_use home >= 300 m", "roads <= 1 km").canonical(), town.town, "en"
    )
    assert "Every parcel of a site lies at least 300 m from parcels used as home." in said
    assert any("at most 1" in sentence and "all roads" in sentence for sentence in said)
