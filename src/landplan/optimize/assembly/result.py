"""What the assembly engine answers."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from landplan.optimize.assembly.objective import Terms
from landplan.optimize.assembly.problem import IntArray

Status = Literal["optimal", "feasible", "infeasible", "stopped"]


@dataclass(frozen=True, slots=True)
class Site:
    """One site: index of its demand, sorted parcel indices, centre parcel."""

    demand: int
    parcels: IntArray
    centre: int


@dataclass(frozen=True, slots=True)
class DemandBound:
    """What is proven about one demand alone.

    ``bound`` for one site; ``met`` sites out of ``count``; whether it is proven that there is none;
    whether one was ``found`` when the demand was alone.
    """

    bound: float
    met: int
    proven_infeasible: bool
    found: bool


@dataclass(frozen=True, slots=True)
class Result:
    """A plan and what is proven about it.

    ``objective`` sums the cost of ``sites``; no plan that has the same numbers of sites per demand
    costs less than ``bound`` (both in minor money units; ``bound`` is a float that is safe against
    rounding). ``work`` counts work done (LP solves, cuts, nodes, …) and is the same for the same
    problem, parameters and seed. ``terms`` sum to ``objective``. ``jointly_impossible``: it is
    proven that no plan has all the sites that demands alone could have. ``limit_hit`` is true where
    a work limit or ``stop`` ended the search before the proof. ``price`` [n] are the prices on
    parcels that gave the bound of several sites, for a later search to start from.
    """

    status: Status
    sites: tuple[Site, ...]
    objective: int
    bound: float
    demands: tuple[DemandBound, ...]
    work: dict[str, int]
    limit_hit: bool
    jointly_impossible: bool = False
    terms: Terms = field(default_factory=Terms)
    history: tuple[tuple[str, float, float], ...] = field(default=())
    price: IntArray = field(default_factory=lambda: np.empty(0, np.int64), compare=False)
