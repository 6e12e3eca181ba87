"""An exchange made by hand: owners of a town give parcels to each other in rings."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from landplan import __version__
from landplan.proposal.certificate import Certificate
from landplan.proposal.files import write_proposal
from landplan.proposal.layers import empty_layer
from landplan.proposal.proposal import DemandOutcome, Measures, Proposal, proposal_id
from landplan.workspace.workspace import Workspace

REQUEST = {"process": "exchange", "title": "Exchange of the north", "seed": 1, "effort": "normal"}


def exchange_of(like: Proposal, most: int = 60, rings: int = 6) -> Proposal:
    """Return an exchange on the town of a plan: the first parcels with one owner take part.

    Every third owner passes a parcel to the next one, in rings of three; one parcel goes to an
    owner against money.
    """
    parcels = like.parcels[like.parcels["owner_id"].notna() & ~like.parcels["street"]].head(most)
    before = parcels.set_index("parcel_id")["owner_id"]
    after, cycle = before.copy(), pd.Series(0, index=before.index)
    owners = sorted(before.unique())
    for ring in range(min(rings, len(owners) // 3)):
        members = owners[3 * ring : 3 * ring + 3]
        given = [before.index[before == owner][0] for owner in members]
        after[given] = [*members[1:], members[0]]
        cycle[given] = ring + 1
    loose = before.index[(before == owners[-1])][0]
    after[loose] = owners[-2]
    fixed = (before.index.to_series().rank() % 5 == 0) & (before == after)
    holdings = pd.DataFrame(
        {
            "parcel_id": before.index,
            "party_before": before.to_numpy(),
            "party_after": after.to_numpy(),
            "fixed": fixed.to_numpy(),
            "cycle": cycle.to_numpy(),
        }
    )
    statements = _statements(parcels, holdings)
    moved = holdings[holdings["party_before"] != holdings["party_after"]]
    ledger = like.ledger.copy()
    ledger["parcel_after"] = ledger["parcel_before"]
    new_owner = ledger["parcel_before"].map(moved.set_index("parcel_id")["party_after"])
    ledger["owner_after"] = new_owner.fillna(ledger["owner_before"])
    ledger["area_after_m2"] = ledger["area_before_m2"]
    ledger["value_after"] = ledger["value_before"]
    crs = like.town.crs
    certificate = Certificate(
        sense="min",
        unit=like.town.currency,
        objective=1_048_000.0,
        bound=1_040_000.0,
        status="feasible",
        terms={"travel": 1_000_000.0, "pieces": 48_000.0},
        solver="by hand",
        seed=1,
    )
    return replace(
        like,
        id=proposal_id("exchange", REQUEST, like.provenance.data_hash, __version__, 1),
        process="exchange",
        request=REQUEST,
        certificate=certificate,
        demands=(DemandOutcome("exchange", met=True),),
        sites=empty_layer("sites", crs),
        bridges=empty_layer("bridges", crs),
        parcels=like.parcels.assign(site_id=None, excluded_by=None),
        exclusions=empty_layer("exclusions", crs),
        ledger=ledger,
        measures=Measures(
            {"parties": float(len(statements)), "pieces": 80.0, "distance_m": 1210.5},
            {"parties": float(len(statements)), "pieces": 61.0, "distance_m": 804.2},
        ),
        assumptions=(),
        audit=None,
        statements=statements,
        holdings=holdings,
        content_hash={},
    )


def _statements(parcels: pd.DataFrame, holdings: pd.DataFrame) -> pd.DataFrame:
    known = parcels.set_index("parcel_id")
    held = holdings.join(known[["area_m2", "value"]], on="parcel_id")
    rows = []
    for party in sorted({*holdings["party_before"], *holdings["party_after"]}):
        old, new = held[held["party_before"] == party], held[held["party_after"] == party]
        claim = float(old["value"].sum())
        rows.append(
            {
                "party_id": party,
                "role": "owner",
                "owners": party,
                "parcels_before": len(old),
                "parcels_after": len(new),
                "pieces_before": len(old),
                "pieces_after": max(1, len(new) - 1) if len(new) else 0,
                "area_before_m2": float(old["area_m2"].sum()),
                "area_after_m2": float(new["area_m2"].sum()),
                "value_before": claim,
                "value_after": float(new["value"].sum()),
                "claim_value": claim,
                "payment": round(claim - float(new["value"].sum()), 2),
                "distance_before_m": 1200.0,
                "distance_after_m": 800.0,
                "reference_x": np.nan,
                "reference_y": np.nan,
                "value_low": 0.97 * claim,
                "value_high": 1.03 * claim,
                "area_low_m2": np.nan,
                "area_high_m2": np.nan,
            }
        )
    return pd.DataFrame(rows)


def keep(workspace: Workspace, proposal: Proposal) -> Proposal:
    """Store a proposal made by hand with a passed audit, so that pages can show it."""
    staging: Path = workspace.proposals.staging()
    passed = {"code": "audit.certificate.terms", "passed": True, "measured": 0, "limit": 0}
    write_proposal(proposal, staging, lambda _: {"passed": True, "checks": [passed]})
    return workspace.proposals.get(workspace.proposals.adopt(staging))
