"""A report of `measure` as a folder of three files: the same bytes for the same content."""

import json
import math
import os
import shutil
import uuid
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import pyogrio
import xlsxwriter

from landplan.errors import InputError
from landplan.messages import LANGUAGES, say
from landplan.proposal.canonical import canonical_json
from landplan.proposal.fingerprint import layer_hash
from landplan.proposal.geopackage import fixed_times
from landplan.proposal.layers import promote
from landplan.proposal.measured import TABLES, Measured, kind_of

DOCUMENT: Final = "measures.json"
PACKAGE: Final = "measures.gpkg"
WORKBOOK: Final = "measures.xlsx"
_FILES: Final = (PACKAGE, WORKBOOK, DOCUMENT)
_MADE: Final = datetime(2000, 1, 1)  # fixed, so that equal content is equal bytes
_RISKY: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_OPTIONS: Final = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": True,
}
_FORMATS: Final = {
    "area": "#,##0.0",
    "m": "#,##0.0",
    "share": "0.0%",
    "count": "#,##0",
    "number": "0.0000",
}


def write_measured(measured: Measured, directory: Path) -> Measured:
    """Write ``measures.json``, ``.gpkg`` and ``.xlsx``; return the report with its fingerprints.

    All are made beside the target first and moved into place, the document last. Other files in
    the folder are left alone.
    """
    directory = directory.resolve()
    home = directory if directory.is_dir() else directory.parent
    staging = home / f".{directory.name}.{uuid.uuid4().hex[:8]}.part"
    staging.mkdir(parents=True)
    try:
        tables = {name: getattr(measured, name) for name in TABLES}
        hashes = {name: layer_hash(table) for name, table in tables.items()}
        written = replace(measured, content_hash=hashes)
        _write_package(written, staging / PACKAGE)
        _write_workbook(written, staging / WORKBOOK)
        (staging / DOCUMENT).write_bytes(canonical_json(written.document()))
        directory.mkdir(parents=True, exist_ok=True)
        (directory / DOCUMENT).unlink(missing_ok=True)
        for name in _FILES:
            os.replace(staging / name, directory / name)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return written


def read_figures(directory: Path) -> dict[str, Any]:
    """Read ``measures.json`` as data; raises InputError where it is missing or no JSON object."""
    path = directory / DOCUMENT
    try:
        document = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise InputError("proposal.file_missing", file=DOCUMENT, directory=str(directory)) from None
    except (OSError, ValueError, RecursionError) as error:
        detail = " ".join(str(error).split())
        raise InputError("proposal.document_unreadable", file=DOCUMENT, detail=detail) from None
    if not isinstance(document, dict):
        raise InputError("proposal.document_unreadable", file=DOCUMENT, detail="no JSON object")
    return document


def _write_package(measured: Measured, path: Path) -> None:
    with fixed_times():
        for name in TABLES:
            table = getattr(measured, name)
            options: dict[str, Any] = {"layer": name, "driver": "GPKG", "append": path.exists()}
            if isinstance(table, gpd.GeoDataFrame):
                shapes = promote(table.geometry.to_numpy())
                table = table.set_geometry(gpd.GeoSeries(shapes, index=table.index, crs=table.crs))
                options["geometry_type"] = "Unknown"
            pyogrio.write_dataframe(table, path, **options)


def _write_workbook(measured: Measured, path: Path) -> None:
    """Write the figures of the town and the holdings, headings in English and Chinese."""
    book = xlsxwriter.Workbook(str(path), _OPTIONS)
    book.set_properties({"title": f"landplan {measured.id}", "created": _MADE})
    formats = {kind: book.add_format({"num_format": form}) for kind, form in _FORMATS.items()}
    formats["quoted"] = book.add_format({"quote_prefix": True})
    head = book.add_format({"bold": True, "text_wrap": True, "bg_color": "#E4E9EE", "border": 1})
    sheet = book.add_worksheet(_both("measure.sheet.town"))
    sheet.set_column(0, 0, 52)
    sheet.set_column(1, 1, 18)
    for row, (name, value) in enumerate(measured.figures.items()):
        sheet.write_string(row, 0, _both(f"figure.{name}"), head)
        _cell(sheet, row, 1, value, kind_of(name), formats)
    for name in ("holdings", "members"):
        _table(book, _both(f"measure.sheet.{name}"), getattr(measured, name), formats, head)
    book.close()


def _table(book: Any, title: str, table: pd.DataFrame, formats: dict[str, Any], head: Any) -> None:
    sheet = book.add_worksheet(title)
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, len(table.columns) - 1, 15)
    for column, name in enumerate(map(str, table.columns)):
        sheet.write_string(0, column, _both(f"measure.column.{name}"), head)
        for row, value in enumerate(table[name].tolist(), 1):
            _cell(sheet, row, column, value, kind_of(name), formats)


def _cell(
    sheet: Any, row: int, column: int, value: object, kind: str, formats: dict[str, Any]
) -> None:
    """Write one cell: unrounded, a dash for what is not known, text as text whatever it says."""
    number = float(value) if isinstance(value, int | float) else math.nan
    if kind == "text" and isinstance(value, str):
        form = formats["quoted"] if value.startswith(_RISKY) else None
        sheet.write_string(row, column, value, form)
    elif math.isfinite(number):
        sheet.write_number(row, column, number, formats.get(kind))
    else:
        sheet.write_string(row, column, "—")


def _both(code: str) -> str:
    return " ".join(say(code, None, language) for language in LANGUAGES)
