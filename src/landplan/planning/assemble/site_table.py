"""The sites of a proposal as a table: their ground, what they count for, and their shape."""

from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from landplan.cadastre.cadastre import Cadastre
from landplan.measures import shape
from landplan.measures.width import narrowest
from landplan.planning.assemble.formulate import Formulation
from landplan.planning.assemble.formulate_terms import owners_asked
from landplan.planning.assemble.owners import MINOR_UNITS
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.assemble.site_cost import NamedSite, SiteCost, site_cost
from landplan.planning.assemble.whole_site import find_rectangle, ground_parts
from landplan.proposal.layers import empty_layer

FITTING: Final = (
    *("width_m", "rectangle_length_m", "rectangle_width_m"),
    *("rectangle_x", "rectangle_y", "rectangle_angle_deg"),
)
SEAM_M: Final = 1e-3
"""Closed street ground reaches so far into its two parcels, lest rounding leaves a slit."""
_NOT_MEASURED: Final = dict.fromkeys(FITTING, float("nan"))
PRICED: Final = ("owners", "refusals", "crossings", "closing", "distance")
"""Terms of a site beside its land, each a column ``price_<term>``."""


def site_layer(
    sites: list[NamedSite],
    town: Cadastre,
    formulation: Formulation,
    bridges: gpd.GeoDataFrame,
    request: AssembleRequest,
    fitting: bool = True,
) -> gpd.GeoDataFrame:
    """Return one row per site, with the columns of `landplan.proposal.layers`.

    ``fitting``: whether width and rectangle are measured; else they are missing.
    """
    shapes = town.parcels.geometry.to_numpy()
    closed = {
        site: grounds.buffer(SEAM_M, join_style="mitre").to_numpy()
        for site, grounds in bridges[bridges["closed_m2"] > 0].groupby("site_id").geometry
    }
    area = town.parcels["area_m2"].to_numpy()
    frame = gpd.GeoDataFrame(
        {
            "site_id": [site.site_id for site in sites],
            "demand_id": [site.demand_id for site in sites],
            "area_m2": [round(float(area[site.parcels].sum()), 2) for site in sites],
            "cost": [round(float(formulation.cost[site.parcels].sum()), 2) for site in sites],
            "parcel_count": [len(site.parcels) for site in sites],
            "owner_count": [_owner_count(site, town, request.acquirer_owners) for site in sites],
            "bridge_count": [int((bridges["site_id"] == site.site_id).sum()) for site in sites],
        },
        geometry=gpd.GeoSeries(
            [
                shapely.union_all([*shapes[site.parcels], *closed.get(site.site_id, [])])
                for site in sites
            ],
            crs=town.parcels.crs,
        ),
        crs=town.parcels.crs,
    )
    more = pd.DataFrame(
        [
            _amounts(site, town, formulation)
            | (_fitting(site, town, request) if fitting else _NOT_MEASURED)
            for site in sites
        ]
    )
    measured = shape.site_measures(frame.geometry).round(6)
    return frame.join(measured).join(more if len(sites) else _no_figures(town))


def owner_table(request: AssembleRequest, town: Cadastre) -> pd.DataFrame:
    """Return what is known of the owners, where the request prices them or rules on them."""
    if not owners_asked(request) and request.consent.refused == "allow":
        return empty_layer("owners", town.town.crs)
    held = set(town.rights["owner_id"].dropna())
    known = town.owners.drop_duplicates("owner_id")
    known = known[known["owner_id"].isin(held)].sort_values("owner_id")
    return known[["owner_id", "consent", "refusal_probability"]].reset_index(drop=True)


def _amounts(site: NamedSite, town: Cadastre, formulation: Formulation) -> dict[str, Any]:
    cost = site_cost(site.parcels, site.demand, formulation)
    metres = formulation.terms.frontage_m
    return {
        "centre_parcel": str(town.parcels["parcel_id"].iloc[cost.centre]),
        **{f"price_{name}": cost.amounts[name] / MINOR_UNITS for name in PRICED},
        "survival": _survival(cost),
        "frontage_m": np.nan if metres is None else round(float(metres[site.parcels].sum()), 1),
    }


def _fitting(site: NamedSite, town: Cadastre, request: AssembleRequest) -> dict[str, float]:
    """Return the width of a site and the largest rectangle found in it."""
    shapes = town.parcels.geometry.to_numpy()[site.parcels]
    parts = ground_parts(shapes, town.town.tolerance_m)
    width = round(narrowest(parts, request.shape.width_share), 2)
    found = find_rectangle(parts, request.shape)
    if found is None:
        return {**_NOT_MEASURED, "width_m": width}
    sides = (found.length_m, found.width_m, found.x, found.y, found.angle_deg)
    return dict(zip(FITTING, (width, *sides), strict=True))


def _survival(cost: SiteCost) -> float:
    """Return the chance that no owner of a site refuses; NaN where owners are not asked for."""
    return np.nan if cost.risk is None else round(float(np.exp(-cost.risk)), 6)


def _no_figures(town: Cadastre) -> pd.DataFrame:
    empty = empty_layer("sites", town.town.crs).drop(columns="geometry")
    columns = ["centre_parcel", *(name for name in empty if str(name).startswith("price_"))]
    return empty[[*columns, "survival", "frontage_m", *FITTING]]


def _owner_count(site: NamedSite, town: Cadastre, acquirers: list[str]) -> int:
    held = town.rights[town.rights["parcel_id"].isin(town.parcels["parcel_id"].iloc[site.parcels])]
    return int(held.loc[~held["owner_id"].isin(acquirers), "owner_id"].nunique())
