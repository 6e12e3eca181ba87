"""The job table: what is acknowledged is stored, once, and answered in order."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import insert

from landplan.errors import InputError
from landplan.messages import LANGUAGES, say
from landplan.workspace.database import now, open_database
from landplan.workspace.jobs import Jobs
from landplan.workspace.jobs_row import JobsFull
from landplan.workspace.tables import datasets

REQUEST = {"process": "assemble", "demand": [{"id": "plant", "area_ha": [1.0, 2.0]}]}


def add_dataset(engine, dataset_id="d1", version=1):
    row = {
        "id": dataset_id,
        "series": "anting",
        "version": version,
        "town": "Anting",
        "data_hash": f"hash of {dataset_id}",
        "parcels": 9,
        "imported_at": now(),
        "imported_by": "lin",
        "findings": [],
    }
    with engine.begin() as connection:
        connection.execute(insert(datasets).values(**row))


@pytest.fixture
def jobs(tmp_path):
    engine = open_database(tmp_path)
    add_dataset(engine)
    yield Jobs(engine, max_per_client=1000, max_open=1000)
    engine.dispose()


def ask(jobs, **others):
    asked = {
        "process": "assemble",
        "dataset_id": "d1",
        "request": REQUEST,
        "client": "console",
        "person": "lin",
    }
    return jobs.submit(**(asked | others))


def test_a_job_is_on_the_disk_when_it_is_acknowledged(jobs, tmp_path):
    job, new = ask(jobs, subject={"parcel": "A"}, purpose="why", time_limit_s=60)
    assert new
    assert job.status == "accepted"
    other = open_database(tmp_path)
    assert Jobs(other).get(job.id) == job
    other.dispose()


def test_ids_cannot_be_guessed_and_do_not_repeat(jobs):
    ids = {ask(jobs)[0].id for _ in range(50)}
    assert len(ids) == 50
    assert all(len(job_id) >= 16 for job_id in ids)


def test_the_same_key_and_question_give_the_same_job(jobs):
    first, new = ask(jobs, idempotency_key="k1")
    again, new_again = ask(jobs, idempotency_key="k1")
    assert (new, new_again) == (True, False)
    assert again == first


def test_a_number_spelled_otherwise_is_the_same_question(jobs):
    whole = {"demand": [{"id": "plant", "area_ha": [1, 2]}], "process": "assemble"}
    first, _ = ask(jobs, idempotency_key="k1")
    assert ask(jobs, idempotency_key="k1", request=whole) == (first, False)


def test_a_key_with_another_question_is_refused(jobs):
    ask(jobs, idempotency_key="k1")
    with pytest.raises(InputError, match=r"job\.key_reused"):
        ask(jobs, idempotency_key="k1", request=REQUEST | {"seed": 2})


def test_keys_of_different_clients_do_not_meet(jobs):
    first, _ = ask(jobs, idempotency_key="k1", client="a")
    second, new = ask(jobs, idempotency_key="k1", client="b")
    assert new
    assert second.id != first.id


def test_without_a_key_every_question_is_a_new_job(jobs):
    assert ask(jobs)[0].id != ask(jobs)[0].id


def test_one_key_from_many_threads_at_once_makes_one_job(jobs):
    ready = threading.Barrier(8)

    def send(_):
        ready.wait()
        return ask(jobs, idempotency_key="k1")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))
    assert len({job.id for job, _ in answers}) == 1
    assert sum(new for _, new in answers) == 1
    assert len(jobs.list()) == 1


SEND = """
import sys
from pathlib import Path
from landplan.workspace.database import open_database
from landplan.workspace.jobs import Jobs
jobs = Jobs(open_database(Path(sys.argv[1])))
print("ready", flush=True)
sys.stdin.readline()
job, new = jobs.submit(process="assemble", dataset_id="d1", request={"seed": 1}, client="a",
                       person="lin", idempotency_key="k1")
print(job.id, new, flush=True)
"""


def test_one_key_from_many_processes_at_once_makes_one_job(jobs, tmp_path):
    command = [sys.executable, "-c", SEND, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    senders = [subprocess.Popen(command, **pipes) for _ in range(4)]
    for sender in senders:
        assert sender.stdout.readline() == "ready\n"
    for sender in senders:
        sender.stdin.write("go\n")
        sender.stdin.flush()
    answers = [sender.communicate()[0].split() for sender in senders]
    assert len({job_id for job_id, _ in answers}) == 1
    assert sorted(new for _, new in answers) == ["False", "False", "False", "True"]


def test_a_client_with_too_many_jobs_hears_when_to_try_again(tmp_path):
    engine = open_database(tmp_path)
    add_dataset(engine)
    jobs = Jobs(engine, max_per_client=2, max_open=3)
    first, _ = ask(jobs, client="a")
    ask(jobs, client="a", idempotency_key="k2")
    with pytest.raises(JobsFull, match=r"job\.too_many") as refused:
        ask(jobs, client="a")
    assert refused.value.retry_after > 0
    assert ask(jobs, client="a", idempotency_key="k2")[1] is False, "a known key is no new job"
    ask(jobs, client="b")
    with pytest.raises(JobsFull, match=r"job\.queue_full"):
        ask(jobs, client="c")
    jobs.dismiss(first.id)
    ask(jobs, client="c")
    engine.dispose()


def test_a_job_about_unknown_data_is_refused(jobs):
    with pytest.raises(InputError, match=r"job\.dataset_unknown"):
        ask(jobs, dataset_id="d2")
    with pytest.raises(InputError, match=r"job\.scenario_unknown"):
        ask(jobs, scenario_id=7)
    assert jobs.list() == []


def test_an_unknown_job_ends_in_a_sentence(jobs):
    for call in (jobs.get, jobs.position, jobs.ask_stop, jobs.dismiss):
        with pytest.raises(InputError, match=r"job\.unknown"):
            call("nobody")
    assert jobs.remove("nobody") is False


def test_places_in_line_follow_the_order_of_asking(jobs):
    first, second, third = (ask(jobs)[0] for _ in range(3))
    assert [jobs.position(job.id) for job in (first, second, third)] == [1, 2, 3]
    assert jobs.claim("w").id == first.id
    assert [jobs.position(job.id) for job in (first, second, third)] == [None, 1, 2]
    jobs.dismiss(second.id)
    assert jobs.position(third.id) == 1


def test_lists_are_filtered_and_the_youngest_comes_first(jobs):
    first, _ = ask(jobs, client="a", person="lin")
    second, _ = ask(jobs, client="b", person="wu", purpose="why")
    jobs.claim("w")
    assert [job.id for job in jobs.list()] == [second.id, first.id]
    assert [job.id for job in jobs.list(limit=1)] == [second.id]
    assert [job.id for job in jobs.list(status="running")] == [first.id]
    assert [job.id for job in jobs.list(status=("running", "accepted"))] == [second.id, first.id]
    assert [job.id for job in jobs.list(client="a")] == [first.id]
    assert [job.id for job in jobs.list(person="wu")] == [second.id]
    assert [job.id for job in jobs.list(purpose="why")] == [second.id]
    assert [job.id for job in jobs.list(since=second.created_at)] == [second.id]
    assert [job.id for job in jobs.list(until=first.created_at)] == [first.id]
    assert jobs.list(process="exchange") == []
    assert jobs.list(scenario=1) == []


def test_only_finished_jobs_can_be_removed(jobs):
    job, _ = ask(jobs)
    assert jobs.remove(job.id) is False
    jobs.dismiss(job.id)
    assert jobs.remove(job.id) is True
    with pytest.raises(InputError, match=r"job\.unknown"):
        jobs.get(job.id)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_status_phase_and_refusal_has_words(language):
    statuses = ("accepted", "running", "successful", "failed", "dismissed")
    phases = ["preparing", "searching", "first_plan", "improving", "proving", "writing", "done"]
    codes = [f"job.status.{name}" for name in statuses] + [f"job.phase.{name}" for name in phases]
    for code in codes:
        assert say(code, {}, language) != code
    full = JobsFull("job.too_many", n=2, retry_after=30)
    assert "30" in say(full.code, full.params, language)
