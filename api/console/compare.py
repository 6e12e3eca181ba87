"""Compare plans: what differs, and whether the difference matters."""

from itertools import combinations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.console.compare_owners import by_owner
from api.console.compare_view import TRIALS, first_of, pair_counts, table
from api.console.plan_source import Source, open_source
from api.pages import render
from api.people import Viewer
from api.problems import Refused
from landplan.messages import say
from landplan.messages.numbers import share
from landplan.proposal.comparison import SPREAD
from landplan.proposal.exchange import is_exchange
from maps.svg import difference_svg

router = APIRouter(include_in_schema=False, dependencies=[Viewer])
MAP_MM = (300.0, 150.0)


@router.get("/compare")
def compare_page(request: Request, ids: str = "", base: str = "", pair: str = "") -> Response:
    """Put up to four plans side by side; ``pair`` are the two whose lands the map tells apart."""
    wanted, more = first_of(ids)
    sources = _known(request, wanted)
    language = request.state.language
    found = table(request, wanted, sources, base)
    known = [one for one in wanted if one in sources]
    exchanged = any(is_exchange(sources[one].whole) for one in known)
    pairs = [] if found.faults or exchanged else list(combinations(known, 2))
    chosen = next((two for two in pairs if "-".join(two) == pair), pairs[0] if pairs else None)
    names = {heading.id: heading.name for heading in found.headings}
    return render(
        request,
        "compare/page.html",
        table=found,
        ids=wanted,
        more=more,
        pairs=[("-".join(two), names[two[0]], names[two[1]]) for two in pairs],
        pair=chosen,
        names_of=names,
        counts=pair_counts(sources[chosen[0]], sources[chosen[1]]) if chosen else None,
        uncertainty=say("compare.uncertainty", {"percent": share(SPREAD, language)}, language),
        trials_note=say(
            "compare.trials.note", {"percent": share(SPREAD, language), "trials": TRIALS}, language
        ),
        money=all(source.names for source in sources.values()),
        owners=by_owner(
            sources[known[0]], sources[known[1]], (names[known[0]], names[known[1]]), language
        )
        if len(known) > 1
        else None,
    )


@router.get("/compare/map.svg")
def compare_map(request: Request, first: str, second: str) -> Response:
    """Draw which land only one of two plans takes, and which both."""
    one, two = open_source(request, first), open_source(request, second)
    if one.whole.town.crs != two.whole.town.crs or one.whole.town.name != two.whole.town.name:
        towns = [source.whole.town.name for source in (one, two)]
        raise Refused(409, "comparison.towns", towns=towns)
    width, height = MAP_MM
    drawing = difference_svg(
        one.whole, two.whole, language=request.state.language, width_mm=width, height_mm=height
    )
    return Response(
        drawing, media_type="image/svg+xml", headers={"cache-control": "private, no-cache"}
    )


def _known(request: Request, ids: list[str]) -> dict[str, Source]:
    found = {}
    for one in ids:
        try:
            found[one] = open_source(request, one)
        except Refused:
            continue  # its column says so
    return found
