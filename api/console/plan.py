"""The page of a plan: understand one answer and decide what to do."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.console.exchange_tabs import measure_lines, owner_lines, ring_lines
from api.console.others import kinds_of, others
from api.console.plan_head import Head, head, state_of
from api.console.plan_inputs import inputs
from api.console.plan_map import plan_map
from api.console.plan_nothing import help_for, nothing
from api.console.plan_source import Source, open_source
from api.console.plan_tabs import (
    check_groups,
    owner_rows,
    parcel_rows,
    rules,
    site_measures,
    terms,
)
from api.console.why import why_rows
from api.pages import is_part, render
from api.people import Viewer
from api.services import services
from landplan.messages.numbers import money_unit
from landplan.proposal.exchange import is_exchange

router = APIRouter(include_in_schema=False, dependencies=[Viewer])
TABS = ("parcels", "owners", "why", "measures", "inputs")
PUBLIC_TABS = ("parcels", "why", "measures", "inputs")
EXCHANGE_TABS = ("owners", "rings", "measures", "inputs")
PUBLIC_EXCHANGE_TABS = ("measures", "inputs")


@router.get("/proposals/{proposal_id}")
def plan_page(
    request: Request, proposal_id: str, tab: str = "parcels", site: str = "", sort: str = ""
) -> Response:
    """Show a plan; htmx gets the tabs and what they hold alone, so that the map stays."""
    source = open_source(request, proposal_id)
    top = head(request, source)
    if not top.found:
        return nothing_page(request, source, top)
    context = side(request, source, top, tab, site, sort)
    if is_part(request):
        return render(request, "plan/side.html", **context)
    return render(
        request, "plan/page.html", **context, map=plan_map(request, source, top, context["site"])
    )


def side(
    request: Request,
    source: Source,
    top: Head,
    tab: str = "parcels",
    site: str = "",
    sort: str = "",
) -> dict[str, Any]:
    """Return what the right side of the page is made of."""
    tabs = tabs_of(source)
    chosen = tab if tab in tabs else tabs[0]
    sites = list(source.layer("sites")["site_id"])
    picked = site if site in sites else None
    return {
        "top": top,
        "tabs": tabs,
        "tab": chosen,
        "site": picked,
        "sites": sites,
        "letters": source.letters,
        "sort": sort,
        "names": source.names,
        "money_unit": money_unit(source.currency, source.language),
        **_content(request, source, chosen, picked, sort),
    }


def tabs_of(source: Source) -> tuple[str, ...]:
    """Return the tabs that a plan has for its reader."""
    exchange = is_exchange(source.whole)
    if not source.names:
        return PUBLIC_EXCHANGE_TABS if exchange else PUBLIC_TABS
    tabs = EXCHANGE_TABS if exchange else TABS
    more = "people" if exchange else "others"
    return (*tabs, more) if kinds_of(source) else tabs


def _content(
    request: Request, source: Source, tab: str, site: str | None, sort: str
) -> dict[str, Any]:
    if tab == "parcels":
        return {"rows": parcel_rows(source, site, sort)}
    if is_exchange(source.whole) and tab == "owners":
        return {"parties": owner_lines(source)}
    if tab == "rings":
        return {"rings": ring_lines(source)}
    if tab == "owners":
        return {"owners": owner_rows(source)}
    if tab == "why":
        return {"whys": why_rows(request, source, site)}
    if tab == "measures":
        return {
            "rules": rules(source),
            "measures": site_measures(source),
            "terms": terms(source),
            "checks": check_groups(source),
            "turned": measure_lines(source) if is_exchange(source.whole) else [],
        }
    if tab in ("others", "people"):
        return {"id": source.id, "others": others(request, source)}
    partial = state_of(source) == "partial"
    return {
        "inputs": inputs(request, source),
        "id": source.id,
        "unmet": partial,
        "help": help_for(services(request), source, wait=_asked_for_help(request))
        if partial
        else None,
    }


def nothing_page(request: Request, source: Source, top: Head) -> Response:
    """Show why there is no plan, and the smallest changes that would give one."""
    known = services(request)
    return render(
        request,
        "plan/nothing.html",
        top=top,
        id=source.id,
        names=source.names,
        help=help_for(known, source, wait=_asked_for_help(request)),
        **nothing(known, source),
    )


def _asked_for_help(request: Request) -> bool:
    """Whether a reader without scripts asked to look for changes now."""
    return "changes" in request.query_params
