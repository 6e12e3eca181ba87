"""Tiny towns drawn by hand, written as files the way a town would."""

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

EAST, NORTH = 610_000.0, 3_463_000.0
CRS = "EPSG:4549"

TOWN = """format = 1
[town]
name = "Anting"
crs = "EPSG:4549"
currency = "CNY"
"""

PARCELS = """
[parcels]
file = "parcels.gpkg"
id = "id"
"""


def box(x: float, y: float, width: float, height: float) -> shapely.Polygon:
    """A rectangle, metres from the corner of the town."""
    return shapely.box(EAST + x, NORTH + y, EAST + x + width, NORTH + y + height)


def squares(names: str, side: float = 100.0, **columns: Sequence[object]) -> gpd.GeoDataFrame:
    """Parcels drawn as a picture.

    Each letter is a square, a blank is empty ground, the first line lies north.
    """
    lines = names.strip("\n").split("\n")
    rows = []
    for north, line in enumerate(reversed(lines)):
        for east, name in enumerate(line):
            if name != " ":
                rows.append((name, box(east * side, north * side, side, side)))
    rows.sort(key=lambda row: row[0])
    data = {"id": [name for name, _ in rows], **columns}
    return gpd.GeoDataFrame(data, geometry=[shape for _, shape in rows], crs=CRS)


def write_town(
    folder: Path,
    parcels: gpd.GeoDataFrame | None = None,
    toml: str = "",
    parcel_keys: str = "",
    layers: dict[str, gpd.GeoDataFrame] | None = None,
    tables: dict[str, pd.DataFrame] | None = None,
    town: str = TOWN,
) -> Path:
    """Write layers (as GeoPackage), tables (as CSV) and town.toml; return the town file."""
    if parcels is not None:
        parcels.to_file(folder / "parcels.gpkg")
    for name, layer in (layers or {}).items():
        layer.to_file(folder / f"{name}.gpkg")
    for name, table in (tables or {}).items():
        table.to_csv(folder / f"{name}.csv", index=False)
    path = folder / "town.toml"
    path.write_text(town + PARCELS + parcel_keys + toml, encoding="utf-8")
    return path
