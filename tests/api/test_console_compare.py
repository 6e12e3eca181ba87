"""Comparing plans: the same rows for all, differences with their sign, refusals in words."""

import re
from dataclasses import replace

import pytest

from landplan.messages import say
from landplan.messages.numbers import money, share
from landplan.planning.assemble.process import PROCESS
from landplan.planning.assemble.request import AssembleRequest
from landplan.proposal.comparison import price_trials
from landplan.proposal.files import write_proposal
from landplan.proposal.robustness import robustness
from tests.reading import shared_clients


@pytest.fixture(scope="module")
def clients(prepared, tmp_path_factory):
    with shared_clients(prepared, tmp_path_factory.mktemp("comparing")) as client:
        yield client


@pytest.fixture(scope="module")
def pair(clients, prepared):
    """A planner's client and two plans: the prepared one, and one that needs less land."""
    planner = clients("planner")
    workspace = planner.app.state.services.workspace
    first = workspace.proposals.get(prepared.proposal)
    asked = {**first.request, "title": "less land"}
    asked["demand"] = [{**one, "area_ha": [2.0, 4.0], "count": 1} for one in asked["demand"]]
    town = workspace.datasets.cadastre(prepared.dataset)
    second = workspace.proposals.store(PROCESS.run(AssembleRequest(**asked), town, {}))
    workspace.scenarios.add_plan(prepared.scenario, second.id, prepared.dataset, "planner")
    return planner, first, second


def cells(page, label):
    row = re.search(rf'<th scope="row">{re.escape(label)}.*?</tr>', page, re.S)[0]
    return [re.sub(r"<[^>]+>", " ", cell).strip() for cell in re.findall(r"<td.*?</td>", row, re.S)]


def test_the_basket_explains_itself_when_it_is_empty(clients):
    for language in ("en", "zh"):
        page = clients("planner").get("/compare", params={"lang": language})
        assert say("compare.empty", None, language) in page.text


def test_one_plan_alone_asks_for_another(clients, prepared):
    page = clients("planner").get(f"/compare?ids={prepared.proposal}").text
    assert say("compare.one_more", None, "en") in page


@pytest.mark.parametrize("language", ["en", "zh"])
def test_costs_and_their_difference_stand_beside_each_other(pair, language):
    planner, first, second = pair
    page = planner.get(f"/compare?ids={first.id},{second.id}&lang={language}").text
    found = cells(page, say("comparison.cost", None, language))
    currency = first.town.currency
    costs = [plan.certificate.objective for plan in (first, second)]
    assert found[0] == "—"
    assert found[1].startswith(money(costs[0], currency, language))
    assert found[2].startswith(money(costs[1], currency, language))
    gap = costs[1] - costs[0]
    shown = money(abs(gap), currency, language).removeprefix(f"{currency} ")
    assert (("+" if gap > 0 else "−") + shown) in found[2] or say(
        "compare.same", None, language
    ) in found[2]


def test_another_baseline_turns_the_sign(pair):
    planner, first, second = pair
    label = say("comparison.area", None, "en")
    ids = f"/compare?ids={first.id},{second.id}"
    forth = cells(planner.get(ids).text, label)
    back = cells(planner.get(f"{ids}&base={second.id}").text, label)
    sign = re.search(r"[+−]", forth[2])[0]
    assert {"+": "−", "−": "+"}[sign] in back[1]
    assert not re.search(r"[+−]", back[2])


def test_the_price_trials_are_those_of_the_library(pair):
    planner, first, second = pair
    page = planner.get(f"/compare?ids={first.id},{second.id}").text
    won = price_trials([first, second])
    for count in won:
        assert say("compare.trials.value", {"n": count, "trials": 100}, "en") in page


def test_a_missing_plan_keeps_its_column_with_the_reason(pair):
    planner, first, second = pair
    page = planner.get(f"/compare?ids={first.id},{'0' * 12},{second.id}")
    assert page.status_code == 200
    assert say("compare.missing", {"id": "0" * 12}, "en") in page.text
    assert len(cells(page.text, say("comparison.cost", None, "en"))) == 4


def test_more_than_four_are_said(pair):
    planner, first, second = pair
    others = ",".join(f"{n:012x}" for n in range(4))
    page = planner.get(f"/compare?ids={first.id},{second.id},{others}").text
    assert say("compare.too_many", None, "en") in page


def test_plans_of_different_towns_are_refused_with_the_reason(pair):
    planner, first, _ = pair
    workspace = planner.app.state.services.workspace
    elsewhere = replace(first, id="0123456789ab", town=replace(first.town, name="Elsewhere"))
    write_proposal(elsewhere, workspace.proposals.folder(elsewhere.id))
    page = planner.get(f"/compare?ids={first.id},{elsewhere.id}").text
    assert say("compare.differs", None, "en") in page
    assert "Elsewhere" in page
    drawn = planner.get(f"/compare/map.svg?first={first.id}&second={elsewhere.id}")
    assert drawn.status_code == 409


def test_the_difference_map_is_drawn_for_the_chosen_pair(pair):
    planner, first, second = pair
    page = planner.get(f"/compare?ids={first.id},{second.id}").text
    source = re.search(r'src="(/compare/map.svg[^"]+)"', page)[1].replace("&amp;", "&")
    drawn = planner.get(source)
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    assert "<svg" in drawn.text


def test_a_viewer_compares_without_money(clients, pair):
    _, first, second = pair
    page = clients("viewer").get(f"/compare?ids={first.id},{second.id}")
    assert page.status_code == 200
    assert not re.search(r"CNY [\d—]|million|of 100", page.text)
    assert say("compare.same", None, "en") not in page.text
    assert say("comparison.owners", None, "en") in page.text
    for plan in (first, second):
        assert not [one for one in plan.rights["owner_id"].unique() if one in page.text]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_how_often_plans_are_best_over_all_weights_sums_to_all(pair, language):
    planner, first, second = pair
    found = robustness([first, second])
    page = planner.get(f"/compare?ids={first.id},{second.id}&lang={language}").text
    assert found is not None
    assert sum(found.best) == pytest.approx(1.0)
    names = [say(f"compare.weights.{key}", None, language) for key in found.criteria]
    criteria = (", " if language == "en" else "、").join(names)
    shown = cells(page, say("compare.weights", {"criteria": criteria}, language))
    assert shown[1].startswith(share(found.best[0], language))
    assert shown[2].startswith(share(found.best[1], language))


def test_viewers_are_not_told_what_hangs_on_costs(clients, pair):
    _, first, second = pair
    page = clients("viewer").get(f"/compare?ids={first.id},{second.id}").text
    assert "Best for so many of all weights" not in page
