"""The data that maps fetch: layers in longitude and latitude, by role, by what is in view."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.map_layers import Kind
from api.ogc.links import GEOJSON, KEPT
from api.ogc.openapi import PROBLEMS, json_answer
from api.people import Viewer, person_of
from api.problems import Refused
from api.services import services
from landplan import __version__
from landplan.errors import LandplanError
from maps.data import etag, parse_bbox

router = APIRouter(tags=["maps"], responses=PROBLEMS, dependencies=[Viewer])


class MapQuery(BaseModel):
    """What part of a layer, and for whom."""

    model_config = ConfigDict(extra="forbid")

    bbox: str | None = Field(default=None, description="west,south,east,north in degrees.")
    embed: bool = Field(default=False, description="As everybody may see it, whoever asks.")
    v: str | None = Field(default=None, max_length=100, description="Tells versions apart; unused.")
    lang: str | None = Field(default=None, max_length=35, description="Language of refusals.")


@router.get(
    "/map-data/{kind}/{source}/{layer}.geojson",
    **json_answer("Features for a map.", GEOJSON, html=False),
)
def map_data(
    request: Request, kind: Kind, source: str, layer: str, query: Annotated[MapQuery, Query()]
) -> Response:
    """Return a layer of a dataset or proposal for a map, whole or within a box."""
    known = services(request)
    public = query.embed or not person_of(request).sees_names
    role = "viewer" if public else "planner"
    box = parse_bbox(query.bbox)
    try:
        found = known.map_layers.get(kind, source, layer, role)
    except LandplanError as error:
        raise Refused.of(404, error) from None
    tag = etag(kind, source, layer, role, box, __version__)
    headers = {**KEPT, "etag": tag}
    if tag in _tags(request):
        return Response(status_code=304, headers=headers)
    return Response(found.geojson(box), media_type=GEOJSON, headers=headers)


def _tags(request: Request) -> set[str]:
    given = request.headers.get("if-none-match", "")
    return {tag.strip().removeprefix("W/") for tag in given.split(",")}
