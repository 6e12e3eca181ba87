"""Greedy accretion: grow from a parcel by what is cheapest per area, from one parcel after another.

What a planner does by hand, from every parcel instead of one: parcels in order of price per area
are starts until none is left or time is up; the neighbour of least price per area joins until the
area is enough. A start is given up once it costs more than the best site.
"""

import heapq
import math
import time

import numpy as np

from benchmarks.peers import Answer
from landplan.optimize.assembly.problem import IntArray, Problem, SiteDemand


def solve_greedily(problem: Problem, demand: SiteDemand, seconds: float = 60.0) -> Answer:
    """Return the best of all greedy sites; it proves nothing, so the bound is 0."""
    began = time.process_time()
    usable = demand.eligible & (problem.area <= demand.area_max)
    borders, bridges = _near(problem.borders, usable), _near(problem.bridges, usable)
    price = problem.cost / problem.area
    best, found = math.inf, np.empty(0, np.int64)
    starts = np.flatnonzero(usable)
    for start in starts[np.argsort(price[starts], kind="stable")].tolist():
        if time.process_time() - began > seconds:
            break
        parcels = _grown(problem, demand, start, (borders, bridges), price, best)
        cost = int(problem.cost[parcels].sum())
        if len(parcels) and cost < best:
            best, found = cost, parcels
    return Answer(best, 0.0, found)


def _near(pairs: IntArray, usable: np.ndarray) -> dict[int, list[int]]:
    near: dict[int, list[int]] = {}
    for u, v in pairs.tolist():
        if usable[u] and usable[v]:
            near.setdefault(u, []).append(v)
            near.setdefault(v, []).append(u)
    return near


def _grown(
    problem: Problem,
    demand: SiteDemand,
    start: int,
    near: tuple[dict[int, list[int]], dict[int, list[int]]],
    price: np.ndarray,
    most: float,
) -> IntArray:
    """Return the site grown from ``start``, empty where there is none cheaper than ``most``."""
    inside: set[int] = set()
    area = cost = bridges = 0
    queue = [(0.0, start, False)]
    while queue and area < demand.area_min:
        _, v, over = heapq.heappop(queue)
        if v in inside or area + problem.area[v] > demand.area_max:
            continue
        if over and not any(u in inside for u in near[0].get(v, ())):
            if bridges == demand.max_bridges:
                continue
            bridges += 1
        if math.dist(problem.xy[v], problem.xy[start]) > demand.radius_m:
            continue
        inside.add(v)
        area += int(problem.area[v])
        cost += int(problem.cost[v])
        if cost >= most:
            break
        for pairs, crosses in zip(near, (False, True), strict=True):
            if not crosses or demand.max_bridges:
                for u in pairs.get(v, ()):
                    heapq.heappush(queue, (float(price[u]), u, crosses))
    enough = area >= demand.area_min and len(inside) >= demand.min_parcels and cost < most
    return np.array(sorted(inside) if enough else [], np.int64)
