"""The run of `exchange`."""

from collections.abc import Mapping

from landplan.cadastre.cadastre import Cadastre
from landplan.errors import NothingFound
from landplan.optimize.exchange.engine import solve
from landplan.optimize.exchange.params import Params
from landplan.optimize.exchange.result import Result
from landplan.planning.exchange.formulate import CENTS, Formulation, formulate
from landplan.planning.exchange.propose import propose
from landplan.planning.exchange.request import ExchangeRequest
from landplan.planning.process import Progress, StopAsked
from landplan.proposal.proposal import Proposal


def run(
    request: ExchangeRequest,
    town: Cadastre,
    inputs: Mapping[str, Proposal],
    progress: Progress | None = None,
    stop: StopAsked | None = None,
) -> Proposal:
    """Give every party land worth what it brings in, near where it wants it, in few pieces.

    Needs no results of other processes. Raises NothingFound where no plan that keeps all tolerances
    was found, naming the party farthest outside.
    """
    formulation = formulate(request, town)
    params = Params.of(request.effort, request.seed)
    result = solve(formulation.problem, params, asked(stop), told(progress))
    if result.status == "stopped":
        raise nothing_found(formulation, result)
    return propose(request, town, formulation, result)


def told(progress: Progress | None) -> Progress | None:
    """Return what tells money, not cents."""
    if progress is None:
        return None
    return lambda phase, best, bound: progress(phase, best / CENTS, bound / CENTS)


def asked(stop: StopAsked | None) -> StopAsked | None:
    """Return what asks about money, not cents."""
    if stop is None:
        return None
    return lambda best, bound: stop(best / CENTS, bound / CENTS)


def nothing_found(formulation: Formulation, result: Result) -> NothingFound:
    """Return the error that names the party farthest outside its limits."""
    if not result.outside:
        return NothingFound("exchange.too_many_moves")
    worst = max(result.outside, key=lambda one: (abs(one.value), abs(one.area), one.party))
    return NothingFound(
        "exchange.not_found",
        n=len(result.outside),
        party=formulation.names[worst.party],
        value=abs(worst.value) / CENTS,
        parcels=abs(worst.parcels),
    )
