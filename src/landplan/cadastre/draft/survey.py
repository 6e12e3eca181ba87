"""Every layer and table of the given files, read once."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from landplan.cadastre.draft import encodings
from landplan.cadastre.draft.notes import Note
from landplan.cadastre.sniff import Format, sniff
from landplan.errors import InputError, LandplanError, ManyErrors

Kind = Literal["polygon", "line", "point", "table"]

_SHAPEFILE_PARTS: Final = frozenset(
    {".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qpj", ".xml"}
)
_NOT_DATA: Final = frozenset({"layer_styles", "qgis_projects"})  # what QGIS keeps in GeoPackages
_LEAST_COMMON: Final = 0.7  # of the columns of two sheets; only common ones are used
_LARGEST_OVERLAP: Final = 0.5  # of the smaller box: sheets of one map lie side by side


@dataclass(frozen=True, slots=True)
class Source:
    """A layer with geometry or a table, from one file or from several sheets of one map.

    ``layer`` is set where the file has more than one. ``crs`` is what the file declares.
    ``encoding`` is set where the town file must state it.
    """

    paths: tuple[Path, ...]
    format: Format
    layer: str | None
    kind: Kind
    frame: pd.DataFrame
    crs: CRS | None
    encoding: str | None = None

    @property
    def label(self) -> str:
        """File name, with the layer where the file has several."""
        name = self.paths[0].name + (f" (+{len(self.paths) - 1})" if len(self.paths) > 1 else "")
        return f"{name}:{self.layer}" if self.layer else name

    @property
    def hint(self) -> str:
        """Text whose words may tell what the layer is."""
        return f"{self.paths[0].stem} {self.layer or ''}"

    @property
    def attributes(self) -> pd.DataFrame:
        """The columns without the geometry."""
        return pd.DataFrame(self.frame.drop(columns="geometry", errors="ignore"))

    @property
    def geometry(self) -> gpd.GeoSeries:
        """The shapes as the file has them."""
        assert isinstance(self.frame, gpd.GeoDataFrame)
        return self.frame.geometry


@dataclass(frozen=True, slots=True)
class Survey:
    """All sources, and what is to be said about files that were left aside."""

    sources: tuple[Source, ...]
    notes: tuple[Note, ...]


def survey(files: list[Path]) -> Survey:
    """Read all files; those of a format without a reader are left aside and named.

    Raises
    ------
    ManyErrors
        One InputError per file that is missing, cut off, unreadable or not what its name says.
    """
    sources: list[Source] = []
    notes: list[Note] = []
    errors: list[LandplanError] = []
    for path in dict.fromkeys(files):
        if _belongs_to_shapefile(path):
            continue
        try:
            sources += _sources(path, notes)
        except InputError as error:
            if error.code == "file.format_unknown":
                notes.append(Note("draft.file_left_aside", {"file": path.name}))
            else:
                errors.append(error)
    if errors:
        raise ManyErrors(errors)
    return Survey(tuple(_with_sheets_joined(sources)), tuple(notes))


def _belongs_to_shapefile(path: Path) -> bool:
    if path.suffix.lower() not in _SHAPEFILE_PARTS:
        return False
    main = path.with_suffix("")  # town.shp.xml leaves town.shp
    names = [main] if main.suffix.lower() == ".shp" else [main.with_suffix(".shp")]
    return any(one.is_file() or one.with_suffix(".SHP").is_file() for one in names)


def _sources(path: Path, notes: list[Note]) -> Iterator[Source]:
    form = sniff(path)
    if form == "csv":
        table = _table(path)
        separator = next((sign for sign in ";\t|" if sign in str(table.frame.columns[0])), None)
        if separator is not None and table.frame.shape[1] == 1:
            shown = "TAB" if separator == "\t" else separator
            notes.append(Note("draft.separator", {"file": path.name, "separator": shown}))
            return
        yield table
        return
    encoding, settled = None, True
    if form == "shapefile":
        encoding, settled = encodings.shapefile_encoding(path)
        if not settled:
            code = "draft.encoding_guess" if encoding else "draft.encoding_unknown"
            notes.append(Note(code, {"file": path.name, "encoding": encoding}))
    yield from _layers(path, form, encoding, settled)


def _layers(path: Path, form: Format, encoding: str | None, settled: bool) -> Iterator[Source]:
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    try:
        names = [str(name) for name, _ in pyogrio.list_layers(path) if name not in _NOT_DATA]
        for name in names:
            frame = pyogrio.read_dataframe(path, layer=name, encoding=encoding)
            kind = _kind(frame)
            if kind is None or (frame.empty and len(names) > 1):
                continue
            crs = CRS(frame.crs) if kind != "table" and frame.crs is not None else None
            stated = None if settled else encoding
            layer = name if len(names) > 1 else None
            yield Source((path,), form, layer, kind, frame, crs, stated)
    except (DataSourceError, DataLayerError, UnicodeDecodeError) as error:
        detail = " ".join(str(error).split())[:200]
        raise InputError("layer.unreadable", file=str(path), detail=detail) from None


def _table(path: Path) -> Source:
    encoding = encodings.table_encoding(path)
    if encoding is None:
        raise InputError("table.encoding", file=str(path), encoding="utf-8")
    codec = "utf-8-sig" if encoding == "utf-8" else encoding
    try:
        frame = pd.read_csv(path, dtype=str, encoding=codec)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        detail = " ".join(str(error).split())[:200]
        raise InputError("table.unreadable", file=str(path), detail=detail) from None
    stated = None if encoding == "utf-8" else encoding
    return Source((path,), "csv", None, "table", frame, None, stated)


def _kind(frame: pd.DataFrame) -> Kind | None:
    """Name the kind that most shapes have; None for layers without a usable shape."""
    if not isinstance(frame, gpd.GeoDataFrame):
        return "table"
    types = shapely.get_type_id(frame.geometry.to_numpy())
    counts: dict[Kind, int] = {
        "polygon": int(np.isin(types, (3, 6)).sum()),
        "line": int(np.isin(types, (1, 2, 5)).sum()),
        "point": int(np.isin(types, (0, 4)).sum()),
    }
    best = max(counts, key=lambda kind: counts[kind])
    return best if counts[best] else None


def _with_sheets_joined(sources: list[Source]) -> list[Source]:
    """Make one source of files with (nearly) the same columns and CRS that lie side by side."""
    maps: list[list[Source]] = []
    for source in sources:
        fitting = (sheets for sheets in maps if all(_same_map(one, source) for one in sheets))
        sheets = next(fitting, None)
        if sheets is None:
            maps.append([source])
        else:
            sheets.append(source)
    return [_joined(sheets) for sheets in maps]


def _joined(sheets: list[Source]) -> Source:
    if len(sheets) == 1:
        return sheets[0]
    first = sheets[0]
    rows = pd.concat([one.frame for one in sheets], ignore_index=True, join="inner")
    frame = gpd.GeoDataFrame(rows, geometry="geometry", crs=first.frame.crs)
    return replace(first, paths=tuple(one.paths[0] for one in sheets), frame=frame)


def _same_map(one: Source, other: Source) -> bool:
    if one.kind == "table" or one.layer or other.layer or one.encoding != other.encoding:
        return False
    same = (one.format, one.kind, one.crs) == (other.format, other.kind, other.crs)
    columns, others = set(one.frame.columns), set(other.frame.columns)
    if not same or len(columns & others) < _LEAST_COMMON * len(columns | others):
        return False
    first, second = (shapely.box(*source.frame.total_bounds) for source in (one, other))
    smaller = min(first.area, second.area)
    return bool(smaller > 0 and first.intersection(second).area / smaller < _LARGEST_OVERLAP)
