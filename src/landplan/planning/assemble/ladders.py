"""The rules of a request that can be given way on by degrees, each as a ladder of milder values."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from landplan.measures.width import narrowest
from landplan.optimize.assembly.feasibility import largest_contiguous_area
from landplan.planning.assemble.formulate import (
    SQUARE_DECIMETRES,
    SQUARE_METRES_PER_HECTARE,
    Formulation,
)
from landplan.planning.assemble.formulate_terms import DECIMETRES
from landplan.planning.assemble.ground import TownGround
from landplan.planning.assemble.owners import area_in_favour
from landplan.planning.assemble.request import MU_PER_HECTARE
from landplan.planning.assemble.site_cost import site_pieces
from landplan.planning.assemble.whole_site import WholeSite, ground_parts
from landplan.rules.eligibility import zone_share

IntArray = NDArray[np.int64]
Json = Mapping[str, Any]
Patch = tuple[tuple[str, Any], ...]
Sites = tuple[tuple[int, IntArray], ...]
Measure = Callable[[Sites, Formulation], float | None]

DM2_PER_HA: Final = SQUARE_DECIMETRES * SQUARE_METRES_PER_HECTARE
MOST_CROSSINGS: Final = 20
WIDEST_CROSSING_M: Final = 200.0
_LEAST_ZONE_SHARE: Final = 0.5
_PLACES: Final = 6


@dataclass(frozen=True, slots=True)
class Ladder:
    """One number of a request, from what is asked to the most that may be given way.

    Attributes
    ----------
    code, params
        Message code of a change along it; what its sentence names beside the value.
    unit
        ``to_`` and ``from_`` before it are the keys of the value and of what is asked among the
        parameters: `warning_text` spells m2, m and share. ``n`` is a number of things.
    paths
        The places of the request that get the value, with their factor.
    asked, step, steps
        Value k is ``asked + k · step``, k from 1 to ``steps``.
    last
        The value that gives way furthest, if it is not value ``steps`` (0 often means no rule).
    measure
        What the sites of a plan need of it; None: cannot be told.
    guess
        A value from which to start looking, if one is known.
    sides
        Of a rectangle that the value is a share of.
    """

    code: str
    params: Json
    unit: str
    paths: tuple[Callable[[float], tuple[str, Any]], ...]
    asked: float
    step: float
    steps: int
    last: float | None = None
    measure: Measure | None = None
    guess: float | None = None
    sides: tuple[float, ...] = ()

    def value(self, k: int) -> float:
        """Return value k."""
        if k >= self.steps and self.last is not None:
            return self.last
        return round(self.asked + k * self.step, _PLACES)

    def steps_to(self, value: float) -> int:
        """Return the first k whose value gives way as far as ``value``."""
        k = math.ceil(round((value - self.asked) / self.step, 3))
        return min(max(k, 1), self.steps)

    def patch(self, k: int) -> Patch:
        """Return the change of the request to value k."""
        return tuple(path(self.value(k)) for path in self.paths)

    def told(self, k: int) -> dict[str, Any]:
        """Return the parameters of the sentence."""
        value = self.value(k)
        if self.unit == "n":
            return {**self.params, "n": round(value), "from_n": round(self.asked)}
        if self.sides:
            long, short = (round(value * side, 1) for side in self.sides)
            return {**self.params, "to_long_m": long, "to_short_m": short}
        told = {f"to_{self.unit}": value, f"from_{self.unit}": self.asked}
        if self.unit == "ha":
            told |= {"to_mu": _mu(value), "from_mu": _mu(self.asked)}
        return {**self.params, **told}

    def size(self, k: int) -> float:
        """Return how large the change is, as a share of the larger value."""
        value = self.value(k)
        if self.unit == "n":
            return min(1.0, 0.1 * k)
        if k >= self.steps and self.last is not None:
            return 1.0
        return abs(value - self.asked) / max(abs(value), abs(self.asked), 1e-9)


def demand_ladders(request: Json, number: int, ground: TownGround) -> Iterator[Ladder]:
    """Yield the ladders of one demand."""
    demand = request["demand"][number]
    name, at = {"demand": demand["id"]}, f"demand.{number}"
    low, high = demand["area_ha"]
    yield Ladder(
        "change.area_min",
        name,
        "ha",
        (lambda value: (f"{at}.area_ha", [value, high]),),
        low,
        -0.01,
        max(1, math.floor(round(low * 100, 3)) - 1),
        measure=lambda sites, made: _least(sites, number, lambda rows: _hectares(rows, made)),
    )
    yield Ladder(
        "change.area_max",
        name,
        "ha",
        (lambda value: (f"{at}.area_ha", [low, value]),),
        high,
        0.01,
        max(1, math.ceil(high * 100)),
        measure=lambda sites, made: _most(sites, number, lambda rows: _hectares(rows, made)),
    )
    more = MOST_CROSSINGS - demand["max_bridges"]
    if more > 0:
        yield Ladder(
            "change.crossings",
            name,
            "n",
            (lambda value: (f"{at}.max_bridges", round(value)),),
            demand["max_bridges"],
            1.0,
            more,
            measure=lambda sites, made: _most(sites, number, lambda rows: _crossings(rows, made)),
        )
    if demand["zones"] and demand["min_zone_share"] > _LEAST_ZONE_SHARE:
        share = demand["min_zone_share"]
        inside = zone_share(ground.cadastre, tuple(demand["zones"]))
        yield Ladder(
            "change.zone_share",
            name,
            "share",
            (lambda value: (f"{at}.min_zone_share", value),),
            share,
            -0.01,
            max(1, round((share - _LEAST_ZONE_SHARE) * 100)),
            measure=lambda sites, _: _least(sites, number, lambda rows: float(inside[rows].min())),
        )
    if demand["min_parcels"] > 1:
        yield Ladder(
            "change.min_parcels",
            name,
            "n",
            (lambda value: (f"{at}.min_parcels", round(value)),),
            demand["min_parcels"],
            -1.0,
            demand["min_parcels"] - 1,
            measure=lambda sites, _: _least(sites, number, lambda rows: float(len(rows))),
        )


def common_ladders(request: Json) -> Iterator[Ladder]:
    """Yield the ladders of the rules that hold for all demands."""
    bridge, shape, consent = request["bridge"], request["shape"], request["consent"]
    if any(demand["max_bridges"] for demand in request["demand"]):
        widest = min(WIDEST_CROSSING_M, 3.0 * bridge["max_width_m"])
        if widest >= bridge["max_width_m"] + 1.0:
            yield _along(
                "change.crossing_width", "bridge.max_width_m", bridge["max_width_m"], 1.0, widest,
                measure=_widest_crossing,
            )  # fmt: skip
    if shape["max_radius_factor"] > 0:
        factor = shape["max_radius_factor"]
        yield Ladder(
            "change.spread",
            {},
            "factor",
            (lambda value: ("shape.max_radius_factor", value),),
            factor,
            0.01,
            max(1, math.floor(round((100.0 - factor) * 100, 3))),
            last=0.0,
            measure=_spread,
        )
    if shape["min_width_m"] > 0:
        yield _along(
            "change.width", "shape.min_width_m", shape["min_width_m"], -1.0, 0.0,
            measure=lambda sites, made: _least(sites, None, lambda rows: _width(rows, made)),
        )  # fmt: skip
    if shape["rectangle_length_m"] > 0:
        yield _rectangle(shape["rectangle_length_m"], shape["rectangle_width_m"])
    if request["frontage"]["min_m"] > 0:
        yield _along(
            "change.frontage", "frontage.min_m", request["frontage"]["min_m"], -1.0, 0.0,
            measure=lambda sites, made: _least(sites, None, lambda rows: _frontage(rows, made)),
        )  # fmt: skip
    for key, measure in (("heads", _heads), ("area", _land_in_favour)):
        if consent[key] > 0:
            yield Ladder(
                f"change.consent_{key}",
                {},
                "share",
                (_to(f"consent.{key}"),),
                consent[key],
                -0.01,
                max(1, math.ceil(round(consent[key] * 100, 3))),
                last=0.0,
                measure=measure,
            )
    if request["neighbours"]["min_orphan_area_m2"] > 0:
        least = request["neighbours"]["min_orphan_area_m2"]
        step = -max(1.0, 10.0 ** math.floor(math.log10(least) - 2))
        yield _along("change.orphan", "neighbours.min_orphan_area_m2", least, step, 0.0, "m2")


def area_at_hand(ladder: Ladder, number: int, formulation: Formulation) -> float | None:
    """Return the largest area of one piece of land found for a demand, ha; None if not below."""
    problem = formulation.problem
    found = largest_contiguous_area(problem, problem.demands[number]).found / DM2_PER_HA
    return found if 0 < found < ladder.asked else None


def _along(
    code: str,
    path: str,
    asked: float,
    step: float,
    last: float,
    unit: str = "m",
    *,
    measure: Measure | None = None,
) -> Ladder:
    steps = max(1, math.ceil(round(abs(asked - last) / abs(step), 3)))
    return Ladder(code, {}, unit, (_to(path),), asked, step, steps, last=last, measure=measure)


def _mu(hectares: float) -> float:
    return round(hectares * MU_PER_HECTARE, 2)


def _to(path: str) -> Callable[[float], tuple[str, Any]]:
    return lambda value: (path, value)


def _rectangle(long: float, short: float) -> Ladder:
    """Both sides in proportion, the shorter by one per cent a step."""

    def side(key: str, asked: float) -> Callable[[float], tuple[str, Any]]:
        return lambda share: (f"shape.rectangle_{key}_m", round(asked * share, 1))

    return Ladder(
        "change.rectangle",
        {"asked_long_m": long, "asked_short_m": short},
        "of",
        (side("length", long), side("width", short)),
        1.0,
        -0.01,
        100,
        last=0.0,
        sides=(long, short),
    )


def _of(sites: Sites, number: int | None, measure: Callable[[IntArray], float]) -> list[float]:
    return [measure(rows) for demand, rows in sites if number in (None, demand)]


def _least(sites: Sites, number: int | None, measure: Callable[[IntArray], float]) -> float | None:
    return min(_of(sites, number, measure), default=None)


def _most(sites: Sites, number: int | None, measure: Callable[[IntArray], float]) -> float | None:
    return max(_of(sites, number, measure), default=None)


def _hectares(rows: IntArray, made: Formulation) -> float:
    return int(made.problem.area[rows].sum()) / DM2_PER_HA


def _crossings(rows: IntArray, made: Formulation) -> float:
    return float(site_pieces(rows, made.problem.borders).max())


def _widest_crossing(sites: Sites, made: Formulation) -> float | None:
    """Return the least width that joins every site, of its crossings' median widths."""
    return _most(sites, None, lambda rows: _joining_width(rows, made))


def _joining_width(rows: IntArray, made: Formulation) -> float:
    pairs, width = made.bridges.pairs, made.bridges.width_m
    inside = np.flatnonzero(np.isin(pairs, rows).all(axis=1))
    for place in inside[np.argsort(width[inside], kind="stable")]:
        narrow = pairs[inside[width[inside] <= width[place]]]
        if site_pieces(rows, np.concatenate([made.problem.borders, narrow])).max() == 0:
            return float(width[place])
    return 0.0


def _spread(sites: Sites, made: Formulation) -> float | None:
    def factor(number: int, rows: IntArray) -> float:
        points = made.problem.xy[rows]
        away = points[:, None, :] - points[None, :, :]
        reach = float(np.sqrt((away**2).sum(axis=2).max(axis=1).min()))
        largest = made.problem.demands[number].area_max / SQUARE_DECIMETRES
        return reach / math.sqrt(largest / math.pi)

    return max((factor(number, rows) for number, rows in sites), default=None)


def _width(rows: IntArray, made: Formulation) -> float:
    judge = made.problem.demands[0].accept
    shapes = made.ground.cadastre.parcels.geometry.to_numpy()[rows]
    share = judge.shape.width_share if isinstance(judge, WholeSite) else 0.9
    return narrowest(ground_parts(shapes, made.ground.cadastre.town.tolerance_m), share)


def _frontage(rows: IntArray, made: Formulation) -> float:
    metres = made.terms.frontage_m
    if metres is None:
        return 0.0
    return float(np.floor(metres[rows] * DECIMETRES).sum()) / DECIMETRES


def _heads(sites: Sites, made: Formulation) -> float | None:
    owners = made.terms.owners
    if owners is None:
        return None
    return _least(sites, None, lambda rows: float(owners.in_favour[owners.present(rows)].mean()))


def _land_in_favour(sites: Sites, made: Formulation) -> float | None:
    owners = made.terms.owners
    if owners is None:
        return None

    def in_favour(rows: IntArray) -> float:
        favour, total = (part[rows].sum() for part in area_in_favour(owners, made.problem.area))
        return float(favour) / max(float(total), 1.0)

    return _least(sites, None, in_favour)
