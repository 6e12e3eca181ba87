"""Watching a calculation: wait, stop and keep the best, or leave; it ends in the plan."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from api.console.run_settle import settle_one
from api.console.run_view import clock, faults_of, is_our_fault, view_of
from api.pages import is_part, prefixed, render
from api.people import Person, Planner
from api.problems import Refused
from api.services import Services, services
from landplan.errors import LandplanError
from landplan.workspace.jobs_row import Job, JobsFull

router = APIRouter(include_in_schema=False)


@router.get("/runs/{job_id}")
def run_page(request: Request, job_id: str, person: Person = Planner) -> Response:
    """Show a calculation; one that has ended with a plan leads to it."""
    known = services(request)
    job = job_of(known, job_id)
    settle_one(known, job)
    if _has_plan(known, job) and not _ended_early(job):
        return RedirectResponse(prefixed(request, f"/proposals/{job.proposal_id}"), 303)
    return render(request, "run/run.html", **_shown(request, known, job))


@router.get("/runs/{job_id}/status")
def status(request: Request, job_id: str, person: Person = Planner) -> Response:
    """Show how far it is, for the page that asks every two seconds; 286 ends the asking."""
    known = services(request)
    job = job_of(known, job_id)
    settle_one(known, job)
    if _has_plan(known, job) and not _ended_early(job):
        answer = render(request, "run/ready.html", proposal=job.proposal_id)
        target = prefixed(request, f"/proposals/{job.proposal_id}")
        answer.headers["hx-redirect" if is_part(request) else "location"] = target
        return answer
    page = render(request, "run/status.html", **_shown(request, known, job))
    if job.finished:
        page.status_code = 286
    return page


@router.post("/runs/{job_id}/stop")
def stop(request: Request, job_id: str, person: Person = Planner) -> Response:
    """Ask to stop and keep the best; what still waits in line is taken out of it."""
    known = services(request)
    asked = job_of(known, job_id)
    if asked.created_by != person.name and not person.may("leader"):
        raise Refused(403, "run.not_yours")
    job = known.jobs.ask_stop(asked.id)
    action = "dismissed" if job.status == "dismissed" else "stopped"
    known.workspace.events.add(person.name, person.role, action, f"job/{job.id}")
    if is_part(request):
        return render(request, "run/status.html", **_shown(request, known, job))
    return RedirectResponse(prefixed(request, f"/runs/{job.id}"), 303)


@router.post("/runs/{job_id}/longer")
def longer(request: Request, job_id: str, person: Person = Planner) -> Response:
    """Ask the same question again with twice the time; pressing twice is one job."""
    known = services(request)
    before = job_of(known, job_id)
    if before.purpose != "plan":
        raise Refused(404, "run.unknown", id=job_id[:40])
    try:
        job, new = known.jobs.submit(
            process=before.process,
            dataset_id=before.dataset_id,
            request=before.request,
            client=f"person/{person.name}",
            person=person.name,
            scenario_id=before.scenario_id,
            idempotency_key=f"longer-{before.id}",
            time_limit_s=_twice(known, before),
        )
    except JobsFull as error:
        refused = Refused(429, error.code, retry_after=error.retry_after)
        refused.params |= error.params  # the sentence names the seconds too
        raise refused from None
    if new:
        known.workspace.events.add(person.name, person.role, "asked", f"job/{job.id}")
    return RedirectResponse(prefixed(request, f"/runs/{job.id}"), 303)


def job_of(known: Services, job_id: str) -> Job:
    """Return a job; raises Refused (404)."""
    try:
        return known.jobs.get(job_id)
    except LandplanError:
        raise Refused(404, "run.unknown", id=job_id[:40]) from None


def _has_plan(known: Services, job: Job) -> bool:
    if job.status != "successful" or job.proposal_id is None:
        return False
    return known.workspace.proposals.exists(job.proposal_id)


def _ended_early(job: Job) -> bool:
    """Whether the plan is what a search had found when its time was over or somebody stopped it."""
    return job.ended in ("time", "asked")


def _twice(known: Services, job: Job) -> float:
    return min(job.time_limit_s * 2, known.settings.time_limit_s)


def _shown(request: Request, known: Services, job: Job) -> dict[str, Any]:
    language = request.state.language
    return {
        "view": view_of(known, job, language),
        "job": job,
        "faults": faults_of(job, language),
        "ours": is_our_fault(job),
        "nothing_found": any(
            str(fault["code"]).startswith("job.nothing_found") for fault in job.error or []
        ),
        "longer": round(_twice(known, job) / 60) if _twice(known, job) > job.time_limit_s else None,
        "duration": clock(job.seconds() or 0.0),
        "calculates": known.settings.calculate,
    }
