"""What a plan tells about a changed question: sites to start from, and at times a bound."""

import numpy as np

from landplan import __version__
from landplan.optimize.assembly.result import Site
from landplan.optimize.assembly.start import Start, tightens
from landplan.planning.assemble.ground import TownGround
from landplan.planning.assemble.owners import MINOR_UNITS
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.assemble.site_cost import best_centre
from landplan.proposal.proposal import Proposal


def start_from(proposal: Proposal, request: AssembleRequest, ground: TownGround) -> Start:
    """Return where the search for the answer to a changed request may begin.

    The sites of the plan are good ones to start from, where the changed rules still allow them. Its
    bound holds for the changed request where that only tightens the plan's: a parcel locked or
    excluded, a narrower range of area. Then no set of sites is allowed that was not before, and
    none costs less than it did.

    Parameters
    ----------
    proposal
        A plan of the process `assemble` on the data of ``ground``.
    request
        The changed request, with the demands of the plan's, in their order.
    """
    before = AssembleRequest.model_validate(proposal.request)
    names = [demand.id for demand in request.demand]
    if [demand.id for demand in before.demand] != names:
        return Start()
    problem = ground.formulation(request).problem
    site_of = proposal.parcels["site_id"]
    sites = []
    demand_of = zip(proposal.sites["site_id"], proposal.sites["demand_id"], strict=True)
    for site, demand in demand_of:
        rows = np.flatnonzero((site_of == site).to_numpy()).astype(np.int64)
        number = names.index(str(demand))
        centre, _ = best_centre(rows, problem, problem.demands[number])
        sites.append(Site(number, rows, centre))
    return Start(tuple(sites), _bound(proposal, before, request, ground))


def _bound(
    proposal: Proposal, before: AssembleRequest, request: AssembleRequest, ground: TownGround
) -> float:
    """Return the plan's bound in minor units where it holds for the changed request, else 0."""
    bound = proposal.certificate.bound
    met = all(outcome.met for outcome in proposal.demands)
    if bound is None or not met or proposal.version != __version__:
        return 0.0
    old, new = ground.formulation(before).problem, ground.formulation(request).problem
    if not tightens(old, new, same_judges=_same_judges(before, request)):
        return 0.0
    return float(round(bound * MINOR_UNITS))


def _same_judges(before: AssembleRequest, request: AssembleRequest) -> bool:
    """Whether a whole site that passes now passed before: the rules are about its shape alone.

    Where enclosed land has to join a site, it depends on what may be used.
    """
    same = before.shape == request.shape and before.neighbours == request.neighbours
    return same and request.shape.holes != "fill"
