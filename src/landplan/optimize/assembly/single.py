"""One site at least cost, with a proof: every centre is tried, and few survive their bound."""

import heapq
import math
from dataclasses import dataclass, replace

import numpy as np

from landplan.optimize.assembly.accepted import AcceptedSearch
from landplan.optimize.assembly.branch import RootSearch
from landplan.optimize.assembly.check import is_site
from landplan.optimize.assembly.cutpool import CutPool
from landplan.optimize.assembly.discs import disc_bounds
from landplan.optimize.assembly.growth import grow_everywhere
from landplan.optimize.assembly.judge import Judge, with_judge
from landplan.optimize.assembly.model import SiteModel, build_model
from landplan.optimize.assembly.objective import best_centre, terms_of
from landplan.optimize.assembly.params import Params
from landplan.optimize.assembly.problem import BoolArray, FloatArray, IntArray, Problem, SiteDemand
from landplan.optimize.assembly.rooted import RootedLp
from landplan.optimize.assembly.scan import reachable_parcels, scan_centres
from landplan.optimize.assembly.search import anneal, improve_from
from landplan.optimize.assembly.work import Work

_LP_TRIALS = 4_000
_SMALL = 40.0
"""For sites with more parcels, annealing near a fractional point tries more, by the square."""
_GROWN_PER_START = 100
_NEAR_LPS = 2_000
_DM2_PER_M2 = 100.0
_KEPT = 100
_TELL_EVERY = 250
_HAIR = 0.01
"""Below this share of the polishing gap, work counts tenfold: prices are proportional to area."""
_PROGRESS = 0.98
"""Polishing goes on for as long as its work keeps reducing the gap to this share of what it was."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The best site found for one demand and what is proven about it.

    ``parcels`` are indices of the problem (empty: none found) with cost ``cost`` (inf: none). No
    site costs less than ``bound``; inf means that there is none below the cutoff, or none at all
    where no cutoff was given. ``pool`` holds all good sites met, as (sorted parcels, centre).
    """

    parcels: IntArray
    centre: int
    cost: float
    bound: float
    pool: tuple[tuple[IntArray, int], ...] = ()

    @property
    def found(self) -> bool:
        """Whether there is a site."""
        return len(self.parcels) > 0


class _Incumbent:
    """The best site so far and the cost aimed at: anything above ``aim`` need not be looked at."""

    def __init__(
        self, site: SiteModel, demand: SiteDemand, problem: Problem, cutoff: float, gap: float
    ) -> None:
        self.site = site
        self.demand = demand
        self.problem = problem
        self.gap = gap
        self.cutoff = cutoff
        self.cost = math.inf
        self.parcels = np.empty(0, np.int64)
        self.centre = -1
        self.separators = CutPool()
        self.pool: dict[bytes, tuple[float, IntArray, int]] = {}
        self.accepting: AcceptedSearch | None = None

    @property
    def aim(self) -> float:
        """The most that a site still worth finding may cost (costs are whole numbers)."""
        least = min(self.cost, self.cutoff)
        if least == math.inf:
            return math.inf
        return min(least - 1.0, float(math.floor(least * (1.0 - self.gap))))

    def sites(self) -> tuple[tuple[IntArray, int], ...]:
        """Return all good sites met, cheapest first."""
        met = sorted(self.pool.values(), key=lambda entry: (entry[0], entry[1].tobytes()))
        return tuple((parcels, centre) for _, parcels, centre in met)

    def offer(self, members: IntArray, root: int) -> float:
        """Take a site if it is one and better; return the aim."""
        if len(members) == 0:
            return self.aim
        members = np.sort(members)
        parcels = self.site.parcels[members]
        key = parcels.tobytes()
        if key in self.pool:
            return self.aim
        centre = best_centre(self.problem, self.demand, parcels, int(self.site.parcels[root]))
        if not is_site(self.problem, self.demand, parcels, centre):
            return self.aim
        terms = terms_of(self.problem, self.demand, parcels, centre)
        cost = float(self.site.cost[members].sum()) + terms.total - terms.acquisition
        self.pool[key] = (cost, parcels, centre)
        if cost < self.cost:
            self.cost, self.parcels, self.centre = cost, parcels, centre
        return self.aim


def find_site(
    problem: Problem,
    demand: SiteDemand,
    work: Work,
    *,
    extra_cost: IntArray | None = None,
    forbidden: BoolArray | None = None,
    known: tuple[tuple[IntArray, int], ...] = (),
    cutoff: float = math.inf,
    limits: Params | None = None,
    floor: float = 0.0,
) -> Outcome:
    """Return the cheapest site of one demand.

    Parameters
    ----------
    extra_cost, forbidden
        As in `build_model`.
    known
        Sites met before (parcels, centre): good ones to start from.
    cutoff
        Only sites that cost less are of interest.
    limits
        Instead of those of ``work``; 0 LPs: a quick search, with the bound of the scan.
    floor
        What is known already: no site costs less.
    """
    site = build_model(problem, demand, extra_cost, forbidden)
    if len(site.centres) == 0:
        return Outcome(site.parcels[:0], -1, math.inf, math.inf)
    params = work.params if limits is None else limits
    demand = with_judge(demand)
    best = _Incumbent(site, demand, problem, cutoff, params.gap)
    _offer_known(best, known)
    if best.cost <= floor:
        return Outcome(best.parcels, best.centre, best.cost, floor, best.sites())
    if math.isinf(site.radius_sq) and params.lp_solves:
        near = replace(params, lp_solves=_NEAR_LPS, polish_lp_solves=_NEAR_LPS // 10)
        _offer_known(best, _compact_sites(best, extra_cost, forbidden, work, near))
    limited = not math.isinf(site.radius_sq)
    first = disc_bounds(site, site.centres) if limited else np.zeros(len(site.centres))
    _search_from_centres(best, first, work, params)
    if isinstance(demand.accept, Judge):
        best.accepting = AcceptedSearch(best, demand.accept, work, params)
        best.accepting.run()
    bound = floor if best.cost <= floor else max(floor, _prove(best, first, work, params))
    return Outcome(best.parcels, best.centre, best.cost, bound, best.sites())


def _compact_sites(
    best: _Incumbent,
    extra_cost: IntArray | None,
    forbidden: BoolArray | None,
    work: Work,
    params: Params,
) -> tuple[tuple[IntArray, int], ...]:
    """Return good sites within two disc radii: they are found fast, and good without a limit."""
    radius_m = 2.0 * math.sqrt(best.demand.area_max / _DM2_PER_M2 / math.pi)
    span = np.ptp(best.site.xy, axis=0)
    if radius_m * radius_m >= span[0] ** 2 + span[1] ** 2:
        return ()  # no limit either
    demand = replace(best.demand, radius_m=radius_m)
    whole, work.whole = work.whole, lambda _best, _bound: (math.inf, 0.0)
    found = find_site(
        best.problem,
        demand,
        work,
        extra_cost=extra_cost,
        forbidden=forbidden,
        cutoff=min(best.cost, best.cutoff),
        limits=params,
    )
    work.whole = whole
    return found.pool


def _offer_known(best: _Incumbent, known: tuple[tuple[IntArray, int], ...]) -> None:
    """Offer the sites met before that lie wholly on usable parcels."""
    site = best.site
    number = np.full(len(best.problem.cost), -1, np.int64)
    number[site.parcels] = np.arange(len(site.parcels))
    for parcels, centre in known:
        members = number[parcels]
        if (members >= 0).all():
            best.offer(members, int(number[centre]))


def _grown(site: SiteModel, first: FloatArray, most: int) -> FloatArray:
    """Return what the sites grown from the centres of least bound cost; inf for all others."""
    grown = np.full(len(site.centres), np.inf)
    order = np.argsort(first, kind="stable")
    for part in (order[:most], order[most:]):
        if not (grown < np.inf).any():
            grown[part] = grow_everywhere(site, site.centres[part])
    return grown


def _search_from_centres(best: _Incumbent, first: FloatArray, work: Work, params: Params) -> None:
    """Grow sites from promising centres, anneal from some all over the town, then the best."""
    site = best.site
    grown = _grown(site, first, _GROWN_PER_START * params.starts)
    work.done["centres"] += len(site.centres)
    covered = np.zeros(len(site.cost), np.bool_)
    met: list[tuple[float, int, IntArray]] = []
    for place in np.argsort(grown, kind="stable"):
        root = int(site.centres[place])
        if len(met) >= params.starts or (grown[place] == math.inf and met):
            break
        if covered[root]:
            continue
        covered[root] = True
        random = np.random.default_rng([params.seed, root])
        members, cost = improve_from(site, root, site.cost, params.trials // 2, random)
        work.done["trials"] += params.trials // 2
        best.offer(members, root)
        covered[members] = True
        met.append((cost, root, members))
    for cost, root, members in sorted(met, key=lambda entry: entry[:2])[: params.starts // 4]:
        if cost < math.inf:
            _anneal_again(best, root, members, work, params)


def _anneal_again(
    best: _Incumbent, root: int, members: IntArray, work: Work, params: Params
) -> None:
    """Anneal a good site around the parcels in its middle."""
    site = best.site
    random = np.random.default_rng([params.seed, root, 1])
    offset = site.xy[members] - site.xy[members].mean(axis=0)
    middle = members[np.argsort((offset**2).sum(axis=1), kind="stable")]
    centres = [root, *(int(v) for v in middle if v != root and _reaches(site, int(v), members))]
    for centre in centres[:3]:
        found, _ = anneal(site, centre, members, params.trials, random)
        work.done["trials"] += params.trials
        best.offer(found, centre)


def _reaches(site: SiteModel, centre: int, members: IntArray) -> bool:
    """Whether a parcel can be the root of a site with these members."""
    if math.isinf(site.radius_sq) and site.moment_price == 0.0:
        return False  # the root is then fixed by rank
    offset = site.xy[members] - site.xy[centre]
    return bool((offset[:, 0] ** 2 + offset[:, 1] ** 2 <= site.radius_sq).all())


@dataclass(slots=True)
class _Spent:
    """LPs solved for one proof; once the gap is small, only so many without progress."""

    params: Params
    solves: int = 0
    polish: int = 0
    reference: float = math.inf

    def add(self, solves: int, cost: float, bound: float) -> None:
        """Count LPs that led to a gap between ``cost`` and ``bound``."""
        self.solves += solves
        gap = cost - bound
        small = self.params.polish_gap * cost
        if cost == math.inf or gap > small:
            return
        self.polish += solves if gap > _HAIR * small else 10 * solves
        if gap < _PROGRESS * self.reference:
            self.polish, self.reference = 0, gap

    @property
    def used_up(self) -> bool:
        """Whether the limits are reached."""
        limits = self.params
        return self.solves >= limits.lp_solves or self.polish >= limits.polish_lp_solves


def _prove(best: _Incumbent, first: FloatArray, work: Work, params: Params) -> float:
    """Raise the bound until it meets the best site or the work is used up; return the bound."""
    site = best.site
    bounds = first.copy()
    left = (first <= best.aim) & (first < np.inf)
    bounds[left], _ = scan_centres(site, site.centres[left], best.aim)
    turn = _turns(site, bounds, best.aim)
    queue: list[tuple[float, int]] = []
    for i in np.flatnonzero((bounds <= best.aim) & (bounds < np.inf)).tolist():
        bound, _ = reachable_parcels(site, int(site.centres[i]), best.aim, turn)
        if bound <= best.aim and bound < np.inf:
            queue.append((max(float(bounds[i]), bound), i))
    heapq.heapify(queue)
    work.done["survivors"] += len(queue)
    searches: dict[int, RootSearch] = {}
    spent = _Spent(params)
    told = 0
    while queue and queue[0][0] <= best.aim:
        if spent.used_up:
            work.limit_hit = True
            break
        if work.ask(best.cost, queue[0][0]):
            break
        if spent.solves >= told:
            told += _TELL_EVERY
            work.tell("proof", best.cost, queue[0][0])
        bound, i = heapq.heappop(queue)
        bound, solves = _advance(best, i, bound, searches, turn, work)
        if bound <= best.aim and bound < math.inf:
            heapq.heappush(queue, (bound, i))
            if len(searches) > _KEPT and i in searches:
                searches[i].release()
        else:
            searches.pop(i, None)
        spent.add(solves, best.cost, queue[0][0] if queue else best.aim + 1.0)
    work.done["lp_solves"] += spent.solves
    return _whole(min(queue[0][0] if queue else math.inf, best.aim + 1.0))


def _whole(bound: float) -> float:
    """Round a bound up: costs are whole numbers."""
    return float(math.ceil(bound)) if bound < math.inf else bound


def _lp_around(best: _Incumbent, ball: IntArray, turn: IntArray, seed: int) -> RootedLp:
    """Return the LP of a root over its ball, without the sites that have been turned down."""
    lp = RootedLp(best.site, ball, turn, seed)
    if isinstance(best.demand.accept, Judge):
        lp.heed(best.demand.accept)
    best.separators.teach(lp)
    return lp


def _turns(site: SiteModel, bounds: FloatArray, aim: float) -> IntArray:
    """Return the turn of every parcel as a centre: least for those whose sites are too dear.

    Of the others, the one with the least bound comes last: most of what could be around it is then
    looked for around those before it. Where the centre makes a difference, by rank or by moment,
    all have the same turn.
    """
    turn = np.zeros(len(site.cost), np.int64)
    if math.isinf(site.radius_sq) or site.moment_price > 0.0:
        return turn
    open_ones = np.flatnonzero((bounds <= aim) & (bounds < np.inf))
    order = open_ones[np.argsort(-bounds[open_ones], kind="stable")]
    turn[site.centres[order]] = np.arange(1, len(order) + 1)
    return turn


def _advance(
    best: _Incumbent,
    i: int,
    bound: float,
    searches: dict[int, RootSearch],
    turn: IntArray,
    work: Work,
) -> tuple[float, int]:
    """Work on one root; return its bound and the LPs solved."""
    site = best.site
    root = int(site.centres[i])
    if i not in searches:
        found, ball = reachable_parcels(site, root, best.aim, turn)
        if found > best.aim or math.isinf(found):
            return math.inf, 1
        searches[i] = RootSearch(
            lambda: _lp_around(best, ball, turn, work.params.seed + root), max(bound, found)
        )
    search = searches[i]
    solves, cuts, nodes = search.solves, search.cuts, search.nodes

    def offer(members: IntArray) -> float:
        best.offer(members, root)
        if best.accepting is not None and len(members):
            best.accepting.near(members, root)
        return best.aim

    def guess(lp: RootedLp, x: FloatArray) -> float:
        guide = site.cost.copy()
        guide[lp.ball] *= 1.0 - 0.9 * x[: lp.n_parcels]
        random = np.random.default_rng([work.params.seed, root, lp.solves])
        trials = int(_LP_TRIALS * max(1.0, (x[: lp.n_parcels].sum() / _SMALL) ** 2))
        members, _ = improve_from(site, root, guide, trials, random)
        work.done["trials"] += trials
        return offer(members)

    search.step(best.aim, offer, guess)
    if nodes == 0:
        best.separators.learn(search.lp)
    work.done["cuts"] += search.cuts - cuts
    work.done["nodes"] += search.nodes - nodes
    return search.bound, search.solves - solves
