"""Certified pricing: the cheapest sites of a demand under prices on parcels, again and again.

The sites of one demand are priced dozens of times, with other prices but on the same land.
Separators found around one root at some prices are tried around others and at later prices; every
site met is kept in `Columns`.
"""

import heapq
import math
from dataclasses import dataclass

import numpy as np

from landplan.optimize.assembly.branch import RootSearch
from landplan.optimize.assembly.check import is_site
from landplan.optimize.assembly.columns import Columns
from landplan.optimize.assembly.cutpool import CutPool
from landplan.optimize.assembly.growth import grow_everywhere
from landplan.optimize.assembly.judge import Judge
from landplan.optimize.assembly.model import SiteModel, build_model
from landplan.optimize.assembly.objective import best_centre
from landplan.optimize.assembly.problem import BoolArray, FloatArray, IntArray, Problem
from landplan.optimize.assembly.rooted import RootedLp
from landplan.optimize.assembly.scan import reachable_parcels, scan_centres
from landplan.optimize.assembly.search import anneal, improve_from
from landplan.optimize.assembly.work import Work

_LP_TRIALS = 2_000
_BARRED = 1e13
"""What a parcel costs that no site may hold: more than any aim."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One question: the sites around some centres.

    ``centres`` [n parcels of the problem], None: all; ``known``: the least price of a site met
    before that may answer; ``aim``: only sites that cost at most this are of interest.
    """

    centres: BoolArray | None
    known: float
    aim: float


class Pricer:
    """The sites of one demand under changing prices."""

    def __init__(self, problem: Problem, demand: int, columns: Columns, work: Work) -> None:
        self.problem = problem
        self.number = demand
        self.demand = problem.demands[demand]
        self.columns = columns
        self.work = work
        self.base = build_model(problem, self.demand)
        self.fixed_rank = not (self.base.rank > 0).any()
        self.turn = self._turns()
        columns.take_turns(demand, self.turn_of_parcels())
        self.separators = CutPool()
        self.new = 0
        self._price = np.zeros(len(problem.cost), np.int64)
        self._barred = np.zeros(len(problem.cost), np.bool_)
        self._allowed = np.zeros(len(problem.cost), np.bool_)
        self._site = self.base
        self._aim = math.inf
        self._slack = 0.0
        self._turn_now = self.turn

    @property
    def has_regions(self) -> bool:
        """Whether every site has one centre of its own, so that centres split the sites."""
        return bool((self.turn > 0).any())

    def turn_of_parcels(self) -> IntArray:
        """Return the turn of every parcel [n] of the problem as a centre."""
        turn = np.zeros(len(self.problem.cost), np.int64)
        turn[self.base.parcels] = self.turn
        return turn

    def _turns(self) -> IntArray:
        """Return the turn of every parcel as a centre, the same at all prices.

        Those with the dearest sites come first. Where the centre makes a difference, by rank or by
        moment, or is not free, all have the same turn.
        """
        site = self.base
        turn = np.zeros(len(site.cost), np.int64)
        if math.isinf(site.radius_sq) or site.moment_price > 0.0 or len(site.must):
            return turn
        bounds, _ = scan_centres(site, site.centres, math.inf)
        turn[site.centres[np.argsort(-bounds, kind="stable")]] = np.arange(1, len(bounds) + 1)
        return turn

    def set_prices(self, price: IntArray, barred: BoolArray) -> None:
        """Take prices [n] (cost plus price >= 0) and the parcels [n] that no site may hold."""
        self._price, self._barred = price, barred
        parcels = self.base.parcels
        if self.fixed_rank:
            cost = self.base.cost + price[parcels]
            self._site = self.base._replace(cost=np.where(barred[parcels], _BARRED, cost))
        else:
            site = build_model(self.problem, self.demand, price, barred)
            if not np.array_equal(site.parcels, self._site.parcels):
                self.separators = CutPool()  # its parcels have other numbers now
            self._site = site

    def look(self, ask: Ask, starts: int, trials: int) -> None:
        """Search for good sites: grow from every centre, anneal the best of different places."""
        site, roots = self._site, self._roots(ask)
        if len(roots) == 0:
            return
        grown = grow_everywhere(site, roots)
        covered = np.zeros(len(site.cost), np.bool_)
        done = 0
        for place in np.argsort(grown, kind="stable"):
            root = int(roots[place])
            if done >= starts or grown[place] >= _BARRED:
                return
            if covered[root]:
                continue
            done += 1
            random = np.random.default_rng([self.work.params.seed, root])
            members, _ = improve_from(site, root, site.cost, trials, random)
            self.work.done["trials"] += trials
            covered[root] = True
            covered[members] = True
            self._offer(members, root)

    def again(self, parcels: IntArray, centre: int, trials: int) -> None:
        """Anneal a known site at the present prices."""
        site = self._site
        number = np.searchsorted(site.parcels, parcels)
        if (number >= len(site.parcels)).any() or (site.parcels[number] != parcels).any():
            return
        root = int(np.searchsorted(site.parcels, centre))
        if self._barred[parcels].any() or site.rank[root] > site.rank[number].min():
            return
        random = np.random.default_rng([self.work.params.seed, root, 2])
        members, _ = anneal(site, root, number, trials, random)
        self.work.done["trials"] += trials
        self._offer(members, root)

    def prove(self, ask: Ask, slack: float, lp_solves: int) -> float:
        """Return what no site around the asked centres costs less than.

        Parameters
        ----------
        slack
            How far below the best site met a proof is good enough, minor units.
        lp_solves
            Linear programs after which the proof ends where it is.
        """
        site, roots = self._site, self._roots(ask)
        self._slack = slack
        self._aim = min(ask.aim, self._below(ask.known))
        if len(roots) == 0:
            return min(math.inf, ask.known)
        if self._aim == math.inf:
            self._aim = float(site.cost[~self._is_barred(site)].sum()) + 1.0 + self._constant()
        queue = self._survivors(site, roots, ask.centres is None)
        heapq.heapify(queue)
        self.work.done["survivors"] += len(queue)
        searches: dict[int, RootSearch] = {}
        spent = 0
        while queue and queue[0][0] <= self._aim:
            if spent >= lp_solves or self.work.ask(math.inf, queue[0][0]):
                self.work.limit_hit = True
                break
            bound, root = heapq.heappop(queue)
            bound, solves = self._advance(root, bound, searches)
            spent += solves
            if bound <= self._aim:
                heapq.heappush(queue, (bound, root))
            else:
                searches.pop(root, None)
        self.work.done["lp_solves"] += spent
        return float(math.ceil(min(queue[0][0] if queue else math.inf, self._aim + 1.0)))

    def _survivors(self, site: SiteModel, roots: IntArray, whole: bool) -> list[tuple[float, int]]:
        """Return the roots, with their bounds, around which the aim may be met.

        A site that a parcel could be the centre of, whose own bound exceeds the aim, need not be
        looked for around another.
        """
        bounds, _ = scan_centres(site, roots, self._aim)
        hopeless = bounds > self._aim
        if self.has_regions and whole:
            order = np.flatnonzero(~hopeless)
            order = order[np.argsort(-bounds[order], kind="stable")]
            self._turn_now = np.zeros(len(site.cost), np.int64)
            self._turn_now[roots[order]] = np.arange(1, len(order) + 1)
        elif self.has_regions:
            self._turn_now = self.turn.copy()
            self._turn_now[roots[hopeless]] = 0
        else:
            self._turn_now = np.zeros(len(site.cost), np.int64)
        queue = []
        for i in np.flatnonzero(~hopeless):
            root = int(roots[i])
            bound, _ = reachable_parcels(site, root, self._aim, self._turn_now)
            if bound <= self._aim:
                queue.append((max(float(bounds[i]), bound), root))
        return queue

    def _constant(self) -> float:
        """Return more than a site can pay beside the costs of its parcels."""
        site = self.base
        span = float(np.ptp(site.xy, axis=0) @ np.ptp(site.xy, axis=0)) if len(site.xy) else 0.0
        moment = site.moment_price * site.area_max * min(span, site.radius_sq)
        return float(site.owner_price.sum()) + site.bridge_price * site.max_bridges + moment

    def _is_barred(self, site: SiteModel) -> BoolArray:
        return np.asarray(self._barred[site.parcels], np.bool_)

    def _roots(self, ask: Ask) -> IntArray:
        site = self._site
        usable = ~self._is_barred(site)[site.centres]
        if ask.centres is not None:
            usable &= ask.centres[site.parcels[site.centres]]
        return np.asarray(site.centres[usable], np.int64)

    def _below(self, cost: float) -> float:
        """Return the most that a site worth finding costs when one of this cost is known."""
        if cost == math.inf:
            return math.inf
        return min(cost - 1.0, float(math.floor(cost - self._slack)))

    def _offer(self, members: IntArray, root: int) -> float:
        """Keep a site if it is one; return its cost with prices, inf where it is none."""
        if len(members) == 0:
            return math.inf
        parcels = np.sort(self._site.parcels[members])
        if self._barred[parcels].any():
            return math.inf
        if not self.columns.knows(self.number, parcels):
            centre = best_centre(self.problem, self.demand, parcels, int(self._site.parcels[root]))
            if not is_site(self.problem, self.demand, parcels, centre):
                return math.inf
            self.new += self.columns.add(self.number, parcels, centre)
        return self.columns.cost_at(self.number, parcels, self._price)

    def _advance(
        self, root: int, bound: float, searches: dict[int, RootSearch]
    ) -> tuple[float, int]:
        """Work on one root; return its bound and the linear programs solved."""
        if root not in searches:
            found, ball = reachable_parcels(self._site, root, self._aim, self._turn_now)
            if found > self._aim or math.isinf(found):
                return math.inf, 1
            lp = self._lp(root, ball)
            searches[root] = RootSearch(lambda: lp, max(bound, found))
        search = searches[root]
        solves, cuts, nodes = search.solves, search.cuts, search.nodes

        def offer(members: IntArray) -> float:
            self._aim = min(self._aim, self._below(self._offer(members, root)))
            return self._aim

        def guess(lp: RootedLp, x: FloatArray) -> float:
            guide = self._site.cost.copy()
            guide[lp.ball] *= 1.0 - 0.9 * x[: lp.n_parcels]
            random = np.random.default_rng([self.work.params.seed, root, lp.solves])
            members, _ = improve_from(self._site, root, guide, _LP_TRIALS, random)
            self.work.done["trials"] += _LP_TRIALS
            return offer(members)

        search.step(self._aim, offer, guess)
        if nodes == 0:
            self.separators.learn(search.lp)
        self.work.done["cuts"] += search.cuts - cuts
        self.work.done["nodes"] += search.nodes - nodes
        return search.bound, search.solves - solves

    def _lp(self, root: int, ball: IntArray) -> RootedLp:
        """Return the linear program of a root over its ball, with separators that served before."""
        lp = RootedLp(self._site, ball, self._turn_now, self.work.params.seed + root)
        if isinstance(self.demand.accept, Judge):
            lp.heed(self.demand.accept)
        self.separators.teach(lp)
        return lp
