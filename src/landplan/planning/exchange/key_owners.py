"""Key owners: what an exchange loses if one party drops out.

For every party asked about, the agreed plan is repaired with all its land fixed and nothing for it
to receive, as well as the engine can from there. With C and B the objective and the bound of the
whole exchange, C' and B' those without the party: dropping out is one more restriction, so that the
best plan without the party costs no less than the best one with it. It loses at least B' − C and
never less than nothing, and at most C' − B. ``found`` is C' − C. A plan without a party is also one
of the whole exchange: C is the least objective of all plans met.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from landplan.cadastre.cadastre import Cadastre
from landplan.errors import InputError
from landplan.optimize.exchange.engine import solve
from landplan.optimize.exchange.params import Params
from landplan.optimize.exchange.problem import BoolArray, IntArray, Problem
from landplan.optimize.exchange.result import Result
from landplan.planning.exchange.formulate import CENTS, Formulation, formulate
from landplan.planning.exchange.replan import require_exchange_of, start_from
from landplan.planning.exchange.request import ExchangeRequest
from landplan.planning.process import Progress, StopAsked
from landplan.proposal.proposal import Proposal


@dataclass(frozen=True, slots=True)
class KeyOwner:
    """What one party's dropping out would cost.

    Attributes
    ----------
    party, owners
        The party and the owners in it.
    parcels, touched
        Parcels it holds today; parcels that it gives or receives in the plan.
    least, most, found
        What the plan loses, currency: proven at least and at most, and between the plans found.
        ``most`` and ``found`` are None where no plan without it was found.
    impossible
        Whether it is proven that without the party no plan keeps the tolerances.
    """

    party: str
    owners: tuple[str, ...]
    parcels: int
    touched: int
    least: float
    most: float | None
    found: float | None
    impossible: bool


@dataclass(frozen=True, slots=True)
class KeyOwners:
    """What was found: the owners, dearest first, and by how much less a plan counts that was met.

    ``better`` > 0: the plan asked about is not the best one known; the figures compare with the
    best.
    """

    rows: tuple[KeyOwner, ...]
    better: float


def key_owners(
    proposal: Proposal,
    town: Cadastre,
    most: int = 10,
    progress: Progress | None = None,
    stop: StopAsked | None = None,
) -> KeyOwners:
    """Return what each of the parties that change most land would cost by dropping out.

    Parameters
    ----------
    proposal
        An exchange that was found, on the data of ``town``.
    town
        The town it was made for.
    most
        How many parties are looked at, those that give and receive the most value. The acquirer,
        parties that give way to a site and those that change nothing are left out.
    progress, stop
        As in `landplan.planning.process`; once asked to stop, the parties done so far are returned.

    Raises
    ------
    InputError
        As `require_exchange_of`; ``refusals.exchange_nobody`` where nobody gives or receives.
    """
    require_exchange_of(proposal, town)
    formulation = formulate(ExchangeRequest.model_validate(proposal.request), town)
    start = start_from(proposal, formulation)
    parties = _by_turnover(formulation, start.party)[:most]
    if not parties:
        raise InputError("refusals.exchange_nobody", plan=proposal.id)
    params = Params.of("quick", int(proposal.request["seed"]))
    ended: list[bool] = []

    def stopped(best: float, bound: float, /) -> bool:
        if stop is not None and stop(best, bound):
            ended.append(True)
        return bool(ended)

    told = None if progress is None else (lambda n, of: progress("refusals", float(n), float(of)))
    whole, found = _pass(formulation.problem, parties, start, params, stopped, told)
    nearer = _best_start(start, (whole, *found.values()), proposal)
    if nearer is not None and not ended:
        # a better plan of all was met: the others are repaired from there, too, and the best counts
        again, further = _pass(formulation.problem, parties, nearer, params, stopped, told)
        whole = _cheaper(whole, again)
        found |= {i: _cheaper(found[i], one) for i, one in further.items() if i in found}
    base = _base(proposal, whole, found)
    rows = [_told(formulation, i, start.party, result, base) for i, result in found.items()]
    better = (base.stated - base.objective) / CENTS
    return KeyOwners(tuple(sorted(rows, key=_rank)), round(better, 2))


def _pass(
    problem: Problem,
    parties: list[int],
    start: Result,
    params: Params,
    stop: StopAsked,
    told: Callable[[int, int], None] | None,
) -> tuple[Result, dict[int, Result]]:
    """Return the exchange with everyone and without each party, all repaired from one plan."""
    whole = without(problem, None, start, params, stop)
    found: dict[int, Result] = {}
    for i in parties:
        result = without(problem, i, start, params, stop)
        if stop(float("inf"), 0.0):
            break
        found[i] = result
        if told is not None:
            told(len(found), len(parties))
    return whole, found


def _best_start(start: Result, met: tuple[Result, ...], proposal: Proposal) -> Result | None:
    """Return the best plan met, if it counts less than the one begun from by more than a trifle."""
    kept = [one for one in met if one.status in _FOUND]
    best = min(kept, key=lambda one: one.objective, default=None)
    stated = _stated(proposal)
    if best is None or stated - best.objective <= _TRIFLE * stated:
        return None
    return replace(start, party=best.party)


def _cheaper(one: Result, other: Result) -> Result:
    """Return the better plan for the same problem, with the better bound."""
    kept = [result for result in (one, other) if result.status in _FOUND]
    if not kept:
        return other if other.status == "infeasible" else one
    best = min(kept, key=lambda result: result.objective)
    return replace(best, bound=max(one.bound, other.bound))


def _rank(one: KeyOwner) -> tuple[bool, float, float, str]:
    known = float("inf") if one.found is None else one.found
    return (not one.impossible, -known, -one.least, one.party)


@dataclass(frozen=True, slots=True)
class _Base:
    """The exchange with everyone, cents: the plan's objective, the least one met, a bound."""

    stated: int
    objective: int
    bound: int


def _base(proposal: Proposal, whole: Result, found: dict[int, Result]) -> _Base:
    """Return what to compare with: a plan without a party is one of the whole exchange, too.

    A price for leaving an agreed plan is no part of it, nor of the bound.
    """
    certificate, stated = proposal.certificate, _stated(proposal)
    assert certificate.bound is not None
    kept = [one.objective for one in (whole, *found.values()) if one.status in _FOUND]
    agreed = bool(certificate.solver.endswith("continued"))
    bound = max(int(whole.bound), 0 if agreed else round(certificate.bound * CENTS))
    return _Base(stated, min(stated, *kept) if kept else stated, bound)


def _stated(proposal: Proposal) -> int:
    """Return the objective of a plan in cents, without a price for leaving an agreed one."""
    objective = proposal.certificate.objective
    assert objective is not None
    return round((objective - proposal.certificate.terms.get("leaving", 0.0)) * CENTS)


_FOUND: Final = ("optimal", "feasible")
_TRIFLE: Final = 0.001


def without(
    problem: Problem, i: int | None, start: Result, params: Params, stop: StopAsked | None
) -> Result:
    """Return the best plan found near one at hand in which a party (None: no one) keeps all.

    Leaving the plan at hand costs nothing here: the figure is what the exchange itself loses.
    """
    may: BoolArray = problem.may_receive.copy()
    fixed = problem.fixed
    if i is not None:
        may[i] = False
        fixed = fixed | (problem.holder == i)
    left = replace(problem, fixed=fixed, may_receive=may, agreed=start.party, leave_price=0)
    warm = start if bool(np.isfinite(start.value_price).all()) else None
    return solve(left, params, stop, start=warm)


def parties_in_plan(proposal: Proposal) -> int:
    """Return how many parties but the acquirer give or receive land."""
    held = proposal.layer("holdings")
    moved = held[held["party_before"] != held["party_after"]]
    return len({*moved["party_before"], *moved["party_after"]} - {"ACQUIRER"})


def _by_turnover(formulation: Formulation, after: IntArray) -> list[int]:
    """Return the parties that may drop out, by falling value of what they give and receive."""
    problem, before = formulation.problem, formulation.before
    moved = before != after
    turnover = np.zeros(problem.m, np.int64)
    np.add.at(turnover, before[moved], problem.value[moved])
    np.add.at(turnover, after[moved], problem.value[moved])
    turnover[before[formulation.land.taken]] = 0
    if formulation.acquirer >= 0:
        turnover[formulation.acquirer] = 0
    order = np.argsort(-turnover, kind="stable")
    return [int(i) for i in order if turnover[i] > 0]


def _told(
    formulation: Formulation, i: int, after: IntArray, result: Result, base: _Base
) -> KeyOwner:
    before, name = formulation.before, formulation.names[i]
    kept = result.status in _FOUND
    none = result.status == "infeasible"
    least = 0 if none else max(0, int(result.bound) - base.objective)
    members = formulation.land.members
    owners = members.loc[members["holding"] == name, "owner_id"]
    return KeyOwner(
        party=name,
        owners=tuple(sorted(owners.astype(str))),
        parcels=int((before == i).sum()),
        touched=int(((before != after) & ((before == i) | (after == i))).sum()),
        least=least / CENTS,
        most=(result.objective - base.bound) / CENTS if kept else None,
        found=(result.objective - base.objective) / CENTS if kept else None,
        impossible=none,
    )
