"""Whether a file is what its name says, from its first bytes: asked before any reader opens it.

GDAL goes by content, not by name: an XML file called ``town.gpkg`` makes it open the file or the
address that the XML names. Here the name and the bytes must agree, and a file that was cut off on
its way is refused before half a town is read.
"""

import re
import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from typing import Final, Literal

from landplan.errors import InputError

Format = Literal["gpkg", "geojson", "topojson", "shapefile", "csv"]

_NAMES: Final[dict[str, tuple[Format, ...]]] = {
    ".gpkg": ("gpkg",),
    ".geojson": ("geojson",),
    ".topojson": ("topojson",),
    ".json": ("geojson", "topojson"),
    ".shp": ("shapefile",),
    ".csv": ("csv",),
    ".tsv": ("csv",),
}
KNOWN_SUFFIXES: Final = tuple(_NAMES)

_HEAD_BYTES: Final = 1 << 20  # enough to meet the first member of a JSON object that tells
_SQLITE: Final = b"SQLite format 3\x00"
_GPKG_IDS: Final = (b"GPKG", b"GP10", b"GP11")
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_UTF8_BOM: Final = b"\xef\xbb\xbf"

_GEOJSON_TYPES: Final = frozenset({"FeatureCollection", "Feature", "GeometryCollection"})
_TELLING_MEMBERS: Final[dict[str, Format]] = {
    "features": "geojson",
    "geometries": "geojson",
    "objects": "topojson",
    "arcs": "topojson",
}


def sniff(path: Path) -> Format:
    """Return the format of a file, where its name and its bytes agree.

    Raises
    ------
    InputError
        ``file.missing``, ``file.is_folder``; ``file.format_unknown`` for a name that has no reader;
        ``file.not_what_it_says`` where the bytes belong to something else; ``file.truncated``
        where the header promises more bytes than there are; ``file.part_missing`` and
        ``file.parts_disagree`` for shapefiles.
    """
    if path.is_dir():
        raise InputError("file.is_folder", file=str(path))
    if not path.is_file():
        raise InputError("file.missing", file=str(path))
    expected = _NAMES.get(path.suffix.lower())
    if expected is None:
        raise InputError("file.format_unknown", file=str(path), known=KNOWN_SUFFIXES)
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    if not head:
        raise InputError("file.truncated", file=str(path), size=0, expected=1)
    if expected == ("gpkg",):
        _require_geopackage(path, head)
        return "gpkg"
    if expected == ("shapefile",):
        _require_shapefile(path, head)
        return "shapefile"
    if expected == ("csv",):
        _require_table(path, head)
        return "csv"
    return _json_format(path, head, expected)


def _refuse(path: Path, expected: str, found: str) -> InputError:
    return InputError("file.not_what_it_says", file=str(path), expected=expected, found=found)


def _content(head: bytes) -> str:
    """Name what the bytes look like, for the sentence that refuses them."""
    for magic, name in (
        (_SQLITE, "SQLite"),
        (b"PK\x03\x04", "ZIP"),
        (b"\x1f\x8b", "gzip"),
        (b"BZh", "bzip2"),
        (b"%PDF", "PDF"),
        (b"\xd0\xcf\x11\xe0", "Microsoft Office"),
        (b"\x00\x00\x27\x0a", "Shapefile"),
    ):
        if head.startswith(magic):
            return name
    start = head.removeprefix(_UTF8_BOM).lstrip()
    if start.startswith(b"<"):
        root = re.match(rb"(?:<[?!][^>]*>\s*)*<([A-Za-z][\w:.-]*)", start)
        return f"XML <{root[1].decode('ascii', 'replace')}>" if root else "XML"
    if re.match(rb'[\[{]\s*["{\[}\]]', start):
        return "JSON"
    return "binary" if b"\x00" in head[:4096] else "text"


# --- GeoPackage -----------------------------------------------------------------------------------


def _require_geopackage(path: Path, head: bytes) -> None:
    if not head.startswith(_SQLITE) or len(head) < 100:
        raise _refuse(path, "gpkg", _content(head))
    page = struct.unpack(">H", head[16:18])[0]
    pages = struct.unpack(">I", head[28:32])[0]
    expected = (65_536 if page == 1 else page) * pages
    # SQLite trusts its page count only where these counters agree; older writers leave it stale.
    if head[24:28] == head[92:96] and path.stat().st_size < expected:
        size = path.stat().st_size
        raise InputError("file.truncated", file=str(path), size=size, expected=expected)
    if head[68:72] not in _GPKG_IDS and not _has_contents_table(path):
        raise _refuse(path, "gpkg", "SQLite")


def _has_contents_table(path: Path) -> bool:
    """Whether the table exists; ``immutable`` keeps SQLite from writing beside the file."""
    address = path.resolve().as_uri() + "?mode=ro&immutable=1"
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'gpkg_contents'"
    try:
        with closing(sqlite3.connect(address, uri=True)) as database:
            return database.execute(query).fetchone() is not None
    except sqlite3.DatabaseError:
        return False


# --- Shapefile ------------------------------------------------------------------------------------


def _require_shapefile(path: Path, head: bytes) -> None:
    """Compare the three parts with their own headers and with each other.

    Layout of the headers: ESRI Shapefile Technical Description, an ESRI White Paper, July 1998.
    """
    _require_main_file(path, head)
    index, table = _part(path, ".shx"), _part(path, ".dbf")
    index_head, table_head = _start(index), _start(table)
    _require_main_file(index, index_head)
    shapes = (struct.unpack(">i", index_head[24:28])[0] * 2 - 100) // 8
    rows = _require_dbase(table, table_head)
    if shapes != rows:
        raise InputError("file.parts_disagree", file=str(path), shapes=shapes, rows=rows)


def _part(path: Path, suffix: str) -> Path:
    for spelled in (suffix, suffix.upper()):
        candidate = path.with_suffix(spelled)
        if candidate.is_file():
            return candidate
    raise InputError("file.part_missing", file=str(path), part=path.with_suffix(suffix).name)


def _start(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(4096)


def _require_main_file(path: Path, head: bytes) -> None:
    if head[:4] != b"\x00\x00\x27\x0a"[: len(head)]:
        raise _refuse(path, "shapefile", _content(head))
    size = path.stat().st_size
    expected = struct.unpack(">i", head[24:28])[0] * 2 if len(head) >= 100 else 100
    if size < expected:
        raise InputError("file.truncated", file=str(path), size=size, expected=expected)


def _require_dbase(path: Path, head: bytes) -> int:
    """Return the number of rows; the header says how many of which length must follow."""
    size = path.stat().st_size
    if len(head) < 32:
        raise InputError("file.truncated", file=str(path), size=size, expected=32)
    rows, header, length = struct.unpack("<IHH", head[4:12])
    if header < 33 or length < 1 or head[0] & 0x07 not in (2, 3, 4, 5):
        raise _refuse(path, "dbf", _content(head))
    if size < header + rows * length:
        raise InputError(
            "file.truncated", file=str(path), size=size, expected=header + rows * length
        )
    return int(rows)


# --- Tables ---------------------------------------------------------------------------------------


def _require_table(path: Path, head: bytes) -> None:
    """Text is all that can be asked of a CSV; markup, JSON and binary files are none."""
    if head.startswith(_UTF16):
        return
    found = _content(head)
    if found != "text":
        raise _refuse(path, "csv", found)


# --- JSON -----------------------------------------------------------------------------------------

_TOKEN: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]:]', re.DOTALL)


def _json_format(path: Path, head: bytes, expected: tuple[Format, ...]) -> Format:
    said = "/".join(expected)
    text = head.removeprefix(_UTF8_BOM)
    if not text.lstrip().startswith(b"{"):
        raise _refuse(path, said, _content(head))
    found = _telling_member(text)
    if found is None:
        raise _refuse(path, said, "JSON")
    if found not in expected:
        raise _refuse(path, said, found)
    if not _ends_with_brace(path):
        size = path.stat().st_size
        raise InputError("file.truncated", file=str(path), size=size, expected=size + 1)
    return found


def _telling_member(text: bytes) -> Format | None:
    """Find the first member of the outer object that only one format has.

    ``type`` may stand behind megabytes of features; then the member's own name tells as well.
    """
    depth = 0
    last: bytes | None = None
    member: str | None = None
    for token in _TOKEN.findall(text):
        if token in (b"{", b"["):
            depth += 1
        elif token in (b"}", b"]"):
            depth -= 1
        elif token == b":" and depth == 1 and last is not None:
            member = last.decode("utf-8", "replace")[1:-1]
            if member in _TELLING_MEMBERS:
                return _TELLING_MEMBERS[member]
        elif depth == 1 and member == "type":
            return _format_of_type(token.decode("utf-8", "replace")[1:-1])
        last = token
    return None


def _format_of_type(kind: str) -> Format | None:
    if kind == "Topology":
        return "topojson"
    return "geojson" if kind in _GEOJSON_TYPES else None


def _ends_with_brace(path: Path) -> bool:
    """Whether the last visible byte closes an object; a file cut off hardly ever ends so."""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - 4096))
        return stream.read().rstrip(b" \t\r\n\x00\x1a").endswith(b"}")
