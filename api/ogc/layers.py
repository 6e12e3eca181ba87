"""Layers of datasets and proposals as the service hands them out: by role, reprojected once."""

import json
import math
import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from api.ogc.queries import Box
from api.ogc.systems import LONGITUDE_LATITUDE, System, reprojected, systems_of
from api.problems import Refused
from landplan.proposal.redaction import public_layer
from landplan.workspace.workspace import Workspace

DATASET_LAYERS: Final = ("parcels", "zones", "restrictions", "roads", "buildings", "facilities")
PROPOSAL_LAYERS: Final = ("sites", "parcels", "bridges")
_ID_COLUMN: Final = {"parcels": "parcel_id", "sites": "site_id"}
_KEPT: Final = 32


class Layer:
    """One layer for one kind of reader. Nothing of it ever changes, so all is kept once made."""

    def __init__(self, name: str, frame: gpd.GeoDataFrame) -> None:
        self.name = name
        self.columns = [str(column) for column in frame.columns if column != "geometry"]
        self.frame = frame.reset_index(drop=True)
        assert frame.crs is not None
        self.crs = frame.crs
        self.systems = systems_of(self.crs)
        self._shapes: dict[str, NDArray[np.object_]] = {}
        self._trees: dict[str, shapely.STRtree] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self.frame)

    @cached_property
    def ids(self) -> list[str]:
        """The id of every feature: the parcel's or site's own, else its number in the file."""
        column = _ID_COLUMN.get(self.name)
        if column is not None:
            return [str(value) for value in self.frame[column]]
        return [str(number) for number in range(1, len(self.frame) + 1)]

    @cached_property
    def rows(self) -> dict[str, int]:
        """Row numbers by feature id."""
        return {identifier: row for row, identifier in enumerate(self.ids)}

    @cached_property
    def extent(self) -> list[float] | None:
        """West, south, east, north in CRS84; None where nothing has a place."""
        if not len(self):
            return None
        bounds = shapely.total_bounds(self.shapes(LONGITUDE_LATITUDE)).tolist()
        return bounds if all(math.isfinite(number) for number in bounds) else None

    def shapes(self, system: System) -> NDArray[np.object_]:
        """Return all shapes in a system, x = east."""
        with self._lock:
            if system.uri not in self._shapes:
                shapes = np.asarray(self.frame.geometry.array, dtype=object)
                self._shapes[system.uri] = reprojected(shapes, self.crs, system)
            return self._shapes[system.uri]

    def within(self, box: Box, system: System) -> NDArray[np.int64]:
        """Return the rows that meet a box (x = east), in order; those without a place always do.

        A box whose west end lies east of its east end crosses the antimeridian.
        """
        shapes = self.shapes(system)
        with self._lock:
            tree = self._trees.setdefault(system.uri, shapely.STRtree(shapes))
        west, south, east, north = box
        spans = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
        found = [tree.query(shapely.box(w, south, e, north), "intersects") for w, e in spans]
        nowhere = np.flatnonzero(shapely.is_missing(shapes) | shapely.is_empty(shapes))
        return np.unique(np.concatenate([*found, nowhere])).astype(np.int64)

    def features(self, rows: Sequence[int], system: System) -> list[str]:
        """Return GeoJSON features as text, in the system's own order of axes."""
        shapes = system.on_the_wire(self.shapes(system)[rows])
        drawn = shapely.to_geojson(shapes)
        properties = self.properties(rows)
        return [
            f'{{"type":"Feature","id":{json.dumps(self.ids[row], ensure_ascii=False)},'
            f'"geometry":{drawn[place] or "null"},'
            f'"properties":{json.dumps(properties[place], ensure_ascii=False, allow_nan=False)}}}'
            for place, row in enumerate(rows)
        ]

    def properties(self, rows: Sequence[int]) -> list[dict[str, Any]]:
        """Return the attributes of features as plain values; what is not known is None."""
        taken = self.frame.iloc[list(rows)]
        columns = {name: [_plain(value) for value in taken[name]] for name in self.columns}
        return [
            {name: values[place] for name, values in columns.items()} for place in range(len(rows))
        ]

    def schema(self) -> dict[str, dict[str, Any]]:
        """Return the JSON schema of every attribute."""
        kinds = {"f": "number", "i": "integer", "u": "integer", "b": "boolean"}
        return {
            name: {"type": kinds.get(getattr(self.frame[name].dtype, "kind", "O"), "string")}
            for name in self.columns
        }


class Layers:
    """The layers last used, a bounded number of them."""

    def __init__(self, workspace: Workspace, kept: int = _KEPT) -> None:
        self._workspace = workspace
        self._kept = kept
        self._known: OrderedDict[tuple[str, str, str, bool], Layer] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, kind: str, source: str, name: str, public: bool) -> Layer:
        """Return a layer of a dataset or proposal; raises Refused (404) where there is none."""
        key = (kind, source, name, public)
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        frame = self._frame(kind, source, name)
        if public:
            stripped = public_layer(name, frame)
            assert isinstance(stripped, gpd.GeoDataFrame)
            frame = stripped
        layer = Layer(name, frame)
        with self._lock:
            layer = self._known.setdefault(key, layer)
            while len(self._known) > self._kept:
                self._known.popitem(last=False)
        return layer

    def _frame(self, kind: str, source: str, name: str) -> gpd.GeoDataFrame:
        known = DATASET_LAYERS if kind == "dataset" else PROPOSAL_LAYERS
        if name not in known:
            raise Refused(404, "ogc.no_layer", layer=name, known=list(known))
        if kind == "dataset":
            frame = getattr(self._workspace.datasets.cadastre(source), name)
        else:
            frame = self._workspace.proposals.get(source).layer(name)
        assert isinstance(frame, gpd.GeoDataFrame)
        return frame


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int | bool):
        return value
    return None if value != value or str(value) == "<NA>" else str(value)
