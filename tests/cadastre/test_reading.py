"""Parcels, joins, rights and constants under the names of the schema."""

import random

import pandas as pd
import pytest

from landplan.cadastre import schema
from landplan.cadastre.check import check_town
from landplan.cadastre.reading import read_town
from tests.towns import box, squares, write_town


def test_a_town_has_every_column_of_the_schema(tmp_path):
    cadastre = read_town(write_town(tmp_path, squares("AB"))).require()
    assert set(schema.PARCELS) <= set(cadastre.parcels.columns)
    for name, columns in (
        ("zones", schema.ZONES),
        ("restrictions", schema.RESTRICTIONS),
        ("roads", schema.ROADS),
        ("buildings", schema.BUILDINGS),
        ("facilities", schema.FACILITIES),
        ("owners", schema.OWNERS),
        ("rights", schema.RIGHTS),
    ):
        assert set(columns) <= set(getattr(cadastre, name).columns), name


def test_a_composed_id_is_joined_with_a_dash(tmp_path):
    parcels = squares("AB", section=[1.0, 1.0], number=["07", "08"])
    town = write_town(tmp_path, parcels)
    town.write_text(town.read_text().replace('id = "id"', 'id = ["section", "number"]'))
    assert read_town(town).require().parcels["parcel_id"].tolist() == ["1-07", "1-08"]


def test_a_constant_is_an_assumption_and_never_silent(tmp_path):
    town = write_town(
        tmp_path, squares("A"), parcel_keys='cost = { constant = 40.0, unit = "per_m2" }\n'
    )
    reading = check_town(town)
    assert reading.require().parcels["cost"].tolist() == [400_000.0]
    assert reading.require().assumptions[0]["params"] == {
        "field": "cost",
        "value": 40.0,
        "unit": "per_m2",
    }
    assert "assumption.constant" in {finding.code for finding in reading.findings}


@pytest.mark.parametrize(
    ("unit", "registered"), [("ha", 1.0), ("mu", 15.0), ("m2", 10_000.0), ("ft2", 107_639.1)]
)
def test_registered_areas_are_converted(tmp_path, unit, registered):
    town = write_town(
        tmp_path,
        squares("A", reg=[registered]),
        parcel_keys=f'area_registered = {{ column = "reg", unit = "{unit}" }}\n',
    )
    assert read_town(town).require().parcels["area_registered_m2"].iloc[0] == pytest.approx(
        10_000.0, abs=0.1
    )


JOIN = """cost = "price"
[[parcels.join]]
file = "tax.csv"
key = { parcels = "id", table = "key" }
[parcels.join.columns]
price = { column = "amount", combine = "sum" }
use = { column = "word", combine = "most_frequent" }
"""


def join_town(tmp_path, rows, more=""):
    table = pd.DataFrame(rows, columns=["key", "amount", "word"])
    return write_town(tmp_path, squares("ABC"), parcel_keys=more + JOIN, tables={"tax": table})


def test_several_rows_of_a_parcel_are_combined_and_reported(tmp_path):
    town = join_town(
        tmp_path, [("A", 1, "x"), ("A", 2, "y"), ("A", 4, "y"), ("B", 5, "z"), ("Z", 9, "z")]
    )
    reading = read_town(town)
    assert reading.require().parcels["cost"].tolist()[:2] == [7.0, 5.0]
    found = {finding.code: finding.ids for finding in reading.findings}
    assert found["join.several_rows"] == ("A",)
    assert found["join.parcel_without_row"] == ("C",)
    assert found["join.row_without_parcel"] == ("Z",)


def test_parcels_without_a_row_are_streets_if_the_town_says_so(tmp_path):
    town = join_town(tmp_path, [("A", 1, "x"), ("B", 5, "z")], more="street_when_unjoined = true\n")
    assert read_town(town).require().parcels["street"].tolist() == [False, False, True]


def test_an_absent_sum_stays_absent(tmp_path):
    """A missing cost is never zero."""
    town = join_town(tmp_path, [("A", None, "x"), ("B", 5, "z"), ("C", 0, "z")])
    cost = read_town(town).require().parcels["cost"]
    assert cost.isna().tolist() == [True, False, False]
    codes = {finding.code for finding in check_town(town).findings}
    assert {"cost.missing", "cost.zero"} <= codes


def test_a_join_may_not_hide_a_column(tmp_path):
    table = pd.DataFrame({"key": ["A"], "amount": [1], "word": ["x"]})
    keys = JOIN.replace('cost = "price"\n', "").replace("price = {", "id = {")
    town = write_town(tmp_path, squares("A"), parcel_keys=keys, tables={"tax": table})
    assert [error.code for error in read_town(town).errors] == ["join.name_taken"]


def test_a_table_in_another_encoding_says_so(tmp_path):
    town = write_town(tmp_path, squares("A"), parcel_keys=JOIN)
    (tmp_path / "tax.csv").write_bytes("key,amount,word\nA,1,工业\n".encode("gbk"))
    assert [error.code for error in read_town(town).errors] == ["table.encoding"]
    town.write_text(
        town.read_text().replace('file = "tax.csv"', 'file = "tax.csv"\nencoding = "gbk"')
    )
    assert read_town(town).require().parcels["cost"].tolist() == [1.0]


RIGHTS = '[rights]\nfile = "rights.csv"\nparcel = "p"\nowner = "o"\nshare = "s"\n'


def test_co_owners_hold_shares_and_the_largest_is_named(tmp_path):
    table = pd.DataFrame({"p": ["A", "A", "B"], "o": ["o1", "o2", "o1"], "s": [0.4, 0.6, 1.0]})
    cadastre = read_town(
        write_town(tmp_path, squares("AB"), toml=RIGHTS, tables={"rights": table})
    ).require()
    assert cadastre.parcels["owner_id"].tolist() == ["o2", "o1"]
    assert cadastre.rights.groupby("parcel_id")["share"].sum().tolist() == [1.0, 1.0]


def test_shares_that_do_not_sum_to_one_are_reported(tmp_path):
    table = pd.DataFrame({"p": ["A", "A", "Z"], "o": ["o1", "o2", "o1"], "s": [0.5, 1.5, 1.0]})
    reading = read_town(write_town(tmp_path, squares("A"), toml=RIGHTS, tables={"rights": table}))
    assert {f.code: f.ids for f in reading.findings} == {
        "rights.shares": ("A",),
        "rights.unknown_parcel": ("Z",),
    }
    assert reading.require().rights["share"].tolist() == [0.25, 0.75]


def test_every_unreadable_layer_is_reported_at_once(tmp_path):
    toml = '[zones]\nfile = "zones.gpkg"\ncode = "c"\n[roads]\nfile = "roads.gpkg"\n'
    reading = read_town(write_town(tmp_path, squares("A"), toml=toml))
    assert [error.code for error in reading.errors] == ["file.missing", "file.missing"]


def test_a_missing_column_names_what_there_is(tmp_path):
    reading = read_town(write_town(tmp_path, squares("A"), parcel_keys='owner = "QLR"\n'))
    (error,) = reading.errors
    assert (error.code, error.params["columns"]) == ("layer.column_missing", ["QLR"])


def test_the_data_hash_follows_the_data_and_the_town_file(tmp_path):
    def digest(parcels, keys=""):
        return (
            read_town(write_town(tmp_path, parcels, parcel_keys=keys))
            .require()
            .provenance.data_hash
        )

    first = digest(squares("AB"))
    assert digest(squares("AB"), "cost = { constant = 2.0 }\n") != first
    moved = squares("AB")
    moved.loc[0, "geometry"] = box(0, 0, 100, 99)
    assert digest(moved) != first


def test_a_file_with_several_layers_must_name_one(tmp_path):
    town = write_town(tmp_path, squares("AB"))
    squares("CD").to_file(tmp_path / "parcels.gpkg", layer="others")
    (error,) = read_town(town).errors
    assert (error.code, sorted(error.params["known"])) == ("layer.several", ["others", "parcels"])
    town.write_text(town.read_text().replace('id = "id"', 'layer = "others"\nid = "id"'))
    assert read_town(town).require().parcels["parcel_id"].tolist() == ["C", "D"]


@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_file_is_refused_in_a_sentence_or_read_whole(tmp_path, seed):
    """Bytes changed at random, as a bad disk or transfer would."""
    town = write_town(tmp_path, squares("ABCDEFGH"))
    path = tmp_path / "parcels.gpkg"
    damaged = bytearray(path.read_bytes())
    dice = random.Random(seed)
    for _ in range(200):
        damaged[dice.randrange(200, len(damaged))] = dice.randrange(256)
    path.write_bytes(damaged)
    reading = read_town(town)
    assert reading.cadastre is not None or reading.errors
