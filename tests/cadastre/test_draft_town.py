"""Whole towns, drawn small, drafted and then read with the drafted file."""

import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, Point, Polygon, box

from landplan.cadastre.draft import Draft, draft_town
from landplan.cadastre.reading import read_town
from landplan.errors import InputError, ManyErrors

EAST, NORTH = 610_000.0, 3_463_000.0  # Anting, in EPSG:4549


def grid(side: int = 5, crs: str = "EPSG:4549") -> gpd.GeoDataFrame:
    """Draw a chessboard of squares of 100 m, numbered by row and column."""
    shapes = [
        box(EAST + 100 * i, NORTH + 100 * j, EAST + 100 * i + 100, NORTH + 100 * j + 100)
        for j in range(side)
        for i in range(side)
    ]
    ids = [f"31-{j}-{i}" for j in range(side) for i in range(side)]
    frame = gpd.GeoDataFrame({"ZDDM": ids}, geometry=shapes, crs="EPSG:4549")
    return frame.to_crs(crs)


def chinese_town() -> gpd.GeoDataFrame:
    frame = grid()
    n = len(frame)
    frame["QLR"] = [f"O{i % 7}" for i in range(n)]
    frame["DLBM"] = ["0601", "0604", "0701", "1004", "1101"] * (n // 5)
    frame["宗地面积"] = np.round(frame.area / (10_000 / 15), 4)
    frame["单价"] = [100 + i for i in range(n)]
    return frame


def drafted(folder: Path, *names: str, language: str = "en") -> tuple[Draft, dict[str, object]]:
    draft = draft_town([folder / name for name in names], folder, language)  # type: ignore[arg-type]
    return draft, tomllib.loads(draft.text)


def usable(folder: Path, draft: Draft) -> int:
    """Read the town with the drafted file; return the number of parcels without fault."""
    path = folder / "town.toml"
    path.write_text(draft.text, encoding="utf-8")
    return int(read_town(path).require().parcels["fault"].isna().sum())


def test_a_chinese_cadastre_is_mapped_column_by_column(tmp_path: Path) -> None:
    chinese_town().to_file(tmp_path / "宗地.gpkg", driver="GPKG", engine="pyogrio")
    draft, town = drafted(tmp_path, "宗地.gpkg")
    assert town["town"]["crs"] == "EPSG:4549"
    assert town["town"]["currency"] == "CNY"
    parcels = town["parcels"]
    assert (parcels["file"], parcels["id"], parcels["owner"]) == ("宗地.gpkg", "ZDDM", "QLR")
    assert parcels["land_use"] == {"column": "DLBM", "scheme": "gb21010", "edition": "2017"}
    assert parcels["street"] == {"column": "DLBM", "values": ["1004"]}
    assert parcels["area_registered"] == {"column": "宗地面积", "unit": "mu"}
    assert parcels["value"] == {"column": "单价", "unit": "per_m2"}
    assert usable(tmp_path, draft) == 25


def test_comments_are_written_in_the_language_asked_for(tmp_path: Path) -> None:
    grid().to_file(tmp_path / "parcels.gpkg", driver="GPKG", engine="pyogrio")
    draft, _ = drafted(tmp_path, "parcels.gpkg", language="zh")
    assert "# 未敢推测及需要核对的事项：" in draft.text


def test_no_price_is_invented(tmp_path: Path) -> None:
    grid().to_file(tmp_path / "parcels.gpkg", driver="GPKG", engine="pyogrio")
    draft, town = drafted(tmp_path, "parcels.gpkg")
    assert {"value", "cost"}.isdisjoint(town["parcels"])
    assert {"draft.value_missing", "draft.cost_missing"} <= {note.code for note in draft.notes}


def test_a_table_is_joined_and_parcels_without_a_row_look_like_streets(tmp_path: Path) -> None:
    """25 squares, and one street parcel: a frame of 10 m around them, the squares its hole."""
    frame = grid()
    outer = box(EAST - 10, NORTH - 10, EAST + 510, NORTH + 510)
    ring = outer.difference(box(EAST, NORTH, EAST + 500, NORTH + 500))
    street = gpd.GeoDataFrame({"ZDDM": ["R"]}, geometry=[ring], crs=frame.crs)
    frame = pd.concat([frame, street], ignore_index=True)
    geojson = tmp_path / "parcels.geojson"
    frame.to_crs(4326).to_file(geojson, driver="GeoJSON", engine="pyogrio")
    tax = pd.DataFrame({"Lot": frame["ZDDM"][:25], "TotalValue": range(1000, 26_000, 1000)})
    tax = pd.concat([tax, tax[:5]])
    tax["TotalValue"] += np.arange(30)
    tax.to_csv(tmp_path / "tax.csv", index=False)
    draft, town = drafted(tmp_path, "parcels.geojson", "tax.csv")
    (join,) = town["parcels"]["join"]
    assert join["key"] == {"parcels": "ZDDM", "table": "Lot"}
    assert join["columns"] == {"TotalValue": {"column": "TotalValue", "combine": "sum"}}
    assert town["parcels"]["street_when_unjoined"] is True
    assert town["town"]["crs"] == "EPSG:4549"
    assert usable(tmp_path, draft) == 26


def test_layers_of_one_geopackage_get_their_sections(tmp_path: Path) -> None:
    """Parcels, two zones, a road, a building, a school and a rail line in one file."""
    path = tmp_path / "town.gpkg"
    half = box(EAST, NORTH, EAST + 500, NORTH + 250)
    upper = box(EAST, NORTH + 250, EAST + 500, NORTH + 500)
    middle = LineString([(EAST, NORTH + 250), (EAST + 500, NORTH + 250)])
    layers = {
        "parcels": grid(),
        "zoning": gpd.GeoDataFrame({"zone_code": ["M", "R"]}, geometry=[half, upper], crs=4549),
        "roads": gpd.GeoDataFrame(
            {"class": ["main"], "width": [12.0]}, geometry=[middle], crs=4549
        ),
        "buildings": gpd.GeoDataFrame({"floors": [3]}, geometry=[half.buffer(-200)], crs=4549),
        "facilities": gpd.GeoDataFrame(
            {"kind": ["school"]}, geometry=[Point(EAST, NORTH)], crs=4549
        ),
        "railway": gpd.GeoDataFrame({"name": ["line 11"]}, geometry=[middle], crs=4549),
    }
    for name, frame in layers.items():
        frame.to_file(path, layer=name, driver="GPKG", engine="pyogrio")
    draft, town = drafted(tmp_path, "town.gpkg")
    assert town["parcels"]["layer"] == "parcels"
    code = {"column": "zone_code", "scheme": "gb50137", "edition": "2011"}
    assert town["zones"]["code"] == code
    assert (town["roads"]["class"], town["roads"]["width_m"]) == ("class", "width")
    assert town["buildings"]["floors"] == "floors"
    assert town["facilities"]["kind"] == "kind"
    assert town["restrictions"]["kind"] == {"constant": "rail"}
    assert usable(tmp_path, draft) == 25


def test_of_two_years_of_the_same_town_the_later_one_is_taken(tmp_path: Path) -> None:
    for name in ("parcels2013.gpkg", "parcels2014.gpkg"):
        grid().to_file(tmp_path / name, driver="GPKG", engine="pyogrio")
    draft, town = drafted(tmp_path, "parcels2013.gpkg", "parcels2014.gpkg")
    assert town["parcels"]["file"] == "parcels2014.gpkg"
    assert "parcels2013.gpkg" in draft.text


def test_sheets_of_one_map_become_a_list_of_files(tmp_path: Path) -> None:
    west, east = grid(), grid()
    east["ZDDM"] = "32" + east["ZDDM"].str.slice(2)
    east["geometry"] = east.translate(xoff=500)
    west.to_file(tmp_path / "a.gpkg", driver="GPKG", engine="pyogrio")
    east.to_file(tmp_path / "b.gpkg", driver="GPKG", engine="pyogrio")
    draft, town = drafted(tmp_path, "a.gpkg", "b.gpkg")
    assert town["parcels"]["file"] == ["a.gpkg", "b.gpkg"]
    assert "draft.parcels_unnamed" in {note.code for note in draft.notes}
    assert usable(tmp_path, draft) == 50


def test_a_gbk_shapefile_without_a_code_page_gets_a_stated_guess(tmp_path: Path) -> None:
    frame = grid()
    frame["DLMC"] = ["工业用地", "城镇住宅用地", "公路用地", "河流水面", "仓储用地"] * 5
    path = tmp_path / "parcels.shp"
    frame.to_file(path, driver="ESRI Shapefile", engine="pyogrio", encoding="GBK")
    path.with_suffix(".cpg").unlink(missing_ok=True)
    table = bytearray(path.with_suffix(".dbf").read_bytes())
    table[29] = 0  # the language byte: no code page stated
    path.with_suffix(".dbf").write_bytes(table)
    draft, town = drafted(tmp_path, *sorted(one.name for one in tmp_path.iterdir()))
    assert town["parcels"]["encoding"] == "GBK"
    assert "draft.encoding_guess" in {note.code for note in draft.notes}
    assert usable(tmp_path, draft) == 25


def test_a_shapefile_without_a_crs_is_not_given_one(tmp_path: Path) -> None:
    grid().to_file(tmp_path / "parcels.shp", driver="ESRI Shapefile", engine="pyogrio")
    (tmp_path / "parcels.prj").unlink()
    draft, town = drafted(tmp_path, "parcels.shp")
    assert "crs" not in town["parcels"]
    codes = {note.code for note in draft.notes}
    assert {"draft.crs_unknown", "draft.working_crs_missing"} <= codes


def test_eastings_with_a_zone_number_name_a_candidate_but_set_nothing(tmp_path: Path) -> None:
    frame = grid()
    frame["geometry"] = frame.translate(xoff=40_000_000)
    frame.to_file(tmp_path / "parcels.shp", driver="ESRI Shapefile", engine="pyogrio")
    (tmp_path / "parcels.prj").unlink()
    draft, town = drafted(tmp_path, "parcels.shp")
    assert "crs" not in town["parcels"]
    assert '# crs = "EPSG:4528"' in draft.text
    assert "EPSG:4549" in draft.text


def test_a_table_with_other_separators_is_named(tmp_path: Path) -> None:
    grid().to_file(tmp_path / "parcels.gpkg", driver="GPKG", engine="pyogrio")
    (tmp_path / "tax.csv").write_text("ZDDM;value\n31-0-0;5\n")
    draft, town = drafted(tmp_path, "parcels.gpkg", "tax.csv")
    assert "join" not in town["parcels"]
    assert "draft.separator" in {note.code for note in draft.notes}


def test_files_of_other_formats_are_left_aside_and_named(tmp_path: Path) -> None:
    grid().to_file(tmp_path / "parcels.gpkg", driver="GPKG", engine="pyogrio")
    (tmp_path / "README.md").write_text("about")
    draft, _ = drafted(tmp_path, "parcels.gpkg", "README.md")
    left = [note.params["file"] for note in draft.notes if note.code == "draft.file_left_aside"]
    assert left == ["README.md"]


def test_all_files_that_are_not_what_they_say_are_refused_together(tmp_path: Path) -> None:
    grid().to_file(tmp_path / "parcels.gpkg", driver="GPKG", engine="pyogrio")
    (tmp_path / "a.gpkg").write_text("<OGRVRTDataSource/>")
    with pytest.raises(ManyErrors) as caught:
        drafted(tmp_path, "parcels.gpkg", "a.gpkg", "gone.gpkg")
    codes = [error.code for error in caught.value.errors]
    assert codes == ["file.not_what_it_says", "file.missing"]


def test_files_without_polygons_make_no_town(tmp_path: Path) -> None:
    (tmp_path / "tax.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError) as caught:
        drafted(tmp_path, "tax.csv")
    assert caught.value.code == "draft.no_parcels"


def test_invalid_shapes_are_counted_where_the_repair_is_offered(tmp_path: Path) -> None:
    frame = grid()
    x, y = EAST + 600, NORTH
    bow_tie = Polygon([(x, y), (x + 50, y + 50), (x + 50, y), (x, y + 50)])
    broken = gpd.GeoDataFrame({"ZDDM": ["31-9-9"]}, geometry=[bow_tie], crs=frame.crs)
    frame = pd.concat([frame, broken], ignore_index=True)
    frame.to_file(tmp_path / "parcels.gpkg", driver="GPKG", engine="pyogrio")
    draft, _ = drafted(tmp_path, "parcels.gpkg")
    assert "1 of 26 shapes are invalid" in draft.text
    assert usable(tmp_path, draft) == 25


def test_the_same_files_give_the_same_draft(tmp_path: Path) -> None:
    chinese_town().to_file(tmp_path / "parcels.gpkg", driver="GPKG", engine="pyogrio")
    first, _ = drafted(tmp_path, "parcels.gpkg")
    second, _ = drafted(tmp_path, "parcels.gpkg")
    assert first == second
