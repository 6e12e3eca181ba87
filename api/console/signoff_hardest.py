"""Who is hit hardest by a plan, and what a leader reads of an exchange of land."""

from api.console.exchange_figures import ExchangeFigures, exchange_figures
from api.console.exchange_tabs import balance, signed_share
from api.console.plan_source import Source
from api.console.plan_tabs import owner_rows
from landplan.messages import Language, say
from landplan.messages.numbers import money_unit
from landplan.proposal.exchange import is_exchange, statements_of


def hardest(source: Source) -> list[str]:
    """Say who loses, most first: of an exchange by value, of other plans by what is paid."""
    unit, language = money_unit(source.currency, source.language), source.language
    if is_exchange(source.whole):
        return [
            say(
                "exchange.signoff.hardest",
                {
                    "owner": one.id,
                    "relative": signed_share(one.relative, language),
                    "balance": balance(one, source),
                    "pieces": f"{one.pieces[0]} → {one.pieces[1]}",
                },
                language,
            )
            for one in statements_of(source.whole)
            if one.relative is not None and one.relative < 0
        ]
    return [
        say(
            "signoff.hardest.row",
            {
                "owner": row.id,
                "ha": row.ha,
                "share": row.share_of_holding,
                "value": row.value,
                "paid": row.paid,
                "unit": unit,
            },
            language,
        )
        for row in owner_rows(source)
        if row.sort < 0
    ]


def exchange_paragraph(title: str, told: ExchangeFigures, language: Language) -> str:
    """Return an exchange in one paragraph."""
    params = {
        "title": title,
        "moved": told.moved,
        "area": told.moved_area,
        "parties": told.parties,
        "pieces": told.pieces,
        "distance": told.distance,
        "loss": told.largest_loss,
    }
    said = say("exchange.signoff.text", params, language)
    if not told.paid:
        return said
    return f"{said} {told.paid}." if language == "en" else f"{said}{told.paid}。"


def exchange_differences(other: Source) -> str:
    """Say what another exchange comes to; empty for any other plan."""
    told = exchange_figures(other)
    if told is None:
        return ""
    params = {"moved": told.moved, "pieces": told.pieces, "loss": told.largest_loss}
    return say("exchange.signoff.other", params, other.language)
