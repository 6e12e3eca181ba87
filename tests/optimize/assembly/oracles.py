"""Plain Python that knows nothing of the engine: a site checker and brute force."""

import math
from collections.abc import Iterable
from itertools import combinations

import numpy as np

from landplan.optimize.assembly.problem import Problem, SiteDemand


def neighbours(pairs: np.ndarray, members: set[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {v: [] for v in members}
    for u, v in pairs.tolist():
        if u in members and v in members and u != v:
            found[u].append(v)
            found[v].append(u)
    return found


def count_pieces(members: set[int], links: dict[int, list[int]]) -> int:
    left = set(members)
    count = 0
    while left:
        count += 1
        queue = [left.pop()]
        while queue:
            for v in links[queue.pop()]:
                if v in left:
                    left.remove(v)
                    queue.append(v)
    return count


def owners_of(problem: Problem, members: Iterable[int]) -> set[int]:
    """Return the distinct owners of some parcels."""
    if len(problem.owner_start) == 0:
        return set()
    return {
        int(o)
        for v in members
        for o in problem.owner_of[problem.owner_start[v] : problem.owner_start[v + 1]]
    }


def rule_broken(problem: Problem, demand: SiteDemand, members: set[int]) -> str:
    """Return which of the rows and the judgement of the whole site fails, or an empty string."""
    for row in demand.rows:
        if sum(int(row.coef[v]) for v in members) < row.low:
            return "row"
    owners = owners_of(problem, members)
    for row in demand.owner_rows:
        if sum(int(row.coef[o]) for o in owners) < row.low:
            return "owner row"
    if demand.accept is not None and not demand.accept(np.array(sorted(members), np.int64)):
        return "not accepted"
    return ""


def why_not_a_site(
    problem: Problem, demand: SiteDemand, parcels: Iterable[int], centre: int | None = None
) -> str:
    """Return what is wrong with a site, or an empty string; without a centre any may serve."""
    members = {int(v) for v in parcels}
    if len(members) < max(1, demand.min_parcels):
        return "too few parcels"
    if not all(demand.eligible[v] for v in members):
        return "not eligible"
    if not {int(v) for v in demand.must} <= members:
        return "a must is missing"
    area = sum(int(problem.area[v]) for v in members)
    if not demand.area_min <= area <= demand.area_max:
        return "area"
    borders = neighbours(problem.borders, members)
    by_border = count_pieces(members, borders)
    if by_border > demand.max_bridges + 1:
        return "too many pieces"
    if by_border > 1:
        bridges = neighbours(problem.bridges, members)
        if count_pieces(members, {v: borders[v] + bridges[v] for v in members}) > 1:
            return "not joined"
    if centre is not None and centre not in members:
        return "centre outside"
    if not any(
        in_reach(problem, demand, members, middle)
        for middle in (members if centre is None else [centre])
    ):
        return "radius"
    return rule_broken(problem, demand, members)


def in_reach(problem: Problem, demand: SiteDemand, members: set[int], centre: int) -> bool:
    """Whether no parcel is farther from the centre than the radius limit."""
    x, y = problem.xy[centre]
    return all(
        (problem.xy[v, 0] - x) ** 2 + (problem.xy[v, 1] - y) ** 2 <= demand.radius_m**2
        for v in members
    )


def terms_of(
    problem: Problem, demand: SiteDemand, parcels: Iterable[int], centre: int
) -> dict[str, int]:
    """Return what a site pays for, as the definition of the objective says it."""
    members = {int(v) for v in parcels}
    x, y = (float(part) for part in problem.xy[centre])
    moment = 0
    for v in members:
        dx, dy = float(problem.xy[v, 0]) - x, float(problem.xy[v, 1]) - y
        moment += round(demand.moment_price * int(problem.area[v]) * (dx * dx + dy * dy))
    bridges = count_pieces(members, neighbours(problem.borders, members)) - 1
    return {
        "acquisition": sum(int(problem.cost[v]) for v in members),
        "owners": sum(int(problem.owner_price[o]) for o in owners_of(problem, members)),
        "bridges": bridges * problem.bridge_price + cheapest_fees(problem, members, bridges),
        "moment": moment,
    }


def cheapest_fees(problem: Problem, members: set[int], number: int) -> int:
    """Return the least sum of the fees of so many bridges that make the members one piece."""
    if number == 0 or len(problem.bridge_fee) == 0:
        return 0
    ends = [(int(u), int(v)) for u, v in problem.bridges]
    inside = [e for e, (u, v) in enumerate(ends) if u in members and v in members]
    borders = neighbours(problem.borders, members)
    sums = []
    for chosen in combinations(inside, number):
        joined = {v: list(borders[v]) for v in members}
        for u, v in (ends[e] for e in chosen):
            joined[u].append(v)
            joined[v].append(u)
        if count_pieces(members, joined) == 1:
            sums.append(sum(int(problem.bridge_fee[e]) for e in chosen))
    return min(sums)


def price_of(problem: Problem, demand: SiteDemand, parcels: Iterable[int], centre: int) -> int:
    """Return the objective of a site about one centre."""
    return sum(terms_of(problem, demand, parcels, centre).values())


def least_price(problem: Problem, demand: SiteDemand, parcels: Iterable[int]) -> int:
    """Return the objective of a site about the centre in reach of all that makes it cheapest."""
    members = {int(v) for v in parcels}
    centres = [v for v in members if in_reach(problem, demand, members, v)]
    if demand.moment_price == 0.0:
        centres = centres[:1]
    return min(price_of(problem, demand, members, centre) for centre in centres)


def all_sites(problem: Problem, demand: SiteDemand) -> list[tuple[int, frozenset[int]]]:
    """Return every site with its objective, cheapest first."""
    n = len(problem.cost)
    usable = [v for v in range(n) if demand.eligible[v] and problem.area[v] <= demand.area_max]
    codes = np.arange(1, 1 << len(usable), dtype=np.int64)
    area = np.zeros(len(codes), np.int64)
    for k, v in enumerate(usable):
        area += (codes >> k & 1) * problem.area[v]
    found = []
    for code in codes[(area >= demand.area_min) & (area <= demand.area_max)].tolist():
        members = [usable[k] for k in range(len(usable)) if code >> k & 1]
        if not why_not_a_site(problem, demand, members):
            found.append((least_price(problem, demand, members), frozenset(members)))
    return sorted(found, key=lambda entry: (entry[0], sorted(entry[1])))


def cheapest_plan(problem: Problem, numbers: list[int]) -> float:
    """Return the least cost of disjoint sites, so many per demand; inf if there are none."""
    slots = [d for d, number in enumerate(numbers) for _ in range(number)]
    sites = {d: all_sites(problem, problem.demands[d]) for d in set(slots)}
    best = math.inf

    def extend(place: int, used: frozenset[int], cost: int) -> None:
        nonlocal best
        if cost >= best:
            return
        if place == len(slots):
            best = cost
            return
        for price, members in sites[slots[place]]:
            if cost + price >= best:
                break
            if not members & used:
                extend(place + 1, used | members, cost + price)

    extend(0, frozenset(), 0)
    return best
