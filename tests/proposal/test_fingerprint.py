import hashlib
import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Point, Polygon, box

from landplan.proposal.fingerprint import document_hash, layer_hash


def small_town() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "parcel_id": ["a", "嘉", "c#2"],
            "area_m2": [1.0, 0.1 + 0.2, np.nan],
            "street": [True, False, False],
            "site_id": [None, "plant-1", None],
            "count": [1, 2, 3],
            "nothing": [None, None, None],
        },
        geometry=[box(0, 0, 1, 1), MultiPolygon([box(1, 0, 2, 1), box(3, 0, 4, 1)]), None],
        crs="EPSG:4549",
    )


def read_back(frame: pd.DataFrame, path: str) -> pd.DataFrame:
    pyogrio.write_dataframe(frame, path, layer="x", driver="GPKG")
    return pyogrio.read_dataframe(path, layer="x")


def test_a_layer_read_back_has_the_fingerprint_of_the_frame_that_was_written(tmp_path):
    town = small_town()
    assert layer_hash(read_back(town, str(tmp_path / "t.gpkg"))) == layer_hash(town)


def test_a_table_without_geometry_read_back_has_the_fingerprint_of_the_frame(tmp_path):
    table = pd.DataFrame({"rule": ["cost.missing", ""], "measured": [0.93, None], "n": [1, 0]})
    assert layer_hash(read_back(table, str(tmp_path / "t.gpkg"))) == layer_hash(table)


def test_an_empty_layer_has_a_fingerprint_that_names_its_columns():
    empty = small_town().iloc[:0]
    assert layer_hash(empty) == layer_hash(empty.copy())
    assert layer_hash(empty) != layer_hash(empty.drop(columns="count"))


def test_numbers_are_spelled_as_the_format_says():
    numbers = [0.0, -0.0, 3.0, -7.0, 2.5, 0.1, 2.0**60, 1e300, math.inf, math.nan]
    spelled = ["0", "0", "3", "-7", "2.5", "0.1", str(2**60), str(int(1e300)), "inf", "~"]
    text = 'landplan-layer-1\n["a"]\n' + "".join(f"{one}\n" for one in spelled)
    expected = hashlib.sha256(text.encode()).hexdigest()
    assert layer_hash(pd.DataFrame({"a": numbers})) == expected


def test_storage_does_not_matter_but_values_do():
    plain = pd.DataFrame({"street": [True, False], "n": [1, 2], "t": ["1", None]})
    stored = pd.DataFrame({"t": ["1", np.nan], "n": [1.0, 2.0], "street": [1, 0]}, index=[7, 8])
    assert layer_hash(plain) == layer_hash(stored)
    assert layer_hash(plain) != layer_hash(plain.assign(t=[1, None]))
    assert layer_hash(plain) != layer_hash(plain.iloc[::-1])


def test_a_polygon_and_its_multipolygon_are_the_same_ground_and_heights_are_no_part_of_it():
    square = box(0, 0, 1, 1)
    high = Polygon([(x, y, 5.0) for x, y in square.exterior.coords])
    one, many, raised = (
        gpd.GeoDataFrame(geometry=[g]) for g in (square, MultiPolygon([square]), high)
    )
    assert layer_hash(one) == layer_hash(many) == layer_hash(raised)


@pytest.mark.parametrize("missing", [None, Polygon(), Point()])
def test_missing_and_empty_geometry_are_the_same(missing):
    assert layer_hash(gpd.GeoDataFrame(geometry=[missing])) == layer_hash(
        gpd.GeoDataFrame(geometry=gpd.GeoSeries([None]))
    )


def test_text_with_tabs_and_newlines_cannot_imitate_other_columns():
    assert layer_hash(pd.DataFrame({"a": ['x"\t"y'], "b": ["z"]})) != layer_hash(
        pd.DataFrame({"a": ["x"], "b": ['y"\t"z']})
    )


def test_the_document_ignores_audit_times_and_its_own_hashes_but_nothing_else():
    document = {"id": "x", "provenance": {"crs": "EPSG:4549"}, "certificate": {"bound": 2.0}}
    fingerprint = document_hash(document)
    sealed = document | {"audit": {"passed": True}, "times": {"total": 1.5}}
    sealed["provenance"] = {"crs": "EPSG:4549", "content_hash": {"sites": "00"}}
    assert document_hash(sealed) == fingerprint
    assert document_hash(document | {"certificate": {"bound": 2}}) == fingerprint
    assert document_hash(document | {"certificate": {"bound": 2.01}}) != fingerprint
    assert document_hash(document | {"certificate": {"bound": "2"}}) != fingerprint


cells = st.one_of(
    st.none(),
    st.floats(allow_nan=True, allow_infinity=True, width=64),
    st.integers(-(2**53), 2**53),
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    numbers=st.lists(cells, min_size=1, max_size=5),
    words=st.lists(
        st.none() | st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0")),
        min_size=5,
        max_size=5,
    ),
    xy=st.lists(st.floats(-1e7, 1e7), min_size=10, max_size=10),
)
def test_any_values_survive_a_geopackage_with_the_same_fingerprint(
    tmp_path_factory, numbers, words, xy
):
    n = len(numbers)
    frame = gpd.GeoDataFrame(
        {
            "number": np.array([np.nan if v is None else float(v) for v in numbers]),
            "word": words[:n],
        },
        geometry=shapely.points(np.reshape(xy, (5, 2))[:n]),
        crs="EPSG:4549",
    )
    path = str(tmp_path_factory.mktemp("f") / "t.gpkg")
    assert layer_hash(read_back(frame, path)) == layer_hash(frame)
