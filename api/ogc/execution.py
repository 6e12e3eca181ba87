"""Asking a process through the API: everything is checked before a job is promised."""

from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Header, Request, Response
from fastapi.responses import JSONResponse

from api.ogc.links import JSON, KEPT, address
from api.ogc.openapi import PROBLEMS, problem_answers
from api.ogc.processes import DATASET, FORMATS, OUTPUT, known_process, lists_of
from api.ogc.status import status_info
from api.people import Person, Planner
from api.services import Services, services
from landplan.cadastre.validation import validated
from landplan.errors import InputError, LandplanError, ManyErrors
from landplan.planning.process import Process

router = APIRouter(tags=["processes"], responses=PROBLEMS)
_MEMBERS: Final = ("inputs", "outputs", "response", "subscriber")
_QUALIFIED: Final = frozenset({"value", "mediaType", "encoding", "schema", "format"})
_EXAMPLE: Final = {
    "inputs": {
        "dataset": "0123456789ab",
        "demand": [{"value": {"id": "plant", "area_ha": [2, 3], "max_bridges": 1}}],
        "effort": "quick",
    },
    "response": "document",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """How the results are to come: as a document, or the one output raw, in one of its formats."""

    response: str
    media_type: str
    reference: bool

    def to_json(self) -> dict[str, Any]:
        """Return what is stored beside the job."""
        return {"response": self.response, "type": self.media_type, "reference": self.reference}


@router.post(
    "/processes/{process_id}/execution",
    status_code=201,
    responses={
        201: {
            "description": "The job, stored.",
            "content": {JSON: {"schema": {"type": "object"}}},
            "headers": {"Location": {"schema": {"type": "string"}}},
        },
        **problem_answers(409, 429),
    },
    response_model=None,
)
def execute(
    request: Request,
    process_id: str,
    body: Annotated[dict[str, Any], Body(openapi_examples={"assemble": {"value": _EXAMPLE}})],
    person: Annotated[Person, Planner],
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> Response:
    """Ask a process; it is calculated as a job, and the answer says where to watch it.

    With an ``Idempotency-Key`` the same request sent twice is one job.
    """
    known = services(request)
    found = known_process(process_id)
    wish, dataset_id, asked = _checked(known, found, body)
    client = person.name or "anonymous"
    job, _new = known.jobs.submit(
        process=found.id,
        dataset_id=dataset_id,
        request=asked,
        client=client,
        person=client,
        subject=wish.to_json(),
        idempotency_key=idempotency_key,
        time_limit_s=known.settings.time_limit_s,
    )
    headers = {
        **KEPT,
        "location": address(request, "jobs", job.id),
        "preference-applied": "respond-async",
    }
    return JSONResponse(status_info(request, job), 201, headers)


def _checked(
    known: Services, found: Process, body: dict[str, Any]
) -> tuple[Wish, str, dict[str, Any]]:
    """Return wish, data set and canonical request; raises ManyErrors naming every fault."""
    faults: list[LandplanError] = [
        InputError("ogc.member_unknown", name=name, known=list(_MEMBERS))
        for name in body
        if name not in _MEMBERS
    ]
    if "subscriber" in body:
        faults.append(InputError("ogc.no_callback"))
    inputs = body.get("inputs", {})
    if not isinstance(inputs, dict):
        raise ManyErrors([*faults, InputError("ogc.inputs_object")])
    wish = _wish(body, faults)
    given = _unwrapped(found, inputs, faults)
    dataset_id = given.pop(DATASET, None)
    request = _request(found, given, faults)
    cadastre = _cadastre(known, dataset_id, faults)
    if request is not None and cadastre is not None and found.check is not None:
        try:
            found.check(request, cadastre)
        except LandplanError as error:
            faults += _each(error)
    if faults:
        raise ManyErrors(faults)
    return wish, str(dataset_id), request.canonical()


def _wish(body: dict[str, Any], faults: list[LandplanError]) -> Wish:
    response = body.get("response", "raw")
    if response not in ("raw", "document"):
        faults.append(InputError("ogc.response", value=str(response)))
    outputs = body.get("outputs") or {}
    chosen = outputs.get(OUTPUT) or {} if isinstance(outputs, dict) else None
    if chosen is None or set(outputs) - {OUTPUT} or not isinstance(chosen, dict):
        faults.append(InputError("ogc.outputs", known=[OUTPUT]))
        return Wish("raw", JSON, False)
    form = chosen.get("format") or {}
    kind = form.get("mediaType", JSON) if isinstance(form, dict) else None
    if kind not in FORMATS:
        faults.append(InputError("ogc.format", value=str(kind), known=list(FORMATS)))
    mode = chosen.get("transmissionMode", "value" if kind == JSON else "reference")
    if mode not in ("value", "reference"):
        faults.append(InputError("ogc.transmission", value=str(mode)))
    return Wish(str(response), str(kind), mode == "reference")


def _unwrapped(
    found: Process, inputs: dict[str, Any], faults: list[LandplanError]
) -> dict[str, Any]:
    """Return plain values: objects may come wrapped in ``{"value": …}``, lists one by one."""
    several = lists_of(found)
    plain: dict[str, Any] = {}
    for name, given in inputs.items():
        if name == "process":
            faults.append(InputError("ogc.input_process"))
            continue
        value = [_bare(item, name, faults) for item in given] if isinstance(given, list) else given
        value = _bare(value, name, faults)
        plain[name] = [value] if name in several and not isinstance(value, list) else value
    return plain


def _bare(value: Any, name: str, faults: list[LandplanError]) -> Any:
    if not isinstance(value, dict):
        return value
    if "href" in value:
        faults.append(InputError("ogc.no_reference", name=name))
        return value
    return value["value"] if "value" in value and set(value) <= _QUALIFIED else value


def _request(found: Process, given: dict[str, Any], faults: list[LandplanError]) -> Any:
    try:
        return validated(found.request, {"process": found.id, **given}, "inputs")
    except LandplanError as error:
        faults += _each(error)
        return None


def _cadastre(known: Services, dataset_id: Any, faults: list[LandplanError]) -> Any:
    if dataset_id is None:
        faults.append(InputError("ogc.dataset_missing"))
        return None
    ids = [record.id for record in known.workspace.datasets.list()]
    if dataset_id not in ids:
        faults.append(InputError("ogc.dataset_unknown", id=str(dataset_id), known=ids))
        return None
    return known.workspace.datasets.cadastre(dataset_id)


def _each(error: LandplanError) -> list[LandplanError]:
    return list(error.errors) if isinstance(error, ManyErrors) else [error]
