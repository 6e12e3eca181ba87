"""From the engine's numbers back to land: holdings, statements, ledger and certificate."""

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landplan import __version__
from landplan.cadastre.cadastre import Cadastre
from landplan.measures.fragmentation import piece_count, simmons
from landplan.optimize.exchange.problem import NO_LIMIT
from landplan.optimize.exchange.result import Result
from landplan.planning.exchange.formulate import CENTS, SQUARE_DECIMETRES, Formulation
from landplan.planning.exchange.out_of_reach import notes, out_of_reach
from landplan.planning.exchange.request import ExchangeRequest
from landplan.planning.exchange.rings import rings
from landplan.planning.exchange.worse import worse_table
from landplan.proposal.certificate import Certificate
from landplan.proposal.layers import empty_layer
from landplan.proposal.ledger import ACQUIRER
from landplan.proposal.proposal import DemandOutcome, Measures, Proposal, proposal_id

SOLVER = "landplan exchange engine 1"
CONTINUED = "landplan exchange engine 1, continued"
"""The solver of a plan that was made from an agreed one; the auditor knows it, too."""
DEMAND = "exchange"
IntArray = NDArray[np.int64]


def propose(
    request: ExchangeRequest,
    town: Cadastre,
    formulation: Formulation,
    result: Result,
    origin: Mapping[str, object] | None = None,
) -> Proposal:
    """Build the proposal; where no plan keeps the tolerances, nothing changes hands.

    ``origin`` says from which agreed plan it was made and what leaving that counts: part of the id.
    """
    canonical = request.canonical()
    done = result.status in ("optimal", "feasible")
    after = result.party if done else formulation.before
    parcels = _parcels(town, formulation)
    holdings = _holdings(town, formulation, after)
    nothing = {
        name: gpd.GeoDataFrame(empty_layer(name, town.town.crs)) for name in ("sites", "bridges")
    }
    return Proposal(
        id=proposal_id(
            "exchange",
            canonical,
            town.provenance.data_hash,
            __version__,
            request.seed,
            origin=origin,
        ),
        process="exchange",
        version=__version__,
        request=canonical,
        town=town.town,
        provenance=town.provenance,
        certificate=_certificate(
            request, town, result, done, SOLVER if origin is None else CONTINUED
        ),
        demands=(_outcome(town, formulation, result, done),),
        measures=_measures(town, formulation, after),
        assumptions=(*formulation.assumptions, *_origin(origin)),
        sites=nothing["sites"],
        parcels=parcels,
        bridges=nothing["bridges"],
        zones=town.zones,
        restrictions=town.restrictions,
        roads=town.roads,
        rights=town.rights,
        exclusions=_exclusions(town, formulation),
        ledger=_ledger(parcels, holdings),
        statements=_statements(formulation, result, after, done),
        holdings=holdings,
        worse_off=worse_table(town, formulation, after),
    )


def _origin(origin: Mapping[str, object] | None) -> tuple[dict[str, object], ...]:
    return () if origin is None else ({"code": "replan.exchange_from", "params": dict(origin)},)


def _parcels(town: Cadastre, formulation: Formulation) -> Any:
    parcels = town.parcels.copy()
    parcels["site_id"] = None
    parcels["excluded_by"] = formulation.land.left_out.to_numpy()
    return parcels


def _names(formulation: Formulation, party: IntArray) -> NDArray[np.object_]:
    return np.array(formulation.names, dtype=object)[party]


def _holdings(town: Cadastre, formulation: Formulation, after: IntArray) -> pd.DataFrame:
    land, agreed = formulation.land, formulation.problem.agreed
    return pd.DataFrame(
        {
            "parcel_id": town.parcels["parcel_id"].to_numpy()[land.rows],
            "party_before": _names(formulation, formulation.before),
            "party_after": _names(formulation, after),
            "fixed": land.fixed,
            "cycle": rings(formulation.before, after),
            "party_agreed": None if agreed is None else _names(formulation, agreed),
        }
    )


def _exclusions(town: Cadastre, formulation: Formulation) -> pd.DataFrame:
    out = formulation.land.left_out
    rows = out.notna().to_numpy()
    return pd.DataFrame(
        {
            "parcel_id": town.parcels["parcel_id"].to_numpy()[rows],
            "demand_id": DEMAND,
            "rule": out[rows].astype(str).to_numpy(),
            "measured": np.nan,
            "limit": np.nan,
            "unit": "",
        }
    )


def _ledger(parcels: pd.DataFrame, holdings: pd.DataFrame) -> pd.DataFrame:
    """Return the ledger: every parcel stays what it is; those that change hands get new owners."""
    moved = holdings[holdings["party_before"] != holdings["party_after"]]
    new = parcels["parcel_id"].map(moved.set_index("parcel_id")["party_after"])
    ledger = pd.DataFrame(
        {
            "parcel_before": parcels["parcel_id"],
            "parcel_after": parcels["parcel_id"],
            "parent_ids": parcels["parcel_id"],
            "owner_before": parcels["owner_id"],
            "owner_after": parcels["owner_id"].where(new.isna(), new),
            "area_before_m2": parcels["area_m2"],
            "area_after_m2": parcels["area_m2"],
            "value_before": parcels["value"],
            "value_after": parcels["value"],
            "land_use": parcels["land_use"],
            "zone": parcels["zone"],
        }
    )
    return ledger.reset_index(drop=True)


def _figures(formulation: Formulation, party: IntArray) -> dict[str, NDArray[Any]]:
    """Return what each party has: parcels, pieces, area (dm²), value (cents), distance (m)."""
    problem = formulation.problem
    m = problem.m
    away = np.sqrt(((problem.xy - problem.reference[party]) ** 2).sum(axis=1))
    area = np.bincount(party, weights=problem.area, minlength=m)
    weighted = np.bincount(party, weights=problem.area * away, minlength=m)
    label = pd.Series(party)
    pieces = piece_count(label, problem.edges).reindex(range(m)).fillna(0)
    return {
        "parcels": np.bincount(party, minlength=m),
        "pieces": pieces.to_numpy(np.int64),
        "area": np.rint(area).astype(np.int64),
        "value": np.rint(np.bincount(party, weights=problem.value, minlength=m)).astype(np.int64),
        "distance": np.divide(weighted, area, out=np.full(m, np.nan), where=area > 0),
    }


def _statements(
    formulation: Formulation, result: Result, after: IntArray, done: bool
) -> pd.DataFrame:
    problem, m = formulation.problem, formulation.problem.m
    old, new = _figures(formulation, formulation.before), _figures(formulation, after)
    due = formulation.claim_value if done else formulation.brought_value
    payment = due - new["value"]
    owners = formulation.land.members.sort_values("owner_id").groupby("holding")["owner_id"]
    together = {str(name): list(own) for name, own in owners}
    limits = [problem.value_low, problem.value_high, problem.area_low, problem.area_high]
    value_low, value_high, area_low, area_high = (
        _limit(bound if done else np.full(m, NO_LIMIT)) for bound in limits
    )
    names = formulation.names
    return pd.DataFrame(
        {
            "party_id": names,
            "role": [_role(name, together) for name in names],
            "owners": ["; ".join(together.get(name, [])) for name in names],
            "parcels_before": old["parcels"],
            "parcels_after": new["parcels"],
            "pieces_before": old["pieces"],
            "pieces_after": new["pieces"],
            "area_before_m2": old["area"] / SQUARE_DECIMETRES,
            "area_after_m2": new["area"] / SQUARE_DECIMETRES,
            "value_before": old["value"] / CENTS,
            "value_after": new["value"] / CENTS,
            "claim_value": due / CENTS,
            "payment": payment / CENTS,
            "distance_before_m": old["distance"],
            "distance_after_m": new["distance"],
            "reference_x": problem.reference[:, 0],
            "reference_y": problem.reference[:, 1],
            "value_low": value_low / CENTS,
            "value_high": value_high / CENTS,
            "area_low_m2": area_low / SQUARE_DECIMETRES,
            "area_high_m2": area_high / SQUARE_DECIMETRES,
            "price_of_value": result.value_price,
            "price_of_area": result.area_price * SQUARE_DECIMETRES / CENTS,
        }
    )


def _limit(bound: IntArray) -> NDArray[np.float64]:
    return np.where(np.abs(bound) < NO_LIMIT, bound.astype(float), np.nan)


def _role(name: str, together: dict[str, list[str]]) -> str:
    if name == ACQUIRER:
        return "acquirer"
    return "owner" if len(together.get(name, [])) <= 1 else "community"


def _certificate(
    request: ExchangeRequest, town: Cadastre, result: Result, done: bool, solver: str
) -> Certificate:
    """Return how good the exchange is for these reference points, in the town's money."""
    kept = {name: amount / CENTS for name, amount in result.terms.items() if amount}
    kept.setdefault("travel", 0.0)
    found = "homestead" if request.reference == "homestead" else "centre"
    return Certificate(
        sense="min",
        unit=town.town.currency,
        objective=sum(result.terms.values()) / CENTS if done else None,
        bound=np.floor(max(0.0, result.bound)) / CENTS if done else None,
        status=result.status,
        terms=kept if done else {},
        solver=solver,
        seed=request.seed,
        work=dict(sorted(result.work.items())),
        limit_hit=result.limit_hit,
        relative_to={"code": f"certificate.relative_to.exchange_{found}", "params": {}},
    )


def _outcome(town: Cadastre, formulation: Formulation, result: Result, done: bool) -> DemandOutcome:
    """Say what became of the request; where nothing can be done, what is missing and for whom."""
    if done:
        return DemandOutcome(DEMAND, True)
    missed = out_of_reach(formulation)
    told = notes(missed, town.town.currency)
    reason = _reason(formulation, result, len(missed))
    if reason["code"] != "unmet.exchange_reach":
        told = (*_needs(formulation, result), *told)
    return DemandOutcome(DEMAND, False, reason=reason, notes=told)


def _needs(formulation: Formulation, result: Result) -> tuple[dict[str, Any], ...]:
    """Return what the parties that end below their limits would need."""
    return tuple(
        {
            "code": "unmet.exchange_needs",
            "params": {
                "party": formulation.names[one.party],
                "value": max(0, -one.value) / CENTS,
                "area": max(0, -one.area) / SQUARE_DECIMETRES,
            },
        }
        for one in result.outside
        if one.value < 0 or one.area < 0
    )


def _reason(formulation: Formulation, result: Result, missed: int) -> dict[str, Any]:
    """Return why nothing can be done: too little land, fixed parcels, or whole parcels alone."""
    problem = formulation.problem
    free = np.arange(problem.m) != formulation.acquirer
    missing = int(problem.value_low[free].sum())
    held = problem.holder == formulation.acquirer
    left = int(problem.value[~(held & problem.fixed)].sum())
    if missing > left:
        area = np.maximum(0, problem.area_low[free]).sum()
        area_left = problem.area[~(held & problem.fixed)].sum()
        return {
            "code": "unmet.exchange_land",
            "params": {
                "value": (missing - left) / CENTS,
                "hectares": round(max(0, int(area - area_left)) / 1e6, 4),
            },
        }
    if missed and not _fixed_too_much(formulation):
        return {"code": "unmet.exchange_reach", "params": {"n": missed}}
    worst = max(result.outside, key=lambda one: (abs(one.value), abs(one.area)))
    return {
        "code": "unmet.exchange_fixed",
        "params": {
            "party": formulation.names[worst.party],
            "n": len(result.outside),
            "value": abs(worst.value) / CENTS,
        },
    }


def _fixed_too_much(formulation: Formulation) -> bool:
    """Whether what is fixed to some party is worth or large more than it may end with."""
    problem = formulation.problem
    for amount, high in ((problem.value, problem.value_high), (problem.area, problem.area_high)):
        held = np.zeros(problem.m, np.int64)
        np.add.at(held, problem.holder[problem.fixed], amount[problem.fixed])
        if (held > high).any():
            return True
    return False


def _measures(town: Cadastre, formulation: Formulation, after: IntArray) -> Measures:
    return Measures(
        _town_figures(formulation, formulation.before), _town_figures(formulation, after)
    )


def _town_figures(formulation: Formulation, party: IntArray) -> dict[str, float | None]:
    """Return the figures of the land that takes part, before or after."""
    problem = formulation.problem
    have = _figures(formulation, party)
    holds = have["parcels"] > 0
    away = np.sqrt(((problem.xy - problem.reference[party]) ** 2).sum(axis=1))
    area = problem.area / SQUARE_DECIMETRES
    index = simmons(pd.Series(area), pd.Series(party))
    return {
        "parties": float(holds.sum()),
        "parcels": float(problem.n),
        "pieces": float(have["pieces"].sum()),
        "pieces_per_party": round(float(have["pieces"].sum() / max(1, holds.sum())), 4),
        "distance_m": round(float((area * away).sum() / area.sum()), 2),
        "simmons": round(float(index.mean()), 6),
    }
