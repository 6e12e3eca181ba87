"""The tables of an exchange: who holds what, what is due to each party, what is left out."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landplan.cadastre.cadastre import Cadastre
from landplan.measures.fragmentation import piece_count, simmons
from landplan.optimize.exchange.problem import NO_LIMIT
from landplan.optimize.exchange.result import Result
from landplan.planning.exchange.formulate import CENTS, SQUARE_DECIMETRES, Formulation
from landplan.planning.exchange.outcome import DEMAND
from landplan.planning.exchange.rings import rings
from landplan.proposal.ledger import ACQUIRER

IntArray = NDArray[np.int64]


def names_of(formulation: Formulation, party: IntArray) -> NDArray[np.object_]:
    """Return the party [n] of every parcel by name."""
    return np.array(formulation.names, dtype=object)[party]


def holdings_of(town: Cadastre, formulation: Formulation, after: IntArray) -> pd.DataFrame:
    """Return who holds each parcel that takes part before and after, and the ring it goes in."""
    land, agreed = formulation.land, formulation.problem.agreed
    return pd.DataFrame(
        {
            "parcel_id": town.parcels["parcel_id"].to_numpy()[land.rows],
            "party_before": names_of(formulation, formulation.before),
            "party_after": names_of(formulation, after),
            "fixed": land.fixed,
            "cycle": rings(formulation.before, after),
            "party_agreed": None if agreed is None else names_of(formulation, agreed),
        }
    )


def exclusions_of(town: Cadastre, formulation: Formulation) -> pd.DataFrame:
    """Return the parcels that take no part, and the rule that says so."""
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


def ledger_of(parcels: pd.DataFrame, holdings: pd.DataFrame) -> pd.DataFrame:
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


def statements_of(
    formulation: Formulation, result: Result, after: IntArray, done: bool
) -> pd.DataFrame:
    """Return a row for every party: its claim and limits, what it ends with, what it pays."""
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


def town_figures(formulation: Formulation, party: IntArray) -> dict[str, float | None]:
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
