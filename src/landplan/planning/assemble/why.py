"""Why a parcel is in a plan, and why its neighbours are not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landplan.cadastre.cadastre import Cadastre
from landplan.messages import Language
from landplan.messages.numbers import share
from landplan.optimize.assembly.model import pieces
from landplan.optimize.assembly.problem import Problem
from landplan.planning.assemble.formulate import SQUARE_DECIMETRES, Formulation
from landplan.planning.assemble.ground import GroundCache, TownGround
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.assemble.rule_words import warning_text
from landplan.proposal.proposal import Proposal

IntArray = NDArray[np.int64]
MOST_OUTSIDE: Final = 100


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason as data: its sentence is the message of the code."""

    code: str
    params: Mapping[str, object]

    def text(self, language: Language) -> str:
        """Return the reason as a sentence."""
        params = dict(self.params)
        if "ratio" in params:
            params["percent"] = share(float(str(params["ratio"])), language)
        return warning_text(Reason(self.code, params), language)


@dataclass(frozen=True, slots=True)
class Why:
    """The reasons of one parcel.

    Attributes
    ----------
    parcel_id, site_id
        The parcel, and the site that it is in or borders; None where it borders none.
    inside
        Whether the plan uses it.
    reasons
        The most telling first.
    per_m2_ratio
        Its cost per area less that of the site, as a share of it; None where there is none.
    """

    parcel_id: str
    site_id: str | None
    inside: bool
    reasons: tuple[Reason, ...]
    per_m2_ratio: float | None = None


def why(
    proposal: Proposal, cadastre: Cadastre, cache: GroundCache, dataset_id: str | None = None
) -> list[Why]:
    """Explain every parcel of a plan, then what borders its sites, then what narrowly misses.

    Parameters
    ----------
    proposal
        A plan of the engine or one edited by hand.
    cadastre, cache, dataset_id
        The town, and where its ground is kept.
    """
    ground = cache.get(cadastre, dataset_id)
    request = AssembleRequest.model_validate(proposal.request)
    formulation = ground.formulation(request)
    numbers = {demand.id: number for number, demand in enumerate(request.demand)}
    demand_of = dict(zip(proposal.sites["site_id"], proposal.sites["demand_id"], strict=True))
    site_of = proposal.parcels["site_id"]
    used = np.flatnonzero(site_of.notna().to_numpy()).astype(np.int64)
    told: dict[int, Why] = {}
    outside: dict[int, Why] = {}
    for site, demand in demand_of.items():
        rows = np.flatnonzero((site_of == site).to_numpy()).astype(np.int64)
        number = numbers[str(demand)]
        for row in rows:
            told[int(row)] = _inside(str(site), int(row), rows, number, ground, formulation)
        for row in np.setdiff1d(_beside(rows, formulation.problem), used):
            outside.setdefault(
                int(row), _outside(str(site), int(row), rows, number, ground, formulation)
            )
    for number, verdict in enumerate(formulation.verdicts):
        nearly = pd.Index(verdict.near_misses["parcel_id"])
        for near in map(int, ground.ids.get_indexer(nearly)):
            if near not in outside and near not in told:
                reasons = _barred(near, number, ground, formulation)
                outside[near] = Why(str(ground.ids[near]), None, False, reasons)
    return [*told.values(), *list(outside.values())[:MOST_OUTSIDE]]


def _beside(rows: IntArray, problem: Problem) -> IntArray:
    """Return the parcels that share a border with a site."""
    touching = problem.borders[np.isin(problem.borders, rows).any(axis=1)]
    return np.setdiff1d(touching, rows).astype(np.int64)


def _inside(
    site: str, row: int, rows: IntArray, number: int, ground: TownGround, formulation: Formulation
) -> Why:
    problem = formulation.problem
    demand = problem.demands[number]
    parcel = str(ground.ids[row])
    reasons = []
    if row in demand.must:
        reasons.append(Reason("why.locked", {"id": parcel}))
    others = rows[rows != row]
    if (joined := _joined(row, others, problem, demand.max_bridges, ground)) is not None:
        reasons.append(joined)
    left = int(problem.area[others].sum())
    if left < demand.area_min:
        figures = {"left_m2": left / SQUARE_DECIMETRES, "limit_m2": _m2(demand.area_min)}
        reasons.append(Reason("why.needed_for_area", {"id": parcel, **figures}))
    if len(others) < demand.min_parcels:
        reasons.append(Reason("why.needed_for_count", {"id": parcel, "n": demand.min_parcels}))
    if not reasons:
        reasons.append(Reason("why.edge", {"id": parcel}))
    ratio = _ratio(row, rows, problem)
    if ratio is not None:
        code = "why.cheaper" if ratio < 0 else "why.dearer"
        reasons.append(Reason(code, {"id": parcel, "ratio": abs(ratio)}))
    return Why(parcel, site, True, tuple(reasons), ratio)


def _joined(
    row: int, others: IntArray, problem: Problem, max_bridges: int, ground: TownGround
) -> Reason | None:
    """Say which parts of its site a parcel holds together; None where it holds none."""
    if len(others) == 0:
        return None
    pairs = [problem.borders, problem.bridges] if max_bridges else [problem.borders]
    joins = np.concatenate(pairs)
    inside = joins[np.isin(joins, others).all(axis=1)]
    label = pieces(len(others), np.searchsorted(others, inside).reshape(-1, 2))
    n = int(label.max()) + 1
    if n == 1:
        return None
    land = np.bincount(label, weights=problem.area[others].astype(float))
    smaller = np.argsort(land, kind="stable")[:-1]
    ids = [str(parcel) for parcel in ground.ids[others[np.isin(label, smaller)]]]
    return Reason(
        "why.joins",
        {
            "id": str(ground.ids[row]),
            "n": n,
            "ids": ids,
            "largest_part_m2": float(land.max()) / SQUARE_DECIMETRES,
            "others_m2": float(np.sort(land)[:-1].sum()) / SQUARE_DECIMETRES,
        },
    )


def _outside(
    site: str, row: int, rows: IntArray, number: int, ground: TownGround, formulation: Formulation
) -> Why:
    problem = formulation.problem
    demand = problem.demands[number]
    parcel = str(ground.ids[row])
    if not demand.eligible[row]:
        return Why(parcel, site, False, _barred(row, number, ground, formulation))
    ratio = _ratio(row, rows, problem)
    reasons = []
    if int(problem.area[rows].sum() + problem.area[row]) > demand.area_max:
        reasons.append(Reason("why.out_too_large", {"id": parcel, "site": site}))
    if ratio is not None and ratio > 0:
        reasons.append(Reason("why.out_dearer", {"id": parcel, "ratio": ratio}))
    if not reasons:
        reasons.append(Reason("why.out_not_needed", {"id": parcel, "site": site}))
    return Why(parcel, site, False, tuple(reasons), ratio)


def _barred(
    row: int, number: int, ground: TownGround, formulation: Formulation
) -> tuple[Reason, ...]:
    """Return every rule that keeps a parcel out, with the measure and the limit."""
    parcel = str(ground.ids[row])
    table = formulation.verdicts[number].exclusions
    failed = table[table["parcel_id"] == parcel].to_dict("records")
    return tuple(
        Reason(
            "why.out_rule",
            {
                "id": parcel,
                "rule": entry["rule"],
                "measured": None if np.isnan(entry["measured"]) else entry["measured"],
                "limit": None if np.isnan(entry["limit"]) else entry["limit"],
                "unit": entry["unit"],
            },
        )
        for entry in failed
    )


def _ratio(row: int, rows: IntArray, problem: Problem) -> float | None:
    """Return how much dearer per area a parcel is than its site, as a share; below 0: cheaper."""
    mean = float(problem.cost[rows].sum()) / float(problem.area[rows].sum())
    if mean == 0:
        return None
    return float(problem.cost[row]) / float(problem.area[row]) / mean - 1.0


def _m2(square_decimetres: int) -> float:
    return square_decimetres / SQUARE_DECIMETRES
