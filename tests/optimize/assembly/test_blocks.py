"""Sites over streets: blocks that only bridges join."""

import numpy as np

from landplan.optimize.assembly.engine import solve
from landplan.optimize.assembly.first_rows import RowList, add_block_rows
from landplan.optimize.assembly.params import Params
from landplan.optimize.assembly.problem import Problem, SiteDemand
from tests.optimize.assembly.oracles import all_sites


def street_town(seed: int) -> Problem:
    """Return rows of lots in blocks; lots of blocks side by side face each other at random.

    0 1 2 | 3 4 | 5 6 7
    """
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 5, int(rng.integers(2, 6)))
    block = np.repeat(np.arange(len(sizes)), sizes)
    n = len(block)
    xy = np.column_stack([100.0 * np.arange(n) + 30.0 * block, rng.uniform(0, 40, n)])
    along = np.array([(v, v + 1) for v in range(n - 1) if block[v] == block[v + 1]], np.int64)
    across = np.array(
        [
            (u, v)
            for u in range(n)
            for v in range(u + 1, n)
            if block[u] != block[v] and (v == u + 1 or rng.random() < 0.3)
        ],
        np.int64,
    )
    area = rng.integers(5, 30, n).astype(np.int64)
    least = int(area.sum() * rng.uniform(0.2, 0.7))
    demand = SiteDemand(
        eligible=rng.random(n) < 0.95,
        area_min=least,
        area_max=int(least * 1.3),
        radius_m=float(rng.choice([250.0, 500.0, np.inf])),
        max_bridges=int(rng.integers(1, 4)),
    )
    return Problem(
        cost=rng.integers(1, 100, n).astype(np.int64),
        area=area,
        xy=xy,
        borders=along.reshape(-1, 2),
        bridges=across.reshape(-1, 2),
        demands=(demand,),
        bridge_price=int(rng.choice([0, 20])),
    )


def test_across_streets_the_engine_finds_what_enumeration_finds() -> None:
    nodes = found = 0
    for seed in range(250):
        problem = street_town(seed)
        sites = all_sites(problem, problem.demands[0])
        result = solve(problem, Params(starts=0))
        nodes += result.work.get("nodes", 0)
        if sites:
            found += 1
            assert result.status == "optimal", seed
            assert result.objective == sites[0][0] == result.bound, seed
        else:
            assert result.status == "infeasible", seed
    assert found > 100
    assert nodes > 100


def test_no_more_blocks_are_used_than_bridges_may_join() -> None:
    rows = RowList()
    blocks = (np.array([2, 3]), np.array([4]))
    # 0 1 | 2 3 | 4, root 0: bridges 1–2 (column 5) and 3–4 (column 6); blocks are 7 and 8
    add_block_rows(rows, blocks, np.array([[1, 2], [3, 4]]), 7, 5, most=1)
    matrix = np.zeros((len(rows.lower), 9))
    for row, (columns, values) in enumerate(zip(rows.columns, rows.values, strict=True)):
        matrix[row, columns] = values

    def holds(chosen: list[int]) -> bool:
        x = np.zeros(9)
        x[chosen] = 1.0
        sums = matrix @ x
        return bool((sums >= rows.lower).all() and (sums <= rows.upper).all())

    assert holds([0, 1])
    assert holds([0, 1, 2, 5, 7])
    assert not holds([0, 1, 2, 5])  # a parcel in a block that is not used
    assert not holds([0, 1, 2, 7])  # a block that no bridge enters
    assert not holds([0, 1, 2, 3, 4, 5, 6, 7, 8])  # two blocks with one bridge allowed
    assert not holds([0, 1, 5, 7])  # a block used without a parcel
