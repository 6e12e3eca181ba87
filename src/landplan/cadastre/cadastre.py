"""The ground as landplan knows it: one frozen set of layers in one metric CRS."""

from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd

from landplan.cadastre.adjacency import Adjacency


@dataclass(frozen=True, slots=True)
class Town:
    """Name, money and tolerances of a town.

    The working CRS as a code, or as WKT where it has none.
    """

    name: str
    crs: str
    currency: str
    base_date: str | None = None
    tolerance_m: float = 0.1
    min_border_m: float = 1.0
    land_use_scheme: str = "local"
    land_use_edition: str | None = None
    water_uses: tuple[str, ...] = ()
    """Land-use codes of the parcels that mean water: never part of a site, never bridged."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the layers came from.

    (name, SHA-256) per file, repairs done, and one hash over all of it.
    """

    files: tuple[tuple[str, str], ...]
    data_hash: str
    repairs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cadastre:
    """Parcels, zones, rights and all else on the ground, checked at the door and trusted inside.

    Every frame has the columns that `landplan.cadastre.schema` names, a fresh 0..n-1 index and the
    CRS of ``town.crs``; treat frames as read-only and copy before changing.
    """

    town: Town
    provenance: Provenance
    parcels: gpd.GeoDataFrame
    zones: gpd.GeoDataFrame
    restrictions: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    owners: pd.DataFrame
    rights: pd.DataFrame
    zone_shares: pd.DataFrame
    """One row per parcel (row number) and zone code that meet, with the share of the parcel."""
    assumptions: tuple[dict[str, object], ...] = field(default=())
    """What the town file states in place of data, each {code, params}.

    Every proposal repeats them.
    """
    borders: Adjacency | None = None
    """Common borders of all land (`landplan.cadastre.land`), where they have been found before."""
