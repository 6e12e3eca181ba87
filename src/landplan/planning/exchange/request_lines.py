"""The lines of an `exchange` request that name places and costs: text to numbers."""

import math
from collections import Counter
from collections.abc import Iterable
from typing import Final

from landplan.cadastre.validation import LookupFault

EVERYWHERE: Final = "*"
"""Stands for every parcel that its owner has no line of its own for."""
MOST_COST: Final = 1e9
Wish = tuple[str, float, float]
Cost = tuple[str, str, float]


def wish(line: str) -> Wish | None:
    """Return owner, x and y of a line with blanks between; None where it cannot be read."""
    parts = line.rsplit(None, 2)
    if len(parts) != 3:
        return None
    try:
        x, y = float(parts[1]), float(parts[2])
    except ValueError:
        return None
    return (parts[0].strip(), x, y) if math.isfinite(x) and math.isfinite(y) else None


def cost(line: str) -> Cost | None:
    """Return owner, parcel and amount of a line with bars between; None: it cannot be read."""
    parts = [part.strip() for part in line.rsplit("|", 2)]
    try:
        owner, parcel, amount = parts[0], parts[1], float(parts[2])
    except (IndexError, ValueError):
        return None
    whole = owner and parcel and 0 <= amount <= MOST_COST
    return (owner, parcel, amount) if whole else None


def checked_wishes(lines: list[str]) -> list[str]:
    """Return the lines; raises LookupFault for one that cannot be read, or an owner twice."""
    owners = []
    for line in lines:
        found = wish(line)
        if found is None:
            raise LookupFault("exchange.wish", line=line)
        owners.append(found[0])
    if twice := _twice(owners):
        raise LookupFault("exchange.wish_twice", ids=twice)
    return lines


def checked_costs(lines: list[str]) -> list[str]:
    """Return the lines; raises LookupFault for one that cannot be read, or a pair twice."""
    pairs = []
    for line in lines:
        found = cost(line)
        if found is None:
            raise LookupFault("exchange.cost", line=line)
        pairs.append(" | ".join(found[:2]))
    if twice := _twice(pairs):
        raise LookupFault("exchange.cost_twice", ids=twice)
    return lines


def _twice(names: Iterable[str]) -> list[str]:
    return sorted(name for name, count in Counter(names).items() if count > 1)
