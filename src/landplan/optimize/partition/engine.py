"""The partition engine: a first plan by tree cuts, more sites by gathering slack, likeness last."""

from dataclasses import dataclass, field

import numpy as np

from landplan.optimize.partition.anneal import Likeness, anneal, typical_change
from landplan.optimize.partition.atoms import OUT, Atoms, joined_atoms, strict_atoms
from landplan.optimize.partition.bound import component_bounds
from landplan.optimize.partition.params import Params
from landplan.optimize.partition.problem import (
    UNLIMITED,
    FloatArray,
    IntArray,
    Problem,
    Progress,
    Stop,
    heterogeneity,
    inertia,
)
from landplan.optimize.partition.result import Result, Status
from landplan.optimize.partition.settle import (
    absorb,
    first_moments,
    free_roots,
    part_foes,
    reduce_to,
    trim,
)
from landplan.optimize.partition.slack import concentrate
from landplan.optimize.partition.small import search_small
from landplan.optimize.partition.state import NONE, Sites, new_sites
from landplan.optimize.partition.trees import cut_trees

HEAT, COLD = 1.0, 0.06
"""First and last temperature of annealing, in sizes of a typical change."""
_TYPICAL_TRIALS = 10_000
_PASS_TRIALS = 4_000_000
"""Moves of annealing between two questions whether to stop."""
_REFILLS = 3


@dataclass(slots=True)
class _Search:
    """A search under way: the plan, the bound of every component, and what has been done."""

    problem: Problem
    params: Params
    stop: Stop | None
    progress: Progress | None
    strict: Atoms
    atoms: Atoms
    bounds: IntArray
    sites: Sites
    limit_hit: bool = False
    stopped: bool = False
    work: dict[str, int] = field(default_factory=dict)
    history: list[tuple[str, float, float]] = field(default_factory=list)

    @property
    def target(self) -> int:
        """No plan has more sites."""
        return min(int(self.bounds.sum()), self.problem.max_sites)

    def count(self, kind: str, amount: int) -> None:
        """Add to the work done."""
        self.work[kind] = self.work.get(kind, 0) + int(amount)

    def tell(self, phase: str) -> bool:
        """Report the state of the search, and ask whether to stop."""
        figures = float(self.sites.total[0]), float(self.target)
        self.history.append((phase, *figures))
        if self.progress is not None:
            self.progress(phase, *figures)
        if self.stop is not None and not self.stopped:
            self.stopped = bool(self.stop(*figures))
        return self.stopped


def solve(
    problem: Problem,
    params: Params | None = None,
    stop: Stop | None = None,
    progress: Progress | None = None,
) -> Result:
    """Divide land into as many sites as possible, then make them alike inside or compact.

    Parameters
    ----------
    problem
        What a site is, and which land there is.
    params
        Limits of work and the seed.
    stop, progress
        Asked, and told, between units of work.

    Returns
    -------
    Result
        A plan that keeps all rules, and the most sites that any plan can have.
    """
    search = _begin(problem, params or Params(), stop, progress)
    if search.target > 0:
        _first_plan(search)
        if not search.tell("trees"):
            _more_sites(search)
        trim(search.atoms.fabric, search.sites, problem.area_min, problem.area_max)
        if not search.stopped:
            _small_pieces(search)
        _settle(search)
        if not search.tell("settled"):
            _alike(search)
    return _result(search)


def _begin(
    problem: Problem, params: Params, stop: Stop | None, progress: Progress | None
) -> _Search:
    strict = strict_atoms(problem)
    bounds = component_bounds(strict, problem.area_min)
    atoms = joined_atoms(problem, strict)
    most = int(atoms.fabric.area.sum()) // max(problem.area_min, 1) + 2
    sites = new_sites(atoms.count, min(most, atoms.count + 2), params.seed)
    return _Search(problem, params, stop, progress, strict, atoms, bounds, sites)


def _first_plan(search: _Search) -> None:
    """Cut trees over all land; then part what must stay apart."""
    fabric, low = search.atoms.fabric, search.problem.area_min
    for _ in range(_REFILLS):
        roots = free_roots(fabric, search.sites, low)
        if not len(roots):
            break
        cut_trees(fabric, search.sites, roots, low)
        search.count("trees", len(roots))
        if not len(fabric.foe) or not part_foes(fabric, search.sites, low):
            break
        absorb(fabric, search.sites, UNLIMITED)


def _more_sites(search: _Search) -> None:
    """Gather slack round by round, until the bound is met or nothing more is found."""
    params, sites = search.params, search.sites
    budget = params.attempts * max(int(sites.total[0]), 20)
    idle = 0
    while sites.total[0] < search.target and idle < params.patience:
        if budget <= 0:
            search.limit_hit = True
            break
        attempts = min(max(int(sites.total[0]) // 2, 20), budget)
        gained, made = concentrate(
            search.atoms.fabric,
            sites,
            search.problem.area_min,
            attempts,
            params.reach,
            params.cuts,
            search.target,
        )
        budget -= attempts
        search.count("attempts", made)
        idle = 0 if gained else idle + 1
        if search.tell("slack"):
            search.limit_hit = True
            return


def _small_pieces(search: _Search) -> None:
    """Search small pieces of land to the end where the plan does not meet their bound."""
    if search.sites.total[0] >= search.target:
        return
    problem = search.problem
    limits = (problem.area_min, problem.area_max)
    # what the joined graph cannot give, the problem perhaps can
    same = search.atoms is search.strict
    proven = search.bounds if same else component_bounds(search.atoms, problem.area_min)
    done = search_small(search.atoms, search.sites, proven, limits, search.params)
    search.count("nodes", done)


def _settle(search: _Search) -> None:
    """Keep the number of sites that is wanted; leave no land out that a site can take."""
    fabric, sites, problem = search.atoms.fabric, search.sites, search.problem
    if sites.total[0] > problem.max_sites:
        reduce_to(fabric, sites, problem.max_sites, problem.area_max)
    absorb(fabric, sites, problem.area_max)


def _alike(search: _Search) -> None:
    """Anneal in passes, from hot to cold."""
    fabric, sites, problem = search.atoms.fabric, search.sites, search.problem
    likeness = _likeness(search)
    limits = (problem.area_min, problem.area_max)
    typical = typical_change(likeness, fabric, sites, *limits, _TYPICAL_TRIALS)
    if typical <= 0:
        return
    trials = min(search.params.trials * len(fabric.area), search.params.most_trials)
    passes = -(-trials // _PASS_TRIALS)
    ratio = COLD / HEAT
    for number in range(passes):
        heat, cold = (typical * HEAT * ratio ** (k / passes) for k in (number, number + 1))
        made = anneal(likeness, fabric, sites, *limits, trials // passes, heat, cold)
        search.count("trials", trials // passes)
        search.count("moves", made)
        if search.tell("likeness"):
            return


def _likeness(search: _Search) -> Likeness:
    """Return the mean attributes, the number of parcels and the place of every atom."""
    problem, atoms = search.problem, search.atoms
    parcels = np.flatnonzero(atoms.of != OUT)
    of = atoms.of[parcels]
    weight = np.bincount(of, minlength=atoms.count)

    def mean(values: FloatArray | IntArray, by: FloatArray | IntArray) -> FloatArray:
        total = np.bincount(of, weights=values * by, minlength=atoms.count)
        return np.asarray(total / np.bincount(of, weights=by, minlength=atoms.count))

    ones = np.ones(len(parcels))
    columns = [np.rint(mean(column[parcels], ones)) for column in problem.attributes.T]
    table = np.array(columns, np.int64).reshape(len(columns), atoms.count).T
    xy = np.column_stack([mean(axis[parcels], problem.area[parcels]) for axis in problem.xy.T])
    xy -= xy.mean(axis=0)
    first = np.zeros((len(search.sites.area), 2))
    first_moments(atoms.fabric, search.sites, xy, first)
    return Likeness(np.ascontiguousarray(table), weight.astype(np.int64), xy, first)


def _result(search: _Search) -> Result:
    problem, atoms, sites = search.problem, search.atoms, search.sites
    label = _by_parcel(sites.label, atoms.of)
    count = int(sites.total[0])
    eligible_area = int(problem.area[problem.eligible].sum())
    return Result(
        status=_status(search, count),
        label=label,
        count=count,
        bound=search.target,
        area_bound=min(eligible_area // problem.area_min, problem.max_sites),
        component=_by_parcel(search.strict.component, search.strict.of),
        component_bound=search.bounds,
        heterogeneity=heterogeneity(problem.attributes, label),
        inertia=inertia(problem.area, problem.xy, label),
        work=dict(search.work),
        limit_hit=search.limit_hit,
        history=tuple(search.history),
    )


def _by_parcel(values: IntArray, of: IntArray) -> IntArray:
    spread = np.full(len(of), NONE, np.int64)
    spread[of != OUT] = values[of[of != OUT]]
    return spread


def _status(search: _Search, count: int) -> Status:
    if count == search.target:
        return "optimal" if count else "infeasible"
    if search.stopped:
        return "stopped"
    return "feasible"
