"""A job as it is stored, and what may be wrong with asking for one."""

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Final, Literal

from sqlalchemy import Row

from landplan.errors import LandplanError

Status = Literal["accepted", "running", "successful", "failed", "dismissed"]
Purpose = Literal["plan", "why", "alternatives", "front", "invite", "key_owners"]
Ended = Literal["done", "time", "asked"]
"""Why a search ended: by itself, at its time limit, or because somebody asked."""

OPEN: Final = ("accepted", "running")
FINISHED: Final = ("successful", "failed", "dismissed")
LOST_AFTER_S: Final = 60.0
"""A running job without a heartbeat for so long is interrupted."""


@dataclass(frozen=True, slots=True)
class Job:
    """One question, from the moment it was acknowledged to its result.

    The attributes are the columns of `landplan.workspace.tables.jobs`.
    """

    id: str
    process: str
    dataset_id: str
    request: dict[str, Any]
    scenario_id: int | None
    purpose: Purpose
    subject: dict[str, Any] | None
    status: Status
    phase: str | None
    best: float | None
    bound: float | None
    improved: int
    first_found_at: str | None
    error: list[dict[str, Any]] | None
    proposal_id: str | None
    ended: Ended | None
    created_at: str
    created_by: str
    started_at: str | None
    finished_at: str | None
    updated_at: str
    heartbeat_at: str | None
    attempt: int
    token: str | None
    stop_asked: bool
    time_limit_s: float
    client: str
    idempotency_key: str | None
    body_hash: str

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.status in FINISHED

    def interrupted(self, at: datetime | None = None, after_s: float = LOST_AFTER_S) -> bool:
        """Whether it is called running although nobody has heard of it for a while."""
        if self.status != "running" or self.heartbeat_at is None:
            return False
        silence = (at or datetime.now(UTC)) - datetime.fromisoformat(self.heartbeat_at)
        return silence.total_seconds() > after_s

    def seconds(self, at: datetime | None = None) -> float | None:
        """Return how long this attempt has been running, or ran; None before it started."""
        if self.started_at is None:
            return None
        started = datetime.fromisoformat(self.started_at)
        end = datetime.fromisoformat(self.finished_at) if self.finished_at else at
        return ((end or datetime.now(UTC)) - started).total_seconds()


@dataclass(frozen=True, slots=True)
class Beat:
    """What a worker hears when it reports.

    Attributes
    ----------
    stop
        Somebody asked to stop and keep the best plan.
    valid
        The job still belongs to this worker; if not, whatever it finds is nobody's.
    """

    stop: bool
    valid: bool


class JobsFull(LandplanError):
    """There are as many jobs as the service takes; ask again after ``retry_after`` seconds."""

    def __init__(self, code: str, /, *, n: int, retry_after: int) -> None:
        super().__init__(code, n=n, retry_after=retry_after)
        self.retry_after = retry_after


def job_of(row: Row[Any]) -> Job:
    """Return the job that a row of the table holds."""
    values = row._mapping
    return Job(**{entry.name: values[entry.name] for entry in fields(Job)})
