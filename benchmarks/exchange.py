"""Speed and quality of the exchange engine: `python -m benchmarks.exchange --suite goals`.

Suites: quick, goals (five seeds), large (100,000 parcels), peers (the extra `peers`). The bound is
over all assignments; the gap compares the distance term of a plan with it. Seconds are of the
processor for landplan, limits of the wall clock for peers.
"""

import argparse
import resource
import statistics
import time
from dataclasses import replace

from benchmarks import peer_exchange
from benchmarks.exchanges import instance
from landplan.optimize.exchange.bound import Dual
from landplan.optimize.exchange.costs import pieces_of, terms_of
from landplan.optimize.exchange.crossover import polish
from landplan.optimize.exchange.dual import DualSearch
from landplan.optimize.exchange.engine import solve
from landplan.optimize.exchange.params import Params
from landplan.optimize.exchange.problem import IntArray, Problem
from landplan.optimize.exchange.result import outside_of

SUITES: dict[str, tuple[tuple[int, int, bool], ...]] = {
    "quick": ((861, 13, False), (3_600, 119, False)),
    "goals": ((861, 13, False), (3_600, 119, False), (10_000, 493, False), (10_000, 493, True)),
    "large": ((100_000, 4_912, False),),
    "peers": ((1_000, 49, False), (10_000, 493, False)),
}
PEERS = {
    "greedy swaps": peer_exchange.by_swaps,
    "HiGHS, mixed-integer": peer_exchange.by_mip,
    "CP-SAT with hint": peer_exchange.by_cpsat,
    "genetic (pymoo)": peer_exchange.by_genes,
}


def main(words: list[str] | None = None) -> None:
    """Run a suite and print its lines."""
    parser = argparse.ArgumentParser(prog="benchmarks.exchange", description=__doc__)
    parser.add_argument("--suite", choices=SUITES, default="quick")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=60.0, help="limit of each peer")
    parser.add_argument("--piece", type=float, default=1.0, help="price of a piece, mean parcels")
    asked = parser.parse_args(words)
    for by_area in (False, True):  # kernels compiled before
        solve(replace(instance(300, 15, 0, by_area=by_area), piece_price=10), Params(trials=50))
    for n, owners, by_area in SUITES[asked.suite]:
        for seed in range(asked.seeds):
            problem = instance(n, owners, seed, by_area=by_area)
            bound = alone(problem, seed, asked.piece)
            if asked.suite == "peers":
                beside(problem, bound, asked.seconds)
        summary(n, owners, by_area)


_SEEN: dict[str, list[float]] = {"bound_s": [], "plan_s": [], "gap": [], "pieces": [], "out": []}


def alone(problem: Problem, seed: int, piece: float) -> float:
    """Bound and plan one instance; print and remember what came of it, return the bound."""
    began = time.process_time()
    dual = bounded(problem)
    bound_s = time.process_time() - began
    price = int(piece * dual.bound / problem.n)
    began = time.process_time()
    result = solve(replace(problem, piece_price=price), Params())
    plan_s = time.process_time() - began
    gap, pieces, out = judged(problem, result.party, dual.bound)
    for name, number in zip(_SEEN, (bound_s, plan_s, gap, pieces, out), strict=True):
        _SEEN[name].append(number)
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    rules = "value and area" if problem.by_area else "value"
    print(
        f"{problem.n:,} x {problem.m:,} ({rules}) seed {seed}: bound {bound_s:.2f} s, in all "
        f"{plan_s:.1f} s, gap {gap:.3%}, {pieces:.3f} pieces, {out:.0f} outside, {megabytes} MB",
        flush=True,
    )
    return dual.bound


def bounded(problem: Problem) -> Dual:
    """Return the best prices and their bound, pieces aside."""
    params = Params()
    search = DualSearch(problem, params)
    return polish(problem, search.run(), params.margin * search.scale)[0]


def judged(problem: Problem, party: IntArray, bound: float) -> tuple[float, float, int]:
    """Return gap of the distance term, pieces per party, and parties outside their limits."""
    travel = terms_of(problem, party)["travel"]
    pieces = pieces_of(problem, party) / problem.m
    return travel / bound - 1, pieces, len(outside_of(problem, party))


def beside(problem: Problem, bound: float, seconds: float) -> None:
    """Run every peer that is installed on the same instance."""
    for name, peer in PEERS.items():
        began = time.perf_counter()
        try:
            party = peer(problem, seconds)
        except ImportError:
            print(f"  {name}: not installed", flush=True)
            continue
        took = time.perf_counter() - began
        if party is None:
            print(f"  {name}: nothing in {took:.0f} s", flush=True)
            continue
        gap, pieces, out = judged(problem, party, bound)
        print(
            f"  {name}: gap {gap:.2%}, {pieces:.2f} pieces, {out} outside, {took:.0f} s", flush=True
        )


def summary(n: int, owners: int, by_area: bool) -> None:
    """Print the medians of the seeds, and begin anew."""
    told = ", ".join(f"{name} {statistics.median(seen):.4g}" for name, seen in _SEEN.items())
    print(f"{n:,} x {owners:,}{' with area' if by_area else ''}, medians: {told}", flush=True)
    for seen in _SEEN.values():
        seen.clear()


if __name__ == "__main__":
    main()
