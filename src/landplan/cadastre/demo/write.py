"""Growing the invented town to a size, and writing it as a town would.

Layers, town file, requests.
"""

import math
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from landplan.cadastre.demo import people, surroundings, uses
from landplan.cadastre.demo.districts import name_districts
from landplan.cadastre.demo.ground import Bones, Geometries, grow_bones
from landplan.cadastre.demo.lots import cut_lots, lots_wanted, natural_count
from landplan.cadastre.demo.streets import Blocks, lay_streets, superblocks
from landplan.cadastre.demo.texts import REQUESTS, TOWN_FILE
from landplan.errors import InputError

SIZES = (500, 50_000)
_CRS = "EPSG:4549"
_CENTRE = np.array([610_451.8, 3_463_707.9])  # Anting; x is east
_FIRST_MEAN_M2 = 11_000.0
_GROWTHS = 6
_WRITTEN_ON = "2026-01-01T00:00:00.000Z"
"""A GeoPackage notes when it was written; a fixed date keeps the bytes, and so the data hash."""


def write_demo(directory: Path, size: int = 2000, seed: int = 1) -> list[Path]:
    """Write the invented town.

    Parameters
    ----------
    directory
        Made if missing; files of the same names in it are replaced.
    size
        Number of parcels, 500 to 50,000; met within 3 %.
    seed
        The same seed gives the same town.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    InputError
        ``demo.size``, ``demo.seed``: out of range; ``demo.folder``: it cannot be made.
    """
    if not SIZES[0] <= size <= SIZES[1]:
        raise InputError("demo.size", size=size, least=SIZES[0], most=SIZES[1])
    if not 0 <= seed < 2**31:
        raise InputError("demo.seed", seed=seed)
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            "demo.folder", folder=str(directory), detail=error.strerror or ""
        ) from None
    layers = _layers(size, np.random.default_rng([seed, size]), seed, size)
    written = [_write_layers(layers, directory / "town.gpkg")]
    for name, text in {"town.toml": TOWN_FILE.format(size=size, seed=seed), **REQUESTS}.items():
        (directory / name).write_text(text, encoding="utf-8")
        written.append(directory / name)
    return written


def _grow(size: int, seed: int) -> tuple[Bones, Blocks, np.random.Generator]:
    """Grow towns of changing radius until their natural number of parcels fits."""
    radius = math.sqrt(size * _FIRST_MEAN_M2 / math.pi)
    for _ in range(_GROWTHS):
        rng = np.random.default_rng([seed, size])
        bones = grow_bones(radius, 1 + (size > 12_000), rng)
        faces, kind = superblocks(bones)
        district = name_districts(faces, kind, radius, rng)
        blocks = lay_streets(bones, faces, kind, district, rng)
        natural = natural_count(blocks)
        if abs(natural / size - 1.0) < 0.02:
            break
        radius *= math.sqrt(size / natural)
    return bones, blocks, rng


def _layers(size: int, rng: np.random.Generator, seed: int, count: int) -> dict[str, pd.DataFrame]:
    bones, blocks, rng = _grow(size, seed)
    lots = cut_lots(blocks, lots_wanted(blocks, size), rng)
    use = uses.present_uses(blocks, lots, rng)
    group = np.array(["industry" if code == "plant" else uses.GROUPS[str(code)] for code in use])
    area = shapely.area(lots.polygons)
    points = shapely.point_on_surface(lots.polygons)
    middle = shapely.get_coordinates(points)
    owner = people.holdings(use, group, middle, rng)
    value, cost = uses.prices(use, area, middle, rng)
    code = uses.parcel_codes(lots.block, use)
    lines = np.asarray(blocks.streets["line"], dtype=object)
    names = surroundings.street_names(len(lines), rng)
    registered = (area * (1.0 + rng.normal(0.0, 0.002, len(area)))).round(2)
    wrong = rng.random(len(area)) < 0.003
    registered[wrong] = (registered[wrong] * rng.uniform(1.06, 1.12, int(wrong.sum()))).round(2)
    parcels = gpd.GeoDataFrame(
        {
            "ZDDM": code,
            "ZL": surroundings.addresses(points, lines, names),
            "DLBM": np.where(use == "plant", "0601", use),
            "SCMJ": registered,
            "JZ": value,
            "CB": cost,
        },
        geometry=list(lots.polygons),
    )
    zones, zone_code = uses.planned_zones(blocks, rng)
    streets = blocks.streets
    width_class = streets["rank"].map(
        {"arterial": "主干路", "collector": "次干路", "local": "支路"}
    )
    layers: dict[str, pd.DataFrame] = {
        "parcels": parcels,
        "zones": gpd.GeoDataFrame({"GHYT": zone_code}, geometry=list(zones)),
        "roads": gpd.GeoDataFrame(
            {"MC": names, "DJ": width_class, "KD": streets["width_m"]}, geometry=list(lines)
        ),
        "buildings": surroundings.buildings(lots, group, rng),
        "restrictions": surroundings.restrictions(bones, blocks, rng),
        "facilities": surroundings.facilities(middle, blocks.district[lots.block], rng),
        "owners": people.owners_table(owner, middle + _CENTRE, rng),
        "rights": people.rights_table(code, owner, use, group, rng),
    }
    return {name: _placed(layer) for name, layer in layers.items()}


def _placed(layer: pd.DataFrame) -> pd.DataFrame:
    """Move a layer to Anting's coordinates, on a millimetre grid."""
    if not isinstance(layer, gpd.GeoDataFrame):
        return layer
    shapes: Geometries = np.asarray(layer.geometry.to_numpy(), dtype=object)
    moved = shapely.transform(shapes, lambda xy: np.round(xy + _CENTRE, 3))
    return layer.set_geometry(gpd.GeoSeries(list(moved), index=layer.index, crs=_CRS), crs=_CRS)


def _write_layers(layers: dict[str, pd.DataFrame], path: Path) -> Path:
    import pyogrio

    path.unlink(missing_ok=True)
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _WRITTEN_ON})
    try:
        for name, layer in layers.items():
            _write_layer(layer, path, name)
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
    return path


def _write_layer(layer: pd.DataFrame, path: Path, name: str) -> None:
    import pyogrio

    kinds = set(layer.geom_type) if isinstance(layer, gpd.GeoDataFrame) else set()
    mixed = len(kinds) > 1 and kinds <= {"Polygon", "MultiPolygon"}
    options = {"promote_to_multi": True} if mixed else {}
    pyogrio.write_dataframe(layer, path, layer=name, driver="GPKG", append=path.exists(), **options)
