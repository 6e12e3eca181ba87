"""Compiling the kernels before the first request needs them."""

import numpy as np

from landplan.optimize.assembly.engine import solve
from landplan.optimize.assembly.params import Params
from landplan.optimize.assembly.problem import Problem, SiteDemand
from landplan.optimize.assembly.result import Result


def warm_up() -> Result:
    """Solve a toy town with every key on, which compiles all kernels and fills numba's cache."""
    side = 6
    x, y = np.meshgrid(np.arange(side), np.arange(side))
    number = np.arange(side * side).reshape(side, side)
    borders = np.vstack(
        [
            np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()]),
            np.column_stack([number[:3].ravel(), number[1:4].ravel()]),
            np.column_stack([number[4:5].ravel(), number[5:].ravel()]),
        ]
    )
    demand = SiteDemand(
        eligible=np.ones(side * side, np.bool_),
        area_min=700,
        area_max=900,
        radius_m=300.0,
        max_bridges=1,
        min_parcels=7,
        must=np.array([8]),
    )
    problem = Problem(
        cost=(number.ravel() * 37) % 101,
        area=100 + (number.ravel() * 13) % 29,
        xy=np.column_stack([x.ravel(), y.ravel()]) * np.float64(100.0),
        borders=borders,
        bridges=np.column_stack([number[3], number[4]]),
        demands=(demand,),
    )
    return solve(problem, Params(starts=2, trials=50))
