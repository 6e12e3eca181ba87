"""Whom to invite: every gain and bound against all sets of parties and all assignments."""

import csv
import io
import json
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from typer.testing import CliRunner

from landplan.cadastre.reading import read_town
from landplan.cli import app
from landplan.errors import InputError
from landplan.messages import LANGUAGES
from landplan.optimize.exchange.engine import solve
from landplan.optimize.exchange.params import Params
from landplan.optimize.participation import set_bounds
from landplan.planning.answer import read_request
from landplan.planning.exchange.invite import invite
from landplan.planning.exchange.invite_gains import among, most_brought
from landplan.planning.exchange.invite_words import COLUMNS, lines, to_csv
from tests.optimize.exchange.instances import best, field, objective
from tests.planning.exchange.four import REQUEST, town_file

HELD = [[0, 1, 2, 0, 1, 2], [0, 1, 0, 2, 1, 2], [2, 1, 0, 0, 1, 2], [0, 0, 1, 2, 1, 2]]
RULES = {
    "pieces": {"piece_price": 60},
    "moves": {"piece_price": 60, "move_price": 30},
    "fixed": {"piece_price": 60, "fixed": np.arange(6) == 4},
    "kinds": {
        "piece_price": 25,
        "kind": np.array([0, 1, 0, 1, 0, 1]),
        "may_receive": np.array([[True, False], [True, True], [False, True]]),
    },
    "values": {"piece_price": 25, "value": np.array([10, 12, 9, 11, 10, 8])},
}


def town_of(held, rules):
    """Six parcels in two rows of three, three parties; values may end 6 apart from today's."""
    town = field(3, 2, held, **rules)
    own = np.bincount(town.holder, weights=town.value, minlength=3).astype(np.int64)
    return replace(town, value_low=own - 6, value_high=own + 6)


@pytest.mark.parametrize("rules", RULES)
@pytest.mark.parametrize("held", HELD)
def test_no_set_of_parties_gains_more_than_its_bound(held, rules):
    town = town_of(held, RULES[rules])
    whole = solve(town, Params.of("quick"))
    bounds = set_bounds(most_brought(town, whole.value_price))
    for k in range(1, 4):
        for members in combinations(range(3), k):
            few = among(town, np.array(members))
            gain = objective(few, few.holder) - best(few)
            assert gain <= bounds[k]


@pytest.mark.parametrize("held", HELD)
def test_an_exchange_among_some_is_the_whole_one_with_all_others_fixed(held):
    town = town_of(held, RULES["moves"])
    for members in combinations(range(3), 2):
        few = among(town, np.array(members))
        may = town.may_receive.copy()
        others = [i for i in range(3) if i not in members]
        may[others] = False
        rest = replace(town, fixed=np.isin(town.holder, others), may_receive=may)
        assert best(rest) - objective(rest, rest.holder) == pytest.approx(
            best(few) - objective(few, few.holder)
        )


@pytest.fixture
def asked(tmp_path):
    (tmp_path / "request.toml").write_text(REQUEST)
    town = read_town(town_file(tmp_path)).require()
    return tmp_path, town, read_request(tmp_path / "request.toml")[1]


def test_the_curve_rises_to_what_everyone_gains(asked):
    _, town, request = asked
    found = invite(request, town, most=4)
    gains = [guest.gain for guest in found.guests]
    assert len(gains) == found.parties == 4
    assert gains == sorted(gains)
    assert gains[0] == 0.0
    assert found.everyone == gains[-1] <= found.everyone_bound
    assert all(guest.gain <= guest.bound for guest in found.guests)
    assert not found.limit_hit
    assert invite(request, town, most=4) == found


def test_few_tries_are_admitted_and_the_bound_still_holds(asked):
    _, town, request = asked
    found = invite(request, town, most=3, tries=1)
    assert found.limit_hit
    assert all(guest.gain <= guest.bound for guest in found.guests)


def test_a_site_or_a_single_party_is_refused_in_one_sentence(asked):
    folder, town, request = asked
    site = request.model_validate({**request.canonical(), "acquirer": {"receives": ["a"]}})
    with pytest.raises(InputError, match=r"invite\.site"):
        invite(site, town)
    fixed = {**request.canonical()["fixed"], "owners": ["A", "B", "C"]}
    alone = request.model_validate({**request.canonical(), "fixed": fixed})
    with pytest.raises(InputError, match=r"invite\.nobody"):
        invite(alone, town)
    assert folder.is_dir()


def test_the_command_says_it_in_lines_as_data_and_as_a_table(asked):
    folder, town, request = asked
    run = CliRunner()
    args = ["invite", str(folder / "town.toml"), str(folder / "request.toml"), "--most", "3"]
    told = run.invoke(app, [*args, "--json", "--out", str(folder / "invite.csv")])
    assert told.exit_code == 0, told.output
    assert len(json.loads(told.stdout)["guests"]) == 3
    rows = list(csv.reader(io.StringIO((folder / "invite.csv").read_text("utf-8-sig"))))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 4
    found = invite(request, town, most=3)
    assert to_csv(found).count("\n") == 4
    for language in LANGUAGES:
        said = list(lines(found, language))
        assert not [line for line in said if "{" in line or line.startswith("invite.")]
