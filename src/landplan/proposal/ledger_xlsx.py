"""`ledger.xlsx`: the ledger as a town clerk files it, with headings in English and Chinese.

Cells hold unrounded values and are formatted for display; what is not known is a dash, never 0.
Text from the town is written as text whatever it begins with, and marked so that a spreadsheet
keeps it text when the cell is edited: no formula can come in through a parcel id.
"""

import math
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd
import xlsxwriter

from landplan.messages import LANGUAGES, Language, say
from landplan.messages.numbers import MISSING
from landplan.proposal import ledger_tables as tables
from landplan.proposal.certificate import certificate_sentence, does_not_cover
from landplan.proposal.ledger_money import ledger_rows
from landplan.proposal.ledger_tables import Column
from landplan.proposal.proposal import Proposal

_OPTIONS: Final = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": True,
}
_MADE: Final = datetime(2000, 1, 1)  # fixed, so that equal content is equal bytes
_RISKY: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_LONGEST_TEXT: Final = 32_767
_HEADER_ROWS: Final = 2
_A4: Final = 9
_NUMBER_FORMATS: Final[dict[str, str]] = {
    "count": "#,##0",
    "m2": "#,##0.0",
    "ha": "#,##0.0000",
    "mu": "#,##0.000",
    "m": "#,##0.0",
    "m2_change": "+#,##0.0;−#,##0.0;0",
    "mu_change": "+#,##0.000;−#,##0.000;0",
    "money": "#,##0.00",
    "ratio": "0.000",
}
_WIDTHS: Final[dict[str, int]] = {
    "text": 16,
    "count": 11,
    "m2": 16,
    "ha": 16,
    "mu": 16,
    "m": 14,
    "m2_change": 16,
    "mu_change": 16,
    "money": 19,
    "ratio": 15,
}
_FIRST_WIDTH: Final = 27
_MOST_WIDTH: Final = 44
_CLOSING_UNITS: Final = {"land": "m²"}


def write_workbook(proposal: Proposal, path: Path) -> None:
    """Write the workbook of a proposal; the same content gives the same bytes.

    Sheets: ``Summary``, ``Parcels`` (those that change), ``Sites``, ``Uses``, ``Owners``,
    ``Zones``. On ``Summary`` the closing lines stand below the row that begins with ``Closing``.
    """
    book = xlsxwriter.Workbook(str(path), _OPTIONS)
    book.set_properties({"title": f"landplan {proposal.id}", "created": _MADE})
    writer = _Writer(book, proposal)
    writer.summary()
    writer.table("parcels", tables.CHANGES, tables.changes(writer.rows))
    writer.table("sites", tables.SITES, tables.site_rows(proposal, writer.rows))
    writer.table("uses", tables.USES, tables.totals_by(writer.rows, "land_use"))
    writer.table("owners", tables.OWNERS, tables.totals_by_owner(proposal, writer.rows))
    writer.table("zones", tables.ZONES, tables.totals_by(writer.rows, "zone"))
    book.close()


class _Writer:
    """Sheets of one workbook, with the formats they share."""

    def __init__(self, book: Any, proposal: Proposal) -> None:
        self.book = book
        self.proposal = proposal
        self.currency = proposal.town.currency
        self.rows = ledger_rows(proposal)
        self.closing = tables.closing_lines(proposal, self.rows)
        base = {"font_name": "Arial", "font_size": 10, "valign": "vcenter"}
        head = {**base, "bold": True, "bg_color": "#E4E9EE", "text_wrap": True, "border": 1}
        self.text = book.add_format(base)
        self.quoted = book.add_format({**base, "quote_prefix": True})
        self.wrapped = book.add_format({**base, "text_wrap": True})
        self.title = book.add_format({**base, "bold": True, "font_size": 14})
        self.bold = book.add_format({**base, "bold": True})
        self.dash = book.add_format({**base, "align": "right"})
        self.head = {
            "text": book.add_format({**head, "align": "left"}),
            "number": book.add_format({**head, "align": "right"}),
        }
        total = {**base, "bold": True, "top": 1}
        self.total_text = book.add_format(total)
        self.total_dash = book.add_format({**total, "align": "right"})
        self.numbers = {
            kind: book.add_format({**base, "num_format": form})
            for kind, form in _NUMBER_FORMATS.items()
        }
        self.totals = {
            kind: book.add_format({**total, "num_format": form})
            for kind, form in _NUMBER_FORMATS.items()
        }

    def table(self, name: str, columns: tuple[Column, ...], frame: pd.DataFrame) -> None:
        """Write one sheet: two heading rows, the rows, and a line of totals."""
        sheet = self._sheet(name)
        sheet.freeze_panes(_HEADER_ROWS, 1)
        sheet.repeat_rows(0, _HEADER_ROWS - 1)
        sheet.set_row(0, 30)
        sheet.set_row(1, 30)
        for position, column in enumerate(columns):
            self._heading(sheet, position, column, frame[column.name])
            values = frame[column.name].tolist()
            for row, value in enumerate(values, start=_HEADER_ROWS):
                self.cell(sheet, row, position, value, column.kind)
        last = _HEADER_ROWS + len(frame)
        if len(frame):
            sheet.autofilter(_HEADER_ROWS - 1, 0, last - 1, len(columns) - 1)
        self._totals(sheet, last, columns, frame)
        sheet.write_string(last + 2, 0, _both("ledger.note.rounded"), self.text)

    def summary(self) -> None:
        """Write the first sheet: which plan, what is proven, the closing lines, and notes."""
        sheet = self._sheet("summary")
        sheet.fit_to_pages(1, 1)
        sheet.set_column(0, 0, 46)
        sheet.set_column(1, 3, 24)
        sheet.merge_range(0, 0, 0, 3, "", self.title)
        sheet.write_string(0, 0, _both("ledger.title"), self.title)
        row = 2
        for name, value in self._facts().items():
            sheet.write_string(row, 0, _both(f"ledger.fact.{name}"), self.bold)
            self.cell(sheet, row, 1, value, "text")
            row += 1
        row = self._certificate(sheet, row + 1)
        row = self._closing(sheet, row + 1)
        self._notes(sheet, row + 1)

    def cell(self, sheet: Any, row: int, column: int, value: Any, kind: str) -> None:
        """Write one value; text never becomes anything else, a missing value is a dash."""
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            sheet.write_string(row, column, MISSING, self.text if kind == "text" else self.dash)
        elif kind == "text":
            shown = _both("ledger.others") if value == tables.OTHERS else str(value)
            form = self.quoted if shown.startswith(_RISKY) else self.text
            sheet.write_string(row, column, shown[:_LONGEST_TEXT], form)
        else:
            sheet.write_number(row, column, value, self.numbers[kind])

    def _sheet(self, name: str) -> Any:
        english, chinese = (say(f"ledger.sheet.{name}", None, language) for language in LANGUAGES)
        sheet = self.book.add_worksheet(f"{english} {chinese}")
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.8, bottom=0.7)
        sheet.set_header(f"&L&A&R{self.proposal.id}")
        sheet.set_footer("&C&P / &N")
        return sheet

    def _heading(self, sheet: Any, position: int, column: Column, cells: "pd.Series[Any]") -> None:
        style = self.head["text" if column.kind == "text" else "number"]
        unit = self.currency if column.kind == "money" else None
        for row, language in enumerate(LANGUAGES):
            label = say(f"ledger.column.{column.name}", None, language)
            if unit is not None:
                label += f", {unit}" if language == "en" else f"（{unit}）"
            sheet.write_string(row, position, label, style)
        width = _FIRST_WIDTH if position == 0 else _WIDTHS[column.kind]
        if column.kind == "text":  # official parcel codes have 19 characters and more
            longest = max((len(str(text)) for text in cells.dropna()), default=0)
            width = max(width, min(longest + 2, _MOST_WIDTH))
        sheet.set_column(position, position, width)

    def _totals(
        self, sheet: Any, row: int, columns: tuple[Column, ...], frame: pd.DataFrame
    ) -> None:
        sheet.write_string(row, 0, _both("ledger.total"), self.total_text)
        for position, column in enumerate(columns[1:], start=1):
            if column.kind in ("text", "ratio", "m") or column.name.startswith("cost_per"):
                sheet.write_blank(row, position, None, self.total_text)
                continue
            known = frame[column.name].dropna()
            # Differences cancel out; what binary fractions leave over is not a difference.
            total = round(math.fsum(known), 9) if len(known) or not len(frame) else math.nan
            if math.isnan(total):
                sheet.write_string(row, position, MISSING, self.total_dash)
            else:
                sheet.write_number(row, position, total, self.totals[column.kind])

    def _facts(self) -> Mapping[str, Any]:
        plan = self.proposal
        return {
            "plan": plan.id,
            "name": plan.request.get("title") or None,
            "town": plan.town.name,
            "currency": plan.town.currency,
            "base_date": plan.town.base_date,
            "data": plan.provenance.data_hash,
            "version": f"landplan {plan.version}",
        }

    def _certificate(self, sheet: Any, row: int) -> int:
        sheet.write_string(row, 0, _both("ledger.certificate"), self.bold)
        for language in LANGUAGES:
            sentence = certificate_sentence(self.proposal.certificate, language)
            gap = " " if language == "en" else ""
            row += 1
            sheet.merge_range(row, 0, row, 3, "", self.wrapped)
            sheet.write_string(row, 0, f"{sentence}{gap}{does_not_cover(language)}", self.wrapped)
            sheet.set_row(row, 42)
        return row + 1

    def _closing(self, sheet: Any, row: int) -> int:
        labels = ("closing", "before", "after", "difference")
        for position, label in enumerate(labels):
            style = self.head["text" if position == 0 else "number"]
            sheet.write_string(row, position, _both(f"ledger.{label}"), style)
        sheet.set_row(row, 30)
        for line in self.closing:
            row += 1
            unit = _CLOSING_UNITS.get(line.name, self.currency)
            label = f"{_both(f'ledger.closing.{line.name}')}, {unit}"
            sheet.write_string(row, 0, label, self.wrapped)
            sheet.set_row(row, 30)
            kind = "m2" if line.name == "land" else "money"
            for position, value in enumerate((line.before, line.after, line.difference), start=1):
                sheet.write_number(row, position, value, self.numbers[kind])
        return row + 1

    def _notes(self, sheet: Any, row: int) -> None:
        for line in self.closing:
            if line.missing:
                row = self._note(sheet, row, f"missing_{line.name}", n=line.missing)
        for note in ("rounded", "owners", "areas", "dash"):
            row = self._note(sheet, row, note)

    def _note(self, sheet: Any, row: int, name: str, **params: object) -> int:
        """Write a note across the page in both languages and return the next row."""
        sheet.merge_range(row, 0, row, 3, "", self.wrapped)
        sheet.write_string(row, 0, _both(f"ledger.note.{name}", params), self.wrapped)
        sheet.set_row(row, 30)
        return row + 1


def _both(code: str, params: Mapping[str, object] | None = None) -> str:
    """Return a label in both languages."""

    def one(language: Language) -> str:
        return say(code, params, language)

    return " / ".join(one(language) for language in LANGUAGES)
