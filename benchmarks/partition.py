"""Speed and quality of the partition engine: `python -m benchmarks.partition --suite quick`.

Suites: quick, full, peers. A site has 10 ha; attributes are value and price per area. Seconds are
of the processor, kernels compiled before. ``peers`` needs the extra `peers` (spopt, pygeoda); each
peer is compared at its own number of sites.
"""

import argparse
import resource
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.fabrics import Fabric, guillotine_fabric, prices, voronoi_fabric
from landplan.optimize.partition.engine import solve
from landplan.optimize.partition.params import Effort, Params
from landplan.optimize.partition.problem import UNLIMITED, IntArray, Problem, heterogeneity
from landplan.optimize.partition.warmup import warm_up

SITE_HA = 10.0
DM2_PER_HA = 1_000_000
UNITS = 1_000_000
"""Attributes are counted in millionths."""
FABRICS: dict[str, Callable[[int, int], Fabric]] = {
    "vor": voronoi_fabric,
    "gui": guillotine_fabric,
}
SUITES = {
    "quick": ((1_000, 5_000, 20_000), 1),
    "full": ((1_000, 5_000, 20_000, 100_000), 5),
    "peers": ((1_000, 5_000), 1),
}


@dataclass(frozen=True)
class Outcome:
    """What a solver answered: labels, seconds of the processor."""

    label: NDArray[np.int64]
    seconds: float


def main() -> None:
    """Run a suite and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suite", choices=SUITES, default="quick")
    parser.add_argument("--effort", choices=("quick", "normal", "thorough"), default="normal")
    parser.add_argument("--sizes", type=int, nargs="*", help="instead of those of the suite")
    parser.add_argument("--construction", type=int, default=99, help="spopt: constructions tried")
    parser.add_argument("--annealing", type=int, default=10, help="spopt: annealing rounds")
    parser.add_argument("--peer", nargs="*", help="only these peers")
    arguments = parser.parse_args()
    warm_up()
    sizes, seeds = SUITES[arguments.suite]
    sizes = tuple(arguments.sizes or sizes)
    if arguments.suite == "peers":
        for n in sizes:
            for name, peer in peers(arguments.construction, arguments.annealing).items():
                if not arguments.peer or name in arguments.peer:
                    compare(name, peer, n, arguments.effort)
        return
    for family in FABRICS:
        for n in sizes:
            alone(family, n, seeds, arguments.effort)


def instance(family: str, n: int, seed: int, max_sites: int = UNLIMITED) -> Problem:
    """Return a fabric with value and price per area as attributes."""
    fabric = FABRICS[family](n, seed)
    price, _ = prices(fabric, seed)
    area = np.rint(fabric.area * DM2_PER_HA).astype(np.int64)
    # the first draws of the published family: the value of the land
    rng = np.random.default_rng(seed + 77)
    value = np.exp(0.25 * smooth(fabric.xy, rng, 600.0) + rng.normal(0, 0.1, n))
    table = np.column_stack([value, price / fabric.area / 20.0])
    return Problem(
        area=area,
        xy=fabric.xy,
        links=fabric.borders,
        eligible=np.ones(n, np.bool_),
        area_min=int(SITE_HA * DM2_PER_HA),
        attributes=np.rint(table * UNITS).astype(np.int64),
        max_sites=max_sites,
    )


def smooth(xy: NDArray[np.float64], rng: np.random.Generator, scale: float) -> NDArray[np.float64]:
    """Return a smooth random field [n]."""
    waves = rng.normal(0, 1 / scale, (40, 2))
    return np.cos(xy @ waves.T + rng.uniform(0, 2 * np.pi, 40)).sum(axis=1) / np.sqrt(20.0)


def alone(family: str, n: int, seeds: int, effort: Effort) -> None:
    """Run the engine alone; print sites, share of the area bound, seconds by phase, memory."""
    shares, seconds, to_count = [], [], []
    for seed in range(seeds):
        problem = instance(family, n, seed)
        started = time.process_time()
        marks: dict[str, float] = {}

        def told(phase: str, best: float, bound: float, /) -> None:
            marks[phase] = time.process_time() - started  # noqa: B023

        result = solve(problem, Params.of(effort, seed), progress=told)
        seconds.append(time.process_time() - started)
        to_count.append(marks["settled"])
        shares.append(result.count / result.area_bound)
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(
            f"{family} {n:>7} seed {seed}: {result.count} of {result.area_bound} "
            f"({shares[-1]:.2%}, bound {result.bound}), {to_count[-1]:.2f} s to the number, "
            f"{seconds[-1]:.2f} s in all, heterogeneity {result.heterogeneity / UNITS:,.0f}, "
            f"{megabytes} MB",
            flush=True,
        )
    print(
        f"{family} {n:>7} median: {statistics.median(shares):.2%} of the area bound, "
        f"{statistics.median(to_count):.2f} s to the number, {statistics.median(seconds):.2f} s",
        flush=True,
    )


def compare(name: str, peer: Callable[[Problem], Outcome], n: int, effort: Effort) -> None:
    """Run a peer, then the engine at the number of sites of the peer and without that limit."""
    problem = instance("vor", n, 0)
    theirs = peer(problem)
    count, unlike = judged(problem, theirs.label)
    print(f"{name} {n}: {count} sites, {unlike:,.0f}, {theirs.seconds:.2f} s", flush=True)
    for level in ("quick", "normal", "thorough") if effort == "normal" else (effort,):
        started = time.process_time()
        ours = solve(instance("vor", n, 0, count), Params.of(level))
        seconds = time.process_time() - started
        _, own = judged(problem, ours.label)
        print(
            f"  {level}: {ours.count} sites, {own:,.0f} ({own / unlike - 1:+.1%}), {seconds:.2f} s "
            f"({theirs.seconds / seconds:,.0f} times as fast)",
            flush=True,
        )
    started = time.process_time()
    most = solve(problem, Params.of("quick"))
    seconds = time.process_time() - started
    _, own = judged(problem, most.label)
    print(f"  without limit: {most.count} sites, {own:,.0f}, {seconds:.2f} s", flush=True)


def judged(problem: Problem, label: IntArray) -> tuple[int, float]:
    """Return number of sites and heterogeneity; raises where a site is too small or in pieces."""
    count = int(label.max()) + 1
    assert (label >= 0).all()
    assert np.bincount(label, weights=problem.area).min() >= problem.area_min
    inside = problem.links[label[problem.links[:, 0]] == label[problem.links[:, 1]]]
    assert pieces(len(label), inside) == count
    return count, heterogeneity(problem.attributes, label) / UNITS


def pieces(n: int, pairs: IntArray) -> int:
    """Count connected pieces."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ones = np.ones(len(pairs), np.int8)
    graph = coo_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    return int(connected_components(graph, directed=False)[0])


def peers(construction: int, annealing: int) -> dict[str, Callable[[Problem], Outcome]]:
    """Return the peers by name."""
    geoda = {
        f"pygeoda {kind}": lambda problem, kind=kind: by_geoda(problem, kind)
        for kind in ("greedy", "sa", "tabu")
    }
    return {"spopt": lambda problem: by_spopt(problem, construction, annealing), **geoda}


def by_spopt(problem: Problem, construction: int, annealing: int) -> Outcome:
    """Solve with spopt's MaxPHeuristic."""
    warnings.simplefilter("ignore")
    import geopandas as gpd
    from libpysal.weights import W
    from spopt.region import MaxPHeuristic

    n = len(problem.area)
    near: dict[int, list[int]] = {i: [] for i in range(n)}
    for one, other in problem.links.tolist():
        near[one].append(other)
        near[other].append(one)
    table: dict[str, Any] = {
        "area": problem.area / DM2_PER_HA,
        "value": problem.attributes[:, 0] / UNITS,
        "price": problem.attributes[:, 1] / UNITS,
    }
    frame = gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(*problem.xy.T))
    weights = W(near, silence_warnings=True)
    np.random.seed(0)  # noqa: NPY002 - spopt draws from the global generator
    started = time.process_time()
    model = MaxPHeuristic(
        *(frame, weights, ["value", "price"], "area", SITE_HA, 2),
        max_iterations_construction=construction,
        max_iterations_sa=annealing,
    )
    model.solve()
    return Outcome(renumbered(model.labels_), time.process_time() - started)


def by_geoda(problem: Problem, kind: str) -> Outcome:
    """Solve with one of pygeoda's max-p heuristics, its documented defaults, one thread."""
    import pygeoda

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "borders.gal"
        path.write_text("\n".join(gal_lines(problem)) + "\n", "ascii")
        weights = pygeoda.weights.read_gal(str(path), [str(i) for i in range(len(problem.area))])
    data = [list(column / UNITS) for column in problem.attributes.T]
    area = list(problem.area / DM2_PER_HA)
    common = {"scale_method": "raw", "distance_method": "manhattan", "random_seed": 1}
    common |= {"iterations": 99, "cpu_threads": 1}
    started = time.process_time()
    if kind == "greedy":
        found = pygeoda.maxp_greedy(weights, data, area, SITE_HA, **common)
    elif kind == "sa":
        found = pygeoda.maxp_sa(
            weights, data, area, SITE_HA, cooling_rate=0.85, sa_maxit=1, **common
        )
    else:
        found = pygeoda.maxp_tabu(
            weights, data, area, SITE_HA, tabu_length=10, conv_tabu=10, **common
        )
    return Outcome(renumbered(found["Clusters"]), time.process_time() - started)


def gal_lines(problem: Problem) -> Iterator[str]:
    """Yield the borders in GeoDa's GAL format."""
    n = len(problem.area)
    near: list[list[str]] = [[] for _ in range(n)]
    for one, other in problem.links.tolist():
        near[one].append(str(other))
        near[other].append(str(one))
    yield f"0 {n} borders id"
    for parcel, others in enumerate(near):
        yield f"{parcel} {len(others)}"
        yield " ".join(others)


def renumbered(labels: Any) -> IntArray:
    """Return labels as 0, 1, 2 …."""
    return np.unique(np.asarray(labels), return_inverse=True)[1].astype(np.int64)


if __name__ == "__main__":
    main()
