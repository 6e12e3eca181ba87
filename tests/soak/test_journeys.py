"""Long journeys, run by `make soak`."""

import json
import random
import subprocess
import sys
import time

import pytest

from landplan.cadastre.demo import write_demo
from landplan.planning.answer import answer
from landplan.proposal.audit import audit

pytestmark = pytest.mark.soak


@pytest.mark.parametrize("size", [2_000, 10_000])
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("request_file", ["assemble.toml", "assemble-pair.toml"])
def test_demo_towns_are_planned_within_one_percent_and_audited(tmp_path, size, seed, request_file):
    write_demo(tmp_path, size, seed)
    proposal = answer(tmp_path / "town.toml", tmp_path / request_file, tmp_path / "out")
    assert all(demand.met for demand in proposal.demands)
    assert proposal.certificate.gap is not None
    assert proposal.certificate.gap <= 0.01
    assert proposal.audit["passed"], [c for c in proposal.audit["checks"] if not c["passed"]]


def test_a_run_that_is_killed_leaves_a_whole_proposal_or_none(tmp_path):
    """kill -9 at random moments: whoever finds a proposal.json finds all that belongs to it."""
    write_demo(tmp_path, 500, 1)
    moments = random.Random(1)
    words = ["run", tmp_path / "town.toml", tmp_path / "assemble-small.toml", "--out"]
    started = time.monotonic()
    command = [sys.executable, "-m", "landplan", *map(str, words)]
    subprocess.run([*command, str(tmp_path / "whole")], check=True, capture_output=True)
    usual = time.monotonic() - started
    whole = 0
    for turn in range(20):
        out = tmp_path / f"out{turn}"
        process = subprocess.Popen(
            [*command, str(out)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(usual * moments.uniform(0.3, 1.1))
        process.kill()
        process.wait()
        if (out / "proposal.json").exists():
            whole += 1
            assert audit(out).passed
            assert json.loads((out / "proposal.json").read_text("utf-8"))["audit"]["passed"]
    print(f"{whole} of 20 killed runs had finished before")


def test_a_town_of_fifty_thousand_parcels_goes_the_whole_way(tmp_path):
    write_demo(tmp_path, 50_000, 1)
    proposal = answer(tmp_path / "town.toml", tmp_path / "assemble.toml", tmp_path / "out")
    assert proposal.certificate.gap is not None
    assert proposal.certificate.gap <= 0.01
    assert proposal.audit["passed"]
