"""What a job says of itself: statusInfo, with phase, best and bound where they are known."""

from typing import Any

from fastapi import Request

from api.ogc.links import (
    GEOPACKAGE,
    HTML,
    JSON,
    REL_RESULTS,
    WORKBOOK,
    Link,
    address,
)
from api.people import person_of
from landplan.messages import Language, say
from landplan.workspace.jobs_row import Job


def status_info(request: Request, job: Job) -> dict[str, Any]:
    """Return the job as OGC API Processes spells it, with members of our own beside.

    ``progress`` is told only where it is honest: 0 before and 100 after. A search does not know how
    much is left; ``best`` and ``bound`` say how far it is from proving its plan.
    """
    language: Language = request.state.language
    amounts = person_of(request).sees_names
    document: dict[str, Any] = {
        "jobID": job.id,
        "processID": job.process,
        "type": "process",
        "status": job.status,
        "message": _message(job, language),
        "created": job.created_at,
        "started": job.started_at,
        "finished": job.finished_at,
        "updated": job.updated_at,
        "progress": {"accepted": 0, "successful": 100}.get(job.status),
        "dataset": job.dataset_id,
        "phase": job.phase if job.status == "running" else None,
        "best": job.best if amounts else None,
        "bound": job.bound if amounts else None,
        "errors": _errors(job, language),
    }
    kept = {key: value for key, value in document.items() if value is not None}
    return kept | {"links": [link.to_json() for link in _links(request, job)]}


def _message(job: Job, language: Language) -> str:
    if job.status == "failed" and job.error:
        return " ".join(entry["message"] for entry in _errors(job, language) or [])
    code = "stopping" if job.status == "running" and job.stop_asked else job.status
    return say(f"ogc.job.{code}", None, language)


def _errors(job: Job, language: Language) -> list[dict[str, Any]] | None:
    if not job.error:
        return None
    return [
        {**entry, "message": say(str(entry["code"]), entry.get("params"), language)}
        for entry in job.error
    ]


def _links(request: Request, job: Job) -> list[Link]:
    parts = ["jobs", job.id]
    links = [
        Link(address(request, *parts, f="json"), "self", JSON),
        Link(address(request, *parts, f="html"), "alternate", HTML),
    ]
    if job.status != "successful" or job.proposal_id is None:
        return links
    links.append(Link(address(request, *parts, "results"), REL_RESULTS, JSON))
    return links + proposal_links(request, job.proposal_id)


def proposal_links(request: Request, proposal_id: str) -> list[Link]:
    """Return everything a proposal can be had as: page, files, collections."""
    home = ["proposals", proposal_id]
    links = [
        Link(address(request, *home), "alternate", HTML),
        Link(address(request, *home, "proposal.json"), "alternate", JSON),
        Link(address(request, *home, "proposal.gpkg"), "enclosure", GEOPACKAGE),
        Link(address(request, *home, "ledger.xlsx"), "enclosure", WORKBOOK),
    ]
    names = [f"{proposal_id}.{layer}" for layer in ("sites", "parcels", "bridges")]
    return links + [Link(address(request, "collections", name), "data", JSON) for name in names]
