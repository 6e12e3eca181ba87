"""The run of `partition`."""

from collections.abc import Mapping

from landplan.cadastre.cadastre import Cadastre
from landplan.optimize.partition.engine import solve
from landplan.optimize.partition.params import Params
from landplan.planning.partition.formulate import formulate
from landplan.planning.partition.propose import propose
from landplan.planning.partition.request import PartitionRequest
from landplan.planning.process import Progress, StopAsked
from landplan.proposal.proposal import Proposal


def run(
    request: PartitionRequest,
    town: Cadastre,
    inputs: Mapping[str, Proposal],
    progress: Progress | None = None,
    stop: StopAsked | None = None,
) -> Proposal:
    """Divide the land that may be used into as many sites as it can give, with a bound.

    Needs no results of other processes.
    """
    formulation = formulate(request, town)
    result = solve(formulation.problem, Params.of(request.effort, request.seed), stop, progress)
    return propose(request, town, formulation, result)
