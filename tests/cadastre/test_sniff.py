import json
import sqlite3
import struct
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import Point, box

from landplan.cadastre.sniff import sniff
from landplan.errors import InputError


def squares() -> gpd.GeoDataFrame:
    """Three squares in a row."""
    shapes = [box(100.0 * i, 0.0, 100.0 * i + 100.0, 100.0) for i in range(3)]
    return gpd.GeoDataFrame({"name": ["a", "b", "c"]}, geometry=shapes, crs="EPSG:4549")


def refusal(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        sniff(path)
    return caught.value


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.fixture
def geopackage(tmp_path: Path) -> Path:
    path = tmp_path / "town.gpkg"
    squares().to_file(path, driver="GPKG", engine="pyogrio")
    return path


@pytest.fixture
def shapefile(tmp_path: Path) -> Path:
    path = tmp_path / "town.shp"
    squares().to_file(path, driver="ESRI Shapefile", engine="pyogrio", encoding="utf-8")
    return path


def test_formats_are_recognised_by_name_and_content(
    geopackage: Path, shapefile: Path, tmp_path: Path
) -> None:
    assert sniff(geopackage) == "gpkg"
    assert sniff(shapefile) == "shapefile"
    geojson = tmp_path / "town.geojson"
    squares().to_crs(4326).to_file(geojson, driver="GeoJSON", engine="pyogrio")
    assert sniff(geojson) == "geojson"
    assert sniff(written(tmp_path / "t.csv", "编号,面积\n1,2\n".encode("gb18030"))) == "csv"


def test_upper_case_names_are_the_same_formats(tmp_path: Path) -> None:
    assert sniff(written(tmp_path / "A.CSV", b"id,owner\n")) == "csv"


def test_a_csv_in_utf16_as_spreadsheets_write_it_is_a_table(tmp_path: Path) -> None:
    assert sniff(written(tmp_path / "a.csv", "id,面积\n1,2\n".encode("utf-16"))) == "csv"


@pytest.mark.parametrize(
    ("name", "document", "expected"),
    [
        ("a.json", {"type": "FeatureCollection", "features": []}, "geojson"),
        ("a.json", {"features": [], "type": "FeatureCollection"}, "geojson"),
        ("a.json", {"name": 'a "type": "Topology"', "features": []}, "geojson"),
        ("a.geojson", {"crs": {"type": "name"}, "type": "Feature", "geometry": None}, "geojson"),
        ("a.json", {"type": "Topology", "objects": {}, "arcs": []}, "topojson"),
        ("a.topojson", {"arcs": [], "objects": {}, "type": "Topology"}, "topojson"),
    ],
)
def test_json_is_told_apart_by_the_members_of_the_outer_object(
    tmp_path: Path, name: str, document: dict[str, object], expected: str
) -> None:
    assert sniff(written(tmp_path / name, json.dumps(document).encode())) == expected


def test_the_type_of_json_may_stand_behind_megabytes_of_features(tmp_path: Path) -> None:
    feature = {"type": "Feature", "properties": {"note": "x" * 200}, "geometry": None}
    document = {"features": [feature] * 10_000, "type": "FeatureCollection"}
    assert sniff(written(tmp_path / "a.json", json.dumps(document).encode())) == "geojson"


def test_a_geojson_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    content = b'\xef\xbb\xbf{"type": "FeatureCollection", "features": []}\n'
    assert sniff(written(tmp_path / "a.geojson", content)) == "geojson"


VRT = b'<OGRVRTDataSource><OGRVRTLayer name="a"/></OGRVRTDataSource>'


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("a.gpkg", VRT, "XML <OGRVRTDataSource>"),
        ("a.gpkg", b'<?xml version="1.0"?>\n' + VRT, "XML <OGRVRTDataSource>"),
        ("a.shp", VRT, "XML <OGRVRTDataSource>"),
        ("a.geojson", VRT, "XML <OGRVRTDataSource>"),
        ("a.csv", b"<!DOCTYPE html><html></html>", "XML <html>"),
        ("a.gpkg", b"parcels of the town\n", "text"),
        ("a.shp", b"parcels of the town\n", "text"),
        ("a.geojson", b"parcels of the town\n", "text"),
        ("a.geojson", b'["a", "b"]', "JSON"),
        ("a.geojson", b'{"parcels": 3}', "JSON"),
        ("a.geojson", b'{"type": "Topology", "objects": {}}', "topojson"),
        ("a.topojson", b'{"type": "FeatureCollection"}', "geojson"),
        ("a.json", b'{"type": "Point", "coordinates": [0, 0]}', "JSON"),
        ("a.csv", b"PK\x03\x04rest of a workbook", "ZIP"),
        ("a.csv", b'{"id": 1}', "JSON"),
        ("a.csv", b"id\x00\x01\x02", "binary"),
        ("a.gpkg", b"SQLite format 3\x00 and no more", "SQLite"),
    ],
)
def test_files_that_are_not_what_their_name_says_are_refused(
    tmp_path: Path, name: str, content: bytes, found: str
) -> None:
    error = refusal(written(tmp_path / name, content))
    assert error.code == "file.not_what_it_says"
    assert error.params["found"] == found


def test_a_plain_sqlite_database_is_no_geopackage(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE parcels (id)")
    assert refusal(path).code == "file.not_what_it_says"


def test_a_geopackage_without_its_application_id_is_known_by_its_table(geopackage: Path) -> None:
    with closing(sqlite3.connect(geopackage)) as database:
        database.execute("PRAGMA application_id = 0")
        database.commit()
    assert sniff(geopackage) == "gpkg"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_a_geopackage_cut_off_on_its_way_is_truncated(geopackage: Path, share: float) -> None:
    whole = geopackage.read_bytes()
    geopackage.write_bytes(whole[: int(len(whole) * share)])
    error = refusal(geopackage)
    assert error.code == "file.truncated"
    assert error.params["expected"] == len(whole)


@pytest.mark.parametrize("suffix", [".shp", ".shx", ".dbf"])
def test_each_part_of_a_shapefile_cut_off_is_truncated(shapefile: Path, suffix: str) -> None:
    part = shapefile.with_suffix(suffix)
    part.write_bytes(part.read_bytes()[:-10])
    error = refusal(shapefile)
    assert error.code == "file.truncated"
    assert error.params["file"] == str(part)


@pytest.mark.parametrize("suffix", [".shx", ".dbf"])
def test_a_shapefile_without_a_part_names_the_part(shapefile: Path, suffix: str) -> None:
    shapefile.with_suffix(suffix).unlink()
    error = refusal(shapefile)
    assert error.code == "file.part_missing"
    assert error.params["part"] == f"town{suffix}"


def test_a_shapefile_with_fewer_attribute_rows_than_shapes_is_refused(shapefile: Path) -> None:
    table = shapefile.with_suffix(".dbf")
    content = bytearray(table.read_bytes())
    content[4:8] = struct.pack("<I", 2)
    table.write_bytes(content)
    error = refusal(shapefile)
    assert (error.code, error.params["shapes"], error.params["rows"]) == (
        "file.parts_disagree",
        3,
        2,
    )


def test_a_geojson_cut_off_on_its_way_is_truncated(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"name": ["a"]}, geometry=[Point(1, 2)], crs="EPSG:4326")
    path = tmp_path / "a.geojson"
    frame.to_file(path, driver="GeoJSON", engine="pyogrio")
    path.write_bytes(path.read_bytes()[:-30])
    assert refusal(path).code == "file.truncated"


def test_an_empty_file_is_truncated(tmp_path: Path) -> None:
    assert refusal(written(tmp_path / "a.gpkg", b"")).code == "file.truncated"


def test_missing_files_folders_and_foreign_formats_have_their_own_codes(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nowhere.gpkg").code == "file.missing"
    (tmp_path / "folder.gpkg").mkdir()
    assert refusal(tmp_path / "folder.gpkg").code == "file.is_folder"
    error = refusal(written(tmp_path / "a.osm.pbf", b"\x00\x00"))
    assert error.code == "file.format_unknown"
    assert ".gpkg" in error.params["known"]
