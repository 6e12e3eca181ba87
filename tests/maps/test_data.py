"""What the browser gets of a layer: compact, the same bytes again, and only what is named."""

import json

import geopandas as gpd
import numpy as np
import pytest
import shapely

from landplan.errors import InputError
from maps.data import bounds_of, etag, layer_geojson, parse_bbox

CRS = "EPSG:4549"
EAST, NORTH = 340_000.0, 3_460_000.0


def frame(**columns):
    boxes = [
        shapely.box(EAST + x, NORTH, EAST + x + 100, NORTH + 100) for x in (0.0, 100.0, 5000.0)
    ]
    table = {"parcel_id": ["a", "b", "c"], **columns}
    return gpd.GeoDataFrame(table, geometry=boxes, crs=CRS)


def features(text):
    return json.loads(text)["features"]


def test_features_carry_their_id_and_only_the_named_columns():
    layer = frame(area_m2=[1.0, 2.5, np.nan], owner_id=["SECRET"] * 3)
    text = layer_geojson(layer, ("parcel_id", "area_m2"))
    assert b"SECRET" not in text
    assert [one["id"] for one in features(text)] == ["a", "b", "c"]
    assert [one["properties"] for one in features(text)] == [
        {"parcel_id": "a", "area_m2": 1},
        {"parcel_id": "b", "area_m2": 2.5},
        {"parcel_id": "c"},
    ]


def test_places_are_longitude_and_latitude_with_six_decimals():
    points = features(layer_geojson(frame(), ("parcel_id",)))[0]["geometry"]["coordinates"][0]
    expected = frame().to_crs("EPSG:4326").geometry[0].exterior.coords
    assert {tuple(point) for point in points} == {
        (round(x, 6), round(y, 6)) for x, y in list(expected)
    }
    assert all(len(str(value).split(".")[1]) <= 6 for point in points for value in point)


def test_a_polygon_of_one_part_is_not_written_as_many():
    layer = frame()
    layer.geometry = [shapely.MultiPolygon([shape]) for shape in layer.geometry]
    assert {one["geometry"]["type"] for one in features(layer_geojson(layer, ("parcel_id",)))} == {
        "Polygon"
    }


def test_a_box_keeps_what_meets_it():
    west, south, east, north = bounds_of([frame().iloc[:1]])
    text = layer_geojson(frame(), ("parcel_id",), bbox=(west, south, east, north))
    assert [one["id"] for one in features(text)] == ["a", "b"]
    far = layer_geojson(frame(), ("parcel_id",), bbox=(0.0, 0.0, 1.0, 1.0))
    assert features(far) == []


def test_rows_without_a_geometry_are_left_out():
    layer = frame()
    layer.geometry = [None, shapely.Polygon(), layer.geometry[2]]
    assert [one["id"] for one in features(layer_geojson(layer, ("parcel_id",)))] == ["c"]


def test_the_same_rows_give_the_same_bytes():
    first = layer_geojson(frame(zone=["甲", None, "<b>"]), ("parcel_id", "zone"))
    assert first == layer_geojson(frame(zone=["甲", None, "<b>"]), ("parcel_id", "zone"))
    assert "甲".encode() in first


def test_simplified_outlines_have_fewer_points():
    layer = frame()
    layer.geometry = layer.geometry.centroid.buffer(50, quad_segs=32)
    assert len(layer_geojson(layer, ("parcel_id",), simplify=1.0)) < len(
        layer_geojson(layer, ("parcel_id",))
    )


def test_a_layer_without_rows_is_a_collection_without_features():
    assert features(layer_geojson(frame().iloc[:0], ("parcel_id",))) == []
    assert bounds_of([frame().iloc[:0]]) is None


@pytest.mark.parametrize(
    "text", ["1,2,3", "a,b,c,d", "3,0,1,1", "0,0,1,91", "0,0,nan,1", "1,2,3,4,5"]
)
def test_what_is_no_box_is_refused(text):
    with pytest.raises(InputError) as refused:
        parse_bbox(text)
    assert refused.value.code == "map.bbox"


def test_a_box_is_read_and_none_is_none():
    assert parse_bbox("121,31,121.5,31.5") == (121.0, 31.0, 121.5, 31.5)
    assert parse_bbox(None) is None
    assert parse_bbox("") is None


def test_an_etag_depends_on_every_part_and_on_their_borders():
    assert etag("a", "b") == etag("a", "b")
    assert len({etag("a", "b"), etag("ab"), etag("a", "b", None), etag("b", "a")}) == 4
    assert etag("a").startswith('"')
