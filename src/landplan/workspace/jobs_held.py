"""The worker's side of the job table: take a job, report, and hand in its result exactly once.

Taking a job draws a new token. Whoever was thought lost and comes back holds an old one, and with
an old token nothing can be reported or handed in (fencing).
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Engine, and_, insert, or_, select, update

from landplan.proposal.canonical import plain_data
from landplan.workspace.database import now
from landplan.workspace.jobs_row import Beat, Ended, Job, job_of
from landplan.workspace.tables import events, jobs

MOST_ATTEMPTS: Final = 3
_NOTHING_YET: Final[dict[str, Any]] = {
    "phase": None,
    "best": None,
    "bound": None,
    "improved": 0,
    "first_found_at": None,
}


class HeldJobs:
    """What the holder of a job may do with it, and what becomes of jobs whose holder is gone."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def claim(self, worker: str) -> Job | None:
        """Take the oldest job that waits; None where none does.

        ``worker`` begins the token, so that a token says who drew it.
        """
        oldest = (
            select(jobs.c.id)
            .where(jobs.c.status == "accepted")
            .order_by(jobs.c.created_at, jobs.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        with self.engine.begin() as connection:
            job_id = connection.execute(oldest).scalar()
            if job_id is None:
                return None
            moment = now()
            taken: dict[str, Any] = {
                "status": "running",
                "token": f"{worker}.{secrets.token_hex(12)}",
                "attempt": jobs.c.attempt + 1,
                "started_at": moment,
                "heartbeat_at": moment,
                "updated_at": moment,
            }
            change = update(jobs).where(jobs.c.id == job_id).values(**taken, **_NOTHING_YET)
            connection.execute(change)
            return _read(connection, job_id)

    def beat(
        self,
        job_id: str,
        token: str,
        phase: str | None = None,
        best: float | None = None,
        bound: float | None = None,
    ) -> Beat:
        """Report that the work goes on, and how far it is; costs: less is better.

        What is shown never moves the wrong way: the best plan only gets cheaper and the bound only
        rises. The one exception: where a demand turned out to fit nowhere, the figures are about
        fewer sites from then on, and a plan below the old bound begins both anew.
        """
        with self.engine.begin() as connection:
            job = _read(connection, job_id)
            if job is None or job.status != "running" or job.token != token:
                return Beat(stop=False, valid=False)
            moment = now()
            values = {"heartbeat_at": moment} | _figures(job, phase, best, bound, moment)
            connection.execute(update(jobs).where(jobs.c.id == job_id).values(**values))
            return Beat(stop=job.stop_asked, valid=True)

    def holds(self, job_id: str, token: str) -> bool:
        """Whether a job is still the one of this token's holder."""
        with self.engine.begin() as connection:
            found = connection.execute(select(jobs.c.id).where(_held(job_id, token)))
            return found.first() is not None

    def commit(self, job_id: str, token: str, proposal_id: str, ended: Ended = "done") -> bool:
        """Hand in the result; False where the job is no longer this worker's."""
        return self._finish(
            job_id,
            token,
            {"status": "successful", "phase": "done", "proposal_id": proposal_id, "ended": ended},
        )

    def fail(self, job_id: str, token: str, errors: Sequence[Mapping[str, Any]]) -> bool:
        """End a job with what is wrong, as {code, params}; False where it is not this worker's."""
        return self._finish(job_id, token, {"status": "failed", "error": plain_data(list(errors))})

    def release(self, job_id: str, token: str, *, counted: bool = True) -> bool:
        """Put a job back in line.

        ``counted=False`` gives the attempt back: it was not the job's fault.
        """
        values: dict[str, Any] = {"status": "accepted", "token": None, "updated_at": now()}
        if not counted:
            values["attempt"] = jobs.c.attempt - 1
        change = update(jobs).where(_held(job_id, token)).values(**values, **_NOTHING_YET)
        with self.engine.begin() as connection:
            return connection.execute(change).rowcount == 1

    def requeue_lost(
        self,
        older_than_s: float,
        most_attempts: int = MOST_ATTEMPTS,
        keep: Sequence[str] = (),
    ) -> list[str]:
        """Put jobs back in line whose worker has been silent for too long; return their ids.

        A job that was lost ``most_attempts`` times fails with ``job.lost`` instead. Jobs in
        ``keep`` are left alone.
        """
        limit = datetime.now(UTC) - timedelta(seconds=older_than_s)
        latest = limit.isoformat(timespec="microseconds")
        lost = and_(
            jobs.c.status == "running",
            or_(jobs.c.heartbeat_at.is_(None), jobs.c.heartbeat_at <= latest),
            jobs.c.id.not_in(keep),
        )
        moment = now()
        given_up = [{"code": "job.lost", "params": {"n": most_attempts}}]
        failed = {"status": "failed", "error": given_up, "finished_at": moment}
        with self.engine.begin() as connection:
            connection.execute(
                update(jobs)
                .where(lost, jobs.c.attempt >= most_attempts)
                .values(token=None, updated_at=moment, **failed)
            )
            waiting = select(jobs.c.id).where(lost).order_by(jobs.c.created_at, jobs.c.id)
            ids = list(connection.execute(waiting.with_for_update()).scalars())
            connection.execute(
                update(jobs)
                .where(jobs.c.id.in_(ids))
                .values(status="accepted", token=None, updated_at=moment, **_NOTHING_YET)
            )
        return ids

    def _finish(self, job_id: str, token: str, values: Mapping[str, Any]) -> bool:
        moment = now()
        change = (
            update(jobs)
            .where(_held(job_id, token))
            .values(token=None, finished_at=moment, updated_at=moment, **values)
        )
        with self.engine.begin() as connection:
            done = connection.execute(change).rowcount == 1
            if done and "proposal_id" in values:
                _remember(connection, job_id, moment)
            return done


def _held(job_id: str, token: str) -> ColumnElement[bool]:
    return and_(jobs.c.id == job_id, jobs.c.status == "running", jobs.c.token == token)


def _remember(connection: Connection, job_id: str, moment: str) -> None:
    """Record for good who asked for the plan: a job may be removed, and nobody signs their own."""
    row = connection.execute(select(jobs).where(jobs.c.id == job_id)).mappings().one()
    if row["purpose"] == "plan":
        connection.execute(
            insert(events).values(
                at=moment,
                person=row["created_by"],
                role="planner",
                action="asked",
                subject=f"proposal/{row['proposal_id']}",
            )
        )


def _read(connection: Connection, job_id: str) -> Job | None:
    row = connection.execute(select(jobs).where(jobs.c.id == job_id).with_for_update()).first()
    return None if row is None else job_of(row)


def _figures(
    job: Job, phase: str | None, best: float | None, bound: float | None, moment: str
) -> dict[str, Any]:
    """Return the columns that a report changes."""
    changed: dict[str, Any] = {}
    if phase is not None and phase != job.phase:
        changed["phase"] = phase
    least = min((cost for cost in (best, job.best) if cost is not None), default=None)
    if best is not None and (job.best is None or best < job.best):
        changed["best"] = best
        if job.best is None:
            changed["first_found_at"] = moment
        else:
            changed["improved"] = job.improved + 1
    if bound is not None and least is not None:
        bound = min(bound, least)
    fewer_sites = least is not None and job.bound is not None and least < job.bound
    if fewer_sites or (bound is not None and (job.bound is None or bound > job.bound)):
        changed["bound"] = bound
    return changed | ({"updated_at": moment} if changed else {})
