"""Handing a file to GDAL: which layer, which columns, which encoding; whatever it says is kept."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import shapely
from pandas import DataFrame

from landplan.cadastre.sniff import sniff
from landplan.errors import InputError


def open_layer(
    path: Path, file: str, layer: str | None, encoding: str | None, columns: list[str]
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Read a layer with geometry and the named columns.

    Returns the frame and what GDAL remarked on the way. Raises InputError where the file, the layer
    or a column cannot be read, and where a file has several layers and none is named.
    """
    frame, remarks = _read(path, file, layer, encoding, columns, geometry=True)
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError("layer.no_geometry", file=file)
    return frame, remarks


def open_table(
    path: Path, file: str, layer: str | None, encoding: str | None, columns: list[str]
) -> DataFrame:
    """Read the attributes of a layer or table; raises InputError like `open_layer`."""
    return DataFrame(_read(path, file, layer, encoding, columns, geometry=False)[0])


def field_names(path: Path, file: str, layer: str | None, encoding: str | None) -> list[str]:
    """Return the names of all columns of a layer; raises InputError like `open_layer`."""
    import pyogrio

    with _told(file):
        chosen = _choose(path, file, layer, geometry=True)
        text = encoding or _proven_encoding(path, sniff(path))
        return [
            str(name) for name in pyogrio.read_info(path, layer=chosen, encoding=text)["fields"]
        ]


def require_columns(columns: list[str], known: list[str], file: str) -> None:
    """Raise InputError naming every column that a file does not have, and those that it has."""
    missing = [column for column in dict.fromkeys(columns) if column not in known]
    if missing:
        raise InputError("layer.column_missing", file=file, columns=missing, known=known)


def _read(
    path: Path,
    file: str,
    layer: str | None,
    encoding: str | None,
    columns: list[str],
    geometry: bool,
) -> tuple[DataFrame, list[str]]:
    import pyogrio

    kind = sniff(path)
    if kind == "csv":
        raise InputError("layer.no_geometry", file=file)
    with _told(file) as remarks:
        chosen = _choose(path, file, layer, geometry)
        text = encoding or _proven_encoding(path, kind)
        info = pyogrio.read_info(path, layer=chosen, encoding=text)
        require_columns(columns, [str(name) for name in info["fields"]], file)
        frame = pyogrio.read_dataframe(
            path,
            layer=chosen,
            encoding=text,
            columns=list(dict.fromkeys(columns)),
            read_geometry=geometry,
        )
    return frame, remarks


def _choose(path: Path, file: str, layer: str | None, geometry: bool) -> str | None:
    """Return the layer to read: the one named, or the only one there is."""
    import pyogrio

    listed = [(str(name), kind) for name, kind in pyogrio.list_layers(path)]
    known = [name for name, kind in listed if kind is not None or not geometry]
    if layer is not None:
        if layer not in [name for name, _ in listed]:
            raise InputError("layer.missing", file=file, layer=layer, known=known)
        return layer
    if len(known) > 1:
        raise InputError("layer.several", file=file, known=known)
    return known[0] if known else None


@contextmanager
def _told(file: str) -> Iterator[list[str]]:
    """Turn whatever GDAL and GEOS raise into one sentence, and collect what they only remark."""
    remarks: list[str] = []
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield remarks
    except InputError:
        raise
    # pyogrio's errors are RuntimeErrors of many kinds; damaged files raise nearly all of them
    except (RuntimeError, ValueError, LookupError, shapely.errors.ShapelyError) as error:
        raise InputError("layer.unreadable", file=file, detail=_one_line(str(error))) from None
    remarks += sorted({_one_line(str(entry.message)) for entry in caught})


def _proven_encoding(path: Path, kind: str) -> str | None:
    """Return the encoding of a shapefile's table.

    Raises InputError where none is stated and none can be proven.

    A code page file or the language byte of the table settles it (GDAL reads both). Otherwise only
    pure ASCII and strictly valid UTF-8 prove themselves: GBK or Big5 text is practically never
    valid UTF-8.
    """
    if kind != "shapefile":
        return None
    parts = {part.suffix.lower(): part for part in path.parent.iterdir() if part.stem == path.stem}
    if ".cpg" in parts or ".dbf" not in parts:
        return None
    table = parts[".dbf"]
    raw = table.read_bytes()
    language_byte = 29
    if len(raw) > language_byte and raw[language_byte] != 0:
        return None
    try:
        raw[32:].decode("ascii")
        return None
    except UnicodeDecodeError:
        pass
    header = int.from_bytes(raw[8:10], "little")
    try:
        raw[header:].decode("utf-8")
    except UnicodeDecodeError:
        raise InputError("layer.encoding_unknown", file=path.name) from None
    return "utf-8"


def _one_line(text: str) -> str:
    return " ".join(text.split())[:200]
