"""Every refusal and fault as one clear sentence: problem+json for programs, a page for people."""

import logging
import secrets
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from landplan.errors import LandplanError, ManyErrors
from landplan.messages import say

log = logging.getLogger("landplan.api")
PROBLEM = "application/problem+json"


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


def install(app: FastAPI) -> None:
    """Make every fault of the application end here."""
    app.add_exception_handler(LandplanError, _landplan_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _internal_error)


def problem(
    request: Request,
    status: int,
    errors: list[LandplanError],
    *,
    kind: str = "about:blank",
    headers: dict[str, str] | None = None,
) -> Response:
    """Answer with the sentences of one or several faults."""
    language = getattr(request.state, "language", "en")
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


def wants_html(request: Request) -> bool:
    """Whether a person's browser asks, and not a program or a part of a page."""
    accepted = request.headers.get("accept", "")
    return "text/html" in accepted and request.query_params.get("f", "html") == "html"


async def _landplan_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, LandplanError)
    errors = list(error.errors) if isinstance(error, ManyErrors) else [error]
    if not isinstance(error, Refused):
        return problem(request, 400, errors)
    headers = {} if error.retry_after is None else {"retry-after": str(error.retry_after)}
    if error.status == 401:
        headers["www-authenticate"] = "Bearer"
    return problem(request, error.status, errors, kind=error.kind, headers=headers)


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = [
        LandplanError(
            "api.unknown_parameter" if fault["type"] == "extra_forbidden" else "api.bad_value",
            where=".".join(str(part) for part in fault["loc"][1:]) or str(fault["loc"][0]),
            detail=fault["msg"],
        )
        for fault in error.errors()
    ]
    return problem(request, 400, list(faults))


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    codes = {404: "api.not_found", 405: "api.method"}
    code = codes.get(error.status_code, "api.http")
    fault = LandplanError(code, path=request.url.path, method=request.method, detail=error.detail)
    return problem(request, error.status_code, [fault], headers=dict(error.headers or {}))


async def _internal_error(request: Request, error: Exception) -> Response:
    number = secrets.token_hex(4).upper()
    log.error("internal error %s", number, exc_info=error, extra={"reference": number})
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
