"""Whom to invite first: what the plan would cost more if one of its owners refused.

For every owner asked about, the best plan without any of their land is searched for as the plan
itself was. With C and B the objective and the bound of the plan, C' and B' those without the owner,
the refusal costs at least B' − C (and never less than nothing) and at most C' − B: where both plans
are proven optimal, exactly C' − C. Owners whose refusal costs most are talked to first.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from landplan.cadastre.cadastre import Cadastre
from landplan.errors import InputError
from landplan.optimize.assembly.engine import solve
from landplan.optimize.assembly.params import Params
from landplan.planning.assemble.ground import TownGround
from landplan.planning.assemble.owners import MINOR_UNITS
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.process import Progress, StopAsked
from landplan.proposal.proposal import Proposal


@dataclass(frozen=True, slots=True)
class Refusal:
    """What one owner's refusal would cost.

    Attributes
    ----------
    owner_id
        The owner.
    parcels, area_m2
        Their parcels in the plan, and how much land of them is theirs.
    least, most
        The plan without them costs at least and at most so much more, town currency. inf for both:
        it is proven that there is none. inf for ``most`` alone: none was found.
    probability
        That they refuse, as the town's data say; None where they say nothing.
    """

    owner_id: str
    parcels: int
    area_m2: float
    least: float
    most: float
    probability: float | None

    @property
    def exact(self) -> bool:
        """Whether the figure is proven to the cent."""
        return self.least == self.most


def refusals(
    proposal: Proposal,
    town: Cadastre,
    most: int = 10,
    progress: Progress | None = None,
    stop: StopAsked | None = None,
) -> list[Refusal]:
    """Return what the refusal of the owners with the most land in a plan costs, dearest first.

    Parameters
    ----------
    proposal
        A plan of the process `assemble` that meets all its demands, on the data of ``town``.
    town
        The town it was made for.
    most
        How many owners are looked at, those with the most land in the plan.
    progress, stop
        As in `landplan.planning.process`; once asked to stop, the owners done so far are returned.

    Raises
    ------
    InputError
        ``refusals.other_process``, ``refusals.other_data``, ``refusals.unmet`` or
        ``refusals.no_owners``.
    """
    _require_fit(proposal, town)
    request = AssembleRequest.model_validate(proposal.request)
    held = owners_in_plan(proposal)
    if held.empty:
        raise InputError("refusals.no_owners", plan=proposal.id)
    ground = TownGround.of(town)
    chances = _probabilities(town)
    found: list[Refusal] = []
    asked: list[bool] = []

    def stopped(best: float, bound: float, /) -> bool:
        if stop is not None and stop(best, bound):
            asked.append(True)
        return bool(asked)

    for owner, row in held.head(most).iterrows():
        least, dearest = _without(str(owner), request, proposal, ground, stopped)
        if asked:
            break
        found.append(
            Refusal(
                str(owner),
                int(row["parcels"]),
                float(row["area_m2"]),
                least,
                dearest,
                chances.get(str(owner)),
            )
        )
        if progress is not None:
            progress("refusals", float(len(found)), float(min(most, len(held))))
    return sorted(found, key=lambda one: (-one.least, -one.most, -one.area_m2, one.owner_id))


def owners_in_plan(proposal: Proposal) -> pd.DataFrame:
    """Return the owners of a plan's land by falling area: index owner, ``parcels``, ``area_m2``.

    Land of several owners counts for each by their share, in equal parts where none is given; the
    acquirer's side is left out.
    """
    inside = proposal.parcels.loc[proposal.parcels["site_id"].notna(), ["parcel_id", "area_m2"]]
    held = proposal.rights[["parcel_id", "owner_id", "share"]].dropna(subset=["owner_id"])
    held = held.merge(inside, on="parcel_id")
    equal = 1.0 / held.groupby("parcel_id")["owner_id"].transform("count")
    held["area_m2"] *= held["share"].fillna(equal)
    held = held[~held["owner_id"].isin(proposal.request["acquirer_owners"])]
    table = held.groupby("owner_id").agg(
        parcels=("parcel_id", "nunique"), area_m2=("area_m2", "sum")
    )
    table["order"] = table.index
    return table.sort_values(["area_m2", "order"], ascending=[False, True]).drop(columns="order")


def _require_fit(proposal: Proposal, town: Cadastre) -> None:
    """Raise InputError where the question makes no sense for this plan and town."""
    if proposal.process != "assemble":
        raise InputError("refusals.other_process", process=proposal.process)
    if proposal.provenance.data_hash != town.provenance.data_hash:
        raise InputError("refusals.other_data", plan=proposal.id)
    unmet = [demand.id for demand in proposal.demands if not demand.met]
    if unmet or proposal.certificate.objective is None:
        raise InputError("refusals.unmet", ids=unmet)


def _without(
    owner: str,
    request: AssembleRequest,
    proposal: Proposal,
    ground: TownGround,
    stop: StopAsked,
) -> tuple[float, float]:
    """Return by how much the best plan without an owner's land is dearer: at least, at most."""
    changed = request.canonical()
    for demand in changed["demand"]:
        demand["never_owners"] = sorted({*demand["never_owners"], owner})
    formulation = ground.formulation(AssembleRequest.model_validate(changed))
    result = solve(formulation.problem, Params.of(request.effort, request.seed), stop)
    objective, bound = proposal.certificate.objective, proposal.certificate.bound
    assert objective is not None
    assert bound is not None
    wanted = sum(demand.count for demand in request.demand)
    if len(result.sites) == wanted:
        least = max(0.0, result.bound / MINOR_UNITS - objective)
        return round(least, 2), round(result.objective / MINOR_UNITS - bound, 2)
    none = any(demand.proven_infeasible for demand in result.demands)
    return (math.inf if none else 0.0), math.inf


def _probabilities(town: Cadastre) -> dict[str, float]:
    """Return the known probabilities of refusal by owner."""
    known = town.owners[["owner_id", "refusal_probability"]].dropna()
    return {
        str(owner): float(chance)
        for owner, chance in zip(known["owner_id"], known["refusal_probability"], strict=True)
        if np.isfinite(chance)
    }
