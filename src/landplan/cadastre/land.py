"""The land of a town, that is all but streets and faults, and its common borders, found once."""

from dataclasses import replace

import geopandas as gpd

from landplan.cadastre.adjacency import Adjacency, build_adjacency
from landplan.cadastre.cadastre import Cadastre
from landplan.cadastre.segments import BoolArray


def land_of(parcels: gpd.GeoDataFrame) -> BoolArray:
    """Return [n] whether a parcel is neither street nor faulty."""
    return (~parcels["street"] & parcels["fault"].isna()).to_numpy(dtype=bool)


def borders_of_land(cadastre: Cadastre) -> Adjacency:
    """Return the common borders of all land: those that the town brings along, or found now."""
    if cadastre.borders is not None:
        return cadastre.borders
    town, parcels = cadastre.town, cadastre.parcels
    return build_adjacency(parcels, town.tolerance_m, town.min_border_m, land_of(parcels))


def with_borders(cadastre: Cadastre) -> Cadastre:
    """Return a town that brings the common borders of its land along."""
    return replace(cadastre, borders=borders_of_land(cadastre))
