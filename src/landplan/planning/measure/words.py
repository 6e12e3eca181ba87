"""A report of measures in a few lines, for the terminal."""

import re
from collections.abc import Iterator

from landplan.messages import Language, say
from landplan.messages.numbers import MISSING, area, decimal, length, share
from landplan.planning.measure.formulate import LEFT_OUT
from landplan.proposal.measured import Measured, kind_of

_KEY_FIGURES = (
    *("holdings", "parcels", "pieces", "area_m2", "mean_parcel_area_m2", "median_parcel_area_m2"),
    *("gini_area", "access_share", "mean_parcels", "mean_pieces", "mean_simmons"),
    *("mean_januszewski", "mean_standard_distance_m", "mean_home_distance_m", "mean_psi"),
    "mean_glfi",
)
_PLACES = 3
_UNIT = re.compile(r"\s*[(（]m²?[)）]$")


def lines(measured: Measured, language: Language) -> Iterator[str]:
    """Yield the figures of the town, what was left out, and what is assumed."""
    for name in _KEY_FIGURES:
        if name in measured.figures:
            shown = figure(measured.figures[name], name, language)
            # the amount brings its own unit
            what = _UNIT.sub("", say(f"figure.{name}", None, language))
            yield say("measure.line", {"what": what, "figure": shown}, language)
    for rule, n in measured.left_out.items():
        why = say(rule, None, language) if rule in LEFT_OUT else rule
        yield say("measure.left_out", {"n": n, "rule": why}, language)
    unsure = [str(index["name"]) for index in measured.indices if index["status"] != "verified"]
    if unsure:
        yield say("measure.unsure", {"indices": [name.upper() for name in unsure]}, language)
    for said in measured.assumptions:
        yield say(str(said["code"]), said.get("params"), language)
    yield say("measure.nothing_proven", None, language)


def figure(value: float | None, name: str, language: Language) -> str:
    """Return one figure as a reader wants it: area, metres, share, count or plain number."""
    if value is None:
        return MISSING
    kind = kind_of(name)
    if kind == "area":
        return area(value, language)
    if kind == "m":
        return length(value, language)
    if kind == "share":
        return share(value, language)
    return decimal(value, 0 if kind == "count" else _PLACES)
