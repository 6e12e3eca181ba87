"""Processes: what can be asked, described from the request models for any client."""

from typing import Any, Final

from fastapi import APIRouter, Request, Response

from api.ogc.links import (
    GEOPACKAGE,
    HTML,
    JSON,
    REL_EXECUTE,
    WORKBOOK,
    Link,
    address,
    answer,
    here,
    self_and_alternate,
)
from api.ogc.openapi import PROBLEMS, json_answer
from api.ogc.queries import PagedQuery, PlainQuery
from api.people import Viewer
from api.problems import Refused
from landplan.planning.process import Process, find_process, process_ids
from landplan.planning.reference import describe

router = APIRouter(tags=["processes"], responses=PROBLEMS, dependencies=[Viewer])
EXCEPTIONS: Final = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0"
NO_PROCESS: Final = f"{EXCEPTIONS}/no-such-process"
DATASET: Final = "dataset"
OUTPUT: Final = "proposal"
FORMATS: Final = (JSON, GEOPACKAGE, WORKBOOK)
NOT_INPUTS: Final = frozenset({"process"})
"""Fields of a request that the address says already."""


@router.get("/processes", **json_answer("The processes that can be asked."))
def processes(request: Request, query: PagedQuery) -> Response:
    """List what can be asked."""
    found = process_ids()[query.offset :][: query.size]
    links = self_and_alternate(request, ["processes"])
    after = query.offset + len(found)
    if found and after < len(process_ids()):
        links.append(Link(here(request, ["processes"], offset=after), "next", JSON))
    document = {
        "processes": [_summary(request, find_process(process_id)) for process_id in found],
        "links": [link.to_json() for link in links],
    }
    return answer(request, "ogc/processes.html", document)


@router.get("/processes/{process_id}", **json_answer("The process with its inputs and outputs."))
def process(request: Request, process_id: str, query: PlainQuery) -> Response:
    """Describe a process: every input with unit, bounds, default and help."""
    found = known_process(process_id)
    parts = ["processes", process_id]
    links = [
        *self_and_alternate(request, parts),
        Link(address(request, *parts, "execution"), REL_EXECUTE, JSON),
    ]
    document = _summary(request, found) | {
        "inputs": inputs_of(found),
        "outputs": {OUTPUT: _output(found)},
        "links": [link.to_json() for link in links],
    }
    return answer(request, "ogc/process.html", document)


def known_process(process_id: str) -> Process:
    """Return a process; raises Refused (404) for an unknown one."""
    if process_id not in process_ids():
        known = list(process_ids())
        raise Refused(404, "ogc.no_process", kind=NO_PROCESS, id=process_id, known=known)
    return find_process(process_id)


def inputs_of(found: Process) -> dict[str, Any]:
    """Return the inputs: the data set, and each field of the request.

    A field that holds a list is an input that may come several times, as the standard has it.
    """
    schema = describe(found.id)["request"]
    definitions = schema.get("$defs", {})
    required = schema.get("required", [])
    inputs = {
        name: _input(name, _inlined(field, definitions), name in required)
        for name, field in schema["properties"].items()
        if name not in NOT_INPUTS
    }
    dataset = {
        "title": DATASET,
        "description": "Id of the data set to plan with, as in the names of the collections.",
        "schema": {"type": "string", "pattern": "^[0-9a-f]{12}$"},
        "minOccurs": 1,
        "maxOccurs": 1,
    }
    return {DATASET: dataset, **inputs}


def lists_of(found: Process) -> frozenset[str]:
    """Return the inputs that may come several times."""
    properties = found.request.model_json_schema()["properties"]
    return frozenset(name for name, field in properties.items() if field.get("type") == "array")


def _input(name: str, field: dict[str, Any], required: bool) -> dict[str, Any]:
    most: int | str = 1
    if field.get("type") == "array":
        most = field.get("maxItems", "unbounded")
        default = {"default": field["default"]} if field.get("default") else {}
        field = {**field["items"], **default, "description": field.get("description", "")}
    return {
        "title": name,
        "description": field.get("description", ""),
        "schema": field,
        "minOccurs": int(required),
        "maxOccurs": most,
    }


def _output(found: Process) -> dict[str, Any]:
    return {
        "title": OUTPUT,
        "description": "The proposal: certificate, demands and measures (JSON), its layers "
        f"{', '.join(found.outputs)} (GeoPackage), its ledger (workbook).",
        "schema": {
            "oneOf": [
                {"type": "object", "contentMediaType": JSON},
                {"type": "string", "contentEncoding": "binary", "contentMediaType": GEOPACKAGE},
                {"type": "string", "contentEncoding": "binary", "contentMediaType": WORKBOOK},
            ]
        },
    }


def _summary(request: Request, found: Process) -> dict[str, Any]:
    parts = ["processes", found.id]
    links = [
        Link(address(request, *parts, f="json"), "self", JSON, found.title),
        Link(address(request, *parts, f="html"), "alternate", HTML, found.title),
    ]
    return {
        "id": found.id,
        "title": found.title,
        "version": found.version,
        "jobControlOptions": ["async-execute", "dismiss"],
        "outputTransmission": ["value", "reference"],
        "links": [link.to_json() for link in links],
    }


def _inlined(node: Any, definitions: dict[str, Any]) -> Any:
    """Put definitions in the place of their names: clients read each input's schema alone."""
    if isinstance(node, list):
        return [_inlined(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        target = definitions[node["$ref"].rsplit("/", 1)[1]]
        own = {key: value for key, value in node.items() if key != "$ref"}
        return _inlined({**target, **own}, definitions)
    return {key: _inlined(value, definitions) for key, value in node.items()}
