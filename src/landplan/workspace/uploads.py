"""Files that people send: received, mapped, checked, imported, or removed after a day.

    W/uploads/<token>/upload.json     who sent what
    W/uploads/<token>/files/          the files under names made here, and the town file

Only the reading process (`landplan.workspace.upload_reader`) opens the files.
"""

import shutil
import threading
import time
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from sqlalchemy import URL, Engine

from landplan.cadastre.draft.columns import words
from landplan.cadastre.draft.drafting import NO_CURRENCY
from landplan.cadastre.townfile import TownFile
from landplan.cadastre.validation import validated
from landplan.errors import InputError, ManyErrors
from landplan.workspace.database import now
from landplan.workspace.datasets import Datasets
from landplan.workspace.records import DatasetRecord
from landplan.workspace.upload_child import ask_reader
from landplan.workspace.upload_folder import CHECK, DRAFT, UPLOAD, UploadFolder
from landplan.workspace.upload_limits import UploadLimits
from landplan.workspace.upload_names import (
    SUFFIXES,
    files_of,
    own_names,
    require_bytes,
    shown_name,
    stored_name,
    with_own_names,
)
from landplan.workspace.upload_reader import TOWN_FILE
from landplan.workspace.upload_records import (
    UploadCheck,
    UploadDraft,
    UploadedColumn,
    UploadedFile,
    UploadedLayer,
)
from landplan.workspace.upload_toml import town_toml


class Uploads:
    """The folder ``uploads/`` of a workspace; imported uploads go to its datasets."""

    def __init__(
        self, home: Path, engine: Engine, datasets: Datasets, limits: UploadLimits | None = None
    ) -> None:
        self.home = home
        self.limits = limits or UploadLimits()
        self._engine = engine
        self._datasets = datasets
        self._lock = threading.Lock()

    def open(self, person: str) -> str:
        """Begin an upload and return its token; old ones that nobody imported are removed."""
        self.clean()
        token = UploadFolder.make(self.home)
        start = {"person": person, "at": now(), "files": []}
        UploadFolder(self.home, token).note(UPLOAD, start)
        return token

    def add(self, token: str, name: str, content: IO[bytes]) -> UploadedFile:
        """Receive a file.

        Raises InputError where its name or its first bytes are of no kind that is read here, or a
        limit is passed; then nothing of it is kept.
        """
        shown = shown_name(name)
        _require_kind(shown)
        with self._lock:
            folder = UploadFolder(self.home, token)
            known = self.files(token)
            if len(known) >= self.limits.files:
                raise InputError("upload.files", limit=self.limits.files)
            left = self.limits.bytes_total - sum(one.size for one in known)
            stored = stored_name(len(known) + 1, shown)
            try:
                size = folder.receive(content, stored, left, shown, self.limits)
                require_bytes(folder.files / stored, shown)
            except BaseException:
                (folder.files / stored).unlink(missing_ok=True)
                raise
            found = UploadedFile(shown, stored, size)
            folder.forget(DRAFT, CHECK)
            manifest = folder.read(UPLOAD) or {}
            folder.note(UPLOAD, manifest | {"files": [asdict(one) for one in (*known, found)]})
        return found

    def files(self, token: str) -> tuple[UploadedFile, ...]:
        """Return the files received so far."""
        manifest = UploadFolder(self.home, token).read(UPLOAD) or {"files": []}
        return tuple(UploadedFile(**one) for one in manifest["files"])

    def person(self, token: str) -> str:
        """Return who began the upload."""
        manifest = UploadFolder(self.home, token).read(UPLOAD) or {"person": ""}
        return str(manifest["person"])

    def draft(self, token: str) -> UploadDraft:
        """Say what the upload holds and draft a mapping of it; read once, then kept.

        Raises ManyErrors with what is wrong with the files, all at once.
        """
        folder, files = UploadFolder(self.home, token), self.files(token)
        if not files:
            raise InputError("upload.empty")
        known = folder.read(DRAFT)
        if known is None:
            names = [one.stored for one in files]
            with own_names(files):
                known = ask_reader("survey", self.limits, folder.files, files=names)
            known["notes"] = with_own_names(known["notes"], files)
            known["town"] = _with_gaps(known["town"] or {}, files)
            folder.note(DRAFT, known)
        layers = tuple(_layer(one, files) for one in known["layers"])
        return UploadDraft(token, files, layers, known["town"], tuple(known["notes"]))

    def accept_mapping(self, token: str, mapping: Mapping[str, Any]) -> UploadCheck:
        """Read the upload as a mapping (a town file as data) says and check it.

        Raises ManyErrors naming every key of the mapping that is wrong; what is wrong with the data
        stands in the answer.
        """
        folder, files = UploadFolder(self.home, token), self.files(token)
        self.draft(token)
        town = validated(TownFile, mapping, TOWN_FILE)
        there = {path.name for path in folder.files.iterdir()} - {TOWN_FILE}
        foreign = [name for name in files_of(town) if name not in there]
        if foreign:
            raise ManyErrors([InputError("upload.foreign_file", file=name) for name in foreign])
        folder.forget(CHECK)
        (folder.files / TOWN_FILE).write_text(town_toml(town), encoding="utf-8")
        with own_names(files):
            said = with_own_names(ask_reader("check", self.limits, folder.files), files)
        folder.note(CHECK, said | {"town": town.town.name})
        return self._checked(token, said | {"town": town.town.name})

    def check(self, token: str) -> UploadCheck | None:
        """Return what the last mapping led to; None where there was none since the last file."""
        known = UploadFolder(self.home, token).read(CHECK)
        return None if known is None else self._checked(token, known)

    def mapping(self, token: str) -> dict[str, Any]:
        """Return the last accepted mapping, else the drafted one."""
        path = UploadFolder(self.home, token).files / TOWN_FILE
        if not path.is_file():
            return self.draft(token).town
        return tomllib.loads(path.read_text(encoding="utf-8"))

    def import_upload(
        self, token: str, person: str, as_of: str | None = None, series: str | None = None
    ) -> DatasetRecord:
        """Keep a checked upload as a dataset and remove it here.

        Raises InputError where it was not checked or cannot be used.
        """
        check = self.check(token)
        if check is None or not check.usable:
            raise InputError("upload.not_checked")
        with own_names(self.files(token)):
            said = ask_reader(
                "import",
                self.limits,
                UploadFolder(self.home, token).files,
                workspace=str(self.home.parent),
                url=_address(self._engine.url),
                person=person,
                as_of=as_of,
                series=series,
            )
        record = self._datasets.get(said["dataset"])
        self.discard(token)
        return record

    def discard(self, token: str) -> None:
        """Remove an upload."""
        UploadFolder(self.home, token).remove()

    def clean(self, older_than_s: float | None = None) -> int:
        """Remove uploads that nobody has touched for long; return how many."""
        oldest = time.time() - (self.limits.keep_s if older_than_s is None else older_than_s)
        removed = 0
        for folder in self.home.iterdir() if self.home.is_dir() else ():
            try:
                if folder.stat().st_mtime <= oldest:
                    shutil.rmtree(folder, ignore_errors=True)
                    removed += 1
            except FileNotFoundError:  # another process was faster
                continue
        return removed

    def _checked(self, token: str, known: Mapping[str, Any]) -> UploadCheck:
        data_hash = known.get("data_hash")
        try:
            same = None if data_hash is None else self._datasets.by_hash(data_hash).id
        except InputError:
            same = None
        return UploadCheck(
            token,
            known["town"],
            known.get("parcels", 0),
            known.get("sound", 0),
            tuple(known["findings"]),
            tuple(known["faults"]),
            data_hash,
            same,
        )


def _address(url: URL) -> str:
    """Return the address of the database as a process in another folder finds it."""
    if url.get_backend_name() == "sqlite" and url.database:
        url = url.set(database=str(Path(url.database).resolve()))
    return url.render_as_string(hide_password=False)


def _require_kind(shown: str) -> None:
    suffix = Path(shown).suffix.casefold()
    if suffix in (".shp", ".shx", ".dbf", ".prj", ".cpg"):
        raise InputError("upload.shapefile_unzipped", file=shown)
    if suffix not in SUFFIXES:
        raise InputError("upload.kind", file=shown, known=list(SUFFIXES))


def _layer(said: Mapping[str, Any], files: Sequence[UploadedFile]) -> UploadedLayer:
    label = str(with_own_names(Path(said["files"][0]).name, files))
    label += f" (+{len(said['files']) - 1})" if len(said["files"]) > 1 else ""
    return UploadedLayer(
        label=f"{label}: {said['layer']}" if said["layer"] else label,
        files=tuple(said["files"]),
        columns=tuple(
            UploadedColumn(**one | {"samples": tuple(one["samples"])}) for one in said["columns"]
        ),
        **{key: said[key] for key in ("layer", "kind", "rows", "crs", "crs_name", "encoding")},
    )


def _with_gaps(town: dict[str, Any], files: Sequence[UploadedFile]) -> dict[str, Any]:
    """Take out of a draft what only stands in for what nobody can know; name the town."""
    section = dict(town.get("town", {}))
    if section.get("currency") == NO_CURRENCY:
        del section["currency"]
    if str(section.get("crs", "")).endswith("…"):
        del section["crs"]
    section["name"] = words(Path(files[0].name).stem).title()
    return town | {"town": section}
