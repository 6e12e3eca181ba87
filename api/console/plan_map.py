"""The interactive map of a plan, as parts for a page of the console."""

from typing import Any

from fastapi import Request

from api.console.plan_source import Source


def plan_map(request: Request, source: Source) -> Any:
    """Return head, body and script of the map."""
    return None
