"""Whoever holds a job may report and hand in, once; whoever lost it may not."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, update

from landplan.workspace.database import now, open_database
from landplan.workspace.jobs import Jobs
from landplan.workspace.tables import datasets
from landplan.workspace.tables import jobs as table


def open_jobs(folder, url=None):
    engine = open_database(folder, url)
    row = {
        "id": "d1",
        "series": "anting",
        "version": 1,
        "town": "Anting",
        "data_hash": "hash",
        "parcels": 9,
        "imported_at": now(),
        "imported_by": "lin",
        "findings": [],
    }
    with engine.begin() as connection:
        connection.execute(insert(datasets).values(**row))
    return Jobs(engine, max_per_client=10_000, max_open=10_000)


@pytest.fixture
def jobs(tmp_path):
    opened = open_jobs(tmp_path)
    yield opened
    opened.engine.dispose()


def ask(jobs):
    return jobs.submit(
        process="assemble", dataset_id="d1", request={}, client="console", person="lin"
    )[0]


def silent_since(jobs, job_id, seconds):
    then = datetime.now(UTC) - timedelta(seconds=seconds)
    text = then.isoformat(timespec="microseconds")
    with jobs.engine.begin() as connection:
        connection.execute(update(table).where(table.c.id == job_id).values(heartbeat_at=text))


def test_the_oldest_job_is_taken_first_and_every_taking_draws_a_new_token(jobs):
    asked = [ask(jobs) for _ in range(3)]
    taken = [jobs.claim("w") for _ in range(3)]
    assert [job.id for job in taken] == [job.id for job in asked]
    assert len({job.token for job in taken}) == 3
    assert {job.attempt for job in taken} == {1}
    assert {job.status for job in taken} == {"running"}
    assert jobs.claim("w") is None


def test_many_workers_never_take_the_same_job(jobs):
    asked = {ask(jobs).id for _ in range(40)}

    def take_all(worker):
        taken = []
        while (job := jobs.claim(worker)) is not None:
            taken.append(job.id)
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [job_id for part in pool.map(take_all, "abcd") for job_id in part]
    assert len(taken) == 40
    assert set(taken) == asked


def test_a_result_is_handed_in_exactly_once(jobs):
    ask(jobs)
    job = jobs.claim("w")
    assert jobs.commit(job.id, job.token, "aaaaaaaaaaaa") is True
    assert jobs.commit(job.id, job.token, "bbbbbbbbbbbb") is False
    assert jobs.fail(job.id, job.token, [{"code": "job.internal", "params": {}}]) is False
    stored = jobs.get(job.id)
    assert (stored.status, stored.proposal_id, stored.error) == ("successful", "aaaaaaaaaaaa", None)
    assert stored.ended == "done"
    assert stored.finished_at is not None


def test_a_worker_that_was_thought_lost_can_do_nothing_with_its_old_token(jobs):
    ask(jobs)
    lost = jobs.claim("first")
    silent_since(jobs, lost.id, 120)
    assert jobs.requeue_lost(60) == [lost.id]
    assert jobs.beat(lost.id, lost.token).valid is False
    assert jobs.commit(lost.id, lost.token, "aaaaaaaaaaaa") is False
    again = jobs.claim("second")
    assert again.attempt == 2
    assert jobs.beat(lost.id, lost.token).valid is False
    assert jobs.commit(lost.id, lost.token, "aaaaaaaaaaaa") is False
    assert jobs.fail(lost.id, lost.token, []) is False
    assert jobs.release(lost.id, lost.token) is False
    assert jobs.commit(again.id, again.token, "bbbbbbbbbbbb") is True
    assert jobs.get(lost.id).proposal_id == "bbbbbbbbbbbb"


def test_a_job_whose_worker_reports_is_not_lost(jobs):
    ask(jobs)
    job = jobs.claim("w")
    silent_since(jobs, job.id, 120)
    assert jobs.get(job.id).interrupted()
    jobs.beat(job.id, job.token)
    assert not jobs.get(job.id).interrupted()
    assert jobs.requeue_lost(60) == []
    assert jobs.requeue_lost(0, keep=[job.id]) == []
    assert jobs.get(job.id).status == "running"


def test_a_job_that_is_lost_again_and_again_is_given_up_with_a_sentence(jobs):
    asked = ask(jobs)
    for attempt in (1, 2):
        assert jobs.claim("w").attempt == attempt
        assert jobs.requeue_lost(0) == [asked.id]
    jobs.claim("w")
    assert jobs.requeue_lost(0) == []
    job = jobs.get(asked.id)
    assert job.status == "failed"
    assert job.error == [{"code": "job.lost", "params": {"n": 3}}]


def test_an_attempt_that_was_not_the_jobs_fault_is_not_counted(jobs):
    ask(jobs)
    job = jobs.claim("w")
    assert jobs.release(job.id, job.token, counted=False)
    assert jobs.claim("w").attempt == 1


def test_a_lost_job_keeps_its_place_and_forgets_its_figures(jobs):
    first, second = ask(jobs), ask(jobs)
    job = jobs.claim("w")
    jobs.beat(job.id, job.token, "improving", 100.0, 90.0)
    jobs.requeue_lost(0)
    assert jobs.position(first.id) == 1
    assert jobs.position(second.id) == 2
    stored = jobs.get(first.id)
    assert (stored.best, stored.bound, stored.phase, stored.first_found_at) == (None,) * 4


def test_a_dismissed_job_belongs_to_nobody(jobs):
    waiting, running = ask(jobs), ask(jobs)
    assert jobs.dismiss(waiting.id).status == "dismissed"
    job = jobs.claim("w")
    assert job.id == running.id
    assert jobs.dismiss(job.id).status == "dismissed"
    assert jobs.beat(job.id, job.token).valid is False
    assert jobs.commit(job.id, job.token, "aaaaaaaaaaaa") is False
    assert jobs.get(job.id).proposal_id is None
    assert jobs.claim("w") is None


def test_a_finished_job_stays_as_it_is(jobs):
    ask(jobs)
    job = jobs.claim("w")
    jobs.commit(job.id, job.token, "aaaaaaaaaaaa")
    finished = jobs.get(job.id)
    assert jobs.dismiss(job.id) == finished
    assert jobs.ask_stop(job.id) == finished
    assert jobs.requeue_lost(0) == []


def test_a_worker_hears_that_it_shall_stop(jobs):
    ask(jobs)
    job = jobs.claim("w")
    assert jobs.beat(job.id, job.token).stop is False
    assert jobs.ask_stop(job.id).status == "running"
    assert jobs.beat(job.id, job.token).stop is True


def test_stopping_a_job_that_waits_dismisses_it(jobs):
    assert jobs.ask_stop(ask(jobs).id).status == "dismissed"


FIGURES = st.none() | st.floats(0, 1e9)


@settings(max_examples=40)
@given(reports=st.lists(st.tuples(FIGURES, FIGURES), max_size=12))
def test_shown_figures_never_move_the_wrong_way(tmp_path_factory, reports):
    folder = tmp_path_factory.mktemp("w")
    jobs = open_jobs(folder, "sqlite://")
    ask(jobs)
    job = jobs.claim("w")
    before, improvements = job, 0
    for best, bound in reports:
        jobs.beat(job.id, job.token, "proving", best, bound)
        after = jobs.get(job.id)
        if before.best is not None:
            assert after.best is not None
            assert after.best <= before.best
            improvements += after.best < before.best
        begins_anew = best is not None and before.bound is not None and best < before.bound
        if before.bound is not None and not begins_anew:
            assert after.bound is not None
            assert after.bound >= before.bound
        if after.best is not None and after.bound is not None:
            assert after.bound <= after.best
        assert after.improved == improvements
        assert (after.first_found_at is None) == (after.best is None)
        before = after
    jobs.engine.dispose()


def test_a_report_counts_as_a_change_only_where_something_changed(jobs):
    ask(jobs)
    job = jobs.claim("w")
    jobs.beat(job.id, job.token, "proving", 100.0, 90.0)
    first = jobs.get(job.id)
    jobs.beat(job.id, job.token, "proving", 110.0, 80.0)
    second = jobs.get(job.id)
    assert second.updated_at == first.updated_at
    assert second.heartbeat_at > first.heartbeat_at
    assert (second.best, second.bound) == (100.0, 90.0)
