"""Features of a collection: pages, boxes, coordinate systems, one feature."""

import hashlib
import json
from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query, Request, Response

from api.ogc.collections import Collection, find, layer_of, title
from api.ogc.layers import Layer
from api.ogc.links import (
    GEOJSON,
    HTML,
    JSON,
    KEPT,
    VARIES,
    Link,
    address,
    as_html,
    here,
    self_and_alternate,
)
from api.ogc.openapi import PROBLEMS, json_answer
from api.ogc.queries import ItemsQuery, OneItem
from api.ogc.systems import System, chosen
from api.pages import render
from api.people import Viewer, person_of
from api.problems import Refused
from api.services import services
from landplan import __version__
from landplan.errors import LandplanError

router = APIRouter(tags=["features"], responses=PROBLEMS, dependencies=[Viewer])


@router.get("/collections/{collection_id}/items", **json_answer("A page of features.", GEOJSON))
def items(request: Request, collection_id: str, query: Annotated[ItemsQuery, Query()]) -> Response:
    """Return features, in an order that never changes, a page at a time."""
    entry = find(services(request), collection_id)
    layer = layer_of(request, entry)
    system = chosen(query.crs, layer.systems, "crs")
    matched = _matched(layer, query)
    tag = _tag(request, entry)
    if request.headers.get("if-none-match") == tag:
        return _answered(Response(status_code=304), system, tag)
    page = matched[query.offset : query.offset + query.size].tolist()
    links = _page_links(request, entry, query, len(matched), len(page))
    if as_html(request):
        return _page(request, entry, layer, page, len(matched), links)
    body = _collection(layer.features(page, system), links, len(matched))
    return _answered(Response(body, media_type=GEOJSON), system, tag)


@router.get(
    "/collections/{collection_id}/items/{feature_id:path}",
    **json_answer("The feature.", GEOJSON),
)
def feature(
    request: Request,
    collection_id: str,
    feature_id: str,
    query: Annotated[OneItem, Query()],
) -> Response:
    """Return one feature by its id: a parcel's own number, a site's, else the place in the file."""
    entry = find(services(request), collection_id)
    layer = layer_of(request, entry)
    row = layer.rows.get(feature_id)
    if row is None:
        raise Refused(404, "ogc.no_feature", id=feature_id, collection=collection_id)
    system = chosen(query.crs, layer.systems, "crs")
    parts = ["collections", entry.id, "items", feature_id]
    home = address(request, "collections", entry.id, f="json")
    links = [*self_and_alternate(request, parts, GEOJSON), Link(home, "collection", JSON)]
    if as_html(request):
        return _page(request, entry, layer, [row], 1, links, feature_id)
    [text] = layer.features([row], system)
    body = f'{text[:-1]},"links":{_json_links(links)}}}'
    return _answered(Response(body, media_type=GEOJSON), system, _tag(request, entry))


def _matched(layer: Layer, query: ItemsQuery) -> "np.ndarray[Any, np.dtype[np.int64]]":
    system = chosen(query.bbox_crs, layer.systems, "bbox-crs")
    if query.box is None:
        return np.arange(len(layer), dtype=np.int64)
    box = system.box_in_memory(query.box)
    crosses = box[0] > box[2] and not system.crs.is_geographic
    if box[1] > box[3] or crosses:
        raise LandplanError("ogc.bbox_order", where="bbox")
    return layer.within(box, system)


def _page_links(
    request: Request, entry: Collection, query: ItemsQuery, matched: int, returned: int
) -> list[Link]:
    parts = ["collections", entry.id, "items"]
    kind = HTML if as_html(request) else GEOJSON
    links = self_and_alternate(request, parts, GEOJSON)
    after = query.offset + returned
    if returned and after < matched:
        links.append(Link(here(request, parts, offset=after), "next", kind))
    if query.offset:
        before = max(query.offset - query.size, 0) or None
        links.append(Link(here(request, parts, offset=before), "prev", kind))
    home = address(request, "collections", entry.id, f="json")
    return [*links, Link(home, "collection", JSON)]


def _collection(features: Sequence[str], links: Sequence[Link], matched: int) -> str:
    return (
        f'{{"type":"FeatureCollection","numberMatched":{matched},'
        f'"numberReturned":{len(features)},"links":{_json_links(links)},'
        f'"features":[{",".join(features)}]}}'
    )


def _json_links(links: Sequence[Link]) -> str:
    return json.dumps([link.to_json() for link in links], ensure_ascii=False)


def _page(
    request: Request,
    entry: Collection,
    layer: Layer,
    rows: list[int],
    matched: int,
    links: list[Link],
    feature_id: str | None = None,
) -> Response:
    shown = [json.loads(text) for text in layer.features(rows, layer.systems[0])]
    answered = render(
        request,
        "ogc/items.html" if feature_id is None else "ogc/feature.html",
        entry=entry,
        heading=title(entry, request.state.language),
        columns=layer.columns,
        features=shown,
        feature=shown[0] if shown else None,
        matched=matched,
        shown=len(rows),
        links_found=[link.to_json() for link in links],
        by_rel={link.rel: link.href for link in links},
    )
    answered.headers["vary"] = VARIES
    return answered


def _tag(request: Request, entry: Collection) -> str:
    """Return the tag of an answer: layers never change, so the question and the reader decide."""
    role = person_of(request).sees_names
    question = (entry.id, role, str(request.url.query), address(request), as_html(request))
    return f'W/"{hashlib.sha256(repr((question, __version__)).encode()).hexdigest()[:20]}"'


def _answered(response: Response, system: System, tag: str) -> Response:
    response.headers.update(KEPT | {"content-crs": f"<{system.uri}>", "etag": tag})
    return response
