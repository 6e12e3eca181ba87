"""Whom to invite, for the terminal, for machines and as a table."""

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from landplan.messages import Language, say
from landplan.messages.numbers import count, money, share
from landplan.planning.exchange.invite import Invitation

COLUMNS: Final = ("number", "party", "owners", "parcels", "gain", "bound", "share_of_all")
_BAR: Final = 24


def lines(found: Invitation, language: Language) -> Iterator[str]:
    """Yield what all together gain, a line with a bar per party, and what may be missing."""
    currency = found.currency

    def tell(code: str, **params: object) -> str:
        return say(f"invite.{code}", params, language)

    yield tell(
        "head",
        parties=found.parties,
        everyone=money(found.everyone, currency, language, "down"),
        bound=money(found.everyone_bound, currency, language, "up"),
        today=money(found.today, currency, language),
    )
    if not found.guests:
        yield tell("none")
    for number, guest in enumerate(found.guests, 1):
        reached = guest.gain / found.everyone if found.everyone else 0.0
        yield tell(
            "line",
            number=number,
            party=guest.party,
            parcels=count(guest.parcels, "parcel", language),
            gain=money(guest.gain, currency, language, "down"),
            share=share(reached, language),
            bound=money(guest.bound, currency, language, "up"),
            bar="█" * round(_BAR * min(1.0, reached)),
        )
    yield tell("limit" if found.limit_hit else "all", n=found.evaluated)


def to_json(found: Invitation) -> dict[str, Any]:
    """Return all of it as data."""
    return asdict(found)


def to_csv(found: Invitation) -> str:
    """Return the curve as a table, a row per party."""
    file = io.StringIO()
    table = csv.writer(file)
    table.writerow(COLUMNS)
    for number, guest in enumerate(found.guests, 1):
        reached = guest.gain / found.everyone if found.everyone else 0.0
        owners = "; ".join(guest.owners)
        row = (number, _text(guest.party), _text(owners), guest.parcels)
        table.writerow([*row, guest.gain, guest.bound, round(reached, 6)])
    return file.getvalue()


def _text(name: str) -> str:
    """Return a name that a spreadsheet does not take for a formula."""
    return f"'{name}" if name.startswith(("=", "+", "-", "@", "\t", "\r")) else name
