import hashlib
import math
from decimal import Decimal

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landplan.proposal.ledger_money import ledger_rows, received
from landplan.proposal.ledger_xlsx import write_workbook
from tests.proposal.example import example, parcels, rights
from tests.proposal.test_files import empty_plan

SHEETS = ["Summary", "Parcels", "Sites", "Uses", "Owners", "Zones"]
TABLES = SHEETS[1:]


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    path = tmp_path_factory.mktemp("book") / "ledger.xlsx"
    write_workbook(example(), path)
    return openpyxl.load_workbook(path)


def sheet(book, english):
    return next(page for page in book.worksheets if page.title.startswith(english))


def rows(book, english):
    """Return the rows of a table as dictionaries by English heading, without the total."""
    values = list(sheet(book, english).iter_rows(values_only=True))
    end = next(number for number, row in enumerate(values) if str(row[0]).startswith("Total"))
    return [dict(zip(values[0], row, strict=True)) for row in values[2:end]]


def total(book, english):
    values = list(sheet(book, english).iter_rows(values_only=True))
    last = next(row for row in values if str(row[0]).startswith("Total"))
    return dict(zip(values[0], last, strict=True))


def closing(book):
    values = list(sheet(book, "Summary").iter_rows(values_only=True))
    start = next(n for n, row in enumerate(values) if str(row[0]).startswith("Closing"))
    return {str(row[0]).split()[0].rstrip(":"): row[1:4] for row in values[start + 1 : start + 4]}


def test_every_sheet_is_named_in_both_languages(book):
    assert [page.title.split()[0] for page in book.worksheets] == SHEETS
    assert [page.title.split()[1] for page in book.worksheets] == [
        "汇总",
        "变动地块",
        "成片地块",
        "按用途",
        "按权利人",
        "按分区",
    ]


@pytest.mark.parametrize("english", TABLES)
def test_tables_have_two_frozen_heading_rows_a_filter_and_a_print_setup(book, english):
    page = sheet(book, english)
    assert page.freeze_panes == "B3"
    assert page.auto_filter.ref.startswith("A2:")
    assert page.print_title_rows == "$1:$2"
    assert page.page_setup.orientation == "landscape"
    assert page.page_setup.fitToHeight == 0
    headings = [cell.value for cell in page[1]], [cell.value for cell in page[2]]
    assert all(headings[0])
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in text) for text in headings[1])


def test_the_parcels_that_change_are_listed_and_no_others(book):
    changed = rows(book, "Parcels")
    assert [row["Parcel"] for row in changed] == ["P1", "P2", "P5"]
    assert changed[0] == {
        "Site": "plant-1",
        "Parcel": "P1",
        "Owner before": "o1",
        "Owner after": "ACQUIRER",
        "Land use": "工业",
        "Zone": "M1",
        "Area, drawn, m²": 100,
        "Area, drawn, ha": 0.01,
        "Area, drawn, mu": 0.15,
        "Area, registered, m²": 101.5,
        "Value, CNY": 100,
        "Acquisition cost, CNY": 50,
    }
    assert changed[1]["Area, registered, m²"] == "—"  # not known, and not 0
    assert changed[2]["Acquisition cost, CNY"] == 25  # half of P5 is the acquirer's already
    assert total(book, "Parcels")["Acquisition cost, CNY"] == 125


def test_totals_by_use_and_zone_cover_the_whole_town(book):
    uses = {row["Land use"]: row for row in rows(book, "Uses")}
    assert uses["工业"]["Parcels into sites"] == 3
    assert uses["农田"]["Value into sites, CNY"] == 0  # nothing moves: a known 0
    assert uses["—"]["Parcels"] == 1
    for english in ("Uses", "Zones"):
        assert total(book, english)["Parcels"] == 8
        assert total(book, english)["Into sites, m²"] == 300
        assert total(book, english)["Area, drawn, m²"] == 900


def test_owners_who_give_or_receive_have_a_line_and_the_others_one_together(book):
    owners = {row["Owner"]: row for row in rows(book, "Owners")}
    assert list(owners) == ["city", "o1", "o2", "ACQUIRER", "All other owners / 其他权利人"]
    assert owners["o2"]["Receives (negative: pays), CNY"] == 75  # P2 and half of P5
    assert owners["city"]["Receives (negative: pays), CNY"] == 0
    assert owners["ACQUIRER"]["Parcels after"] == 1
    assert owners["o1"]["Difference, m²"] == -100
    assert owners["o1"]["Value after, CNY"] == "—"
    assert total(book, "Owners")["Difference, m²"] == 0
    assert total(book, "Owners")["Area after, m²"] == 900


def test_the_site_sheet_says_the_price_per_mu(book):
    (site,) = rows(book, "Sites")
    assert site["Cost per mu, CNY"] == pytest.approx(125 / 0.45)
    assert site["Street crossings"] == 1


def test_land_value_and_money_close_to_zero(book):
    assert closing(book) == {
        "Land": (900, 900, 0),
        "Value": (600, 600, 0),
        "Money": (125, 125, 0),
    }


def test_the_summary_says_what_is_proven_and_what_is_missing(book):
    said = [str(row[0]) for row in sheet(book, "Summary").iter_rows(values_only=True)]
    assert any("at most 4.2 % more. Does not cover" in line for line in said)
    assert any("与之相差不超过4.2%。不涵盖" in line for line in said)
    assert any(line.startswith("1 parcel has no value") for line in said)
    assert any("因四舍五入" in line for line in said)


def hostile_plan():
    """Every text of the town tries to be a formula, a link or a number."""
    ground = parcels()
    ground["parcel_id"] = [
        "=1+1",
        "+A1",
        "-2",
        "@SUM(1)",
        '=HYPERLINK("http://x")',
        "\t=1",
        "00123",
        "http://example.test/",
    ]
    ground["owner_id"] = "=cmd|' /C calc'!A0"
    ground["land_use"] = "\r=1"
    ground["zone"] = "x" * 40_000
    ground["site_id"] = "=plant"
    return example(ground=ground, rights=rights().iloc[:0])


def test_no_text_of_the_town_becomes_a_formula_a_link_or_a_number(tmp_path):
    write_workbook(hostile_plan(), tmp_path / "ledger.xlsx")
    book = openpyxl.load_workbook(tmp_path / "ledger.xlsx")
    seen = set()
    for page in book.worksheets:
        assert not page._hyperlinks
        for cell in (cell for row in page.iter_rows() for cell in row):
            assert cell.data_type in "sn", (page.title, cell.coordinate)
            if isinstance(cell.value, str) and cell.value[:1] in ("=", "+", "-", "@", "\t", "\r"):
                assert cell.quotePrefix, (page.title, cell.coordinate)
                seen.add(cell.value)
    assert {"=1+1", "+A1", "-2", "@SUM(1)", "=plant", "=cmd|' /C calc'!A0"} <= seen
    ids = [row["Parcel"] for row in rows(book, "Parcels")]
    assert "00123" in ids


def test_a_plan_without_sites_gives_a_workbook_without_changes(tmp_path):
    write_workbook(empty_plan(), tmp_path / "ledger.xlsx")
    book = openpyxl.load_workbook(tmp_path / "ledger.xlsx")
    assert rows(book, "Parcels") == []
    assert rows(book, "Sites") == []
    assert [row["Owner"] for row in rows(book, "Owners")] == ["All other owners / 其他权利人"]
    assert closing(book)["Money"] == (0, 0, 0)


def test_the_same_plan_gives_the_same_bytes(tmp_path):
    digests = set()
    for name in ("one", "two"):
        write_workbook(example(), tmp_path / name)
        digests.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(digests) == 1


def test_no_number_in_a_cell_is_anything_but_finite(tmp_path):
    ground = parcels().assign(value=np.nan, cost=np.nan, area_registered_m2=np.nan)
    plan = example(ground=ground)
    write_workbook(plan, tmp_path / "ledger.xlsx")
    book = openpyxl.load_workbook(tmp_path / "ledger.xlsx")
    for page in book.worksheets:
        for row in page.iter_rows(values_only=True):
            assert all(not isinstance(cell, float) or math.isfinite(cell) for cell in row)
    assert total(book, "Parcels")["Value, CNY"] == "—"
    assert {row["Acquisition cost, CNY"] for row in rows(book, "Parcels")} == {"—"}


shares = st.lists(st.integers(1, 99), min_size=1, max_size=7)


@settings(deadline=None)
@given(st.integers(0, 10**9), shares)
def test_joint_owners_receive_their_shares_and_no_cent_is_lost(cents, parts):
    ground = parcels().iloc[[0]].assign(cost=cents / 100)
    whole = sum(parts)
    held = pd.DataFrame(
        {
            "parcel_id": "P1",
            "owner_id": [f"h{number}" for number in range(len(parts))],
            "share": [part / whole for part in parts],
        }
    ).assign(type=None, ownership=None, end=None, encumbrance=None)
    plan = example(ground=ground, rights=held)
    paid = received(plan, ledger_rows(plan))
    assert sum(Decimal(repr(amount)) for amount in paid) == Decimal(cents) / 100
    for part, amount in zip(parts, paid.sort_index(), strict=True):
        assert abs(amount - cents / 100 * part / whole) < 0.0101


def test_two_rights_of_one_owner_in_one_parcel_add_up():
    held = pd.concat([rights(), rights()]).assign(share=0.25)
    held = held[held["parcel_id"] == "P5"]
    plan = example(rights=held)
    paid = received(plan, ledger_rows(plan))
    assert paid["o2"] == 25 + 50  # half of P5, and P2 by its owner


def test_control_characters_do_not_break_the_workbook(tmp_path):
    ground = parcels().assign(owner_id="a\x01\x0b\uffff<b>&")
    write_workbook(example(ground=ground, rights=rights().iloc[:0]), tmp_path / "ledger.xlsx")
    book = openpyxl.load_workbook(tmp_path / "ledger.xlsx")
    assert rows(book, "Parcels")[0]["Owner before"].endswith("<b>&")
