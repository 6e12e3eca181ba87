"""Fingerprints of what was written: one SHA-256 per layer, and one for the document.

The stated format (``landplan-layer-1``) sees values, not their storage, so a frame in memory and
the same frame read back from a GeoPackage have one fingerprint:

* columns in the order of their names, the geometry under ``geometry``; rows in file order;
* a missing value (None, NaN, NaT) and an empty geometry are ``~``;
* booleans and whole numbers are decimal integers, other numbers the shortest decimal that reads
  back as the same float64;
* text is a JSON string, a date its ISO form; a geometry is its little-endian 2D WKB in
  hexadecimal, always of the Multi type.

The coordinate system is no part of it: the document names it, and the audit compares it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from landplan.proposal.layers import promote

_FORMAT = "landplan-layer-1"
_MISSING = "~"
_AT_ONCE: Final = 10_000
"""Rows put together before they are hashed."""
_quoted = json.JSONEncoder().encode
UNHASHED = ("audit", "times")
"""Keys of ``proposal.json`` that come after the fact and are no part of its fingerprint."""


def layer_hash(frame: pd.DataFrame) -> str:
    """Return the SHA-256 (64 hexadecimal digits) of a layer or attribute table.

    Parameters
    ----------
    frame
        A `GeoDataFrame`, or a `DataFrame` for tables without geometry. The index is ignored.
    """
    geometry = frame.active_geometry_name if isinstance(frame, gpd.GeoDataFrame) else None
    columns: dict[str, list[str]] = {}
    for name in frame.columns:
        if name == geometry:
            columns["geometry"] = _geometries(frame[name].to_numpy())
        else:
            columns[str(name)] = _values(frame[name])
    names = sorted(columns)
    digest = hashlib.sha256(f"{_FORMAT}\n{json.dumps(names)}\n".encode())
    for first in range(0, len(frame), _AT_ONCE):
        part = (columns[name][first : first + _AT_ONCE] for name in names)
        text = "".join(["\t".join(row) + "\n" for row in zip(*part, strict=True)])
        digest.update(text.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def document_hash(document: Mapping[str, object]) -> str:
    """Return the SHA-256 of ``proposal.json`` without audit, times and stored fingerprints.

    Parameters
    ----------
    document
        The document as data. ``provenance.content_hash`` is left out, so that the result can be
        stored there.
    """
    kept = {key: value for key, value in document.items() if key not in UNHASHED}
    provenance = kept.get("provenance")
    if isinstance(provenance, Mapping):
        kept["provenance"] = {k: v for k, v in provenance.items() if k != "content_hash"}
    text = json.dumps(_plain(kept), sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def fingerprint_short(content_hash: Mapping[str, str]) -> str:
    """Return the fingerprint that people compare on paper: ``7F3A-91C2``.

    Parameters
    ----------
    content_hash
        The stored SHA-256 by name of every layer, the workbook and the document
        (``Proposal.content_hash``, ``provenance.content_hash`` of ``proposal.json``): whatever is
        changed in any of them changes the fingerprint.

    Raises
    ------
    ValueError
        The proposal has not been written, so nothing of it is fixed yet.
    """
    if not content_hash:
        raise ValueError("a proposal gets its fingerprint by being written")
    chain = "".join(f"{name} {content_hash[name]}\n" for name in sorted(content_hash))
    digits = hashlib.sha256(chain.encode()).hexdigest()[:8].upper()
    return f"{digits[:4]}-{digits[4:]}"


def _plain(value: object) -> object:
    """Give JSON data one spelling per value: 2.0 and 2 are one number, tuples are lists."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _values(column: "pd.Series[Any]") -> list[str]:
    """Spell a column; equal values are spelled once."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind == "f":
        return _numbers(column.to_numpy(np.float64))
    try:
        codes, known = pd.factorize(column)
    except TypeError:  # what some file holds there cannot be compared
        return [_value(value) for value in column.tolist()]
    values = known.tolist()
    one = _quoted if set(map(type, values)) == {str} else _value
    texts = np.array([*map(one, values), _MISSING], dtype=object)
    spelled: list[str] = texts[codes].tolist()
    return spelled


def _value(value: object) -> str:
    """Spell one cell."""
    if isinstance(value, str):
        return _quoted(value)
    if value is None or value is pd.NA or value is pd.NaT:
        return _MISSING
    if isinstance(value, bool | int | np.bool_ | np.integer):
        return str(int(value))
    if isinstance(value, float | np.floating):
        return _number(float(value))
    if hasattr(value, "isoformat"):
        return json.dumps(value.isoformat())
    return json.dumps(str(value))


def _numbers(numbers: NDArray[np.float64]) -> list[str]:
    """Spell a column of numbers as `_number` does, the whole ones at once."""
    words = np.full(len(numbers), _MISSING, dtype=object)
    whole = (numbers == np.floor(numbers)) & (np.abs(numbers) < 2.0**53)
    words[whole] = [*map(str, numbers[whole].astype(np.int64).tolist())]
    rest = ~whole & ~np.isnan(numbers)
    words[rest] = [*map(_number, numbers[rest].tolist())]
    spelled: list[str] = words.tolist()
    return spelled


def _number(number: float) -> str:
    if number != number:  # not a number
        return _MISSING
    return str(int(number)) if number.is_integer() else repr(number)


def _geometries(geometries: Iterable[object]) -> list[str]:
    """Spell geometries [n]; missing and empty ones hold no ground and are the same."""
    array = np.asarray(geometries, dtype=object).copy()
    if not len(array):
        return []
    array[~shapely.is_geometry(array)] = None
    text = shapely.to_wkb(
        promote(array), hex=True, output_dimension=2, byte_order=1, include_srid=False
    )
    return [_MISSING if spelled is None else spelled for spelled in text]
