"""`ledger.xlsx`: that every cell a clerk reads is what the layers say."""

import math
from collections.abc import Iterator
from typing import Any

from landplan.proposal.audit.report import Check, none_of
from landplan.proposal.audit.view import View
from landplan.proposal.audit.workbook_tables import (
    OTHERS,
    Table,
    Value,
    closing_table,
    group_table,
    owner_table,
    parcel_table,
    rounding_slack,
    site_table,
)

HEADER_ROWS = 2
MISSING = "—"
HALF_UNIT = 0.005
"""Cells hold unrounded values; what is left is the order of summing, and a cent at half a cent."""


def check_workbook(view: View) -> Iterator[Check]:
    """Check rows, cells and totals of the workbook against the layers."""
    tables = [
        parcel_table(view),
        site_table(view),
        group_table(view, "Uses", "Land use", "land_use"),
        group_table(view, "Zones", "Zone", "zone"),
        owner_table(view),
    ]
    slack = HALF_UNIT + rounding_slack(view)
    rows, cells, totals = [], [], []
    for table in tables:
        found = _find(view, table)
        if found is None:
            rows.append(table.sheet)
            continue
        names, written, total = found
        rows += _row_faults(table, written)
        cells += _cell_faults(table, names, written, slack)
        totals += _total_faults(table, names, total, slack)
    yield none_of("workbook.rows", rows)
    yield none_of("workbook.cells", cells)
    yield none_of("workbook.totals", totals + _closing_faults(view, slack))


Cells = tuple[Any, ...]


def _find(view: View, table: Table) -> tuple[list[str], dict[str, Cells], Cells] | None:
    """Headings of a sheet, its rows by their key, and its line of totals; None without either."""
    grid = next(
        (view.written.sheets[t] for t in view.written.sheets if t.split()[0] == table.sheet), []
    )
    names = [_heading(cell, view) for cell in grid[0]] if grid else []
    ends = [k for k, row in enumerate(grid) if row and str(row[0]).startswith("Total / ")]
    if not ends or any(name not in names for name in (table.key, *table.columns)):
        return None
    key = names.index(table.key)
    written: dict[str, Cells] = {}
    for row in grid[HEADER_ROWS : ends[-1]]:
        name = OTHERS if str(row[key]).startswith(f"{OTHERS} / ") else str(row[key])
        written[f"{name} (twice)" if name in written else name] = row
    return names, written, grid[ends[-1]]


def _heading(cell: Any, view: View) -> str:
    """Return a heading without the currency that money carries."""
    return str(cell).removesuffix(f", {view.document.raw['provenance'].get('currency')}")


def _row_faults(table: Table, written: dict[str, Cells]) -> list[str]:
    return [f"{table.sheet}!{name}" for name in sorted(set(table.rows) ^ set(written))]


def _cell_faults(
    table: Table, names: list[str], written: dict[str, Cells], slack: float
) -> list[str]:
    faults = []
    for key in [key for key in table.rows if key in written]:
        for column, expected in zip(table.columns, table.rows[key], strict=True):
            if not _agree(written[key][names.index(column)], expected, slack):
                faults.append(f"{table.sheet}!{key}!{column}")
    return faults


def _total_faults(table: Table, names: list[str], total: Cells, slack: float) -> list[str]:
    faults = []
    for position, column in enumerate(table.columns):
        if column not in table.summed:
            continue
        values = [row[position] for row in table.rows.values()]
        known = [value for value in values if isinstance(value, float)]
        expected = math.fsum(known) if known or not table.rows else None
        if not _agree(total[names.index(column)], expected, slack):
            faults.append(f"{table.sheet}!Total!{column}")
    return faults


def _closing_faults(view: View, slack: float) -> list[str]:
    """Name the closing lines of the summary that are not the sums of the layers."""
    grid = next(
        (view.written.sheets[t] for t in view.written.sheets if t.split()[0] == "Summary"), []
    )
    starts = [k for k, row in enumerate(grid) if row and str(row[0]).startswith("Closing lines")]
    if len(starts) != 1:
        return ["Summary!Closing lines"]
    faults = []
    for position, (name, expected) in enumerate(closing_table(view), start=starts[0] + 1):
        line = grid[position] if position < len(grid) else ()
        shown = line[1:4] if line and str(line[0]).startswith(name) else ()
        pairs = zip(shown, expected, strict=False)
        if len(shown) != len(expected) or not all(_agree(c, e, slack) for c, e in pairs):
            faults.append(f"Summary!{name}")
    return faults


def _agree(cell: Any, expected: Value, slack: float) -> bool:
    """Whether a cell shows a value: the dash for what is missing, text as it is."""
    if expected is None:
        return bool(cell == MISSING)
    if isinstance(expected, str):
        return bool(cell == expected)
    if not isinstance(cell, int | float) or isinstance(cell, bool):
        return False
    return abs(cell - expected) <= slack + 1e-9 * abs(expected)
