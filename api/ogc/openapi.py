"""The description of the API: OpenAPI 3.0, made from the routes, true about codes and types."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.ogc.links import GEOJSON, HTML, JSON
from api.ogc.queries import openapi_parameter
from api.problems import PROBLEM

VERSION: Final = "3.0.3"
UNCHANGED: Final = "Nothing has changed."
_SAID: Final = {
    400: "The request cannot be understood; every fault is named.",
    401: "Sign in, or send a key.",
    403: "The role does not allow it, or the request came from another site.",
    404: "There is nothing here.",
    405: "This address does not take the method.",
    409: "The Idempotency-Key came before with another body.",
    413: "The body is larger than this service takes.",
    429: "Too many jobs wait already; Retry-After says when to ask again.",
    500: "Our mistake, with the number under which it was recorded.",
}
_PROBLEM_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "code": {"type": "string"},
        "params": {"type": "object"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}


def problem_answers(*codes: int) -> dict[int | str, dict[str, Any]]:
    """Describe refusals: a problem document for programs, a page for people."""
    body = {
        PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}},
        HTML: {"schema": {"type": "string"}},
    }
    return {code: {"description": _SAID[code], "content": body} for code in codes}


PROBLEMS: Final = problem_answers(400, 401, 403, 404, 405, 500)


def json_answer(
    description: str,
    kind: str = JSON,
    *,
    html: bool = True,
    schema: dict[str, Any] | None = None,
    files: Sequence[str] = (),
    empty: Mapping[int, str] | None = None,
) -> dict[str, Any]:
    """Describe a route whose 200 is a document, and a page for people.

    Parameters
    ----------
    description, kind, schema
        Of the document.
    html
        Whether there is a page.
    files
        Other media types in which the same may come.
    empty
        Further answers without a body: status and what it says.
    """
    content: dict[str, Any] = {kind: {"schema": schema or {"type": "object"}}}
    content |= {other: {"schema": {"type": "string", "format": "binary"}} for other in files}
    if html:
        content[HTML] = {"schema": {"type": "string"}}
    answers: dict[int, Any] = {200: {"description": description, "content": content}}
    if kind == GEOJSON:
        uri = {"description": "The coordinate system.", "schema": {"type": "string"}}
        answers[200]["headers"] = {"Content-Crs": uri}
        empty = {304: UNCHANGED, **(empty or {})}
    answers |= {code: {"description": said} for code, said in (empty or {}).items()}
    return {"responses": answers, "response_model": None}


def openapi(app: FastAPI) -> dict[str, Any]:
    """Return the description of all routes, kept once made."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title,
            version=app.version,
            openapi_version="3.1.0",
            summary=None,
            description=app.description,
            routes=app.routes,
        )
        app.openapi_schema = _as_three_zero(_corrected(made))
    return app.openapi_schema


def _corrected(made: dict[str, Any]) -> dict[str, Any]:
    """Put right what FastAPI assumes: faults are 400 here, and each answer has its own type."""
    components = made.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas["Problem"] = _PROBLEM_SCHEMA
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    components["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "An API key."}
    }
    made["security"] = [{}, {"key": []}]
    for operations in made["paths"].values():
        for operation in operations.values():
            _correct(operation)
    return made


def _correct(operation: dict[str, Any]) -> None:
    operation["parameters"] = [
        openapi_parameter(parameter) for parameter in operation.get("parameters", [])
    ]
    answers = operation["responses"]
    answers.pop("422", None)
    for code, answer in answers.items():
        content = answer.get("content", {})
        # FastAPI adds its default media type beside the ones a route declares
        declared = {kind: body for kind, body in content.items() if body.get("schema")}
        if declared:
            answer["content"] = declared
        elif code in ("204", "304"):
            answer.pop("content", None)


def _as_three_zero(made: dict[str, Any]) -> dict[str, Any]:
    """Say in OpenAPI 3.0 what was said in 3.1."""
    lowered = _lowered(copy.deepcopy(made))
    lowered["openapi"] = VERSION
    assert isinstance(lowered, dict)
    return lowered


def _lowered(node: Any) -> Any:
    if isinstance(node, list):
        return [_lowered(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: _lowered(value) for key, value in node.items()}
    options = node.get("anyOf")
    if isinstance(options, list) and {"type": "null"} in options:
        rest = [option for option in options if option != {"type": "null"}]
        node.pop("anyOf")
        node |= {"nullable": True}
        node = (
            (rest[0] | node) if len(rest) == 1 and "$ref" not in rest[0] else node | {"anyOf": rest}
        )
    if "const" in node:
        node["enum"] = [node.pop("const")]
    for bound in ("Minimum", "Maximum"):
        limit = node.get(f"exclusive{bound}")
        if isinstance(limit, int | float) and not isinstance(limit, bool):
            node |= {bound.lower(): limit, f"exclusive{bound}": True}
    if isinstance(node.get("examples"), list):
        node["example"] = node.pop("examples")[0]
    return node
