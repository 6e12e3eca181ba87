"""From the engine's numbers back to land: sites, bridges, ledger and certificate."""

from collections.abc import Mapping
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd

from landplan import __version__
from landplan.cadastre.bridges import corridor
from landplan.cadastre.cadastre import Cadastre
from landplan.optimize.assembly.result import Result, Site
from landplan.planning.assemble.explain import explain, notes
from landplan.planning.assemble.formulate import SQUARE_DECIMETRES as DM2
from landplan.planning.assemble.formulate import Formulation
from landplan.planning.assemble.owners import MINOR_UNITS
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.assemble.site_cost import (
    NamedSite,
    SiteCost,
    site_cost,
    summed,
    used_bridges,
)
from landplan.planning.assemble.site_table import owner_table, site_layer
from landplan.proposal.certificate import OPTIMAL_GAP, Certificate
from landplan.proposal.layers import SPATIAL
from landplan.proposal.ledger import build_ledger
from landplan.proposal.proposal import DemandOutcome, Measures, Proposal, proposal_id

SOLVER = "landplan centre engine 1"
CONTINUED = "landplan centre engine 1, continued"
"""The solver of a plan whose search began from another plan; the auditor knows it, too."""


def propose(
    request: AssembleRequest,
    town: Cadastre,
    formulation: Formulation,
    result: Result,
    origin: Mapping[str, object] | None = None,
) -> Proposal:
    """Build the proposal; geometry comes back here.

    ``origin`` says which plan the search began from, and how near the bound it had to come: both
    are part of the id.
    """
    sites = name_sites(request, formulation, result)
    costs = [site_cost(site.parcels, site.demand, formulation) for site in sites]
    canonical = request.canonical()
    certificate = _certificate(town, request, formulation, result, costs)
    said: tuple[dict[str, object], ...] = ()
    if origin is not None:
        certificate = replace(certificate, solver=CONTINUED)
        said = ({"code": "replan.from", "params": dict(origin)},)
    data_hash = town.provenance.data_hash
    return build(
        proposal_id("assemble", canonical, data_hash, __version__, request.seed, origin=origin),
        request,
        town,
        formulation,
        sites,
        certificate,
        _outcomes(request, town, formulation, result, sites),
        said,
    )


def build(
    plan_id: str,
    request: AssembleRequest,
    town: Cadastre,
    formulation: Formulation,
    sites: list[NamedSite],
    certificate: Certificate,
    outcomes: tuple[DemandOutcome, ...],
    assumptions: tuple[dict[str, object], ...] = (),
    *,
    fitting: bool = True,
) -> Proposal:
    """Build a proposal of its sites, whoever chose them.

    Parameters
    ----------
    plan_id
        Id of the proposal.
    request, town, formulation
        What was asked of which town, and the same as arrays.
    sites
        Named sites that keep every rule.
    certificate, outcomes
        What is proven about them, and what became of each demand.
    assumptions
        Further assumptions, after those of the town.
    fitting
        Whether to measure width and rectangle of every site; with thousands of sites it takes long.
    """
    bridges = spanning_bridges(sites, town, formulation)
    parcels = _parcel_layer(town, sites, formulation)
    near = {place.layer for demand in request.demand for place in demand.place}
    return Proposal(
        id=plan_id,
        process="assemble",
        version=__version__,
        request=request.canonical(),
        town=town.town,
        provenance=town.provenance,
        certificate=certificate,
        demands=outcomes,
        measures=_measures(town, sites),
        assumptions=(*town.assumptions, *formulation.terms.assumptions, *assumptions),
        sites=site_layer(sites, town, formulation, bridges, request, fitting),
        parcels=parcels,
        bridges=bridges,
        zones=town.zones,
        restrictions=town.restrictions,
        roads=town.roads,
        rights=town.rights,
        exclusions=pd.concat(
            [verdict.exclusions for verdict in formulation.verdicts], ignore_index=True
        ),
        owners=owner_table(request, town),
        buildings=town.buildings if "buildings" in near else None,
        facilities=town.facilities if "facilities" in near else None,
        ledger=build_ledger(parcels),
    )


def name_sites(
    request: AssembleRequest, formulation: Formulation, result: Result
) -> list[NamedSite]:
    """Give the sites numbers of each demand by cost, then by their first parcel."""
    named: list[NamedSite] = []

    def rank(site: Site) -> tuple[int, int]:
        return int(formulation.problem.cost[site.parcels].sum()), int(site.parcels.min())

    for number, demand in enumerate(request.demand):
        own = sorted((site for site in result.sites if site.demand == number), key=rank)
        named += [
            NamedSite(f"{demand.id}-{i}", demand.id, site.parcels, number)
            for i, site in enumerate(own, 1)
        ]
    return named


def spanning_bridges(
    sites: list[NamedSite], town: Cadastre, formulation: Formulation
) -> gpd.GeoDataFrame:
    """Return the bridges that hold each site together, with the street that they close.

    Of those possible, the cheapest spanning set, of these one with the widest facing.
    """
    ids = town.parcels["parcel_id"].to_numpy()
    closings = formulation.closings
    rows = []
    for site in sites:
        for number in used_bridges(site.parcels, formulation).tolist():
            first, second = formulation.bridges.pairs[number]
            rows.append(
                {
                    "site_id": site.site_id,
                    "parcel_a": ids[first],
                    "parcel_b": ids[second],
                    "width_m": round(float(formulation.bridges.width_m[number]), 3),
                    "facing_m": round(float(formulation.bridges.facing_m[number]), 3),
                    "closed_m2": 0.0 if closings is None else closings.area[number] / DM2,
                    "road_class": None if closings is None else closings.road_class[number],
                    "geometry": corridor(
                        town.parcels, formulation.bridges, number, formulation.barriers
                    )
                    if closings is None
                    else closings.ground[number],
                }
            )
    columns = [*SPATIAL["bridges"], "geometry"]
    return gpd.GeoDataFrame(
        pd.DataFrame(rows, columns=columns), geometry="geometry", crs=town.parcels.crs
    )


def _parcel_layer(
    town: Cadastre, sites: list[NamedSite], formulation: Formulation
) -> gpd.GeoDataFrame:
    frame = town.parcels.copy()
    frame["zone_share"] = frame["zone_share"].round(6)
    membership = np.full(len(frame), None, dtype=object)
    for site in sites:
        membership[site.parcels] = site.site_id
    frame["site_id"] = pd.Series(membership, index=frame.index, dtype="str")
    frame["excluded_by"] = _excluded_by(town, formulation)
    return gpd.GeoDataFrame(frame[[*SPATIAL["parcels"], "geometry"]], crs=town.parcels.crs)


def _excluded_by(town: Cadastre, formulation: Formulation) -> pd.Series:
    """Return the first rule that bars a parcel from every demand; null where one may use it."""
    usable = np.logical_or.reduce([verdict.eligible for verdict in formulation.verdicts])
    first = (
        formulation.verdicts[0]
        .exclusions.drop_duplicates("parcel_id")
        .set_index("parcel_id")["rule"]
    )
    rule = town.parcels["parcel_id"].map(first)
    return rule.mask(usable).astype("str")


def _certificate(
    town: Cadastre,
    request: AssembleRequest,
    formulation: Formulation,
    result: Result,
    costs: list[SiteCost],
) -> Certificate:
    """Say what is proven; the objective is counted anew from the sites, around their best centres.

    It can only be lower than the engine's, whose bound holds for it all the same.
    """
    found = bool(result.sites)
    objective = sum(cost.total for cost in costs)
    # what this count finds dearer than the engine did is not called proven
    proven = objective <= result.bound + OPTIMAL_GAP * max(objective, MINOR_UNITS)
    status = "feasible" if result.status == "optimal" and not proven else result.status
    all_met = len(result.sites) == sum(demand.count for demand in request.demand)
    # the bound of a partial plan holds among plans with the same numbers of sites
    reference = "request" if all_met else "same_sites"
    return Certificate.of_minor_units(
        sense="min",
        unit=town.town.currency,
        objective=objective if found else None,
        bound=result.bound if found else None,
        terms=summed(costs, formulation) if found else {},
        status=status,
        solver=SOLVER,
        seed=request.seed,
        work=dict(sorted(result.work.items())),
        limit_hit=result.limit_hit,
        relative_to={"code": f"certificate.relative_to.{reference}", "params": {}},
    )


def _outcomes(
    request: AssembleRequest,
    town: Cadastre,
    formulation: Formulation,
    result: Result,
    sites: list[NamedSite],
) -> tuple[DemandOutcome, ...]:
    outcomes = []
    for number, demand in enumerate(request.demand):
        own = tuple(site.site_id for site in sites if site.demand_id == demand.id)
        met = len(own) == demand.count
        reason, help_ = (None, []) if met else explain(request, number, town, formulation, result)
        said = (*notes(demand, formulation.verdicts[number], town, formulation), *help_)
        outcomes.append(DemandOutcome(demand.id, met, own, reason, said))
    return tuple(outcomes)


def _measures(town: Cadastre, sites: list[NamedSite]) -> Measures:
    """Count the land before and after, over all parcels that are land (no streets).

    Each site is one parcel afterwards, all sites belong to one acquirer.
    """
    land = town.parcels[~town.parcels["street"]]
    used = np.concatenate([np.empty(0, np.int64), *(site.parcels for site in sites)])
    kept = land[~land.index.isin(used)]
    area = float(land["area_m2"].sum())
    acquirer = 1 if sites else 0

    def figures(parcels: int, owners: int) -> dict[str, float | None]:
        mean = round(area / max(parcels, 1), 2)
        total = round(area, 2)
        return {"parcels": parcels, "owners": owners, "area_m2": total, "mean_area_m2": mean}

    return Measures(
        figures(len(land), land["owner_id"].nunique()),
        figures(len(kept) + len(sites), kept["owner_id"].nunique() + acquirer),
    )
