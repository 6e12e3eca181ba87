"""Every plan of a tiny partition problem, by trying all sets of parcels."""

from functools import cache

import numpy as np

from landplan.optimize.partition.problem import Problem


def neighbours(problem: Problem) -> list[int]:
    """Return the parcels beside each parcel as bit masks."""
    beside = [0] * len(problem.area)
    for one, other in problem.links.tolist():
        beside[one] |= 1 << other
        beside[other] |= 1 << one
    return beside


def is_whole(mask: int, beside: list[int]) -> bool:
    """Whether a set of parcels hangs together."""
    reached = mask & -mask
    while True:
        wider = reached
        for parcel, others in enumerate(beside):
            if reached >> parcel & 1:
                wider |= others & mask
        if wider == reached:
            return reached == mask
        reached = wider


def is_site(problem: Problem, mask: int, beside: list[int]) -> bool:
    """Whether a set of parcels keeps every rule of a site."""
    parcels = [v for v in range(len(problem.area)) if mask >> v & 1]
    area = int(problem.area[parcels].sum())
    groups = [sum(1 << int(v) for v in set(group.tolist())) for group in problem.together]
    return (
        problem.area_min <= area <= problem.area_max
        and bool(problem.eligible[parcels].all())
        and all(group & mask in (0, group) for group in groups)
        and not any(mask >> a & 1 and mask >> b & 1 for a, b in problem.apart.tolist())
        and is_whole(mask, beside)
    )


def most_sites(problem: Problem) -> int:
    """Return the largest number of disjoint sites, found by trying everything."""
    beside = neighbours(problem)
    whole = range(1, 1 << len(problem.area))
    sites = [mask for mask in whole if is_site(problem, mask, beside)]
    by_first: dict[int, list[int]] = {}
    for mask in sites:
        by_first.setdefault(mask & -mask, []).append(mask)

    @cache
    def best(free: int) -> int:
        if not free:
            return 0
        first = free & -free
        most = best(free & ~first)
        for mask in by_first.get(first, []):
            if mask & ~free == 0:
                most = max(most, 1 + best(free & ~mask))
        return most

    return min(best((1 << len(problem.area)) - 1), problem.max_sites)


def sites_of(label: np.ndarray) -> list[int]:
    """Return the sites of a plan as bit masks."""
    return [
        sum(1 << int(v) for v in np.flatnonzero(label == site))
        for site in range(int(label.max(initial=-1)) + 1)
    ]


def tiny(seed: int, *, columns: int = 3, rows: int = 3) -> Problem:
    """Return a random problem on a grid with a few links missing or added, all rules at random."""
    rng = np.random.default_rng(seed)
    n = columns * rows
    number = np.arange(n).reshape(rows, columns)
    links = np.vstack(
        [
            np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()]),
            np.column_stack([number[:-1].ravel(), number[1:].ravel()]),
            rng.integers(0, n, (2, 2)),
        ]
    )
    links = links[(rng.random(len(links)) < rng.choice([0.6, 0.9])) & (links[:, 0] != links[:, 1])]
    area = rng.integers(1, rng.choice([4, 10, 30]), n)
    low = int(rng.integers(2, max(int(area.sum()) // 2, 3)))
    together = []
    if rng.random() < 0.4:
        together.append(rng.choice(n, 2, replace=False))
    apart = rng.integers(0, n, (int(rng.integers(0, 3)), 2))
    apart = apart[apart[:, 0] != apart[:, 1]]
    for group in together:
        apart = apart[~np.isin(apart, group).all(axis=1)]
    return Problem(
        area=area,
        xy=np.column_stack([number.ravel() % columns, number.ravel() // columns]) * 10.0,
        links=links,
        eligible=rng.random(n) < 0.95,
        area_min=low,
        area_max=int(low * rng.choice([1.3, 2.0])) if rng.random() < 0.4 else 2**62,
        attributes=rng.integers(0, 50, (n, int(rng.integers(0, 3)))),
        together=tuple(together),
        apart=apart,
        max_sites=int(rng.integers(1, 4)) if rng.random() < 0.2 else 2**62,
    )
