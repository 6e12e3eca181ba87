"""What is measured, as data: cases and the sets that hold them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from benchmarks.fabrics import FABRICS, blocked, prices
from landplan.optimize.assembly.problem import Problem, SiteDemand

AREA_SLACK = 1.3
"""A site of A ha may have up to 1.3 A."""
RADIUS_FACTOR = 2.0
"""The radius limit, in radii of a disc of the largest area."""
PEERS = ("greedy", "flow HiGHS", "CP-SAT tree", "SCIP cuts")


class Case(NamedTuple):
    """Instances that differ by their seed only.

    ``hectares`` per site (1 ha per parcel on average); ``count`` disjoint sites; ``radius`` whether
    the radius limit holds; ``noise`` of the prices, or one price per area (``plateau``);
    ``blocked`` share of land zoned out (-1: that of the published family, 18–28 %).
    """

    family: str
    n: int
    hectares: float
    count: int = 1
    radius: bool = True
    noise: float = 0.3
    plateau: bool = False
    blocked: float = -1.0
    bridges: int = 0

    @property
    def name(self) -> str:
        """Return a short name in words."""
        words = [f"{self.family} {self.n:,}, {self.count} × {self.hectares:g} ha"]
        words += [] if self.radius else ["no radius"]
        words += [f"noise {self.noise:g}"] if self.noise != 0.3 else []
        words += ["plateau"] if self.plateau else []
        words += [f"{self.blocked:.0%} blocked"] if self.blocked >= 0 else []
        words += [f"{self.bridges} bridges"] if self.bridges else []
        return ", ".join(words)

    def problem(self, seed: int) -> Problem:
        """Return the instance of a seed; money in cents of a thousand, area in dm²."""
        fabric = FABRICS[self.family](self.n, seed)
        price, zoned_out = prices(fabric, seed, self.noise)
        if self.plateau:
            price = 20.0 * fabric.area
        if self.blocked >= 0:
            zoned_out = blocked(fabric, self.blocked, seed)
        area_max = round(self.hectares * AREA_SLACK * 1e6)
        reach = RADIUS_FACTOR * np.sqrt(area_max / 100.0 / np.pi) if self.radius else np.inf
        demand = SiteDemand(
            eligible=~zoned_out,
            area_min=round(self.hectares * 1e6),
            area_max=area_max,
            radius_m=float(reach),
            max_bridges=self.bridges,
            count=self.count,
        )
        return Problem(
            cost=np.rint(price * 1e5).astype(np.int64),
            area=np.maximum(1, np.rint(fabric.area * 1e6)).astype(np.int64),
            xy=fabric.xy,
            borders=fabric.borders,
            bridges=fabric.bridges,
            demands=(demand,),
        )


@dataclass(frozen=True, slots=True)
class Run:
    """A case, who solves it, on how many seeds, and the seconds of the processor for each."""

    case: Case
    solver: str = "landplan"
    seeds: int = 5
    seconds: float = 60.0


def smoke() -> Iterator[Run]:
    """Yield a few seconds of work that touch every solver."""
    case = Case("vor", 60, 5.0)
    for solver in ("landplan", *PEERS):
        yield Run(case, solver, seeds=1, seconds=5.0)
    yield Run(Case("street", 80, 8.0, bridges=2), seeds=1, seconds=5.0)


def short() -> Iterator[Run]:
    """Yield what takes up to ten minutes: the goals at 5,000 parcels, growth, small peers."""
    for case in (Case("vor", 200, 8.0), Case("gui", 200, 8.0)):
        yield Run(case)
        for solver in PEERS:
            yield Run(case, solver, seconds=5.0)
    for family in ("vor", "gui"):
        for n in (1_000, 5_000, 20_000):
            yield Run(Case(family, n, 20.0), seconds=20.0)
        yield Run(Case(family, 5_000, 50.0), seconds=20.0)
        yield Run(Case(family, 5_000, 20.0), "greedy", seconds=5.0)
    yield Run(Case("vor", 20_000, 50.0), seconds=20.0)
    yield Run(Case("street", 5_000, 20.0, bridges=3), seconds=10.0)
    yield Run(Case("vor", 5_000, 20.0, plateau=True), seconds=5.0)
    yield Run(Case("vor", 5_000, 20.0, blocked=0.4), seconds=10.0)
    yield Run(Case("vor", 5_000, 20.0, radius=False), seconds=10.0)
    yield Run(Case("vor", 1_000, 20.0, count=3), seeds=5, seconds=10.0)


def one_site() -> Iterator[Run]:
    """Yield what is promised of one site, on all seeds; about an hour."""
    for family in ("vor", "gui"):
        for n in (5_000, 20_000, 100_000):
            yield Run(Case(family, n, 20.0), seconds=20.0)
            yield Run(Case(family, n, 50.0), seconds=20.0)
            yield Run(Case(family, n, 20.0, radius=False), seconds=20.0)
        yield Run(Case(family, 5_000, 100.0), seconds=30.0)
        yield Run(Case(family, 5_000, 50.0, radius=False))
        yield Run(Case(family, 20_000, 50.0, radius=False))
        yield Run(Case(family, 5_000, 100.0, radius=False))
        case = Case(family, 5_000, 20.0)
        yield from (Run(case._replace(noise=noise), seconds=20.0) for noise in (0.2, 0.6))
        yield Run(case._replace(plateau=True), seconds=5.0)
        yield from (Run(case._replace(blocked=b), seconds=20.0) for b in (0.1, 0.25, 0.4))
    for n in (5_000, 20_000):
        yield Run(Case("street", n, 20.0, bridges=3), seconds=20.0)
    yield Run(Case("street", 5_000, 50.0, bridges=6), seconds=20.0)


def everything() -> Iterator[Run]:
    """Yield all families, sizes, terms and peers; some hours."""
    yield from _one_site()
    yield from _variants()
    yield from _several()
    for n, hectares in ((200, 8.0), (500, 10.0), (1_000, 20.0), (5_000, 20.0)):
        for family in FABRICS:
            case = Case(family, n, hectares, bridges=3 if family == "street" else 0)
            for solver in PEERS:
                yield Run(case, solver, seconds=60.0)
    for solver in PEERS:
        yield Run(Case("vor", 500, 10.0, radius=False), solver, seconds=60.0)


def _one_site() -> Iterator[Run]:
    """Yield one site of every size in every family, with and without radius limit."""
    for family in FABRICS:
        for n in (200, 500, 1_000, 5_000, 20_000, 100_000):
            for hectares in (10.0, 20.0, 50.0, 100.0):
                if hectares * 8 <= n:
                    case = Case(family, n, hectares, bridges=3 if family == "street" else 0)
                    yield Run(case)
                    yield Run(case._replace(radius=False))
    yield Run(Case("vor", 500, 10.0))


def _variants() -> Iterator[Run]:
    """Yield other prices and other shares of blocked land."""
    for family in ("vor", "gui"):
        for n in (5_000, 20_000):
            for hectares in (20.0, 50.0):
                case = Case(family, n, hectares)
                yield from (Run(case._replace(noise=noise)) for noise in (0.2, 0.6))
                yield Run(case._replace(plateau=True))
                yield from (Run(case._replace(blocked=b)) for b in (0.1, 0.25, 0.4))


def _several() -> Iterator[Run]:
    """Yield several sites at once."""
    for radius in (True, False):
        for family in ("vor", "gui"):
            for n, count in ((1_000, 3), (5_000, 5), (20_000, 10)):
                yield Run(Case(family, n, 20.0, count=count, radius=radius))


def without_doubles(runs: Iterator[Run]) -> list[Run]:
    """Return the runs, each (case, solver) once."""
    seen: dict[tuple[Case, str], Run] = {}
    for run in runs:
        seen.setdefault((run.case, run.solver), run)
    return list(seen.values())


SETS = {"smoke": smoke, "short": short, "one": one_site, "all": everything}


def runs_of(name: str, seeds: int | None = None) -> list[Run]:
    """Return the runs of a set, optionally with another number of seeds."""
    runs = without_doubles(SETS[name]())
    return runs if seeds is None else [replace(run, seeds=seeds) for run in runs]
