"""Real workers in processes of their own: stopped, killed, orphaned, starved."""

import os
import signal
import subprocess
import sys

import pytest

from landplan.cadastre.demo import write_demo
from landplan.proposal.audit import audit
from landplan.workspace.jobs import Jobs
from landplan.workspace.supervisor import Supervisor
from landplan.workspace.tables import jobs as table
from landplan.workspace.workspace import Workspace
from tests.workspace.job_towns import alive, ask, demo_request, until, workers_of


@pytest.fixture(scope="module")
def invented(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder, 500, 1)
    workspace = Workspace(folder / "w")
    town_file = folder / "town.toml"
    dataset_id = workspace.datasets.import_town(town_file, "lin").id
    yield workspace, dataset_id, town_file
    workspace.close()


@pytest.fixture
def jobs(invented):
    with invented[0].engine.begin() as connection:
        connection.execute(table.delete())
    return Jobs(invented[0].engine)


@pytest.fixture
def supervise(invented):
    started = []

    def start(**settings):
        supervisor = Supervisor(invented[0], **settings)
        supervisor.start()
        started.append(supervisor)
        return supervisor

    yield start
    for supervisor in started:
        supervisor.stop()
    assert workers_of(invented[0].folder) == []


@pytest.fixture
def long_job(invented, jobs):
    """A question whose proof takes long; its figures come soon."""

    def submit(title, **others):
        asked = demo_request(invented[2], "assemble.toml", effort="thorough", title=title)
        return ask(jobs, invented[1], asked, **others)

    return submit


def short_job(invented, jobs, title, **others):
    return ask(jobs, invented[1], demo_request(invented[2], "assemble-small.toml", title=title))


def test_a_running_job_that_is_asked_to_stop_keeps_its_best_plan(
    invented, jobs, supervise, long_job
):
    job = long_job("stop")
    supervise()
    until(lambda: jobs.get(job.id).bound is not None, "a first figure")
    jobs.ask_stop(job.id)
    until(lambda: jobs.get(job.id).finished)
    done = jobs.get(job.id)
    assert (done.status, done.ended, done.error) == ("successful", "asked", None)
    certificate = invented[0].proposals.document(done.proposal_id)["certificate"]
    assert certificate["status"] == "stopped"
    assert certificate["bound"] <= certificate["objective"]
    assert audit(invented[0].proposals.folder(done.proposal_id)).passed


@pytest.mark.soak
def test_a_job_whose_time_is_over_keeps_its_best_plan(invented, jobs, supervise, long_job):
    job = long_job("time", time_limit_s=0.2)
    supervise()
    until(lambda: jobs.get(job.id).finished)
    done = jobs.get(job.id)
    assert (done.status, done.ended) == ("successful", "time")


def test_a_dismissed_job_is_killed_in_mid_search_and_leaves_nothing(
    invented, jobs, supervise, long_job
):
    before = invented[0].proposals.list()
    job = long_job("dismiss")
    supervise()
    until(lambda: jobs.get(job.id).bound is not None, "a first figure")
    assert workers_of(invented[0].folder)
    jobs.dismiss(job.id)
    until(lambda: not workers_of(invented[0].folder))
    assert jobs.get(job.id).status == "dismissed"
    assert invented[0].proposals.list() == before


def test_a_worker_that_is_killed_has_its_job_done_again(invented, jobs, supervise):
    job = short_job(invented, jobs, "killed")
    supervise()
    until(lambda: jobs.get(job.id).phase is not None)
    (pid,) = workers_of(invented[0].folder)
    os.kill(pid, signal.SIGKILL)
    until(lambda: jobs.get(job.id).finished)
    done = jobs.get(job.id)
    assert (done.status, done.attempt) == ("successful", 2)


@pytest.mark.soak
def test_a_worker_that_freezes_is_replaced_and_cannot_come_back(invented, jobs, supervise):
    job = short_job(invented, jobs, "frozen")
    supervisor = supervise()
    until(lambda: jobs.get(job.id).phase is not None)
    (pid,) = workers_of(invented[0].folder)
    os.kill(pid, signal.SIGSTOP)
    supervisor._lost_after_s, supervisor._look_for_lost_at = 3.0, 0.0
    until(lambda: jobs.get(job.id).attempt == 2)
    supervisor._lost_after_s = 60.0
    until(lambda: not alive(pid))
    until(lambda: jobs.get(job.id).finished)
    assert jobs.get(job.id).status == "successful"


@pytest.mark.parametrize("memory_mb", [150, pytest.param(500, marks=pytest.mark.soak)])
def test_a_worker_that_gets_too_little_memory_says_so(invented, jobs, supervise, memory_mb):
    job = short_job(invented, jobs, f"memory {memory_mb}")
    supervise(memory_mb=memory_mb)
    until(lambda: jobs.get(job.id).finished)
    done = jobs.get(job.id)
    assert done.status == "failed"
    assert done.error == [{"code": "job.memory", "params": {"limit_mb": memory_mb}}]


SERVICE = """
import sys, threading
from pathlib import Path
from landplan.workspace.supervisor import Supervisor
from landplan.workspace.workspace import Workspace
Supervisor(Workspace(Path(sys.argv[1]))).start()
print("ready", flush=True)
threading.Event().wait()
"""


@pytest.mark.soak
def test_workers_die_with_a_killed_service_and_the_next_one_takes_up_the_job(
    invented, jobs, supervise
):
    folder = invented[0].folder
    job = short_job(invented, jobs, "orphan")
    service = subprocess.Popen([sys.executable, "-c", SERVICE, str(folder)], stdout=subprocess.PIPE)
    until(lambda: jobs.get(job.id).phase is not None)
    assert workers_of(folder)
    service.kill()
    service.communicate()
    until(lambda: not workers_of(folder))
    assert jobs.get(job.id).status == "running"
    supervise()
    until(lambda: jobs.get(job.id).finished)
    done = jobs.get(job.id)
    assert (done.status, done.attempt) == ("successful", 2)


PARENT = """
import os, subprocess, sys
child = (
    "import os, sys, threading\\n"
    "from landplan.workspace.worker_guard import die_with_parent\\n"
    "die_with_parent(int(sys.argv[1]))\\n"
    "print(os.getpid(), flush=True)\\n"
    "threading.Event().wait()\\n"
)
subprocess.run([sys.executable, "-c", child, str(os.getpid())])
"""


def test_a_worker_ends_with_whoever_started_it():
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    pid = int(parent.stdout.readline())
    assert alive(pid)
    parent.kill()
    parent.communicate()
    until(lambda: not alive(pid))


def test_a_worker_whose_service_is_gone_before_it_begins_ends_at_once():
    script = (
        "from landplan.workspace.worker_guard import die_with_parent; "
        "die_with_parent(1); print('still here')"
    )
    command = [sys.executable, "-c", script]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout == ""


def test_a_worker_with_a_token_of_yesterday_does_nothing(invented, jobs):
    folder = invented[0].folder
    job = short_job(invented, jobs, "old token")
    command = [sys.executable, "-m", "landplan.workspace.worker", str(folder), job.id, "old"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (ended.returncode, ended.stderr) == (75, "")
    assert jobs.get(job.id).status == "accepted"
