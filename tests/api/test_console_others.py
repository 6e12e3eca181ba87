"""Other plans around a plan: asked for on its page, calculated as a job, read with their proof."""

import re
from html import unescape

import pytest

from landplan.messages import say
from landplan.workspace.further import Further
from tests.api.test_console_plan_why import work


@pytest.fixture
def planner(client):
    return client("planner")


@pytest.fixture
def services(planner):
    return planner.app.state.services


def path(prepared):
    return f"/proposals/{prepared.proposal}/others"


def ask(planner, prepared, kind, **limits):
    data = {"kind": kind, **limits}
    return planner.post(path(prepared), data=data, headers={"HX-Request": "true"})


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_tab_asks_before_anything_is_calculated(planner, services, prepared, language):
    page = planner.get(f"/proposals/{prepared.proposal}?tab=others&lang={language}").text
    for code in ("others.alternatives", "others.front", "others.look"):
        assert say(code, None, language) in page
    assert not services.jobs.list(purpose="alternatives")


def test_alternatives_are_plans_of_their_own_with_a_sentence_about_the_rest(
    planner, services, prepared
):
    for _ in range(2):  # whoever asks again while it is looked for joins in
        waiting = ask(planner, prepared, "alternatives", count=1).text
        assert say("others.waiting", None, "en") in waiting
        assert 'hx-trigger="every 2s"' in waiting
    assert len(services.jobs.list(purpose="alternatives")) == 1
    assert work(services).id == prepared.proposal
    shown = unescape(planner.get(path(prepared), params={"kind": "alternatives"}).text)
    assert "hx-trigger" not in shown
    found = Further(services.workspace).find(prepared.proposal, "alternatives")
    other = found["alternatives"][0]["folder"]
    assert f'href="/proposals/{other}"' in shown
    assert "more than the plan" in shown
    assert "Every further plan whose sites have at most 50.0 %" in shown
    assert planner.get(f"/proposals/{other}").status_code == 200
    assert services.workspace.scenarios.plan_of(other) is None


def test_the_front_names_its_points_and_what_may_be_missing(planner, services, prepared):
    ask(planner, prepared, "front", most=1)
    work(services)
    shown = unescape(planner.get(path(prepared), params={"kind": "front"}).text)
    assert say("others.this_plan", None, "en") in shown
    assert "urther point" in shown or "No point is missing" in shown
    assert re.search(r"\d %", shown)


def test_a_search_that_failed_says_why_and_may_be_asked_again(planner, services, prepared):
    ask(planner, prepared, "front")
    job = services.jobs.claim("test")
    services.jobs.fail(job.id, job.token, [{"code": "job.memory", "params": {"limit_mb": 5}}])
    shown = planner.get(path(prepared), params={"kind": "front"}).text
    assert say("job.memory", {"limit_mb": 5}, "en") in unescape(shown)
    assert say("others.look", None, "en") in shown
    ask(planner, prepared, "front")
    assert len(services.jobs.list(purpose="front")) == 2


def test_viewers_neither_see_the_tab_nor_ask(client, prepared):
    viewer = client("viewer")
    page = viewer.get(f"/proposals/{prepared.proposal}?tab=others").text
    assert 'id="tab-others"' not in page
    assert viewer.post(path(prepared), data={"kind": "front"}).status_code == 403
    assert viewer.get(path(prepared), params={"kind": "front"}).status_code == 403


def test_limits_out_of_range_are_refused(planner, services, prepared):
    assert ask(planner, prepared, "alternatives", count=99).status_code == 400
    assert ask(planner, prepared, "nonsense").status_code == 400
    assert not services.jobs.list(purpose="alternatives")
