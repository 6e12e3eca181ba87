"""The files of a proposal: the document for everybody in its public form, the rest for planners."""

from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, JSONResponse

from api.ogc.links import GEOPACKAGE, JSON, KEPT, WORKBOOK
from api.ogc.openapi import PROBLEMS, json_answer
from api.ogc.queries import PlainQuery
from api.people import Planner, Viewer, person_of
from api.problems import Refused
from api.services import services
from landplan.proposal.files import DOCUMENT, PACKAGE
from landplan.proposal.files import WORKBOOK as LEDGER
from landplan.proposal.redaction import public_document

router = APIRouter(tags=["proposals"], responses=PROBLEMS)
FILES: Final = {JSON: DOCUMENT, GEOPACKAGE: PACKAGE, WORKBOOK: LEDGER}


@router.get(
    f"/proposals/{{proposal_id}}/{DOCUMENT}",
    dependencies=[Viewer],
    **json_answer("The proposal; without owners and money for viewers.", html=False),
)
def document(request: Request, proposal_id: str, query: PlainQuery) -> Response:
    """Return the proposal's document, to viewers without owners and money."""
    return JSONResponse(document_for(request, proposal_id), headers=KEPT)


@router.get(
    f"/proposals/{{proposal_id}}/{PACKAGE}",
    dependencies=[Planner],
    **json_answer(
        "All layers of the proposal.",
        GEOPACKAGE,
        html=False,
        schema={"type": "string", "format": "binary"},
    ),
)
def package(request: Request, proposal_id: str, query: PlainQuery) -> Response:
    """Return the proposal's GeoPackage."""
    return download(request, proposal_id, GEOPACKAGE)


@router.get(
    f"/proposals/{{proposal_id}}/{LEDGER}",
    dependencies=[Planner],
    **json_answer(
        "The ledger as a workbook.",
        WORKBOOK,
        html=False,
        schema={"type": "string", "format": "binary"},
    ),
)
def ledger(request: Request, proposal_id: str, query: PlainQuery) -> Response:
    """Return the proposal's ledger as a workbook."""
    return download(request, proposal_id, WORKBOOK)


def document_for(request: Request, proposal_id: str) -> dict[str, Any]:
    """Return ``proposal.json`` as the person who asks may see it; raises Refused (404)."""
    folder_of(request, proposal_id)
    whole: dict[str, Any] = services(request).workspace.proposals.document(proposal_id)
    return whole if person_of(request).sees_names else public_document(whole)


def folder_of(request: Request, proposal_id: str) -> Path:
    """Return the folder of a proposal; raises Refused (404) where there is none."""
    proposals = services(request).workspace.proposals
    if not proposals.exists(proposal_id):
        raise Refused(404, "ogc.no_proposal", id=proposal_id)
    return Path(proposals.folder(proposal_id))


def download(request: Request, proposal_id: str, kind: str) -> FileResponse:
    """Return a whole file of a proposal, and note who took it."""
    name = FILES[kind]
    path = folder_of(request, proposal_id) / name
    if not path.is_file():
        raise Refused(404, "ogc.no_file", name=name, id=proposal_id)
    person = person_of(request)
    services(request).workspace.events.add(
        person.name, person.role, "exported", f"proposal/{proposal_id}", remark=name
    )
    filename = f"landplan-{proposal_id}-{name}"
    return FileResponse(path, media_type=kind, filename=filename, headers=KEPT)
