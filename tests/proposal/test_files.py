import hashlib
import json
import sqlite3
import subprocess
import sys
import uuid
from hashlib import sha256
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pyproj
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import LineString, Polygon

from landplan.errors import InputError
from landplan.proposal.files import read_document, read_proposal, write_proposal
from landplan.proposal.fingerprint import document_hash, layer_hash
from landplan.proposal.layers import LAYERS, ONLY_WHERE_PRESENT, empty_layer
from landplan.proposal.proposal import DemandOutcome
from tests.proposal.example import example, parcels, square

ROOT = Path(__file__).parents[2]
FILES = ("ledger.xlsx", "proposal.gpkg", "proposal.json")
LOCAL_SYSTEM = (
    "+proj=tmerc +lat_0=31.2 +lon_0=121.47 +x_0=0 +y_0=-3457147 +ellps=krass +units=m +type=crs"
)


def digests(directory):
    return {name: hashlib.sha256((directory / name).read_bytes()).hexdigest() for name in FILES}


def empty_plan():
    """No site was found: every layer of the answer is empty."""
    ground = parcels().assign(site_id=None)
    certificate = example().certificate
    return example(
        ground=ground,
        sites=empty_layer("sites", "EPSG:4549"),
        bridges=empty_layer("bridges", "EPSG:4549"),
        zones=empty_layer("zones", "EPSG:4549"),
        rights=empty_layer("rights", "EPSG:4549"),
        exclusions=empty_layer("exclusions", "EPSG:4549"),
        demands=(DemandOutcome("plant", False, (), {"code": "demand.too_large", "params": {}}),),
        certificate=type(certificate)(
            "min", "CNY", None, None, "infeasible", {}, "centre", 1, {"nodes": 7}
        ),
    )


def test_a_proposal_read_back_equals_the_one_that_was_written(tmp_path):
    written = write_proposal(example(), tmp_path / "plan")
    assert read_proposal(tmp_path / "plan") == written
    assert written != example()  # fingerprints were filled in
    assert sorted(path.name for path in (tmp_path / "plan").iterdir()) == sorted(FILES)
    assert [path.name for path in tmp_path.iterdir()] == ["plan"]


def test_writing_what_was_read_gives_the_same_bytes(tmp_path):
    write_proposal(example(), tmp_path / "one")
    write_proposal(read_proposal(tmp_path / "one"), tmp_path / "two")
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def test_two_processes_write_the_same_bytes(tmp_path):
    script = (
        "import sys, pathlib\n"
        "from landplan.proposal.files import write_proposal\n"
        "from tests.proposal.example import example\n"
        "write_proposal(example(), pathlib.Path(sys.argv[1]))\n"
    )
    for name, seed in (("one", "1"), ("two", "2")):
        subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / name)],
            check=True,
            cwd=ROOT,
            timeout=120,
            env={"PYTHONPATH": "src:.", "PYTHONHASHSEED": seed, "PATH": "/usr/bin:/bin"},
        )
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def test_only_times_may_differ_between_two_runs(tmp_path):
    write_proposal(example(), tmp_path / "one")
    write_proposal(example(times={"seconds": 99}), tmp_path / "two")
    one, two = digests(tmp_path / "one"), digests(tmp_path / "two")
    assert [name for name in FILES if one[name] != two[name]] == ["proposal.json"]


def test_a_plan_without_sites_still_has_all_its_layers(tmp_path):
    written = write_proposal(empty_plan(), tmp_path / "plan")
    assert read_proposal(tmp_path / "plan") == written
    layers = dict(pyogrio.list_layers(tmp_path / "plan" / "proposal.gpkg").tolist())
    assert set(layers) == set(LAYERS) - ONLY_WHERE_PRESENT
    assert layers["sites"] == "MultiPolygon"
    assert layers["exclusions"] is None
    for name in layers:
        fields = pyogrio.read_info(tmp_path / "plan" / "proposal.gpkg", layer=name)["fields"]
        assert list(fields) == list(LAYERS[name])


def test_the_fingerprints_are_those_of_the_layers_in_the_file(tmp_path):
    written = write_proposal(example(), tmp_path / "plan")
    package = tmp_path / "plan" / "proposal.gpkg"
    in_file = {
        name: layer_hash(pyogrio.read_dataframe(package, layer=name))
        for name in pyogrio.list_layers(package)[:, 0]
    }
    document = read_document(tmp_path / "plan")
    workbook = (tmp_path / "plan" / "ledger.xlsx").read_bytes()
    others = {
        "ledger.xlsx": sha256(workbook).hexdigest(),
        "proposal.json": document_hash(document),
    }
    assert written.content_hash == in_file | others
    assert document["provenance"]["content_hash"] == in_file | others


def test_the_document_has_exactly_the_agreed_keys(tmp_path):
    write_proposal(example(), tmp_path / "plan", audit=lambda _: {"passed": True, "checks": []})
    text = (tmp_path / "plan" / "proposal.json").read_text("utf-8")
    document = json.loads(text)
    assert " ".join(sorted(document)) == (
        "assumptions audit certificate demands exclusions format id landplan_version measures "
        "process provenance request times"
    )
    assert " ".join(sorted(document["certificate"])) == (
        "bound gap limit_hit objective relative_to seed sense solver status terms unit work"
    )
    assert document["certificate"]["gap"] == pytest.approx(5 / 125)
    assert document["demands"] == [
        {"id": "plant", "met": True, "sites": ["plant-1"], "reason": None, "notes": []}
    ]
    assert document["exclusions"] == {"never": 1, "zone.share": 2}
    assert document["provenance"]["files"] == [{"name": "parcels.gpkg", "sha256": "a" * 64}]
    assert "安亭" in text
    assert text.endswith("}\n")


def test_the_package_names_its_system_and_its_tables(tmp_path):
    write_proposal(example(), tmp_path / "plan")
    with sqlite3.connect(tmp_path / "plan" / "proposal.gpkg") as base:
        contents = dict(base.execute("select table_name, data_type from gpkg_contents").fetchall())
        stamps = set(base.execute("select last_change from gpkg_contents").fetchall())
        systems = set(base.execute("select srs_id from gpkg_geometry_columns").fetchall())
    base.close()
    assert {name for name, kind in contents.items() if kind == "attributes"} == {
        "rights",
        "exclusions",
        "ledger",
    }
    assert stamps == {("2000-01-01T00:00:00.000Z",)}
    assert systems == {(4549,)}


def test_a_local_system_without_a_code_survives(tmp_path):
    local = pyproj.CRS(LOCAL_SYSTEM).to_wkt()
    assert pyproj.CRS(local).to_epsg() is None
    written = write_proposal(example(crs=local), tmp_path / "plan")
    assert read_proposal(tmp_path / "plan") == written
    assert pyogrio.read_info(tmp_path / "plan" / "proposal.gpkg", layer="sites")["crs"] is not None


def test_surroundings_of_mixed_geometry_are_kept(tmp_path):
    mixed = gpd.GeoDataFrame(
        {"kind": ["pipe", "park"], "hard": [True, False], "buffer_m": [5.0, 0.0]},
        geometry=[LineString([(340_000, 3_460_000), (340_030, 3_460_000)]), square(0, 0)],
        crs="EPSG:4549",
    )
    written = write_proposal(example(restrictions=mixed), tmp_path / "plan")
    assert read_proposal(tmp_path / "plan") == written
    assert written.restrictions.geom_type.tolist() == ["MultiLineString", "MultiPolygon"]


def test_empty_geometry_and_heights_do_not_break_the_round_trip(tmp_path):
    ground = parcels()
    ground.loc[7, "geometry"] = Polygon()
    ground.loc[0, "geometry"] = Polygon([(*xy, 4.2) for xy in square(0, 0).exterior.coords])
    written = write_proposal(example(ground=ground), tmp_path / "plan")
    assert read_proposal(tmp_path / "plan") == written


def test_the_audit_sees_the_files_before_they_are_in_place(tmp_path):
    seen = []

    def audit(directory):
        seen.append((directory, read_proposal(directory).audit))
        return {"passed": False, "checks": [{"code": "x", "passed": False}]}

    written = write_proposal(example(), tmp_path / "plan", audit=audit)
    assert seen[0][1] is None
    assert not seen[0][0].exists()
    assert written.audit["passed"] is False
    assert read_proposal(tmp_path / "plan") == written


def test_an_audit_that_breaks_down_leaves_nothing_behind(tmp_path):
    def audit(directory):
        raise InputError("audit.file_missing", file="x")

    with pytest.raises(InputError):
        write_proposal(example(), tmp_path / "plan", audit=audit)
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_proposal_is_replaced_and_other_files_are_left_alone(tmp_path):
    write_proposal(example(), tmp_path)
    (tmp_path / "map.html").write_text("a map")
    later = write_proposal(example(version="0.2.0"), tmp_path)
    assert read_proposal(tmp_path) == later
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*FILES, "map.html"])


def test_a_run_that_fails_keeps_the_earlier_proposal(tmp_path):
    earlier = write_proposal(example(), tmp_path)

    def audit(directory):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_proposal(example(version="0.2.0"), tmp_path, audit=audit)
    assert read_proposal(tmp_path) == earlier


def test_a_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "plan").write_text("")
    with pytest.raises(InputError, match="not_a_folder"):
        write_proposal(example(), tmp_path / "plan")


def edited(directory, change):
    path = directory / "proposal.json"
    document = json.loads(path.read_text("utf-8"))
    change(document)
    path.write_text(json.dumps(document), "utf-8")
    return directory


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda d: d.update(format=2), "proposal.format"),
        (lambda d: d.update(certficate={}), "proposal.key_unknown"),
        (lambda d: d["provenance"].pop("crs"), "proposal.key_missing"),
        (lambda d: d.update(demands=[{"id": "plant"}]), "proposal.key_missing"),
        (lambda d: d.update(certificate=7), "proposal.key_missing"),
        (lambda d: d["certificate"].update(gap=0.0), "proposal.contradiction"),
        (lambda d: d["certificate"].update(bound=126), "proposal.contradiction"),
        (lambda d: d["certificate"].update(bound="low"), "proposal.contradiction"),
        (lambda d: d["provenance"].update(crs="EPSG:2154"), "proposal.crs_differs"),
        (lambda d: d["provenance"].update(crs="nonsense"), "proposal.crs_differs"),
        (lambda d: d["certificate"].update(seed=float("nan")), "proposal.document_unreadable"),
    ],
)
def test_a_document_that_cannot_be_is_refused_in_one_sentence(tmp_path, change, code):
    write_proposal(example(), tmp_path)
    with pytest.raises(InputError) as caught:
        read_proposal(edited(tmp_path, change))
    assert caught.value.code == code


def test_an_unknown_key_is_answered_with_the_nearest_known_one(tmp_path):
    write_proposal(example(), tmp_path)
    with pytest.raises(InputError) as caught:
        read_proposal(edited(tmp_path, lambda document: document.update(certficate={})))
    assert caught.value.params["nearest"] == "certificate"


@pytest.mark.parametrize("content", ["", "[]", "{", "null", "\udcff"])
def test_what_is_no_document_is_refused(tmp_path, content):
    write_proposal(example(), tmp_path)
    (tmp_path / "proposal.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match="document_unreadable"):
        read_proposal(tmp_path)


def test_missing_and_foreign_layers_are_refused(tmp_path):
    write_proposal(example(), tmp_path)
    package = tmp_path / "proposal.gpkg"
    package.unlink()
    with pytest.raises(InputError, match=r"proposal\.file_missing"):
        read_proposal(tmp_path)
    package.write_text("<OGRVRTDataSource/>")
    with pytest.raises(InputError, match="file"):
        read_proposal(tmp_path)
    package.unlink()
    pyogrio.write_dataframe(pd.DataFrame({"a": [1]}), package, layer="other", driver="GPKG")
    with pytest.raises(InputError, match=r"proposal\.layer_missing"):
        read_proposal(tmp_path)


def test_gdal_gets_its_clock_back(tmp_path):
    write_proposal(example(), tmp_path / "plan")
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


cells = st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"], min_codepoint=1)))
figures = st.one_of(st.none(), st.floats(allow_nan=False))


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(cells, cells, figures), max_size=5))
def test_any_text_and_any_number_survive_the_files(tmp_path, content):
    table = pd.DataFrame(content, columns=["parcel_id", "rule", "measured"])
    table = table.assign(demand_id="plant", limit=None, unit="比例")
    table["rule"] = table["rule"].fillna("rule")
    folder = tmp_path / uuid.uuid4().hex
    written = write_proposal(example(exclusions=table.astype({"measured": float})), folder)
    assert read_proposal(folder) == written
