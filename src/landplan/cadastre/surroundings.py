"""All layers but the parcels.

Zones, restrictions, roads, buildings, facilities, owners and rights.
"""

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from landplan.cadastre import schema
from landplan.cadastre.cells import as_text, require_read
from landplan.cadastre.findings import Finding
from landplan.cadastre.layers import Sources, read_layer, read_table
from landplan.cadastre.townfile import Column, Layer, Owners, Rights, TownFile
from landplan.errors import InputError

_CONSENT = ("agreed", "refused", "unknown")
_SHARE_TOLERANCE = 1e-6
_TRUE = ("true", "1", "yes", "是", "1.0", "t", "y")
_FALSE = ("false", "0", "no", "否", "0.0", "f", "n")
_DECISIVE = ("buffer_m", "share")
"""Numbers that decide who may be where: one that cannot be read is an error, never left out."""


def empty_layer(columns: Mapping[str, str], crs: CRS) -> gpd.GeoDataFrame:
    """Return a layer without rows that has the columns of its schema."""
    return gpd.GeoDataFrame(
        _cast(pd.DataFrame({name: [] for name in columns}), columns), geometry=[], crs=crs
    )


def read_mapped(
    section: Layer | None,
    name: str,
    mapping: Mapping[str, Column | float | bool | None],
    columns: Mapping[str, str],
    crs: CRS,
    sources: Sources,
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Read a layer and bring its columns under the names of the schema.

    Rows without geometry are findings.
    """
    if section is None:
        return empty_layer(columns, crs), []
    wanted = [
        column
        for source in mapping.values()
        if isinstance(source, Column)
        for column in source.columns
    ]
    raw, findings = read_layer(section, name, wanted, crs, sources)
    frame = _cast(
        pd.DataFrame({key: _column(raw, source) for key, source in mapping.items()}), columns
    )
    layer = gpd.GeoDataFrame(frame, geometry=raw.geometry, crs=crs)
    return _without_empty(layer, name, findings), findings


def _without_empty(layer: gpd.GeoDataFrame, name: str, findings: list[Finding]) -> gpd.GeoDataFrame:
    geometry = layer.geometry.to_numpy()
    absent = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    invalid = ~absent & ~shapely.is_valid(geometry)
    rows = [f"row {row + 1}" for row in np.flatnonzero(absent)]
    if absent.any():
        findings.append(
            Finding("layer.empty_geometry", "warning", name, tuple(rows), float(absent.sum()))
        )
    if invalid.any():
        # zones and roads are only overlaid and drawn: a repaired copy is safer here than a hole in
        # the plan
        findings.append(
            Finding(
                "layer.invalid_geometry",
                "warning",
                name,
                tuple(f"row {row + 1}" for row in np.flatnonzero(invalid)),
                float(invalid.sum()),
            )
        )
        shapes = geometry.copy()
        shapes[invalid] = shapely.make_valid(shapes[invalid])
        layer = layer.set_geometry(gpd.GeoSeries(shapes, index=layer.index, crs=layer.crs))
    return gpd.GeoDataFrame(layer[~absent].reset_index(drop=True))


def read_surroundings(
    town: TownFile, crs: CRS, sources: Sources
) -> tuple[dict[str, gpd.GeoDataFrame], list[Finding], list[InputError]]:
    """Read zones, restrictions, roads, buildings and facilities; faults of all of them together."""
    plan: list[
        tuple[str, Layer | None, dict[str, Column | float | bool | None], dict[str, str]]
    ] = [
        ("zones", town.zones, {"zone": town.zones.code} if town.zones else {}, schema.ZONES),
        (
            "restrictions",
            town.restrictions,
            _fields(town.restrictions, schema.RESTRICTIONS),
            schema.RESTRICTIONS,
        ),
        ("roads", town.roads, _fields(town.roads, schema.ROADS, {"class": "class_"}), schema.ROADS),
        ("buildings", town.buildings, _fields(town.buildings, schema.BUILDINGS), schema.BUILDINGS),
        (
            "facilities",
            town.facilities,
            _fields(town.facilities, schema.FACILITIES),
            schema.FACILITIES,
        ),
    ]
    layers: dict[str, gpd.GeoDataFrame] = {}
    findings: list[Finding] = []
    faults: list[InputError] = []
    for name, section, mapping, columns in plan:
        try:
            layers[name], found = read_mapped(section, name, mapping, columns, crs, sources)
            findings += found
        except InputError as error:
            faults.append(error)
            layers[name] = empty_layer(columns, crs)
    return layers, findings, faults


def _fields(
    section: Layer | None, columns: Mapping[str, str], renamed: Mapping[str, str] | None = None
) -> dict[str, Column | float | bool | None]:
    if section is None:
        return {}
    return {name: getattr(section, (renamed or {}).get(name, name)) for name in columns}


def read_owners(section: Owners | None, parcels: pd.DataFrame, sources: Sources) -> pd.DataFrame:
    """Read the owners, or draw them from the parcels; consent unknown where nothing is said."""
    if section is None:
        ids = sorted(parcels["owner_id"].dropna().unique())
        frame = pd.DataFrame({"owner_id": ids, **dict.fromkeys(list(schema.OWNERS)[1:])})
    else:
        mapping = {
            name: getattr(section, "id" if name == "owner_id" else name) for name in schema.OWNERS
        }
        frame = _table(section, mapping, sources)
    frame = _cast(frame, schema.OWNERS)
    frame["consent"] = frame["consent"].where(frame["consent"].isin(_CONSENT), "unknown")
    return frame.drop_duplicates("owner_id").reset_index(drop=True)


def read_rights(
    section: Rights | None, parcels: pd.DataFrame, sources: Sources
) -> tuple[pd.DataFrame, list[Finding]]:
    """Read the rights, or one full right per parcel with an owner.

    Shares of a parcel that do not sum to 1 are scaled and reported; rights on unknown parcels are
    reported and left out.
    """
    if section is None:
        owned = parcels[parcels["owner_id"].notna()]
        frame = pd.DataFrame(
            {"parcel_id": owned["parcel_id"], "owner_id": owned["owner_id"], "share": 1.0}
        )
        return _cast(frame.reindex(columns=list(schema.RIGHTS)), schema.RIGHTS).reset_index(
            drop=True
        ), []
    names = {"parcel_id": "parcel", "owner_id": "owner"}
    mapping = {name: getattr(section, names.get(name, name)) for name in schema.RIGHTS}
    frame = _cast(_table(section, mapping, sources), schema.RIGHTS)
    findings: list[Finding] = []
    known = frame["parcel_id"].isin(parcels["parcel_id"])
    strangers = frame.loc[~known, "parcel_id"].dropna().unique()
    if len(strangers):
        findings.append(
            Finding(
                "rights.unknown_parcel",
                "warning",
                "rights",
                tuple(strangers),
                float(len(strangers)),
            )
        )
    frame = frame[known & frame["owner_id"].notna()].copy()
    bare = parcels[~parcels["parcel_id"].isin(frame["parcel_id"]) & parcels["owner_id"].notna()]
    if len(bare):
        # the owner of the parcel layer stands for one full right where the rights say nothing
        ids = tuple(bare["parcel_id"])
        findings.append(
            Finding("rights.parcel_without_right", "note", "rights", ids, float(len(ids)))
        )
        full = bare[["parcel_id", "owner_id"]].assign(share=1.0)
        frame = _cast(pd.concat([frame, full], ignore_index=True), schema.RIGHTS)
    frame["share"], found = _whole_shares(frame)
    return frame.reset_index(drop=True), findings + found


def _whole_shares(rights: pd.DataFrame) -> tuple[pd.Series, list[Finding]]:
    """Return shares that sum to 1 per parcel; no share given: equal parts."""
    share = rights["share"]
    holders = rights.groupby("parcel_id")["parcel_id"].transform("size")
    unknown = share.isna() | (share < 0)
    share = share.mask(unknown & (holders == 1), 1.0).mask(unknown & (holders > 1), 0.0)
    total = share.groupby(rights["parcel_id"]).transform("sum")
    off = ((total - 1.0).abs() > _SHARE_TOLERANCE) | (unknown & (holders > 1))
    off |= rights["share"] < 0
    found = []
    if off.any():
        ids = tuple(rights.loc[off, "parcel_id"].unique())
        found.append(Finding("rights.shares", "warning", "rights", ids, float(len(ids)), 1.0))
    scaled = (share / total.where(total > 0, 1.0)).where(total > 0, 1.0 / holders)
    return scaled, found


def main_holders(rights: pd.DataFrame) -> pd.Series:
    """Return the holder of the largest share per parcel_id; equal shares: the smallest owner id."""
    held = rights.groupby(["parcel_id", "owner_id"])["share"].sum().reset_index()
    ordered = held.sort_values(["parcel_id", "share", "owner_id"], ascending=[True, False, True])
    return ordered.drop_duplicates("parcel_id").set_index("parcel_id")["owner_id"]


def _table(
    section: Owners | Rights, mapping: Mapping[str, Column | None], sources: Sources
) -> pd.DataFrame:
    wanted = [
        column for source in mapping.values() if source is not None for column in source.columns
    ]
    raw = read_table(section.file, section.layer, section.encoding, wanted, sources)
    return pd.DataFrame({name: _column(raw, source) for name, source in mapping.items()})


def _column(raw: pd.DataFrame, source: Column | float | bool | None) -> pd.Series:
    if not isinstance(source, Column):
        return pd.Series([source] * len(raw), index=raw.index)
    if not source.columns:
        return pd.Series([source.constant] * len(raw), index=raw.index)
    parts = [as_text(raw[name]) for name in source.columns]
    joined = parts[0]
    for part in parts[1:]:
        joined = joined.fillna("") + "-" + part.fillna("")
    return joined


def _cast(frame: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    """Give every column of the schema its dtype; text such as "yes" or "1" is true for a bool."""
    cast = pd.DataFrame(index=frame.index)
    for name, kind in columns.items():
        values = (
            frame[name]
            if name in frame.columns
            else pd.Series([None] * len(frame), index=frame.index)
        )
        if kind == "float":
            numbers = pd.to_numeric(values, errors="coerce").astype(float)
            if name in _DECISIVE:
                require_read(name, values, values.notna() & numbers.isna())
            cast[name] = numbers
        elif kind == "bool":
            words = values.astype("string").str.strip().str.lower()
            require_read(name, values, words.notna() & ~words.isin([*_TRUE, *_FALSE, ""]))
            # what is not said about a restriction must not switch it off
            cast[name] = words.isin(_TRUE) | words.isna() | (words == "")
        else:
            cast[name] = values.astype("string").astype("str")
    return cast
