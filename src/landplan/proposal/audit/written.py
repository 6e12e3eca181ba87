"""The written files of a proposal, read from the directory alone."""

import contextlib
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from landplan.errors import InputError
from landplan.proposal.audit.document import Document, read_document

Sheets = dict[str, list[tuple[Any, ...]]]

_NUMBERS = {
    "sites": [
        "area_m2",
        "cost",
        "parcel_count",
        "owner_count",
        "bridge_count",
        "perimeter_m",
        "polsby_popper",
        "hull_ratio",
        "rectangularity",
        "elongation",
        "inertia",
    ],
    "parcels": ["area_m2", "area_registered_m2", "zone_share", "value", "cost", "street"],
    "bridges": ["width_m", "facing_m"],
    "zones": [],
    "restrictions": ["hard", "buffer_m"],
    "roads": ["width_m"],
    "buildings": [],
    "facilities": [],
    "rights": ["share"],
    "owners": ["refusal_probability"],
    "exclusions": ["measured", "limit"],
    "ledger": ["area_before_m2", "area_after_m2", "value_before", "value_after"],
}
_TEXTS = {
    "sites": ["site_id", "demand_id"],
    "parcels": ["parcel_id", "owner_id", "land_use", "zone", "site_id", "excluded_by"],
    "bridges": ["site_id", "parcel_a", "parcel_b"],
    "zones": ["zone"],
    "restrictions": ["kind"],
    "roads": ["class"],
    "buildings": [],
    "facilities": ["kind"],
    "rights": ["parcel_id", "owner_id"],
    "owners": ["owner_id", "consent"],
    "exclusions": ["parcel_id", "demand_id", "rule", "unit"],
    "ledger": [
        "parcel_before",
        "parcel_after",
        "parent_ids",
        "owner_before",
        "owner_after",
        "land_use",
        "zone",
    ],
}
_SPATIAL = (
    *("sites", "parcels", "bridges", "zones", "restrictions", "roads"),
    *("buildings", "facilities"),
)
_OPTIONAL = ("zones", "restrictions", "roads", "buildings", "facilities", "owners")
_LATER_NUMBERS: dict[str, tuple[str, ...]] = {
    "sites": (
        *("price_owners", "price_refusals", "price_crossings", "price_closing", "price_distance"),
        *("survival", "frontage_m", "width_m", "rectangle_length_m", "rectangle_width_m"),
        *("rectangle_x", "rectangle_y", "rectangle_angle_deg"),
    ),
    "bridges": ("closed_m2",),
}
_LATER_TEXTS: dict[str, tuple[str, ...]] = {
    "sites": ("centre_parcel",),
    "bridges": ("road_class",),
}
"""Columns that older proposals lack; then they are missing in every row."""


@dataclass(frozen=True, slots=True)
class Written:
    """A proposal as its files tell it.

    ``raw`` holds every layer as stored (for the fingerprints), the frames below the same with
    numbers as float64 and text as
    objects (None where missing). ``sheets`` holds the cells of ``ledger.xlsx`` by sheet.
    """

    directory: Path
    document: Document
    raw: dict[str, pd.DataFrame]
    sites: gpd.GeoDataFrame
    parcels: gpd.GeoDataFrame
    bridges: gpd.GeoDataFrame
    zones: gpd.GeoDataFrame
    restrictions: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    rights: pd.DataFrame
    owners: pd.DataFrame
    exclusions: pd.DataFrame
    ledger: pd.DataFrame
    sheets: Sheets


def read_written(directory: Path) -> Written:
    """Read the three files of a proposal.

    Raises
    ------
    InputError
        ``audit.file_missing``, ``audit.package_unreadable``, ``audit.layer_missing``,
        ``audit.column_missing``,
        ``audit.workbook_unreadable``, or what `read_document` raises.
    """
    for name in ("proposal.json", "proposal.gpkg", "ledger.xlsx"):
        if not (directory / name).is_file():
            raise InputError("audit.file_missing", file=name, directory=directory.name)
    document = read_document(directory / "proposal.json")
    raw = _read_package(directory / "proposal.gpkg")
    frames: dict[str, Any] = {name: _normalise(name, raw.get(name)) for name in _NUMBERS}
    sheets = _read_workbook(directory / "ledger.xlsx")
    return Written(directory, document, raw, sheets=sheets, **frames)


def _read_package(path: Path) -> dict[str, pd.DataFrame]:
    if path.read_bytes()[:16] != b"SQLite format 3\x00":
        raise InputError("audit.package_unreadable", file=path.name)
    try:
        with warnings.catch_warnings():
            # what GDAL only grumbles about, the checks decide
            warnings.simplefilter("ignore", RuntimeWarning)
            names = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
            layers = {name: pyogrio.read_dataframe(path, layer=name) for name in names}
    except (DataSourceError, DataLayerError, shapely.GEOSException, ValueError) as error:
        raise InputError("audit.package_unreadable", file=path.name) from error
    for name in _NUMBERS:
        if name not in layers and name not in _OPTIONAL:
            raise InputError("audit.layer_missing", file=path.name, layer=name)
    return layers


def _normalise(name: str, raw: pd.DataFrame | None) -> pd.DataFrame:
    """Give a layer the columns and kinds the audit needs; a cell of a wrong kind becomes NaN."""
    wanted = [*_TEXTS[name], *_NUMBERS[name]]
    if raw is None:
        kinds = dict.fromkeys(_TEXTS[name], object) | dict.fromkeys(_NUMBERS[name], float)
        empty = pd.DataFrame({key: pd.Series(dtype=kind) for key, kind in kinds.items()})
        return gpd.GeoDataFrame(empty, geometry=np.empty(0, dtype=object))
    missing = [column for column in wanted if column not in raw.columns]
    if missing or (name in _SPATIAL and not isinstance(raw, gpd.GeoDataFrame)):
        columns = missing or ["geometry"]
        raise InputError("audit.column_missing", file="proposal.gpkg", layer=name, columns=columns)
    frame = raw.copy()
    numbers = [*_NUMBERS[name], *_LATER_NUMBERS.get(name, ())]
    texts = [*_TEXTS[name], *_LATER_TEXTS.get(name, ())]
    frame = frame.assign(**{c: None for c in (*numbers, *texts) if c not in frame})
    for column in numbers:
        frame[column] = pd.to_numeric(frame[column], errors="coerce").astype(float)
    for column in texts:
        values = frame[column].astype(object)
        frame[column] = values.where(values.notna(), None)
    return frame


def _read_workbook(path: Path) -> Sheets:
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        # a workbook read row by row keeps its file open until it is told to close
        with contextlib.closing(book):
            return {
                sheet.title: [tuple(row) for row in sheet.iter_rows(values_only=True)]
                for sheet in book.worksheets
            }
    except (OSError, KeyError, ValueError, TypeError, zipfile.BadZipFile, SyntaxError) as error:
        raise InputError("audit.workbook_unreadable", file=path.name) from error
