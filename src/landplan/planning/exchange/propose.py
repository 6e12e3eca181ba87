"""From the engine's numbers back to land: holdings, statements, ledger and certificate."""

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np

from landplan import __version__
from landplan.cadastre.cadastre import Cadastre
from landplan.optimize.exchange.result import Result
from landplan.planning.exchange.formulate import CENTS, Formulation
from landplan.planning.exchange.outcome import outcome_of
from landplan.planning.exchange.request import ExchangeRequest
from landplan.planning.exchange.tables import (
    IntArray,
    exclusions_of,
    holdings_of,
    ledger_of,
    statements_of,
    town_figures,
)
from landplan.planning.exchange.worse import worse_table
from landplan.proposal.certificate import Certificate
from landplan.proposal.layers import empty_layer
from landplan.proposal.proposal import Measures, Proposal, proposal_id

SOLVER = "landplan exchange engine 1"
CONTINUED = "landplan exchange engine 1, continued"
"""The solver of a plan that was made from an agreed one; the auditor knows it, too."""


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
    holdings = holdings_of(town, formulation, after)
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
        demands=(outcome_of(town, formulation, result, done),),
        measures=_measures(town, formulation, after),
        assumptions=(*formulation.assumptions, *_origin(origin)),
        sites=nothing["sites"],
        parcels=parcels,
        bridges=nothing["bridges"],
        zones=town.zones,
        restrictions=town.restrictions,
        roads=town.roads,
        rights=town.rights,
        exclusions=exclusions_of(town, formulation),
        ledger=ledger_of(parcels, holdings),
        statements=statements_of(formulation, result, after, done),
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


def _certificate(
    request: ExchangeRequest, town: Cadastre, result: Result, done: bool, solver: str
) -> Certificate:
    """Return how good the exchange is for these reference points, in the town's money."""
    kept = {
        "table" if name == "extra" else name: amount / CENTS
        for name, amount in result.terms.items()
        if amount
    }
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


def _measures(town: Cadastre, formulation: Formulation, after: IntArray) -> Measures:
    return Measures(town_figures(formulation, formulation.before), town_figures(formulation, after))
