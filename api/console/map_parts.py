"""The map element of the console's own pages, for a town."""

from collections.abc import Mapping
from dataclasses import replace

from fastapi import Request

from api.console.desk_data import day_text, parsed
from api.pages import prefixed
from api.people import person_of
from api.services import services
from landplan.workspace.records import DatasetRecord
from maps.basemap import Basemap, basemap
from maps.page import MapParts, map_parts
from maps.view import MapView, dataset_view


def ground(request: Request) -> Basemap | None:
    """Return the intranet's base map from the settings; none by default."""
    settings = services(request).settings
    return basemap(
        settings.basemap_kind,
        settings.basemap_url,
        attribution=settings.basemap_attribution,
        max_zoom=settings.basemap_max_zoom,
    )


def town_map(
    request: Request,
    record: DatasetRecord,
    *,
    locks: Mapping[str, str] | None = None,
    theme: str = "",
) -> MapParts:
    """Return the map of a dataset, with the columns that the reader may see."""
    known = services(request)
    when = parsed(record.data_date)
    view = dataset_view(
        known.workspace.datasets.cadastre(record.id),
        language=request.state.language,
        role="planner" if person_of(request).sees_names else "viewer",
        data_date=day_text(when, request.state.language) if when else "",
        url=prefixed(request, f"/map-data/dataset/{record.id}"),
        basemap=ground(request),
        locks=dict(locks or {}),
        theme=theme or "land_use",
        table=False,
    )
    return map_parts(
        without_plan(view), assets=prefixed(request, "/map-static"), nonce=request.state.nonce
    )


def without_plan(view: MapView) -> MapView:
    """Return a town's view without the theme that shows a plan: there is none to show."""
    others = tuple(theme for theme in view.themes if theme.key != "plan")
    return replace(view, themes=others) if others else view
