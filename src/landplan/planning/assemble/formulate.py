"""From a request and a cadastre to the numbers of the assembly problem: geometry stops here."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from landplan.cadastre.adjacency import Adjacency
from landplan.cadastre.bridges import Bridges, find_bridges
from landplan.cadastre.cadastre import Cadastre
from landplan.cadastre.land import borders_of_land, land_of
from landplan.optimize.assembly.problem import Problem, SiteDemand
from landplan.planning.assemble.closing import Closings, by_facing, closable, cut_off_by, fees_of
from landplan.planning.assemble.formulate_terms import Terms, judge_of, terms_of
from landplan.planning.assemble.names import check_names
from landplan.planning.assemble.owners import MINOR_UNITS, refusing
from landplan.planning.assemble.reasons import reasons_of
from landplan.planning.assemble.request import AssembleRequest, Demand
from landplan.planning.assemble.several import between_of, budget_of, distances_of
from landplan.planning.assemble.whole_site import neighbours_asked
from landplan.proposal.ledger_money import to_cents
from landplan.rules.eligibility import Ground, UseRules, Verdict, judge

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SQUARE_DECIMETRES = 100
SQUARE_METRES_PER_HECTARE = 10_000.0


@dataclass(frozen=True, slots=True)
class Formulation:
    """The problem and what is needed to read its answer.

    Verdict per demand, borders, bridges, cost to the acquirer.
    """

    problem: Problem
    verdicts: tuple[Verdict, ...]
    ground: Ground
    adjacency: Adjacency
    bridges: Bridges
    closings: Closings | None
    """What closing each of these bridges takes; None where streets stay."""
    barriers: gpd.GeoSeries
    cost: FloatArray
    """What each parcel [n] costs the acquirer, town currency; NaN where unknown."""
    terms: Terms
    """Prices and rules beyond that."""


def formulate(request: AssembleRequest, cadastre: Cadastre) -> Formulation:
    """Turn a request into arrays.

    Raises ManyErrors naming every id, zone or use that the town does not have.
    """
    check_names(request, cadastre)
    ground = Ground.of(cadastre)
    refused = refusing(request, cadastre)
    verdicts = tuple(
        judge(ground, use_rules(request, demand, refused)) for demand in request.demand
    )
    parcels = cadastre.parcels
    usable = np.logical_or.reduce([verdict.eligible for verdict in verdicts])
    # what is left beside a site is land that no demand may use, too
    bordering = land_of(parcels) if neighbours_asked(request.neighbours) else usable
    adjacency = borders_of_land(cadastre).among(bordering)
    never_over = barriers(request, cadastre, ground)
    crossing = usable & any(demand.max_bridges for demand in request.demand)
    bridges = street_bridges(request, cadastre, adjacency, never_over, crossing)
    points = representative_points(parcels)
    return joined(request, verdicts, ground, adjacency, bridges, never_over, points)


def joined(
    request: AssembleRequest,
    verdicts: tuple[Verdict, ...],
    ground: Ground,
    adjacency: Adjacency,
    bridges: Bridges,
    never_over: gpd.GeoSeries,
    points: FloatArray,
) -> Formulation:
    """Make the problem of its parts; borders and bridges of more parcels than needed do no harm."""
    cadastre = ground.cadastre
    parcels = cadastre.parcels
    cost = acquisition_cost(cadastre, request.acquirer_owners)
    area = to_square_decimetres(parcels["area_m2"].to_numpy(dtype=float))
    usable = np.logical_or.reduce([verdict.eligible for verdict in verdicts])
    terms = terms_of(request, cadastre, adjacency, land_of(parcels), usable, area)
    tolerance = cadastre.town.tolerance_m
    bridges, closings = crossings(request, cadastre, bridges, never_over, usable)
    problem = Problem(
        cost=to_minor(np.nan_to_num(cost)),
        area=area,
        xy=points,
        borders=adjacency.pairs,
        bridges=bridges.pairs,
        demands=(),
        bridge_price=terms.bridge_price,
        bridge_fee=fees_of(closings, terms.closing_price),
        budget=budget_of(request),
        between=between_of(request),
        apart=distances_of(parcels) if request.between else None,
        **terms.owner_arrays,
    )
    cut_off = (
        None if closings is None else partial(cut_off_by, problem, by_facing(bridges), closings)
    )
    judges = [
        judge_of(request, parcels, points, verdict.eligible, tolerance, terms.leftovers, cut_off)
        for verdict in verdicts
    ]
    problem = replace(
        problem,
        demands=tuple(
            replace(
                site_demand(demand, request, verdict, parcels["parcel_id"]),
                moment_price=terms.moment_price,
                rows=terms.rows,
                owner_rows=terms.owner_rows,
                accept=judge,
                why=None if judge is None else partial(reasons_of, judge),
            )
            for demand, verdict, judge in zip(request.demand, verdicts, judges, strict=True)
        ),
    )
    return Formulation(
        problem, verdicts, ground, adjacency, bridges, closings, never_over, cost, terms
    )


def crossings(
    request: AssembleRequest,
    cadastre: Cadastre,
    bridges: Bridges,
    never_over: gpd.GeoSeries,
    usable: NDArray[np.bool_],
) -> tuple[Bridges, Closings | None]:
    """Return the bridges that the mode asked for allows, and what closing them takes."""
    if request.bridge.mode == "keep":
        return bridges, None
    return closable(request, cadastre, bridges, never_over, usable)


def use_rules(request: AssembleRequest, demand: Demand, refused: tuple[str, ...] = ()) -> UseRules:
    """Return the rules that decide which parcels the demand may use.

    ``refused`` are owners whose land may not be used because they refuse.
    """
    return UseRules(
        demand_id=demand.id,
        land_uses=tuple(demand.land_uses),
        zones=tuple(demand.zones),
        min_zone_share=demand.min_zone_share,
        never=tuple(demand.never),
        never_owners=tuple(demand.never_owners),
        refused=refused,
        area_max_m2=demand.area_range_ha[1] * SQUARE_METRES_PER_HECTARE,
        allow_zero_cost=request.zero_cost == "allow",
        places=tuple(place.rule() for place in demand.place),
    )


def site_demand(
    demand: Demand, request: AssembleRequest, verdict: Verdict, ids: pd.Series
) -> SiteDemand:
    """Return the demand as numbers; a range in dm² never widens the range asked for."""
    low, high = (
        hectares * SQUARE_METRES_PER_HECTARE * SQUARE_DECIMETRES
        for hectares in demand.area_range_ha
    )
    return SiteDemand(
        eligible=verdict.eligible,
        area_min=int(np.ceil(round(low, 3))),
        area_max=int(np.floor(round(high, 3))),
        radius_m=radius_limit(request, demand),
        max_bridges=demand.max_bridges,
        min_parcels=demand.min_parcels,
        count=demand.count,
        must=np.flatnonzero(ids.isin(demand.must).to_numpy()).astype(np.int64),
    )


def radius_limit(request: AssembleRequest, demand: Demand) -> float:
    """Return the farthest a parcel of the site may lie from the centre parcel, m.

    A disc of area A has the radius √(A/π); the limit is a multiple of that of the demand's largest
    area.
    """
    if request.shape.max_radius_factor == 0:
        return float("inf")
    disc = np.sqrt(demand.area_range_ha[1] * SQUARE_METRES_PER_HECTARE / np.pi)
    return float(request.shape.max_radius_factor * disc)


def acquisition_cost(cadastre: Cadastre, acquirers: Iterable[str]) -> FloatArray:
    """Return what each parcel [n] costs.

    The share that the acquirer holds already costs nothing.
    """
    cost = cadastre.parcels["cost"].to_numpy(dtype=float)
    rights = cadastre.rights
    own = rights[rights["owner_id"].isin(list(acquirers))].groupby("parcel_id")["share"].sum()
    share = cadastre.parcels["parcel_id"].map(own).fillna(0.0).clip(0.0, 1.0).to_numpy()
    partly = np.flatnonzero((share > 0) & (share < 1) & ~np.isnan(cost))
    paid = np.where(share >= 1, 0.0 * cost, cost)
    # to the cent as the ledger pays it: binary rounding would differ at half cents
    paid[partly] = [to_cents(cost[row], share[row]) for row in partly]
    return np.asarray(np.round(paid, 2))


def to_minor(amount: FloatArray) -> IntArray:
    """Money in minor units: cents, fen."""
    return np.rint(amount * MINOR_UNITS).astype(np.int64)


def to_square_decimetres(area_m2: FloatArray) -> IntArray:
    """Areas in dm²."""
    return np.rint(area_m2 * SQUARE_DECIMETRES).astype(np.int64)


def representative_points(parcels: gpd.GeoDataFrame) -> FloatArray:
    """Return a point [n, 2] inside every parcel, m.

    Parcels without a shape get the origin and are never eligible.
    """
    shapes = parcels.geometry.to_numpy()
    usable = shapely.is_valid(shapes) & ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    points = np.zeros((len(shapes), 2))
    points[usable] = shapely.get_coordinates(shapely.point_on_surface(shapes[usable]))
    return points


def street_bridges(
    request: AssembleRequest,
    cadastre: Cadastre,
    adjacency: Adjacency,
    never_over: gpd.GeoSeries,
    usable: NDArray[np.bool_],
) -> Bridges:
    """Return the bridges between usable parcels that the request allows."""
    return find_bridges(
        cadastre.parcels,
        adjacency,
        max_width_m=request.bridge.max_width_m,
        min_facing_m=request.bridge.min_facing_m,
        barriers=never_over,
        usable=usable,
    )


def barriers(request: AssembleRequest, cadastre: Cadastre, ground: Ground) -> gpd.GeoSeries:
    """Return everything that no bridge may cross.

    Restrictions and roads of the kinds named, and water parcels.
    """
    kinds = set(request.bridge.never_over)
    shapes = [
        cadastre.restrictions.loc[cadastre.restrictions["kind"].isin(kinds), "geometry"],
        cadastre.roads.loc[cadastre.roads["class"].isin(kinds), "geometry"],
    ]
    if "water" in kinds:
        shapes.append(cadastre.parcels.loc[ground.water, "geometry"])
    return gpd.GeoSeries(pd.concat(shapes, ignore_index=True), crs=cadastre.parcels.crs)
