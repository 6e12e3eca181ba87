"""What lies around a plan: other plans, or for an exchange whom to invite and who is needed."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select

from api.console.others_people import invite_view, key_owners_view
from api.console.others_view import View, alternatives_view, front_view
from api.console.plan_source import Source, open_source
from api.console.why import LONGEST_S, dataset_of
from api.pages import is_part, prefixed, render
from api.people import Person, Planner
from api.problems import Refused
from api.services import Services, services
from landplan.messages import say
from landplan.workspace.further import KINDS, Further, Kind
from landplan.workspace.jobs_row import Job, job_of
from landplan.workspace.tables import jobs

router = APIRouter(include_in_schema=False)
RADIUS_STEP: Final = 0.1
DEFAULTS: Final[dict[Kind, dict[str, Any]]] = {
    "alternatives": {"count": 3, "share": 50, "extra": 20},
    "front": {"most": 12},
    "invite": {"most": 10},
    "key_owners": {"most": 10},
}
_SHOWN: Final = {
    "alternatives": alternatives_view,
    "front": front_view,
    "invite": invite_view,
    "key_owners": key_owners_view,
}
"""What the form asks for until somebody asks for something else."""
_PERCENT: Final = 100.0


def kinds_of(source: Source) -> tuple[Kind, ...]:
    """Return what can be looked for around a plan that meets every demand; empty for viewers."""
    met = all(demand["met"] for demand in source.document["demands"])
    if not (source.names and source.found and met):
        return ()
    kinds = KINDS.get(source.whole.process, ())
    acquirer = source.whole.request.get("acquirer", {})
    # where a site is given up nobody is free to stay away
    bound = bool(acquirer.get("receives")) or acquirer.get("contribution_share", 0.0) > 0
    return tuple(kind for kind in kinds if kind != "invite" or not bound)


def others(request: Request, source: Source) -> list[View]:
    """Return what is known of each kind."""
    return [_view(services(request), source, kind) for kind in kinds_of(source)]


@router.post("/proposals/{proposal_id}/others")
def look(
    request: Request,
    proposal_id: str,
    kind: Annotated[Kind, Form()],
    count: Annotated[int, Form(ge=1, le=6)] = 3,
    share: Annotated[float, Form(ge=0, le=99)] = 50.0,
    extra: Annotated[float, Form(ge=0, le=1000)] = 20.0,
    most: Annotated[int, Form(ge=1, le=60)] = 12,
    person: Person = Planner,
) -> Response:
    """Look around the plan; whoever asks the same while it is looked for joins in."""
    source, known = open_source(request, proposal_id), services(request)
    if kind not in kinds_of(source):
        raise Refused(409, "others.not_of_this")
    asked: dict[str, Any] = {"plan": source.id}
    if kind == "alternatives":
        limits = {"max_share": share / _PERCENT, "max_extra": extra / _PERCENT}
        asked |= {"count": count, **limits}
    else:
        asked |= {"most": most} | ({"step": RADIUS_STEP} if kind == "front" else {})
    earlier = _jobs(known, source.id, kind)
    if not earlier or earlier[-1].finished:
        _submit(known, source, kind, asked, person, len(earlier))
    if is_part(request):
        return others_part(request, proposal_id, kind)
    tab = "people" if kind in KINDS["exchange"] else "others"
    return RedirectResponse(prefixed(request, f"/proposals/{proposal_id}?tab={tab}"), 303)


@router.get("/proposals/{proposal_id}/others", dependencies=[Planner])
def others_part(request: Request, proposal_id: str, kind: Kind) -> Response:
    """Return what is known so far; the page asks again while it is being calculated."""
    source = open_source(request, proposal_id)
    if kind not in kinds_of(source):
        raise Refused(409, "others.not_of_this")
    view = _view(services(request), source, kind)
    return render(request, "plan/others_part.html", one=view, id=source.id)


def _submit(
    known: Services, source: Source, kind: Kind, asked: dict[str, Any], person: Person, earlier: int
) -> None:
    known.jobs.submit(
        process=source.whole.process,
        dataset_id=dataset_of(known, source),
        request=asked,
        client=f"console/others/{source.id}",  # no account can have this name: slashes
        person=person.name,
        purpose=kind,
        subject={"proposal": source.id},
        idempotency_key=f"{_key(source.id, kind)}{earlier}",
        time_limit_s=min(LONGEST_S, known.settings.time_limit_s),
    )


def _view(known: Services, source: Source, kind: Kind) -> View:
    asked = _jobs(known, source.id, kind)
    state, words = _state(asked[-1] if asked else None, source)
    found = Further(known.workspace).find(source.id, kind)
    if state in ("waiting", "failed") or found is None:
        found = None
    if found is None:
        return View(kind, state, words, asked=DEFAULTS[kind])
    return _SHOWN[kind](found, source, known.workspace)


def _state(job: Job | None, source: Source) -> tuple[str, str]:
    if job is None:
        return "new", ""
    if not job.finished:
        code = "running" if job.status == "running" else "waiting"
        return "waiting", say(f"others.{code}", None, source.language)
    if job.status != "successful":
        told = [say(one["code"], one["params"], source.language) for one in job.error or []]
        return "failed", " ".join(told) or say("others.failed", None, source.language)
    return "done", ""


def _jobs(known: Services, proposal_id: str, kind: Kind) -> list[Job]:
    """Return the jobs that looked for one kind around a plan, oldest first."""
    query = (
        select(jobs)
        .where(jobs.c.purpose == kind, jobs.c.idempotency_key.startswith(_key(proposal_id, kind)))
        .order_by(jobs.c.created_at)
    )
    with known.workspace.engine.connect() as connection:
        return [job_of(row) for row in connection.execute(query)]


def _key(proposal_id: str, kind: Kind) -> str:
    return f"{kind}-{proposal_id}-"
