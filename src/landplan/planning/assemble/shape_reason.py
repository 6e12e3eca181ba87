"""Why no site was found where width, rectangle and the like decide: by how much one misses them."""

import math
from dataclasses import replace
from typing import Any, Final

from landplan.measures.rectangle import largest
from landplan.optimize.assembly.engine import solve
from landplan.optimize.assembly.params import Params
from landplan.planning.assemble.formulate import Formulation
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.assemble.whole_site import SiteFault, WholeSite, ground_parts

Said = dict[str, Any]
_TENTHS: Final = 10


def without_shape_rules(
    request: AssembleRequest, number: int, formulation: Formulation
) -> list[Said]:
    """Return what the cheapest site without the rules on whole sites misses them by.

    Only for a demand that was not met: nothing is claimed about other sites. One note per rule
    that the site breaks; none where the rules are not asked for, or no site is found without them.
    """
    problem = formulation.problem
    demand = problem.demands[number]
    if not isinstance(demand.accept, WholeSite):
        return []
    free = replace(demand, accept=None, why=None, count=1)
    bare = replace(problem, demands=(free,), budget=None, between=())
    found = solve(bare, Params.of("quick", request.seed))
    if not found.sites:
        return []
    faults = demand.accept.faults(found.sites[0].parcels)
    name = request.demand[number].id
    return [_note(fault, name, demand.accept) for fault in faults]


def _note(fault: SiteFault, demand: str, judge: WholeSite) -> Said:
    code, params = f"note.without.{fault.code}", {"demand": demand, **fault.params}
    if fault.code == "no_rectangle":
        parts = ground_parts(judge.shapes[fault.parcels], judge.tolerance_m)
        fitting = [one for part in parts if (one := largest(part)) is not None]
        best = max(fitting, key=lambda one: one.area_m2, default=None)
        if best is None:
            code += "_at_all"
        else:
            params |= {"length_m": best.length_m, "width_m": best.width_m}
    return {"code": code, "params": {key: _down(value) for key, value in params.items()}}


def _down(value: object) -> object:
    """Round what was measured so that it never looks as if it met a limit."""
    return math.floor(value * _TENTHS) / _TENTHS if isinstance(value, float) else value
