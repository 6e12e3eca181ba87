"""The run of `assemble`."""

from collections.abc import Mapping

from landplan.cadastre.cadastre import Cadastre
from landplan.optimize.assembly.engine import solve
from landplan.optimize.assembly.params import Params
from landplan.planning.assemble.formulate import formulate
from landplan.planning.assemble.owners import MINOR_UNITS
from landplan.planning.assemble.propose import propose
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.process import Progress, StopAsked
from landplan.proposal.proposal import Proposal


def run(
    request: AssembleRequest,
    town: Cadastre,
    inputs: Mapping[str, Proposal],
    progress: Progress | None = None,
    stop: StopAsked | None = None,
) -> Proposal:
    """Find sites of least cost for every demand, with a bound.

    Needs no results of other processes.
    """
    formulation = formulate(request, town)
    params = Params.of(request.effort, request.seed)
    result = solve(formulation.problem, params, stop, _in_currency(progress))
    return propose(request, town, formulation, result)


def _in_currency(progress: Progress | None) -> Progress | None:
    """Pass on the engine's minor units as amounts of the town's currency."""
    if progress is None:
        return None

    def told(phase: str, best: float, bound: float, /) -> None:
        progress(phase, best / MINOR_UNITS, bound / MINOR_UNITS)

    return told
