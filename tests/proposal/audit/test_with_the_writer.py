"""The product's own writer and the audit agree on what the files of a proposal are."""

import pytest

from landplan.cadastre.cadastre import Provenance, Town
from landplan.proposal.audit import audit
from landplan.proposal.certificate import Certificate
from landplan.proposal.files import write_proposal
from landplan.proposal.ledger import build_ledger
from landplan.proposal.proposal import DemandOutcome, Proposal, proposal_id
from tests.proposal.audit.drawing import CRS, Drawing

VERSION, DATA_HASH = "0.1.0", "d" * 64


def as_proposal(drawing: Drawing) -> Proposal:
    request, told = drawing.document["request"], drawing.document["certificate"]
    town = Town("手绘小镇", CRS, "CNY", water_uses=("river",))
    layers = {name: table for name, table in drawing.layers.items() if name != "ledger"}
    return Proposal(
        id=proposal_id("assemble", request, DATA_HASH, VERSION, request["seed"]),
        process="assemble",
        version=VERSION,
        request=request,
        town=town,
        provenance=Provenance((), DATA_HASH),
        certificate=Certificate(
            sense="min",
            unit="CNY",
            objective=told["objective"],
            bound=told["bound"],
            status="feasible",
            terms=told["terms"],
            solver="by hand",
            seed=request["seed"],
        ),
        demands=tuple(
            DemandOutcome(entry["id"], entry["met"], tuple(entry["sites"]))
            for entry in drawing.document["demands"]
        ),
        ledger=build_ledger(layers["parcels"]),
        **layers,
    )


def with_a_parcel_for_everybody() -> Drawing:
    """The drawing, but o9, who holds a quarter of N1, is the owner of M4 besides."""
    drawing = Drawing()
    rights = drawing.layers["rights"]
    drawing.set("parcels", drawing.parcel("M4"), "owner_id", "o9")
    rights.loc[rights["parcel_id"] == "M4", "owner_id"] = "o9"
    return drawing.derive()


def test_what_the_writer_writes_passes_the_audit(tmp_path):
    seen = []

    def check(folder):
        seen.append(audit(folder))
        return seen[-1].to_json()

    proposal = as_proposal(with_a_parcel_for_everybody())
    written = write_proposal(proposal, tmp_path / "proposal", check)
    assert seen[0].failed == ()
    assert written.audit["passed"] is True
    # the audit block is stored now, and changes nothing
    assert audit(tmp_path / "proposal").to_json() == seen[0].to_json()


def test_who_holds_a_share_and_no_parcel_is_paid_on_a_line_of_its_own(tmp_path):
    write_proposal(as_proposal(Drawing()), tmp_path / "proposal")
    assert audit(tmp_path / "proposal").failed == ()


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "业主", "Total", "Total / 合计", "—", " x "])
def test_whatever_owners_are_called_the_writer_and_the_audit_agree(tmp_path, text):
    drawing = with_a_parcel_for_everybody()
    drawing.set("parcels", drawing.parcel("S1"), "owner_id", text)
    rights = drawing.layers["rights"]
    rights.loc[rights["parcel_id"] == "S1", "owner_id"] = text
    proposal = as_proposal(drawing.derive())
    write_proposal(proposal, tmp_path / "proposal")
    assert audit(tmp_path / "proposal").failed == ()
