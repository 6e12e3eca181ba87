"""The interactive map of a plan, as parts for a page of the console."""

from fastapi import Request

from api.console.plan_head import Head
from api.console.plan_source import Source
from api.pages import prefixed
from landplan.messages import say
from maps.page import MapParts, map_parts
from maps.view import proposal_view


def plan_map(request: Request, source: Source, top: Head, site: str | None = None) -> MapParts:
    """Return head, body and script of the map; it fetches its layers from the service."""
    stale = ""
    if top.old is not None:
        code = "plan.as_of" if top.data_day else "plan.state.old"
        stale = say(code, {"date": top.data_day}, source.language)
    view = proposal_view(
        source.whole,
        language=source.language,
        role="planner" if source.names else "viewer",
        data_date=top.data_day,
        url=prefixed(request, f"/map-data/proposal/{source.id}"),
        selected=site,
        stale=stale,
        table=False,
        fingerprint="",
    )
    return map_parts(view, assets=prefixed(request, "/map-static"), nonce=request.state.nonce)
