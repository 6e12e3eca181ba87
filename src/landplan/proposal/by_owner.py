"""Two exchanges of the same land, party by party: who is better off in which, and how evenly.

Value counts as the land after the exchange **and** what is paid, against what is due. Equality is
measured on the land alone, after by due: a payment makes good what the land does not give.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

from landplan.errors import InputError, ManyErrors
from landplan.measures.inequality import gini, theil
from landplan.proposal.exchange import Statement, is_exchange, statements_of
from landplan.proposal.proposal import Proposal

Better = Literal["first", "second", "same", "unknown"]
Measure = Literal["value", "area", "pieces", "distance"]
CENT: Final = 0.005
METRE: Final = 0.5
"""Distances that differ by less are the same."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One party in both plans; None where it takes no part in one.

    ``value``, ``pieces``, ``distance`` and ``area`` name the plan that is better for the party.
    """

    party: str
    owners: tuple[str, ...]
    first: Statement | None
    second: Statement | None
    value: Better
    pieces: Better
    distance: Better
    area: Better

    @property
    def swing(self) -> float:
        """Return by how much the gains in value differ, as a share of the claim; 0 if unknown."""
        one, other = gain(self.first), gain(self.second)
        return 0.0 if one is None or other is None else other - one


@dataclass(frozen=True, slots=True)
class Evenness:
    """How evenly a plan treats its parties (acquirers left out).

    ``gini`` and ``theil`` of the land's value after by what is due, 0: all alike; ``least`` and
    ``most`` gain (land and money, share of the claim); how many have less ``land`` than is due, are
    in ``more_pieces``, lie ``farther`` than before. None where no claim is known.
    """

    parties: int
    gini: float | None
    theil: float | None
    least: float | None
    most: float | None
    less_land: int
    more_pieces: int
    farther: int


@dataclass(frozen=True, slots=True)
class OwnerComparison:
    """All parties of two plans, the largest difference in value first, and both plans' evenness."""

    first_id: str
    second_id: str
    currency: str
    parties: tuple[Difference, ...]
    evenness: tuple[Evenness, Evenness]

    def counts(self, what: Measure) -> dict[Better, int]:
        """Return for how many parties which plan is better by one measure."""
        found: dict[Better, int] = dict.fromkeys(("first", "second", "same", "unknown"), 0)
        for one in self.parties:
            better: Better = getattr(one, what)
            found[better] += 1
        return found


def compare_owners(first: Proposal, second: Proposal) -> OwnerComparison:
    """Compare two exchanges party by party.

    Raises
    ------
    ManyErrors
        ``owners.no_exchange`` for a plan that is none.
    InputError
        ``owners.other_data`` where the two were made from different data.
    """
    faults = [
        InputError("owners.no_exchange", plan=plan.id, process=plan.process)
        for plan in (first, second)
        if not is_exchange(plan) or plan.layer("statements").empty
    ]
    if faults:
        raise ManyErrors(faults)
    if first.provenance.data_hash != second.provenance.data_hash:
        raise InputError("owners.other_data", first=first.id, second=second.id)
    one = {statement.id: statement for statement in statements_of(first)}
    other = {statement.id: statement for statement in statements_of(second)}
    rows = [_difference(party, one.get(party), other.get(party)) for party in {*one, *other}]
    rows.sort(key=lambda row: (-abs(row.swing), row.party))
    even = (evenness(list(one.values())), evenness(list(other.values())))
    return OwnerComparison(first.id, second.id, first.town.currency, tuple(rows), even)


def gain(statement: Statement | None) -> float | None:
    """Return (land after + payment − claim) / claim; None where not known or nothing is due."""
    if statement is None or statement.after.value is None or not statement.claim:
        return None
    return (statement.after.value + statement.payment - statement.claim) / statement.claim


def evenness(statements: Sequence[Statement]) -> Evenness:
    """Return how evenly the parties of one plan are treated.

    Source: Gini (1912) and Theil (1967) of the ratio of allotted to due value, the spread that
    land-consolidation practice states as a range.
    """
    own = [one for one in statements if one.role != "acquirer"]
    ratios = pd.Series(
        [one.after.value / one.claim for one in own if one.after.value is not None and one.claim],
        dtype=float,
    )
    gains = [found for found in map(gain, own) if found is not None]
    changes = [one.change for one in own]
    return Evenness(
        parties=len(own),
        gini=gini(ratios),
        theil=theil(ratios),
        least=min(gains, default=None),
        most=max(gains, default=None),
        less_land=sum(change is not None and change < -CENT for change in changes),
        more_pieces=sum(one.pieces[1] > one.pieces[0] for one in own),
        farther=sum(_farther(one) for one in own),
    )


def _farther(one: Statement) -> bool:
    before, after = one.distance_m
    return before is not None and after is not None and after - before > METRE


def _difference(party: str, first: Statement | None, second: Statement | None) -> Difference:
    known = first or second
    assert known is not None

    def better(read: Callable[[Statement], float | None], same: float, more: bool = True) -> Better:
        return _better(first, second, read, same, more)

    return Difference(
        party=party,
        owners=known.owners,
        first=first,
        second=second,
        value=better(_worth, CENT),
        pieces=better(lambda one: float(one.pieces[1]), 0.0, more=False),
        distance=better(lambda one: one.distance_m[1], METRE, more=False),
        area=better(lambda one: one.after.area_m2, CENT),
    )


def _better(
    first: Statement | None,
    second: Statement | None,
    read: Callable[[Statement], float | None],
    same: float,
    more: bool,
) -> Better:
    """Return the plan whose amount is better; amounts within ``same`` are the same."""
    one = None if first is None else read(first)
    other = None if second is None else read(second)
    if one is None or other is None:
        return "unknown"
    if abs(one - other) <= same:
        return "same"
    return "first" if (one > other) == more else "second"


def _worth(one: Statement) -> float | None:
    """Return land and money after, less what is due: claims may differ between plans."""
    change = one.change
    return None if change is None else change + one.payment
