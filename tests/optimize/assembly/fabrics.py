"""Small random towns for tests."""

import numpy as np
from scipy.spatial import Delaunay

from landplan.optimize.assembly.problem import Problem, SiteDemand


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
