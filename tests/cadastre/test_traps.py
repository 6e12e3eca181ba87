"""The traps of real cadastres, each drawn as the smallest town that has it."""

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from shapely.geometry import LineString, Polygon

from landplan.cadastre.check import check_town
from landplan.cadastre.reading import Reading, read_town
from tests.towns import EAST, NORTH, box, squares, write_town

ROW = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"  # 26 squares: one bad parcel is less than 5 %


def count(reading: Reading, code: str, layer: str = "parcels") -> float:
    """How many rows a finding concerns."""
    found = [one for one in reading.findings if (one.code, one.layer) == (code, layer)]
    return sum(one.measured or 0.0 for one in found)


def with_row(parcels: gpd.GeoDataFrame, name: str, shape: object) -> gpd.GeoDataFrame:
    row = gpd.GeoDataFrame({"id": [name]}, geometry=[shape], crs=parcels.crs)
    return pd.concat([parcels, row], ignore_index=True)


# --- Cambridge: TopoJSON without CRS, streets and water as parcels, condominiums ---------------


def topology(folder: Path, crs_line: str) -> Path:
    """Write two squares that share an arc, in degrees, with coordinates as steps of 0.001.

    +---+---+
    | a | b |     arc 0 is the common border, arc 1 runs around a, arc 2 around b
    +---+---+
    """
    document = {
        "type": "Topology",
        "transform": {"scale": [0.001, 0.001], "translate": [121.0, 31.0]},
        "objects": {
            "lots": {
                "type": "GeometryCollection",
                "geometries": [
                    {"type": "Polygon", "arcs": [[0, 1]], "properties": {"lot": "a"}},
                    {"type": "Polygon", "arcs": [[-1, 2]], "properties": {"lot": "b"}},
                ],
            }
        },
        "arcs": [
            [[1, 0], [0, 1]],
            [[1, 1], [-1, 0], [0, -1], [1, 0]],
            [[1, 0], [1, 0], [0, 1], [-1, 0]],
        ],
    }
    (folder / "lots.topojson").write_text(json.dumps(document))
    path = folder / "town.toml"
    head = '[town]\nname = "T"\ncrs = "EPSG:4549"\ncurrency = "CNY"\n'
    lots = f'[parcels]\nfile = "lots.topojson"\n{crs_line}id = "lot"\n'
    path.write_text(f"format = 1\n{head}{lots}", encoding="utf-8")
    return path


def test_a_topojson_without_a_crs_is_refused_with_a_guess(tmp_path: Path) -> None:
    (error,) = read_town(topology(tmp_path, "")).errors
    assert (error.code, error.params["guess"]) == ("crs.missing", "EPSG:4326")


def test_a_topojson_with_a_stated_crs_keeps_common_borders_common(tmp_path: Path) -> None:
    parcels = read_town(topology(tmp_path, 'crs = "EPSG:4326"\n')).require().parcels
    first, second = parcels.geometry
    assert first.intersection(second).length == pytest.approx(111, rel=0.01)


def test_a_parcel_without_a_tax_row_is_street_with_the_blocks_as_holes(tmp_path: Path) -> None:
    """Two blocks in a street parcel that runs around both of them."""
    street = box(-20, -20, 340, 140)
    blocks = [box(0, 0, 100, 100), box(200, 0, 100, 100)]
    for block in blocks:
        street = street.difference(block)
    parcels = gpd.GeoDataFrame({"id": ["a", "b", "R"]}, geometry=[*blocks, street], crs="EPSG:4549")
    join = """street_when_unjoined = true
cost = "amount"
[[parcels.join]]
file = "tax.csv"
key = { parcels = "id", table = "lot" }
columns = { amount = { column = "value", combine = "sum" } }
"""
    tax = pd.DataFrame({"lot": ["a", "a", "b", "z"], "value": [1.0, 2.0, 5.0, 9.0]})
    town = write_town(tmp_path, parcels, join, tables={"tax": tax})
    reading = check_town(town)
    table = reading.require().parcels.set_index("parcel_id")
    assert list(table["street"]) == [False, False, True]
    assert list(table["cost"].dropna()) == [3.0, 5.0]
    assert count(reading, "street.unjoined") == 1
    assert count(reading, "join.several_rows") == 1
    assert count(reading, "join.row_without_parcel") == 1


def test_rivers_drawn_as_parcels_are_water_by_the_towns_own_words(tmp_path: Path) -> None:
    parcels = squares("ABC", use=["RIVER", "HOUSING", "RIVERSIDE"])
    town = write_town(tmp_path, parcels, parcel_keys='land_use = "use"\n')
    assert read_town(town).require().town.water_uses == ("RIVER",)


def test_overlapping_pairs_a_bow_tie_and_an_empty_shape_are_counted_apart(tmp_path: Path) -> None:
    parcels = squares(ROW)
    lots = [f"{name}{row}" for row in range(4) for name in ROW]
    shapes = [shape for row in range(4) for shape in parcels.translate(yoff=100.0 * row)]
    town = gpd.GeoDataFrame({"id": lots}, geometry=shapes, crs=parcels.crs)
    town = with_row(town, "overlap", box(50, 50, 20, 20))
    x, y = EAST, NORTH + 1000
    bow_tie = Polygon([(x, y), (x + 50, y + 50), (x + 50, y), (x, y + 50)])
    town = with_row(town, "bow tie", bow_tie)
    town = with_row(town, "empty", Polygon())
    reading = read_town(write_town(tmp_path, town))
    assert count(reading, "geometry.overlap") == 2
    assert count(reading, "geometry.invalid") == 1
    assert count(reading, "geometry.empty") + count(reading, "geometry.null") == 1
    assert int(reading.require().parcels["fault"].isna().sum()) == 103


def test_invalid_road_surfaces_are_drawn_repaired_and_told(tmp_path: Path) -> None:
    x, y = EAST, NORTH
    bow_tie = Polygon([(x, y), (x + 50, y + 50), (x + 50, y), (x, y + 50)])
    roads = gpd.GeoDataFrame(geometry=[bow_tie], crs="EPSG:4549")
    town = write_town(
        tmp_path, squares("AB"), '[roads]\nfile = "roads.gpkg"\n', layers={"roads": roads}
    )
    reading = read_town(town)
    assert count(reading, "layer.invalid_geometry", "roads") == 1
    assert reading.require().roads.geometry.is_valid.all()


# --- Forest City: degrees and feet, slivers, a number twice, a misspelt zone -------------------


def carolina(folder: Path) -> Path:
    """Three parcels in degrees; a zone in US survey feet over two of them, and three slivers."""
    x, y = 347_000.0, 177_000.0  # EPSG:32119, metres
    lots = [shapely.box(x + 100 * i, y, x + 100 * i + 100, y + 100) for i in range(3)]
    parcels = gpd.GeoDataFrame({"id": ["a", "b", "c"]}, geometry=lots, crs="EPSG:32119")
    zones = [shapely.box(x, y, x + 200, y + 100)]
    zones += [shapely.box(x + 200, y + i, x + 300, y + i + 0.2) for i in (10, 20, 30)]
    code = ["M-1", "M-1", None, "MANUFACTORING"]
    layer = gpd.GeoDataFrame({"code": code}, geometry=zones, crs="EPSG:32119").to_crs(2264)
    head = 'format = 1\n[town]\nname = "F"\ncrs = "EPSG:32119"\ncurrency = "USD"\n'
    keys = '[zones]\nfile = "zones.gpkg"\ncode = "code"\n'
    return write_town(folder, parcels.to_crs(4326), keys, layers={"zones": layer}, town=head)


def test_degrees_and_feet_meet_in_the_working_crs(tmp_path: Path) -> None:
    reading = check_town(carolina(tmp_path))
    parcels = reading.require().parcels
    assert list(parcels["area_m2"].round(0)) == [10_000.0] * 3
    assert list(parcels["zone"][:2]) == ["M-1", "M-1"]
    assert list(parcels["zone_share"][:2].round(3)) == [1.0, 1.0]
    assert parcels["zone_share"][2] < 0.01


def test_slivers_of_zones_are_counted_and_misspelt_codes_stay_apart(tmp_path: Path) -> None:
    reading = check_town(carolina(tmp_path))
    assert count(reading, "zone.sliver", "zones") == 3
    assert count(reading, "zone.no_code", "zones") == 1
    assert set(reading.require().zones["zone"].dropna()) == {"M-1", "MANUFACTORING"}


def test_the_same_parcel_twice_is_excluded_twice_and_keeps_both_rows(tmp_path: Path) -> None:
    parcels = squares("\n".join([ROW, ROW.lower()]))
    parcels = with_row(parcels, "A", box(0, 100, 100, 100))
    reading = read_town(write_town(tmp_path, parcels))
    table = reading.require().parcels
    assert list(table.loc[table["fault"].notna(), "parcel_id"]) == ["A", "A#2"]
    assert count(reading, "id.duplicate") == 2


# --- Gennes: heights, an empty zone ------------------------------------------------------------


def test_roads_with_heights_and_an_empty_zone_are_told_and_read(tmp_path: Path) -> None:
    line = LineString([(EAST, NORTH, 430.5), (EAST + 100, NORTH, 431.0)])
    layers = {
        "roads": gpd.GeoDataFrame(geometry=[line], crs="EPSG:4549"),
        "zones": gpd.GeoDataFrame(
            {"code": ["U", "N"]}, geometry=[box(0, 0, 200, 100), Polygon()], crs="EPSG:4549"
        ),
    }
    keys = '[roads]\nfile = "roads.gpkg"\n[zones]\nfile = "zones.gpkg"\ncode = "code"\n'
    reading = read_town(write_town(tmp_path, squares("AB"), keys, layers=layers))
    assert count(reading, "geometry.z", "roads") == 1
    assert count(reading, "layer.empty_geometry", "zones") == 1
    assert list(reading.require().zones["zone"]) == ["U"]


# --- Changhua: Chinese columns, numbers as text, roads among the zones -------------------------


def test_chinese_columns_are_mapped_and_roads_among_the_zones_are_streets(tmp_path: Path) -> None:
    parcels = squares("ABC", 使用分=["住宅區", "道路用地", None])
    keys = 'land_use = "使用分"\nstreet = { column = "使用分", values = ["道路用地"] }\n'
    table = read_town(write_town(tmp_path, parcels, parcel_keys=keys)).require().parcels
    assert list(table["street"]) == [False, True, False]
    assert table["land_use"].isna().tolist() == [False, False, True]


@pytest.mark.parametrize("text", ["50~60", "不予規定", "60%", ""])
def test_text_that_is_no_number_is_missing_and_never_zero(tmp_path: Path, text: str) -> None:
    parcels = squares("AB", price=["60", text])
    town = write_town(tmp_path, parcels, parcel_keys='cost = "price"\n')
    reading = check_town(town)
    assert reading.require().parcels["cost"].isna().tolist() == [False, True]
    assert count(reading, "cost.missing") == 1


# --- Prague: drawn in Web Mercator -------------------------------------------------------------


def test_parcels_drawn_in_web_mercator_are_measured_in_the_working_crs(tmp_path: Path) -> None:
    """A hectare at Anting: Web Mercator shows 37 % more."""
    drawn = squares("A").to_crs(3857)
    assert drawn.area.iloc[0] == pytest.approx(13_700, rel=0.01)
    parcels = read_town(write_town(tmp_path, drawn)).require().parcels
    assert parcels["area_m2"].iloc[0] == pytest.approx(10_000, abs=0.5)


# --- Encodings: GBK without a code page --------------------------------------------------------


def gbk_town(folder: Path, encoding_line: str) -> Path:
    parcels = squares("AB", use=["工业用地", "仓储用地"])
    path = folder / "parcels.shp"
    parcels.to_file(path, driver="ESRI Shapefile", engine="pyogrio", encoding="GBK")
    path.with_suffix(".cpg").unlink(missing_ok=True)
    table = bytearray(path.with_suffix(".dbf").read_bytes())
    table[29] = 0  # no code page stated
    path.with_suffix(".dbf").write_bytes(table)
    town = write_town(folder, parcel_keys=f'land_use = "use"\n{encoding_line}')
    town.write_text(town.read_text("utf-8").replace("parcels.gpkg", "parcels.shp"), "utf-8")
    return town


def test_a_gbk_table_without_a_code_page_is_refused(tmp_path: Path) -> None:
    codes = [error.code for error in read_town(gbk_town(tmp_path, "")).errors]
    assert codes == ["layer.encoding_unknown"]


def test_a_gbk_table_is_read_once_its_encoding_is_stated(tmp_path: Path) -> None:
    parcels = read_town(gbk_town(tmp_path, 'encoding = "GBK"\n')).require().parcels
    assert list(parcels["land_use"]) == ["工业用地", "仓储用地"]
