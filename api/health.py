"""Whether the service lives, and whether it can work."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from api.services import services
from landplan import __version__

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
def healthz() -> dict[str, str]:
    """Answer as long as the process lives."""
    return {"status": "ok", "version": __version__}


@router.get("/readyz")
def readyz(request: Request) -> JSONResponse:
    """Answer 200 where the database answers and jobs are calculated, else 503 with what fails."""
    known = services(request)
    checks: dict[str, Any] = {"database": True, "supervisor": True}
    try:
        with known.workspace.engine.begin() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError:
        checks["database"] = False
    if known.supervisor is not None:
        checks["supervisor"] = known.supervisor.alive
    ready = all(checks.values())
    status = {"status": "ready" if ready else "not ready", "checks": checks}
    return JSONResponse(status, 200 if ready else 503, {"cache-control": "no-store"})
