"""What an owner's refusal costs: the difference of two plans, each with its bound."""

import json
import math
import subprocess
import sys

import pytest

from landplan.cadastre.reading import read_town
from landplan.errors import InputError
from landplan.planning.answer import answer
from landplan.planning.assemble.refusals import owners_in_plan, refusals
from tests.towns import squares, write_town

PICTURE = """
ABCDE
FGHIJ
"""
PRICES = dict(zip("ABCDEFGHIJ", [10.0, 20, 10, 50, 80, 90, 90, 30, 90, 90], strict=True))
OWNERS = dict(
    zip("ABCDEFGHIJ", ["li", "wu", "li", "ma", "ma", "x", "y", "z", "q", "r"], strict=True)
)
REQUEST = """process = "assemble"
[[demand]]
id = "d"
area_ha = [3.0, 3.5]
{extra}
"""


@pytest.fixture
def made(tmp_path):
    """A-B-C cost 40. Without li: B-C is out, H-C-D... the best is B, G, H or the like."""

    def make(extra=""):
        parcels = squares(PICTURE, price=list(PRICES.values()), who=list(OWNERS.values()))
        town = write_town(tmp_path, parcels, parcel_keys='cost = "price"\nowner = "who"\n')
        (tmp_path / "r.toml").write_text(REQUEST.format(extra=extra), encoding="utf-8")
        return answer(town, tmp_path / "r.toml", tmp_path / "out"), read_town(town).require()

    return make


def cheapest_without(owner):
    """Enumerate the joined threes of the picture by hand."""
    place = {name: (i % 5, i // 5) for i, name in enumerate("ABCDEFGHIJ")}
    names = [name for name in place if OWNERS[name] != owner]
    best = math.inf
    for a in names:
        for b in names:
            for c in names:
                if len({a, b, c}) == 3 and _beside(place, a, b) and _beside(place, b, c):
                    best = min(best, PRICES[a] + PRICES[b] + PRICES[c])
    return best


def _beside(place, a, b):
    return abs(place[a][0] - place[b][0]) + abs(place[a][1] - place[b][1]) == 1


def test_each_refusal_costs_the_difference_to_the_best_plan_without_that_owner(made):
    plan, town = made()
    assert plan.certificate.objective == 40
    found = refusals(plan, town)
    assert {one.owner_id for one in found} == {"li", "wu"}
    for one in found:
        assert one.exact
        assert one.most == pytest.approx(cheapest_without(one.owner_id) - 40)
    assert [one.least for one in found] == sorted((one.least for one in found), reverse=True)
    assert found[0].probability is None


def test_owners_stand_by_their_land_in_the_plan_and_only_so_many_are_asked(made):
    plan, town = made()
    table = owners_in_plan(plan)
    assert list(table.index) == ["li", "wu"]
    assert list(table["parcels"]) == [2, 1]
    assert [one.owner_id for one in refusals(plan, town, most=1)] == ["li"]


def test_where_a_locked_parcel_belongs_to_the_owner_no_plan_is_left(made):
    plan, town = made('must = ["B"]')
    by_owner = {one.owner_id: one for one in refusals(plan, town)}
    assert by_owner["wu"].least == by_owner["wu"].most == math.inf
    assert math.isfinite(by_owner["li"].most)


def test_a_plan_on_other_data_is_refused(made, tmp_path):
    plan, _ = made()
    parcels = squares(PICTURE, price=[1.0] * 10, who=list(OWNERS.values()))
    other = write_town(tmp_path, parcels, parcel_keys='cost = "price"\nowner = "who"\n')
    with pytest.raises(InputError) as caught:
        refusals(plan, read_town(other).require())
    assert caught.value.code == "refusals.other_data"


@pytest.mark.parametrize(("language", "word"), [("en", "more, proven"), ("zh", "已证明")])
def test_the_command_says_it_in_lines_and_as_json(made, tmp_path, monkeypatch, language, word):
    made()
    monkeypatch.setenv("LANDPLAN_LANG", language)

    def command(*more):
        asked = ["refusals", str(tmp_path / "out"), "--town", str(tmp_path / "town.toml"), *more]
        return subprocess.run(
            [sys.executable, "-m", "landplan", *asked], capture_output=True, text=True, check=True
        ).stdout

    assert word in command()
    data = json.loads(command("--json"))
    assert data["currency"] == "CNY"
    assert data["refusals"][0]["owner_id"] == "li"
    assert data["refusals"][0]["exact"] is True
