"""Why a parcel is in a plan or out of it, and what the plan would cost without it."""

from typing import Any

from fastapi import Request

from api.console.plan_source import Source


def why_rows(request: Request, source: Source, site: str | None) -> list[Any]:
    """Return a row per parcel of the plan and per near miss."""
    return []
