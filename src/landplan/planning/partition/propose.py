"""From the engine's numbers back to land: sites, bridges, ledger and certificate."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from landplan import __version__
from landplan.cadastre.cadastre import Cadastre
from landplan.optimize.partition.result import Result
from landplan.planning.assemble.formulate import SQUARE_DECIMETRES
from landplan.planning.assemble.propose import build
from landplan.planning.assemble.site_cost import NamedSite
from landplan.planning.partition.formulate import SPREAD_UNITS, Formulation
from landplan.planning.partition.request import PartitionRequest
from landplan.planning.partition.unused import unused_land
from landplan.proposal.certificate import SITES, Certificate
from landplan.proposal.proposal import DemandOutcome, Measures, Proposal, proposal_id

SOLVER = "landplan partition engine 1"
_SQUARE_METRES_PER_HECTARE = 10_000.0

Said = dict[str, Any]


def propose(
    request: PartitionRequest, town: Cadastre, formulation: Formulation, result: Result
) -> Proposal:
    """Build the proposal; geometry comes back here."""
    canonical = request.canonical()
    demand_id = request.demand[0].id
    sites = name_sites(demand_id, result)
    unused = unused_land(town, formulation, result, demand_id)
    built = build(
        proposal_id("partition", canonical, town.provenance.data_hash, __version__, request.seed),
        formulation.asked,
        town,
        formulation.ground,
        sites,
        certificate(request, result),
        (_outcome(request, formulation, result, sites),),
        formulation.assumptions,
        fitting=False,
    )
    return replace(
        built,
        process="partition",
        request=canonical,
        exclusions=pd.concat([built.exclusions, unused], ignore_index=True),
        measures=_measures(built.measures, formulation, result),
    )


def name_sites(demand_id: str, result: Result) -> list[NamedSite]:
    """Give the sites numbers by their first parcel."""
    order = np.argsort(result.label, kind="stable")
    inside = order[result.label[order] >= 0]
    cuts = np.flatnonzero(np.diff(result.label[inside])) + 1
    members = sorted(np.split(inside, cuts), key=lambda rows: int(rows[0])) if len(inside) else []
    return [NamedSite(f"{demand_id}-{i}", demand_id, rows) for i, rows in enumerate(members, 1)]


def certificate(request: PartitionRequest, result: Result) -> Certificate:
    """Return how many sites there are, and how many there can be at most."""
    found = result.count > 0
    unproven = not found and result.status != "infeasible"
    return Certificate(
        sense="max",
        unit=SITES,
        objective=float(result.count) if found else None,
        bound=float(result.bound) if found else None,
        status="stopped" if unproven else result.status,
        terms={"sites": float(result.count)} if found else {},
        solver=SOLVER,
        seed=request.seed,
        work=dict(sorted(result.work.items())),
        limit_hit=result.limit_hit,
    )


def _outcome(
    request: PartitionRequest, formulation: Formulation, result: Result, sites: list[NamedSite]
) -> DemandOutcome:
    """Say what the land gives; without a site, why."""
    notes = tuple(_notes(formulation, result))
    names = tuple(site.site_id for site in sites)
    if sites:
        return DemandOutcome(request.demand[0].id, True, names, None, notes)
    problem = formulation.problem
    if not problem.eligible.any():
        return DemandOutcome(request.demand[0].id, False, (), _say("unmet.no_land"), notes)
    largest = 0
    if len(result.component_bound):
        inside = result.component >= 0
        largest = int(
            np.bincount(result.component[inside], weights=problem.area[inside]).max(initial=0)
        )
    numbers = {"largest_ha": _hectares(largest), "area_min_ha": _hectares(problem.area_min)}
    code = "unmet.too_small" if largest < problem.area_min else "unmet.not_found"
    code = "unmet.proven" if result.bound == 0 and code == "unmet.not_found" else code
    return DemandOutcome(request.demand[0].id, False, (), _say(code, **numbers), notes)


def _notes(formulation: Formulation, result: Result) -> list[Said]:
    """Say what the sites hold, how many the area alone would allow, and how alike they are."""
    problem = formulation.problem
    usable = int(problem.area[problem.eligible].sum())
    if not usable:
        return []
    held = int(problem.area[result.label >= 0].sum())
    pieces = int((result.component_bound > 0).sum())
    said = [
        _say(
            "note.partition_land",
            sites=result.count,
            held_ha=_hectares(held),
            usable_ha=_hectares(usable),
            share=round(held / usable, 4),
        ),
        _say(
            "note.partition_bound",
            area_bound=result.area_bound,
            bound=result.bound,
            pieces=pieces,
        ),
    ]
    if problem.attributes.shape[1] and result.count:
        amount = round(result.heterogeneity / SPREAD_UNITS, 2)
        said.append(_say("note.partition_differences", amount=amount))
    return said


def _measures(measures: Measures, formulation: Formulation, result: Result) -> Measures:
    """Add the second aim to the figures after; nothing is proven of it."""
    after = dict(measures.after)
    if formulation.problem.attributes.shape[1]:
        after["heterogeneity"] = round(result.heterogeneity / SPREAD_UNITS, 4)
    return Measures(measures.before, after)


def _say(code: str, **params: Any) -> Said:
    return {"code": code, "params": params}


def _hectares(square_decimetres: float) -> float:
    return round(float(square_decimetres) / SQUARE_DECIMETRES / _SQUARE_METRES_PER_HECTARE, 2)
