"""A worker answers a stored question, or says what is wrong, and nothing is lost or shown twice."""

import json
import math
from dataclasses import replace
from types import SimpleNamespace

import pytest

from landplan.cadastre.demo import write_demo
from landplan.errors import AuditFailed, InputError, ManyErrors, NothingFound
from landplan.messages import has
from landplan.planning.process import find_process
from landplan.proposal.audit import audit
from landplan.workspace import worker_result
from landplan.workspace.jobs import Jobs
from landplan.workspace.worker import finish, told
from landplan.workspace.worker_guard import wants_memory
from landplan.workspace.worker_report import Reporter
from landplan.workspace.worker_result import answer_job, faults_of
from landplan.workspace.workspace import Workspace
from tests.workspace.job_towns import ask, demo_request, request, small_workspace


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    workspace, dataset_id = small_workspace(tmp_path_factory.mktemp("town"))
    yield workspace, dataset_id
    workspace.close()


@pytest.fixture
def jobs(town):
    return Jobs(town[0].engine, max_per_client=1000, max_open=1000)


@pytest.fixture
def taken(jobs, town):
    """Ask and take a job; returns it with a reporter that does not report by itself."""

    def take(asked=None, time_limit_s=600.0, dataset_id=None, **others):
        wanted = ask(jobs, dataset_id or town[1], asked, **others)
        job = jobs.claim("w")
        assert job.id == wanted.id
        abandon = pytest.fail
        reporter = Reporter(
            jobs, job.id, job.token, time_limit_s, lambda: abandon("not the worker's job")
        )
        return job, reporter

    return take


def test_a_question_becomes_an_audited_proposal_and_a_plan_of_its_scenario(town, jobs, taken):
    workspace, dataset_id = town
    series = workspace.datasets.get(dataset_id).series
    scenario = workspace.scenarios.create("Plant", series, "assemble", request(), "lin")
    job, reporter = taken(request(title="one"), scenario_id=scenario.id)
    finish(workspace, job, job.token, reporter, jobs)
    done = jobs.get(job.id)
    assert (done.status, done.ended, done.phase) == ("successful", "done", "done")
    assert audit(workspace.proposals.folder(done.proposal_id)).passed
    (plan,) = workspace.scenarios.plans(scenario.id)
    assert (plan.proposal_id, plan.created_by) == (done.proposal_id, "lin")


def test_a_question_that_was_answered_is_not_calculated_again(town, taken, monkeypatch):
    job, reporter = taken(request(title="two"))
    first = answer_job(town[0], job, reporter)

    def never(*_):
        pytest.fail("calculated again")

    process = replace(find_process("assemble"), run=never)
    monkeypatch.setattr(worker_result, "find_process", lambda *_: process)
    job, reporter = taken(request(title="two"))
    assert answer_job(town[0], job, reporter) == first


def test_an_unmet_demand_is_a_result_that_says_so(town, jobs, taken):
    asked = request(demand=[{"id": "plant", "area_ha": [50.0, 60.0]}])
    job, reporter = taken(asked)
    finish(town[0], job, job.token, reporter, jobs)
    done = jobs.get(job.id)
    assert done.status == "successful"
    (demand,) = town[0].proposals.document(done.proposal_id)["demands"]
    assert demand["met"] is False
    assert has(demand["reason"]["code"])


def test_a_question_why_adds_no_plan(town, jobs, taken):
    workspace, dataset_id = town
    series = workspace.datasets.get(dataset_id).series
    scenario = workspace.scenarios.create("Why", series, "assemble", request(), "lin")
    job, reporter = taken(
        request(title="why"),
        scenario_id=scenario.id,
        purpose="why",
        subject={"proposal": "aaaaaaaaaaaa", "parcel": "e"},
    )
    finish(workspace, job, job.token, reporter, jobs)
    done = jobs.get(job.id)
    assert done.status == "successful"
    assert workspace.proposals.exists(done.proposal_id)
    assert workspace.scenarios.plans(scenario.id) == []


def test_every_fault_of_a_request_is_told_as_code_and_values(town, taken):
    job, reporter = taken({"process": "assemble", "demnd": [], "seed": "x"})
    with pytest.raises(ManyErrors) as wrong:
        answer_job(town[0], job, reporter)
    faults = told(wrong.value, town[0], job, 0)
    assert {fault["code"] for fault in faults} == {"key.unknown", "key.missing", "key.invalid"}
    json.dumps(faults)


def test_a_parcel_that_is_not_there_is_named(town, taken):
    asked = request(demand=[{"id": "plant", "area_ha": [1, 2], "must": ["Z"]}])
    job, reporter = taken(asked)
    with pytest.raises((InputError, ManyErrors)) as wrong:
        answer_job(town[0], job, reporter)
    assert "Z" in json.dumps(told(wrong.value, town[0], job, 0))


def test_faults_do_not_tell_where_the_workspace_lies(town):
    workspace = town[0]
    path = workspace.folder / "datasets" / "d1" / "source" / "parcels.gpkg"
    (fault,) = faults_of(InputError("file.missing", file=str(path)), workspace)
    assert fault["params"] == {"file": "datasets/d1/source/parcels.gpkg"}
    odd = InputError("file.missing", file=path, share=math.nan)
    assert str(workspace.folder) not in json.dumps(faults_of(odd, workspace)[0])


def test_our_own_mistake_gets_a_number_and_its_traceback_stays_in_the_logs(town, taken):
    workspace = town[0]
    job, _ = taken()
    try:
        raise ZeroDivisionError("secret detail")
    except ZeroDivisionError as error:
        (fault,) = told(error, workspace, job, 0)
    assert fault["code"] == "job.internal"
    assert "secret" not in json.dumps(fault)
    log = workspace.folder / "logs" / f"{fault['params']['reference']}.log"
    assert "ZeroDivisionError: secret detail" in log.read_text()
    assert job.id in log.read_text()


@pytest.mark.parametrize(
    "fault",
    [
        MemoryError(),
        RuntimeError("std::bad_alloc"),
        ImportError("libx.so: failed to map segment from shared object"),
        OSError(12, "Cannot allocate memory"),
    ],
)
def test_want_of_memory_is_told_as_such_however_a_library_says_it(town, taken, fault):
    job, _ = taken()
    assert told(fault, town[0], job, 512) == [{"code": "job.memory", "params": {"limit_mb": 512}}]
    wrapped = RuntimeError("could not read")
    wrapped.__cause__ = fault
    assert wants_memory(wrapped)
    assert not wants_memory(RuntimeError("could not read"))


def test_a_plan_that_fails_its_audit_is_never_a_result(town, jobs, taken, monkeypatch):
    workspace = town[0]
    before = workspace.proposals.list()
    check = {"code": "certificate.bound", "passed": False, "measured": 1.0, "limit": 0.0}
    report = SimpleNamespace(to_json=lambda: {"passed": False, "checks": [check]})
    monkeypatch.setattr(worker_result, "audit", lambda _: report)
    job, reporter = taken(request(title="wrong"))
    with pytest.raises(AuditFailed) as failed:
        finish(workspace, job, job.token, reporter, jobs)
    assert workspace.proposals.list() == before
    assert not list(workspace.proposals.home.glob(".*"))
    assert jobs.get(job.id).status == "running", "the worker tells"
    (fault,) = told(failed.value, workspace, job, 0)
    assert fault["code"] == "job.audit_failed"
    assert fault["params"]["failed"] == ["certificate.bound"]
    log = workspace.folder / "logs" / f"{fault['params']['reference']}.log"
    assert "certificate.bound" in log.read_text()


@pytest.mark.parametrize("ended", ["time", "asked", "done"])
def test_a_search_that_ended_before_any_plan_says_why(town, taken, monkeypatch, ended):
    def nothing(request, town, inputs, progress, stop):
        if ended != "done":
            stop(math.inf, 0.0)
        certificate = SimpleNamespace(status="stopped")
        empty = SimpleNamespace(empty=True)
        return SimpleNamespace(certificate=certificate, sites=empty, demands=())

    process = replace(find_process("assemble"), run=nothing)
    monkeypatch.setattr(worker_result, "find_process", lambda *_: process)
    limit = 0.0 if ended == "time" else 600.0
    job, reporter = taken(request(title=f"none {ended}"), time_limit_s=limit)
    if ended == "asked":
        reporter.ask_stop()
    with pytest.raises(NothingFound) as nothing_found:
        answer_job(town[0], job, reporter)
    assert nothing_found.value.code == f"job.nothing_found.{ended}"
    assert has(nothing_found.value.code, "zh")


def test_a_worker_that_lost_its_job_adds_no_plan(town, jobs):
    workspace, dataset_id = town
    series = workspace.datasets.get(dataset_id).series
    scenario = workspace.scenarios.create("Lost", series, "assemble", request(), "lin")
    ask(jobs, dataset_id, request(title="lost"), scenario_id=scenario.id)
    job = jobs.claim("w")

    class Abandoned(Exception):
        pass

    def abandon():
        raise Abandoned

    reporter = Reporter(jobs, job.id, job.token, 600.0, abandon)
    jobs.dismiss(job.id)
    with pytest.raises(Abandoned):
        finish(workspace, job, job.token, reporter, jobs)
    assert workspace.scenarios.plans(scenario.id) == []
    assert jobs.get(job.id).proposal_id is None


@pytest.fixture(scope="module")
def invented(tmp_path_factory):
    """A town where a proof takes a while."""
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder, 500, 1)
    workspace = Workspace(folder / "w")
    town_file = folder / "town.toml"
    dataset_id = workspace.datasets.import_town(town_file, "lin").id
    narrow = {"id": "yard", "area_ha": [12.0, 12.05], "land_uses": ["0601", "0604"]}
    yield workspace, dataset_id, demo_request(town_file, "assemble-small.toml", demand=[narrow])
    workspace.close()


def test_stopping_keeps_the_best_plan_with_its_bound_and_another_id_than_the_whole_answer(invented):
    workspace, dataset_id, asked = invented
    jobs = Jobs(workspace.engine)
    ids = {}
    for ended in ("time", "asked"):
        ask(jobs, dataset_id, asked)
        job = jobs.claim("w")
        reporter = Reporter(jobs, job.id, job.token, 0.0 if ended == "time" else 600.0)
        if ended == "asked":
            jobs.ask_stop(job.id)
            reporter.beat()
        finish(workspace, job, job.token, reporter, jobs)
        done = jobs.get(job.id)
        assert (done.status, done.ended) == ("successful", ended)
        ids[ended] = done.proposal_id
    assert ids["time"] == ids["asked"], "the same plan is the same proposal"
    document = workspace.proposals.document(ids["time"])
    certificate = document["certificate"]
    assert certificate["status"] == "stopped"
    assert certificate["limit_hit"]
    assert 0 < certificate["bound"] < certificate["objective"]
    assert document["audit"]["passed"]
    assert "+stopped." in document["landplan_version"]
    assert audit(workspace.proposals.folder(ids["time"])).passed
    job, reporter = _taken_again(jobs, dataset_id, asked)
    whole = answer_job(workspace, job, reporter)
    assert whole != ids["time"]
    proven = workspace.proposals.document(whole)["certificate"]
    assert proven["status"] == "optimal"
    assert certificate["bound"] <= proven["objective"] <= certificate["objective"]


def _taken_again(jobs, dataset_id, asked):
    ask(jobs, dataset_id, asked)
    job = jobs.claim("w")
    return job, Reporter(jobs, job.id, job.token, 600.0)


class Heard:
    """Stands for the job table: keeps what is reported."""

    def __init__(self):
        self.beats = []
        self.stop = False

    def beat(self, job_id, token, phase, best, bound):
        self.beats.append((phase, best, bound))
        return SimpleNamespace(stop=self.stop, valid=True)


def test_phases_follow_from_what_the_figures_do():
    heard = Heard()
    reporter = Reporter(heard, "j", "t", 600.0)
    steps = [
        ("proof", math.inf, 80.0),
        ("proof", 120.0, 85.0),
        ("proof", 120.0, 90.0),
        ("joint", 110.0, 90.0),
        ("joint", 110.0, 88.0),
        ("joint", 70.0, 60.0),  # a demand fits nowhere: from now on about fewer sites
    ]
    for step in steps:
        reporter.progress(*step)
        reporter.beat()
    assert heard.beats == [
        ("preparing", None, 80.0),
        ("first_plan", 120.0, 85.0),
        ("proving", 120.0, 90.0),
        ("improving", 110.0, 90.0),
        ("proving", 110.0, 90.0),
        ("improving", 70.0, 60.0),
    ]


def test_the_heartbeat_hears_the_wish_to_stop_while_the_search_is_at_work():
    heard = Heard()
    reporter = Reporter(heard, "j", "t", 600.0)
    assert reporter.stop(1.0, 0.0) is False
    heard.stop = True
    reporter.start()
    assert reporter._asked.wait(60)
    assert reporter.stop(1.0, 0.0) is True
    assert reporter.ended == "asked"
    reporter.close()
