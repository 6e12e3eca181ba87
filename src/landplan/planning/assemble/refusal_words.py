"""What refusals cost, for the terminal and for machines."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

from landplan.messages import Language, say
from landplan.messages.numbers import area, count, money, share
from landplan.planning.assemble.refusals import Refusal
from landplan.proposal.proposal import Proposal


def lines(
    found: Sequence[Refusal], owners: int, currency: str, language: Language
) -> Iterator[str]:
    """Yield a line per owner, dearest first, and how many of all ``owners`` were looked at."""
    yield say("refusals.head", None, language)
    for one in found:
        code = "exact" if one.exact else "between"
        if math.isinf(one.most):
            code = "none" if math.isinf(one.least) else "not_found"
        yield say(f"refusals.line.{code}", _params(one, currency, language), language)
    yield say("refusals.rest", {"n": len(found), "all": owners}, language)


def _params(one: Refusal, currency: str, language: Language) -> dict[str, object]:
    """Return the words of a line: what is at least so is rounded down, at most up."""
    chance = ""
    if one.probability is not None:
        chance = say("refusals.chance", {"share": share(one.probability, language)}, language)
    params: dict[str, object] = {
        "owner": one.owner_id,
        "parcels": count(one.parcels, "parcel", language),
        "area": area(one.area_m2, language),
        "chance": chance,
    }
    if math.isfinite(one.least):
        params["least"] = money(one.least, currency, language, "down")
    if math.isfinite(one.most):
        params["most"] = money(one.most, currency, language, "up")
        params["more"] = money(one.most, currency, language)
    return params


def to_json(proposal: Proposal, found: Sequence[Refusal]) -> dict[str, Any]:
    """Return the same as data; null stands for what has no figure."""
    return {
        "proposal": proposal.id,
        "currency": proposal.town.currency,
        "refusals": [
            {
                "owner_id": one.owner_id,
                "parcels": one.parcels,
                "area_m2": round(one.area_m2, 2),
                "least": one.least if math.isfinite(one.least) else None,
                "most": one.most if math.isfinite(one.most) else None,
                "no_plan_left": math.isinf(one.least),
                "exact": one.exact,
                "probability": one.probability,
            }
            for one in found
        ],
    }
