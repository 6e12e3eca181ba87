"""Alternatives are the next best plans under the overlap asked for, as an enumeration says."""

import itertools
import json
import math
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from landplan.cadastre.reading import read_town
from landplan.errors import InputError
from landplan.planning.answer import answer
from landplan.planning.assemble.alternatives import alternatives, land_of_plan, largest_share
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.assemble.run import run
from landplan.proposal.files import read_proposal
from tests.towns import squares, write_town

PICTURE = """
ABCDEFG
HIJKLMN
"""
NAMES = "ABCDEFGHIJKLMN"
PRICES = [10.0, 20, 12, 50, 80, 30, 31, 33, 41, 22, 47, 90, 64, 28]
PLACE = {name: (i % 7, i // 7) for i, name in enumerate(NAMES)}


@pytest.fixture(scope="module")
def town_file(tmp_path_factory):
    parcels = squares(PICTURE, price=PRICES, who=[f"o{i // 2}" for i in range(14)])
    keys = 'cost = "price"\nowner = "who"\n'
    return write_town(tmp_path_factory.mktemp("town"), parcels, parcel_keys=keys)


@pytest.fixture(scope="module")
def town(town_file):
    return read_town(town_file).require()


@pytest.fixture(scope="module")
def plan(town):
    return run(asked(), town, {})


def asked(*demands, **more):
    wanted = [*demands] or [{"id": "d", "area_ha": [3.0, 3.5]}]
    return AssembleRequest.model_validate({"process": "assemble", "demand": wanted, **more})


def joined_threes():
    """Enumerate all sites of three squares."""
    found = []
    for three in itertools.combinations(NAMES, 3):
        links = sum(
            abs(PLACE[a][0] - PLACE[b][0]) + abs(PLACE[a][1] - PLACE[b][1]) == 1
            for a, b in itertools.combinations(three, 2)
        )
        if links >= 2:
            found.append((sum(PRICES[NAMES.index(name)] for name in three), set(three)))
    return sorted(found, key=lambda one: one[0])


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.sampled_from([0.0, 0.2, 0.34, 0.5, 0.7]))
def test_every_alternative_is_the_cheapest_that_shares_no_more_with_those_before(plan, town, share):
    result = alternatives(plan, town, count=6, max_share=share, max_extra=50)
    earlier = [set(land_of_plan(plan))]
    assert plan.certificate.objective == joined_threes()[0][0]
    for one in result.plans:
        allowed = [
            cost
            for cost, three in joined_threes()
            if all(len(three & before) <= share * 3 for before in earlier)
        ]
        assert one.proposal.certificate.objective == allowed[0]
        assert one.extra == allowed[0] - plan.certificate.objective
        own = set(land_of_plan(one.proposal))
        assert [part for _, part in one.shared] == pytest.approx(
            [len(own & before) / 3 for before in earlier]
        )
        assert len(one.proposal.request["elsewhere"]) == len(earlier)
        earlier.append(own)
    left = [
        cost
        for cost, three in joined_threes()
        if all(len(three & before) <= share * 3 for before in earlier)
    ]
    assert result.bound <= min(left, default=math.inf)
    if result.ending == "none":
        assert not left


def test_a_limit_of_cost_ends_the_list_with_a_proof(plan, town):
    result = alternatives(plan, town, count=5, max_share=0.0, max_extra=0.5)
    assert result.ending == "above"
    assert result.bound > result.limit == plan.certificate.objective * 1.5
    assert all(one.proposal.certificate.objective <= result.limit for one in result.plans)


def test_where_no_other_plan_exists_that_is_proven(town):
    large = run(asked({"id": "d", "area_ha": [9.0, 14.0]}), town, {})
    result = alternatives(large, town, count=2, max_share=0.3, max_extra=50)
    assert (result.ending, result.bound, result.plans) == ("none", math.inf, ())


def test_every_site_of_several_demands_is_elsewhere(town):
    two = asked({"id": "d", "area_ha": [2.0, 2.5]}, {"id": "e", "area_ha": [3.0, 3.5]})
    first = run(two, town, {})
    result = alternatives(first, town, count=1, max_share=0.5, max_extra=50)
    other = result.plans[0].proposal
    assert len(other.sites) == 2
    assert largest_share(other, land_of_plan(first)) <= 0.5
    assert other.certificate.objective >= first.certificate.objective


def test_asked_to_stop_it_returns_what_is_proven_so_far(plan, town):
    result = alternatives(plan, town, count=3, stop=lambda best, bound: True)
    assert result.ending == "stopped"
    assert result.bound <= joined_threes()[-1][0]
    assert len(result.plans) <= 1


def test_a_plan_that_cannot_be_asked_about_is_refused_with_a_sentence(town, plan):
    tight = run(asked({"id": "d", "area_ha": [20.0, 21.0]}, partial=True), town, {})
    with pytest.raises(InputError) as caught:
        alternatives(tight, town)
    assert caught.value.code == "alternatives.unmet"


def test_the_command_writes_each_as_a_proposal_of_its_own(town_file, tmp_path):
    (tmp_path / "r.toml").write_text(
        'process = "assemble"\n[[demand]]\nid = "d"\narea_ha = [3.0, 3.5]\n', encoding="utf-8"
    )
    answer(town_file, tmp_path / "r.toml", tmp_path / "plan")
    command = [sys.executable, "-m", "landplan", "alternatives", str(tmp_path / "plan")]
    command += ["--town", str(town_file), "--count", "2", "--max-extra", "3"]
    command += ["--out", str(tmp_path / "others"), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    assert [one["proposal"] for one in told["alternatives"]] == [
        read_proposal(tmp_path / "others" / number).id for number in "12"
    ]
    assert all(read_proposal(tmp_path / "others" / number).audit["passed"] for number in "12")
    assert told["ending"] == "count"
    assert told["bound"] >= told["alternatives"][-1]["bound"]
