"""What dropping out costs an exchange, for the terminal and for machines."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from landplan.messages import Language, say
from landplan.messages.numbers import count, money
from landplan.planning.exchange.key_owners import KeyOwners
from landplan.proposal.proposal import Proposal


def lines(found: KeyOwners, parties: int, currency: str, language: Language) -> Iterator[str]:
    """Yield a line per party, dearest first, and how many of all ``parties`` were looked at."""
    yield say("refusals.exchange_head", None, language)
    for one in found.rows:
        code = "impossible" if one.impossible else "not_found" if one.found is None else "found"
        told: dict[str, object] = {
            "party": one.party,
            "parcels": count(one.parcels, "parcel", language),
            "touched": count(one.touched, "parcel", language),
            "least": money(one.least, currency, language, "down"),
        }
        if one.found is not None and one.most is not None:
            told["found"] = money(one.found, currency, language)
            told["most"] = money(one.most, currency, language, "up")
        yield say(f"refusals.exchange_line.{code}", told, language)
    if found.better > 0:
        better = money(found.better, currency, language)
        yield say("refusals.exchange_better", {"better": better}, language)
    yield say("refusals.exchange_rest", {"n": len(found.rows), "all": parties}, language)


def to_json(proposal: Proposal, found: KeyOwners) -> dict[str, Any]:
    """Return the same as data; null stands for what has no figure."""
    return {
        "proposal": proposal.id,
        "currency": proposal.town.currency,
        "better": found.better,
        "refusals": [asdict(one) for one in found.rows],
    }
