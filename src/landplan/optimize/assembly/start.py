"""What is known before a search: sites to begin with, a bound, prices that once gave one."""

from dataclasses import dataclass, field

import numpy as np

from landplan.optimize.assembly.check import is_site
from landplan.optimize.assembly.columns import Column, column_of
from landplan.optimize.assembly.problem import IntArray, Problem, Row, SiteDemand
from landplan.optimize.assembly.result import Site


@dataclass(frozen=True, slots=True)
class Start:
    """Where a search may begin; it changes how long the search takes, never what is true.

    Attributes
    ----------
    sites
        Sites met before, of whatever demand. Those that are no sites of this problem are not used.
    bound
        No plan that meets every demand costs less, minor units: the caller answers for it. The
        bound of a problem holds for every problem that `tightens` it.
    price
        [n] prices >= 0 on parcels, empty: none. Any prices bound the plans of several sites; those
        that ended a similar search bound them well.
    """

    sites: tuple[Site, ...] = ()
    bound: float = 0.0
    price: IntArray = field(default_factory=lambda: np.empty(0, np.int64))

    def of_demand(self, demand: int) -> tuple[tuple[IntArray, int], ...]:
        """Return the known sites of one demand, as parcels and centre."""
        return tuple((site.parcels, site.centre) for site in self.sites if site.demand == demand)

    def plan(self, problem: Problem) -> list[Column]:
        """Return the columns of the known sites if they are a plan of all demands, else none."""
        counts = [0] * len(problem.demands)
        used = np.zeros(len(problem.cost), np.bool_)
        columns = []
        for site in self.sites:
            demand = problem.demands[site.demand]
            taken = used[site.parcels].any() or counts[site.demand] == demand.count
            if not taken and is_site(problem, demand, site.parcels, site.centre):
                used[site.parcels] = True
                counts[site.demand] += 1
                columns.append(column_of(problem, site.demand, site.parcels, site.centre))
        full = all(
            count == demand.count for count, demand in zip(counts, problem.demands, strict=True)
        )
        return columns if full else []


def tightens(old: Problem, new: Problem, *, same_judges: bool) -> bool:
    """Whether every plan of ``new`` is one of ``old`` at the same price.

    Then no plan of ``new`` costs less than what is proven of ``old``. False where it cannot be told
    by comparing the two number by number.

    Parameters
    ----------
    same_judges
        Whether every site that ``accept`` of a new demand passes is passed by that of the old one.
    """
    if len(old.demands) != len(new.demands) or old.bridge_price != new.bridge_price:
        return False
    same = all(
        np.array_equal(getattr(old, name), getattr(new, name))
        for name in (
            *("cost", "area", "xy", "borders", "bridges"),
            *("owner_start", "owner_of", "owner_price", "bridge_fee"),
        )
    )
    return (
        same
        and _more_together(old, new)
        and all(
            _tighter(before, after, same_judges)
            for before, after in zip(old.demands, new.demands, strict=True)
        )
    )


def _more_together(old: Problem, new: Problem) -> bool:
    """Whether the new plans keep all that the old ones keep together."""
    within = old.budget is None or (new.budget is not None and new.budget <= old.budget)
    return within and set(old.between) <= set(new.between)


def _tighter(old: SiteDemand, new: SiteDemand, same_judges: bool) -> bool:
    """Whether every site of the new demand is one of the old at the same price, and as many."""
    return (
        not (new.eligible & ~old.eligible).any()
        and new.area_min >= old.area_min
        and new.area_max <= old.area_max
        and new.radius_m <= old.radius_m
        and new.max_bridges <= old.max_bridges
        and new.min_parcels >= old.min_parcels
        and new.count == old.count
        and bool(np.isin(old.must, new.must).all())
        and new.moment_price == old.moment_price
        and _keeps(old.rows, new.rows)
        and _keeps(old.owner_rows, new.owner_rows)
        and (old.accept is None or same_judges)
    )


def _keeps(old: tuple[Row, ...], new: tuple[Row, ...]) -> bool:
    """Whether every old row is among the new ones, no weaker."""
    return all(
        any(np.array_equal(row.coef, other.coef) and other.low >= row.low for other in new)
        for row in old
    )
