"""Layers of maps as drawn last, kept reprojected."""

import threading
from collections import OrderedDict
from dataclasses import replace
from typing import Literal

from landplan.workspace.workspace import Workspace
from maps.data import LONGITUDE_LATITUDE
from maps.layers import MapLayer, dataset_layer, proposal_layer

Kind = Literal["dataset", "proposal"]


class MapLayers:
    """The layers last drawn, reprojected once; at most ``size`` of them."""

    def __init__(self, workspace: Workspace, size: int = 24) -> None:
        self._workspace = workspace
        self._size = size
        self._kept: OrderedDict[tuple[str, str, str, str], MapLayer] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, kind: Kind, source: str, name: str, role: str) -> MapLayer:
        """Return a layer for a role; raises LandplanError where there is none."""
        key = (kind, source, name, role)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = self._made(kind, source, name, role)
        layer = replace(made, frame=made.frame.to_crs(LONGITUDE_LATITUDE))
        with self._lock:
            self._kept[key] = layer
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return layer

    def _made(self, kind: Kind, source: str, name: str, role: str) -> MapLayer:
        if kind == "dataset":
            return dataset_layer(self._workspace.datasets.cadastre(source), name, role)
        return proposal_layer(self._workspace.proposals.get(source), name, role)
