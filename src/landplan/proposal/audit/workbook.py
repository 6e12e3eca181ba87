"""`ledger.xlsx`: that every cell a clerk reads is what the layers say."""

import math
from collections.abc import Iterator
from typing import Any

from landplan.messages import say
from landplan.proposal.audit.report import Check, none_of
from landplan.proposal.audit.view import View
from landplan.proposal.audit.workbook_tables import (
    NOBODY,
    OTHERS,
    Table,
    Value,
    closing_table,
    expected_tables,
    rounding_slack,
)

HEADER_ROWS = 2
HALF_UNIT = 0.005
"""Cells hold unrounded values; what is left is the order of summing, and a cent at half a cent."""
Cells = tuple[Any, ...]


def check_workbook(view: View) -> Iterator[Check]:
    """Check rows, cells and totals of the workbook against the layers."""
    slack = HALF_UNIT + rounding_slack(view)
    rows: list[str] = []
    cells: list[str] = []
    totals: list[str] = []
    for table in expected_tables(view):
        found = _find(view, table)
        if found is None:
            rows.append(_label("sheet", table.sheet))
            continue
        names, written, total = found
        rows += _row_faults(table, written)
        cells += _cell_faults(table, names, written, slack)
        totals += _total_faults(table, names, total, slack)
    yield none_of("workbook.rows", rows)
    yield none_of("workbook.cells", cells)
    yield none_of("workbook.totals", totals + _closing_faults(view, slack))


def _label(group: str, name: str) -> str:
    """Return the English heading; what a heading is called is the one thing shared with writers."""
    return say(f"ledger.{group}.{name}", None, "en")


def _grid(view: View, sheet: str) -> list[Cells]:
    wanted = _label("sheet", sheet)
    grids = [view.written.sheets[title] for title in view.written.sheets]
    titles = [title.split()[0] if title.split() else "" for title in view.written.sheets]
    return grids[titles.index(wanted)] if wanted in titles else []


def _find(view: View, table: Table) -> tuple[list[str], dict[str, Cells], Cells] | None:
    """Columns of a sheet, its rows by their key, and its line of totals; None where they lack."""
    grid = _grid(view, table.sheet)
    currency = view.document.raw["provenance"].get("currency")
    headings = [str(cell).removesuffix(f", {currency}") for cell in grid[0]] if grid else []
    label = f"{say('ledger.total', None, 'en')} / "
    ends = [k for k, row in enumerate(grid) if row and str(row[0]).startswith(label)]
    wanted = {_label("column", name): name for name in (table.key, *table.columns)}
    names = [wanted.get(heading, "") for heading in headings]
    if not ends or any(names.count(name) != 1 for name in wanted.values()):
        return None
    written: dict[str, Cells] = {}
    others = f"{say('ledger.others', None, 'en')} / "
    for row in grid[HEADER_ROWS : ends[-1]]:
        name = str(row[names.index(table.key)])
        name = OTHERS if name.startswith(others) else name
        written[f"{name} (twice)" if name in written else name] = row
    return names, written, grid[ends[-1]]


def _row_faults(table: Table, written: dict[str, Cells]) -> list[str]:
    sheet = _label("sheet", table.sheet)
    return [f"{sheet}!{name}" for name in sorted(set(table.rows) ^ set(written))]


def _cell_faults(
    table: Table, names: list[str], written: dict[str, Cells], slack: float
) -> list[str]:
    sheet = _label("sheet", table.sheet)
    return [
        f"{sheet}!{key}!{_label('column', column)}"
        for key in table.rows
        if key in written
        for column, expected in zip(table.columns, table.rows[key], strict=True)
        if not _agree(written[key][names.index(column)], expected, slack)
    ]


def _total_faults(table: Table, names: list[str], total: Cells, slack: float) -> list[str]:
    faults = []
    for position, column in enumerate(table.columns):
        if column not in table.summed:
            continue
        values = [row[position] for row in table.rows.values()]
        known = [value for value in values if isinstance(value, float)]
        expected = math.fsum(known) if known or not values else None
        if not _agree(total[names.index(column)], expected, slack):
            total_name = say("ledger.total", None, "en")
            faults.append(f"{_label('sheet', table.sheet)}!{total_name}!{_label('column', column)}")
    return faults


def _closing_faults(view: View, slack: float) -> list[str]:
    """Name the closing lines of the summary that are not the sums of the layers."""
    grid, sheet = _grid(view, "summary"), _label("sheet", "summary")
    label = say("ledger.closing", None, "en")
    starts = [k for k, row in enumerate(grid) if row and str(row[0]).startswith(f"{label} / ")]
    if len(starts) != 1:
        return [f"{sheet}!{label}"]
    faults = []
    for position, (name, expected) in enumerate(closing_table(view), start=starts[0] + 1):
        line = grid[position] if position < len(grid) else ()
        heading = _label("closing", name)
        shown = line[1:4] if line and str(line[0]).startswith(f"{heading} / ") else ()
        pairs = zip(shown, expected, strict=False)
        if len(shown) != len(expected) or not all(_agree(c, e, slack) for c, e in pairs):
            faults.append(f"{sheet}!{heading}")
    return faults


def _agree(cell: Any, expected: Value, slack: float) -> bool:
    """Whether a cell shows a value: the dash for what is missing, text as it is."""
    if expected is None:
        return bool(cell == NOBODY)
    if isinstance(expected, str):
        return bool(cell == expected)
    if not isinstance(cell, int | float) or isinstance(cell, bool):
        return False
    return abs(cell - expected) <= slack + 1e-9 * abs(expected)
