"""A zip is unpacked only where it holds one shapefile, and never beyond a byte cap."""

import io
import stat
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from landplan.errors import InputError
from landplan.messages import LANGUAGES, has
from landplan.workspace.upload_limits import UploadLimits
from landplan.workspace.upload_zip import unpack_shapefile
from tests.towns import squares
from tests.workspace.sending import lying, shapefile, zipped

LIMITS = UploadLimits(bytes_unpacked=4 << 20, zip_entries=12)


@pytest.fixture(scope="session")
def parts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return shapefile(tmp_path_factory.mktemp("shp"), squares("AB"))


def unpack(folder: Path, packed: bytes) -> list[str]:
    """Unpack and return the names of what came out."""
    (folder / "1_town.zip").write_bytes(packed)
    main = unpack_shapefile(folder / "1_town.zip", folder, "1_town", LIMITS)
    assert main == folder / "1_town.shp"
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".zip")


def refusal(folder: Path, packed: bytes) -> str:
    """Return the code of the refusal; nothing may lie outside of the folder."""
    folder = folder / "upload"
    folder.mkdir(exist_ok=True)
    with pytest.raises(InputError) as caught:
        unpack(folder, packed)
    assert [path.name for path in folder.parent.iterdir()] == ["upload"]
    assert all(has(caught.value.code, language) for language in LANGUAGES)
    return caught.value.code


def test_a_shapefile_comes_out_under_names_made_here(tmp_path, parts):
    names = unpack(tmp_path, zipped(parts))
    assert names == [f"1_town.{end}" for end in ("cpg", "dbf", "prj", "shp", "shx")]
    assert (tmp_path / "1_town.shp").read_bytes() == parts["parcels.shp"]


def test_a_folder_in_the_zip_and_litter_of_other_programs_do_not_matter(tmp_path, parts):
    nested = {f"Town 2026/{name.upper()}": content for name, content in parts.items()}
    litter = {"__MACOSX/._parcels.shp": b"x", "Town 2026/.DS_Store": b"x"}
    indexes = {"Town 2026/PARCELS.sbn": b"x", "Town 2026/PARCELS.shp.xml": b"<x/>"}
    names = unpack(tmp_path, zipped(nested | litter | indexes))
    assert names == [f"1_town.{end}" for end in ("cpg", "dbf", "prj", "shp", "shx")]


@pytest.mark.parametrize(
    "name",
    ["../parcels.shp", "/etc/parcels.shp", "a/../../parcels.shp", "..\\parcels.shp", "C:x.shp"],
)
def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path, parts, name):
    assert refusal(tmp_path, zipped(parts | {name: b"x"})) == "upload.zip_path"


def test_a_link_is_refused(tmp_path, parts):
    packed = io.BytesIO(zipped(parts))
    with zipfile.ZipFile(packed, "a") as archive:
        link = zipfile.ZipInfo("parcels.sbn")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert refusal(tmp_path, packed.getvalue()) == "upload.zip_link"


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path, parts):
    bomb = zipped(parts | {"parcels.dbf": b"\x00" * (3 << 20)})
    assert refusal(tmp_path, bomb) == "upload.zip_ratio"
    assert refusal(tmp_path, zipped(parts | {"parcels.dbf": bytes(5 << 20)})) == "upload.zip_large"


def test_a_zip_that_lies_about_its_sizes_is_stopped_on_the_way(tmp_path, parts):
    """It says 1,000 bytes and holds 64 MB: neither is written nor held in memory."""
    bomb = lying(zipped(parts | {"parcels.dbf": bytes(64 << 20)}), "parcels.dbf", 1000)
    tracemalloc.start()
    code = refusal(tmp_path, bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert code in ("upload.zip_broken", "upload.zip_large")
    assert peak < 8 << 20
    assert sum(path.stat().st_size for path in (tmp_path / "upload").iterdir()) < 1 << 20


def test_the_cap_counts_all_parts_together(tmp_path, parts):
    noise = bytes(range(256)) * (12 << 10)  # 3 MB each, 6 MB together, and not compressible enough
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, content in (parts | {"parcels.dbf": noise, "parcels.shp": noise}).items():
            archive.writestr(name, content)
    assert refusal(tmp_path, packed.getvalue()) == "upload.zip_large"


def test_a_zip_of_many_entries_is_refused_unread(tmp_path, parts):
    many = zipped(parts | {f"x{n}.txt": b"" for n in range(20)})
    assert refusal(tmp_path, many) == "upload.zip_entries"


def test_several_layers_one_zip_is_refused_by_name(tmp_path, parts):
    others = {name.replace("parcels", "zones"): content for name, content in parts.items()}
    assert refusal(tmp_path, zipped(parts | others)) == "upload.zip_several"


@pytest.mark.parametrize(
    ("packed", "code"),
    [
        (zipped({"a.gpkg": b"x"}), "upload.zip_other"),
        (zipped({"run.exe": b"MZ"}), "upload.zip_other"),
        (zipped({"a.zip": zipped({"b.shp": b""})}), "upload.zip_other"),
        (zipped({"a.dbf": b"x"}), "upload.zip_no_shapefile"),
        (zipped({}), "upload.zip_no_shapefile"),
        (b"PK\x03\x04" + bytes(100), "upload.zip_broken"),
        (zipped({"a.shp": b"x" * 500})[:-10], "upload.zip_broken"),
        (b"P", "upload.zip_broken"),
    ],
)
def test_what_is_no_zipped_shapefile_is_refused(tmp_path, packed, code):
    assert refusal(tmp_path, packed) == code


def test_a_part_that_is_there_twice_is_refused(tmp_path, parts):
    both = zipped(parts | {"PARCELS.SHP": b"other"})
    assert refusal(tmp_path, both) == "upload.zip_twice"


def test_a_password_is_refused(tmp_path, parts):
    packed = bytearray(zipped(parts))
    place = packed.find(b"PK\x01\x02")
    packed[place + 8] |= 0x01
    assert refusal(tmp_path, bytes(packed)) == "upload.zip_encrypted"


def test_a_rare_way_of_packing_is_refused(tmp_path, parts):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_LZMA) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert refusal(tmp_path, packed.getvalue()) == "upload.zip_broken"
