"""`ledger.xlsx` is read cell by cell: whoever edits one is found out."""

import shutil
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from landplan.proposal.audit import audit
from tests.proposal.audit.drawing import Drawing

HEADER_ROWS = 2


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "copy"))


def edit(folder: Path, sheet: str, change) -> set[str]:
    book = openpyxl.load_workbook(folder / "ledger.xlsx")
    (title,) = [name for name in book.sheetnames if name.startswith(sheet)]
    change(book[title])
    book.save(folder / "ledger.xlsx")
    return {check.code for check in audit(folder).failed}


def test_a_dropped_row_is_caught(folder):
    failed = edit(folder, "Parcels", lambda sheet: sheet.delete_rows(HEADER_ROWS + 1))
    assert failed == {"audit.workbook.rows"}


def test_a_doubled_row_is_caught(folder):
    def double(sheet):
        sheet.insert_rows(HEADER_ROWS + 1)
        for cell in sheet[HEADER_ROWS + 2]:
            sheet.cell(HEADER_ROWS + 1, cell.column, cell.value)

    assert edit(folder, "Parcels", double) == {"audit.workbook.rows"}


def test_a_missing_sheet_is_caught(folder):
    def remove(sheet):
        sheet.parent.remove(sheet)

    assert edit(folder, "Owners", remove) == {"audit.workbook.rows"}


def test_a_changed_heading_is_caught(folder):
    def rename(sheet):
        sheet["B1"] = "Parcels (guess)"

    assert edit(folder, "Uses", rename) == {"audit.workbook.rows"}


def test_a_changed_text_is_caught(folder):
    def rename(sheet):
        sheet.cell(HEADER_ROWS + 1, 3).value = "somebody else"

    assert edit(folder, "Parcels", rename) == {"audit.workbook.cells"}


def test_a_zero_in_place_of_a_dash_is_caught(tmp_path):
    drawing = Drawing()
    drawing.set("parcels", drawing.parcel("S3"), "area_registered_m2", None)
    folder = drawing.derive().write(tmp_path / "proposal")
    assert audit(folder).passed

    def fill(sheet):
        (dash,) = [cell for row in sheet.iter_rows() for cell in row if cell.value == "—"]
        dash.value = 0

    assert edit(folder, "Parcels", fill) == {"audit.workbook.cells"}


def test_a_closing_line_that_is_no_sum_is_caught(folder):
    def change(sheet):
        (row,) = [row for row in sheet.iter_rows() if str(row[0].value).startswith("Value")]
        row[2].value += 0.01

    assert edit(folder, "Summary", change) == {"audit.workbook.totals"}


def test_a_missing_closing_line_is_caught(folder):
    assert edit(folder, "Summary", lambda sheet: sheet.delete_rows(5)) == {"audit.workbook.totals"}


NUMBERS = [
    (sheet, row, column)
    for sheet, rows, columns in (
        ("Parcels", 6, range(7, 13)),
        ("Sites", 2, range(3, 16)),
        ("Uses", 4, range(2, 7)),
        ("Zones", 2, range(2, 10)),
        ("Owners", 7, range(2, 11)),
    )
    for row in range(rows + 1)
    for column in columns
]


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(where=st.sampled_from(NUMBERS), by=st.floats(0.01, 1e6))
def test_any_changed_number_is_caught(written, tmp_path_factory, where, by):
    folder = Path(shutil.copytree(written, tmp_path_factory.mktemp("w") / "copy"))
    name, row, column = where

    def change(sheet):
        cell = sheet.cell(HEADER_ROWS + 1 + row, column)
        cell.value = by if not isinstance(cell.value, int | float) else cell.value + by

    failed = edit(folder, name, change)
    is_blank_total = name == "Sites" and row == 2 and column >= 11
    assert failed & {"audit.workbook.cells", "audit.workbook.totals"} or is_blank_total


def test_a_plan_without_sites_has_empty_sheets_that_pass(tmp_path):
    drawing = Drawing()
    drawing.sites, drawing.crossings = {}, {}
    drawing.layers["sites"] = drawing.layers["sites"].iloc[:0]
    for outcome in drawing.document["demands"]:
        outcome |= {"met": False, "reason": {"code": "demand.stopped", "params": {}}}
    drawing.document["certificate"] |= {"status": "stopped"}
    drawing.derive()
    drawing.document["certificate"] |= {"objective": None, "bound": None, "gap": None, "terms": {}}
    report = audit(drawing.write(tmp_path / "empty"))
    assert report.failed == ()
