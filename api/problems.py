"""Every refusal and fault as one clear sentence: problem+json for programs, a page for people."""

import logging
import secrets
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from landplan.cadastre.validation import LookupFault
from landplan.errors import LandplanError, ManyErrors
from landplan.messages import Language, say

log = logging.getLogger("landplan.api")
PROBLEM = "application/problem+json"
STATUS = {
    "workspace.no_proposal": 404,
    "workspace.no_dataset": 404,
    "workspace.no_scenario": 404,
    "workspace.no_upload": 404,
    "job.unknown": 404,
    "job.key_reused": 409,
    "job.too_many": 429,
    "job.queue_full": 429,
}
"""Where a fault of the library is not simply a request that cannot be understood (400)."""


class Refused(LandplanError):
    """A request that is not answered, with its HTTP status; ``retry_after`` in seconds."""

    def __init__(
        self,
        status: int,
        code: str,
        /,
        *,
        kind: str = "about:blank",
        retry_after: int | None = None,
        **params: object,
    ) -> None:
        super().__init__(code, **params)
        self.status = status
        self.kind = kind
        self.retry_after = retry_after

    @classmethod
    def of(cls, status: int, error: LandplanError, kind: str = "about:blank") -> "Refused":
        """Return a fault of the library as a refusal, whatever its parameters are called."""
        made = cls(status, error.code, kind=kind)
        made.params = error.params
        made.args = error.args
        return made


def install(app: FastAPI) -> None:
    """Make every fault of the application end here; the gate keeps what nobody foresaw."""
    app.add_exception_handler(LandplanError, _landplan_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)


def problem(
    request: Request,
    status: int,
    errors: list[LandplanError],
    *,
    kind: str = "about:blank",
    headers: dict[str, str] | None = None,
) -> Response:
    """Answer with the sentences of one or several faults."""
    language: Language = getattr(request.state, "language", "en")
    said = [
        {"code": e.code, "params": _plain(e.params), "message": say(e.code, e.params, language)}
        for e in errors
    ]
    headers = {"cache-control": "no-store", **(headers or {})}
    if wants_html(request):
        from api.pages import render

        page = render(request, "problem.html", status_code=status, status=status, errors=said)
        page.headers.update(headers)
        return page
    body: dict[str, Any] = {
        "type": kind,
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": " ".join(str(entry["message"]) for entry in said),
        "instance": request.url.path,
        "code": said[0]["code"],
        "params": said[0]["params"],
        "errors": said,
    }
    return JSONResponse(body, status, headers, media_type=PROBLEM)


def refused(request: Request, error: LandplanError) -> Response:
    """Answer with a fault, in the status that belongs to it."""
    errors = list(error.errors) if isinstance(error, ManyErrors) else [error]
    status = error.status if isinstance(error, Refused) else STATUS.get(error.code, 400)
    wait = getattr(error, "retry_after", None)
    headers = {} if wait is None else {"retry-after": str(wait)}
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    kind = error.kind if isinstance(error, Refused) else "about:blank"
    return problem(request, status, errors, kind=kind, headers=headers)


def wants_html(request: Request) -> bool:
    """Whether a person's browser asks, and not a program or a part of a page."""
    accepted = request.headers.get("accept", "")
    return "text/html" in accepted and request.query_params.get("f", "html") == "html"


async def _landplan_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, LandplanError)
    return refused(request, error)


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem(request, 400, [_fault(dict(entry)) for entry in error.errors()])


def _fault(entry: dict[str, Any]) -> LandplanError:
    """Say what is wrong with a value in words of our own, where there are some."""
    kind, context = str(entry["type"]), entry.get("ctx") or {}
    where = ".".join(str(part) for part in entry["loc"][1:]) or str(entry["loc"][0])
    own = context.get("error")
    if isinstance(own, LookupFault):
        return LandplanError(own.code, where=where, **own.params)
    if kind == "extra_forbidden":
        return LandplanError("api.unknown_parameter", where=where)
    if kind == "missing":
        return LandplanError("api.missing", where=where)
    if kind.startswith(("int_", "float_")):
        return LandplanError("api.not_a_number", where=where)
    if kind in ("literal_error", "enum"):
        return LandplanError("api.choice", where=where, known=str(context.get("expected", "")))
    if kind in ("greater_than_equal", "less_than_equal"):
        limit = context.get("ge", context.get("le"))
        return LandplanError(f"api.{kind}", where=where, limit=limit)
    if kind in ("json_invalid", "dict_type", "model_attributes_type"):
        return LandplanError("api.not_json")
    return LandplanError("api.bad_value", where=where, detail=entry["msg"])


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    codes = {404: "api.not_found", 405: "api.method", 413: "api.too_large"}
    code = codes.get(error.status_code, "api.http")
    path, detail = request.url.path, str(error.detail)
    fault = LandplanError(code, path=path, method=request.method, detail=detail)
    return problem(request, error.status_code, [fault], headers=dict(error.headers or {}))


def internal_error(request: Request, error: Exception) -> Response:
    """Record a mistake of ours under a number, and tell only the number."""
    number = secrets.token_hex(4).upper()
    log.error("internal error %s", number, exc_info=error, extra={"facts": {"reference": number}})
    return problem(request, 500, [LandplanError("api.internal", reference=number)])


def _plain(params: dict[str, object]) -> dict[str, object]:
    plain = (str, int, float, bool, type(None))
    return {
        key: value
        if isinstance(value, plain)
        else [str(item) for item in value]
        if isinstance(value, list | tuple | set)
        else str(value)
        for key, value in params.items()
    }
