"""Small random towns for tests."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np
from scipy.spatial import Delaunay

from landplan.optimize.assembly.problem import Problem, Reason, Row, SiteDemand

TERMS = ("moment", "owners", "bridges", "bridge fees", "rows", "owner rows", "accept")
"""What a site may be charged or asked for beyond cost, area, reach and pieces."""


def grid(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Return points 100 m apart and the borders of a grid of squares."""
    cells = [(r, c) for r in range(rows) for c in range(columns)]
    xy = np.array([(100.0 * c, 100.0 * r) for r, c in cells])
    number = {cell: i for i, cell in enumerate(cells)}
    pairs = [
        (number[r, c], number[r + dr, c + dc])
        for r, c in cells
        for dr, dc in ((0, 1), (1, 0))
        if (r + dr, c + dc) in number
    ]
    return xy, np.array(pairs, np.int64).reshape(-1, 2)


def scattered(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return random points and the edges of their triangulation, a third of them left out."""
    xy = rng.uniform(0, 100.0 * np.sqrt(n), (n, 2))
    triangles = Delaunay(xy).simplices
    pairs = np.unique(
        np.sort(
            np.vstack([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [0, 2]]]), axis=1
        ),
        axis=0,
    )
    return xy, pairs[rng.random(len(pairs)) < 0.67].astype(np.int64)


def fabric(rng: np.random.Generator, most: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return points, borders and bridges; some borders of the fabric have become bridges."""
    if rng.random() < 0.4:
        rows = int(rng.integers(2, 5))
        xy, pairs = grid(rows, max(2, int(rng.integers(most // 2, most + 1)) // rows))
    else:
        xy, pairs = scattered(int(rng.integers(5, most + 1)), rng)
    is_bridge = rng.random(len(pairs)) < rng.choice([0.0, 0.25, 0.5])
    return xy, pairs[~is_bridge], pairs[is_bridge]


def costs(rng: np.random.Generator, area: np.ndarray) -> np.ndarray:
    """Return costs of one kind: random, plateau (a price per area), zeros among them, huge."""
    kind = rng.integers(4)
    if kind == 0:
        return rng.integers(1, 100, len(area)).astype(np.int64)
    if kind == 1:
        return (area * int(rng.integers(1, 6))).astype(np.int64)
    if kind == 2:
        return (rng.integers(0, 4, len(area)) * rng.integers(0, 50, len(area))).astype(np.int64)
    return rng.integers(10**10, 10**11, len(area)).astype(np.int64)


def demand(
    rng: np.random.Generator, xy: np.ndarray, area: np.ndarray, count: int = 1
) -> SiteDemand:
    """Return a demand with all keys on at random."""
    n = len(area)
    area_min = int(rng.integers(1, max(2, int(area.sum() * 0.5 / count))))
    must = np.flatnonzero(rng.random(n) < rng.choice([0.0, 0.0, 1.0 / n]))
    eligible = rng.random(n) < rng.choice([0.75, 1.0])
    eligible[must] |= rng.random() < 0.95
    return SiteDemand(
        eligible=eligible,
        area_min=area_min,
        area_max=int(area_min * rng.choice([1.1, 1.3, 2.0])) + 1,
        radius_m=float(rng.choice([150.0, 250.0, 400.0, np.inf])),
        max_bridges=int(rng.integers(0, 3)),
        min_parcels=int(rng.choice([1, 1, 3, 4])),
        must=must.astype(np.int64),
        count=count,
    )


def random_problem(
    seed: int, most: int, demands: int = 1, counts: tuple[int, ...] = (1,)
) -> Problem:
    """Return a random problem of at most ``most`` parcels."""
    rng = np.random.default_rng(seed)
    xy, borders, bridges = fabric(rng, most)
    area = rng.integers(5, 60, len(xy)).astype(np.int64)
    return Problem(
        cost=costs(rng, area),
        area=area,
        xy=xy,
        borders=borders,
        bridges=bridges,
        demands=tuple(demand(rng, xy, area, int(rng.choice(counts))) for _ in range(demands)),
    )


def with_terms(problem: Problem, terms: Collection[str], seed: int) -> Problem:
    """Return the problem with the named `TERMS` switched on, each at random."""
    rng = np.random.default_rng([seed, 4])
    typical = max(1.0, float(problem.cost.mean()))
    if {"owners", "owner rows"} & set(terms):
        problem = _with_owners(rng, problem, typical if "owners" in terms else 0.0)
    if "bridges" in terms:
        problem = replace(problem, bridge_price=round(typical * float(rng.choice([0.2, 1.0, 3.0]))))
    if "bridge fees" in terms:
        fees = typical * rng.choice([0.0, 0.1, 0.5, 1.0, 3.0], size=len(problem.bridges))
        problem = replace(problem, bridge_fee=np.rint(fees).astype(np.int64))
    demands = tuple(_demand_with(rng, problem, one, terms, typical) for one in problem.demands)
    return replace(problem, demands=demands)


def _with_owners(rng: np.random.Generator, problem: Problem, price: float) -> Problem:
    """Return the problem with none to three owners per parcel, one in four of them for free."""
    n = len(problem.cost)
    most = int(rng.integers(2, max(3, n // 2)))
    owners = [
        rng.choice(most, size=min(most, number), replace=False)
        for number in rng.choice([0, 1, 1, 1, 1, 2, 3], size=n)
    ]
    prices = np.rint(price * rng.choice([0.0, 0.3, 1.0, 2.0], size=most)).astype(np.int64)
    return replace(
        problem,
        owner_start=np.cumsum([0, *(len(group) for group in owners)]).astype(np.int64),
        owner_of=np.concatenate([np.empty(0, np.int64), *owners]).astype(np.int64),
        owner_price=prices,
    )


def _demand_with(
    rng: np.random.Generator,
    problem: Problem,
    demand: SiteDemand,
    terms: Collection[str],
    typical: float,
) -> SiteDemand:
    """Return a demand with its own price on distance, rows and judgement."""
    n, m = len(problem.cost), len(problem.owner_price)
    most = 3 if len(terms) < 3 else 2
    if "moment" in terms:
        unit = typical / (30.0 * 150.0**2)
        demand = replace(demand, moment_price=unit * float(rng.choice([0.03, 0.3, 2.0])))
    if "rows" in terms:
        rows = [_row(rng, n, problem.area) for _ in range(int(rng.integers(1, most)))]
        demand = replace(demand, rows=tuple(rows))
    if "owner rows" in terms:
        rows = [_row(rng, m, np.ones(m, np.int64)) for _ in range(int(rng.integers(1, most)))]
        demand = replace(demand, owner_rows=tuple(rows))
    if "accept" in terms:
        demand = _judged(rng, problem, demand)
    return demand


def _row(rng: np.random.Generator, size: int, weight: np.ndarray) -> Row:
    """Return a row: some of a class, not too many of it, a share of it by weight, or anything."""
    kind = rng.integers(4)
    of_class = (rng.random(size) < rng.choice([0.3, 0.6])).astype(np.int64)
    if kind == 0:
        return Row(of_class, 1)
    if kind == 1:
        return Row(-of_class, -int(rng.integers(0, 3)))
    if kind == 2:
        of_three = int(rng.integers(1, 3))
        return Row(weight * (3 * of_class - of_three), 0)
    return Row(rng.integers(-5, 6, size), int(rng.integers(-3, 4)))


def _judged(rng: np.random.Generator, problem: Problem, demand: SiteDemand) -> SiteDemand:
    """Return the demand with a judgement of whole sites.

    It asks for a width, an odd sum, or to break no clause, which comes with a reason; or turns all
    down.
    """
    n = len(problem.cost)
    kind = rng.choice(4, p=[0.3, 0.2, 0.45, 0.05])
    least = float(rng.choice([80.0, 150.0]))
    clauses = [
        Reason(
            np.sort(rng.choice(n, size=int(rng.integers(1, 3)), replace=False)),
            np.sort(rng.choice(n, size=int(rng.integers(0, 3)), replace=False)),
        )
        for _ in range(int(rng.integers(2, 2 * n)))
    ]

    def broken(parcels: np.ndarray) -> tuple[Reason, ...]:
        return tuple(
            clause
            for clause in clauses
            if np.isin(clause.inside, parcels).all() and not np.isin(clause.outside, parcels).any()
        )

    def accept(parcels: np.ndarray) -> bool:
        if kind == 0:
            return bool(np.ptp(problem.xy[parcels], axis=0).min() >= least)
        if kind == 1:
            return int(parcels.sum()) % 3 != 0
        return kind == 2 and not broken(parcels)

    return replace(demand, accept=accept, why=broken if kind == 2 else None)
