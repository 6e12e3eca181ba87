import json
from pathlib import Path

import pytest

from benchmarks.judge import why_no_site
from benchmarks.prove import FOLDER, read
from landplan.optimize.assembly.engine import solve
from landplan.optimize.assembly.params import Params

INSTANCES = sorted(FOLDER.glob("*.json"))


def test_there_are_instances():
    assert len(INSTANCES) >= 8


@pytest.mark.parametrize("path", INSTANCES, ids=lambda path: path.stem)
def test_the_engine_proves_the_known_optimum(path: Path):
    document = json.loads(path.read_text("ascii"))
    problem = read(document)
    result = solve(problem, Params())
    if document["cost"] is None:
        assert result.status == "infeasible"
        return
    assert result.status == "optimal"
    assert result.objective == document["cost"]
    assert not why_no_site(problem, problem.demands[0], result.sites[0].parcels)
    assert len(document["proven_by"]) >= 2
