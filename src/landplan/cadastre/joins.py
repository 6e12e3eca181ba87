"""Tables joined to the parcels, with everything that did not find a partner."""

import pandas as pd

from landplan.cadastre.cells import as_text, require_read
from landplan.cadastre.findings import Finding
from landplan.cadastre.layers import Sources, read_table
from landplan.cadastre.townfile import Combine, Join
from landplan.errors import InputError


def join_table(
    parcels: pd.DataFrame, join: Join, sources: Sources
) -> tuple[pd.DataFrame, pd.Series, list[Finding]]:
    """Bring in the columns of a table.

    Returns the new columns on the index of ``parcels``, whether each parcel found a partner, and
    findings: rows of several per parcel, parcels without a row, rows without a parcel. Keys are
    compared as text without blanks around them.
    """
    wanted = [join.key.table, *(column.column for column in join.columns.values())]
    table = read_table(join.file, None, join.encoding, wanted, sources)
    keys = as_text(table[join.key.table])
    groups = {
        name: _combined(table[column.column], keys, column.combine)
        for name, column in join.columns.items()
    }
    combined = pd.DataFrame(groups)
    if join.key.parcels not in parcels:
        known = list(parcels.columns)
        missing = [join.key.parcels]
        raise InputError("layer.column_missing", file="parcels", columns=missing, known=known)
    own = as_text(parcels[join.key.parcels])
    partner = own.isin(keys.dropna().unique())
    brought = combined.reindex(own).set_axis(parcels.index)
    return brought, partner, _findings(own, keys, partner, join)


def _findings(own: pd.Series, keys: pd.Series, partner: pd.Series, join: Join) -> list[Finding]:
    file: dict[str, object] = {"file": join.file, "key": join.key.table}
    without_row = own[~partner].dropna().unique()
    without_parcel = keys[~keys.isin(own.dropna())].dropna().unique()
    repeated = keys.dropna().value_counts()
    repeated = repeated[repeated > 1]
    found = []
    if len(without_row):
        found.append(_finding("join.parcel_without_row", "warning", without_row, file))
    if len(without_parcel):
        found.append(_finding("join.row_without_parcel", "note", without_parcel, file))
    if len(repeated):
        combined = ", ".join(f"{name}: {column.combine}" for name, column in join.columns.items())
        found.append(
            _finding(
                "join.several_rows", "note", sorted(repeated.index), {**file, "combined": combined}
            )
        )
    return found


def _finding(code: str, severity: str, ids: object, params: dict[str, object]) -> Finding:
    names = tuple(str(value) for value in ids)  # type: ignore[attr-defined]  # any iterable of keys
    return Finding(code, severity, "parcels", names, float(len(names)), params=params)  # type: ignore[arg-type]  # one of two literals


def _combined(values: pd.Series, keys: pd.Series, how: Combine) -> pd.Series:
    if how in ("sum", "mean", "min", "max"):
        numbers = pd.to_numeric(values, errors="coerce")
        require_read(str(values.name), values, values.notna() & numbers.isna())
        grouped = numbers.groupby(keys)
        return grouped.sum(min_count=1) if how == "sum" else grouped.agg(how)
    grouped = values.groupby(keys)
    if how == "count":
        return grouped.size().astype(float)
    if how == "first":
        return grouped.first()
    counts = pd.DataFrame({"key": keys, "value": values}).dropna().value_counts().reset_index()
    # equal counts: the smallest text, so that the order of rows does not matter
    counts = counts.sort_values(["key", "count", "value"], ascending=[True, False, True])
    return counts.drop_duplicates("key").set_index("key")["value"]
