"""Compiling the kernels before the first request needs them."""

from dataclasses import replace

import numpy as np

from landplan.optimize.partition.engine import solve
from landplan.optimize.partition.exact import pack
from landplan.optimize.partition.params import Params
from landplan.optimize.partition.problem import UNLIMITED, Problem
from landplan.optimize.partition.result import Result


def warm_up() -> Result:
    """Divide a toy town with every key on, which compiles all kernels and fills numba's cache."""
    side = 6
    x, y = np.meshgrid(np.arange(side), np.arange(side))
    number = np.arange(side * side).reshape(side, side)
    links = np.vstack(
        [
            np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()]),
            np.column_stack([number[:-1].ravel(), number[1:].ravel()]),
        ]
    )
    problem = Problem(
        area=100 + (number.ravel() * 13) % 29,
        xy=np.column_stack([x.ravel(), y.ravel()]) * np.float64(100.0),
        links=links,
        eligible=np.ones(side * side, np.bool_),
        area_min=330,
        area_max=700,
        attributes=((number.ravel() * 37) % 101)[:, None],
        together=(np.array([0, 1]),),
        apart=np.array([[3, 4]]),
        max_sites=9,
    )
    solve(problem, Params(attempts=2, trials=50))
    pack(np.array([1, 6], np.uint64), np.array([4, 2, 2]), 4, 2, 10)
    # a site that this plan cannot have: slack is gathered, and the land searched to the end
    plain = replace(problem, area_min=1_000, area_max=UNLIMITED, together=(), max_sites=UNLIMITED)
    return solve(plain, Params(attempts=2, trials=50))
