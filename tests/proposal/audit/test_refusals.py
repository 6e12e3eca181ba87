"""What is no proposal is refused in one sentence, in both languages, with exit code 2."""

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from landplan import messages
from landplan.errors import InputError
from landplan.proposal.audit import audit


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "copy"))


def refusal(folder: Path, code: str) -> InputError:
    with pytest.raises(InputError) as caught:
        audit(folder)
    error = caught.value
    assert (error.code, error.exit_code) == (code, 2)
    for language in messages.LANGUAGES:
        sentence = messages.say(error.code, error.params, language)
        assert error.code not in sentence
        assert "{" not in sentence
        assert "\n" not in sentence
    return error


def sql(folder: Path, *statements: str) -> None:
    connection = sqlite3.connect(folder / "proposal.gpkg")
    # triggers of the spatial index call functions that only GDAL has
    for (trigger,) in connection.execute(
        "select name from sqlite_master where type = 'trigger'"
    ).fetchall():
        connection.execute(f'drop trigger "{trigger}"')
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.mark.parametrize("name", ["proposal.json", "proposal.gpkg", "ledger.xlsx"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    assert refusal(folder, "audit.file_missing").params["file"] == name


@pytest.mark.parametrize("text", ["", "{", "[]", "nonsense", "\xff\xfe", "[" * 100_000])
def test_a_document_that_is_no_json_object_is_refused(folder, text):
    (folder / "proposal.json").write_text(text, "latin-1")
    refusal(folder, "audit.document_unreadable")


@pytest.mark.parametrize(
    "path",
    [
        "request",
        "request.demand.0.area_ha",
        "request.demand.1.max_bridges",
        "request.bridge.never_over",
        "provenance.content_hash",
        "provenance.tolerance_m",
        "certificate.objective",
        "certificate.terms",
        "demands.0.met",
        "exclusions",
    ],
)
@pytest.mark.parametrize("wrong", ["gone", "text", None, [[]], {"x": []}])
def test_a_key_that_is_missing_or_of_the_wrong_kind_is_named(folder, path, wrong):
    document = json.loads((folder / "proposal.json").read_text("utf-8"))
    *way, last = (int(step) if step.isdigit() else step for step in path.split("."))
    holder = document
    for step in way:
        holder = holder[step]
    holder[last] = wrong
    if wrong == "gone":
        del holder[last]
    if path == "certificate.objective" and wrong is None:
        return  # a certificate without a plan is a claim to be checked, not a malformed one
    (folder / "proposal.json").write_text(json.dumps(document), "utf-8")
    key = refusal(folder, "audit.document_key").params["key"]
    assert str(key).replace("[", ".").replace("]", "").startswith(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04",
        b"<OGRVRTDataSource></OGRVRTDataSource>",
        b"SQLite format 3\x00" + b"\x00" * 400,
    ],
)
def test_a_file_that_is_no_geopackage_is_refused(folder, content):
    (folder / "proposal.gpkg").write_bytes(content)
    refusal(folder, "audit.package_unreadable")


def test_a_truncated_geopackage_is_refused(folder):
    content = (folder / "proposal.gpkg").read_bytes()
    (folder / "proposal.gpkg").write_bytes(content[:5000])
    refusal(folder, "audit.package_unreadable")


@pytest.mark.parametrize("layer", ["sites", "parcels", "bridges", "rights", "exclusions", "ledger"])
def test_a_missing_layer_is_named(folder, layer):
    sql(folder, f"delete from gpkg_contents where table_name = '{layer}'", f"drop table {layer}")
    assert refusal(folder, "audit.layer_missing").params["layer"] == layer


def test_a_missing_column_is_named(folder):
    sql(folder, "alter table parcels drop column zone_share")
    params = refusal(folder, "audit.column_missing").params
    assert (params["layer"], params["columns"]) == ("parcels", ["zone_share"])


@pytest.mark.parametrize("content", [b"", b"no workbook", b"PK\x05\x06" + b"\x00" * 18])
def test_a_file_that_is_no_workbook_is_refused(folder, content):
    (folder / "ledger.xlsx").write_bytes(content)
    refusal(folder, "audit.workbook_unreadable")


def test_a_town_file_that_cannot_be_read_is_refused(folder):
    with pytest.raises(InputError) as caught:
        audit(folder, town_files={"parcels.gpkg": folder / "nowhere.gpkg"})
    assert caught.value.code == "audit.town_file_missing"
    assert messages.has("audit.town_file_missing", "zh")
