"""Collections: what datasets and proposals offer, described without reading them again."""

import json
import os
import threading
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response

from api.ogc.layers import DATASET_LAYERS, PROPOSAL_LAYERS, Layer
from api.ogc.links import (
    GEOJSON,
    HTML,
    JSON,
    REL_SCHEMA,
    SCHEMA,
    Link,
    address,
    answer,
    self_and_alternate,
)
from api.ogc.openapi import PROBLEMS, json_answer
from api.ogc.queries import PlainQuery
from api.ogc.systems import LONGITUDE_LATITUDE
from api.people import Viewer, person_of
from api.problems import Refused
from api.services import Services, services
from landplan import __version__
from landplan.errors import LandplanError
from landplan.messages import Language, say

router = APIRouter(tags=["features"], responses=PROBLEMS, dependencies=[Viewer])
ALWAYS = frozenset({"parcels", "sites", "bridges"})
"""Layers listed even where they are empty."""
_writing = threading.Lock()


@dataclass(frozen=True, slots=True)
class Collection:
    """One layer of a dataset or proposal, as the list of collections names it."""

    kind: str
    source: str
    name: str
    town: str
    version: int | None
    size: int
    extent: list[float] | None
    systems: list[str]

    @property
    def id(self) -> str:
        """The id in addresses: ``<dataset or proposal>.<layer>``."""
        return f"{self.source}.{self.name}"


@router.get("/collections", **json_answer("Collections of all datasets and proposals."))
def collections(request: Request, query: PlainQuery) -> Response:
    """List what can be read: layers of datasets (parcels …) and of proposals (sites …)."""
    found = [_described(request, entry) for entry in _all(services(request))]
    links = self_and_alternate(request, ["collections"])
    document = {
        "links": [link.to_json() for link in links],
        "crs": [LONGITUDE_LATITUDE.uri],
        "collections": found,
    }
    return answer(request, "ogc/collections.html", document)


@router.get("/collections/{collection_id}", **json_answer("The collection."))
def collection(request: Request, collection_id: str, query: PlainQuery) -> Response:
    """Describe one collection: extent, coordinate systems, links to its features."""
    document = _described(request, find(services(request), collection_id))
    known = {link["href"] for link in document["links"]}
    own = self_and_alternate(request, ["collections", collection_id])
    links = [link.to_json() for link in own if link.href not in known] + document["links"]
    return answer(request, "ogc/collection.html", document | {"links": links})


@router.get("/collections/{collection_id}/schema", **json_answer("A JSON schema.", SCHEMA))
def schema(request: Request, collection_id: str, query: PlainQuery) -> Response:
    """Return the attributes of the features with their types."""
    entry = find(services(request), collection_id)
    layer = layer_of(request, entry)
    kinds = {str(kind).lower() for kind in layer.frame.geom_type.dropna().unique()}
    geometry = f"geometry-{kinds.pop()}" if len(kinds) == 1 else "geometry-any"
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": address(request, "collections", collection_id, "schema"),
        "type": "object",
        "title": title(entry, request.state.language),
        "properties": {
            "geometry": {"x-ogc-role": "primary-geometry", "format": geometry},
            **layer.schema(),
        },
    }
    return answer(request, "ogc/schema.html", document, SCHEMA)


def find(known: Services, collection_id: str) -> Collection:
    """Return a collection; raises Refused (404) where nothing has this id."""
    source, _, name = collection_id.partition(".")
    for entry in _of_source(known, source):
        if entry.name == name:
            return entry
    raise Refused(404, "ogc.no_collection", id=collection_id)


def layer_of(request: Request, entry: Collection) -> Layer:
    """Return the layer that the person who asks may see."""
    public = not person_of(request).sees_names
    return services(request).layers.get(entry.kind, entry.source, entry.name, public)


def title(entry: Collection, language: Language) -> str:
    """Return what a collection is called."""
    params = {
        "town": entry.town,
        "version": entry.version,
        "id": entry.source,
        "layer": say(f"ogc.layer.{entry.name}", None, language),
    }
    return say(f"ogc.title.{entry.kind}", params, language)


def _described(request: Request, entry: Collection) -> dict[str, Any]:
    language = request.state.language
    parts = ["collections", entry.id]
    name = title(entry, language)
    links = [
        Link(address(request, *parts, f="json"), "self", JSON, name),
        Link(address(request, *parts, f="html"), "alternate", HTML, name),
        Link(address(request, *parts, "items", f="json"), "items", GEOJSON, name),
        Link(address(request, *parts, "items", f="html"), "items", HTML, name),
        Link(address(request, *parts, "schema", f="json"), REL_SCHEMA, SCHEMA),
    ]
    document: dict[str, Any] = {
        "id": entry.id,
        "title": name,
        "description": say(f"ogc.about.{entry.name}", {"n": f"{entry.size:,}"}, language),
        "itemType": "feature",
        "crs": entry.systems,
        "storageCrs": entry.systems[-1],
        "links": [link.to_json() for link in links],
    }
    if entry.extent is not None:
        spatial = {"bbox": [entry.extent], "crs": LONGITUDE_LATITUDE.uri}
        document["extent"] = {"spatial": spatial}
    return document


def _all(known: Services) -> Iterable[Collection]:
    workspace = known.workspace
    for record in workspace.datasets.list():
        yield from _of_source(known, record.id)
    for proposal_id in workspace.proposals.list():
        yield from _of_source(known, str(getattr(proposal_id, "id", proposal_id)))


def _of_source(known: Services, source: str) -> list[Collection]:
    """Return the collections of a dataset or proposal; what was found out once is kept on disk."""
    if not source.isalnum():
        return []
    kept = known.workspace.folder / "cache" / "collections" / f"{source}-{__version__}.json"
    try:
        return [Collection(**entry) for entry in json.loads(kept.read_text("utf-8"))]
    except (OSError, ValueError, TypeError):
        pass
    found = _looked_up(known, source)
    if found:
        _keep(kept, [_as_json(entry) for entry in found])
    return found


def _looked_up(known: Services, source: str) -> list[Collection]:
    workspace = known.workspace
    names: tuple[str, ...]
    record = _or_none(workspace.datasets.get, source)
    if record is not None:
        names, kind, town, version = DATASET_LAYERS, "dataset", record.town, record.version
    elif workspace.proposals.exists(source):
        names, kind, version = PROPOSAL_LAYERS, "proposal", None
        town = workspace.proposals.get(source).town.name
    else:
        return []
    found = []
    for name in names:
        layer = known.layers.get(kind, source, name, public=True)
        systems = [system.uri for system in layer.systems]
        facts = (len(layer), layer.extent, systems)
        if len(layer) or name in ALWAYS:
            found.append(Collection(kind, source, name, town, version, *facts))
    return found


def _or_none(get: Any, source: str) -> Any:
    try:
        return get(source)
    except LandplanError:
        return None


def _as_json(entry: Collection) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in Collection.__slots__}


def _keep(path: Path, entries: list[dict[str, Any]]) -> None:
    draft = path.with_name(f".{uuid.uuid4().hex}")
    with _writing:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps(entries), encoding="utf-8")
        os.replace(draft, path)
