"""Exchanges side by side: the same figures for all, today first."""

from collections.abc import Callable, Sequence

from api.console.exchange_figures import ExchangeFigures, exchange_figures, turned_parts
from api.console.plan_source import Source
from landplan.messages import Language, say
from landplan.messages.numbers import MISSING

Texts = tuple[str, bool, list[str]]
"""Name of a row, whether lower is better, and a text for today and for every plan."""


def exchange_rows(sources: Sequence[Source], language: Language) -> list[Texts]:
    """Return the rows of the comparison; payments only for readers who may see money."""
    told = [exchange_figures(source) for source in sources]
    known = next((one for one in told if one is not None), None)
    if known is None:
        return []

    def row(key: str, lower: bool, today: str, cells: list[str]) -> Texts:
        return say(f"comparison.exchange.{key}", None, language), lower, [today, *cells]

    rows = [
        row("moved", False, MISSING, _each(told, lambda one: f"{one.moved}, {one.moved_area}")),
        row("pieces", True, turned_parts(known.pieces)[0], _each(told, _after_pieces)),
        row("distance", True, turned_parts(known.distance)[0], _each(told, _after_distance)),
        row("loss", True, MISSING, _each(told, lambda one: one.largest_loss)),
    ]
    if all(source.names for source in sources):
        rows.append(row("paid", True, MISSING, _each(told, lambda one: one.paid)))
    rows.append(row("certain", False, MISSING, [source.short() for source in sources]))
    return rows


def _each(
    told: Sequence[ExchangeFigures | None], text: Callable[[ExchangeFigures], str]
) -> list[str]:
    return [MISSING if one is None else text(one) for one in told]


def _after_pieces(one: ExchangeFigures) -> str:
    return turned_parts(one.pieces)[1]


def _after_distance(one: ExchangeFigures) -> str:
    return turned_parts(one.distance)[1]
