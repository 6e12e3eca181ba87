"""A zipped shapefile: unpacked part by part under a byte cap; what else it holds stays inside.

Nothing a zip says of itself is believed: sizes are counted while unpacking, names serve only to
tell the parts of the one shapefile apart, and every file gets a name made here.
"""

import stat
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import IO, Final

from landplan.errors import InputError
from landplan.workspace.upload_limits import MEBI, UploadLimits

PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_LEFT_INSIDE: Final = (".sbn", ".sbx", ".qix", ".qpj", ".qmd", ".xml", ".cst", ".fbn", ".fbx")
"""Indexes, styles and notes that programs put beside a shapefile; never needed, never unpacked."""
_END: Final = b"PK\x05\x06"
_CHUNK: Final = 1 << 18
_SMALL: Final = MEBI
"""Below this size no ratio is worth a refusal."""


def unpack_shapefile(archive: Path, target: Path, stem: str, limits: UploadLimits) -> Path:
    """Unpack the one shapefile of a zip as ``target/stem.*`` and return its main file.

    Raises
    ------
    InputError
        ``upload.zip_…``: the file is no zip, holds too many entries or too much, several layers,
        none, files of another kind, links, encrypted parts, or names that lead elsewhere.
    """
    name = archive.name
    _require_few_entries(archive, limits)
    try:
        with zipfile.ZipFile(archive) as opened:
            parts = _parts(opened.infolist(), name, limits)
            left = limits.bytes_unpacked
            for suffix, entry in parts.items():
                with opened.open(entry) as source:
                    left -= _copy(source, target / f"{stem}{suffix}", left, name, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError):
        raise InputError("upload.zip_broken", file=name) from None
    return target / f"{stem}.shp"


def _require_few_entries(archive: Path, limits: UploadLimits) -> None:
    """Read the number of entries at the end of the file, before anybody makes a list of them."""
    with archive.open("rb") as stream:
        stream.seek(max(0, archive.stat().st_size - (1 << 16) - 22))
        tail = stream.read()
    place = tail.rfind(_END)
    if place < 0 or len(tail) < place + 22:
        raise InputError("upload.zip_broken", file=archive.name)
    # 65,535 stands for "more than fits here"
    entries = int.from_bytes(tail[place + 10 : place + 12], "little")
    directory = int.from_bytes(tail[place + 12 : place + 16], "little")
    if entries > limits.zip_entries or directory > MEBI:
        raise InputError(
            "upload.zip_entries", file=archive.name, found=entries, limit=limits.zip_entries
        )


def _parts(
    entries: Sequence[zipfile.ZipInfo], file: str, limits: UploadLimits
) -> dict[str, zipfile.ZipInfo]:
    """Return the entries of the shapefile by suffix, after looking at every entry."""
    if len(entries) > limits.zip_entries:
        raise InputError(
            "upload.zip_entries", file=file, found=len(entries), limit=limits.zip_entries
        )
    shown = [entry for entry in entries if not entry.is_dir()]
    for entry in entries:
        _require_harmless(entry, file)
    _require_plausible(shown, file, limits)
    wanted = [entry for entry in shown if not _is_litter(entry)]
    for entry in wanted:
        if _suffix(entry) not in (*PARTS, *_LEFT_INSIDE):
            raise InputError("upload.zip_other", file=file, entry=_shown(entry), known=PARTS)
    parts = [entry for entry in wanted if _suffix(entry) in PARTS]
    layers = sorted({str(PurePosixPath(entry.filename).with_suffix("")) for entry in parts})
    if not any(_suffix(entry) == ".shp" for entry in parts):
        raise InputError("upload.zip_no_shapefile", file=file)
    if len({layer.casefold() for layer in layers}) > 1:
        raise InputError("upload.zip_several", file=file, layers=[one[-60:] for one in layers])
    found: dict[str, zipfile.ZipInfo] = {}
    for entry in parts:
        if _suffix(entry) in found:
            raise InputError("upload.zip_twice", file=file, entry=_shown(entry))
        found[_suffix(entry)] = entry
    return found


def _require_harmless(entry: zipfile.ZipInfo, file: str) -> None:
    name = entry.filename
    path = PurePosixPath(name.replace("\\", "/"))
    leads_away = path.is_absolute() or ".." in path.parts or ":" in name or "\x00" in name
    if leads_away or "\\" in name or "\x00" in entry.orig_filename:
        raise InputError("upload.zip_path", file=file, entry=_shown(entry))
    mode = entry.external_attr >> 16
    if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise InputError("upload.zip_link", file=file, entry=_shown(entry))
    if entry.flag_bits & 0x1:
        raise InputError("upload.zip_encrypted", file=file, entry=_shown(entry))
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InputError("upload.zip_broken", file=file)


def _require_plausible(entries: list[zipfile.ZipInfo], file: str, limits: UploadLimits) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if unpacked > limits.bytes_unpacked:
        limit = limits.bytes_unpacked // MEBI
        raise InputError("upload.zip_large", file=file, limit=limit)
    if unpacked > _SMALL and unpacked > limits.zip_ratio * max(packed, 1):
        raise InputError("upload.zip_ratio", file=file, limit=limits.zip_ratio)


def _copy(source: IO[bytes], target: Path, left: int, file: str, limits: UploadLimits) -> int:
    """Write one part and return its size; stops as soon as the cap is passed."""
    written = 0
    with target.open("xb") as out:
        while chunk := source.read(_CHUNK):
            written += len(chunk)
            if written > left:
                limit = limits.bytes_unpacked // MEBI
                raise InputError("upload.zip_large", file=file, limit=limit)
            out.write(chunk)
    return written


def _is_litter(entry: zipfile.ZipInfo) -> bool:
    """Whether macOS or Windows left it there."""
    parts = PurePosixPath(entry.filename).parts
    return parts[0] == "__MACOSX" or parts[-1].casefold() in (".ds_store", "thumbs.db")


def _suffix(entry: zipfile.ZipInfo) -> str:
    return PurePosixPath(entry.filename).suffix.casefold()


def _shown(entry: zipfile.ZipInfo) -> str:
    """Return a name for a sentence: short, and without characters that nobody sees."""
    kept = "".join(c if c.isprintable() else "�" for c in entry.orig_filename)
    return kept if len(kept) <= 60 else f"{kept[:57]}…"
