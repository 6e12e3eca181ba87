"""Why a parcel is in, what the plan costs without it, and what would help where nothing fits."""

import json
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from landplan.messages import say
from landplan.planning.assemble.change_trials import patched
from landplan.planning.assemble.counterfactual import compared
from landplan.planning.assemble.process import PROCESS
from landplan.planning.assemble.request import AssembleRequest
from landplan.workspace.worker_result import answer_job


class Quiet:
    """A reporter of a calculation that nobody watches."""

    ended = "done"
    progress = None
    stop = None

    def enter(self, phase):
        pass


def work(services):
    """Answer the next job as a worker does, without a process of its own."""
    job = services.jobs.claim("test")
    found = answer_job(services.workspace, job, Quiet())
    assert services.jobs.commit(job.id, job.token, found)
    return services.workspace.proposals.get(found)


@pytest.fixture
def planner(client):
    return client("planner")


@pytest.fixture
def services(planner):
    return planner.app.state.services


def row_of(page, parcel):
    return re.search(rf'<tr data-parcel="{parcel}".*?</tr>', page, re.S)[0]


def first_parcel(services, prepared):
    parcels = services.workspace.proposals.get(prepared.proposal).parcels
    return parcels.loc[parcels["site_id"].notna(), "parcel_id"].iloc[0]


def test_asking_makes_one_job_and_the_row_tells_what_came_of_it(planner, services, prepared):
    parcel, path = first_parcel(services, prepared), f"/proposals/{prepared.proposal}"
    for _ in range(2):
        answer = planner.post(
            f"{path}/why", data={"parcel": parcel}, headers={"HX-Request": "true"}
        )
        assert say("plan.why.waiting", None, "en") in answer.text
        assert 'hx-trigger="every 2s"' in answer.text
    assert len(services.jobs.list(purpose="why")) == 1
    other = work(services)
    assert parcel not in set(other.parcels.loc[other.parcels["site_id"].notna(), "parcel_id"])
    shown = planner.get(f"{path}/why", params={"parcel": parcel}).text
    assert "hx-trigger" not in shown
    code = compared(services.workspace.proposals.get(prepared.proposal), other).verdict
    assert say(f"plan.why.{code}", {"amount": "@", "least": "@", "most": "@"}, "en").split("@")[
        0
    ] in unescape(shown)
    page = planner.get(path, params={"tab": "why"}).text
    assert say(f"plan.why.{code}", {"amount": "@", "least": "@", "most": "@"}, "en").split("@")[
        0
    ] in row_of(page, parcel)
    assert services.workspace.scenarios.plan_of(other.id) is None


def test_without_scripts_asking_comes_back_to_the_tab(planner, services, prepared):
    path = f"/proposals/{prepared.proposal}"
    parcel = first_parcel(services, prepared)
    answer = planner.post(f"{path}/why", data={"parcel": parcel}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{path}?tab=why")


def test_a_failed_calculation_may_be_asked_again(planner, services, prepared):
    path, parcel = f"/proposals/{prepared.proposal}/why", first_parcel(services, prepared)
    planner.post(path, data={"parcel": parcel})
    job = services.jobs.claim("test")
    services.jobs.fail(job.id, job.token, [{"code": "job.internal", "params": {"reference": "A"}}])
    shown = planner.get(path, params={"parcel": parcel}).text
    assert say("plan.why.failed", None, "en") in shown
    assert say("plan.why.ask", None, "en") in shown
    planner.post(path, data={"parcel": parcel})
    assert len(services.jobs.list(purpose="why")) == 2


def test_a_parcel_that_does_not_exist_asks_nothing(planner, services, prepared):
    answer = planner.post(f"/proposals/{prepared.proposal}/why", data={"parcel": "no such"})
    assert answer.status_code == 404
    assert not services.jobs.list(purpose="why")


def test_at_least_is_said_only_where_it_is_proven(services, prepared):
    from dataclasses import replace

    plan = services.workspace.proposals.get(prepared.proposal)
    cost = plan.certificate.objective

    def dearer(objective, bound):
        terms = {"acquisition": objective}
        certificate = replace(
            plan.certificate, objective=objective, bound=bound, terms=terms, status="feasible"
        )
        found = compared(plan, replace(plan, certificate=certificate))
        return found.verdict, found.least, found.most

    assert dearer(cost + 10, cost + 4) == ("between", 4, 10)
    assert dearer(cost + 10, cost + 10) == ("exact", 10, 10)
    assert dearer(cost + 10, cost - 4) == ("found", 0, 10)
    assert dearer(cost + 10, None) == ("found", 0, 10)
    assert dearer(cost, cost - 4) == ("same", 0, 0)
    assert dearer(cost - 3, cost - 4) == ("found_less", 0, -3)


def test_viewers_read_reasons_without_prices_and_cannot_ask(client, prepared):
    viewer = client("viewer")
    path = f"/proposals/{prepared.proposal}"
    page = viewer.get(path, params={"tab": "why"}).text
    assert "<td>It" in page
    assert "costs" not in re.sub(r"<script.*?</script>", "", page, flags=re.S)
    assert say("plan.why.ask", None, "en") not in page
    assert viewer.post(f"{path}/why", data={"parcel": "x"}).status_code == 403
    assert viewer.get(f"{path}/why", params={"parcel": "x"}).status_code == 403


@pytest.fixture
def impossible(services, prepared):
    """A plan of a question that no land can answer."""
    workspace = services.workspace
    first = workspace.proposals.get(prepared.proposal)
    asked = {**first.request, "title": "too much", "demand": [dict(first.request["demand"][0])]}
    asked["demand"][0] |= {"area_ha": [500.0, 520.0], "count": 1}
    town = workspace.datasets.cadastre(prepared.dataset)
    made = workspace.proposals.store(PROCESS.run(AssembleRequest(**asked), town, {}))
    workspace.scenarios.add_plan(prepared.scenario, made.id, prepared.dataset, "planner")
    return made


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_fits_offers_the_smallest_changes_as_requests(planner, impossible, language):
    page = planner.get(f"/proposals/{impossible.id}", params={"lang": language, "changes": 1})
    assert page.status_code == 200
    assert say("plan.nothing.title", None, language) in page.text
    assert say("plan.submit", None, language) not in page.text
    links = [unescape(link) for link in re.findall(r'href="(/requests/new\?from[^"]+)"', page.text)]
    offers = [link for link in links if "patch" in link]
    assert offers
    for link in offers:
        query = parse_qs(urlsplit(link).query)
        assert query["from"] == [impossible.id]
        patch = tuple((path, value) for path, value in json.loads(query["patch"][0]))
        changed = AssembleRequest(**patched(impossible.request, patch))
        assert changed.canonical() != impossible.request


def test_nothing_fits_can_neither_be_edited_nor_signed(planner, impossible):
    path = f"/proposals/{impossible.id}"
    edit = planner.get(f"{path}/edit")
    assert edit.status_code == 409
    assert edit.json()["code"] == "edit.no_plan"
    assert planner.post(f"{path}/submit", data={"remark": ""}).status_code == 409
    assert say("signoff.blocked.none", None, "en") in planner.get(f"{path}/signoff").text


def test_viewers_see_that_nothing_fits_without_offers(client, impossible):
    page = client("viewer").get(f"/proposals/{impossible.id}")
    assert page.status_code == 200
    assert "/requests/new" not in page.text
