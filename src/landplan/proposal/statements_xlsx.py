"""The statements of an exchange as a workbook: parties on one sheet, their parcels on another.

Text from the town is written as text whatever it begins with: no formula can come in through an id.
"""

import io
from datetime import datetime
from typing import Any, Final

import xlsxwriter

from landplan.messages import LANGUAGES, say
from landplan.proposal.certificate import certificate_sentence, does_not_cover
from landplan.proposal.exchange import Statement, parcels_by_party, statements_of
from landplan.proposal.proposal import Proposal
from landplan.proposal.worse import measure_words, worse_by_party

_OPTIONS: Final = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": True,
}
_MADE: Final = datetime(2000, 1, 1)  # fixed, so that equal content is equal bytes
_RISKY: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_PARTIES: Final = (
    *(("party", 18), ("role", 14), ("claim", 18), ("value_after", 18), ("change", 18)),
    *(("relative", 12), ("payment", 18), ("parcels_before", 11), ("parcels_after", 11)),
    *(("pieces_before", 11), ("pieces_after", 11), ("area_before", 16), ("area_after", 16)),
    *(("area_kept", 16), ("area_given", 16), ("area_received", 16)),
    *(("distance_before", 14), ("distance_after", 14)),
)
_PARCELS: Final = (
    *(("party", 18), ("parcel", 24), ("fate", 12), ("other", 18), ("area", 16), ("value", 18)),
    ("land_use", 12),
)
_WORSE: Final = (("party", 18), ("measure", 44), ("before", 18), ("after", 18))
_FORMATS: Final = {"money": "#,##0.00", "m2": "#,##0.0", "m": "#,##0", "share": "+0.0%;−0.0%;0%"}
_HEADER_ROW: Final = 0


def statements_workbook(proposal: Proposal) -> bytes:
    """Return the workbook; the same content gives the same bytes.

    Sheets: ``Owners`` (a row per party, the largest loss first), ``Parcels`` (a row per parcel of a
    party and what becomes of it), ``Worse off`` (a row per party and measure), ``Proof``.
    Headings are in English and Chinese.
    """
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, _OPTIONS)
    book.set_properties({"title": f"landplan {proposal.id}", "created": _MADE})
    base = {"font_name": "Arial", "font_size": 10, "valign": "vcenter"}
    head = {**base, "bold": True, "bg_color": "#E4E9EE", "text_wrap": True, "border": 1}
    formats = {kind: book.add_format({**base, "num_format": f}) for kind, f in _FORMATS.items()}
    formats |= {
        "text": book.add_format(base),
        "quoted": book.add_format({**base, "quote_prefix": True}),
        "head": book.add_format(head),
        "wrapped": book.add_format({**base, "text_wrap": True}),
    }
    _parties(book, proposal, formats)
    _parcels(book, proposal, formats)
    _worse(book, proposal, formats)
    _proof(book, proposal, formats)
    book.close()
    return file.getvalue()


def _parties(book: Any, proposal: Proposal, formats: dict[str, Any]) -> None:
    sheet = _sheet(book, "owners", _PARTIES, formats, proposal.town.currency)
    kinds = (
        *("text", "text", "money", "money", "money", "share", "money"),
        *("", "", "", "", "m2", "m2", "m2", "m2", "m2", "m", "m"),
    )
    rows = statements_of(proposal)
    for row, one in enumerate(rows, start=_HEADER_ROW + 1):
        for column, (value, kind) in enumerate(zip(_figures(one), kinds, strict=True)):
            _cell(sheet, row, column, value, kind, formats)
    if rows:
        sheet.autofilter(_HEADER_ROW, 0, len(rows), len(_PARTIES) - 1)


def _figures(one: Statement) -> tuple[object, ...]:
    return (
        *(one.id, _both(f"exchange.role.{one.role}") if one.role != "owner" else ""),
        *(one.claim, one.after.value, one.change, one.relative, one.payment),
        *(one.before.parcels, one.after.parcels, *one.pieces),
        *(one.before.area_m2, one.after.area_m2),
        *(one.kept.area_m2, one.given.area_m2, one.received.area_m2),
        *one.distance_m,
    )


def _parcels(book: Any, proposal: Proposal, formats: dict[str, Any]) -> None:
    sheet = _sheet(book, "parcels", _PARCELS, formats, proposal.town.currency)
    kinds = ("text", "text", "text", "text", "m2", "money", "text")
    row = _HEADER_ROW
    for party, own in sorted(parcels_by_party(proposal).items()):
        for one in own:
            row += 1
            fate = _both(f"exchange.statement.fate.{one.fate}")
            values = (party, one.id, fate, one.other, one.area_m2, one.value, one.land_use)
            for column, (value, kind) in enumerate(zip(values, kinds, strict=True)):
                _cell(sheet, row, column, value, kind, formats)
    if row > _HEADER_ROW:
        sheet.autofilter(_HEADER_ROW, 0, row, len(_PARCELS) - 1)


def _worse(book: Any, proposal: Proposal, formats: dict[str, Any]) -> None:
    sheet = _sheet(book, "worse", _WORSE, formats, proposal.town.currency)
    row = _HEADER_ROW
    for party, own in sorted(worse_by_party(proposal).items()):
        for one in own:
            row += 1
            name = " ".join(measure_words(one.measure, language) for language in LANGUAGES)
            kind = "money" if one.measure == "value" else "m2" if "_m" in one.measure else ""
            values = ((party, "text"), (name, "text"), (one.before, kind), (one.after, kind))
            for column, (value, style) in enumerate(values):
                _cell(sheet, row, column, value, style, formats)
    if row > _HEADER_ROW:
        sheet.autofilter(_HEADER_ROW, 0, row, len(_WORSE) - 1)


def _proof(book: Any, proposal: Proposal, formats: dict[str, Any]) -> None:
    sheet = book.add_worksheet(_both("exchange.sheet.proof"))
    sheet.set_column(0, 0, 110)
    row = 0
    for language in LANGUAGES:
        said = (
            certificate_sentence(proposal.certificate, language),
            does_not_cover(language),
            say("exchange.statement.basis", None, language),
        )
        for sentence in said:
            sheet.write_string(row, 0, sentence, formats["wrapped"])
            row += 1


def _sheet(
    book: Any,
    name: str,
    columns: tuple[tuple[str, int], ...],
    formats: dict[str, Any],
    currency: str,
) -> Any:
    sheet = book.add_worksheet(_both(f"exchange.sheet.{name}"))
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.freeze_panes(_HEADER_ROW + 1, 1)
    sheet.repeat_rows(_HEADER_ROW)
    sheet.set_row(_HEADER_ROW, 45)
    for column, (key, width) in enumerate(columns):
        sheet.set_column(column, column, width)
        titles = [
            say(f"exchange.xlsx.{key}", {"currency": currency}, language) for language in LANGUAGES
        ]
        sheet.write_string(_HEADER_ROW, column, "\n".join(titles), formats["head"])
    return sheet


def _cell(
    sheet: Any, row: int, column: int, value: object, kind: str, formats: dict[str, Any]
) -> None:
    if isinstance(value, str):
        risky = value.startswith(_RISKY)
        sheet.write_string(row, column, value, formats["quoted" if risky else "text"])
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value, formats.get(kind, formats["text"]))
    else:
        sheet.write_string(row, column, "–", formats["text"])


def _both(code: str) -> str:
    return " ".join(say(code, None, language) for language in LANGUAGES)
