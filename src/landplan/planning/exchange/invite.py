"""Whom to invite to a voluntary exchange: the gain curve over the number of participants.

Voluntary exchange starts with few. Whoever takes no part keeps every parcel, so that an exchange
among some parties is one of their parcels alone. Its gain is what the land of those parties counts
as it lies less what it counts in the best plan found among them. Parties join one by one, the one
that adds most first; and beside each step stands what **no** set of as many parties can exceed
(`landplan.optimize.participation`). Pieces count in that bound with what a party can save at most:
all but one of its pieces, or all, if it may end without land.
"""

from dataclasses import dataclass, replace

import numpy as np

from landplan.cadastre.cadastre import Cadastre
from landplan.errors import InputError
from landplan.optimize.exchange.costs import least_pieces, terms_of
from landplan.optimize.exchange.dual import DualSearch
from landplan.optimize.exchange.engine import solve
from landplan.optimize.exchange.params import Params
from landplan.optimize.exchange.problem import IntArray
from landplan.optimize.participation import gain_curve
from landplan.planning.exchange.formulate import CENTS, Formulation, formulate
from landplan.planning.exchange.invite_gains import Gains, most_brought
from landplan.planning.exchange.request import ExchangeRequest
from landplan.planning.process import Progress, StopAsked


@dataclass(frozen=True, slots=True)
class Guest:
    """One more participant.

    Attributes
    ----------
    party, owners
        Who is invited, and the owners in it.
    parcels
        How many parcels it brings in.
    gain
        What the exchange among all invited so far gains, currency: a plan stands behind it.
    bound
        What no set of as many parties can exceed, currency.
    """

    party: str
    owners: tuple[str, ...]
    parcels: int
    gain: float
    bound: float


@dataclass(frozen=True, slots=True)
class Invitation:
    """Whom to invite in which order.

    Attributes
    ----------
    guests
        In the order of invitation.
    parties
        How many could take part.
    today, everyone, everyone_bound
        What all land counts as it lies, and what an exchange of all gains: in a plan found, and at
        most; currency.
    evaluated, limit_hit
        Exchanges searched; whether candidates were left out, so that another order may gain more.
    currency
        Of all amounts.
    """

    guests: tuple[Guest, ...]
    parties: int
    today: float
    everyone: float
    everyone_bound: float
    evaluated: int
    limit_hit: bool
    currency: str


def invite(
    request: ExchangeRequest,
    town: Cadastre,
    most: int = 10,
    tries: int = 24,
    progress: Progress | None = None,
    stop: StopAsked | None = None,
) -> Invitation:
    """Return whom to invite, with the gain and a bound after each.

    Parameters
    ----------
    request
        An exchange without a site and without contributions: then nobody has to take part.
    town
        The town.
    most
        How many parties are invited at most.
    tries
        Most exchanges searched for each of them.
    progress, stop
        As in `landplan.planning.process`; once asked to stop, those invited so far are returned.

    Raises
    ------
    ManyErrors, InputError
        As the process; ``invite.site`` where an acquirer receives land, ``invite.nobody`` where
        fewer than two parties may give any.
    """
    if request.acquirer.receives or request.acquirer.contribution_share > 0:
        raise InputError("invite.site")
    formulation = formulate(request, town)
    problem = formulation.problem
    search = Gains(problem, Params.of("quick", request.seed), stop)
    able = np.bincount(problem.holder[~problem.fixed], minlength=problem.m) > 0
    if int(able.sum()) < 2:
        raise InputError("invite.nobody", n=int(able.sum()))
    dual = DualSearch(problem, search.params).run()
    today = sum(terms_of(problem, problem.holder.astype(np.int64)).values())
    least = dual.bound + problem.piece_price * least_pieces(problem)
    total = max(0, today - int(np.floor(min(least, today))))
    pressure = most_brought(problem, dual.value_price)
    people = np.flatnonzero(able)
    sub = _Among(search, people, progress, most)
    curve = gain_curve(
        sub.gain, pressure[people], min(most, len(people)), (), tries, total, search.stopped
    )
    guests = [
        _guest(formulation, int(people[step.party]), step.gain, step.bound) for step in curve.steps
    ]
    chosen = people[[step.party for step in curve.steps]]
    everyone = max(search.of(np.arange(problem.m)), _with_all(search, np.sort(chosen), today))
    return Invitation(
        tuple(guests),
        len(people),
        today / CENTS,
        everyone / CENTS,
        total / CENTS,
        curve.evaluated,
        curve.limit_hit or bool(search.ended),
        town.town.currency,
    )


def _with_all(search: "Gains", chosen: IntArray, today: int) -> int:
    """Return what everyone gains in a plan that begins with the one among those invited."""
    problem = search.problem
    party = problem.holder.astype(np.int64)
    inside = np.isin(problem.holder, chosen)
    gain, plan = search.best(chosen) if len(chosen) else (0, party[inside])
    party[inside] = chosen[plan] if len(chosen) else plan
    near = replace(problem, agreed=party, leave_price=0)
    result = solve(near, search.params, lambda _best, _bound: search.stopped())
    kept = result.status in ("optimal", "feasible")
    return max(gain, today - result.objective if kept else 0)


class _Among:
    """The same with the parties numbered as candidates, and progress told."""

    def __init__(
        self, gains: Gains, people: IntArray, progress: Progress | None, most: int
    ) -> None:
        self.gains = gains
        self.people = people
        self.progress = progress
        self.most = most
        self.told = 0

    def gain(self, chosen: IntArray) -> int:
        """Return the gain of candidates."""
        if self.progress is not None and len(chosen) > self.told:
            self.told = len(chosen)
            self.progress("invite", float(self.told), float(min(self.most, len(self.people))))
        return self.gains.of(self.people[chosen])


def _guest(formulation: Formulation, i: int, gain: int, bound: int) -> Guest:
    members, name = formulation.land.members, formulation.names[i]
    owners = members.loc[members["holding"] == name, "owner_id"].astype(str)
    return Guest(
        name,
        tuple(sorted(owners)),
        int((formulation.before == i).sum()),
        gain / CENTS,
        bound / CENTS,
    )
