"""Why a parcel is in a plan or not, in words and as data."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

from landplan.messages import Language, say
from landplan.messages.numbers import money
from landplan.planning.assemble.counterfactual import Difference, Worth
from landplan.proposal.proposal import Proposal


def difference_text(found: Difference, currency: str, language: Language, *, inside: bool) -> str:
    """Return what a plan without the parcel costs (with it, for one outside), as a sentence.

    What is at least so is rounded down, at most up.
    """
    which = "without" if inside else "with"
    return say(f"why.{which}.{found.verdict}", amounts(found, currency, language), language)


def amounts(found: Difference, currency: str, language: Language) -> dict[str, object]:
    """Return the amounts of a difference, spelled."""
    params: dict[str, object] = {}
    if math.isfinite(found.least):
        params["least"] = money(found.least, currency, language, "down")
    if math.isfinite(found.most):
        params["most"] = money(abs(found.most), currency, language, "up")
        params["amount"] = money(abs(found.most), currency, language)
    return params


def lines(found: Sequence[Worth], currency: str, language: Language) -> Iterator[str]:
    """Yield a paragraph per parcel."""
    blank = " " if language == "en" else ""
    for one in found:
        sentences = [reason.text(language) for reason in one.reasons]
        if one.difference is not None:
            sentences.append(difference_text(one.difference, currency, language, inside=one.inside))
        yield blank.join(sentences)


def to_json(proposal: Proposal, found: Sequence[Worth]) -> dict[str, Any]:
    """Return the same as data; null stands for what has no figure."""

    def finite(amount: float) -> float | None:
        return amount if math.isfinite(amount) else None

    return {
        "proposal": proposal.id,
        "currency": proposal.town.currency,
        "parcels": [
            {
                "parcel_id": one.parcel_id,
                "site_id": one.site_id,
                "inside": one.inside,
                "reasons": [
                    {"code": reason.code, "params": dict(reason.params)} for reason in one.reasons
                ],
                "otherwise": None
                if one.difference is None
                else {
                    "verdict": one.difference.verdict,
                    "least": finite(one.difference.least),
                    "most": finite(one.difference.most),
                },
            }
            for one in found
        ],
    }
