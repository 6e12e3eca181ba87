"""Whether a changed request has a plan: a site at hand, a proof that there is none, or neither.

Asked of many changes one after the other, so every answer is limited in counted work. A search for
any site, however dear, is the search for the cheapest one that ends with the first it meets.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from landplan.optimize.assembly.check import is_site
from landplan.optimize.assembly.engine import solve
from landplan.optimize.assembly.feasibility import largest_contiguous_area
from landplan.optimize.assembly.judge import with_judges
from landplan.optimize.assembly.params import Params
from landplan.optimize.assembly.problem import Problem
from landplan.optimize.assembly.single import Outcome, find_site
from landplan.optimize.assembly.together import Together
from landplan.optimize.assembly.work import Work
from landplan.planning.assemble.formulate import Formulation
from landplan.planning.assemble.ground import TownGround
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.assemble.site_cost import best_centre
from landplan.planning.process import StopAsked
from landplan.proposal.proposal import Proposal

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

ANY_SITE: Final = Params(
    starts=4, trials=1_000, lp_solves=300, polish_lp_solves=300, joint_rounds=4, gap=2.0
)
"""Work of one search for any site: with a gap above 1 the first one found is good enough."""
_JUDGED_LPS: Final = 60
"""Of these, where whole sites are judged: there a linear program is followed by geometry."""
PROOF: Final = Params(
    starts=4, trials=1_000, lp_solves=3_000, polish_lp_solves=3_000, joint_rounds=4, gap=2.0
)
"""Work of the one search that is to prove that less is not enough."""
_JOINTLY: Final = Params(
    starts=4, trials=1_000, lp_solves=300, polish_lp_solves=100, joint_rounds=4,
    joint_lp_solves=1_000, joint_nodes=15, gap=0.1,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known about one request.

    ``enough``: True where a plan is at hand, False where it is proven that there is none, None
    where neither was found in the work allowed. ``sites`` are the demand and the parcels of each
    site of the plan that the known plan did not have.
    """

    enough: bool | None
    sites: tuple[tuple[int, IntArray], ...] = ()
    formulation: Formulation | None = None


UNKNOWN: Final = Answer(None)


@dataclass(slots=True)
class Trials:
    """Tries changes of the request of a plan in which a demand is not met.

    ``most`` changes are tried, and no more once the caller wants to stop: all others are unknown.
    """

    proposal: Proposal
    ground: TownGround
    most: int = 400
    stop: StopAsked | None = None
    done: int = 0
    _known: dict[str, Answer] = field(default_factory=dict)

    @property
    def over(self) -> bool:
        """Whether nothing more is tried."""
        if self.done >= self.most:
            return True
        if self.stop is not None and self.stop(float("inf"), 0.0):
            self.most = 0
        return self.done >= self.most

    def answer(self, changed: Mapping[str, Any], effort: Params = ANY_SITE) -> Answer:
        """Return what is known about a changed request; False where it is no request at all."""
        try:
            request = AssembleRequest.model_validate(dict(changed))
        except ValidationError:
            return Answer(False)
        key = repr(request)
        known = self._known.get(key)
        if known is None or (known.enough is None and effort is PROOF):
            if self.over:
                return UNKNOWN
            self.done += 1
            known = self._known[key] = self._tried(request, effort)
        return known

    def _tried(self, request: AssembleRequest, effort: Params) -> Answer:
        formulation = self.ground.formulated(request)
        problem = with_judges(formulation.problem)
        if Together(problem).asked:
            # whether a site may stay is no question of that site alone
            return self._jointly(problem, formulation)
        missing, used = self._kept(problem, request)
        if effort is not PROOF and any(demand.accept for demand in problem.demands):
            effort = replace(effort, lp_solves=_JUDGED_LPS)
        work = Work(effort)
        found: list[tuple[int, IntArray]] = []
        for number in missing:
            outcome = _any_site(problem, number, used, work)
            if not outcome.found:
                return self._without_keeping(problem, number, outcome, used, formulation, work)
            used[outcome.parcels] = True
            found.append((number, outcome.parcels))
        return Answer(True, tuple(found), formulation)

    def _kept(self, problem: Problem, request: AssembleRequest) -> tuple[list[int], BoolArray]:
        """Return the demand of each site still to be found, and the land of those that stay."""
        used = np.zeros(len(problem.cost), np.bool_)
        site_of = self.proposal.parcels["site_id"]
        missing = []
        for number, (demand, asked) in enumerate(zip(request.demand, problem.demands, strict=True)):
            own = self.proposal.sites.loc[self.proposal.sites["demand_id"] == demand.id, "site_id"]
            stay = 0
            for site in list(own)[: asked.count]:
                rows = np.flatnonzero((site_of == site).to_numpy()).astype(np.int64)
                centre, _ = best_centre(rows, problem, asked)
                if is_site(problem, asked, rows, centre):
                    used[rows] = True
                    stay += 1
            missing += [number] * (asked.count - stay)
        return missing, used

    def _without_keeping(
        self,
        problem: Problem,
        number: int,
        outcome: Outcome,
        used: BoolArray,
        formulation: Formulation,
        work: Work,
    ) -> Answer:
        """Return what is known where the sites that stay leave no room for another."""
        if used.any():
            outcome = _any_site(problem, number, np.zeros_like(used), work)
        if not outcome.found:
            return Answer(False) if outcome.bound == np.inf else UNKNOWN
        return self._jointly(problem, formulation)

    def _jointly(self, problem: Problem, formulation: Formulation) -> Answer:
        """Return what solving all demands at once tells."""
        result = solve(problem, _JOINTLY, self.stop)
        if len(result.sites) == sum(demand.count for demand in problem.demands):
            sites = tuple((site.demand, site.parcels) for site in result.sites)
            return Answer(True, sites, formulation)
        none = any(demand.proven_infeasible for demand in result.demands)
        none = none or result.jointly_impossible
        return Answer(False) if none else UNKNOWN


def _any_site(problem: Problem, number: int, used: BoolArray, work: Work) -> Outcome:
    """Look for any site of a demand outside the land used; bound inf: proven that none exists."""
    demand = problem.demands[number]
    if largest_contiguous_area(problem, demand).bound < demand.area_min:
        return Outcome(np.empty(0, np.int64), -1, np.inf, np.inf)
    return find_site(problem, demand, work, forbidden=used)
