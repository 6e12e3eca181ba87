"""Why a parcel is in a plan or out of it, and what the plan would cost without it."""

from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select

from api.console.plan_source import Source, open_source
from api.console.why_answer import Answer, answer_of
from api.pages import is_part, prefixed, render
from api.people import Person, Planner
from api.problems import Refused
from api.services import Services, services
from landplan.errors import InputError
from landplan.messages import Language, say
from landplan.planning.assemble.counterfactual import why_request
from landplan.planning.assemble.why import Reason, Why, why
from landplan.planning.partition.why import left_out
from landplan.workspace.jobs_row import Job, job_of
from landplan.workspace.tables import jobs

router = APIRouter(include_in_schema=False)
LONGEST_S: Final = 300.0
PUBLIC: Final = (
    *("why.locked", "why.joins", "why.needed_for_area", "why.needed_for_count", "why.edge"),
    *("why.out_too_large", "why.out_not_needed", "why.out_rule"),
)
"""Reasons that say nothing of prices; everything else stays inside."""
_HIDDEN_RULES: Final = ("cost", "never_owner", "owner_refuses")


@dataclass(frozen=True, slots=True)
class Row:
    """A parcel with its reasons, and what is known about the plan without it."""

    id: str
    site: str
    inside: bool
    reasons: list[str]
    may_ask: bool
    answer: Answer | None


def why_rows(request: Request, source: Source, site: str | None) -> list[Row]:
    """Return a row per parcel of the plan, then per neighbour and near miss."""
    if source.whole.process == "partition":
        rows = [_row(one, None, services(request), source) for one in left_out(source.whole)]
        return [row for row in rows if row.reasons]
    known = services(request)
    dataset = dataset_of(known, source)
    town = known.workspace.datasets.cadastre(dataset)
    found = why(source.whole, town, known.grounds, dataset)
    asked = _asked(known, source.id) if source.names else {}
    rows = [_row(one, asked.get(one.parcel_id), known, source) for one in found]
    return [row for row in rows if row.reasons and site in (None, row.site)]


@router.post("/proposals/{proposal_id}/why")
def ask_why(
    request: Request,
    proposal_id: str,
    parcel: str = Form(max_length=200),
    person: Person = Planner,
) -> Response:
    """Calculate the cheapest plan without a parcel, or with one that is out; once for all."""
    source, known = open_source(request, proposal_id), services(request)
    earlier = _asked(known, source.id).get(parcel, [])
    if not earlier or _may_try_again(earlier[-1]):
        _submit(known, source, parcel, person, len(earlier))
    if is_part(request):
        return why_answer(request, proposal_id, parcel)
    return RedirectResponse(prefixed(request, f"/proposals/{proposal_id}?tab=why"), 303)


@router.get("/proposals/{proposal_id}/why", dependencies=[Planner])
def why_answer(request: Request, proposal_id: str, parcel: str) -> Response:
    """Return what is known so far; the page asks again while it is being calculated."""
    source, known = open_source(request, proposal_id), services(request)
    asked = _asked(known, source.id).get(parcel)
    inside = _site_of(source, parcel) is not None
    row = Row(parcel, "", inside, [], True, _answer(asked, known, source, inside))
    return render(request, "plan/why_answer.html", row=row, id=source.id)


def _row(found: Why, asked: list[Job] | None, known: Services, source: Source) -> Row:
    language: Language = source.language
    it = say("plan.why.it", None, language)
    spoken = [one.text(language) for one in found.reasons if source.names or _public(one)]
    # the row names the parcel; its sentences need not repeat a number of nineteen digits
    reasons = [sentence.replace(found.parcel_id, it) for sentence in spoken]
    barred = any(one.code == "why.out_rule" for one in found.reasons)
    return Row(
        id=found.parcel_id,
        site=found.site_id or "",
        inside=found.inside,
        reasons=reasons,
        may_ask=found.site_id is not None and not barred,
        answer=_answer(asked, known, source, found.inside),
    )


def _public(reason: Reason) -> bool:
    rule = str(reason.params.get("rule", ""))
    return reason.code in PUBLIC and not rule.startswith(_HIDDEN_RULES)


def _answer(
    asked: list[Job] | None, known: Services, source: Source, inside: bool
) -> Answer | None:
    if not asked:
        return None
    return answer_of(asked[-1], known.workspace, source, inside)


def _submit(known: Services, source: Source, parcel: str, person: Person, earlier: int) -> None:
    dataset = dataset_of(known, source)
    inside = _site_of(source, parcel) is not None
    parcels = source.whole.parcels
    if not (parcels["parcel_id"] == parcel).any():
        raise Refused(404, "plan.why.not_in_plan", parcel=parcel)
    demand = None if inside else _demand_beside(known, source, parcel, dataset)
    wanted = why_request({"request": source.whole.request}, parcel, demand, in_plan=inside)
    known.jobs.submit(
        process=source.whole.process,
        dataset_id=dataset,
        request=wanted,
        client=f"console/why/{source.id}",  # no account can have this name: slashes
        person=person.name,
        purpose="why",
        subject={"proposal": source.id, "parcel": parcel},
        idempotency_key=f"{_key(source.id)}{parcel}-{earlier}",
        time_limit_s=min(LONGEST_S, known.settings.time_limit_s),
    )


def _demand_beside(known: Services, source: Source, parcel: str, dataset: str) -> str:
    """Return the demand of the site that a parcel outside borders."""
    town = known.workspace.datasets.cadastre(dataset)
    sites = source.whole.sites
    demands = dict(zip(sites["site_id"], sites["demand_id"], strict=True))
    for one in why(source.whole, town, known.grounds, dataset):
        if one.parcel_id == parcel and one.site_id is not None:
            return str(demands[one.site_id])
    raise Refused(409, "plan.why.not_beside", parcel=parcel)


def _asked(known: Services, proposal_id: str) -> dict[str, list[Job]]:
    """Return the jobs that asked about a plan's parcels, by parcel, oldest first."""
    query = (
        select(jobs)
        .where(jobs.c.purpose == "why", jobs.c.idempotency_key.startswith(_key(proposal_id)))
        .order_by(jobs.c.created_at)
    )
    found: dict[str, list[Job]] = {}
    with known.workspace.engine.connect() as connection:
        for row in connection.execute(query):
            job = job_of(row)
            subject: dict[str, Any] = job.subject or {}
            found.setdefault(str(subject.get("parcel")), []).append(job)
    return found


def _key(proposal_id: str) -> str:
    return f"why-{proposal_id}-"


def _may_try_again(job: Job) -> bool:
    return job.status in ("failed", "dismissed")


def _site_of(source: Source, parcel: str) -> str | None:
    parcels = source.whole.parcels
    inside = parcels.loc[(parcels["parcel_id"] == parcel) & parcels["site_id"].notna(), "site_id"]
    return None if inside.empty else str(inside.iloc[0])


def dataset_of(known: Services, source: Source) -> str:
    """Return the dataset that a plan was made from; Refused (409) where it is gone."""
    try:
        return known.workspace.datasets.by_hash(source.whole.provenance.data_hash).id
    except InputError:
        raise Refused(409, "plan.why.data_gone") from None
