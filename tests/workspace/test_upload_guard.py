"""What is asked of a file before GDAL opens it, and of its layers afterwards."""

import json
import os
import socket
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from landplan.cadastre.draft.survey import survey
from landplan.errors import InputError
from landplan.workspace.upload_child import _environment
from landplan.workspace.upload_guard import after_reading, before_opening
from landplan.workspace.upload_limits import UploadLimits
from tests.towns import squares
from tests.workspace.sending import geojson, vrt

LIMITS = UploadLimits(features=10, vertices=30, columns=4)


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        before_opening(path, LIMITS)
    return caught.value.code


def changed(folder: Path, *statements: str) -> Path:
    """A sound GeoPackage after some SQL."""
    path = folder / "parcels.gpkg"
    squares("AB").to_file(path, layer="parcels")
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA foreign_keys=OFF")
        for statement in statements:
            database.execute(statement)
        database.commit()
    return path


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A local service that must not be called."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def was_called(server: socket.socket) -> bool:
    try:
        server.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def test_a_sound_geopackage_passes(tmp_path):
    assert before_opening(changed(tmp_path), LIMITS) == "gpkg"


def test_a_trigger_that_only_rejects_wrong_rows_passes(tmp_path):
    """The GeoPackage standard itself puts such triggers beside tables of tiles."""
    reject = "SELECT RAISE(ABORT, 'no') WHERE NEW.fid < 0"
    path = changed(
        tmp_path, f"CREATE TRIGGER least BEFORE INSERT ON parcels BEGIN {reject}; {reject}; END"
    )
    assert before_opening(path, LIMITS) == "gpkg"


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE VIEW secret AS SELECT * FROM parcels",
        "CREATE TRIGGER grab AFTER INSERT ON parcels BEGIN DELETE FROM parcels; END",
        "CREATE TRIGGER hide AFTER INSERT ON parcels BEGIN SELECT RAISE(IGNORE); "
        "UPDATE parcels SET id = 'x'; END",
        "CREATE VIRTUAL TABLE words USING fts5(text)",
    ],
)
def test_a_geopackage_that_computes_is_refused(tmp_path, statement):
    assert refusal(changed(tmp_path, statement)) == "upload.gpkg_computed"


def test_a_virtual_table_that_opens_another_file_is_refused(tmp_path):
    """Written into the schema by hand: no reader here has the module, others do."""
    steal = "CREATE VIRTUAL TABLE x USING VirtualOGR('/etc/passwd')"
    path = changed(
        tmp_path,
        "PRAGMA writable_schema=ON",
        f"INSERT INTO sqlite_master VALUES ('table', 'x', 'x', 0, \"{steal}\")",
    )
    assert refusal(path) in ("upload.gpkg_computed", "layer.unreadable")


@pytest.mark.parametrize("name", ['a"; DROP TABLE parcels; --', "../../etc/passwd", "<img src=x>"])
def test_an_evil_table_name_is_only_a_name(tmp_path, name):
    quoted = name.replace("'", "''")
    path = changed(
        tmp_path,
        # GDAL writes no such names; others do
        'ALTER TABLE parcels RENAME TO "{}"'.format(name.replace('"', '""')),
        *(
            f"UPDATE {table} SET table_name = '{quoted}'"
            for table in ("gpkg_contents", "gpkg_geometry_columns")
        ),
        "DELETE FROM gpkg_extensions",
        "DELETE FROM gpkg_ogr_contents",
    )
    assert before_opening(path, LIMITS) == "gpkg"
    (source,) = survey([path]).sources
    assert len(source.frame) == 2


@pytest.mark.parametrize("deep", [100, 1_000_000])
def test_json_nested_like_no_map_is_refused(tmp_path, deep):
    path = tmp_path / "parcels.geojson"
    nested = b'{"type": "FeatureCollection", "features": ' + b"[" * deep + b"]" * deep + b"}"
    path.write_bytes(nested)
    assert refusal(path) == "upload.json_deep"


def test_brackets_in_texts_are_no_nesting(tmp_path):
    """Nor are quotes behind a backslash the end of a text."""
    path = tmp_path / "parcels.geojson"
    note = '[[[{"\\' * 500 + "}" * 3
    path.write_bytes(geojson(properties={"parcel_id": "A", "note": note}))
    assert json.loads(path.read_bytes())["features"][0]["properties"]["note"] == note
    assert before_opening(path, LIMITS) == "geojson"


def test_nesting_is_counted_across_the_pieces_that_are_read(tmp_path):
    path = tmp_path / "parcels.geojson"
    text = json.dumps("x" * (1 << 20)).encode()
    path.write_bytes(
        b'{"type": "FeatureCollection", "a": '
        + b"[" * 40
        + text
        + b",[" * 40
        + b"1"
        + b"]" * 80
        + b', "features": []}'
    )
    assert refusal(path) == "upload.json_deep"


def test_too_many_rows_or_columns_are_refused_unread(tmp_path):
    squares("ABCDEFGHIJK").to_file(tmp_path / "rows.gpkg")
    assert refusal(tmp_path / "rows.gpkg") == "upload.features"
    squares("A", a=[1], b=[2], c=[3], d=[4]).to_file(tmp_path / "columns.gpkg")
    assert refusal(tmp_path / "columns.gpkg") == "upload.columns"


def test_too_many_corners_are_refused(tmp_path):
    squares("ABCDEFG").to_file(tmp_path / "parcels.gpkg")
    (error,) = after_reading(survey([tmp_path / "parcels.gpkg"]).sources, LIMITS)
    assert (error.code, error.params["found"]) == ("upload.vertices", 35)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_corners_nowhere_are_refused(tmp_path, bad):
    with np.errstate(invalid="ignore"):
        ring = shapely.linearrings([[0, 0], [1, 0], [bad, 1], [0, 0]])
        frame = gpd.GeoDataFrame({"id": ["A"]}, geometry=[shapely.Polygon(ring)], crs="EPSG:4549")
        frame.to_file(tmp_path / "parcels.gpkg")
        (error,) = after_reading(survey([tmp_path / "parcels.gpkg"]).sources, LIMITS)
    assert error.code == "upload.not_finite"


@pytest.mark.parametrize("name", ["parcels.gpkg", "parcels.geojson", "parcels.shp"])
def test_gdal_in_the_reading_process_opens_no_virtual_layer(tmp_path, listener, name):
    """Even if every question before it failed: GDAL itself knows neither format nor network."""
    secret = tmp_path / "secret.gpkg"
    squares("AB").to_file(secret, layer="secret")
    port = listener.getsockname()[1]
    script = """
        import sys, pyogrio
        for path in sys.argv[1:]:
            try:
                print("read", len(pyogrio.read_dataframe(path)))
            except Exception as error:
                print("refused")
    """
    (tmp_path / name).write_bytes(vrt(str(secret)))
    remote = tmp_path / f"remote_{name}"
    remote.write_bytes(vrt(f"/vsicurl/http://127.0.0.1:{port}/a.gpkg"))
    addresses = [
        f"/vsicurl/http://127.0.0.1:{port}/a.gpkg",
        f"http://127.0.0.1:{port}/a.geojson",
        f"OAPIF:http://127.0.0.1:{port}/",
        vrt(str(secret)).decode(),
    ]
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(tmp_path / name), remote, *addresses],
        env=_environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.split() == ["refused"] * 6
    assert not was_called(listener)


def test_the_reading_process_gives_up_the_network_where_it_may(listener):
    """Where the system does not let it, GDAL's own doors (above) are what holds."""
    port = listener.getsockname()[1]
    script = f"""
        import socket
        from landplan.workspace.upload_reader import leave_network
        left = leave_network()
        try:
            socket.create_connection(("127.0.0.1", {port}), timeout=5).close()
            called = True
        except OSError:
            called = False
        print(left, called)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        env=_environment() | {"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    left, called = done.stdout.split()
    assert called == ("False" if left == "True" else "True")
    assert was_called(listener) == (called == "True")
