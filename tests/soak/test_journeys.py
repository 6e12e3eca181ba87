"""Long journeys, run by `make soak`."""

import json
import random
import signal
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


def test_an_interrupt_ends_the_search_with_the_best_plan_and_its_bound(tmp_path):
    """Ctrl-C is asked for as soon as the first progress line appears."""
    write_demo(tmp_path, 2_000, 4)
    request = (tmp_path / "assemble.toml").read_text("utf-8")
    thorough = request.replace("seed = 1", 'seed = 1\neffort = "thorough"')
    (tmp_path / "assemble.toml").write_text(thorough, encoding="utf-8")
    words = ["run", tmp_path / "town.toml", tmp_path / "assemble.toml", "--out", tmp_path / "out"]
    process = subprocess.Popen(
        [sys.executable, "-m", "landplan", *map(str, words)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _, told = process.communicate()
    assert process.returncode in (0, 3), told
    assert "Stopping" in told
    document = json.loads((tmp_path / "out" / "proposal.json").read_text("utf-8"))
    assert document["certificate"]["limit_hit"]
    assert document["certificate"]["bound"] <= document["certificate"]["objective"]
    assert document["audit"]["passed"]
