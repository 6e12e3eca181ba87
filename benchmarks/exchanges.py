"""Instances of exchange, the families of the published figures: scattered holdings round villages.

Value varies smoothly in space; sizes of holdings are log-normal; a share of every holding lies
anywhere. A party may end with its value give or take a tolerance and an amount of money.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from benchmarks.fabrics import Fabric, guillotine_fabric, smooth_field, voronoi_fabric
from landplan.optimize.exchange.problem import NO_LIMIT, Problem

FABRICS = {"vor": voronoi_fabric, "gui": guillotine_fabric}
UNITS = 1_000
"""Values and hectares are counted in thousandths."""
PRICE = 0.01
_LOCAL = 0.7
_SHARERS = 60
_REACH_M = 900.0


def holders(
    fabric: Fabric, seed: int, owners: int
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Return value [n], holder [n] and farmstead [m, 2], as the published family draws them."""
    rng = np.random.default_rng(seed + 77)
    n = len(fabric.area)
    value = fabric.area * np.exp(0.25 * smooth_field(fabric.xy, rng, 600) + rng.normal(0, 0.1, n))
    smooth_field(fabric.xy, rng, 400)  # prices and zoned-out land are drawn before the owners
    rng.normal(0, 1, n)
    rng.random(n)
    smooth_field(fabric.xy, rng, 800)
    size = rng.lognormal(0, 1.0, owners)
    at = fabric.villages[rng.choice(len(fabric.villages), owners)]
    home = (at + rng.normal(0, 100, (owners, 2))).clip(0, fabric.side)
    sharers = min(owners, _SHARERS)
    away, near = cKDTree(home).query(fabric.xy, k=sharers)
    weight = size[near] * (np.exp(-away / _REACH_M) * _LOCAL + (1 - _LOCAL) * 0.2)
    weight /= weight.sum(axis=1, keepdims=True)
    drawn = (weight.cumsum(axis=1) < rng.random(n)[:, None]).sum(axis=1).clip(0, sharers - 1)
    there, holder = np.unique(near[np.arange(n), drawn], return_inverse=True)
    return value, holder.astype(np.int64), home[there]


def instance(
    n: int,
    owners: int,
    seed: int,
    family: str = "vor",
    share: float = 0.03,
    cash: float = 0.3,
    by_area: bool = False,
) -> Problem:
    """Return an exchange; ``cash`` in mean parcels, pieces at no cost."""
    fabric = FABRICS[family](n, seed)
    worth, holder, home = holders(fabric, seed, owners)
    value = np.maximum(1, np.rint(worth * UNITS)).astype(np.int64)
    area = np.maximum(1, np.rint(fabric.area * UNITS)).astype(np.int64)
    m = len(home)
    low, high = _limits(value, holder, m, share, cash)
    area_low, area_high = np.full(m, -NO_LIMIT), np.full(m, NO_LIMIT)
    if by_area:
        area_low, area_high = _limits(area, holder, m, share, cash)
    return Problem(
        value=value,
        area=area,
        xy=fabric.xy,
        holder=holder,
        fixed=np.zeros(n, np.bool_),
        reference=home,
        value_low=low,
        value_high=high,
        area_low=area_low,
        area_high=area_high,
        least=np.ones(m, np.int64),
        kind=np.zeros(n, np.int64),
        may_receive=np.ones((m, 1), np.bool_),
        edges=fabric.borders,
        distance_price=PRICE,
    )


def _limits(
    amount: NDArray[np.int64], holder: NDArray[np.int64], m: int, share: float, cash: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    held = np.bincount(holder, amount, minlength=m)
    more = cash * UNITS
    low = np.ceil(np.maximum((1 - share) * held - more, 0.5 * held)).astype(np.int64)
    return low, np.floor((1 + share) * held + more).astype(np.int64)
