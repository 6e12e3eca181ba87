"""The layers of a proposal in one GeoPackage: the same bytes for the same layers."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from landplan.cadastre.sniff import sniff
from landplan.errors import InputError
from landplan.proposal.layers import (
    LAYERS,
    ONLY_WHERE_PRESENT,
    conform,
    empty_layer,
    same_crs,
)

_FIXED_TIMES: Final = {"OGR_CURRENT_DATE": "2000-01-01T00:00:00.000Z"}
"""GDAL stamps every layer with the time of writing; a proposal keeps times in ``times`` alone."""
_LOCK = threading.Lock()


def write_layers(layers: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Write the layers and tables of `landplan.proposal.layers` to a new GeoPackage.

    Parameters
    ----------
    layers
        Frames by name, already conformed. Surroundings without rows are left out.
    path
        Must not exist yet.
    """
    with fixed_times():
        for name in LAYERS:
            frame = layers[name]
            if name in ONLY_WHERE_PRESENT and frame.empty:
                continue
            options: dict[str, Any] = {"layer": name, "driver": "GPKG", "append": False}
            if isinstance(frame, gpd.GeoDataFrame):
                options["geometry_type"] = _geometry_type(frame)
            pyogrio.write_dataframe(frame, path, **options)


def read_layers(path: Path, crs: str) -> dict[str, pd.DataFrame]:
    """Read the layers back, in the kinds they had when written.

    Parameters
    ----------
    path
        The GeoPackage.
    crs
        The town's system; every layer must be in it.

    Raises
    ------
    InputError
        The file is no GeoPackage, lacks a layer or a column, or is in another system.
    """
    if sniff(path) != "gpkg":
        raise InputError("proposal.layers_unreadable", file=path.name, detail="no GeoPackage")
    try:
        present = {str(name) for name in pyogrio.list_layers(path)[:, 0]}
        return {name: _read(path, name, crs, present) for name in LAYERS}
    except (DataSourceError, DataLayerError, ValueError) as error:
        detail = " ".join(str(error).split())
        raise InputError("proposal.layers_unreadable", file=path.name, detail=detail) from None


def _read(path: Path, name: str, crs: str, present: set[str]) -> pd.DataFrame:
    if name not in present:
        if name in ONLY_WHERE_PRESENT:
            return empty_layer(name, crs)
        raise InputError("proposal.layer_missing", file=path.name, layer=name)
    frame = pyogrio.read_dataframe(path, layer=name)
    if isinstance(frame, gpd.GeoDataFrame):
        if frame.crs is None or not same_crs(frame.crs, crs):
            raise InputError("proposal.crs_differs", file=path.name, layer=name)
        # The town's own wording of the system: storing it in a GeoPackage rewords it.
        frame = frame.set_crs(crs, allow_override=True)
    return conform(frame, name, crs)


def _geometry_type(frame: gpd.GeoDataFrame) -> str:
    """Return the type of the column: polygons by default, the common type, else any."""
    types = sorted(frame.geometry.geom_type.dropna().unique())
    if len(types) > 1:
        return "Unknown"
    return str(types[0]) if types else "MultiPolygon"


@contextmanager
def fixed_times() -> Iterator[None]:
    """Hold GDAL's clock still.

    The option is global, so writers take turns and put back what was set.
    """
    with _LOCK:
        before = {name: pyogrio.get_gdal_config_option(name) for name in _FIXED_TIMES}
        pyogrio.set_gdal_config_options(_FIXED_TIMES)
        try:
            yield
        finally:
            pyogrio.set_gdal_config_options(before)
