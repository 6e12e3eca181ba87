"""What the partition engine answers."""

from dataclasses import dataclass, field
from typing import Literal

from landplan.optimize.partition.problem import IntArray

Status = Literal["optimal", "feasible", "infeasible", "stopped"]


@dataclass(frozen=True, slots=True)
class Result:
    """A plan and what is proven about its number of sites.

    Attributes
    ----------
    status
        ``optimal``: as many sites as the bound; ``infeasible``: proven that there is not one.
    label
        [n] number of the parcel's site, -1 for land in none.
    count, bound
        Sites found; no plan has more than ``bound``.
    area_bound
        The plain bound: eligible area divided by the least area of a site.
    component
        [n] number of the piece of land that hangs together, -1 for land that no site may hold.
    component_bound
        The most sites that each such piece can give.
    heterogeneity, inertia
        Of the plan, as defined in `landplan.optimize.partition.problem`; nothing is proven of them.
    work, limit_hit, history
        Counted work; whether a limit or ``stop`` ended the search for more sites; what was told.
    """

    status: Status
    label: IntArray
    count: int
    bound: int
    area_bound: int
    component: IntArray
    component_bound: IntArray
    heterogeneity: int
    inertia: float
    work: dict[str, int]
    limit_hit: bool
    history: tuple[tuple[str, float, float], ...] = field(default=())
