"""Whatever stands in the files, the audit answers: with a report, or a refusal."""

import json
import shutil
from contextlib import suppress
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from landplan.errors import InputError
from landplan.proposal.audit import audit
from landplan.proposal.fingerprint import layer_hash
from tests.proposal.audit.drawing import LAYERS, Drawing, save

SETTINGS = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
BOW_TIE = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
SHAPES = [
    None,
    shapely.Polygon(),
    shapely.Point(0, 0),
    shapely.LineString([(0, 0), (1, 1)]),
    BOW_TIE,
]
TABLES = Drawing().layers
SPATIAL = [name for name in LAYERS if isinstance(TABLES[name], gpd.GeoDataFrame)]


def answer(folder: Path) -> None:
    with suppress(InputError):
        json.dumps(audit(folder).to_json(), allow_nan=False)


def rewrite(folder: Path, layer: str, table: object) -> None:
    """Store a changed layer with a fingerprint that fits, so that every other check has to look."""
    kind = {"geometry_type": "Unknown"} if isinstance(table, gpd.GeoDataFrame) else {}
    pyogrio.write_dataframe(table, folder / "proposal.gpkg", layer=layer, driver="GPKG", **kind)
    document = json.loads((folder / "proposal.json").read_text("utf-8"))
    document["provenance"]["content_hash"][layer] = layer_hash(table)
    save(document, folder)


@SETTINGS
@given(layer=st.sampled_from(SPATIAL), shape=st.sampled_from(SHAPES), row=st.integers(0, 20))
def test_a_shape_of_any_kind_is_answered(written, tmp_path_factory, layer, shape, row):
    folder = Path(shutil.copytree(written, tmp_path_factory.mktemp("s") / "copy"))
    table = TABLES[layer].copy()
    shapes = table.geometry.to_numpy().copy()
    shapes[row % len(shapes)] = shape
    rewrite(folder, layer, table.set_geometry(gpd.GeoSeries(shapes, crs=table.crs)))
    answer(folder)


@SETTINGS
@given(layer=st.sampled_from(LAYERS), data=st.data())
def test_missing_values_anywhere_are_answered(written, tmp_path_factory, layer, data):
    folder = Path(shutil.copytree(written, tmp_path_factory.mktemp("s") / "copy"))
    table = TABLES[layer].copy()
    columns = [name for name in table.columns if name != "geometry"]
    for column in data.draw(st.lists(st.sampled_from(columns), min_size=1, unique=True)):
        if table[column].dtype.kind in "ifb":
            table[column] = np.nan
        else:
            table[column] = table[column].astype(object)
            table[column] = None
    rewrite(folder, layer, table)
    answer(folder)


@SETTINGS
@given(layer=st.sampled_from(LAYERS))
def test_an_empty_layer_is_answered(written, tmp_path_factory, layer):
    folder = Path(shutil.copytree(written, tmp_path_factory.mktemp("s") / "copy"))
    rewrite(folder, layer, TABLES[layer].iloc[:0])
    answer(folder)


def nodes(document: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    inner: list[tuple[object, object]] = []
    if isinstance(document, dict):
        inner = list(document.items())
    elif isinstance(document, list):
        inner = list(enumerate(document))
    return [path, *(found for key, value in inner for found in nodes(value, (*path, key)))]


NODES = [path for path in nodes(Drawing().document) if path]
WRONG = [None, -1, 0, 1e300, "", "x", [], {}, [None], {"x": None}, True]


@settings(SETTINGS, max_examples=25)
@given(path=st.sampled_from(NODES), wrong=st.sampled_from(WRONG))
def test_any_value_in_the_document_is_answered(written, tmp_path_factory, path, wrong):
    folder = Path(shutil.copytree(written, tmp_path_factory.mktemp("s") / "copy"))
    document = json.loads((folder / "proposal.json").read_text("utf-8"))
    holder = document
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = wrong
    save(document, folder)
    answer(folder)
