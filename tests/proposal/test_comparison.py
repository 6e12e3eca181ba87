"""Plans side by side: signed differences, and "same" where prices could be off by as much."""

from dataclasses import replace

import pytest

from landplan.cadastre.cadastre import Provenance, Town
from landplan.errors import ManyErrors
from landplan.messages import LANGUAGES, has
from landplan.proposal.certificate import Certificate
from landplan.proposal.comparison import SPREAD, compare, difference, price_trials
from tests.proposal.example import CRS, example, parcels, sites

COSTS = [50.0, 50.0, 50.0, 50.0, 50.0, 50.0, float("nan"), 50.0]


def plan(name, members, costs=COSTS, **changes):
    """The example with other parcels in its site; acquirers own nothing."""
    ground = parcels()
    ground["cost"] = costs
    ground["site_id"] = ["plant-1" if p in members else None for p in ground["parcel_id"]]
    cost = float(sum(c for c, p in zip(costs, ground["parcel_id"], strict=True) if p in members))
    own = sites(ground)
    own["cost"], own["parcel_count"] = cost, len(members)
    own["area_m2"] = 100.0 * len(members)
    certificate = Certificate(
        "min", "CNY", cost, min(cost, 90.0), "feasible", {"cost": cost}, "s", 1
    )
    fields = {"certificate": certificate, "sites": own, "request": {"demand": []}}
    return replace(example(ground=ground), id=name, **{**fields, **changes})


def rows(comparison):
    return {row.key: row for row in comparison.rows}


def codes(caught):
    return {error.code for error in caught.value.errors}


def test_today_stands_first_and_differences_refer_to_the_first_plan():
    table = compare([plan("a", {"P1", "P2"}), plan("b", {"P1", "P2", "P5"})])
    assert [column.plan for column in table.columns] == [None, "a", "b"]
    assert table.baseline == 1
    cost = rows(table)["cost"]
    assert cost.values == (None, 100.0, 150.0)
    assert cost.differences == (None, None, 50.0)
    assert cost.lower_is_better
    town = rows(table)["town_owners"]
    assert town.values == (5, 4, 4)
    assert town.differences == (1, None, 0)
    assert all(len(row.values) == len(table.columns) for row in table.rows)


def test_where_the_town_has_no_data_of_owners_none_are_counted():
    known = plan("a", {"P1", "P2"})
    nobody = known.rights.assign(owner_id=None)
    figures = {**known.measures.before, "owners": 0}
    unknown = replace(known, rights=nobody, measures=replace(known.measures, before=figures))
    table = rows(compare([unknown, replace(unknown, id="b")]))
    assert table["owners"].values == (None, None, None)
    assert table["town_owners"].values == (None, None, None)


def test_the_baseline_can_be_changed_and_today_left_out():
    table = compare(
        [plan("a", {"P1", "P2"}), plan("b", {"P1", "P5", "P2"})], today=False, baseline=1
    )
    assert rows(table)["cost"].differences == (-50.0, None)
    assert rows(table)["area"].differences == (-100.0, None)


def test_what_both_plans_use_does_not_blur_their_difference():
    """P1 is shared: 50 against 53 differ by 3, and prices of these two may be off by 8.24."""
    costs = [1000.0, 50.0, 53.0, 70.0, 50.0, 50.0, float("nan"), 50.0]
    near, far = {"P1", "=1+1"}, {"P1", "P4"}
    table = compare([plan("a", {"P1", "P2"}, costs), plan("b", near, costs), plan("c", far, costs)])
    cost = rows(table)["cost"]
    assert cost.differences[2:] == (3.0, 20.0)
    assert cost.same == (False, False, True, False)


def test_without_a_shared_parcel_the_same_difference_may_not_matter():
    costs = [1000.0, 1000.0, 1020.0, 50, 50, 50, float("nan"), 50.0]
    table = compare([plan("a", {"P1", "P2"}, costs), plan("b", {"P1", "=1+1"}, costs)])
    assert rows(table)["cost"].same[2]
    alone = compare([plan("a", {"P2"}, costs), plan("b", {"=1+1"}, costs)], spread=0.005)
    assert not rows(alone)["cost"].same[2]
    assert not alone.spread_is_placeholder
    assert table.spread_is_placeholder
    assert table.spread == SPREAD


def test_only_money_can_be_the_same_within_its_uncertainty():
    table = compare([plan("a", {"P1", "P2"}), plan("b", {"P1", "P5"})])
    assert {row.key for row in table.rows if any(row.same)} <= {"cost", "cost_per_m2"}


def test_a_plan_without_sites_has_no_figures_but_a_column():
    nothing = plan("n", set())
    nothing = replace(
        nothing,
        sites=nothing.sites.iloc[:0],
        certificate=Certificate("min", "CNY", None, None, "infeasible", {}, "s", 1),
    )
    table = compare([plan("a", {"P1"}), nothing])
    assert rows(table)["cost"].values == (None, 50.0, None)
    assert rows(table)["cost"].differences == (None, None, None)
    assert price_trials([nothing, plan("a", {"P1"})]) == (0, 100)


def test_other_data_another_question_and_unmet_demands_are_noted():
    other = plan(
        "b", {"P1"}, provenance=Provenance((), "e" * 64), request={"demand": [{"id": "x"}]}
    )
    other = replace(
        other, demands=(replace(other.demands[0], met=False, sites=(), reason={"code": "x"}),)
    )
    notes = [code for code, _ in compare([plan("a", {"P1"}), other]).notes]
    assert notes == ["comparison.other_data", "comparison.other_question", "comparison.unmet"]
    assert compare([plan("a", {"P1"}), plan("b", {"P2"})]).notes == ()


def test_what_cannot_be_compared_is_refused_with_all_reasons():
    one = plan("a", {"P1"})
    elsewhere = replace(plan("b", {"P1"}), town=Town("Elsewhere", CRS, "CNY"), process="exchange")
    with pytest.raises(ManyErrors) as caught:
        compare([one, one, elsewhere, plan("c", {"P1"}), plan("d", {"P2"})])
    assert codes(caught) == {
        "comparison.count",
        "comparison.twice",
        "comparison.processes",
        "comparison.towns",
    }
    with pytest.raises(ManyErrors):
        compare([])


def test_trials_add_up_and_favour_the_cheaper_plan():
    """50 against 53, 8 % each: the cheaper one mostly wins, but not always."""
    costs = [1000.0, 50.0, 53.0, 90.0, 50.0, 50.0, float("nan"), 50.0]
    a, b = plan("a", {"P1", "P2"}, costs), plan("b", {"P1", "=1+1"}, costs)
    won = price_trials([a, b])
    assert sum(won) == 100
    assert won[0] > won[1] > 0
    assert price_trials([a, b]) == won
    assert price_trials([a, b], seed=2, trials=1000)[0] == pytest.approx(770, abs=60)
    assert price_trials([a, b], spread=0.0) == (100, 0)


def test_a_third_plan_that_never_wins_changes_nothing():
    costs = [1000.0, 50.0, 53.0, 9000.0, 50.0, 50.0, float("nan"), 50.0]
    a, b = plan("a", {"P1", "P2"}, costs), plan("b", {"P1", "=1+1"}, costs)
    assert price_trials([a, b, plan("c", {"P4"}, costs)]) == (*price_trials([a, b]), 0)


def test_shared_parcels_share_the_draw():
    """However much the shared parcel weighs, a plan that only adds land is never cheaper."""
    costs = [1e9, 1.0, 1.0, 1.0, 1.0, 1.0, float("nan"), 1.0]
    assert price_trials([plan("a", {"P1", "P2"}, costs), plan("b", {"P1"}, costs)]) == (0, 100)


def test_the_difference_has_three_classes():
    found = difference(plan("a", {"P1", "P2"}), plan("b", {"P2", "P5"}))
    assert (found.only_first, found.only_second, found.both) == (("P1",), ("P5",), ("P2",))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_row_and_note_has_words(language):
    keys = {f"comparison.{row.key}" for row in compare([plan("a", {"P1"})]).rows}
    keys |= {f"comparison.{name}" for name in ("other_data", "other_question", "unmet")}
    assert [key for key in sorted(keys) if not has(key, language)] == []


def test_cost_is_that_of_the_land_whatever_else_the_objective_prices():
    one = plan("a", {"P1", "P2"})
    terms = {"acquisition": 100.0, "owners": 20.0}
    certificate = Certificate("min", "CNY", 120.0, 110.0, "feasible", terms, "s", 1)
    table = rows(compare([replace(one, certificate=certificate), plan("b", {"P1", "P2", "P5"})]))
    assert table["cost"].values == (None, 100.0, 150.0)
    assert table["cost_per_m2"].values[1] == 100.0 / 200.0
