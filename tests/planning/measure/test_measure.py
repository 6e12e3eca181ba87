"""`measure` from files to files: who holds what, what is measured, what is left out, and why."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
from shapely import LineString

from landplan.cadastre.reading import read_town
from landplan.errors import InputError, ManyErrors
from landplan.messages import LANGUAGES, has, say
from landplan.planning.measure.answer import answer
from landplan.planning.measure.parties import parties
from landplan.planning.measure.words import lines
from landplan.planning.process import find_asked, process_ids
from landplan.planning.reference import fields
from landplan.proposal.measured import Measured
from landplan.proposal.measured_files import read_figures
from tests.towns import EAST, NORTH, squares, write_town

# One hectare each; s is a street. A holds a b f alone, B c g alone, both d half each and e one
# to two; h belongs to nobody.
PICTURE = """
abcd
efgh
s
"""
KEYS = """
owner = "owner"
land_use = "use"
street = { column = "use", values = ["street"] }
"""
RIGHTS = """
[rights]
file = "rights.csv"
parcel = "parcel"
owner = "owner"
share = "share"
[owners]
file = "owners.csv"
id = "id"
homestead_x = "x"
homestead_y = "y"
[roads]
file = "roads.gpkg"
width_m = "width"
"""
HELD = [
    *(("a", "A", 1), ("b", "A", 1), ("f", "A", 1), ("c", "B", 1), ("g", "B", 1)),
    *(("d", "A", 0.5), ("d", "B", 0.5), ("e", "A", 1 / 3), ("e", "B", 2 / 3)),
]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("town")
    parcels = squares(PICTURE)
    parcels["owner"] = None
    parcels["use"] = ["street" if name == "s" else "field" for name in parcels["id"]]
    roads = gpd.GeoDataFrame(
        {"width": [10.0]},
        geometry=[LineString([(EAST, NORTH + 308), (EAST + 150, NORTH + 308)])],
        crs=parcels.crs,
    )
    tables = {
        "rights": pd.DataFrame(HELD, columns=["parcel", "owner", "share"]),
        "owners": pd.DataFrame(
            {"id": ["A", "B"], "x": [EAST + 50, None], "y": [NORTH + 250, None]}
        ),
    }
    return write_town(
        folder, parcels, toml=RIGHTS, parcel_keys=KEYS, layers={"roads": roads}, tables=tables
    )


def run(town, tmp_path, rest: str = "") -> Measured:
    request = tmp_path / "measure.toml"
    request.write_text(f'process = "measure"\n{rest}', "utf-8")
    return answer(town, request, tmp_path / "out")


def test_the_parcels_of_a_party_are_those_held_with_the_same_shares(town):
    holding, members = parties(read_town(town).require())
    known = holding.tolist()
    assert known[:7] == ["A", "A", "B", "A 1/2 + B 1/2", "A 1/3 + B 2/3", "A", "B"]
    assert holding.isna().tolist()[7:] == [True, True]
    assert members.groupby("holding")["share"].sum().to_numpy() == pytest.approx(1.0)
    assert len(members) == 2 + 2 + 2


def test_many_owners_of_a_parcel_have_a_short_name_of_their_own(town):
    cadastre = read_town(town).require()
    rights = pd.DataFrame(
        {"parcel_id": "a", "owner_id": [f"o{i:03}" for i in range(50)], "share": 0.02}
    )
    holding, members = parties(replace(cadastre, rights=rights))
    assert len(holding[0]) < 60
    assert len(members) == 50


def test_holdings_have_the_figures_one_reads_off_the_picture(town, tmp_path):
    measured = run(town, tmp_path)
    table = measured.holdings.set_index("holding")
    assert table["parcels"].to_dict() == {
        "A": 3.0,
        "A 1/2 + B 1/2": 1.0,
        "A 1/3 + B 2/3": 1.0,
        "B": 2.0,
    }
    assert table["pieces"].to_dict() == dict.fromkeys(table.index, 1.0)  # a-b-f, c-g
    assert table.loc["A", "area_m2"] == pytest.approx(30_000)
    assert table.loc["A", "simmons"] == pytest.approx(1 / 3)
    # from the middle of a: 0 to a, 100 to b, √2 · 100 to f
    assert table.loc["A", "home_distance_m"] == pytest.approx((100 + 100 * 2**0.5) / 3)
    # B has no homestead: both its parcels lie 50 m from their common centre
    assert table.loc["B", "home_distance_m"] == pytest.approx(50)
    assert table["homestead"].to_dict() == {
        "A": "known",
        "A 1/2 + B 1/2": "known",
        "A 1/3 + B 2/3": "known",
        "B": "centre",
    }
    # a and b lie 3 m from the edge of the road, e touches the street s
    assert measured.parcels.set_index("parcel_id")["road_access"].to_dict() == {
        **dict.fromkeys("cdgh", 0.0),
        **dict.fromkeys("abefs", 1.0),
    }
    assert measured.figures["holdings"] == 4
    assert measured.figures["access_share"] == pytest.approx(4 / 7)


def test_parcels_left_out_name_their_rule_and_assumptions_are_told(town, tmp_path):
    measured = run(town, tmp_path)
    left_out = measured.parcels.set_index("parcel_id")["left_out"].dropna().to_dict()
    assert left_out == {"h": "measure.no_owner", "s": "measure.street"}
    assert measured.left_out == {"measure.no_owner": 1, "measure.street": 1}
    codes = [said["code"] for said in measured.assumptions]
    assert codes == ["assumption.homestead_centre"]
    assert run(town, tmp_path, 'homestead = "largest_parcel"').assumptions[0]["params"] == {
        "n": 1,
        "holdings": 4,
    }


def test_owners_named_are_measured_with_all_they_hold(town, tmp_path):
    measured = run(town, tmp_path, 'owners = ["B"]')
    assert set(measured.holdings["holding"]) == {"B", "A 1/2 + B 1/2", "A 1/3 + B 2/3"}
    assert measured.left_out["measure.not_asked"] == 3


def test_weights_of_the_request_are_used_and_said(town, tmp_path):
    only = "\n".join(
        f"{name} = {int(name == 'sole_share')}"
        for name in ("standard_distance_m", "mean_area_m2", "psi", "road_access", "sole_share")
    )
    measured = run(town, tmp_path, f"[weights]\n{only}")
    table = measured.holdings.set_index("holding")["glfi"]
    assert table.to_dict() == {"A": 1.0, "B": 1.0, "A 1/2 + B 1/2": 0.0, "A 1/3 + B 2/3": 0.0}
    assert measured.figures["mean_glfi"] == 0.5
    assert measured.indices[0]["weights"]["psi"] == 0


def test_everything_wrong_with_a_request_is_told_at_once(town, tmp_path):
    with pytest.raises(ManyErrors) as caught:
        run(town, tmp_path, 'owners = ["Z"]\nland_uses = ["feld"]')
    assert [error.code for error in caught.value.errors] == ["measure.unknown"] * 2
    assert caught.value.errors[1].params["nearest"] == "field"
    with pytest.raises(ManyErrors) as caught:
        run(town, tmp_path, "[weights]\n" + "\n".join(f"{k} = 0" for k in _weights()))
    assert caught.value.errors[0].code == "measure.no_weight"
    with pytest.raises(InputError, match="nothing"):
        run(town, tmp_path, 'land_uses = ["street"]')
    assert not (tmp_path / "out").exists()


def _weights() -> tuple[str, ...]:
    return ("standard_distance_m", "mean_area_m2", "psi", "road_access", "sole_share")


def test_the_same_question_writes_the_same_bytes(town, tmp_path):
    first, second = tmp_path / "1", tmp_path / "2"
    for folder in (first, second):
        folder.mkdir()
        run(town, folder)
    for name in ("measures.json", "measures.gpkg", "measures.xlsx"):
        assert (first / "out" / name).read_bytes() == (second / "out" / name).read_bytes(), name


def test_the_files_hold_what_was_measured_and_claim_nothing(town, tmp_path):
    measured = run(town, tmp_path)
    document = read_figures(tmp_path / "out")
    assert document["figures"]["pieces"] == 4
    assert not {"certificate", "audit", "demands"} & set(document)
    assert document["provenance"]["content_hash"] == dict(measured.content_hash)
    package = tmp_path / "out" / "measures.gpkg"
    assert {name for name, _ in pyogrio.list_layers(package)} == {"parcels", "holdings", "members"}
    assert len(pyogrio.read_dataframe(package, layer="parcels")) == 9
    book = openpyxl.load_workbook(tmp_path / "out" / "measures.xlsx")
    assert len(book.sheetnames) == 3
    shown = book.worksheets[1]
    assert [cell.value for cell in shown["A"]][1:] == sorted(measured.holdings["holding"])
    with pytest.raises(InputError):
        read_figures(tmp_path)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_column_and_line_has_words(town, tmp_path, language):
    measured = run(town, tmp_path)
    named = [f"figure.{name}" for name in measured.figures]
    tables = (measured.holdings, measured.members)
    named += [f"measure.column.{name}" for table in tables for name in table.columns]
    assert [code for code in named if not has(code, language)] == []
    told = list(lines(measured, language))
    assert say("measure.nothing_proven", None, language) == told[-1]
    assert not [line for line in told if "assumption." in line or "figure." in line]


def test_measure_can_be_asked_and_is_no_plan(town, tmp_path):
    assert "measure" not in process_ids()
    assert find_asked("measure").title
    assert any("weights" in line for line in fields("measure"))


def test_the_command_writes_the_report_and_refuses_a_workspace(town, tmp_path):
    request = tmp_path / "measure.toml"
    request.write_text('process = "measure"\n', "utf-8")
    words = [sys.executable, "-m", "landplan", "run", str(town), str(request)]
    environment = {**os.environ, "LANDPLAN_LANG": "en"}
    done = subprocess.run(
        [*words, "--out", str(tmp_path / "out"), "--json"],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["process"] == "measure"
    refused = subprocess.run(
        [*words, "--workspace", str(tmp_path / "w")],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert refused.returncode == 2
    assert "--out" in refused.stderr
