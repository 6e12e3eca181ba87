"""What a town file or its layers can hide: read right, or refused in a sentence, never dropped."""

import geopandas as gpd
import pandas as pd
import pyproj
import pytest
import shapely

from landplan.cadastre.check import check_town
from landplan.cadastre.reading import read_town
from landplan.cadastre.townfile import read_town_file
from landplan.errors import InputError, ManyErrors
from landplan.planning.answer import answer
from tests.towns import CRS, PARCELS, TOWN, box, squares, write_town

PRICE = 'cost = { constant = 1.0, unit = "per_m2" }\n'
ONE = 'process = "assemble"\npartial = true\n[[demand]]\nid = "d"\n'


def plan(folder, town, demand, head=""):
    (folder / "ask.toml").write_text(ONE.replace("[[", head + "[[") + demand, encoding="utf-8")
    proposal = answer(town, folder / "ask.toml", folder / "out")
    assert proposal.audit["passed"], [c for c in proposal.audit["checks"] if not c["passed"]]
    return proposal


def first_error(town):
    (error,) = read_town(town).errors
    return error.code, error.params


def test_a_parcel_of_two_pieces_far_apart_is_no_contiguous_site(tmp_path):
    """A lies here and 5 km away: neither alone nor with B can it be a site."""
    parcels = squares("AB")
    parcels.loc[0, "geometry"] = shapely.MultiPolygon([box(0, 0, 100, 100), box(5000, 0, 100, 100)])
    town = write_town(tmp_path, parcels, parcel_keys=PRICE)
    proposal = plan(tmp_path, town, "area_ha = [1.9, 3.1]\n")
    assert not proposal.demands[0].met
    row = proposal.exclusions.set_index("parcel_id").loc["A"]
    assert (row["rule"], row["measured"]) == ("geometry.multipart", 2.0)


def test_zones_of_different_codes_that_overlap_count_the_land_once(tmp_path):
    """Two zones lie on the same half of A: half of it is zoned, not all."""
    zones = gpd.GeoDataFrame({"z": ["M1", "M2"]}, geometry=[box(0, 0, 50, 100)] * 2, crs=CRS)
    toml = '[zones]\nfile = "z.gpkg"\ncode = "z"\n'
    town = write_town(tmp_path, squares("AB"), toml, PRICE, {"z": zones})
    demand = 'area_ha = [0.9, 1.1]\nzones = ["M1", "M2"]\nmin_zone_share = '
    assert not plan(tmp_path, town, demand + "1.0\n").demands[0].met
    assert plan(tmp_path, town, demand + "0.5\n").demands[0].met


RESTRICTED = '[restrictions]\nfile = "r.gpkg"\nkind = "k"\n'


@pytest.mark.parametrize("key", ['hard = "h"\n', 'buffer_m = "h"\n'])
def test_a_restriction_that_cannot_be_read_is_not_switched_off(tmp_path, key):
    lines = gpd.GeoDataFrame({"k": ["farm"], "h": ["oui"]}, geometry=[box(0, 0, 9, 9)], crs=CRS)
    town = write_town(tmp_path, squares("A"), RESTRICTED + key, PRICE, {"r": lines})
    code, params = first_error(town)
    assert (code, params["values"]) == ("layer.value_unreadable", ["oui"])


def test_a_restriction_that_says_nothing_of_itself_is_hard(tmp_path):
    lines = gpd.GeoDataFrame({"k": ["farm"], "h": [""]}, geometry=[box(0, 0, 99, 99)], crs=CRS)
    town = write_town(tmp_path, squares("A"), RESTRICTED + 'hard = "h"\n', PRICE, {"r": lines})
    assert read_town(town).require().restrictions["hard"].tolist() == [True]


def test_a_hard_line_without_a_buffer_is_named(tmp_path):
    line = shapely.LineString([(610_000, 3_463_050), (610_100, 3_463_050)])
    lines = gpd.GeoDataFrame({"k": ["pipe"]}, geometry=[line], crs=CRS)
    town = write_town(tmp_path, squares("A"), RESTRICTED, PRICE, {"r": lines})
    assert "restriction.no_ground" in {finding.code for finding in check_town(town).findings}


def test_money_with_separators_is_not_left_out_of_a_sum(tmp_path):
    join = """cost = "c"
[[parcels.join]]
file = "t.csv"
key = { parcels = "id", table = "k" }
columns = { c = { column = "price", combine = "sum" } }
"""
    table = pd.DataFrame({"k": ["A", "A"], "price": ["1,000", "500"]})
    town = write_town(tmp_path, squares("A"), parcel_keys=join, tables={"t": table})
    code, params = first_error(town)
    assert (code, params["values"]) == ("layer.value_unreadable", ["1,000"])


RIGHTS = '[rights]\nfile = "r.csv"\nparcel = "p"\nowner = "o"\nshare = "s"\n'


def rights_town(folder, rows, names="AB", keys="", **columns):
    table = pd.DataFrame(rows, columns=["p", "o", "s"])
    parcels = squares(names, **columns)
    return write_town(folder, parcels, RIGHTS, keys or PRICE, tables={"r": table})


def test_the_owner_of_a_parcel_without_rights_is_kept(tmp_path):
    keys = PRICE + 'owner = "w"\n'
    town = rights_town(tmp_path, [("A", "X", 1)], keys=keys, w=["X", "W"])
    assert read_town(town).require().parcels["owner_id"].tolist() == ["X", "W"]
    demand = 'area_ha = [0.9, 1.1]\nnever_owners = ["X", "W"]\n'
    assert not plan(tmp_path, town, demand).demands[0].met


def test_the_main_holder_is_whoever_holds_most_in_all(tmp_path):
    town = rights_town(tmp_path, [("A", "X", 0.3), ("A", "X", 0.3), ("A", "Y", 0.4)], names="A")
    assert read_town(town).require().parcels["owner_id"].tolist() == ["X"]


@pytest.mark.parametrize(
    ("shares", "scaled"),
    [((0, 0), [0.5, 0.5]), ((1.5, -0.5), [1.0, 0.0]), ((0.3333333, 0.6666666), [1 / 3, 2 / 3])],
)
def test_shares_always_sum_to_one(tmp_path, shares, scaled):
    rows = [("A", "X", shares[0]), ("A", "Y", shares[1])]
    rights = read_town(rights_town(tmp_path, rows, names="A")).require().rights
    assert rights["share"].tolist() == pytest.approx(scaled, abs=1e-6)
    assert rights["share"].sum() == pytest.approx(1.0, abs=1e-12)


def test_certificate_and_ledger_agree_to_the_cent_where_the_acquirer_holds_a_half(tmp_path):
    """Half of 2.03 is 1.015: half to even makes 1.02, in the certificate as in the ledger."""
    rows = [("A", "X", 0.5), ("A", "ME", 0.5), ("B", "Z", 1)]
    town = rights_town(tmp_path, rows, keys='cost = "c"\n', c=[2.03, 9.0])
    proposal = plan(tmp_path, town, "area_ha = [0.9, 1.1]\n", 'acquirer_owners = ["ME"]\n')
    assert proposal.certificate.objective == 1.02


@pytest.mark.parametrize(
    ("text", "fault", "key"),
    [
        (TOWN + PARCELS + '[Zones]\nfile = "z"\n', "key.unknown", "Zones"),
        (TOWN + PARCELS + 'Owner = "o"\n', "key.unknown", "parcels.Owner"),
        (TOWN + PARCELS.replace('"parcels.gpkg"', "[]"), "key.invalid", "parcels.file"),
        (TOWN + PARCELS + "cost = { constant = inf }\n", "key.invalid", "parcels.cost.constant"),
    ],
)
def test_keys_of_any_spelling_get_their_sentence(tmp_path, text, fault, key):
    path = tmp_path / "town.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ManyErrors) as caught:
        read_town_file(path)
    assert (fault, key) in {(error.code, error.params["key"]) for error in caught.value.errors}


@pytest.mark.parametrize("cost", [float("inf"), -5.0])
def test_a_price_that_is_none_is_never_used(tmp_path, cost):
    town = write_town(tmp_path, squares("AB", c=[cost, 3.0]), parcel_keys='cost = "c"\n')
    proposal = plan(tmp_path, town, "area_ha = [0.9, 1.1]\n", 'zero_cost = "allow"\n')
    assert proposal.certificate.objective == 3.0


@pytest.mark.parametrize("crs", ["EPSG:3395", "EPSG:3785", "EPSG:3832"])
def test_relatives_of_web_mercator_are_refused_by_their_scale(tmp_path, crs):
    town = write_town(tmp_path, squares("A"))
    town.write_text(town.read_text().replace("EPSG:4549", crs))
    code, params = first_error(town)
    assert code in {"crs.not_true_to_area", "crs.web_mercator"}
    assert code == "crs.web_mercator" or params["scale"] > 1.3


@pytest.mark.parametrize(
    ("text", "owners"),
    [
        ("id,kind\nX,person,\nY,firm,\n", ["X", "Y"]),  # a comma at the end shifts nothing
        ("id,kind\nNA,person\nNone,firm\n", ["NA", "None"]),  # words, not missing cells
    ],
)
def test_rows_of_a_table_are_read_cell_by_cell(tmp_path, text, owners):
    town = write_town(tmp_path, squares("A"), '[owners]\nfile = "o.csv"\nid = "id"\n')
    (tmp_path / "o.csv").write_text(text, encoding="utf-8")
    assert read_town(town).require().owners["owner_id"].tolist() == owners


def test_cells_beyond_the_header_are_refused(tmp_path):
    town = write_town(tmp_path, squares("A"), '[owners]\nfile = "o.csv"\nid = "id"\n')
    (tmp_path / "o.csv").write_text("id,kind\nX,person,old\nY,firm,new\n", encoding="utf-8")
    assert first_error(town)[0] == "table.unreadable"


def test_chinese_column_names_of_a_gbk_shapefile_are_found(tmp_path):
    parcels = squares("AB").rename(columns={"id": "编号"})
    parcels.to_file(tmp_path / "parcels.shp", encoding="GBK")
    (tmp_path / "parcels.cpg").unlink()
    table = bytearray((tmp_path / "parcels.dbf").read_bytes())
    table[29] = 0  # no language byte either
    (tmp_path / "parcels.dbf").write_bytes(table)
    town = tmp_path / "town.toml"
    keys = '[parcels]\nfile = "parcels.shp"\nencoding = "GBK"\nid = "编号"\n'
    town.write_text(TOWN + keys, encoding="utf-8")
    cadastre = read_town(town).require()
    assert cadastre.parcels["parcel_id"].tolist() == ["A", "B"]
    names = {name for name, _ in cadastre.provenance.files}
    assert {"parcels.shp", "parcels.dbf", "parcels.shx"} <= names


def test_a_crs_file_is_part_of_the_data(tmp_path):
    town = write_town(tmp_path, squares("A"))
    town.write_text(town.read_text().replace('crs = "EPSG:4549"', 'crs_file = "town.wkt"'))
    (tmp_path / "town.wkt").write_text(pyproj.CRS(4549).to_wkt(), encoding="utf-8")
    first = read_town(town).require().provenance
    assert "town.wkt" in {name for name, _ in first.files}
    (tmp_path / "town.wkt").write_text(pyproj.CRS(4549).to_wkt(pretty=True), encoding="utf-8")
    assert read_town(town).require().provenance.data_hash != first.data_hash


def test_a_range_in_mu_meets_the_parcel_of_just_that_area(tmp_path):
    """783 mu are 52.2 ha, exactly."""
    parcels = gpd.GeoDataFrame({"id": ["A"]}, geometry=[box(0, 0, 522, 1000)], crs=CRS)
    town = write_town(tmp_path, parcels, parcel_keys=PRICE)
    assert plan(tmp_path, town, "area_mu = [783, 783]\n").demands[0].met


def test_an_id_that_looks_like_a_second_one_stays_its_own(tmp_path):
    names = [*"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"]
    parcels = squares("".join(names))
    parcels["id"] = ["A", "A", "A#2", *sorted(names)[3:]]
    ids = read_town(write_town(tmp_path, parcels)).require().parcels["parcel_id"]
    assert ids.is_unique
    assert ids.tolist()[:3] == ["A", "A#3", "A#2"]


def test_a_folder_that_cannot_be_made_is_refused_before_the_search(tmp_path):
    town = write_town(tmp_path, squares("A"), parcel_keys=PRICE)
    (tmp_path / "ask.toml").write_text(ONE + "area_ha = [0.9, 1.1]\n", encoding="utf-8")
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        answer(town, tmp_path / "ask.toml", tmp_path / "file" / "out")
    assert caught.value.code == "proposal.not_writable"


def test_a_blank_zone_code_is_no_zone(tmp_path):
    zones = gpd.GeoDataFrame({"z": [" "]}, geometry=[box(0, 0, 100, 100)], crs=CRS)
    toml = '[zones]\nfile = "z.gpkg"\ncode = "z"\n'
    town = write_town(tmp_path, squares("A"), toml, PRICE, {"z": zones})
    found = {finding.code for finding in check_town(town).findings}
    assert {"zone.no_code", "zone.outside"} <= found
