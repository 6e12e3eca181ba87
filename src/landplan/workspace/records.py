"""Rows of a workspace as plain frozen records."""

from dataclasses import dataclass
from typing import Any, Literal

Role = Literal["viewer", "planner", "leader", "admin"]


@dataclass(frozen=True, slots=True)
class DatasetRecord:
    """One version of a town's data; ``findings`` are {code, severity, layer, ids, …}."""

    id: str
    series: str
    version: int
    town: str
    data_hash: str
    parcels: int
    data_date: str | None
    imported_at: str
    imported_by: str
    findings: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A question: its form as last saved, and who asked. ``revision`` counts the saves."""

    id: int
    title: str
    series: str
    process: str
    draft: dict[str, Any]
    created_at: str
    created_by: str
    changed_at: str
    changed_by: str
    revision: int

    @property
    def code(self) -> str:
        """How people call it: ``S-014``."""
        return f"S-{self.id:03d}"


@dataclass(frozen=True, slots=True)
class Plan:
    """One answer to a scenario; ``label`` is "1", "2", or "2a" for one made by hand from 2."""

    id: int
    scenario_id: int
    label: str
    proposal_id: str
    dataset_id: str
    parent_id: int | None
    created_at: str
    created_by: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something somebody did; never changed, never removed."""

    id: int
    at: str
    person: str
    role: str
    action: str
    subject: str
    fingerprint: str | None
    remark: str | None


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody known here; hashes of password and key stay in the database."""

    name: str
    role: Role
    created_at: str
    disabled: bool
    session: int = 0
    """Counts the ends of sessions; those begun before are over."""


@dataclass(frozen=True, slots=True)
class Staleness:
    """How the newest data differ from those a proposal was made with.

    ``changed``, ``added`` and ``removed`` are parcel ids; ``affected`` those of them in its sites.
    """

    current: bool
    dataset_id: str
    newest: DatasetRecord | None = None
    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    affected: tuple[str, ...] = ()
