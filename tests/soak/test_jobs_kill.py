"""kill -9 of service or worker, fifty times: nothing acknowledged lost, nothing doubled."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import suppress

import pytest

from landplan.cadastre.demo import write_demo
from landplan.cadastre.validation import read_toml
from landplan.proposal.audit import audit
from landplan.workspace.database import FILE
from landplan.workspace.jobs import Jobs
from landplan.workspace.workspace import Workspace
from tests.workspace.job_towns import until, workers_of

pytestmark = pytest.mark.soak

KILLS = 50
SLOTS = 2

SERVICE = """
import json, sys
from pathlib import Path
from landplan.workspace.jobs import Jobs
from landplan.workspace.supervisor import Supervisor
from landplan.workspace.workspace import Workspace

workspace = Workspace(Path(sys.argv[1]))
jobs = Jobs(workspace.engine, max_per_client=1000, max_open=1000)
Supervisor(workspace, slots=int(sys.argv[2]), most_attempts=1000).start()
print("ready", flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    job, _ = jobs.submit(**asked)
    print(json.dumps([asked["idempotency_key"], job.id]), flush=True)
"""

COUNT_COMMITS = """
CREATE TABLE committed (job TEXT NOT NULL);
CREATE TRIGGER count_commits AFTER UPDATE OF status ON jobs WHEN NEW.status = 'successful'
BEGIN INSERT INTO committed VALUES (NEW.id); END;
"""


class Service:
    """A process like the service: takes questions on stdin, and answers them."""

    def __init__(self, folder):
        self.folder = folder
        self.acknowledged = {}
        self.process = None

    def start(self):
        command = [sys.executable, "-c", SERVICE, str(self.folder), str(SLOTS)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen(command, **pipes)
        assert self.process.stdout.readline() == "ready\n"
        self.listener = threading.Thread(target=self._listen, args=(self.process.stdout,))
        self.listener.start()

    def _listen(self, answers):
        for line in answers:
            if line.endswith("\n"):  # the last one may have been cut by the kill
                key, job_id = json.loads(line)
                assert self.acknowledged.setdefault(key, job_id) == job_id

    def send(self, asked):
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.listener.join()
        for pipe in (self.process.stdin, self.process.stdout):
            with suppress(BrokenPipeError):
                pipe.close()


class Client:
    """Asks one question after the other, and again whatever was not acknowledged."""

    def __init__(self, service, jobs, asked):
        self.service, self.jobs, self.asked = service, jobs, asked
        self.sent = {}

    def ask(self):
        """Ask the next question; every third is asked by two people."""
        number = len({asked["request"]["title"] for asked in self.sent.values()})
        for turn in range(2 if number % 3 == 0 else 1):
            question = self.asked["request"] | {"title": f"yard {number}"}
            key = f"key {number} {turn}"
            self.sent[key] = self.asked | {"request": question, "idempotency_key": key}
            self.service.send(self.sent[key])

    def ask_again(self):
        """Send what was asked of a service that is dead now, and may or may not be stored."""
        for key, asked in self.sent.items():
            if key not in self.service.acknowledged:
                self.service.send(asked)

    def keep_busy(self):
        """See to it that there is always something to kill."""
        still_open = len(self.jobs.list(status=("accepted", "running"), limit=None))
        if still_open <= SLOTS:
            self.ask()

    def everything_is_done(self):
        known = set(self.service.acknowledged) == set(self.sent)
        return known and not self.jobs.list(status=("accepted", "running"), limit=1)


def test_nothing_acknowledged_is_lost_and_nothing_doubled(tmp_path):
    write_demo(tmp_path, 500, 1)
    folder = tmp_path / "w"
    workspace = Workspace(folder)
    dataset = workspace.datasets.import_town(tmp_path / "town.toml", "lin")
    small = read_toml(tmp_path / "assemble-small.toml")
    scenario = workspace.scenarios.create("Yard", dataset.series, "assemble", small, "lin")
    _count_commits(folder)
    asked = {
        "process": "assemble",
        "dataset_id": dataset.id,
        "request": small,
        "client": "console",
        "person": "lin",
        "scenario_id": scenario.id,
    }
    jobs = Jobs(workspace.engine)
    service = Service(folder)
    client = Client(service, jobs, asked)
    usual = _time_one(client)
    killed = _kill_on(client, usual)
    until(client.everything_is_done, "the end of all jobs")
    service.kill()
    until(lambda: workers_of(folder) == [], "the end of all workers")
    _check(workspace, jobs, scenario.id, client)
    attempts = [job.attempt for job in jobs.list(limit=None)]
    print(f"{usual:.1f} s a job; killed {killed}")
    print(f"{len(attempts)} jobs, {sum(attempts)} attempts, at most {max(attempts)}")
    assert sum(attempts) > len(attempts), "else no kill hit a job at work"
    workspace.close()


def _time_one(client):
    """Return how long a job takes that nobody kills."""
    client.service.start()
    client.ask()
    until(client.everything_is_done, "the first answer")
    return client.jobs.list()[-1].seconds()


def _kill_on(client, usual):
    """Kill service and workers by turns, at random moments of a job; return what was killed."""
    chance = random.Random(1)
    killed = {"service": 0, "worker": 0}
    for turn in range(KILLS):
        client.keep_busy()
        time.sleep(usual * chance.uniform(0.0, 1.2))
        if turn % 2 == 0:
            client.service.kill()
            client.service.start()
            client.ask_again()
            killed["service"] += 1
        else:
            _kill_a_worker(client, chance)
            killed["worker"] += 1
    return killed


def _kill_a_worker(client, chance):
    """Kill one of the workers, as soon as there is one."""
    found = []

    def one_is_there():
        client.keep_busy()
        found[:] = workers_of(client.service.folder)
        return found

    until(one_is_there, "a worker")
    with suppress(ProcessLookupError):
        os.kill(chance.choice(found), signal.SIGKILL)


def _check(workspace, jobs, scenario_id, client):
    acknowledged = client.service.acknowledged
    finished = jobs.list(limit=None)
    assert set(acknowledged) == set(client.sent)
    assert {job.idempotency_key: job.id for job in finished} == acknowledged
    assert {job.status for job in finished} == {"successful"}, [job.error for job in finished]
    with sqlite3.connect(workspace.folder / FILE) as database:
        commits = [row[0] for row in database.execute("SELECT job FROM committed")]
        assert sorted(commits) == sorted(acknowledged.values()), "one commit per job"
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    database.close()
    by_question = {}
    for job in finished:
        by_question.setdefault(job.request["title"], set()).add(job.proposal_id)
    assert all(len(proposals) == 1 for proposals in by_question.values())
    answers = sorted(proposal for (proposal,) in by_question.values())
    assert len(by_question) == len(set(answers))
    assert workspace.proposals.list() == answers, "one proposal per question, and no other"
    planned = [plan.proposal_id for plan in workspace.scenarios.plans(scenario_id)]
    assert sorted(planned) == answers, "one plan per question"
    for proposal_id in answers[::4]:
        assert audit(workspace.proposals.folder(proposal_id)).passed


def _count_commits(folder):
    with sqlite3.connect(folder / FILE) as database:
        database.executescript(COUNT_COMMITS)
    database.close()
