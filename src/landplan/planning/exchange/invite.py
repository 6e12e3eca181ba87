"""Whom to invite to a voluntary exchange: the gain curve over the number of participants.

Voluntary exchange starts with few. Whoever takes no part keeps every parcel, so that an exchange
among some parties is one of their parcels alone. Its gain is what the land of those parties counts
as it lies less what it counts in the best plan found among them. Parties join one by one, the one
that adds most first; and beside each step stands what **no** set of as many parties can exceed
(`landplan.optimize.participation`). Pieces count in that bound with what a party can save at most:
all but one of its pieces, or all, if it may end without land.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from landplan.cadastre.cadastre import Cadastre
from landplan.errors import InputError
from landplan.optimize.exchange.costs import least_pieces, pieces_of, terms_of
from landplan.optimize.exchange.dual import DualSearch
from landplan.optimize.exchange.engine import solve
from landplan.optimize.exchange.params import Params
from landplan.optimize.exchange.problem import FloatArray, IntArray, Problem
from landplan.optimize.participation import gain_curve, pressures
from landplan.planning.exchange.formulate import CENTS, Formulation, formulate
from landplan.planning.exchange.request import ExchangeRequest
from landplan.planning.process import Progress, StopAsked

_BARRED: Final = 2**49
"""What a parcel costs with a party that may not have it: more than any plan, still a whole number
that can be scaled."""


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
    search = _Gains(problem, Params.of("quick", request.seed), stop)
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


def _with_all(search: "_Gains", chosen: IntArray, today: int) -> int:
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


def among(problem: Problem, parties: IntArray) -> Problem:
    """Return the exchange of some parties [k] (sorted), who are numbered anew: all others keep all.

    Exact: parcels of others never join pieces of theirs.
    """
    number = np.full(problem.m, -1, np.int64)
    number[parties] = np.arange(len(parties))
    rows = np.flatnonzero(number[problem.holder] >= 0)
    at = np.full(problem.n, -1, np.int64)
    at[rows] = np.arange(len(rows))
    edges = at[problem.edges]
    return replace(
        problem,
        value=problem.value[rows],
        area=problem.area[rows],
        xy=problem.xy[rows],
        holder=number[problem.holder[rows]],
        fixed=problem.fixed[rows],
        reference=problem.reference[parties],
        value_low=problem.value_low[parties],
        value_high=problem.value_high[parties],
        area_low=problem.area_low[parties],
        area_high=problem.area_high[parties],
        least=problem.least[parties],
        kind=problem.kind[rows],
        may_receive=problem.may_receive[parties],
        edges=edges[(edges >= 0).all(axis=1)],
    )


class _Gains:
    """What exchanges among some parties gain, cents, each searched for once."""

    def __init__(self, problem: Problem, params: Params, stop: StopAsked | None) -> None:
        self.problem = problem
        self.params = params
        self.stop = stop
        self.ended: list[bool] = []
        self.known: dict[tuple[int, ...], tuple[int, IntArray]] = {}

    def stopped(self) -> bool:
        """Whether the caller wants no more."""
        if self.stop is not None and self.stop(float("inf"), 0.0):
            self.ended.append(True)
        return bool(self.ended)

    def of(self, parties: IntArray) -> int:
        """Return the gain of the best plan found among some parties; never below 0."""
        return self.best(parties)[0]

    def best(self, parties: IntArray) -> tuple[int, IntArray]:
        """Return the same and the plan, parties numbered as they are given."""
        key = tuple(parties.tolist())
        if key not in self.known:
            sub = among(self.problem, parties)
            today = sum(terms_of(sub, sub.holder).values())
            result = solve(sub, self.params, lambda _best, _bound: self.stopped())
            gain = today - result.objective
            kept = result.status in ("optimal", "feasible") and gain > 0
            self.known[key] = (gain, result.party) if kept else (0, sub.holder)
        return self.known[key]


class _Among:
    """The same with the parties numbered as candidates, and progress told."""

    def __init__(
        self, gains: _Gains, people: IntArray, progress: Progress | None, most: int
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


def most_brought(problem: Problem, multiplier: FloatArray) -> IntArray:
    """Return what the presence of each party [m] can bring any set at most, cents."""
    whole = int(problem.value.sum())
    m = problem.m

    def cost_of(rows: IntArray) -> IntArray:
        offset = problem.xy[rows][None, :, :] - problem.reference[:, None, :]
        away = (offset**2).sum(axis=2)
        cost: IntArray = np.rint(problem.distance_price * problem.value[rows] * away).astype(
            np.int64
        )
        holder, here = problem.holder[rows], np.arange(len(rows))
        own = cost[holder, here]
        cost += problem.move_price
        barred = ~problem.may_receive[:, problem.kind[rows]] | problem.fixed[rows][None, :]
        cost[barred] = _BARRED
        cost[holder, here] = own
        return cost

    must = (problem.least > 0) | (problem.value_low > 0) | (problem.area_low > 0)
    fixed = np.bincount(problem.holder[problem.fixed], minlength=m) > 0
    label = problem.holder.astype(np.int64)
    count = _pieces_each(problem, label)
    savings = problem.piece_price * np.maximum(0, count - (must | fixed))
    low, high = problem.value_low.clip(0), np.minimum(problem.value_high, whole)
    return pressures(
        cost_of, label, problem.value, low, high, np.asarray(multiplier, float), savings
    )


def _pieces_each(problem: Problem, party: IntArray) -> IntArray:
    """Return the number of pieces [m] of each party."""
    found = [
        pieces_of(among(problem, np.array([i])), np.zeros(int((party == i).sum()), np.int64))
        for i in range(problem.m)
    ]
    return np.array(found, np.int64)


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
