"""From an assignment to a good plan inside all tolerances: `improve`.

1. A short approach: annealed chains over all parcels at a growing price for excess (`moves`).
2. Entering: chains about the parties that still miss a tolerance (`repair`), where some still do
   with pieces at no cost.
3. Refining, most of the work: annealing again, with the tolerances as limits, then descent. At the
   same work this gave plans nearer to the bound than a long approach and a short descent.

A plan that was agreed is changed only where it must be: step 2 and a cold step 3. Where no plan
inside the tolerances comes of it, the search begins again with pieces at no cost, and at last from
the first holdings: if they are inside, so is what it returns, and it is no dearer than they are.
"""

import numpy as np

from landplan.optimize.exchange.moves import anneal, cost
from landplan.optimize.exchange.params import Params
from landplan.optimize.exchange.pieces import NONE, Land, Plan, count_pieces, new_plan
from landplan.optimize.exchange.problem import NO_LIMIT, FloatArray, IntArray, Problem, Stop
from landplan.optimize.exchange.repair import CERTAIN, repair, total_excess, violators

FREE, HOT, WARM, COLD = 100.0, 0.3, 0.05, 0.003
"""Temperatures, in mean costs of a parcel."""
PRICES = (3.0, 50.0, 3_000.0, CERTAIN)
"""Prices of a mean parcel of excess, in mean costs of a parcel: rising through the stages."""
_SMALL, _MOST_ATTEMPTS = 200_000, 8
"""The search begins again, this often at most, while it has tried fewer chains than this."""
_TURNS = 6
_LONGER, _LONGEST = 4, 50_000_000
_ENTERING = 6
"""Entering may take so many times the trials of a search: where it takes more it is in vain."""
_FREELY = 0.25
"""So many times with pieces at no cost: it helps soon or not at all."""
_SLICE = 4_000_000
"""Trials between two questions whether to stop."""


def curve(xy: FloatArray) -> IntArray:
    """Return the parcels in the order of a Z-curve through the land (Morton 1966)."""
    if len(xy) == 0:
        return np.empty(0, np.int64)
    low = xy.min(axis=0)
    span = max(float((xy - low).max()), 1e-9)
    cell = ((xy - low) / span * 65_535).astype(np.uint64)
    key = np.zeros(len(xy), np.uint64)
    for bit in range(16):
        one, at = np.uint64(1), np.uint64(bit)
        key |= ((cell[:, 0] >> at) & one) << np.uint64(2 * bit)
        key |= ((cell[:, 1] >> at) & one) << np.uint64(2 * bit + 1)
    return np.argsort(key, kind="stable").astype(np.int64)


def _borders(edges: IntArray, place: IntArray) -> tuple[IntArray, IntArray]:
    """Return start and to of the neighbours of every parcel, each pair once."""
    n = len(place)
    pairs = place[edges.astype(np.int64)].reshape(-1, 2)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    both = np.unique(np.r_[pairs[:, 0] * n + pairs[:, 1], pairs[:, 1] * n + pairs[:, 0]])
    start = np.r_[0, np.cumsum(np.bincount(both // n, minlength=n))]
    return start.astype(np.int64), (both % n).astype(np.int64)


def prepare(problem: Problem, lists: IntArray, order: IntArray) -> Land:
    """Return the problem for the kernels, its parcels in the given order."""
    n = problem.n
    place = np.empty(n, np.int64)
    place[order] = np.arange(n)
    start, to = _borders(problem.edges, place)
    xy, home = problem.xy[order].astype(float), problem.reference.astype(float)
    none = problem.agreed is None
    agreed = np.full(n, NONE) if problem.agreed is None else problem.agreed[order]
    extra = np.zeros((0, 0), np.int64) if problem.extra is None else problem.extra[:, order]
    return Land(
        start=start,
        to=to,
        value=_whole(problem.value[order]),
        area=_whole(problem.area[order]),
        x=np.ascontiguousarray(xy[:, 0]),
        y=np.ascontiguousarray(xy[:, 1]),
        home_x=np.ascontiguousarray(home[:, 0]),
        home_y=np.ascontiguousarray(home[:, 1]),
        holder=_whole(problem.holder[order]),
        fixed=np.ascontiguousarray(problem.fixed[order], bool),
        kind=_whole(problem.kind[order]),
        may=np.ascontiguousarray(problem.may_receive, bool),
        value_low=_whole(problem.value_low),
        value_high=_whole(problem.value_high),
        area_low=_whole(problem.area_low),
        area_high=_whole(problem.area_high),
        least=_whole(problem.least),
        near=_whole(lists[order]),
        agreed=_whole(agreed),
        extra=_whole(extra),
        move_price=float(problem.move_price),
        distance_price=float(problem.distance_price),
        piece_price=float(problem.piece_price),
        leave_price=0.0 if none else float(problem.leave_price),
        by_value=1 / float(problem.value.mean()),
        by_area=1 / float(problem.area.mean()),
        max_moves=NO_LIMIT if problem.max_moves is None else int(problem.max_moves),
    )


def _whole(numbers: IntArray | FloatArray) -> IntArray:
    """Return an array as the kernels take it."""
    return np.ascontiguousarray(numbers, np.int64)


def linear_cost(land: Land, party: IntArray) -> float:
    """Return travel, extra, moves and leaving of a plan."""
    return float(sum(cost(land, j, int(p)) for j, p in enumerate(party)))


def standing(land: Land, plan: Plan) -> tuple[float, float]:
    """Return the excess of a plan and its whole objective: the smaller, the better."""
    pieces = land.piece_price * count_pieces(land, plan)
    over = total_excess(land, plan) + 1e3 * max(0, int(plan.moved[0]) - land.max_moves)
    return (over, linear_cost(land, plan.party) + pieces)


def _scale(land: Land) -> float:
    """Return a typical cost of a parcel, from the nearest reference to the party that holds it."""
    n = len(land.value)
    near = min(linear_cost(land, land.near[:, 0]), linear_cost(land, land.holder)) / n
    return max(near, land.piece_price / 4, 1.0)


class _Search:
    """A search under way from one assignment."""

    def __init__(
        self, land: Land, party: IntArray, params: Params, stop: Stop | None, attempt: int = 0
    ) -> None:
        self.land, self.params, self.stop = land, params, stop
        self.plan = new_plan(land, party, params.seed + 7_919 * attempt)
        self.pool = np.flatnonzero(~land.fixed).astype(np.int64)
        self.unit = _scale(land)
        self.spent = 0
        by_parcel = params.trials * len(self.pool)
        self.trials = min(by_parcel, params.most_trials)

    @property
    def hot(self) -> float:
        """The first temperature of refining: pieces that cost little need less heat to be moved."""
        return float(np.clip(0.1 * self.land.piece_price / self.unit, 0.1, HOT))

    def stopped(self) -> bool:
        """Whether the caller wants no more."""
        return self.stop is not None and self.stop(np.inf, -np.inf)

    def pass_over(
        self, share: float, heat: tuple[float, float], price: tuple[float, float], hard: bool
    ) -> None:
        """Spend a share of all trials between two temperatures and prices, in slices."""
        trials = int(share * self.trials)
        slices = max(1, -(-trials // _SLICE))
        for s in range(slices):
            if self.stopped():
                return
            a, b = s / slices, (s + 1) / slices
            part = [
                (u * (v / u) ** a * self.unit, u * (v / u) ** b * self.unit)
                for u, v in (heat, price)
            ]
            anneal(self.land, self.plan, self.pool, trials // slices, part[0], part[1], hard)
            self.spent += trials // slices

    def approach(self) -> None:
        """From hot to cold at a rising price of excess."""
        self.pass_over(0.12, (HOT, COLD), (PRICES[0], PRICES[1]), False)
        self.pass_over(0.04, (WARM, COLD), (PRICES[1], PRICES[2]), False)

    def enter(self) -> None:
        """Repair; a little, where that is in vain, with pieces at no cost, which refining joins."""
        self._repair(self.land, _ENTERING * self.trials)
        if self.land.piece_price > 0.0:
            free = self.land._replace(piece_price=0.0)
            self._repair(free, int(_FREELY * self.trials))

    def _repair(self, land: Land, most: int) -> None:
        """Repair in at most so many trials, with a pass over all parcels where a round is short."""
        last = self.spent + most
        for _ in range(_TURNS):
            if self.stopped() or len(violators(land, self.plan)) == 0 or self.spent >= last:
                return
            self.spent += repair(land, self.plan, self.params.repairs, self.unit, last - self.spent)
            if len(violators(land, self.plan)) == 0 or self.spent >= last:
                return
            self.pass_over(0.08, (WARM, COLD), (PRICES[1], PRICES[2]), False)

    def refine(self, share: float, hot: float) -> None:
        """Anneal with the limits kept, then descend."""
        self.pass_over(share, (hot, COLD), (PRICES[3], PRICES[3]), True)
        self.pass_over(0.05, (COLD, COLD / 100), (PRICES[3], PRICES[3]), True)


def _through_pieces(land: Land, party: IntArray, params: Params, stop: Stop | None) -> _Search:
    """Search with pieces at no cost until the tolerances are kept; refining joins them again."""
    search = _Search(land._replace(piece_price=0.0), party, params, stop)
    search.approach()
    search.enter()
    search.land = land
    search.refine(0.8, search.hot)
    return search


def _from_today(land: Land, _party: IntArray, params: Params, stop: Stop | None) -> _Search:
    """Search from the first holdings: if they keep the limits, so does what is found.

    Very hot at first, since inside the limits is all that is asked: where values lie far apart,
    plans inside are far from each other.
    """
    search = _Search(land, land.holder, params, stop)
    search.trials = max(search.trials, min(_LONGER * search.trials, _LONGEST))
    search.refine(1.0, FREE)
    return search


def _kept(land: Land, party: IntArray) -> IntArray:
    """Return the assignment with what is fixed, or may not be received, back with its holder."""
    ours = party.astype(np.int64)
    barred = land.fixed | ~((ours == land.holder) | land.may[ours, land.kind])
    return np.where(barred, land.holder, ours)


def _attempts(land: Land, params: Params) -> int:
    """Return how often the search begins: small land is searched several times."""
    once = params.trials * len(land.value)
    return int(np.clip(_SMALL // max(once, 1), 1, _MOST_ATTEMPTS))


def improve(
    problem: Problem, params: Params, lists: IntArray, party: IntArray, stop: Stop | None = None
) -> tuple[IntArray, int]:
    """Return a plan with a low objective inside all limits, found from an assignment.

    Parameters
    ----------
    lists
        [n, k] parties worth trying for each parcel, the best first.
    party
        [n] the party of each parcel: a rounded assignment of the relaxation, an agreed plan, or the
        first holdings. Where it gives what may not be given, the parcel returns to its holder.

    Returns
    -------
    tuple[IntArray, int]
        The plan [n] and the chains tried. If the first holdings or ``party`` are inside the limits,
        so is the plan, and it is no dearer than the cheaper of them that is; otherwise it is the
        plan found that misses them least.
    """
    if problem.n == 0:
        return np.empty(0, np.int64), 0
    order = curve(problem.xy)
    land = prepare(problem, lists, order)
    given = _kept(land, party[order])
    tried = [new_plan(land, p, params.seed) for p in (given, land.holder)]
    origin = given if int(tried[0].moved[0]) <= land.max_moves else land.holder
    spent = 0
    for attempt in range(_attempts(land, params)):
        search = _Search(land, origin, params, stop, attempt)
        if problem.agreed is None:
            search.approach()
            search.enter()
            search.refine(0.8, search.hot)
        else:
            search.enter()
            search.refine(0.05, COLD)
        spent += search.spent
        tried.append(search.plan)
    ranks = [standing(land, plan) for plan in tried]
    for again in (_through_pieces, _from_today):
        if min(ranks[2:])[0] > 0:
            search = again(land, origin, params, stop)
            spent += search.spent
            tried.append(search.plan)
            ranks.append(standing(land, search.plan))
    result = np.empty(len(order), np.int64)
    result[order] = tried[ranks.index(min(ranks))].party
    return result, spent
