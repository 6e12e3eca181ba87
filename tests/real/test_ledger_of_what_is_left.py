"""The ledger and kept borders on a real town of 13,116 parcels."""

import numpy as np
import pytest

from landplan.planning.assemble.formulate import formulate
from landplan.planning.assemble.ground import GroundCache
from landplan.planning.assemble.remaining import remaining
from landplan.planning.assemble.request import AssembleRequest

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def request_of_a_block(cambridge):
    zones = cambridge.cadastre.zones["zone"].dropna().unique()
    demand = {"id": "block", "area_ha": [1.0, 1.2], "max_bridges": 1, "zones": sorted(zones)[:2]}
    return AssembleRequest.model_validate({"process": "assemble", "demand": [demand]})


def test_the_ledger_of_a_real_town_adds_up(cambridge, request_of_a_block):
    (ledger,) = remaining(request_of_a_block, cambridge.cadastre, GroundCache()).demands
    assert ledger.total == len(cambridge.cadastre.parcels)
    assert ledger.total - sum(line.count for line in ledger.lines) == ledger.left > 0
    assert ledger.reach_found_m2 <= ledger.reach_bound_m2


def test_kept_ground_gives_the_problem_that_is_made_afresh(cambridge, request_of_a_block):
    fresh = formulate(request_of_a_block, cambridge.cadastre)
    kept = GroundCache().get(cambridge.cadastre).formulation(request_of_a_block)
    usable = fresh.problem.demands[0].eligible
    assert np.array_equal(kept.problem.cost, fresh.problem.cost)
    assert np.array_equal(kept.problem.xy, fresh.problem.xy)
    for name in ("borders", "bridges"):
        pairs = getattr(kept.problem, name)
        inside = pairs[usable[pairs].all(axis=1)]
        assert len(inside) > 0
        assert np.array_equal(inside, getattr(fresh.problem, name))
