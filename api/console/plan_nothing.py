"""Nothing fits: what was checked, and the smallest changes that would be enough."""

from typing import Any

from api.console.plan_source import Source
from api.services import Services


def nothing(known: Services, source: Source) -> dict[str, Any]:
    """Return what the page says."""
    return {}
