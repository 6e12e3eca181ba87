"""Jobs: the list, the state of one, its results, stopping or removing it."""

import base64
import hashlib
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse, JSONResponse
from pydantic import Field, field_validator

from api.ogc.downloads import FILES, document_for, folder_of
from api.ogc.links import (
    GEOPACKAGE,
    HTML,
    JSON,
    KEPT,
    WORKBOOK,
    Link,
    address,
    answer,
    as_html,
    here,
    self_and_alternate,
)
from api.ogc.openapi import PROBLEMS, UNCHANGED, json_answer
from api.ogc.processes import EXCEPTIONS, OUTPUT
from api.ogc.queries import Paged, PlainQuery, interval
from api.ogc.status import proposal_links, status_info
from api.people import Person, Planner, Viewer, person_of
from api.problems import Refused
from api.services import services
from landplan.cadastre.validation import LookupFault
from landplan.errors import InputError, LandplanError
from landplan.workspace.jobs_row import Job

router = APIRouter(tags=["jobs"], responses=PROBLEMS)
STATES: Final = ("accepted", "running", "successful", "failed", "dismissed")
NO_JOB: Final = f"{EXCEPTIONS}/no-such-job"
NOT_READY: Final = f"{EXCEPTIONS}/result-not-ready"


class JobsQuery(Paged):
    """Which jobs to list; several values of one name are separated by commas or given again."""

    type: list[str] = Field(default_factory=list, description="Kinds of jobs: process.")
    processID: list[str] = Field(  # noqa: N815  # the standard's name
        default_factory=list, description="Ids of processes."
    )
    status: list[str] = Field(
        default_factory=list, description="accepted, running, successful, failed or dismissed."
    )
    datetime: str | None = Field(default=None, description="When created: instant or interval.")
    minDuration: int | None = Field(  # noqa: N815
        default=None, ge=0, description="Seconds a job has run at least."
    )
    maxDuration: int | None = Field(  # noqa: N815
        default=None, ge=0, description="Seconds a job has run at most."
    )

    @field_validator("type", "processID", "status")
    @classmethod
    def _several(cls, given: list[str]) -> list[str]:
        return [part for text in given for part in text.split(",")]

    @field_validator("type")
    @classmethod
    def _known_type(cls, given: list[str]) -> list[str]:
        return _among(given, ("process",))

    @field_validator("status")
    @classmethod
    def _known_status(cls, given: list[str]) -> list[str]:
        return _among(given, STATES)

    @field_validator("datetime")
    @classmethod
    def _readable(cls, text: str | None) -> str | None:
        if text is not None:
            interval(text)
        return text

    def wants(self, job: Job) -> bool:
        """Whether a job is among those asked for."""
        lasted = job.seconds()
        return (
            (not self.processID or job.process in self.processID)
            and (not self.status or job.status in self.status)
            and (self.datetime is None or _within(job.created_at, self.datetime))
            and (self.minDuration is None or (lasted is not None and lasted >= self.minDuration))
            and (self.maxDuration is None or (lasted is not None and lasted <= self.maxDuration))
        )


@router.get("/jobs", dependencies=[Planner], **json_answer("The jobs, the latest first."))
def jobs(request: Request, query: Annotated[JobsQuery, Query()]) -> Response:
    """List jobs."""
    found = [job for job in services(request).jobs.list(limit=None) if query.wants(job)]
    page = found[query.offset :][: query.size]
    links = self_and_alternate(request, ["jobs"])
    after = query.offset + len(page)
    if page and after < len(found):
        kind = HTML if as_html(request) else JSON
        links.append(Link(_again(request, query, after), "next", kind))
    document = {
        "jobs": [status_info(request, job) for job in page],
        "links": [link.to_json() for link in links],
    }
    return answer(request, "ogc/jobs.html", document)


@router.get(
    "/jobs/{job_id}",
    dependencies=[Viewer],
    **json_answer("The state of the job.", empty={304: UNCHANGED}),
)
def job(request: Request, job_id: str, query: PlainQuery) -> Response:
    """Tell how far a job is; ask again with ``If-None-Match``."""
    document = status_info(request, visible_job(request, job_id))
    tag = f'W/"{hashlib.sha256(json.dumps(document).encode()).hexdigest()[:20]}"'
    if not as_html(request) and request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={**KEPT, "etag": tag})
    found = answer(request, "ogc/job.html", document)
    if not as_html(request):
        found.headers["etag"] = tag
    return found


@router.delete(
    "/jobs/{job_id}", dependencies=[Viewer], **json_answer("The job, dismissed.", html=False)
)
def dismiss(request: Request, job_id: str, query: PlainQuery) -> Response:
    """Give a job up: one that waits or runs is stopped without a result, a finished one removed.

    A proposal that is already part of a scenario stays there.
    """
    found = visible_job(request, job_id)
    person = person_of(request)
    if not _own(found, person) and not person.may("leader"):
        raise Refused(403, "ogc.job_of_another")
    known = services(request)
    gone = known.jobs.dismiss(job_id)
    if found.finished:
        known.jobs.remove(job_id)
        gone = replace(gone, status="dismissed", proposal_id=None)
    known.workspace.events.add(person.name, person.role, "dismissed", f"job/{job_id}")
    return JSONResponse(status_info(request, gone), headers=KEPT)


@router.get(
    "/jobs/{job_id}/results",
    dependencies=[Viewer],
    **json_answer(
        "The results.",
        html=False,
        files=(GEOPACKAGE, WORKBOOK),
        empty={204: "The output lies where the first link leads."},
    ),
)
def results(request: Request, job_id: str, query: PlainQuery) -> Response:
    """Return the proposal of a finished job, in the way that was asked for with the job."""
    found = visible_job(request, job_id)
    if found.status == "failed":
        errors = found.error or [{"code": "job.internal", "params": {"reference": job_id}}]
        first = errors[0]
        fault = LandplanError(str(first["code"]), **first.get("params", {}))
        raise Refused.of(400, fault, _failure(first))
    if found.status != "successful" or found.proposal_id is None:
        raise Refused(404, "ogc.not_ready", kind=NOT_READY, status=found.status)
    wish = found.subject if found.purpose == "plan" and found.subject else {}
    kind = str(wish.get("type", JSON))
    links = proposal_links(request, found.proposal_id)
    headers = {**KEPT, "link": ", ".join(link.to_header() for link in links)}
    target = address(request, "proposals", found.proposal_id, FILES[kind])
    if wish.get("response") == "raw":
        return _raw(request, found.proposal_id, kind, target, bool(wish["reference"]), headers)
    value: Any
    if wish.get("reference"):
        value = {"href": target, "type": kind}
    elif kind == JSON:
        value = document_for(request, found.proposal_id)
    else:
        content = _file(request, found.proposal_id, kind).read_bytes()
        text = base64.b64encode(content).decode("ascii")
        value = {"value": text, "encoding": "base64", "mediaType": kind}
    return JSONResponse({OUTPUT: value}, headers=headers)


def visible_job(request: Request, job_id: str) -> Job:
    """Return a job that the person may see; raises Refused (404) as if it were not there."""
    person = person_of(request)
    try:
        found = services(request).jobs.get(job_id)
    except InputError:
        found = None
    if found is not None and (person.may("planner") or _own(found, person)):
        return found
    raise Refused(404, "ogc.no_job", kind=NO_JOB, id=job_id)


def _own(job: Job, person: Person) -> bool:
    return bool(person.name) and job.client == person.name


def _raw(
    request: Request,
    proposal_id: str,
    kind: str,
    target: str,
    reference: bool,
    headers: dict[str, str],
) -> Response:
    if reference:
        # one link first: the output itself, by the name it was asked for
        own = f'<{target}>; rel="{OUTPUT}"; type="{kind}"'
        return Response(status_code=204, headers=headers | {"link": f"{own}, {headers['link']}"})
    if kind == JSON:
        return JSONResponse(document_for(request, proposal_id), headers=headers)
    return FileResponse(_file(request, proposal_id, kind), media_type=kind, headers=headers)


def _file(request: Request, proposal_id: str, kind: str) -> Path:
    if not person_of(request).sees_names:
        raise Refused(403, "ogc.file_for_planners")
    return folder_of(request, proposal_id) / FILES[kind]


def _failure(first: dict[str, Any]) -> str:
    return f"{EXCEPTIONS}/{str(first['code']).replace('.', '-').replace('_', '-')}"


def _again(request: Request, query: JobsQuery, offset: int) -> str:
    several = {
        name: ",".join(values) or None
        for name, values in (
            ("type", query.type),
            ("processID", query.processID),
            ("status", query.status),
        )
    }
    return here(request, ["jobs"], offset=offset, **several)


def _among(given: list[str], known: tuple[str, ...]) -> list[str]:
    if set(given) - set(known):
        raise LookupFault("ogc.choice", known=list(known))
    return given


def _within(created: str, wanted: str) -> bool:
    moment = datetime.fromisoformat(created)
    start, end = interval(wanted)
    return (start is None or start <= moment) and (end is None or moment <= end)
