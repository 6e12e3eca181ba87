"""Which layers a map has, and which of their columns the browser of a role gets."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from landplan.cadastre.cadastre import Cadastre
from landplan.errors import InputError
from landplan.proposal.exchange import is_exchange
from landplan.proposal.proposal import Proposal
from landplan.proposal.redaction import public_layer
from maps.data import LONGITUDE_LATITUDE, Bounds, layer_geojson
from maps.ground import street_space
from maps.svg_layers import site_letters

PARCELS: Final = (
    *("parcel_id", "area_m2", "area_registered_m2", "land_use", "zone", "street"),
    *("site_id", "excluded_by", "grade"),
)
INSIDE: Final = ("owner_id",)
"""Columns of parcels that planners get besides, and viewers never."""
PARTIES: Final = ("party_before", "party_after")
"""The same for the parcels of an exchange."""
SITES: Final = (
    *("site_id", "letter", "demand_id", "area_m2", "parcel_count", "owner_count"),
    *("bridge_count", "at"),
)
PROPOSAL_LAYERS: Final = (
    *("streets", "roads", "parcels", "zones", "restrictions"),
    *("marked", "sites", "bridges"),
)
EXCHANGE_LAYERS: Final = ("streets", "roads", "parcels", "zones", "restrictions", "marked")
DATASET_LAYERS: Final = ("streets", "roads", "parcels", "zones", "restrictions")
BY_HAND: Final = frozenset({"never", "never_owner", "owner_refuses"})


@dataclass(frozen=True, slots=True)
class MapLayer:
    """Rows of one layer with the columns that go out, the id first."""

    name: str
    frame: gpd.GeoDataFrame
    columns: tuple[str, ...]

    def geojson(self, bbox: Bounds | None = None) -> bytes:
        """Return what the browser gets, whole or within a box (degrees)."""
        return layer_geojson(self.frame, self.columns, bbox)


def proposal_layer(proposal: Proposal, name: str, role: str = "viewer") -> MapLayer:
    """Return a layer of a proposal; raises InputError ``map.layer_unknown``."""
    if name not in PROPOSAL_LAYERS:
        raise InputError("map.layer_unknown", layer=name, known=PROPOSAL_LAYERS)
    if name == "marked":
        return _marked(proposal, role)
    if name == "sites":
        return MapLayer(name, _sites(proposal), SITES)
    if name == "parcels" and is_exchange(proposal):
        return exchange_parcels(proposal, role)
    if name == "bridges":
        bridges = _public(name, proposal.bridges)
        bridges.insert(0, "number", np.arange(1, len(bridges) + 1))
        return MapLayer(name, bridges, ("number", "site_id", "width_m", "facing_m"))
    return _surroundings(proposal, name, role)


def dataset_layer(cadastre: Cadastre, name: str, role: str = "viewer") -> MapLayer:
    """Return a layer of a town as it is; raises InputError ``map.layer_unknown``."""
    if name not in DATASET_LAYERS:
        raise InputError("map.layer_unknown", layer=name, known=DATASET_LAYERS)
    return _surroundings(cadastre, name, role)


def marks(proposal: Proposal) -> dict[str, str]:
    """Return the parcels locked in (``must``) or excluded by hand (``never``)."""
    parcels = proposal.parcels
    reason = parcels["excluded_by"].fillna("").astype(str)
    found = dict.fromkeys(parcels.loc[reason.isin(BY_HAND), "parcel_id"], "never")
    for demand in _demands(proposal.request):
        # one demand may refuse what another is told to take
        found |= dict.fromkeys(map(str, demand.get("must", ())), "must")
    return {str(parcel): mark for parcel, mark in found.items()}


def map_parcels(parcels: gpd.GeoDataFrame, role: str) -> MapLayer:
    """Return the parcels with the columns that this role may get."""
    frame = _public("parcels", parcels)
    wanted: tuple[str, ...] = PARCELS
    if role != "viewer":
        wanted = (*PARCELS, *INSIDE)
        for column in INSIDE:
            frame[column] = parcels[column]
    # a flag is said where it is set, and left out of the other thousands of rows
    frame["street"] = frame["street"].map({True: True, False: None}).astype(object)
    return MapLayer("parcels", frame, tuple(name for name in wanted if name in frame.columns))


def exchange_parcels(proposal: Proposal, role: str) -> MapLayer:
    """Return the parcels with ``moved``, and for planners who holds each before and after."""
    known = map_parcels(proposal.parcels, role)
    held = proposal.layer("holdings").set_index("parcel_id")
    moved = held["party_before"] != held["party_after"]
    frame = known.frame.assign(moved=known.frame["parcel_id"].map(moved[moved]).astype(object))
    columns = (*known.columns, "moved")
    if role != "viewer":
        for column in PARTIES:
            frame[column] = frame["parcel_id"].map(held[column]).astype(object)
        columns = (*columns, *PARTIES)
    return MapLayer("parcels", frame, columns)


def _surroundings(source: Proposal | Cadastre, name: str, role: str) -> MapLayer:
    if name == "parcels":
        return map_parcels(source.parcels, role)
    if name == "streets":
        return MapLayer(name, street_space(source.parcels), ("street_space",))
    frame = _public(name, getattr(source, name))
    frame.insert(0, "number", np.arange(1, len(frame) + 1))
    shown = {"zones": ("zone",), "roads": ("class",), "restrictions": ("kind", "hard")}
    return MapLayer(name, frame, ("number", *shown[name]))


def _marked(proposal: Proposal, role: str) -> MapLayer:
    known = marks(proposal)
    parcels = map_parcels(proposal.parcels, role)
    frame = parcels.frame
    mark = frame["parcel_id"].map(known).astype(object)
    chosen = frame["site_id"].notna() | mark.notna()
    frame = frame.assign(mark=mark)[chosen]
    return MapLayer("marked", frame, (*parcels.columns, "mark"))


def _sites(proposal: Proposal) -> gpd.GeoDataFrame:
    sites = _public("sites", proposal.sites)
    # without owners in the data nobody counted them: that is not known, and not none
    owners = sites["owner_count"].astype(float).replace(0.0, np.nan)
    letters = sites["site_id"].map(site_letters(proposal))
    sites = sites.assign(letter=letters, owner_count=owners)
    sites["at"] = pd.Series(_label_places(sites), index=sites.index, dtype=object)
    return sites


def _label_places(sites: gpd.GeoDataFrame) -> list[list[float] | None]:
    """Return where a label has most room inside each site, as longitude and latitude."""
    rooms = [
        None
        if shape is None
        else shapely.maximum_inscribed_circle(shape, tolerance=shape.area**0.5 / 50)
        for shape in sites.geometry
    ]
    # the line from the centre of the widest circle to its rim
    centres = gpd.GeoSeries(shapely.get_point(np.array(rooms, dtype=object), 0), crs=sites.crs)
    places = shapely.get_coordinates(centres.to_crs(LONGITUDE_LATITUDE).to_numpy()).round(6)
    known = iter(places.tolist())
    return [None if room is None else next(known) for room in rooms]


def _public(name: str, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    public = public_layer(name, frame)
    assert isinstance(public, gpd.GeoDataFrame)
    return public


def _demands(request: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(request.get("demand", []))
