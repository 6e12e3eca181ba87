"""The supervisor gives out jobs, watches, kills and puts back; its workers here only pretend."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from landplan.workspace import supervisor_child
from landplan.workspace.jobs import Jobs
from landplan.workspace.supervisor import Supervisor
from landplan.workspace.tables import jobs as table
from tests.workspace.job_towns import alive, ask, small_workspace, until


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    workspace, dataset_id = small_workspace(tmp_path_factory.mktemp("town"))
    yield workspace, dataset_id
    workspace.close()


@pytest.fixture
def workspace(shared):
    workspace, _ = shared
    with workspace.engine.begin() as connection:
        connection.execute(table.delete())
    return workspace


@pytest.fixture
def jobs(workspace):
    return Jobs(workspace.engine)


@pytest.fixture
def pretend(monkeypatch, shared):
    """Let workers be shell commands that get job and token; returns who asks as Lin does."""

    def as_command(script):
        def command(folder, job, limits, allowed_s):
            return ["sh", "-c", script, "worker", job.id, str(job.token)]

        monkeypatch.setattr(supervisor_child, "worker_command", command)

    return as_command


@pytest.fixture
def supervise(workspace):
    started = []

    def start(**settings):
        supervisor = Supervisor(workspace, **settings)
        supervisor.start()
        started.append(supervisor)
        return supervisor

    yield start
    for supervisor in started:
        supervisor.stop()


def pids(supervisor):
    return [child.process.pid for child in supervisor._children.values()]


def status(jobs, job):
    return jobs.get(job.id).status


def test_as_many_jobs_run_as_there_are_slots_and_in_order(shared, jobs, pretend, supervise):
    pretend("exec sleep 1000")
    asked = [ask(jobs, shared[1]) for _ in range(3)]
    supervisor = supervise(slots=2)
    until(lambda: len(supervisor.running) == 2)
    assert set(supervisor.running) == {asked[0].id, asked[1].id}
    assert status(jobs, asked[2]) == "accepted"
    jobs.dismiss(asked[0].id)
    supervisor.wake()
    until(lambda: asked[2].id in supervisor.running)


def test_a_dismissed_job_loses_its_worker(shared, jobs, pretend, supervise):
    pretend("exec sleep 1000")
    job = ask(jobs, shared[1])
    supervisor = supervise()
    until(lambda: supervisor.running)
    (pid,) = pids(supervisor)
    jobs.dismiss(job.id)
    jobs.remove(job.id)  # a second DELETE forgets it before anybody looked
    until(lambda: not supervisor.running)
    assert not alive(pid)
    after = ask(jobs, shared[1])
    until(lambda: after.id in supervisor.running)


def test_a_worker_that_is_killed_has_its_job_done_again_and_at_last_given_up(
    shared, jobs, pretend, supervise
):
    pretend("kill -9 $$")
    job = ask(jobs, shared[1])
    supervise(memory_mb=1234)
    until(lambda: jobs.get(job.id).finished)
    ended = jobs.get(job.id)
    assert ended.attempt == 3
    assert ended.error == [{"code": "job.memory", "params": {"limit_mb": 1234}}]


def test_a_worker_that_breaks_is_given_up_with_the_name_of_its_log(
    shared, workspace, jobs, pretend, supervise
):
    pretend("echo something broke >&2; exit 3")
    job = ask(jobs, shared[1])
    supervise(most_attempts=1)
    until(lambda: jobs.get(job.id).finished)
    (fault,) = jobs.get(job.id).error
    assert fault["code"] == "job.internal"
    log = workspace.folder / "logs" / f"{fault['params']['reference']}.log"
    assert log.read_text() == "something broke\n"


def test_a_worker_without_memory_to_say_so_is_believed_at_once(shared, jobs, pretend, supervise):
    pretend("exit 71")
    job = ask(jobs, shared[1])
    supervise(memory_mb=512)
    until(lambda: jobs.get(job.id).finished)
    ended = jobs.get(job.id)
    assert ended.attempt == 1
    assert ended.error == [{"code": "job.memory", "params": {"limit_mb": 512}}]


def test_a_worker_that_does_not_end_in_time_is_asked_and_then_killed(
    shared, workspace, jobs, pretend, supervise
):
    pretend("trap 'echo asked >&2' TERM; while true; do sleep 0.05; done")
    job = ask(jobs, shared[1])
    supervise(time_limit_s=0.5, grace_s=0.5)
    until(lambda: jobs.get(job.id).finished)
    assert jobs.get(job.id).error == [{"code": "job.time_over", "params": {}}]
    (log,) = (workspace.folder / "logs").glob(f"job-{job.id}-*.log")
    assert "asked" in log.read_text()


def test_a_silent_worker_is_killed_and_its_job_done_again(shared, jobs, pretend, supervise):
    pretend("exec sleep 1000")
    job = ask(jobs, shared[1])
    supervisor = supervise(heartbeat_lost_s=60)
    until(lambda: supervisor.running)
    (first,) = pids(supervisor)
    then = (datetime.now(UTC) - timedelta(seconds=90)).isoformat(timespec="microseconds")
    with jobs.engine.begin() as connection:
        connection.execute(update(table).where(table.c.id == job.id).values(heartbeat_at=then))
    supervisor._look_for_lost_at = 0.0
    until(lambda: jobs.get(job.id).attempt == 2)
    until(lambda: supervisor.running and not alive(first))
    assert pids(supervisor) != [first]


def test_stopping_the_service_puts_its_jobs_back_without_counting(shared, jobs, pretend, supervise):
    pretend("exec sleep 1000")
    job = ask(jobs, shared[1])
    supervisor = supervise()
    until(lambda: supervisor.running)
    (pid,) = pids(supervisor)
    supervisor.stop()
    assert not alive(pid)
    left = jobs.get(job.id)
    assert (left.status, left.attempt, left.token) == ("accepted", 0, None)
    again = supervise()
    until(lambda: again.running == (job.id,))


def test_a_new_service_takes_up_what_a_killed_one_left_running(shared, jobs, pretend, supervise):
    pretend("exec sleep 1000")
    job = ask(jobs, shared[1])
    left = jobs.claim("a service that is gone")
    supervisor = supervise()
    until(lambda: supervisor.running == (job.id,))
    taken = jobs.get(job.id)
    assert taken.attempt == 2
    assert taken.token != left.token
    assert jobs.commit(job.id, left.token, "aaaaaaaaaaaa") is False


def test_two_services_on_one_workspace_do_not_both_calculate(shared, jobs, pretend, supervise):
    pretend("exec sleep 1000")
    first = supervise()
    until(lambda: first.active)
    second = supervise()
    job = ask(jobs, shared[1])
    until(lambda: first.running == (job.id,))
    assert not second.active
    first.stop()
    until(lambda: second.running == (job.id,))
    assert jobs.get(job.id).attempt == 1


def test_a_worker_that_cannot_be_started_costs_no_attempt(
    shared, jobs, monkeypatch, supervise, caplog
):
    tried = []

    def nothing(*_):
        tried.append(1)
        return ["/no/such/program"]

    monkeypatch.setattr(supervisor_child, "worker_command", nothing)
    job = ask(jobs, shared[1])
    supervisor = supervise()
    until(lambda: len(tried) >= 2)
    supervisor.stop()
    left = jobs.get(job.id)
    assert (left.status, left.attempt) == ("accepted", 0)
    assert "tries again" in caplog.text


def test_a_worker_gets_no_more_time_than_the_service_allows(shared, jobs, monkeypatch, supervise):
    given = []

    def command(folder, job, limits, allowed_s):
        given.append(allowed_s)
        return ["sleep", "1000"]

    monkeypatch.setattr(supervisor_child, "worker_command", command)
    ask(jobs, shared[1], time_limit_s=5000.0)
    ask(jobs, shared[1], time_limit_s=30.0)
    supervise(slots=2, time_limit_s=600.0)
    until(lambda: len(given) == 2)
    assert given == [600.0, 30.0]


def test_children_of_a_worker_end_with_it(shared, jobs, pretend, supervise, tmp_path):
    note = tmp_path / "pid"
    pretend(f"sleep 1000 & echo $! > {note}; wait")
    job = ask(jobs, shared[1])
    supervisor = supervise()
    until(lambda: note.exists() and note.read_text().strip())
    grandchild = int(note.read_text())
    jobs.dismiss(job.id)
    until(lambda: not supervisor.running)
    until(lambda: not alive(grandchild))


def test_a_signal_to_the_terminal_does_not_reach_workers(shared, jobs, pretend, supervise):
    pretend("exec sleep 1000")
    ask(jobs, shared[1])
    supervisor = supervise()
    until(lambda: supervisor.running)
    (pid,) = pids(supervisor)
    assert os.getsid(pid) != os.getsid(0)
