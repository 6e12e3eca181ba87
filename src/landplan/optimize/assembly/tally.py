"""What local search keeps count of: owners met, rules kept, and what both cost (numba kernels)."""

from typing import NamedTuple

import numpy as np
from numba import njit

from landplan.optimize.assembly.model import SiteModel
from landplan.optimize.assembly.problem import FloatArray, IntArray


class Tally(NamedTuple):
    """Parcels per owner [m], sums of the rules on parcels [r] and on owners [q], weight of each.

    ``row_fee`` and ``owner_row_fee`` say what a missing unit of a rule costs in the search.
    """

    parcels: IntArray
    row: FloatArray
    owner_row: FloatArray
    row_fee: FloatArray
    owner_row_fee: FloatArray


@njit(cache=True)
def new_tally(site: SiteModel) -> Tally:
    """Return a tally of no parcels."""
    return Tally(
        np.zeros(len(site.owner_price), np.int64),
        np.zeros(len(site.row_low)),
        np.zeros(len(site.owner_row_low)),
        np.zeros(len(site.row_low)),
        np.zeros(len(site.owner_row_low)),
    )


@njit(cache=True)
def is_plain(site: SiteModel) -> bool:
    """Whether there is nothing to count."""
    return len(site.owner_price) == 0 and len(site.row_low) == 0


@njit(cache=True)
def clear(tally: Tally) -> None:
    """Forget all parcels."""
    tally.parcels[:] = 0
    tally.row[:] = 0.0
    tally.owner_row[:] = 0.0


@njit(cache=True)
def add_parcel(site: SiteModel, tally: Tally, v: int) -> float:
    """Count a parcel; return the prices of the owners that it is the first of."""
    fee = 0.0
    for k in range(site.owner_start[v], site.owner_start[v + 1]):
        owner = site.owner_of[k]
        tally.parcels[owner] += 1
        if tally.parcels[owner] == 1:
            fee += site.owner_price[owner]
            for q in range(len(site.owner_row_low)):
                tally.owner_row[q] += site.owner_row_coef[q, owner]
    for r in range(len(site.row_low)):
        tally.row[r] += site.row_coef[r, v]
    return fee


@njit(cache=True)
def drop_parcel(site: SiteModel, tally: Tally, v: int) -> float:
    """Discount a parcel; return the prices of the owners that it was the last of."""
    fee = 0.0
    for k in range(site.owner_start[v], site.owner_start[v + 1]):
        owner = site.owner_of[k]
        tally.parcels[owner] -= 1
        if tally.parcels[owner] == 0:
            fee += site.owner_price[owner]
            for q in range(len(site.owner_row_low)):
                tally.owner_row[q] -= site.owner_row_coef[q, owner]
    for r in range(len(site.row_low)):
        tally.row[r] -= site.row_coef[r, v]
    return fee


@njit(cache=True)
def new_owner_fee(site: SiteModel, tally: Tally, v: int) -> float:
    """Return the prices of the owners that would be met with a parcel."""
    fee = 0.0
    for k in range(site.owner_start[v], site.owner_start[v + 1]):
        if tally.parcels[site.owner_of[k]] == 0:
            fee += site.owner_price[site.owner_of[k]]
    return fee


@njit(cache=True)
def missing_fee(site: SiteModel, tally: Tally) -> float:
    """Return what the rules that are not kept cost in the search; 0 where all are."""
    fee = 0.0
    for r in range(len(site.row_low)):
        fee += tally.row_fee[r] * max(0.0, site.row_low[r] - tally.row[r])
    for q in range(len(site.owner_row_low)):
        fee += tally.owner_row_fee[q] * max(0.0, site.owner_row_low[q] - tally.owner_row[q])
    return fee


@njit(cache=True)
def set_fees(site: SiteModel, tally: Tally, cost: float) -> None:
    """Price the rules so that a site that misses all of one seems dearer than a good one."""
    for r in range(len(site.row_low)):
        size = max(1.0, abs(site.row_low[r]), _largest(site.row_coef[r]))
        tally.row_fee[r] = 1.5 * max(cost, 1.0) / size
    for q in range(len(site.owner_row_low)):
        size = max(1.0, abs(site.owner_row_low[q]), _largest(site.owner_row_coef[q]))
        tally.owner_row_fee[q] = 1.5 * max(cost, 1.0) / size


@njit(cache=True)
def _largest(coef: FloatArray) -> float:
    size = 0.0
    for value in coef:
        size = max(size, abs(value))
    return size
