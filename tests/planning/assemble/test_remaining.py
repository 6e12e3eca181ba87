"""The ledger of what is left adds up, and says what cannot be met before anything is calculated."""

import threading

import numpy as np
import pytest

from landplan.cadastre.reading import read_town
from landplan.errors import ManyErrors
from landplan.messages import LANGUAGES, has
from landplan.planning.answer import answer
from landplan.planning.assemble.formulate import formulate
from landplan.planning.assemble.ground import GroundCache, Shelf
from landplan.planning.assemble.remaining import RULES, remaining
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.assemble.rule_words import rule_text, warning_text
from tests.towns import box, squares, write_town

PICTURE = """
ABCDE
FGHIJ

KLMNO
"""
NAMES = "ABCDEFGHIJKLMNO"


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """Three rows of squares of 1 ha; an empty row (a street of 100 m) before the last one."""
    folder = tmp_path_factory.mktemp("town")
    uses = ["factory"] * 13 + ["field", "field"]
    price = [float(number + 1) for number in range(14)] + [None]
    parcels = squares(PICTURE, use=uses, price=price, holder=list("aabbccddeeffggh"))
    parcels["zone_name"] = ["M"] * 10 + ["G"] * 5
    zones = parcels[parcels["zone_name"] == "M"].dissolve().reset_index()[["zone_name", "geometry"]]
    zones.geometry = zones.buffer(0)
    keys = 'cost = "price"\nland_use = "use"\nowner = "holder"\n'
    toml = '[zones]\nfile = "zones.gpkg"\ncode = "zone_name"\n'
    path = write_town(folder, parcels, parcel_keys=keys, toml=toml, layers={"zones": zones})
    return read_town(path).require()


@pytest.fixture(scope="module")
def cache():
    return GroundCache()


def ask(**demand):
    return {"process": "assemble", "demand": [{"id": "d", "area_ha": [2.0, 3.0], **demand}]}


def codes(found):
    return [warned.code.removeprefix("remaining.") for warned in found.warnings]


def test_every_parcel_stands_in_one_line_or_is_left(town, cache):
    (ledger,) = remaining(
        ask(land_uses=["factory"], zones=["M"], never=["A", "K", "B"], never_owners=["b"]),
        town,
        cache,
    ).demands
    assert [(line.rule, line.count) for line in ledger.lines] == [
        ("land_use", 2),
        ("zone_share", 3),
        ("never_owner", 2),
        ("never", 2),
    ]
    assert ledger.total - sum(line.count for line in ledger.lines) == ledger.left == 6
    assert ledger.total_m2 - sum(line.area_m2 for line in ledger.lines) == ledger.left_m2
    assert ledger.excluded == 3


@pytest.mark.parametrize("seed", range(12))
def test_the_ledger_adds_up_for_any_rules(town, cache, seed):
    chance = np.random.default_rng(seed)
    pick = lambda pool, most: list(chance.choice(list(pool), chance.integers(0, most), False))  # noqa: E731
    (ledger,) = remaining(
        ask(
            land_uses=pick(["factory", "field"], 2),
            zones=pick(["M"], 2),
            never=pick(NAMES, 6),
            never_owners=pick("abcdefgh", 3),
            area_ha=sorted(chance.uniform(0.5, 4.0, 2).tolist()),
        ),
        town,
        cache,
    ).demands
    assert ledger.total - sum(line.count for line in ledger.lines) == ledger.left
    assert ledger.left_m2 == pytest.approx(
        ledger.total_m2 - sum(line.area_m2 for line in ledger.lines)
    )
    assert [line.rule for line in ledger.lines] == sorted(
        (line.rule for line in ledger.lines), key=RULES.index
    )


def test_the_ledger_leaves_what_the_engine_may_use(town, cache):
    request = AssembleRequest.model_validate(ask(zones=["M"], never=["C"]))
    (ledger,) = remaining(request, town, cache).demands
    assert ledger.left == formulate(request, town).verdicts[0].eligible.sum()


@pytest.mark.parametrize("bridges", [0, 1])
def test_kept_borders_and_bridges_make_the_problem_that_the_engine_gets(town, cache, bridges):
    asked = ask(never=["G", "M"], max_bridges=bridges)
    asked["bridge"] = {"max_width_m": 120.0}
    request = AssembleRequest.model_validate(asked)
    fresh, kept = formulate(request, town), cache.get(town).formulation(request)
    usable = fresh.problem.demands[0].eligible
    assert (kept.problem.demands[0].eligible == usable).all()
    for name in ("borders", "bridges"):
        pairs = getattr(kept.problem, name)
        inside = pairs[usable[pairs].all(axis=1)].tolist()
        assert inside == getattr(fresh.problem, name).tolist()
    assert len(fresh.problem.bridges) > 0 or bridges == 0


def test_the_largest_piece_is_measured_with_and_without_crossings(town, cache):
    one = remaining(ask(), town, cache).demands[0]
    assert one.connected_m2 == 100_000.0
    asked = ask(max_bridges=1, area_ha=[2.0, 40.0])
    asked |= {"bridge": {"max_width_m": 120.0}, "shape": {"max_radius_factor": 0.0}}
    two = remaining(asked, town, cache).demands[0]
    assert two.connected_m2 == 100_000.0
    assert two.reach_found_m2 == two.reach_bound_m2 == 140_000.0


def test_what_no_plan_can_meet_is_said_before(town, cache):
    found = remaining(ask(area_ha=[11.0, 12.0]) | {"shape": {"max_radius_factor": 0}}, town, cache)
    assert not found.possible
    assert codes(found) == ["too_small"]
    assert warning_text(found.warnings[0], "en") == (
        "No contiguous land is larger than 10.0 ha (150 mu); 11.0 ha (165 mu) are asked for. "
        "No plan can meet this."
    )


@pytest.mark.parametrize(
    ("demand", "expected", "possible"),
    [
        ({"must": ["N"], "land_uses": ["factory"]}, ["locked_fails"], False),
        ({"must": ["O"]}, ["locked_fails"], False),
        ({"must": ["A"], "never": ["A", "B"]}, ["locked_and_excluded"], True),
        ({"must": ["A", "B", "F", "G"]}, ["locked_too_large"], False),
        ({"must": ["A", "K"]}, ["locked_apart"], False),
        ({"must": ["A"], "count": 2}, ["locked_with_count"], True),
        ({"land_uses": ["factory"], "never": list(NAMES)}, ["no_land"], False),
        ({"count": 9}, ["too_many"], False),
        ({"min_parcels": 15}, ["too_few_parcels"], False),
        ({"area_ha": [2.0, 20.0]}, ["area_above_left"], True),
        ({}, [], True),
    ],
)
def test_each_contradiction_has_its_warning(town, cache, demand, expected, possible):
    found = remaining(ask(**demand), town, cache)
    assert codes(found) == expected
    assert found.possible is possible
    for warned in found.warnings:
        for language in LANGUAGES:
            assert has(warned.code, language)
            text = warning_text(warned, language)
            assert "remaining." not in text
            assert "{" not in text


def test_a_parcel_locked_in_twice_is_named_with_both_demands(town, cache):
    asked = {"demand": [{"id": i, "area_ha": [1, 2], "must": ["A"]} for i in ("x", "y")]}
    found = remaining(asked, town, cache)
    (warned,) = found.warnings
    assert warned.params == {"id": "A", "first": "x", "second": "y"}
    assert [demand.locked for demand in found.demands] == [1, 0]


def test_unknown_names_are_warnings_and_do_not_stop_the_count(town, cache):
    found = remaining(ask(never=["A", "ZZ"], zones=["nowhere"]), town, cache)
    assert {warned.code for warned in found.warnings} >= {
        "request.unknown_parcel",
        "request.unknown_zone",
    }
    assert found.demands[0].excluded == 1


@pytest.mark.parametrize("partial", [{}, {"demand": [{}]}, {"demand": [{"id": "x", "count": 2}]}])
def test_a_request_that_says_little_restricts_little(town, cache, partial):
    (ledger,) = remaining(partial, town, cache).demands
    assert ledger.left == 14
    assert [line.rule for line in ledger.lines] == ["cost.missing"]
    assert ledger.warnings == ()


def test_two_demands_with_the_same_name_are_still_counted(town, cache):
    asked = {"demand": [{"id": "x"}, {"id": "x", "never": ["A"]}]}
    assert [demand.left for demand in remaining(asked, town, cache).demands] == [14, 13]


def test_values_out_of_bounds_are_refused(town, cache):
    with pytest.raises(ManyErrors):
        remaining(ask(count=0), town, cache)


def test_a_demand_said_to_be_impossible_is_unmet_when_run(tmp_path):
    """What the ledger refuses, the engine proves."""
    path = write_town(tmp_path, squares("AB CD", price=[1.0] * 4), parcel_keys='cost = "price"\n')
    request = 'process = "assemble"\npartial = true\n[[demand]]\nid = "d"\narea_ha = [3.0, 4.0]\n'
    (tmp_path / "r.toml").write_text(request, encoding="utf-8")
    town = read_town(path).require()
    assert not remaining(ask(area_ha=[3.0, 4.0]), town, GroundCache()).possible
    proposal = answer(path, tmp_path / "r.toml", tmp_path / "out")
    assert proposal.demands[0].reason["code"] == "unmet.too_small"


def test_the_cache_keeps_a_few_towns_and_makes_each_once(town):
    cache = GroundCache(size=2)
    first = cache.get(town, "one")
    assert cache.get(town, "one") is first
    cache.get(town, "two")
    cache.get(town, "three")
    assert len(cache) == 2
    assert cache.get(town, "one") is not first


def test_threads_that_want_the_same_wait_for_one_to_make_it():
    shelf: Shelf[int] = Shelf(2)
    made, seen = [], []
    start = threading.Barrier(8)

    def make() -> int:
        made.append(1)
        return 7

    def want() -> None:
        start.wait()
        seen.append(shelf.get("key", make))

    threads = [threading.Thread(target=want) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [7] * 8
    assert len(made) == 1


def test_making_that_fails_is_tried_again():
    shelf: Shelf[int] = Shelf(1)

    def fail() -> int:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        shelf.get("key", fail)
    assert shelf.get("key", lambda: 3) == 3


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rule", [*RULES, "data.overlap", "something.new"])
def test_every_rule_has_a_clause_and_a_label(rule, language):
    text = rule_text(rule, 0.9499, 0.95, "share", language)
    assert text
    assert "{" not in text
    if rule in RULES:
        assert has(f"remaining.rule.{rule}", language)


def test_a_share_that_misses_never_looks_as_if_it_met():
    assert "94.9 %" in rule_text("zone_share", 0.94999, 0.95, "share", "en")


def test_the_fixture_draws_what_its_picture_shows(town):
    assert town.parcels.geometry.iloc[0].equals(box(0, 300, 100, 100))
