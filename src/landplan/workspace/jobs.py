"""The job table: what was asked, in which order, and what became of it."""

import secrets
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Connection, Engine, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from landplan.errors import InputError
from landplan.proposal.canonical import canonical_json, plain_data
from landplan.workspace.database import now
from landplan.workspace.jobs_held import HeldJobs
from landplan.workspace.jobs_row import FINISHED, OPEN, Job, JobsFull, Purpose, Status, job_of
from landplan.workspace.tables import datasets, jobs, scenarios

RETRY_AFTER_S: Final = 30


class Jobs(HeldJobs):
    """All jobs of a workspace.

    Parameters
    ----------
    engine
        Of the workspace's database.
    max_per_client, max_open
        How many jobs may wait or run: of one client, and of all.
    """

    def __init__(self, engine: Engine, max_per_client: int = 10, max_open: int = 100) -> None:
        super().__init__(engine)
        self.max_per_client = max_per_client
        self.max_open = max_open

    def submit(
        self,
        *,
        process: str,
        dataset_id: str,
        request: Mapping[str, Any],
        client: str,
        person: str,
        scenario_id: int | None = None,
        purpose: Purpose = "plan",
        subject: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        time_limit_s: float = 600.0,
    ) -> tuple[Job, bool]:
        """Store a job and return it, with whether it is new; when this returns, it is on the disk.

        The same key with the same content gives the job that was stored before.

        Raises
        ------
        InputError
            ``job.key_reused``: the key came with other content before; ``job.dataset_unknown``,
            ``job.scenario_unknown``.
        JobsFull
            ``job.too_many`` of this client, or ``job.queue_full``.
        """
        content = {
            "process": process,
            "dataset_id": dataset_id,
            "request": plain_data(request),
            "scenario_id": scenario_id,
            "purpose": purpose,
            "subject": plain_data(subject),
            "time_limit_s": float(time_limit_s),
        }
        body_hash = sha256(canonical_json(content)).hexdigest()
        asked = {"client": client, "idempotency_key": idempotency_key, "body_hash": body_hash}
        try:
            with self.engine.begin() as connection:
                return self._submit(connection, content | asked, person)
        except IntegrityError:  # another process stored the same key between our look and ours
            with self.engine.begin() as connection:
                return self._submit(connection, content | asked, person)

    def _submit(
        self, connection: Connection, values: dict[str, Any], person: str
    ) -> tuple[Job, bool]:
        known = _with_key(connection, values["client"], values["idempotency_key"])
        if known is not None:
            if known.body_hash != values["body_hash"]:
                raise InputError("job.key_reused", key=known.idempotency_key)
            return known, False
        _require_known(connection, values["dataset_id"], values["scenario_id"])
        self._require_room(connection, values["client"])
        moment = now()
        row = values | {
            "id": secrets.token_urlsafe(12),
            "status": "accepted",
            "created_at": moment,
            "created_by": person,
            "updated_at": moment,
        }
        connection.execute(insert(jobs).values(**row))
        stored = connection.execute(select(jobs).where(jobs.c.id == row["id"])).one()
        return job_of(stored), True

    def _require_room(self, connection: Connection, client: str) -> None:
        still_open = select(func.count()).select_from(jobs).where(jobs.c.status.in_(OPEN))
        own = connection.execute(still_open.where(jobs.c.client == client)).scalar_one()
        if own >= self.max_per_client:
            raise JobsFull("job.too_many", n=own, retry_after=RETRY_AFTER_S)
        everybody = connection.execute(still_open).scalar_one()
        if everybody >= self.max_open:
            raise JobsFull("job.queue_full", n=everybody, retry_after=RETRY_AFTER_S)

    def get(self, job_id: str) -> Job:
        """Return a job; raises InputError ``job.unknown``."""
        with self.engine.begin() as connection:
            row = connection.execute(select(jobs).where(jobs.c.id == job_id)).first()
        if row is None:
            raise InputError("job.unknown", job=job_id)
        return job_of(row)

    def list(
        self,
        *,
        status: Status | Sequence[Status] | None = None,
        process: str | None = None,
        client: str | None = None,
        person: str | None = None,
        scenario: int | None = None,
        purpose: Purpose | None = None,
        since: str | None = None,
        until: str | None = None,
        limit: int | None = 100,
    ) -> Sequence[Job]:
        """Return jobs, the youngest first; ``since`` and ``until`` are about their making."""
        query = select(jobs).order_by(jobs.c.created_at.desc(), jobs.c.id).limit(limit)
        exact = {
            jobs.c.process: process,
            jobs.c.client: client,
            jobs.c.created_by: person,
            jobs.c.scenario_id: scenario,
            jobs.c.purpose: purpose,
        }
        for column, wanted in exact.items():
            if wanted is not None:
                query = query.where(column == wanted)
        if status is not None:
            query = query.where(jobs.c.status.in_([status] if isinstance(status, str) else status))
        if since is not None:
            query = query.where(jobs.c.created_at >= since)
        if until is not None:
            query = query.where(jobs.c.created_at <= until)
        with self.engine.begin() as connection:
            return [job_of(row) for row in connection.execute(query)]

    def position(self, job_id: str) -> int | None:
        """Return a job's place in line, from 1; None where it does not wait."""
        job = self.get(job_id)
        if job.status != "accepted":
            return None
        earlier = (jobs.c.created_at < job.created_at) | (
            (jobs.c.created_at == job.created_at) & (jobs.c.id < job.id)
        )
        before = select(func.count()).select_from(jobs).where(jobs.c.status == "accepted", earlier)
        with self.engine.begin() as connection:
            return int(connection.execute(before).scalar_one()) + 1

    def ask_stop(self, job_id: str) -> Job:
        """Ask a running job to stop and keep its best plan; one that waits is dismissed."""
        with self.engine.begin() as connection:
            _dismiss(connection, job_id, ("accepted",))
            connection.execute(
                update(jobs)
                .where(jobs.c.id == job_id, jobs.c.status == "running")
                .values(stop_asked=True, updated_at=now())
            )
        return self.get(job_id)

    def dismiss(self, job_id: str) -> Job:
        """Give up a job that waits or runs, and whatever it has found; a finished one stays."""
        with self.engine.begin() as connection:
            _dismiss(connection, job_id, OPEN)
        return self.get(job_id)

    def remove(self, job_id: str) -> bool:
        """Forget a finished job (its proposal stays); False where it is not finished."""
        forget = delete(jobs).where(jobs.c.id == job_id, jobs.c.status.in_(FINISHED))
        with self.engine.begin() as connection:
            return connection.execute(forget).rowcount == 1


def _with_key(connection: Connection, client: str, key: str | None) -> Job | None:
    if key is None:
        return None
    same = select(jobs).where(jobs.c.client == client, jobs.c.idempotency_key == key)
    row = connection.execute(same).first()
    return None if row is None else job_of(row)


def _require_known(connection: Connection, dataset_id: str, scenario_id: int | None) -> None:
    found = connection.execute(select(datasets.c.id).where(datasets.c.id == dataset_id)).scalar()
    if found is None:
        raise InputError("job.dataset_unknown", dataset=dataset_id)
    if scenario_id is None:
        return
    same = select(scenarios.c.id).where(scenarios.c.id == scenario_id)
    if connection.execute(same).scalar() is None:
        raise InputError("job.scenario_unknown", scenario=scenario_id)


def _dismiss(connection: Connection, job_id: str, of: Sequence[str]) -> None:
    moment = now()
    connection.execute(
        update(jobs)
        .where(jobs.c.id == job_id, jobs.c.status.in_(of))
        .values(status="dismissed", token=None, finished_at=moment, updated_at=moment)
    )
