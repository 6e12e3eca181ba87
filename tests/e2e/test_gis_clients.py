"""Programs that people really use read what the service offers: GDAL (through pyogrio), OWSLib."""

import os
import pickle
import subprocess
import sys
import time

import geopandas as gpd
import httpx2
import pytest
import shapely
from owslib.ogcapi.features import Features
from owslib.ogcapi.processes import Processes

from tests.serving import Running


@pytest.fixture(scope="module")
def source(server: Running) -> gpd.GeoDataFrame:
    return server.workspace.datasets.cadastre(server.prepared.dataset).parcels


@pytest.fixture(scope="module")
def layer(server: Running) -> str:
    return f"{server.prepared.dataset}.parcels"


READS = {
    "whole": {},
    "degrees": {"CRS": "OGC:CRS84"},
    "pages of 7": {"PAGE_SIZE": 7, "INITIAL_REQUEST_PAGE_SIZE": 7},
    "pages of 130": {"PAGE_SIZE": 130, "INITIAL_REQUEST_PAGE_SIZE": 130},
    "pages of 10000": {"PAGE_SIZE": 10_000, "INITIAL_REQUEST_PAGE_SIZE": 10_000},
}
CLIENT = """
import pickle, sys
import geopandas, pyogrio
url, layer, sites, reads, box, out = pickle.load(sys.stdin.buffer)
found = {
    name: geopandas.read_file(f"OAPIF:{url}", layer=layer, engine="pyogrio", **options)
    for name, options in reads.items()
}
found["box"] = geopandas.read_file(f"OAPIF:{url}", layer=layer, engine="pyogrio", bbox=box)
found["sites"] = geopandas.read_file(f"OAPIF:{url}", layer=sites, engine="pyogrio")
found["layers"] = [str(name) for name in pyogrio.list_layers(f"OAPIF:{url}")[:, 0]]
with open(out, "wb") as file:
    pickle.dump(found, file)
"""


@pytest.fixture(scope="module")
def box(source) -> tuple[float, float, float, float]:
    """The south-western quarter of the town, in its own system."""
    west, south, east, north = source.total_bounds
    return west, south, (west + east) / 2, (south + north) / 2


@pytest.fixture(scope="module")
def gdal(server: Running, layer, box, tmp_path_factory) -> dict:
    """What GDAL reads, in a process of its own: here only drivers for files are let in."""
    out = tmp_path_factory.mktemp("gdal") / "found"
    sites = f"{server.prepared.proposal}.sites"
    given = pickle.dumps((server.url, layer, sites, READS, box, str(out)))
    clean = {name: value for name, value in os.environ.items() if not name.startswith("OGR_")}
    subprocess.run([sys.executable, "-c", CLIENT], input=given, env=clean, check=True, timeout=180)
    found: dict = pickle.loads(out.read_bytes())
    return found


# GDAL


def test_gdal_lists_every_layer(server: Running, gdal):
    prepared = server.prepared
    layers = set(gdal["layers"])
    assert {f"{prepared.dataset}.{name}" for name in ("parcels", "zones", "roads")} <= layers
    assert {f"{prepared.proposal}.{name}" for name in ("sites", "parcels", "bridges")} <= layers


def test_gdal_reads_every_parcel_in_the_towns_system_with_axes_in_place(gdal, source):
    found = gdal["whole"]
    assert found.crs.to_epsg() == 4549
    assert len(found) == len(source)
    assert found.total_bounds == pytest.approx(source.total_bounds, abs=1e-3)
    same = found.set_index("parcel_id").loc[source["parcel_id"]]
    assert same["area_m2"].to_numpy() == pytest.approx(source["area_m2"].to_numpy())
    apart = shapely.hausdorff_distance(same.geometry.to_numpy(), source.geometry.to_numpy())
    assert apart.max() < 1e-3


def test_gdal_reads_longitude_and_latitude_where_asked(gdal, source):
    expected = source.to_crs("OGC:CRS84").total_bounds
    assert gdal["degrees"].total_bounds == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("size", [7, 130, 10_000])
def test_gdal_counts_the_same_across_pages(gdal, source, size):
    assert list(gdal[f"pages of {size}"]["parcel_id"]) == list(source["parcel_id"])


def test_gdal_asks_for_a_box_only(gdal, source, box):
    expected = source[source.intersects(shapely.box(*box))]
    assert 0 < len(expected) < len(source)
    assert set(gdal["box"]["parcel_id"]) == set(expected["parcel_id"])


def test_gdal_reads_the_sites_of_a_plan_with_their_kinds(server: Running, gdal):
    found = gdal["sites"]
    proposal = server.workspace.proposals.get(server.prepared.proposal)
    assert list(found["site_id"]) == list(proposal.sites["site_id"])
    assert found["area_m2"].to_numpy() == pytest.approx(proposal.sites["area_m2"].to_numpy())
    assert found["parcel_count"].dtype.kind == "i"
    # in mode local a program is a planner
    assert "cost" in found.columns


# OWSLib


def test_owslib_reads_collections_items_and_boxes(server, layer, source):
    features = Features(server.url)
    assert layer in features.feature_collections()
    assert features.conformance()["conformsTo"]
    assert features.api()["openapi"].startswith("3.0")
    assert features.collection(layer)["storageCrs"].endswith("/4549")
    page = features.collection_items(layer, limit=5)
    assert (page["numberMatched"], page["numberReturned"]) == (len(source), 5)
    first = page["features"][0]
    assert features.collection_item(layer, first["id"])["properties"] == first["properties"]
    point = source.to_crs("OGC:CRS84").geometry.iloc[0].representative_point()
    box = [point.x, point.y, point.x, point.y]
    inside = features.collection_items(layer, bbox=box)
    assert [feature["id"] for feature in inside["features"]] == [source["parcel_id"].iloc[0]]


def test_owslib_asks_a_process_and_reads_its_job(server: Running):
    processes = Processes(server.url)
    assert [entry["id"] for entry in processes.processes()] == ["assemble", "exchange", "partition"]
    described = processes.process("assemble")
    assert described["inputs"]["demand"]["minOccurs"] == 1
    inputs = {
        "dataset": server.prepared.dataset,
        "demand": [{"id": "plant", "area_ha": [2, 3]}],
        "effort": "quick",
    }
    started = processes.execute("assemble", inputs, response="document", async_=True)
    # the answer is the job's state
    assert started["status"] == "accepted"
    again = httpx2.get(f"{server.url}/jobs/{started['jobID']}").json()
    assert again["processID"] == "assemble"
    server.app.state.services.jobs.dismiss(started["jobID"])


def test_a_question_asked_through_the_api_is_calculated(start_server):
    server = start_server(calculate=True)
    body = {
        "inputs": {
            "dataset": server.prepared.dataset,
            "demand": [{"value": {"id": "small", "area_ha": [1, 2]}}],
            "effort": "quick",
        },
        "response": "document",
    }
    with httpx2.Client(base_url=server.url, timeout=60) as asking:
        started = asking.post("/processes/assemble/execution", json=body)
        assert started.status_code == 201, started.text
        job = started.headers["location"]
        status, tag = started.json(), ""
        for _ in range(600):
            if status["status"] not in ("accepted", "running"):
                break
            time.sleep(0.2)  # what a program does between two looks
            answer = asking.get(job, headers={"if-none-match": tag})
            tag = answer.headers["etag"]
            status = status if answer.status_code == 304 else answer.json()
        assert (status["status"], status["progress"]) == ("successful", 100), status
        found = asking.get(f"{job}/results").json()["proposal"]
        assert found["audit"]["passed"]
        assert found["demands"][0]["met"]
        sites = asking.get(f"/collections/{found['id']}.sites/items").json()
        assert sites["numberMatched"] == 1
        area = sites["features"][0]["properties"]["area_m2"]
        assert 10_000 <= area <= 20_000
