"""Who is hit hardest by a plan, and what a leader reads of an exchange of land."""

from api.console.exchange_figures import ExchangeFigures, exchange_figures
from api.console.exchange_tabs import owner_lines
from api.console.plan_source import Source
from api.console.plan_tabs import owner_rows
from landplan.messages import Language, say
from landplan.messages.numbers import money_unit
from landplan.proposal.exchange import is_exchange


def hardest(source: Source) -> list[str]:
    """Say who loses, most first: of an exchange by value, of other plans by what is paid."""
    unit, language = money_unit(source.currency, source.language), source.language
    if is_exchange(source.whole):
        return [
            say(
                "exchange.signoff.hardest",
                {
                    "owner": row.id,
                    "relative": row.relative,
                    "payment": row.payment,
                    "unit": unit,
                    "pieces": row.pieces,
                },
                language,
            )
            for row in owner_lines(source)
            if row.worse
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
        "paid": told.paid,
    }
    return say("exchange.signoff.text", params, language).rstrip()


def exchange_differences(other: Source) -> str:
    """Say what another exchange comes to; empty for any other plan."""
    told = exchange_figures(other)
    if told is None:
        return ""
    params = {"moved": told.moved, "pieces": told.pieces, "loss": told.largest_loss}
    return say("exchange.signoff.other", params, other.language)
