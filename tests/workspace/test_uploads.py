"""From files that somebody sends to a dataset, and every way in which that is refused."""

import io
import os
import time
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from landplan.errors import InputError, LandplanError
from landplan.messages import LANGUAGES, say
from landplan.workspace.upload_limits import UploadLimits
from landplan.workspace.uploads import Uploads
from landplan.workspace.workspace import Workspace
from tests.towns import squares
from tests.workspace.sending import codes, geojson, send, shapefile, vrt, zipped

LAND = """
AB
CD
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "w")


def land(cost: float = 100.0) -> gpd.GeoDataFrame:
    owners = ["o1", "o1", "=1+1", "o3"]
    return squares(LAND, side=100.0, owner=owners, cost=[cost, 200.0, 300.0, 400.0])


def packaged(folder: Path, frame: gpd.GeoDataFrame, name: str = "parcels") -> bytes:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.gpkg"
    path.unlink(missing_ok=True)
    frame.rename(columns={"id": "parcel_id"}).to_file(path, layer=name)
    return path.read_bytes()


def mapped(workspace: Workspace, token: str, **town: str) -> dict:
    """The drafted mapping with what only a person can know."""
    draft = workspace.uploads.draft(token).town
    return draft | {"town": draft["town"] | {"name": "Anting", "currency": "CNY"} | town}


def refused(uploads: Uploads, **files: bytes) -> list[str]:
    """The codes of a refusal; each has a sentence in both languages that names no path of ours."""

    def act() -> None:
        token = uploads.open("wang")
        for name, content in files.items():
            uploads.add(token, name.replace("__", "."), io.BytesIO(content))
        uploads.draft(token)

    with pytest.raises(LandplanError) as caught:
        act()
    for fault in getattr(caught.value, "errors", [caught.value]):
        for language in LANGUAGES:
            sentence = say(fault.code, fault.params, language)
            assert not sentence.startswith(fault.code)
            assert str(uploads.home) not in sentence
    return codes(caught.value)


def test_a_geopackage_becomes_a_dataset(workspace, tmp_path):
    token = send(workspace, parcels__gpkg=packaged(tmp_path / "in", land()))
    draft = workspace.uploads.draft(token)
    (layer,) = draft.layers
    assert (layer.label, layer.kind, layer.rows, layer.crs) == (
        "parcels.gpkg",
        "polygon",
        4,
        "EPSG:4549",
    )
    assert [column.name for column in layer.columns] == ["parcel_id", "owner", "cost"]
    assert draft.town["parcels"]["id"] == "parcel_id"
    assert draft.town["parcels"]["owner"] == "owner"
    check = workspace.uploads.accept_mapping(token, mapped(workspace, token, as_of="2026-11-18"))
    assert (check.usable, check.parcels, check.sound, check.known) == (True, 4, 4, None)
    record = workspace.uploads.import_upload(token, "wang")
    assert (record.town, record.version, record.parcels) == ("Anting", 1, 4)
    assert (record.imported_by, record.data_date) == ("wang", "2026-11-18")
    parcels = workspace.datasets.cadastre(record.id).parcels.set_index("parcel_id")
    assert parcels["owner_id"].to_dict() == {"A": "o1", "B": "o1", "C": "=1+1", "D": "o3"}
    assert [path.name for path in workspace.uploads.home.iterdir()] == []


def test_a_zipped_shapefile_in_gbk_names_its_encoding(workspace, tmp_path):
    """The parts say nothing about it: the draft proposes what the bytes look like."""
    frame = land().assign(
        owner=["上海安亭精密机械厂", "安亭镇农民集体", "嘉定汽车零部件公司", "张三丰"]
    )
    frame.to_file(tmp_path / "parcels.shp", encoding="GBK")
    parts = {
        path.name: path.read_bytes()
        for path in sorted(tmp_path.glob("parcels.*"))
        if path.suffix != ".cpg"
    }
    table = bytearray(parts["parcels.dbf"])
    table[29] = 0
    token = send(workspace, 宗地2026__zip=zipped(parts | {"parcels.dbf": bytes(table)}))
    draft = workspace.uploads.draft(token)
    assert draft.layers[0].label == "宗地2026.shp"
    assert draft.town["parcels"]["encoding"] == "GBK"
    assert "draft.encoding_guess" in [note["code"] for note in draft.notes]
    workspace.uploads.accept_mapping(token, mapped(workspace, token))
    record = workspace.uploads.import_upload(token, "wang")
    assert "张三丰" in set(workspace.datasets.cadastre(record.id).parcels["owner_id"])


def test_parcels_zones_and_a_table_in_one_go(workspace, tmp_path):
    bare = land().drop(columns=["owner", "cost"])
    tax = pd.DataFrame({"parcel_id": list("ABCD"), "land_value": [1.5, 2.5, 3.5, 4.5]})
    zones = squares("YZ", zone_code=["M1", "R1"]).drop(columns="id")
    zones = zones.set_geometry(zones.buffer(150, cap_style="square")).to_crs(4326)
    token = send(
        workspace,
        parcels__gpkg=packaged(tmp_path / "in", bare),
        tax__csv=tax.to_csv(index=False).encode(),
        zones__geojson=zones.to_json().encode(),
    )
    check = workspace.uploads.accept_mapping(token, mapped(workspace, token))
    assert check.usable, check.errors
    record = workspace.uploads.import_upload(token, "wang", series="anting")
    cadastre = workspace.datasets.cadastre(record.id)
    assert cadastre.parcels["value"].tolist() == [1.5, 2.5, 3.5, 4.5]
    assert set(cadastre.parcels["zone"]) <= {"M1", "R1"}
    assert record.series == "anting"


def test_the_same_data_again_are_known_and_new_ones_the_next_version(workspace, tmp_path):
    old, new = (packaged(tmp_path / "in", land(cost)) for cost in (100.0, 101.0))

    def sent(content: bytes) -> str:
        token = send(workspace, parcels__gpkg=content)
        workspace.uploads.accept_mapping(token, mapped(workspace, token))
        return token

    first = workspace.uploads.import_upload(sent(old), "wang")
    again = workspace.uploads.check(sent(old))
    assert again is not None
    assert again.known == first.id
    assert workspace.uploads.import_upload(again.token, "li") == first
    assert workspace.uploads.import_upload(sent(new), "li").version == 2


def test_findings_are_told_before_anything_is_kept(workspace, tmp_path):
    parcels = pd.concat([land(), land().tail(1)], ignore_index=True)
    token = send(workspace, parcels__gpkg=packaged(tmp_path / "in", gpd.GeoDataFrame(parcels)))
    mapping = mapped(workspace, token)
    mapping["parcels"] = mapping["parcels"] | {"id": "parcel_id"}
    check = workspace.uploads.accept_mapping(token, mapping)
    assert "id.duplicate" in [finding["code"] for finding in check.findings]
    assert workspace.datasets.list() == []
    assert workspace.uploads.check(token) == check


def test_what_forbids_to_use_the_data_stands_in_the_check(workspace, tmp_path):
    token = send(workspace, parcels__gpkg=packaged(tmp_path / "in", land()))
    mapping = mapped(workspace, token)
    mapping["parcels"] = mapping["parcels"] | {"owner": "nobody"}
    check = workspace.uploads.accept_mapping(token, mapping)
    assert not check.usable
    assert check.errors[0]["code"] == "layer.column_missing"
    assert check.errors[0]["params"]["file"] == "parcels.gpkg"
    with pytest.raises(InputError, match=r"upload\.not_checked"):
        workspace.uploads.import_upload(token, "wang")


def test_a_mapping_names_only_files_that_were_sent(workspace, tmp_path):
    token = send(workspace, parcels__gpkg=packaged(tmp_path / "in", land()))
    mapping = mapped(workspace, token)
    for name in ("/etc/passwd", "../../landplan.db", "/vsicurl/http://127.0.0.1/a.gpkg"):
        changed = mapping | {"zones": {"file": name, "code": "z"}}
        with pytest.raises(LandplanError) as caught:
            workspace.uploads.accept_mapping(token, changed)
        assert codes(caught.value) == ["upload.foreign_file"]
    changed = mapping | {"town": {"name": "A", "currency": "CNY", "crs_file": "/etc/passwd"}}
    with pytest.raises(LandplanError) as caught:
        workspace.uploads.accept_mapping(token, changed)
    assert codes(caught.value) == ["upload.foreign_file"]


def test_every_wrong_key_of_a_mapping_is_named(workspace, tmp_path):
    token = send(workspace, parcels__gpkg=packaged(tmp_path / "in", land()))
    mapping = mapped(workspace, token, currency="Yuan", as_of="soon") | {"zoens": {}}
    with pytest.raises(LandplanError) as caught:
        workspace.uploads.accept_mapping(token, mapping)
    assert sorted(codes(caught.value)) == ["key.invalid", "key.invalid", "key.unknown"]


SOUND = geojson()


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("parcels__geojson", vrt("/etc/passwd"), "upload.not_its_kind"),
        ("parcels__gpkg", vrt("/etc/passwd"), "upload.not_its_kind"),
        ("parcels__zip", vrt("/etc/passwd"), "upload.not_its_kind"),
        ("parcels__csv", vrt("/etc/passwd"), "upload.not_its_kind"),
        ("parcels__vrt", vrt("/etc/passwd"), "upload.kind"),
        ("parcels__gml", b"<gml/>", "upload.kind"),
        ("parcels__shp", b"\x00\x00\x27\x0a", "upload.shapefile_unzipped"),
        ("parcels", SOUND, "upload.kind"),
        ("parcels__geojson", b"", "upload.no_bytes"),
        ("parcels__gpkg", b"S", "upload.not_its_kind"),
        ("parcels__csv", b"a\x00b", "upload.not_its_kind"),
        ("parcels__csv", b"PK\x03\x04", "upload.not_its_kind"),
    ],
)
def test_what_is_not_what_it_says_is_not_even_kept(workspace, name, content, code):
    assert refused(workspace.uploads, **{name: content}) == [code]
    (folder,) = workspace.uploads.home.iterdir()
    assert list((folder / "files").iterdir()) == []


def test_all_hostile_files_of_an_upload_are_refused_together(workspace, tmp_path):
    """What the first bytes do not tell is found by the reading process."""
    parts = shapefile(tmp_path / "shp", land())
    found = refused(
        workspace.uploads,
        virtual__zip=zipped(parts | {"parcels.shp": vrt("/etc/passwd")}),
        deep__geojson=b'{"type":"FeatureCollection","features":'
        + b"[" * 10**6
        + b"]" * 10**6
        + b"}",
        inline__geojson=b"{" + vrt("/etc/passwd"),
        short__gpkg=b"SQLite format 3\x00" + bytes(200),
        slip__zip=zipped(parts | {"../../parcels.shp": b"x"}),
        cut__geojson=SOUND[:-30],
    )
    assert found == [
        "file.not_what_it_says",
        "upload.json_deep",
        "file.not_what_it_says",
        "file.not_what_it_says",
        "upload.zip_path",
        "file.truncated",
    ]


@pytest.mark.parametrize(
    "coordinates", ["NaN", "Infinity", "1e999", '"x"', "null", "{}", "[1,[2]]", "[]"]
)
def test_odd_coordinates_end_in_a_sentence(workspace, coordinates):
    """Refused, or read with the parcel marked: in no case a fault of ours."""
    ring = f"[[121.1,31.3],[{coordinates},31.3],[121.101,31.301],[121.1,31.3]]"
    text = (
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"parcel_id":"A"},'
        f'"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}]}}'
    )
    token = send(workspace, parcels__geojson=text.encode())
    found = []
    try:
        workspace.uploads.draft(token)
    except LandplanError as error:
        found = codes(error)
    assert "upload.reader_failed" not in found


def test_names_of_files_lead_nowhere(workspace):
    token = workspace.uploads.open("wang")
    for name in (
        "../../../etc/parcels.geojson",
        "C:\\Users\\wang\\parcels.geojson",
        "/vsicurl/http:parcels.geojson",
        "par\x00cels\u202e.geojson",
        f"{'宗地' * 200}.geojson",
    ):
        file = workspace.uploads.add(token, name, io.BytesIO(SOUND))
        assert "/" not in file.name + file.stored
        assert len(file.stored) < 60
    folder = workspace.uploads.home / token / "files"
    assert sorted(path.name for path in folder.iterdir()) == [
        "1_parcels.geojson",
        "2_parcels.geojson",
        "3_http_parcels.geojson",
        "4_parcels.geojson",
        f"5_{'宗地' * 20}.geojson",
    ]


@pytest.mark.parametrize("token", ["", "..", "../datasets", "0" * 32, "x" * 32, "A" * 32])
def test_an_upload_that_is_not_there_is_said_in_a_sentence(workspace, token):
    workspace.uploads.home.mkdir(parents=True)
    for act in (workspace.uploads.files, workspace.uploads.draft, workspace.uploads.discard):
        with pytest.raises(InputError, match=r"workspace\.no_upload"):
            act(token)


def limited(workspace: Workspace, **limits: float) -> Uploads:
    changed = UploadLimits(**limits)  # type: ignore[arg-type]
    return Uploads(workspace.uploads.home, workspace.engine, workspace.datasets, changed)


class Endless(io.RawIOBase):
    """A body that never ends, and remembers how much was taken of it."""

    taken = 0

    def read(self, size: int = -1) -> bytes:
        self.taken += size
        return b"{" * size


def test_an_endless_body_is_cut_at_the_limit(workspace):
    uploads, body = limited(workspace, bytes_total=1 << 20), Endless()
    token = uploads.open("wang")
    with pytest.raises(InputError, match=r"upload\.large"):
        uploads.add(token, "a.geojson", body)
    assert body.taken < 2 << 20
    assert uploads.files(token) == ()


def test_all_files_together_stay_below_the_limit(workspace):
    uploads = limited(workspace, bytes_total=len(SOUND) * 3 // 2, files=2)
    assert refused(uploads, a__geojson=SOUND, b__geojson=SOUND) == ["upload.large"]
    uploads = limited(workspace, files=1)
    assert refused(uploads, a__geojson=SOUND, b__geojson=SOUND) == ["upload.files"]


def test_reading_that_takes_too_long_is_ended(workspace):
    assert refused(limited(workspace, time_s=0.2), a__geojson=SOUND) == ["upload.slow"]


def test_reading_that_needs_too_much_memory_is_ended(workspace):
    """So little that not even the libraries load: whatever fails, it ends in a sentence."""
    found = refused(limited(workspace, memory_mb=200), a__geojson=SOUND)
    assert found in (["upload.memory"], ["upload.reader_failed"])


def test_an_answer_out_of_proportion_is_refused(workspace):
    assert refused(limited(workspace, answer_bytes=100), a__geojson=SOUND) == [
        "upload.too_much_to_say"
    ]


def test_an_upload_without_files_or_parcels_says_what_is_missing(workspace):
    token = workspace.uploads.open("wang")
    with pytest.raises(InputError, match=r"upload\.empty"):
        workspace.uploads.draft(token)
    token = send(workspace, tax__csv=b"parcel_id,value\nA,1\n")
    draft = workspace.uploads.draft(token)
    assert [note["code"] for note in draft.notes] == ["draft.no_parcels"]
    assert "parcels" not in draft.town


def test_a_new_file_makes_the_check_void(workspace, tmp_path):
    token = send(workspace, parcels__gpkg=packaged(tmp_path / "in", land()))
    workspace.uploads.accept_mapping(token, mapped(workspace, token))
    workspace.uploads.add(token, "zones.geojson", io.BytesIO(SOUND))
    assert workspace.uploads.check(token) is None
    with pytest.raises(InputError, match=r"upload\.not_checked"):
        workspace.uploads.import_upload(token, "wang")


def test_uploads_that_nobody_imports_are_removed_after_a_day(workspace):
    old, young = workspace.uploads.open("wang"), workspace.uploads.open("li")
    yesterday = time.time() - workspace.uploads.limits.keep_s - 60
    os.utime(workspace.uploads.home / old, (yesterday, yesterday))
    workspace.uploads.open("zhao")
    assert not (workspace.uploads.home / old).exists()
    assert workspace.uploads.person(young) == "li"


def test_the_mapping_survives_as_a_town_file(workspace, tmp_path):
    """Quotes, backslashes and Chinese in names of columns and towns."""
    frame = land().rename(columns={"owner": '权利人 "甲\\乙"'})
    token = send(workspace, parcels__gpkg=packaged(tmp_path / "in", frame))
    mapping = mapped(workspace, token, name='安亭 "新"\\镇')
    mapping["parcels"] = mapping["parcels"] | {"owner": '权利人 "甲\\乙"'}
    check = workspace.uploads.accept_mapping(token, mapping)
    assert check.usable, check.errors
    assert workspace.uploads.mapping(token)["town"]["name"] == '安亭 "新"\\镇'
    assert workspace.uploads.mapping(token)["parcels"]["owner"] == {"column": '权利人 "甲\\乙"'}
