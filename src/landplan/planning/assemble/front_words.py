"""The Pareto front for the terminal, for machines and as a table."""

import csv
import io
import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from landplan.measures.acceptability import Acceptability, acceptability
from landplan.messages import Language, say
from landplan.messages.numbers import count, decimal, money, share
from landplan.planning.assemble.alternative_words import gap_words, limit_words
from landplan.planning.assemble.front import FREE, Box, Front, Open, Point

CRITERIA: Final = ("cost", "owners", "radius")
_MOST_PLACES: Final = 7
COLUMNS: Final = (
    *("folder", "proposal", "cost", "bound", "gap", "owners", "radius", "best_share"),
    *("weight_cost", "weight_owners", "weight_radius"),
)


def criteria_of(found: Front) -> tuple[str, ...]:
    """Return the criteria that count."""
    return CRITERIA if found.with_owners else ("cost", "radius")


def weighed(found: Front, order: Sequence[str] = ()) -> Acceptability:
    """Return how often each point is best; ``order`` names criteria, most important first."""
    names = criteria_of(found)
    figures = {
        "cost": [point.cost for point in found.points],
        "owners": [float(point.owners) for point in found.points],
        "radius": [point.steps * found.step for point in found.points],
    }
    values = np.array([figures[name] for name in names]).T
    return acceptability(values, [names.index(name) for name in order])


def lines(
    found: Front, won: Acceptability, folders: Sequence[str], currency: str, language: Language
) -> Iterator[str]:
    """Yield a line per point by rising cost, then what may be missing."""
    costs = [point.cost for point in found.points]
    extra = telling_apart(costs, currency, language)
    for point, best, folder in zip(found.points, won.best, folders, strict=True):
        params = {
            "cost": money(point.cost, currency, language, extra_places=extra),
            "owners": count(point.owners, "owner", language) + ", " if found.with_owners else "",
            "radius": decimal(point.steps * found.step, _places(found.step)),
            "gap": gap_words(point.proposal, language),
            "best": share(float(best), language),
            "folder": folder,
        }
        yield say("front.line", params, language)
    yield say("front.weights", None, language)
    yield from missing_lines(found, currency, language)


def missing_lines(found: Front, currency: str, language: Language) -> Iterator[str]:
    """Yield what is proven about further points, and where one may lie."""
    if found.complete:
        yield say("front.complete", {"step": f"{found.step:g}"}, language)
        return
    yield say("front.missing", {"n": len(found.missing)}, language)
    for gap in found.missing:
        yield _missing(gap, found, currency, language)


def _missing(gap: Open, found: Front, currency: str, language: Language) -> str:
    params = {
        "where": _where(gap.box, found, language),
        "bound": limit_words(gap.bound, currency, language, "down"),
        "below": limit_words(gap.below, currency, language, "up")
        if math.isfinite(gap.below)
        else "",
    }
    code = "front.missing.below" if math.isfinite(gap.below) else "front.missing.open"
    return say(code, params, language)


def _where(box: Box, found: Front, language: Language) -> str:
    said = []
    if box.owners < FREE and found.with_owners:
        said.append(say("front.where.owners", {"n": box.owners}, language))
    if box.steps < FREE:
        radius = decimal(box.steps * found.step, _places(found.step))
        said.append(say("front.where.radius", {"radius": radius}, language))
    return (", " if language == "en" else "、").join(said) or say("front.where.any", None, language)


def telling_apart(costs: Sequence[float], currency: str, language: Language) -> int:
    """Return how many further decimals tell different costs apart."""
    for extra in range(_MOST_PLACES):
        if len({money(c, currency, language, extra_places=extra) for c in costs}) == len({*costs}):
            return extra
    return _MOST_PLACES


def _places(step: float) -> int:
    return next((places for places in range(4) if round(step, places) == step), 3)


def to_json(
    found: Front, won: Acceptability, folders: Sequence[str], currency: str
) -> dict[str, Any]:
    """Return the same as data; null stands for no limit, and for weights that never win."""
    return {
        "currency": currency,
        "criteria": list(criteria_of(found)),
        "radius_step": found.step,
        "complete": found.complete,
        "searches": found.searches,
        "points": [
            _row(point, number, found, won) | {"folder": folder}
            for number, (point, folder) in enumerate(zip(found.points, folders, strict=True))
        ],
        "rank_shares": [[round(float(part), 6) for part in row] for row in won.ranks],
        "exact": won.exact,
        "missing": [
            {
                "max_owners": gap.box.owners if gap.box.owners < FREE else None,
                "max_radius": round(gap.box.steps * found.step, 6)
                if gap.box.steps < FREE
                else None,
                "bound": gap.bound,
                "below": gap.below if math.isfinite(gap.below) else None,
            }
            for gap in found.missing
        ],
    }


def _row(point: Point, number: int, found: Front, won: Acceptability) -> dict[str, Any]:
    weights = {
        f"weight_{name}": round(float(part), 6) if np.isfinite(part) else None
        for name, part in zip(criteria_of(found), won.central[number], strict=True)
    }
    return {
        "proposal": point.proposal.id,
        "cost": point.cost,
        "bound": point.bound,
        "gap": point.proposal.certificate.gap,
        "owners": point.owners if found.with_owners else None,
        "radius": round(point.steps * found.step, 6),
        "best_share": round(float(won.best[number]), 6),
        **weights,
    }


def to_csv(found: Front, won: Acceptability, folders: Sequence[str], currency: str) -> str:
    """Return the points as a table with the columns `COLUMNS`, UTF-8, for spreadsheets."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(to_json(found, won, folders, currency)["points"])
    return text.getvalue()
