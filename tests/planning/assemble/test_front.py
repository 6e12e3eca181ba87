"""The Pareto front equals an enumeration, and says what it has not searched."""

import csv
import itertools
import json
import math
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from landplan.cadastre.reading import read_town
from landplan.planning.answer import answer
from landplan.planning.assemble.front import FREE, Box, front
from landplan.planning.assemble.front_words import lines, to_json, weighed
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.assemble.run import run
from landplan.proposal.files import read_proposal
from tests.towns import squares, write_town

PICTURE = """
ABCDEF
GHIJKL
"""
NAMES = "ABCDEFGHIJKL"
PRICES = [10.0, 20, 12, 50, 80, 30, 31, 33, 41, 22, 47, 90]
OWNERS = list("pqrrsstuuvww")
PLACE = {name: (i % 6, i // 6) for i, name in enumerate(NAMES)}
DISC = math.sqrt(4.5e4 / math.pi)


@pytest.fixture(scope="module")
def town_file(tmp_path_factory):
    parcels = squares(PICTURE, price=PRICES, who=OWNERS)
    keys = 'cost = "price"\nowner = "who"\n'
    return write_town(tmp_path_factory.mktemp("town"), parcels, parcel_keys=keys)


@pytest.fixture(scope="module")
def town(town_file):
    return read_town(town_file).require()


def asked(**more):
    demand = [{"id": "d", "area_ha": [3.0, 4.5]}]
    return AssembleRequest.model_validate({"process": "assemble", "demand": demand, **more})


def joined(members):
    todo, seen = [members[0]], {members[0]}
    while todo:
        x, y = PLACE[todo.pop()]
        for name in members:
            if name not in seen and abs(PLACE[name][0] - x) + abs(PLACE[name][1] - y) == 1:
                seen.add(name)
                todo.append(name)
    return len(seen) == len(members)


def spread(members):
    return 100 * min(
        max(math.dist(PLACE[middle], PLACE[name]) for name in members) for middle in members
    )


def enumerated(step, most_owners=FREE):
    """All sites as (cost, owners, steps of radius); those that no other dominates."""
    figures = {
        (
            sum(PRICES[NAMES.index(name)] for name in members),
            len({OWNERS[NAMES.index(name)] for name in members}),
            math.ceil(spread(members) / DISC / step - 1e-9),
        )
        for size in (3, 4)
        for members in itertools.combinations(NAMES, size)
        if joined(members)
    }
    figures = {one for one in figures if one[1] <= most_owners}
    return {
        one
        for one in figures
        if not any(o != one and all(a <= b for a, b in zip(o, one, strict=True)) for o in figures)
    }


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.sampled_from([0.05, 0.1, 0.25, 0.5]), st.sampled_from([0, 2, 3]))
def test_all_points_are_found_and_proven(town, step, owners):
    plan = run(asked(consent={"max_owners": owners}, shape={"max_radius_factor": 0}), town, {})
    found = front(plan, town, most=200, step=step)
    assert {point.figures for point in found.points} == enumerated(step, owners or FREE)
    assert found.complete


def test_what_was_not_searched_is_named_and_no_missing_point_lies_elsewhere(town):
    plan = run(asked(shape={"max_radius_factor": 0}), town, {})
    whole = enumerated(0.1)
    for most in (1, 2, 4):
        found = front(plan, town, most=most)
        assert found.searches <= most
        have = {point.figures for point in found.points}
        for cost, owners, steps in whole - have:
            assert any(gap.box.holds(owners, steps) and gap.bound <= cost for gap in found.missing)
        said = list(lines(found, weighed(found), ["x"] * len(have), "CNY", "en"))
        assert len(said) == len(have) + 2 + len(found.missing)


def test_a_request_reproduces_each_point(town):
    plan = run(asked(), town, {})
    for point in front(plan, town, most=6).points[1:]:
        request = AssembleRequest.model_validate(point.proposal.request)
        again = run(request, town, {})
        assert again.certificate.objective == point.cost
        assert again.id == point.proposal.id


def test_a_box_holds_what_keeps_its_limits():
    assert Box(3, FREE).holds(3, 50)
    assert not Box(3, 10).holds(2, 11)


def test_stopped_at_once_it_keeps_the_plan_and_names_the_rest(town):
    plan = run(asked(), town, {})
    found = front(plan, town, stop=lambda best, bound: True)
    assert found.points[0].proposal is plan
    assert not found.complete
    told = to_json(found, weighed(found), ["x"] * len(found.points), "CNY")
    assert told["missing"]


def test_the_command_writes_plans_and_a_table(town_file, tmp_path):
    (tmp_path / "r.toml").write_text(
        'process = "assemble"\n[[demand]]\nid = "d"\narea_ha = [3.0, 4.5]\n', encoding="utf-8"
    )
    answer(town_file, tmp_path / "r.toml", tmp_path / "plan")
    command = [sys.executable, "-m", "landplan", "front", str(tmp_path / "plan"), "--town"]
    command += [str(town_file), "--out", str(tmp_path / "front"), "--most", "30", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    assert told["complete"]
    with (tmp_path / "front" / "front.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["proposal"] for row in rows] == [p["proposal"] for p in told["points"]]
    assert sum(float(row["best_share"]) for row in rows) == pytest.approx(1.0, abs=1e-4)
    assert read_proposal(tmp_path / "front" / "1").audit["passed"]
    wrong = subprocess.run([*command, "--order", "beauty"], capture_output=True, text=True)
    assert wrong.returncode == 2
    assert "beauty" in wrong.stderr
