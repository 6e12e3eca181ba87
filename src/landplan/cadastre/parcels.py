"""The parcels of a town file, mapped to the columns of the schema."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from landplan.cadastre import schema
from landplan.cadastre.cells import as_text
from landplan.cadastre.findings import Finding
from landplan.cadastre.joins import join_table
from landplan.cadastre.layers import Sources, columns_of, read_layer
from landplan.cadastre.townfile import SQUARE_METRES, Area, Column, Money, Parcels
from landplan.errors import InputError

_TEXT = ("grade", "industry", "right_end", "address", "name")


@dataclass(slots=True)
class ParcelLayer:
    """Parcels under the names of the schema, what was found.

    What the town file states in place of data.
    """

    frame: gpd.GeoDataFrame
    findings: list[Finding]
    assumptions: list[dict[str, object]]


def read_parcels(section: Parcels, crs: CRS, sources: Sources) -> ParcelLayer:
    """Read parcels with their joins.

    Raises InputError where the layer or a column cannot be read.

    Areas are computed in the working CRS and rounded to dm² (0.01 m²), money to 0.01: the units in
    which everything adds up.
    """
    _require_new_names(section, sources)
    raw, findings = read_layer(section, "parcels", _columns_of_file(section), crs, sources)
    joined = pd.Series(False, index=raw.index)
    for join in section.join:
        brought, partner, found = join_table(raw, join, sources)
        raw = raw.join(brought)
        joined |= partner
        findings += (
            found
            if not section.street_when_unjoined
            else [f for f in found if f.code != "join.parcel_without_row"]
        )
    assumptions: list[dict[str, object]] = []
    frame = gpd.GeoDataFrame(
        {"parcel_id": _identity(raw, section.id)}, geometry=raw.geometry, crs=crs
    )
    frame["area_m2"] = shapely.area(frame.geometry.to_numpy()).round(2)
    area = frame["area_m2"]
    frame["area_registered_m2"] = _area(raw, section.area_registered)
    frame["owner_id"] = _text(raw, section.owner)
    frame["land_use"] = _text(raw, section.land_use)
    frame["value"] = _money(raw, section.value, area, "value", assumptions)
    frame["cost"] = _money(raw, section.cost, area, "cost", assumptions)
    frame["street"] = _street(raw, section)
    if section.street_when_unjoined:
        frame["street"] |= ~joined
        findings.append(
            Finding("street.unjoined", "note", "parcels", measured=float((~joined).sum()))
        )
    _add_optional(frame, raw, section)
    for column in section.keep:
        frame[f"keep_{column}"] = raw[column]
    return ParcelLayer(frame, findings, assumptions)


def _require_new_names(section: Parcels, sources: Sources) -> None:
    """Raise InputError where a joined column would hide one of the file, or of another join."""
    taken = columns_of(section, sources) if section.join else set()
    for join in section.join:
        twice = sorted(taken & set(join.columns))
        if twice:
            raise InputError("join.name_taken", file=join.file, columns=twice)
        taken |= set(join.columns)


def _columns_of_file(section: Parcels) -> list[str]:
    """Columns to read from the parcel file: all that are named and not brought in by a join."""
    brought = {name for join in section.join for name in join.columns}
    mapped = [
        name
        for field in (
            section.id,
            section.owner,
            section.land_use,
            section.planned_use,
            section.value,
            section.cost,
            section.area_registered,
            section.floor_area,
            section.footprint_area,
            section.year_built,
            *(getattr(section, name) for name in _TEXT),
        )
        if field is not None
        for name in field.columns
    ]
    street = [section.street.column] if section.street else []
    keys = [join.key.parcels for join in section.join]
    named = dict.fromkeys([*mapped, *street, *keys, *section.keep])
    return [name for name in named if name not in brought]


def _values(raw: pd.DataFrame, mapping: Column) -> pd.Series:
    columns = mapping.columns
    if not columns:
        return pd.Series([mapping.constant] * len(raw), index=raw.index)
    missing = [name for name in columns if name not in raw.columns]
    if missing:
        raise InputError(
            "layer.column_missing", file="parcels", columns=missing, known=list(raw.columns)
        )
    if len(columns) == 1:
        return raw[columns[0]]
    parts = [as_text(raw[name]).fillna("") for name in columns]
    joined = parts[0]
    for part in parts[1:]:
        joined = joined + "-" + part
    return joined


def _text(raw: pd.DataFrame, mapping: Column | None) -> pd.Series:
    if mapping is None:
        return pd.Series(pd.NA, index=raw.index, dtype="string").astype("str")
    return as_text(_values(raw, mapping)).astype("str")


def _number(raw: pd.DataFrame, mapping: Column | None) -> pd.Series:
    if mapping is None:
        return pd.Series(np.nan, index=raw.index)
    return pd.to_numeric(_values(raw, mapping), errors="coerce").astype(float)


def _area(raw: pd.DataFrame, mapping: Area | None) -> pd.Series:
    factor = SQUARE_METRES[mapping.unit] if mapping else 1.0
    return (_number(raw, mapping) * factor).round(2)


def _money(
    raw: pd.DataFrame,
    mapping: Money | None,
    area: pd.Series,
    field: str,
    assumptions: list[dict[str, object]],
) -> pd.Series:
    amount = _number(raw, mapping)
    amount = amount.mask(~np.isfinite(amount))  # an infinite price is no price
    if mapping is None:
        return amount
    if mapping.constant is not None:
        params = {"field": field, "value": mapping.constant, "unit": mapping.unit}
        assumptions.append({"code": "assumption.constant", "params": params})
    return (amount * area if mapping.unit == "per_m2" else amount).round(2)


def _street(raw: pd.DataFrame, section: Parcels) -> pd.Series:
    if section.street is None:
        return pd.Series(False, index=raw.index)
    wanted = {str(value) for value in section.street.wanted}
    return _text(raw, Column(column=section.street.column)).isin(wanted)


def _add_optional(frame: gpd.GeoDataFrame, raw: pd.DataFrame, section: Parcels) -> None:
    if section.floor_area:
        frame["floor_area_m2"] = _area(raw, section.floor_area)
    if section.footprint_area:
        frame["footprint_area_m2"] = _area(raw, section.footprint_area)
    if section.year_built:
        frame["year_built"] = _number(raw, section.year_built)
    if section.planned_use:
        frame["planned_use"] = _text(raw, section.planned_use)
    for name in _TEXT:
        if getattr(section, name) is not None:
            frame[name] = _text(raw, getattr(section, name))
    assert set(frame.columns) - {"geometry"} <= set(schema.PARCELS) | set(schema.OPTIONAL)


def _identity(raw: pd.DataFrame, mapping: Column) -> pd.Series:
    """Ids as text; a composed id with all parts missing is missing."""
    text = _text(raw, mapping)
    if len(mapping.columns) > 1:
        return text.mask(text.str.strip("-") == "")
    return text
