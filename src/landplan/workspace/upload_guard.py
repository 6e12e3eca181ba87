"""What is asked of an uploaded file before and after GDAL opens it; runs in the reading process."""

import re
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import numpy as np
import shapely

from landplan.cadastre.draft.survey import Source
from landplan.cadastre.sniff import Format, sniff
from landplan.errors import InputError, LandplanError
from landplan.workspace.upload_limits import UploadLimits

_TRIGGER_PREFIXES: Final = (
    "rtree_",
    "gpkg_",
    "fgti_",
    "fgtu_",
    "trigger_insert_feature_count_",
    "trigger_delete_feature_count_",
)
"""What GDAL, QGIS and ArcGIS write to keep indexes and counts; reading runs no trigger anyway."""
_DEEPEST_JSON: Final = 64
_CHUNK: Final = 1 << 20
_ESCAPED: Final = re.compile(rb"\\.", re.DOTALL)
_NO_MARKS: Final = bytes(set(range(256)) - set(b'[]{}"'))
_OPENING: Final = np.frombuffer(b"[{", dtype=np.uint8)


def before_opening(path: Path, limits: UploadLimits) -> Format:
    """Return the format of a file; raises InputError where it is not safe to hand it to GDAL."""
    form = sniff(path)
    if form == "gpkg":
        _require_plain_tables(path)
    elif form in ("geojson", "topojson"):
        _require_shallow(path)
    if form != "csv":
        _require_few(path, limits)
    return form


def after_reading(sources: Iterable[Source], limits: UploadLimits) -> list[LandplanError]:
    """Return what is wrong with layers as read: too many corners, or corners nowhere."""
    errors: list[LandplanError] = []
    vertices = 0
    for source in sources:
        if source.kind == "table":
            continue
        shapes = source.geometry.to_numpy()
        vertices += int(shapely.get_num_coordinates(shapes).sum())
        bounds = shapely.get_coordinates(shapes)
        nowhere = int((~np.isfinite(bounds).all(axis=1)).sum())
        if nowhere:
            errors.append(InputError("upload.not_finite", file=source.label, n=nowhere))
    if vertices > limits.vertices:
        errors.append(InputError("upload.vertices", found=vertices, limit=limits.vertices))
    return errors


def _require_few(path: Path, limits: UploadLimits) -> None:
    """Count features and columns from what the file says, before a table is made of them."""
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    total = 0
    try:
        for name, _ in pyogrio.list_layers(path):
            info = pyogrio.read_info(path, layer=name, force_feature_count=True)
            total += max(int(info["features"]), 0)
            if total > limits.features:
                raise InputError(
                    "upload.features", file=path.name, found=total, limit=limits.features
                )
            if len(info["fields"]) > limits.columns:
                found = len(info["fields"])
                raise InputError(
                    "upload.columns", file=path.name, found=found, limit=limits.columns
                )
    except (DataLayerError, DataSourceError, UnicodeDecodeError) as error:
        detail = " ".join(str(error).split())[:200]
        raise InputError("layer.unreadable", file=path.name, detail=detail) from None


def _require_plain_tables(path: Path) -> None:
    """Refuse a GeoPackage whose content is computed when it is read.

    A view runs SQL of the sender, a virtual table may open other files; tables and their spatial
    index are all that a layer needs.
    """
    address = path.resolve().as_uri() + "?mode=ro&immutable=1"
    query = "SELECT type, name, sql FROM sqlite_master"
    try:
        with closing(sqlite3.connect(address, uri=True)) as database:
            database.execute("PRAGMA trusted_schema=OFF")
            rows = database.execute(query).fetchall()
    except (sqlite3.Error, UnicodeDecodeError) as error:
        detail = " ".join(str(error).split())[:200]
        raise InputError("layer.unreadable", file=path.name, detail=detail) from None
    strange = [str(name)[:60] for kind, name, sql in rows if _computes(kind, str(name), sql)]
    if strange:
        raise InputError("upload.gpkg_computed", file=path.name, names=sorted(strange))


def _computes(kind: str, name: str, sql: object) -> bool:
    if kind == "view":
        return True
    if kind == "trigger":
        return not (name.startswith(_TRIGGER_PREFIXES) or _only_refuses(str(sql or "")))
    words = str(sql or "").upper().split()
    virtual = words[:3] == ["CREATE", "VIRTUAL", "TABLE"]
    return virtual and not _is_spatial_index(words)


def _only_refuses(sql: str) -> bool:
    """Whether a trigger does nothing but reject wrong rows, as the standard's own for tiles do."""
    _, _, body = sql.upper().partition("BEGIN")
    steps = [" ".join(step.split()) for step in body.split(";")]
    return all(step.startswith("SELECT RAISE") for step in steps if step not in ("", "END"))


def _is_spatial_index(words: Sequence[str]) -> bool:
    return "USING" in words and words[words.index("USING") + 1].startswith("RTREE")


def _require_shallow(path: Path) -> None:
    """Refuse JSON nested deeper than any map, whatever the reader would do with it."""
    depth, in_text = 0, False
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            while chunk.endswith(b"\\") and (more := stream.read(1)):  # no escape across chunks
                chunk += more
            pieces = _ESCAPED.sub(b"", chunk).translate(None, _NO_MARKS).split(b'"')
            outside = b"".join(pieces[in_text::2])  # every other piece lies inside of a text
            in_text ^= len(pieces) % 2 == 0
            if not outside:
                continue
            marks = np.frombuffer(outside, dtype=np.uint8)
            steps = np.where(np.isin(marks, _OPENING), 1, -1).cumsum()
            if depth + int(steps.max()) > _DEEPEST_JSON:
                raise InputError("upload.json_deep", file=path.name, limit=_DEEPEST_JSON)
            depth += int(steps[-1])
