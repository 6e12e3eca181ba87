"""Whoever changes one cell, one vertex or one number of what was written is found out."""

import json
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pyogrio
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from landplan.errors import InputError
from landplan.proposal.audit import audit
from tests.proposal.audit.drawing import LAYERS, Drawing, save

SETTINGS = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


def copy_of(written: Path, factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(written, factory.mktemp("t") / "copy"))


def overwrite(folder: Path, name: str, table: gpd.GeoDataFrame) -> None:
    kind = {"geometry_type": "Unknown"} if isinstance(table, gpd.GeoDataFrame) else {}
    pyogrio.write_dataframe(table, folder / "proposal.gpkg", layer=name, driver="GPKG", **kind)


def failed(folder: Path) -> set[str]:
    """Codes of what the audit finds; a refusal is a finding, too."""
    try:
        return {check.code for check in audit(folder).failed}
    except InputError as refusal:
        return {refusal.code}


def test_a_changed_hash_is_caught_by_its_own_check_alone(written, tmp_path):
    folder = Path(shutil.copytree(written, tmp_path / "copy"))
    document = json.loads((folder / "proposal.json").read_text("utf-8"))
    document["provenance"]["content_hash"]["roads"] = "0" * 64
    save(document, folder)
    assert failed(folder) == {"audit.files.content_hash"}


def test_an_added_layer_is_caught(written, tmp_path):
    folder = Path(shutil.copytree(written, tmp_path / "copy"))
    overwrite(
        folder,
        "notes",
        gpd.GeoDataFrame({"x": [1]}, geometry=[shapely.Point(0, 0)], crs="EPSG:4549"),
    )
    assert failed(folder) == {"audit.files.content_hash"}


CELLS = [
    (layer, row, column)
    for layer, table in Drawing().layers.items()
    for column in table.columns
    if column != "geometry"
    for row in range(len(table))
]


@SETTINGS
@given(cell=st.sampled_from(CELLS), seed=st.integers(0, 10**6))
def test_any_changed_cell_is_caught(written, tmp_path_factory, cell, seed):
    folder = copy_of(written, tmp_path_factory)
    layer, row, column = cell
    table = pyogrio.read_dataframe(folder / "proposal.gpkg", layer=layer)
    old = table[column].iloc[row]
    if table[column].dtype.kind in "ifb":
        table[column] = table[column].astype(float)
        table.loc[row, column] = (0.0 if old != old else float(old)) + 0.01 * (1 + seed)
    else:
        table[column] = table[column].astype(object)
        table.loc[row, column] = f"{old}{seed}"
    overwrite(folder, layer, table)
    assert "audit.files.content_hash" in failed(folder)


SPATIAL = [name for name in LAYERS if isinstance(Drawing().layers[name], gpd.GeoDataFrame)]


@SETTINGS
@given(
    layer=st.sampled_from(SPATIAL),
    pick=st.integers(0, 10**6),
    step=st.floats(1e-6, 5.0),
    angle=st.floats(0, 6.28),
)
def test_any_moved_vertex_is_caught(written, tmp_path_factory, layer, pick, step, angle):
    folder = copy_of(written, tmp_path_factory)
    table = pyogrio.read_dataframe(folder / "proposal.gpkg", layer=layer)
    row = pick % len(table)
    corners = shapely.get_coordinates(table.geometry[row])
    moved = np.isclose(corners, corners[pick % len(corners)]).all(axis=1)
    shift = step * np.array([np.cos(angle), np.sin(angle)])
    shapes = table.geometry.to_numpy().copy()
    shapes[row] = shapely.set_coordinates(
        shapely.from_wkb(shapely.to_wkb(shapes[row])), corners + moved[:, None] * shift
    )
    overwrite(folder, layer, table.set_geometry(shapes, crs=table.crs))
    assert "audit.files.content_hash" in failed(folder)


def numbers_of(document: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """Paths of all numbers in a document, but for its times."""
    if isinstance(document, dict):
        items = [(key, value) for key, value in document.items() if key != "times"]
    elif isinstance(document, list):
        items = list(enumerate(document))
    else:
        return (
            [path] if isinstance(document, int | float) and not isinstance(document, bool) else []
        )
    return [found for key, value in items for found in numbers_of(value, (*path, key))]


NUMBERS = numbers_of(Drawing().document)
CERTIFIED = [("certificate", key) for key in ("objective", "bound", "gap")]
CERTIFIED += [("certificate", "terms", "acquisition"), ("certificate", "seed")]


def change(document: dict, path: tuple[object, ...], by: float) -> None:
    *way, last = path
    holder = document
    for step in way:
        holder = holder[step]
    holder[last] += by if isinstance(holder[last], float) else max(int(by), 1)


@SETTINGS
@given(path=st.sampled_from(NUMBERS), by=st.floats(0.01, 1e6))
def test_any_changed_number_of_the_document_is_caught(written, tmp_path_factory, path, by):
    folder = copy_of(written, tmp_path_factory)
    document = json.loads((folder / "proposal.json").read_text("utf-8"))
    change(document, path, by)
    save(document, folder)
    assert failed(folder)


@SETTINGS
@given(path=st.sampled_from(CERTIFIED), by=st.floats(0.01, 1e6), sign=st.sampled_from([-1, 1]))
def test_a_changed_number_of_the_certificate_is_caught_without_any_hash(
    written, tmp_path_factory, path, by, sign
):
    folder = copy_of(written, tmp_path_factory)
    document = json.loads((folder / "proposal.json").read_text("utf-8"))
    change(document, path, sign * by if path[-1] != "seed" else by)
    del document["provenance"]["content_hash"]["proposal.json"]
    save(document, folder)
    assert any(code.startswith("audit.certificate") for code in failed(folder))


def test_a_changed_workbook_is_caught_where_its_fingerprint_is_stated(written, tmp_path):
    folder = Path(shutil.copytree(written, tmp_path / "copy"))
    document = json.loads((folder / "proposal.json").read_text("utf-8"))
    document["provenance"]["content_hash"]["ledger.xlsx"] = "0" * 64
    save(document, folder)
    assert failed(folder) == {"audit.files.sealed"}
    openpyxl.load_workbook(folder / "ledger.xlsx")
