"""What `check` says about a town: findings, all at once."""

from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["town_error", "parcel_error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found in one layer.

    ``code`` is the key of its sentence, ``<code>.hint`` of what to do. ``ids`` are the parcels (or
    rows) it concerns, ``measured`` and ``limit`` the numbers that decided, in the unit that the
    sentence names.
    """

    code: str
    severity: Severity
    layer: str
    ids: tuple[str, ...] = ()
    measured: float | None = None
    limit: float | None = None
    params: dict[str, object] = field(default_factory=dict)
