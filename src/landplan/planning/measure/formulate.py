"""From a town and a request to the table of parcels that the measures need."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from landplan.cadastre.adjacency import build_adjacency, with_geometry
from landplan.cadastre.cadastre import Cadastre
from landplan.errors import InputError, ManyErrors
from landplan.measures.access import road_access
from landplan.measures.dispersion import weighted_centre
from landplan.measures.holdings import BoolArray, IntArray
from landplan.planning.measure.parties import parties
from landplan.planning.measure.request import MeasureRequest

LEFT_OUT = ("measure.street", "measure.no_owner", "measure.not_asked")
"""Why a sound parcel is not measured; a faulty one names its ``data.<code>``."""
Said = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ground:
    """What is measured, and what stands in place of data.

    ``parcels`` [n] as `landplan.measures.town.holding_measures` needs them, with ``left_out`` (rule
    or missing) and without ``psi``; ``borders`` [e, 2]; ``homes`` by holding, with ``homestead``
    (``known`` or the fallback); ``members`` of the holdings.
    """

    parcels: gpd.GeoDataFrame
    borders: IntArray
    homes: pd.DataFrame
    members: pd.DataFrame
    assumptions: tuple[Said, ...]


def formulate(request: MeasureRequest, cadastre: Cadastre) -> Ground:
    """Choose the parcels, who holds them, their borders, roads and homesteads.

    Raises
    ------
    ManyErrors
        Owners, zones or land uses that the town does not have.
    InputError
        ``measure.nothing`` where no parcel is left, with what left them out.
    """
    check_names(request, cadastre)
    holding, members = parties(cadastre)
    left_out = _left_out(request, cadastre, holding, members)
    counted = left_out.isna().to_numpy()
    if not counted.any():
        counts = ", ".join(f"{rule} {n}" for rule, n in left_out.value_counts().items())
        raise InputError("measure.nothing", town=cadastre.town.name, rules=counts)
    frame = cadastre.parcels
    place = shapely.get_coordinates(shapely.centroid(frame.geometry.to_numpy()[counted]))
    x, y = np.full((2, len(frame)), np.nan)
    x[counted], y[counted] = place.T
    access, told = _access(request, cadastre)
    sole = members.groupby("holding")["owner_id"].size().reindex(holding) == 1
    columns = {
        "parcel_id": frame["parcel_id"],
        "holding": holding.where(counted),
        "left_out": left_out,
        "area_m2": frame["area_m2"],
        "x": x,
        "y": y,
        "road_access": access,
        "sole": sole.to_numpy(dtype=float),
    }
    parcels = gpd.GeoDataFrame(columns, geometry=frame.geometry, crs=frame.crs)
    town = cadastre.town
    borders = build_adjacency(frame, town.tolerance_m, town.min_border_m, counted).pairs
    homes, assumed = _homes(request, cadastre, parcels[counted], members)
    kept = members[members["holding"].isin(homes.index)].reset_index(drop=True)
    said = (*cadastre.assumptions, *told, *assumed)
    return Ground(parcels, borders, homes, kept, said)


def check_names(request: MeasureRequest, cadastre: Cadastre) -> None:
    """Raise ManyErrors for every name in the request that the town does not have."""
    known: dict[str, set[str]] = {
        "owners": set(cadastre.rights["owner_id"].dropna()),
        "zones": set(cadastre.zones["zone"].dropna()) | set(cadastre.parcels["zone"].dropna()),
        "land_uses": set(cadastre.parcels["land_use"].dropna()),
    }
    faults = [
        _unknown(key, name, there)
        for key, there in known.items()
        for name in sorted(set(getattr(request, key)) - there)
    ]
    if faults:
        raise ManyErrors(faults)


def _unknown(key: str, name: str, known: Iterable[str]) -> InputError:
    nearest = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.0)
    return InputError("measure.unknown", key=key, id=name, nearest=next(iter(nearest), "–"))


def _left_out(
    request: MeasureRequest,
    cadastre: Cadastre,
    holding: "pd.Series[str]",
    members: pd.DataFrame,
) -> "pd.Series[Any]":
    """Return the first rule that leaves each parcel [n] out; missing where it counts."""
    frame = cadastre.parcels
    street, no_owner, not_asked = LEFT_OUT
    asked: BoolArray = np.ones(len(frame), dtype=bool)
    if request.owners:
        theirs = set(members.loc[members["owner_id"].isin(request.owners), "holding"])
        asked &= holding.isin(theirs).to_numpy()
    if request.zones:
        asked &= frame["zone"].isin(request.zones).to_numpy()
    if request.land_uses:
        asked &= frame["land_use"].isin(request.land_uses).to_numpy()
    rule = pd.Series(None, index=frame.index, dtype=object, name="left_out")
    rule[~asked] = not_asked
    rule[holding.isna()] = no_owner
    rule[frame["street"]] = street
    rule[~with_geometry(frame)] = "data.no_geometry"
    return rule.where(frame["fault"].isna(), frame["fault"])


def _access(request: MeasureRequest, cadastre: Cadastre) -> tuple[Any, list[Said]]:
    """Return 1 or 0 [n], NaN where the town has neither roads nor streets; and what is assumed."""
    frame, roads = cadastre.parcels, cadastre.roads
    if roads.empty and not frame["street"].any():
        return np.full(len(frame), np.nan), [{"code": "assumption.no_roads", "params": {}}]
    there = road_access(
        gpd.GeoSeries(frame.geometry),
        gpd.GeoSeries(roads.geometry),
        roads["width_m"],
        frame["street"],
        request.reach_m,
    )
    unknown = int(roads["width_m"].isna().sum())
    if not unknown:
        return there.astype(float), []
    return there.astype(float), [{"code": "assumption.road_width", "params": {"n": unknown}}]


def _homes(
    request: MeasureRequest, cadastre: Cadastre, parcels: gpd.GeoDataFrame, members: pd.DataFrame
) -> tuple[pd.DataFrame, list[Said]]:
    """Return ``x``, ``y``, ``homestead`` of every holding, and for how many a place is assumed.

    A party of co-owners is at home where the holder of its largest share (of those whose homestead
    is known; equal shares: the smallest id) is.
    """
    labels = pd.Index(sorted(parcels["holding"].unique()), name="holding")
    owners = cadastre.owners.dropna(subset=["homestead_x", "homestead_y"])
    known = members.merge(owners, on="owner_id").sort_values(
        ["holding", "share", "owner_id"], ascending=[True, False, True]
    )
    first = known.drop_duplicates("holding").set_index("holding").reindex(labels)
    homes = first.rename(columns={"homestead_x": "x", "homestead_y": "y"})[["x", "y"]]
    fallback = _fallback(request, parcels).reindex(labels)
    missing = homes["x"].isna()
    homes = homes.where(~missing, fallback)
    homes["homestead"] = np.where(missing, request.homestead, "known")
    if not missing.any():
        return homes, []
    params = {"n": int(missing.sum()), "holdings": len(labels)}
    return homes, [{"code": f"assumption.homestead_{request.homestead}", "params": params}]


def _fallback(request: MeasureRequest, parcels: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the place ``x``, ``y`` of every holding that stands for a homestead."""
    if request.homestead == "centre":
        return weighted_centre(parcels["x"], parcels["y"], parcels["area_m2"], parcels["holding"])
    order = parcels.sort_values(
        ["holding", "area_m2", "parcel_id"], ascending=[True, False, True], kind="stable"
    )
    return pd.DataFrame(order.drop_duplicates("holding").set_index("holding")[["x", "y"]])
