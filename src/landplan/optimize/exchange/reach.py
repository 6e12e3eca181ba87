"""Parties that no set of parcels can bring inside their limits.

Seen for each party alone: if even with every parcel it may receive at its disposal no set meets its
limits, no assignment does. Value and area are looked at one after the other, so that a party may be
out of reach for both together without being found here.

A party ends with its fixed parcels, of sum F, and a set S of free parcels that it holds or may
receive. Its sum lies in [low, high] exactly if that of S lies in [low - F, high - F]. Sums of whole
numbers that do not exceed the upper end are listed completely by adding one parcel after the other
to the sums so far (Bellman 1957, subset sums), as bits of one long number.
"""

from typing import Literal, NamedTuple

from landplan.optimize.exchange.problem import IntArray, Problem

_BITS = 4_000_000
_WORK = 2_000_000_000
"""Sums listed for one party at most, and bits moved for it, before it is left undecided."""


class Unreachable(NamedTuple):
    """A party proven to miss a limit in every assignment.

    ``by`` is the least miss in the unit of ``what``, below < 0, above > 0.
    """

    party: int
    what: Literal["value", "area", "parcels"]
    by: int


def _nearest(low: int, high: int, sums: int) -> int:
    """Return the least miss of [low, high] among sums given as bits, 0 inside."""
    window = sums >> max(low, 0)
    if low <= 0 <= high or window & ((1 << (high - max(low, 0) + 1)) - 1):
        return 0
    under = (sums & ((1 << max(low, 0)) - 1)).bit_length() - 1
    above = sums >> (high + 1)
    over = (above & -above).bit_length() if above else 0
    below = under - low
    return over if over and over < -below else below


def _miss(low: int, high: int, amounts: IntArray) -> int:
    """Return the least miss of a window by sums of any of the amounts; 0 if met or undecided."""
    total = int(amounts.sum())
    if high < 0:
        return -high
    if total < low:
        return total - low
    if low <= 0:
        return 0
    # adding amounts no longer than the window, one by one, cannot jump over it
    small = amounts[amounts <= high - low + 1]
    if int(small.sum()) >= low or bool(((amounts >= low) & (amounts <= high)).any()):
        return 0
    # any sum beyond the window that matters is at most the window and one amount more
    over = amounts[amounts > high]
    top = min(high + (low - 1), int(over.min()) if len(over) else high + low)
    usable = amounts[amounts <= top]
    if top > _BITS or len(usable) * top > _WORK:
        return 0
    mask = (1 << (top + 1)) - 1
    sums = 1
    for amount in usable.tolist():
        sums |= (sums << amount) & mask
    return _nearest(low, high, sums)


def unreachable(problem: Problem) -> tuple[Unreachable, ...]:
    """Return the parties that are proven to miss a limit in every assignment, first limit first.

    A party that is not returned may be out of reach all the same: the proof looks at one party
    and one limit at a time, and gives up beyond a fixed amount of work.
    """
    found: list[Unreachable] = []
    value, area, free = problem.value, problem.area, ~problem.fixed
    for p in range(problem.m):
        own = problem.holder == p
        fixed, may = own & problem.fixed, free & (own | problem.may_receive[p, problem.kind])
        short = int(fixed.sum()) + int(may.sum()) - int(problem.least[p])
        if short < 0:
            found.append(Unreachable(p, "parcels", short))
            continue
        for what, amount, low, high in (
            ("value", value, problem.value_low[p], problem.value_high[p]),
            ("area", area, problem.area_low[p], problem.area_high[p]),
        ):
            held = int(amount[fixed].sum())
            by = _miss(int(low) - held, int(high) - held, amount[may])
            if by:
                found.append(Unreachable(p, "value" if what == "value" else "area", by))
                break
    return tuple(found)
