"""From files to files, where the search itself does not come to an end."""

from dataclasses import replace

import pytest

from landplan.errors import NothingFound
from landplan.optimize.assembly.result import DemandBound, Result
from landplan.planning.answer import answer
from landplan.planning.assemble import run as assemble
from tests.towns import squares, write_town

REQUEST = 'process = "assemble"\n[[demand]]\nid = "d"\narea_ha = [2.0, 2.0]\ncount = 2\n'


@pytest.fixture
def town(tmp_path):
    (tmp_path / "assemble.toml").write_text(REQUEST, encoding="utf-8")
    parcels = squares("ABCD", price=[1.0, 2.0, 3.0, 4.0])
    return write_town(tmp_path, parcels, parcel_keys='cost = "price"\n')


def test_a_search_that_ends_before_any_plan_writes_nothing(town, tmp_path, monkeypatch):
    nothing = DemandBound(bound=3.0, met=0, proven_infeasible=False, found=False)
    result = Result("stopped", (), 0, 0.0, (nothing,), {}, limit_hit=True)
    monkeypatch.setattr(assemble, "solve", lambda *words: result)
    with pytest.raises(NothingFound) as caught:
        answer(town, tmp_path / "assemble.toml", tmp_path / "out")
    assert caught.value.exit_code == 5
    assert not (tmp_path / "out").exists()


def test_a_stop_keeps_the_best_plan_with_its_bound(town, tmp_path):
    proposal = answer(
        town, tmp_path / "assemble.toml", tmp_path / "out", stop=lambda best, bound: True
    )
    assert proposal.audit["passed"]
    certificate = proposal.certificate
    assert certificate.bound <= certificate.objective


def test_several_sites_of_a_demand_share_no_parcel(town, tmp_path):
    """A-B and C-D: the only two pairs that do not meet."""
    proposal = answer(town, tmp_path / "assemble.toml", tmp_path / "out")
    assert proposal.demands[0].sites == ("d-1", "d-2")
    assert proposal.sites["cost"].tolist() == [3.0, 7.0]
    assert proposal.certificate.status == "optimal"


def test_a_site_too_many_is_unmet_and_the_bound_says_what_it_is_relative_to(town, tmp_path):
    request = tmp_path / "assemble.toml"
    request.write_text(REQUEST.replace("count = 2", "count = 3"), encoding="utf-8")
    proposal = answer(town, request, tmp_path / "out")
    (demand,) = proposal.demands
    assert not demand.met
    assert demand.reason == {"code": "unmet.jointly_proven", "params": {"met": 2, "count": 3}}
    assert proposal.certificate.relative_to["code"] == "certificate.relative_to.same_sites"
    assert proposal.audit["passed"], [c for c in proposal.audit["checks"] if not c["passed"]]


def test_a_proposal_read_back_is_the_one_written(town, tmp_path):
    from landplan.proposal.files import read_proposal

    written = answer(town, tmp_path / "assemble.toml", tmp_path / "out")
    read = read_proposal(tmp_path / "out")
    assert replace(read, times={}) == replace(written, times={})


def test_measures_count_the_land_before_and_after(town, tmp_path):
    """Four parcels become two sites; no owner is known but the acquirer afterwards."""
    proposal = answer(town, tmp_path / "assemble.toml", tmp_path / "out")
    assert proposal.measures.before["parcels"] == 4
    assert proposal.measures.after["parcels"] == 2
    assert proposal.measures.before["owners"] == 0
    assert proposal.measures.after["owners"] == 1
    assert proposal.measures.after["mean_area_m2"] == 20_000.0
