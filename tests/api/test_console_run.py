"""A calculation as people watch it: every state, both languages, figures and their ends."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from api.console.run_view import clock
from landplan.workspace.tables import jobs as jobs_table

Client = Callable[..., TestClient]


class Run:
    """A job of the prepared scenario, moved by hand as a worker would."""

    def __init__(self, asking: TestClient, **more: Any) -> None:
        self.asking = asking
        known = asking.app.state.services  # type: ignore[attr-defined]
        self.workspace, self.jobs = known.workspace, known.jobs
        [self.proposal] = self.workspace.proposals.list()
        plan = self.workspace.scenarios.plan_of(self.proposal)
        self.scenario = plan.scenario_id
        asked = self.workspace.proposals.document(self.proposal)["request"]
        job, _ = self.jobs.submit(
            process="assemble",
            dataset_id=plan.dataset_id,
            request=asked,
            client="person/planner",
            person="planner",
            scenario_id=plan.scenario_id,
            **more,
        )
        self.id = job.id

    def claim(self) -> str:
        job = self.jobs.claim("test")
        assert job is not None
        token: str = job.token
        return token

    def page(self, language: str = "en", end: str = "", **more: Any) -> Any:
        return self.asking.get(f"/runs/{self.id}{end}?lang={language}", **more)


@pytest.mark.parametrize(("language", "words"), [("en", "Waiting in line"), ("zh", "排队等候")])
def test_waiting_shows_the_place_and_can_be_taken_out(
    client: Client, language: str, words: str
) -> None:
    run = Run(client())
    page = run.page(language).text
    assert words in page
    assert "hx-trigger" in page
    run.asking.post(f"/runs/{run.id}/stop")
    assert run.jobs.get(run.id).status == "dismissed"
    assert run.page(end="/status").status_code == 286


@pytest.mark.parametrize(
    ("language", "none", "best", "bound"),
    [
        ("en", "No plan found yet", "CNY 126.10 million", "CNY 121.40 million"),
        ("zh", "尚未找到方案，但不代表没有", "12,610万元", "12,140万元"),
    ],
)
def test_two_figures_approach_each_other(
    client: Client, language: str, none: str, best: str, bound: str
) -> None:
    run = Run(client())
    token = run.claim()
    run.jobs.beat(run.id, token, "searching")
    assert none in run.page(language).text
    run.jobs.beat(run.id, token, "first_plan", 130e6, 120e6)
    run.jobs.beat(run.id, token, "improving", 126.1e6, 121.4e6)
    run.jobs.beat(run.id, token, "improving", 128e6, 119e6)  # a late report moves nothing back
    page = run.page(language, "/status").text
    assert best in page
    assert bound in page
    assert ("3.9 %" if language == "en" else "3.9%") in page
    assert "<svg" in page
    assert none not in page
    desk = run.asking.get(f"/desk/running?lang={language}").text
    assert best in desk


def test_done_turns_into_the_plan_and_adds_it_to_the_scenario_once(client: Client) -> None:
    run = Run(client())
    before = len(run.workspace.scenarios.plans(run.scenario))
    run.jobs.commit(run.id, run.claim(), run.proposal)
    answer = run.page(end="/status", headers={"hx-request": "true"})
    assert answer.headers["hx-redirect"] == f"/proposals/{run.proposal}"
    for _ in range(2):
        answer = run.page(follow_redirects=False)
        assert answer.headers["location"] == f"/proposals/{run.proposal}?lang=en"
    assert len(run.workspace.scenarios.plans(run.scenario)) == before


@pytest.mark.parametrize(
    ("ended", "language", "words"),
    [
        ("time", "en", "The time is over."),
        ("time", "zh", "已到时限。"),
        ("asked", "en", "Stopped as asked."),
        ("asked", "zh", "已按要求停止。"),
    ],
)
def test_an_early_end_says_so_and_offers_the_plan(
    client: Client, ended: str, language: str, words: str
) -> None:
    run = Run(client(), time_limit_s=60.0)
    run.jobs.commit(run.id, run.claim(), run.proposal, ended)
    page = run.page(language).text
    assert words in page
    assert f"/proposals/{run.proposal}" in page
    assert (f"/runs/{run.id}/longer" in page) == (ended == "time")


def test_more_time_is_one_more_job_however_often_it_is_asked_for(client: Client) -> None:
    run = Run(client(), time_limit_s=60.0)
    run.jobs.commit(run.id, run.claim(), run.proposal, "time")
    addresses = {
        run.asking.post(f"/runs/{run.id}/longer", follow_redirects=False).headers["location"]
        for _ in range(2)
    }
    assert len(addresses) == 1
    job = run.jobs.get(addresses.pop().rsplit("/", 1)[1])
    assert job.time_limit_s == 120.0


def test_more_time_is_refused_in_a_sentence_where_the_line_is_full(client: Client) -> None:
    run = Run(client(max_jobs_per_client=1), time_limit_s=60.0)
    run.jobs.commit(run.id, run.claim(), run.proposal, "time")
    Run(run.asking, idempotency_key="another")
    answer = run.asking.post(f"/runs/{run.id}/longer", headers={"accept": "text/html"})
    assert answer.status_code == 429
    assert answer.headers["retry-after"]
    assert "Try again in" in answer.text


@pytest.mark.parametrize(
    ("code", "language", "words", "absent"),
    [
        ("job.internal", "en", "It is our fault", "Change and calculate again"),
        ("job.internal", "zh", "这是系统的问题", "修改后重新计算"),
        ("job.nothing_found.time", "en", "No plan was found in", "our fault"),
        ("job.nothing_found.time", "zh", "未找到方案", "系统的问题"),
        ("request.no_zones", "en", "zones are asked for", "our fault"),
        ("request.no_zones", "zh", "zones", "系统的问题"),
    ],
)
def test_three_failures_have_three_voices(
    client: Client, code: str, language: str, words: str, absent: str
) -> None:
    run = Run(client())
    params = {"reference": "AB12CD34", "demand": "A"}
    run.jobs.fail(run.id, run.claim(), [{"code": code, "params": params}])
    page = run.page(language).text
    assert words in page
    assert absent not in page
    assert ("AB12CD34" in page) == (code == "job.internal")
    assert "Traceback" not in page
    assert run.page(end="/status").status_code == 286


def test_a_run_that_is_silent_for_a_minute_is_called_interrupted(client: Client) -> None:
    run = Run(client())
    run.claim()
    long_ago = "2020-01-01T00:00:00.000000+00:00"
    with run.workspace.engine.begin() as connection:
        connection.execute(
            update(jobs_table).where(jobs_table.c.id == run.id).values(heartbeat_at=long_ago)
        )
    assert "The calculation was interrupted" in run.page().text
    assert "计算在" in run.page("zh").text


def test_stopping_keeps_the_page_and_says_so(client: Client) -> None:
    run = Run(client())
    run.claim()
    page = run.asking.post(f"/runs/{run.id}/stop", headers={"hx-request": "true"}).text
    assert "Stopping." in page
    assert run.jobs.get(run.id).stop_asked
    actions = {event.action for event in run.workspace.events.of(f"job/{run.id}")}
    assert "stopped" in actions


def test_readers_and_strangers_see_no_calculation(client: Client) -> None:
    run = Run(client())
    assert client("viewer").get(f"/runs/{run.id}").status_code in (401, 403)
    assert run.asking.get("/runs/nothing", headers={"accept": "text/html"}).status_code == 404


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "00:00"), (59.9, "00:59"), (600, "10:00"), (3723, "1:02:03")]
)
def test_a_duration_reads_like_a_clock(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown
