"""A calculation as people read it: phase, clock, and two figures that approach each other."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from api.services import Services
from landplan.errors import LandplanError
from landplan.messages import Language, say
from landplan.messages.numbers import money, rounded, share
from landplan.workspace.jobs_row import Job

STEPS: Final = (
    *("accepted", "preparing", "searching", "first_plan", "improving", "proving", "writing"),
)
_OURS: Final = ("job.internal", "job.memory", "job.lost", "job.audit_failed")
BAR_WIDTH: Final = 520.0


@dataclass(frozen=True, slots=True)
class Bar:
    """The two figures on a line, in pixels of the drawing."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class RunView:
    """What the run page and the Desk say about a job; texts are ready to print."""

    job: Job
    title: str
    code: str
    phase: str
    phase_label: str
    elapsed: str
    limit: str
    place: int | None
    best: str
    bound: str
    apart: str
    improved: str
    bar: Bar | None
    interrupted: bool
    steps: tuple[tuple[str, str, bool], ...]


def view_of(known: Services, job: Job, language: Language) -> RunView:
    """Return a job as it stands."""
    phase = _phase(job)
    currency = known.workspace.datasets.cadastre(job.dataset_id).town.currency
    best = money(job.best, currency, language) if job.best is not None else ""
    bound = ""
    if job.bound is not None and job.bound > 0:
        bound = money(job.bound, currency, language, "down")
    return RunView(
        job=job,
        title=_title(known, job),
        code="" if job.scenario_id is None else f"S-{job.scenario_id:03d}",
        phase=phase,
        phase_label=say(f"run.phase.{phase}", None, language),
        elapsed=clock(job.seconds() or 0.0),
        limit=clock(job.time_limit_s),
        place=known.jobs.position(job.id) if job.status == "accepted" else None,
        best=best,
        bound=bound,
        apart=_apart(job, language),
        improved=_improved(job, language),
        bar=_bar(job, best, bound, language),
        interrupted=job.interrupted(),
        steps=_steps(phase, language),
    )


def clock(seconds: float) -> str:
    """Return a duration as minutes and seconds, hours before them: ``03:12``, ``1:00:00``."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes:02d}:{rest:02d}"


def faults_of(job: Job, language: Language) -> list[str]:
    """Return the sentences of what went wrong, without what belongs in a log."""
    return [
        say(str(fault["code"]), {"file": "–", **fault.get("params", {})}, language)
        for fault in job.error or []
    ]


def is_our_fault(job: Job) -> bool:
    """Whether the service failed, and not the request."""
    return any(str(fault["code"]) in _OURS for fault in job.error or [])


def _phase(job: Job) -> str:
    if job.status == "accepted":
        return "accepted"
    if job.finished:
        return "done"
    return job.phase if job.phase in STEPS else "searching" if job.phase else "preparing"


def _apart(job: Job, language: Language) -> str:
    if job.best is None or job.bound is None or job.bound <= 0:
        return ""
    if job.best == job.bound:
        return say("run.same", None, language)
    best, bound = Decimal(repr(job.best)), Decimal(repr(job.bound))
    percent = share(rounded((best - bound) / bound, 3, "up"), language, "up")
    return say("run.apart", {"percent": percent}, language)


def _improved(job: Job, language: Language) -> str:
    if job.first_found_at is None or job.started_at is None:
        return ""
    started = datetime.fromisoformat(job.started_at)
    found = (datetime.fromisoformat(job.first_found_at) - started).total_seconds()
    return say("run.improved", {"when": clock(max(found, 0.0)), "n": job.improved}, language)


def _bar(job: Job, best: str, bound: str, language: Language) -> Bar | None:
    """Draw the stretch between the two figures on a line from a little below to a little above."""
    if not best or not bound or job.best is None or job.bound is None:
        return None
    low, high = job.bound * 0.94, max(job.best, job.bound) * 1.04
    scale = BAR_WIDTH / (high - low)
    start, end = (job.bound - low) * scale, (job.best - low) * scale
    text = say("run.chart", {"bound": bound, "best": best}, language)
    return Bar(round(start, 1), round(max(end, start + 2), 1), text)


def _steps(phase: str, language: Language) -> tuple[tuple[str, str, bool], ...]:
    place = STEPS.index(phase) if phase in STEPS else len(STEPS)
    return tuple(
        (
            "past" if number < place else "now" if number == place else "coming",
            say(f"run.phase.{step}", None, language),
            number == place,
        )
        for number, step in enumerate(STEPS)
    )


def _title(known: Services, job: Job) -> str:
    if job.scenario_id is not None:
        try:
            return known.workspace.scenarios.get(job.scenario_id).title
        except LandplanError:
            return ""
    return str(job.request.get("title", ""))
