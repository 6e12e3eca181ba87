"""What changed against an agreed exchange, in lines and as JSON."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from landplan.messages import Language, say
from landplan.messages.numbers import count, money
from landplan.proposal.agreed import WhatChanged

MOST: Final = 20
"""Parties and parcels that are listed one by one."""


def lines(found: WhatChanged, currency: str, language: Language) -> Iterator[str]:
    """Yield how many parcels changed and why, then parties, then parcels."""

    def tell(code: str, **params: object) -> str:
        return say(f"agreed.{code}", params, language)

    n, had_to = len(found.changes), found.had_to
    if n == 0:
        yield tell("nothing", plan=found.plan)
        return
    yield tell(
        "head",
        plan=found.plan,
        parcels=count(n, "parcel", language),
        had_to=had_to,
        followed=n - had_to,
        parties=len(found.parties),
    )
    for one in found.parties[:MOST]:
        yield tell(
            "party",
            party=one.party,
            more=one.more,
            less=one.less,
            agreed=money(one.value_agreed, currency, language),
            now=money(one.value_now, currency, language),
        )
    if len(found.parties) > MOST:
        yield tell("more_parties", n=len(found.parties) - MOST)
    for change in found.changes[:MOST]:
        yield tell(
            f"parcel.{change.why}", parcel=change.parcel, agreed=change.agreed, now=change.now
        )
    if n > MOST:
        yield tell("more_parcels", n=n - MOST)


def to_json(found: WhatChanged) -> dict[str, Any]:
    """Return all of it as data."""
    return {
        "agreed_plan": found.plan,
        "had_to": found.had_to,
        "followed": len(found.changes) - found.had_to,
        "parcels": [asdict(change) for change in found.changes],
        "parties": [asdict(one) for one in found.parties],
    }
