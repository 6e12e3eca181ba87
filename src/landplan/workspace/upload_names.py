"""Names of uploaded files: what is accepted, what they are called here, what people are told."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from landplan.cadastre.townfile import TownFile
from landplan.errors import InputError, LandplanError, ManyErrors
from landplan.workspace.upload_records import UploadedFile

SUFFIXES: Final = (".zip", ".gpkg", ".geojson", ".json", ".topojson", ".csv", ".tsv")
_BEGINNINGS: Final[dict[str, tuple[bytes, str]]] = {
    ".zip": (b"PK\x03\x04", "ZIP"),
    ".gpkg": (b"SQLite format 3\x00", "GeoPackage"),
    ".geojson": (b"{", "GeoJSON"),
    ".json": (b"{", "GeoJSON"),
    ".topojson": (b"{", "TopoJSON"),
}
_LONGEST_NAME: Final = 100
_LONGEST_STEM: Final = 40
_NO_WORD: Final = re.compile(r"[^0-9A-Za-z\u3400-\u9fff]+")


def shown_name(name: str) -> str:
    """Return the last part of a sender's file name, without what nobody sees."""
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join(c for c in last if c.isprintable()).strip()
    return kept if len(kept) <= _LONGEST_NAME else kept[-_LONGEST_NAME:]


def stored_name(number: int, shown: str) -> str:
    """Return the name of a file here: its number, and its words as a hint what it holds."""
    path = Path(shown)
    stem = _NO_WORD.sub("_", path.stem).strip("_")[:_LONGEST_STEM] or "layer"
    return f"{number}_{stem}{path.suffix.casefold()}"


def require_bytes(path: Path, shown: str) -> None:
    """Raise InputError where the first bytes are not those of the kind that the name says."""
    with path.open("rb") as stream:
        head = stream.read(4096)
    if not head:
        raise InputError("upload.no_bytes", file=shown)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    known = _BEGINNINGS.get(path.suffix)
    if known is None:  # a table: anything that is plain text
        # UTF-16 has zero bytes, but says so at its beginning
        binary = b"\x00" in head and head[:2] not in (b"\xff\xfe", b"\xfe\xff")
        if binary or text.startswith((b"<", b"{", b"%PDF", b"PK\x03\x04")):
            raise InputError("upload.not_its_kind", file=shown, kind="CSV")
        return
    beginning, kind = known
    if not (text if beginning == b"{" else head).startswith(beginning):
        raise InputError("upload.not_its_kind", file=shown, kind=kind)


def files_of(town: TownFile) -> list[str]:
    """Return every file that a town file names."""
    names = [join.file for join in town.parcels.join]
    for layer in (
        town.parcels,
        town.zones,
        town.restrictions,
        town.roads,
        town.buildings,
        town.facilities,
    ):
        names += layer.files if layer is not None else []
    names += [table.file for table in (town.owners, town.rights) if table is not None]
    names += [town.town.crs_file] if town.town.crs_file else []
    return list(dict.fromkeys(names))


def with_own_names(said: Any, files: Sequence[UploadedFile]) -> Any:
    """Return data with the names that the sender gave in place of those made here."""
    if isinstance(said, dict):
        return {key: with_own_names(value, files) for key, value in said.items()}
    if isinstance(said, list | tuple):
        return [with_own_names(value, files) for value in said]
    if not isinstance(said, str):
        return said
    for file in files:
        stem = re.escape(Path(file.stored).stem)
        shown = Path(file.name).stem.replace("\\", r"\\")
        said = re.sub(rf"(?<!\w){stem}(?!\w)", shown, said)
    return said


@contextmanager
def own_names(files: Sequence[UploadedFile]) -> Iterator[None]:
    """Let errors name files as their sender does."""
    try:
        yield
    except LandplanError as error:
        faults = error.errors if isinstance(error, ManyErrors) else (error,)
        raise ManyErrors(
            [InputError(one.code, **with_own_names(one.params, files)) for one in faults]
        ) from None
