"""The alternatives to a plan, for the terminal and for machines."""

import math
from collections.abc import Iterator
from typing import Any, Final

from landplan.messages import Language, say
from landplan.messages.numbers import Rounding, count, money, money_as_printed, share
from landplan.planning.assemble.alternatives import Alternative, Alternatives
from landplan.proposal.certificate import Certificate, distance
from landplan.proposal.proposal import Proposal

_MOST_PLACES: Final = 7
_NEAR: Final = 1e-4


def line(number: int, one: Alternative, plan: Proposal, folder: str, language: Language) -> str:
    """Return what one alternative costs, how good it is, and what it shares with earlier plans."""
    found = one.proposal
    names = [plan.id, *(str(i) for i in range(1, number))]
    shared = [
        say("alternatives.shared", {"plan": name, "share": share(part, language, "up")}, language)
        for name, (_, part) in zip(names, one.shared, strict=True)
    ]
    params = {
        "n": number,
        "cost": money(found.certificate.objective, found.town.currency, language),
        "extra": extra_words(one.extra, plan, language),
        "gap": gap_words(found, language),
        "owners": owner_words(found, language),
        "shared": (", " if language == "en" else "，").join(shared),
        "folder": folder,
    }
    return say("alternatives.line", params, language)


def extra_words(extra: float, plan: Proposal, language: Language) -> str:
    """Return how much dearer or cheaper than a plan something is."""
    base = plan.certificate.objective or 0.0
    code = "same" if extra == 0 else ("more" if extra > 0 else "less")
    params = {
        "amount": money(abs(extra), plan.town.currency, language),
        "percent": share(abs(extra) / base, language) if base > 0 else "–",
    }
    return say(f"alternatives.extra.{code}", params, language)


def gap_words(plan: Proposal, language: Language) -> str:
    """Return how far from the least possible a plan is known to be, in a few words."""
    return gap_of(plan.certificate, language)


def gap_of(certificate: Certificate, language: Language) -> str:
    """Return the same of a certificate."""
    worse = distance(certificate)
    if worse is None:
        return say("alternatives.gap.unknown", None, language)
    if certificate.proven_best:
        return say("alternatives.gap.none", None, language)
    return say("alternatives.gap", {"percent": share(worse, language, "up")}, language)


def limit_words(amount: float, currency: str, language: Language, towards: Rounding) -> str:
    """Return an amount that nothing passes, with decimals enough that it is off by 0.01 % at most.

    Where land has one price all plans cost nearly the same, and two decimals would say nothing.
    """
    extra = next((e for e in range(_MOST_PLACES) if _near(amount, language, towards, e)), 0)
    return money(amount, currency, language, towards, extra_places=extra)


def _near(amount: float, language: Language, towards: Rounding, extra: int) -> bool:
    printed = float(money_as_printed(amount, language, towards, extra_places=extra))
    return abs(printed - amount) <= _NEAR * abs(amount)


def owner_words(plan: Proposal, language: Language) -> str:
    """Return how many owners the sites of a plan have, each site for itself."""
    if not plan.rights["owner_id"].notna().any():
        return say("plan.owners.unknown", None, language)
    return count(int(plan.sites["owner_count"].sum()), "owner", language)


def ending(
    result: Alternatives, plan: Proposal, max_share: float, language: Language
) -> Iterator[str]:
    """Yield what is proven about every further plan."""
    currency, base = plan.town.currency, plan.certificate.objective or 0.0
    params: dict[str, object] = {"share": share(max_share, language, "down")}
    if math.isfinite(result.bound):
        more = max(result.bound - base, 0.0)
        params |= {
            "bound": limit_words(result.bound, currency, language, "down"),
            "more": money(more, currency, language, "down"),
            "percent": share(more / base, language, "down") if base > 0 else "–",
            "limit": money(result.limit, currency, language),
        }
    yield say(f"alternatives.ending.{result.ending}", params, language)


def to_json(result: Alternatives, plan: Proposal, folders: list[str]) -> dict[str, Any]:
    """Return the same as data; a bound of null means that it is proven that there is no other."""
    return {
        "proposal": plan.id,
        "currency": plan.town.currency,
        "objective": plan.certificate.objective,
        "alternatives": [
            {
                "proposal": one.proposal.id,
                "folder": folder,
                "objective": one.proposal.certificate.objective,
                "bound": one.proposal.certificate.bound,
                "gap": one.proposal.certificate.gap,
                "extra": one.extra,
                "owners": int(one.proposal.sites["owner_count"].sum()),
                "shared": [{"proposal": i, "share": round(part, 6)} for i, part in one.shared],
            }
            for one, folder in zip(result.plans, folders, strict=True)
        ],
        "ending": result.ending,
        "bound": result.bound if math.isfinite(result.bound) else None,
        "limit": result.limit,
    }
