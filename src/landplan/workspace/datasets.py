"""Datasets of a workspace: immutable copies of a town's files, in versions."""

import json
import os
import pickle
import shutil
import unicodedata
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, desc, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from landplan import __version__
from landplan.cadastre.cadastre import Cadastre
from landplan.cadastre.check import check_town
from landplan.cadastre.land import with_borders
from landplan.cadastre.layers import sha256
from landplan.cadastre.reading import Reading, read_town
from landplan.cadastre.townfile import read_town_file
from landplan.errors import InputError, ManyErrors
from landplan.planning.answer import data_hash_of, source_files
from landplan.workspace.database import now
from landplan.workspace.read_once import ReadOnce
from landplan.workspace.records import DatasetRecord
from landplan.workspace.tables import datasets

ID_DIGITS: Final = 12
SOURCE: Final = "source"
MANIFEST: Final = "dataset.json"
CACHE: Final = f"cadastre-{__version__}.pickle"
KEPT: Final = 4
_ATTEMPTS: Final = 20


class Datasets:
    """The folder ``datasets/`` and its table."""

    def __init__(self, home: Path, engine: Engine) -> None:
        self.home = home
        self._engine = engine
        self._read: ReadOnce[Cadastre] = ReadOnce(KEPT)

    def import_town(
        self, town_file: Path, person: str, as_of: str | None = None, series: str | None = None
    ) -> DatasetRecord:
        """Copy a town's files and keep them as the next version of the town.

        The same data imported again is the same dataset; a later ``as_of`` says that it is still
        true. Raises ManyErrors with all town errors.
        """
        known = self._same(town_file)
        if known is not None:
            return self._confirm(known, as_of or _stated(town_file))
        reading = check_town(town_file)
        cadastre = with_borders(reading.require())
        as_of = as_of or _stated(town_file)
        dataset_id = cadastre.provenance.data_hash[:ID_DIGITS]
        self._copy(town_file, dataset_id, cadastre)
        name = cadastre.town.name
        row: dict[str, Any] = {
            "id": dataset_id,
            "series": series or slug(name),
            "town": name,
            "data_hash": cadastre.provenance.data_hash,
            "parcels": len(cadastre.parcels),
            "data_date": as_of,
            "imported_at": now(),
            "imported_by": person,
            "findings": _findings(reading),
        }
        self._read.put(dataset_id, cadastre)
        return self._insert(row)

    def list(self, series: str | None = None) -> Sequence[DatasetRecord]:
        """Return datasets, the last imported first."""
        query = select(datasets).order_by(desc(datasets.c.imported_at))
        if series is not None:
            query = query.where(datasets.c.series == series)
        with self._engine.connect() as connection:
            return [DatasetRecord(**row) for row in connection.execute(query).mappings()]

    def get(self, dataset_id: str) -> DatasetRecord:
        """Return a dataset; raises InputError where there is none."""
        found = self._find(dataset_id)
        if found is None:
            raise InputError("workspace.no_dataset", dataset=dataset_id)
        return found

    def latest(self, series: str | None = None) -> DatasetRecord | None:
        """Return the newest version of a town, or of all towns the last imported."""
        found = self.list(series)
        if series is not None:
            return max(found, key=lambda record: record.version, default=None)
        return found[0] if found else None

    def by_hash(self, data_hash: str) -> DatasetRecord:
        """Return the dataset that a proposal was made with; raises InputError where it is gone."""
        return self.get(data_hash[:ID_DIGITS])

    def town_file(self, dataset_id: str) -> Path:
        """Return the copy's town file."""
        self.get(dataset_id)
        folder = self.home / dataset_id
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return folder / SOURCE / str(manifest["town_file"])

    def cadastre(self, dataset_id: str) -> Cadastre:
        """Return the land as read: from memory, from the cache, or read again from the copy."""
        return self._read.get(dataset_id, lambda: self._load(self.get(dataset_id)))

    def _load(self, record: DatasetRecord) -> Cadastre:
        cache = self.home / record.id / CACHE
        cadastre = _load(cache, record.data_hash)
        if cadastre is None:
            cadastre = with_borders(read_town(self.town_file(record.id)).require())
            with suppress(OSError):  # a workspace that may only be read is slower, not broken
                _save(cache, cadastre)
        return cadastre

    def _find(self, dataset_id: str) -> DatasetRecord | None:
        query = select(datasets).where(datasets.c.id == dataset_id)
        with self._engine.connect() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else DatasetRecord(**row)

    def _insert(self, row: dict[str, Any]) -> DatasetRecord:
        """Give the next version number; where another process takes it first, the one after."""
        for _ in range(_ATTEMPTS):
            with suppress(IntegrityError):
                return self._insert_once(row)
        return self._insert_once(row)

    def _insert_once(self, row: dict[str, Any]) -> DatasetRecord:
        with self._engine.begin() as connection:
            other = (
                connection.execute(select(datasets).where(datasets.c.id == row["id"]))
                .mappings()
                .first()
            )
            if other is not None:
                return DatasetRecord(**other)
            versions = select(func.max(datasets.c.version)).where(
                datasets.c.series == row["series"]
            )
            row["version"] = (connection.execute(versions).scalar() or 0) + 1
            connection.execute(insert(datasets).values(**row))
        return DatasetRecord(**row)

    def _same(self, town_file: Path) -> DatasetRecord | None:
        """Return the dataset with the same data, if any: checked when it was first imported."""
        try:
            return self._find(data_hash_of(town_file)[:ID_DIGITS])
        except (InputError, ManyErrors):  # whoever reads it all tells all that is wrong
            return None

    def _confirm(self, known: DatasetRecord, as_of: str | None) -> DatasetRecord:
        if as_of is None or as_of <= (known.data_date or ""):
            return known
        with self._engine.begin() as connection:
            connection.execute(
                update(datasets).where(datasets.c.id == known.id).values(data_date=as_of)
            )
        return replace(known, data_date=as_of)

    def _copy(self, town_file: Path, dataset_id: str, cadastre: Cadastre) -> None:
        """Copy all files with their places relative to each other; whole or not at all."""
        target = self.home / dataset_id
        if (target / MANIFEST).is_file():
            return
        self.home.mkdir(parents=True, exist_ok=True)
        staging = self.home / f".{uuid.uuid4().hex}.part"
        try:
            town_place = _copy_files(town_file, staging / SOURCE)
            _require_same(staging / SOURCE / town_place, town_file, cadastre)
            _save(staging / CACHE, cadastre)
            manifest = {"town_file": town_place, "data_hash": cadastre.provenance.data_hash}
            (staging / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
            staging.rename(target)
        except OSError as error:  # another import of the same data may have been faster
            if not (target / MANIFEST).is_file():
                detail = error.strerror or type(error).__name__
                raise InputError(
                    "workspace.not_copied", file=str(town_file), detail=detail
                ) from None
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def slug(name: str) -> str:
    """Return a town's name as a plain word for addresses: ``Forest City`` is ``forest-city``."""
    kept = [c if c.isalnum() else "-" for c in unicodedata.normalize("NFKC", name).casefold()]
    return "-".join(part for part in "".join(kept).split("-") if part) or "town"


def _copy_files(town_file: Path, target: Path) -> str:
    """Copy a town file and what it names below ``target``; return the town file's place there."""
    sources = source_files(town_file)
    absolute = [name for name in sources if Path(name).is_absolute()]
    if absolute:
        raise ManyErrors(
            [InputError("workspace.absolute_path", file=str(town_file), name=n) for n in absolute]
        )
    # not resolved: a link's place counts, not where it leads
    places = [Path(os.path.abspath(path)) for path in (town_file, *sources.values())]
    common = Path(os.path.commonpath([place.parent for place in places]))
    for place in places:
        copy = target / place.relative_to(common)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(place, copy)
    return places[0].relative_to(common).as_posix()


def _require_same(copy: Path, town_file: Path, cadastre: Cadastre) -> None:
    """Raise InputError where a file was changed after it was read and before it was copied."""
    known = dict(cadastre.provenance.files)
    copied = {name: sha256(path) for name, path in source_files(copy).items()}
    changed = sorted(name for name in known if copied.get(name) != known[name])
    if changed or read_town_file(copy) != read_town_file(town_file):
        raise InputError(
            "workspace.changed_while_copied", file=str(town_file), files=changed or [copy.name]
        )


def _stated(town_file: Path) -> str | None:
    """Return the date of the register that a town file states, YYYY-MM-DD."""
    as_of = read_town_file(town_file).town.as_of
    return as_of.isoformat() if as_of else None


def _findings(reading: Reading) -> list[dict[str, Any]]:
    plain: list[dict[str, Any]] = json.loads(
        json.dumps([asdict(finding) for finding in reading.findings], default=_plain)
    )
    return plain


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else str(value)


def _save(path: Path, cadastre: Cadastre) -> None:
    draft = path.with_name(f".{uuid.uuid4().hex}.part")
    with draft.open("wb") as file:
        pickle.dump(cadastre, file, protocol=pickle.HIGHEST_PROTOCOL)
    draft.replace(path)


def _load(path: Path, data_hash: str) -> Cadastre | None:
    """Read the cache; None where it is missing, damaged or of other data.

    The file was written by this workspace beside the data; nothing uploaded is ever read like this.
    """
    try:
        with path.open("rb") as file:
            cadastre = pickle.load(file)
    except Exception:  # whatever a damaged or foreign pickle raises, the copy is read again
        return None
    if not isinstance(cadastre, Cadastre) or not hasattr(cadastre, "borders"):
        return None  # of an earlier release
    return cadastre if cadastre.provenance.data_hash == data_hash else None
