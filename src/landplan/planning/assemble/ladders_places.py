"""Ladders of the rules on distances, budget, owners and land elsewhere."""

import math
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any, Final

from landplan.planning.assemble.ladders import Json, Ladder

_FARTHER: Final = 3.0
"""A largest distance may grow to so many times what is asked, before it is given up."""
_DEARER: Final = 10.0
_MORE_OWNERS: Final = 50
_OF_ASKED: Final = 200
"""A budget grows by about this part of itself a step."""


def place_ladders(request: Json, number: int) -> Iterator[Ladder]:
    """Yield the ladders of the distances of one demand from places."""
    demand = request["demand"][number]
    path = f"demand.{number}.place"
    for k, place in enumerate(demand.get("place") or []):
        names = " | ".join(place["names"])
        about = {"demand": demand["id"], "place": f"{place['layer']} {names}".strip()}
        yield from _distances("place", path, demand["place"], k, about)


def together_ladders(request: Json, currency: str) -> Iterator[Ladder]:
    """Yield the ladders of what holds for all sites together or for each of them."""
    between = request.get("between") or []
    for k, apart in enumerate(between):
        yield from _distances("between", "between", between, k, {"a": apart["a"], "b": apart["b"]})
    budget = float((request.get("budget") or {}).get("max_cost") or 0.0)
    if budget > 0:
        step = max(0.01, 10.0 ** math.floor(math.log10(budget / _OF_ASKED)))
        yield Ladder(
            "change.budget",
            {"currency": currency},
            "money",
            (lambda value: ("budget.max_cost", value),),
            budget,
            step,
            max(1, math.ceil(budget * (_DEARER - 1.0) / step)),
            last=0.0,
        )
    most = request["consent"].get("max_owners") or 0
    if most > 0:
        yield Ladder(
            "change.max_owners",
            {},
            "n",
            (lambda value: ("consent.max_owners", round(value)),),
            most,
            1.0,
            _MORE_OWNERS,
            last=0.0,
        )
    elsewhere = request.get("elsewhere") or []
    for k, land in enumerate(elsewhere):
        asked = float(land["max_share"])
        yield Ladder(
            "change.elsewhere",
            {"land": land["name"]},
            "share",
            (_entry("elsewhere", elsewhere, k, "max_share", off=1.0),),
            asked,
            0.01,
            max(1, math.ceil(round((1.0 - asked) * 100, 3))),
            last=1.0,
        )


def _distances(
    code: str, path: str, entries: list[Json], k: int, about: Mapping[str, Any]
) -> Iterator[Ladder]:
    """Yield a ladder down for a least distance, and one up for a largest."""
    least, most = float(entries[k]["min_m"] or 0.0), entries[k].get("max_m")
    if least > 0:
        yield Ladder(
            f"change.{code}_min",
            about,
            "m",
            (_entry(path, entries, k, "min_m", off=0.0),),
            least,
            -1.0,
            max(1, math.ceil(least)),
            last=0.0,
        )
    if most is not None:
        far = _FARTHER * max(float(most), 1.0)
        yield Ladder(
            f"change.{code}_max",
            about,
            "m",
            (_entry(path, entries, k, "max_m", off=far),),
            float(most),
            1.0,
            max(1, math.ceil(far - float(most))),
            last=far,
        )


def _entry(
    path: str, entries: list[Json], k: int, key: str, *, off: float
) -> Callable[[float], tuple[str, Any]]:
    """Return what sets a number of entry k; at ``off`` it is no rule, and an empty entry goes."""

    def changed(value: float) -> tuple[str, Any]:
        listed: list[dict[str, Any]] = deepcopy([dict(entry) for entry in entries])
        if value != off:
            listed[k][key] = value
            return path, listed
        listed[k][key] = None if key == "max_m" else 0.0
        other = listed[k].get("max_m") is not None or listed[k].get("min_m")
        if key == "max_share" or not other:
            del listed[k]
        return path, listed

    return changed
