"""What is known of an upload, as plain frozen records."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file as its sender called it, and the name it has here."""

    name: str
    stored: str
    size: int


@dataclass(frozen=True, slots=True)
class UploadedColumn:
    """A column with a few of its values; ``filled`` is the share of rows that have one."""

    name: str
    numeric: bool
    filled: float
    distinct: int
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UploadedLayer:
    """A layer or table of the upload; several files where they are sheets of one map.

    ``label`` is what people know it by, ``files`` and ``layer`` what a mapping names. ``crs`` is
    the code that the file declares, ``encoding`` what a mapping must state.
    """

    label: str
    files: tuple[str, ...]
    layer: str | None
    kind: str  # polygon | line | point | table
    rows: int
    crs: str | None
    crs_name: str | None
    encoding: str | None
    columns: tuple[UploadedColumn, ...]

    @property
    def key(self) -> str:
        """What a form posts to name the layer."""
        return f"{self.files[0]}|{self.layer or ''}"

    def has(self, column: str) -> bool:
        """Whether there is a column of this name."""
        return any(one.name == column for one in self.columns)


@dataclass(frozen=True, slots=True)
class UploadDraft:
    """What an upload holds and a first mapping of it.

    ``town`` is a town file as data, with ``id``, ``crs`` or ``currency`` absent where nobody can
    know them; ``notes`` are {code, params} of what was not dared to guess.
    """

    token: str
    files: tuple[UploadedFile, ...]
    layers: tuple[UploadedLayer, ...]
    town: dict[str, Any]
    notes: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class UploadCheck:
    """What is wrong or odd with an upload as mapped.

    ``findings`` are {code, severity, layer, ids, measured, limit, params}; ``errors`` are
    {code, params} of what forbids to use it. ``known`` is the dataset that holds the same data
    already.
    """

    token: str
    town: str
    parcels: int
    sound: int
    findings: tuple[dict[str, Any], ...]
    errors: tuple[dict[str, Any], ...]
    data_hash: str | None
    known: str | None

    @property
    def usable(self) -> bool:
        """Whether it can be imported."""
        return self.data_hash is not None and not self.errors
