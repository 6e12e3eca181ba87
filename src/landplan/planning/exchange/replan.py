"""An agreed exchange after refusals: the plan that changes no more of it than it must.

Every parcel that goes to another party than agreed counts a price for leaving, beside all that the
exchange counts anyway. The price is part of the objective, of the bound and of the plan's id; the
auditor counts it again. The search begins with the agreed plan and its prices.
"""

import copy
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from landplan.cadastre.cadastre import Cadastre
from landplan.cadastre.validation import validated
from landplan.errors import InputError, ManyErrors
from landplan.optimize.exchange.engine import solve
from landplan.optimize.exchange.params import Params
from landplan.optimize.exchange.problem import IntArray
from landplan.optimize.exchange.result import Result
from landplan.planning.exchange.formulate import (
    CENTS,
    SQUARE_DECIMETRES,
    Formulation,
    distance_today,
    formulate,
)
from landplan.planning.exchange.propose import propose
from landplan.planning.exchange.request import ExchangeRequest
from landplan.planning.exchange.run import asked, nothing_found, told
from landplan.planning.process import Progress, StopAsked
from landplan.proposal.proposal import Proposal

LEAVE_IN_PARCELS: Final = 10.0
"""Leaving the agreed plan counts, if not asked, as much as the distance of so many mean parcels.

Measured on 10,000 parcels of 493 owners: at 1, up to twice as many parcels change as must; at 10
hardly more do; beyond, nothing is won and the bound says less.
"""


@dataclass(frozen=True, slots=True)
class Refused:
    """What is no longer agreed: owners who drop out, parcels that stay with their owners."""

    owners: tuple[str, ...] = ()
    parcels: tuple[str, ...] = ()


def changed_request(proposal: Proposal, refused: Refused) -> ExchangeRequest:
    """Return the request of an exchange with refusals added to what is fixed.

    A refused parcel that the acquirer was to receive is no longer due to it.

    Raises
    ------
    InputError, ManyErrors
        ``replan.exchange_no_wish``, ``replan.exchange_unknown`` for names without a part in the
        plan, or as the request.
    """
    if not (refused.owners or refused.parcels):
        raise InputError("replan.exchange_no_wish")
    _require_known(proposal, refused)
    request: dict[str, Any] = copy.deepcopy(dict(proposal.request))
    fixed, acquirer = request["fixed"], request["acquirer"]
    fixed["owners"] = sorted({*fixed["owners"], *refused.owners})
    fixed["parcels"] = sorted({*fixed["parcels"], *refused.parcels})
    fixed["freed"] = [name for name in fixed["freed"] if name not in set(refused.parcels)]
    acquirer["receives"] = [one for one in acquirer["receives"] if one not in set(refused.parcels)]
    return validated(ExchangeRequest, request, "replan")


def replan(
    proposal: Proposal,
    town: Cadastre,
    request: ExchangeRequest,
    leave: float | None = None,
    progress: Progress | None = None,
    stop: StopAsked | None = None,
) -> Proposal:
    """Answer a changed request near an agreed plan; not yet written or audited.

    Parameters
    ----------
    proposal
        The agreed plan: an exchange that was found.
    town
        The town it was made for.
    request
        Its request with changes; the same parcels and parties must take part.
    leave
        What a parcel counts that goes elsewhere than agreed, currency; None: `LEAVE_IN_PARCELS`.
    progress, stop
        As in `landplan.planning.process`.

    Raises
    ------
    InputError, ManyErrors
        As `require_exchange_of`; ``replan.exchange_parts`` where others take part.
    NothingFound
        As `landplan.planning.exchange.run.run`.
    """
    require_exchange_of(proposal, town)
    formulation = formulate(request, town)
    start = start_from(proposal, formulation)
    cents = leave_price(formulation) if leave is None else round(leave * CENTS)
    problem = replace(formulation.problem, agreed=start.party, leave_price=cents)
    near = replace(formulation, problem=problem)
    params = Params.of(request.effort, request.seed)
    warm = start if np.isfinite(start.value_price).all() else None
    result = solve(problem, params, asked(stop), told(progress), warm)
    if result.status == "stopped":
        raise nothing_found(near, result)
    origin = {"id": proposal.id, "leave": cents / CENTS, "currency": town.town.currency}
    return propose(request, town, near, result, origin)


def leave_price(formulation: Formulation) -> int:
    """Return the price for leaving, cents a parcel, where none is asked for."""
    mean = distance_today(formulation) / max(1, formulation.problem.n)
    return max(1, round(LEAVE_IN_PARCELS * mean))


def require_exchange_of(proposal: Proposal, town: Cadastre) -> None:
    """Raise InputError unless a plan is an exchange that was found, on just this data.

    Codes ``exchange.about_other_process``, ``exchange.about_other_data`` and
    ``exchange.about_unmet``.
    """
    if proposal.process != "exchange":
        raise InputError("exchange.about_other_process", process=proposal.process)
    if proposal.provenance.data_hash != town.provenance.data_hash:
        raise InputError("exchange.about_other_data", plan=proposal.id)
    if proposal.certificate.objective is None:
        raise InputError("exchange.about_unmet", plan=proposal.id)


def start_from(proposal: Proposal, formulation: Formulation) -> Result:
    """Return a plan as what the engine can begin with: parties [n] and prices [m], NaN if unknown.

    Raises
    ------
    InputError
        ``replan.exchange_parts`` where other parcels or parties take part.
    """
    place = {name: i for i, name in enumerate(formulation.names)}
    told = proposal.layer("statements").set_index("party_id")
    held = proposal.layer("holdings").set_index("parcel_id")["party_after"]
    ids = formulation.parcel_ids
    same = len(held) == len(ids) and set(held.index) == set(ids)
    if not same or set(told.index) != set(place):
        raise InputError("replan.exchange_parts", plan=proposal.id)
    party: IntArray = np.asarray(held.reindex(ids).map(place), np.int64)
    prices = told.reindex(list(formulation.names))
    by_area = prices["price_of_area"].to_numpy(float) * CENTS / SQUARE_DECIMETRES
    by_value: NDArray[np.float64] = prices["price_of_value"].to_numpy(float)
    if not np.isfinite(by_area).all():
        by_value = np.full(len(place), np.nan)
    return Result("feasible", party, 0, 0.0, {}, (), by_value, by_area)


def _require_known(proposal: Proposal, refused: Refused) -> None:
    told, held = proposal.layer("statements"), proposal.layer("holdings")
    owners = {name for row in told["owners"].dropna() for name in str(row).split("; ")}
    parcels = set(held["parcel_id"])
    unknown = [("owner", name) for name in refused.owners if name not in owners]
    unknown += [("parcel", name) for name in refused.parcels if name not in parcels]
    if unknown:
        raise ManyErrors(
            [InputError(f"replan.exchange_unknown_{kind}", id=name) for kind, name in unknown]
        )
