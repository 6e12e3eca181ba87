"""Statements of an exchange: a page of paper per owner, and all of them as a workbook."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.console.exchange_tabs import OwnerLine, balance, land_text, mu, owner_line
from api.console.plan_figures import hectares
from api.console.plan_head import head
from api.console.plan_source import Source, open_source
from api.pages import render
from api.people import Planner, person_of
from api.problems import Refused
from api.services import services
from landplan.messages import say
from landplan.messages.numbers import MISSING, money, money_cell, money_unit
from landplan.proposal.exchange import Parcel, Statement, is_exchange, parcels_by_party
from landplan.proposal.exchange import statements_of as all_statements
from landplan.proposal.statements_xlsx import statements_workbook
from landplan.proposal.worse import PLAIN, Worse, worse_by_party, worse_words

router = APIRouter(include_in_schema=False, dependencies=[Planner])
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class ParcelLine:
    """A parcel on a statement, ready to print."""

    id: str
    fate: str
    other: str
    hectares: str
    mu: str
    value: str
    fixed: bool


@dataclass(frozen=True, slots=True)
class Page:
    """One owner's statement, ready to print."""

    line: OwnerLine
    owners: tuple[str, ...]
    before: str
    after: str
    value_before: str
    value_after: str
    claim: str
    balance: str
    worse: str
    parcels: list[ParcelLine]


@router.get("/proposals/{proposal_id}/statements")
def statements(
    request: Request,
    proposal_id: str,
    party: Annotated[str, Query(max_length=400)] = "",
) -> Response:
    """Show the statements as paper: one page per owner, or that of one owner alone."""
    source = _exchange(request, proposal_id)
    own, worse = parcels_by_party(source.whole), worse_by_party(source.whole)
    wanted = [one for one in all_statements(source.whole) if party in ("", one.id)]
    if party and not wanted:
        raise Refused(404, "exchange.statement.unknown", party=party)
    _log(request, source)
    return render(
        request,
        "print/statements.html",
        top=head(request, source),
        pages=[_page(one, own.get(one.id, []), worse.get(one.id, []), source) for one in wanted],
        money_unit=money_unit(source.currency, source.language),
    )


@router.get("/proposals/{proposal_id}/statements.xlsx")
def workbook(request: Request, proposal_id: str) -> Response:
    """Return the statements of all owners as a workbook."""
    source = _exchange(request, proposal_id)
    _log(request, source)
    name = f'attachment; filename="landplan-{source.id}-statements.xlsx"'
    headers = {"cache-control": "no-store", "content-disposition": name}
    return Response(statements_workbook(source.whole), media_type=XLSX, headers=headers)


def _exchange(request: Request, proposal_id: str) -> Source:
    source = open_source(request, proposal_id)
    if not is_exchange(source.whole):
        raise Refused(404, "exchange.statement.none")
    return source


def _page(one: Statement, parcels: list[Parcel], worse: list[Worse], source: Source) -> Page:
    language, currency = source.language, source.currency
    return Page(
        line=owner_line(one, language),
        owners=one.owners if one.owners != (one.id,) else (),
        before=land_text(one.before, language),
        after=land_text(one.after, language),
        value_before=_money(one.before.value, source),
        value_after=_money(one.after.value, source),
        claim="" if one.claim is None else money(one.claim, currency, language),
        balance=balance(one, source),
        worse=say("worse.comma", None, language).join(
            worse_words(item, currency, language) for item in worse if item.measure in PLAIN
        ),
        parcels=[_parcel(parcel, source) for parcel in parcels],
    )


def _parcel(one: Parcel, source: Source) -> ParcelLine:
    return ParcelLine(
        id=one.id,
        fate=say(f"exchange.statement.fate.{one.fate}", None, source.language),
        other=one.other,
        hectares=hectares(one.area_m2),
        mu=mu(one.area_m2),
        value=money_cell(one.value, source.language),
        fixed=one.fixed,
    )


def _money(amount: float | None, source: Source) -> str:
    return MISSING if amount is None else money(amount, source.currency, source.language)


def _log(request: Request, source: Source) -> None:
    """Note that owners' figures left the house."""
    person = person_of(request)
    events = services(request).workspace.events
    events.add(person.name, person.role, "exported", f"proposal/{source.id}")
