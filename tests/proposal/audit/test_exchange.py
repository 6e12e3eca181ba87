"""Every promise of an exchange, broken once in its files, is noticed by the check for it."""

import shutil
import sqlite3
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest

from landplan import messages
from landplan.planning.answer import answer
from landplan.proposal.audit import audit
from tests.planning.exchange.test_exchange import REQUEST, town_file

BREAKS = {
    "exchange.parcels": ["delete from holdings where parcel_id = 'b'"],
    "exchange.parties": ["update statements set party_id = 'C' where party_id = 'B'"],
    "exchange.holders": ["update holdings set party_before = 'A' where parcel_id = 'c'"],
    "exchange.fixed": ["update holdings set fixed = 1 where parcel_id = 'b'"],
    "exchange.ledger": ["update ledger set owner_after = 'A' where parcel_before = 'h'"],
    "exchange.statements": ["update statements set value_before = value_before + 1"],
    "exchange.pieces": ["update statements set pieces_after = 2 where party_id = 'A'"],
    "exchange.claims": ["update statements set claim_value = claim_value + 5, payment = payment"],
    "exchange.tolerance": ["update statements set value_high = value_after - 1"],
    "exchange.limits": ["update statements set value_low = 0, value_high = 99999"],
    "exchange.received": ["update parcels set zone = parcel_id"],
    "exchange.least": ["update statements set parcels_after = 0 where party_id = 'A'"],
    "exchange.moves": [
        "update holdings set party_after = 'A', cycle = 0 where parcel_id in ('c', 'h')"
    ],
    "exchange.payments": ["update statements set payment = 7 where party_id = 'A'"],
    "exchange.rings": ["update holdings set cycle = 9 where parcel_id = 'b'"],
    "exchange.worse_off": ["update statements set pieces_before = 0 where party_id = 'A'"],
    "certificate.terms": ["update statements set reference_x = reference_x + 100"],
}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exchange")
    more = "[take_part]\nsame_zone = true\n[tolerance]\nmax_moves = 4\n"
    (folder / "request.toml").write_text(REQUEST + more)
    answer(town_file(folder), folder / "request.toml", folder / "out")
    return folder / "out"


def test_the_exchange_as_written_passes(written: Path) -> None:
    assert audit(written).passed


def test_every_check_of_an_exchange_has_its_sentence_and_its_break(written: Path) -> None:
    made = {check.code for check in audit(written).checks if "exchange" in check.code}
    assert made == {f"audit.{code}" for code in BREAKS if code.startswith("exchange.")}
    for language in messages.LANGUAGES:
        known = {str(code) for code in vars(messages._catalogue(language))["_catalog"]}
        assert made == {code for code in known if code.startswith("audit.exchange.")}


@pytest.mark.parametrize("code", BREAKS)
def test_a_planted_break_is_found(written: Path, tmp_path: Path, code: str) -> None:
    folder = Path(shutil.copytree(written, tmp_path / "copy"))
    with sqlite3.connect(folder / "proposal.gpkg") as connection:
        # triggers of the spatial index call functions that only GDAL has
        rows = "select name from sqlite_master where type = 'trigger'"
        for (trigger,) in connection.execute(rows).fetchall():
            connection.execute(f'drop trigger "{trigger}"')
        for statement in BREAKS[code]:
            connection.execute(statement)
    failed = {check.code for check in audit(folder).failed}
    assert f"audit.{code}" in failed
    assert "audit.files.content_hash" in failed


def test_the_workbook_of_an_exchange_tells_payments_and_closes(written: Path) -> None:
    statements = gpd.read_file(written / "proposal.gpkg", layer="statements")
    book = openpyxl.load_workbook(written / "ledger.xlsx", data_only=True)
    money = next(row for row in book.worksheets[0].values if str(row[0]).startswith("Money"))
    paid = statements["payment"].to_numpy(float)
    assert money[1:4] == (paid[paid > 0].sum(), -paid[paid < 0].sum(), 0)
    owners = {row[0]: row for row in book.worksheets[4].values}
    for party, payment in zip(statements["party_id"], paid, strict=True):
        assert owners[party][-1] == payment


def test_a_changed_cell_of_the_workbook_is_found(written: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(written, tmp_path / "copy"))
    book = openpyxl.load_workbook(folder / "ledger.xlsx")
    for row in book.worksheets[4].iter_rows():
        if row[0].value == "A":
            row[-1].value = 123_456
    book.save(folder / "ledger.xlsx")
    failed = {check.code for check in audit(folder).failed}
    assert "audit.workbook.cells" in failed
