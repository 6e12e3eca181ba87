from pathlib import Path

import numpy as np
import pytest

from benchmarks.__main__ import main
from benchmarks.cases import Case, Run
from benchmarks.fabrics import street_fabric
from benchmarks.judge import why_no_site
from benchmarks.measure import measured, peer_of, records_of


def test_a_run_in_a_process_of_its_own_is_recorded_and_right():
    (record,) = measured(Run(Case("vor", 60, 5.0), "greedy", seeds=1, seconds=5.0))
    assert record["wrong"] == ""
    assert record["objective"] > 0
    assert record["megabytes"] > 0


def test_a_run_that_breaks_off_is_recorded_with_its_last_word():
    (record,) = measured(Run(Case("nowhere", 60, 5.0), "greedy", seeds=1))
    assert "nowhere" in record["skipped"]


@pytest.mark.parametrize("case", [Case("gui", 60, 5.0), Case("street", 60, 8.0, bridges=2)])
def test_nobody_is_cheaper_than_what_is_proven(case):
    (ours,) = records_of(Run(case, seeds=1))
    (greedy,) = records_of(Run(case, "greedy", seeds=1))
    assert ours["proven"]
    assert ours["wrong"] == greedy["wrong"] == ""
    assert greedy["objective"] >= ours["objective"]


def test_branch_and_cut_finds_what_the_engine_proves():
    case = Case("vor", 40, 4.0)
    (ours,) = records_of(Run(case, seeds=1))
    (theirs,) = records_of(Run(case, "SCIP cuts", seeds=1, seconds=20.0))
    assert ours["proven"]
    assert theirs["proven"]
    assert theirs["objective"] == ours["objective"]


def test_the_fabric_of_streets_has_its_number_of_lots_and_bridges_between_blocks():
    fabric = street_fabric(200, 0)
    assert len(fabric.area) == 200
    assert len(fabric.bridges) > 50
    borders = {tuple(sorted(pair)) for pair in fabric.borders.tolist()}
    assert not borders & {tuple(sorted(pair)) for pair in fabric.bridges.tolist()}


def test_the_check_says_what_is_wrong_with_a_site():
    problem = Case("vor", 60, 5.0, blocked=0.4).problem(0)
    demand = problem.demands[0]
    eligible = np.flatnonzero(demand.eligible)
    assert why_no_site(problem, demand, eligible[:1]) == "area"
    assert why_no_site(problem, demand, np.flatnonzero(~demand.eligible)[:1]) == "not eligible"


def test_a_set_ends_in_a_document_and_a_page(tmp_path: Path):
    main(["--set", "smoke", "--only", "greedy", "--out", str(tmp_path)])
    (page,) = tmp_path.glob("*-smoke.md")
    assert "| vor 60, 1 × 5 ha | greedy | 5 | 1 |" in page.read_text("utf-8")
    assert len(list(tmp_path.glob("*-smoke.json"))) == 1


def test_an_unknown_peer_is_refused():
    with pytest.raises(KeyError):
        peer_of("nobody")
