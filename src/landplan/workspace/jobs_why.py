"""Why a parcel is in a plan, or not: the same question with that parcel decided the other way.

What the other answer costs more is the reason, and at least so much where it was proven.
"""

import copy
from collections.abc import Mapping
from typing import Any

from landplan.errors import InputError


def why_request(
    document: Mapping[str, Any], parcel: str, demand: str | None = None, *, in_plan: bool
) -> dict[str, Any]:
    """Return the request that tells what a parcel is worth to a plan.

    Parameters
    ----------
    document
        ``proposal.json`` of the plan.
    parcel
        Id of the parcel.
    demand
        For whose site a parcel outside the plan is to be taken; may be left out where there is one
        demand.
    in_plan
        Whether the parcel is in a site of the plan. If so, no site may use it, even where the
        request locked it in; if not, the demand's site must, even where the request excluded it.

    Raises
    ------
    InputError
        ``job.why.demand_unknown``, ``job.why.demand_needed``.
    """
    request: dict[str, Any] = copy.deepcopy(dict(document["request"]))
    demands: list[dict[str, Any]] = request["demand"]
    known = [str(entry["id"]) for entry in demands]
    if demand is not None and demand not in known:
        raise InputError("job.why.demand_unknown", demand=demand)
    if not in_plan and demand is None and len(known) > 1:
        raise InputError("job.why.demand_needed", parcel=parcel, known=known)
    for entry in demands:
        locked = {*entry["must"]} - {parcel}
        barred = {*entry["never"]}
        if in_plan:
            barred |= {parcel}
        elif demand in (None, entry["id"]):
            locked, barred = locked | {parcel}, barred - {parcel}
        entry["must"], entry["never"] = sorted(locked), sorted(barred)
    return request
