"""OGC API Processes 1.0 (OGC 18-062r2): one test per requirement, named in `REQUIREMENTS`."""

import base64
import io
import zipfile
from urllib.parse import urlsplit

import pytest

from api.ogc.landing import CONFORMS_TO
from landplan.workspace.jobs import Jobs

EXCEPTIONS = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0"
GEOPACKAGE = "application/geopackage+sqlite3"
CORE, DESCRIPTION, JSON, OAS, LIST, DISMISS = (
    "req/core",
    "req/ogc-process-description",
    "req/json",
    "req/oas30",
    "req/job-list",
    "req/dismiss",
)
REQUIREMENTS = {
    f"{CORE}/landingpage-op": "test_the_landing_page_leads_to_processes_and_jobs",
    f"{CORE}/landingpage-success": "test_the_landing_page_leads_to_processes_and_jobs",
    f"{CORE}/api-definition-op": "test_the_description_names_every_operation",
    f"{CORE}/api-definition-success": "test_the_description_names_every_operation",
    f"{CORE}/conformance-op": "test_the_claimed_classes_are_those_tested_here",
    f"{CORE}/conformance-success": "test_the_claimed_classes_are_those_tested_here",
    f"{CORE}/http": "test_answers_follow_http",
    f"{CORE}/process-list": "test_processes_are_listed",
    f"{CORE}/process-list-success": "test_processes_are_listed",
    f"{CORE}/pl-limit-definition": "test_the_list_of_processes_takes_a_limit",
    f"{CORE}/pl-limit-response": "test_the_list_of_processes_takes_a_limit",
    f"{CORE}/pl-links": "test_processes_are_listed",
    f"{CORE}/process-description": "test_a_process_describes_its_inputs",
    f"{CORE}/process-description-success": "test_a_process_describes_its_inputs",
    f"{CORE}/process-exception-no-such-process": "test_an_unknown_process_is_said_to_be_one",
    f"{CORE}/process-execute-op": "test_asking_makes_a_job",
    f"{CORE}/process-execute-request": "test_asking_makes_a_job",
    f"{CORE}/process-execute-inputs": "test_inputs_come_plain_or_wrapped_one_or_several",
    f"{CORE}/process-execute-input-array": "test_inputs_come_plain_or_wrapped_one_or_several",
    f"{CORE}/process-execute-input-inline": "test_inputs_come_plain_or_wrapped_one_or_several",
    f"{CORE}/process-execute-input-inline-object": (
        "test_inputs_come_plain_or_wrapped_one_or_several"
    ),
    f"{CORE}/process-execute-input-validation": "test_every_fault_is_named_before_a_job_is_made",
    f"{CORE}/process-execute-default-execution-mode": "test_asking_is_always_asynchronous",
    f"{CORE}/process-execute-auto-execution-mode": "test_asking_is_always_asynchronous",
    f"{CORE}/process-execute-default-outputs": "test_without_a_wish_the_result_is_the_one_output",
    f"{CORE}/process-execute-success-async": "test_asking_makes_a_job",
    f"{CORE}/job-op": "test_a_job_says_how_far_it_is",
    f"{CORE}/job-success": "test_a_job_says_how_far_it_is",
    f"{CORE}/job-exception-no-such-job": "test_an_unknown_job_is_said_to_be_one",
    f"{CORE}/job-results-op": "test_without_a_wish_the_result_is_the_one_output",
    f"{CORE}/job-results-exception-no-such-job": "test_an_unknown_job_is_said_to_be_one",
    f"{CORE}/job-results-exception-results-not-ready": "test_no_result_before_the_end",
    f"{CORE}/job-results-failed": "test_a_failed_job_says_why",
    f"{CORE}/job-results-async-document": "test_a_document_holds_the_output_by_its_name",
    f"{CORE}/job-results-async-raw-value-one": "test_without_a_wish_the_result_is_the_one_output",
    f"{CORE}/job-results-async-raw-ref": "test_a_reference_comes_as_a_link",
    f"{DESCRIPTION}/json-encoding": "test_a_process_describes_its_inputs",
    f"{DESCRIPTION}/inputs-def": "test_inputs_say_their_type_and_how_often",
    f"{DESCRIPTION}/input-def": "test_inputs_say_their_type_and_how_often",
    f"{DESCRIPTION}/input-mixed-type": "test_inputs_say_their_type_and_how_often",
    f"{DESCRIPTION}/outputs-def": "test_the_output_says_its_formats",
    f"{DESCRIPTION}/output-def": "test_the_output_says_its_formats",
    f"{DESCRIPTION}/output-mixed-type": "test_the_output_says_its_formats",
    f"{JSON}/definition": "test_answers_are_json",
    f"{OAS}/completeness": "test_the_description_names_every_operation",
    f"{OAS}/exceptions-codes": "test_the_description_names_every_operation",
    f"{OAS}/oas-definition-1": "test_the_description_names_every_operation",
    f"{OAS}/oas-definition-2": "test_the_description_names_every_operation",
    f"{OAS}/oas-impl": "test_the_description_names_every_operation",
    f"{OAS}/security": "test_the_description_names_every_operation",
    f"{LIST}/job-list-op": "test_jobs_are_listed_the_latest_first",
    f"{LIST}/type-definition": "test_the_filters_of_jobs_are_described",
    f"{LIST}/type-response": "test_jobs_are_filtered",
    f"{LIST}/processID-definition": "test_the_filters_of_jobs_are_described",
    f"{LIST}/processID-mandatory": "test_jobs_are_listed_the_latest_first",
    f"{LIST}/processid-response": "test_jobs_are_filtered",
    f"{LIST}/status-definition": "test_the_filters_of_jobs_are_described",
    f"{LIST}/status-response": "test_jobs_are_filtered",
    f"{LIST}/datetime-definition": "test_the_filters_of_jobs_are_described",
    f"{LIST}/datetime-response": "test_jobs_are_filtered",
    f"{LIST}/duration-definition": "test_the_filters_of_jobs_are_described",
    f"{LIST}/duration-response": "test_jobs_are_filtered_by_how_long_they_ran",
    f"{LIST}/limit-definition": "test_the_filters_of_jobs_are_described",
    f"{LIST}/limit-response": "test_jobs_come_in_pages",
    f"{LIST}/links": "test_jobs_come_in_pages",
    f"{LIST}/job-list-success": "test_jobs_are_listed_the_latest_first",
    f"{DISMISS}/job-dismiss-op": "test_a_waiting_job_is_dismissed",
    f"{DISMISS}/job-dismiss-success": "test_a_waiting_job_is_dismissed",
}
"""Requirement → test of this module."""

DEMAND = {"id": "plant", "area_ha": [2, 3], "max_bridges": 1}


@pytest.fixture
def planner(client):
    return client("planner")


@pytest.fixture
def jobs(planner) -> Jobs:
    return planner.app.state.services.jobs


@pytest.fixture
def ask(planner, prepared):
    """``ask(**inputs)``: the answer to an execute request."""

    def post(headers: dict | None = None, body: dict | None = None, **inputs: object):
        given = {"dataset": prepared.dataset, "demand": [DEMAND]} | inputs
        return planner.post(
            "/processes/assemble/execution",
            json={"inputs": given} | (body or {}),
            headers=headers or {},
        )

    return post


@pytest.fixture
def finished(ask, jobs, prepared):
    """``finished(**body)``: the address of a job that has ended well."""

    def end(**body: object) -> str:
        answer = ask(body=body)
        assert answer.status_code == 201, answer.text
        taken = jobs.claim("worker")
        assert taken is not None
        assert jobs.commit(taken.id, taken.token, prepared.proposal)
        return urlsplit(answer.headers["location"]).path

    return end


def faults(answer) -> list[str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return [fault["code"] for fault in answer.json()["errors"]]


def test_every_requirement_has_its_test():
    assert not {name for name in REQUIREMENTS.values() if name not in globals()}


def test_the_claimed_classes_are_those_tested_here(planner):
    claimed = {uri.rsplit("/", 1)[1] for uri in CONFORMS_TO if "processes" in uri}
    tested = {requirement.split("/")[1] for requirement in REQUIREMENTS}
    assert claimed == tested
    assert set(CONFORMS_TO) == set(planner.get("/conformance").json()["conformsTo"])


def test_the_landing_page_leads_to_processes_and_jobs(planner, client):
    def rels(asking) -> dict[str, str]:
        return {
            link["rel"].rsplit("/", 1)[1]: link["href"]
            for link in asking.get("/", params={"f": "json"}).json()["links"]
            if "/" in link["rel"]
        }

    for name in ("processes", "job-list"):
        assert planner.get(rels(planner)[name]).status_code == 200
    # whoever may not see jobs is not sent there
    assert "job-list" not in rels(client("viewer"))


def test_the_description_names_every_operation(planner):
    paths = planner.get("/api", params={"f": "json"}).json()["paths"]
    expected = {
        ("/processes", "get"): {"200", "400", "500"},
        ("/processes/{process_id}", "get"): {"200", "400", "404", "500"},
        ("/processes/{process_id}/execution", "post"): {"201", "400", "404", "409", "429"},
        ("/jobs", "get"): {"200", "400", "401", "403"},
        ("/jobs/{job_id}", "get"): {"200", "304", "404"},
        ("/jobs/{job_id}", "delete"): {"200", "403", "404"},
        ("/jobs/{job_id}/results", "get"): {"200", "204", "400", "404"},
    }
    for (path, method), codes in expected.items():
        assert codes <= set(paths[path][method]["responses"]), path


def test_answers_follow_http(planner):
    assert planner.put("/processes/assemble").status_code == 405
    assert planner.post("/processes/assemble/execution", content=b"{").status_code == 400
    assert planner.post("/processes/assemble/execution", json=[1]).status_code == 400


def test_processes_are_listed(planner):
    document = planner.get("/processes").json()
    assert [entry["id"] for entry in document["processes"]] == ["assemble", "exchange", "partition"]
    for entry in document["processes"]:
        assert entry["jobControlOptions"] == ["async-execute", "dismiss"]
    links = [link for entry in document["processes"] for link in entry["links"]]
    for link in [*document["links"], *links]:
        answer = planner.get(link["href"])
        assert answer.headers["content-type"].startswith(link["type"])


def test_the_list_of_processes_takes_a_limit(planner):
    assert len(planner.get("/processes", params={"limit": 1}).json()["processes"]) == 1
    assert planner.get("/processes", params={"limit": 10**6}).status_code == 200
    assert planner.get("/processes", params={"limit": 0}).status_code == 400


def test_a_process_describes_its_inputs(planner):
    document = planner.get("/processes/assemble").json()
    assert {"dataset", "demand", "effort", "seed", "bridge"} <= set(document["inputs"])
    assert "process" not in document["inputs"]
    assert "$ref" not in str(document)


def test_inputs_say_their_type_and_how_often(planner):
    inputs = planner.get("/processes/assemble").json()["inputs"]
    assert (inputs["dataset"]["minOccurs"], inputs["dataset"]["maxOccurs"]) == (1, 1)
    demand = inputs["demand"]
    assert (demand["minOccurs"], demand["maxOccurs"]) == (1, 50)
    assert demand["schema"]["type"] == "object"
    assert demand["schema"]["properties"]["area_ha"]["x-unit"] == "ha"
    assert inputs["acquirer_owners"]["maxOccurs"] == "unbounded"
    assert inputs["effort"]["schema"]["enum"] == ["quick", "normal", "thorough"]
    assert all(entry["title"] and entry["description"] for entry in inputs.values())


def test_the_output_says_its_formats(planner):
    outputs = planner.get("/processes/assemble").json()["outputs"]
    kinds = [entry["contentMediaType"] for entry in outputs["proposal"]["schema"]["oneOf"]]
    assert kinds[:2] == ["application/json", GEOPACKAGE]


def test_an_unknown_process_is_said_to_be_one(planner):
    for answer in (
        planner.get("/processes/levitate"),
        planner.post("/processes/levitate/execution", json={"inputs": {}}),
    ):
        assert answer.status_code == 404
        assert answer.json()["type"] == f"{EXCEPTIONS}/no-such-process"


def test_asking_makes_a_job(ask, jobs, prepared, planner):
    answer = ask({"prefer": "respond-async"})
    assert answer.status_code == 201
    assert answer.headers["preference-applied"] == "respond-async"
    status = answer.json()
    assert (status["type"], status["status"]) == ("process", "accepted")
    assert status["processID"] == "assemble"
    assert answer.headers["location"].endswith(f"/jobs/{status['jobID']}")
    assert planner.get(answer.headers["location"]).json()["jobID"] == status["jobID"]
    stored = jobs.get(status["jobID"])
    assert stored.dataset_id == prepared.dataset
    assert stored.request["demand"][0]["area_ha"] == [2.0, 3.0]


@pytest.mark.parametrize("prefer", [None, "respond-async", "wait=10", "return=minimal"])
def test_asking_is_always_asynchronous(ask, prefer):
    assert ask({} if prefer is None else {"prefer": prefer}).status_code == 201


@pytest.mark.parametrize(
    "demand",
    [
        [DEMAND],
        DEMAND,
        [{"value": DEMAND}],
        {"value": DEMAND, "mediaType": "application/json"},
        {"value": [DEMAND]},
    ],
    ids=["list", "one", "wrapped", "wrapped with type", "wrapped list"],
)
def test_inputs_come_plain_or_wrapped_one_or_several(ask, jobs, demand):
    answer = ask(demand=demand, bridge={"value": {"max_width_m": 12}}, seed=7)
    assert answer.status_code == 201, answer.text
    request = jobs.get(answer.json()["jobID"]).request
    assert [entry["id"] for entry in request["demand"]] == ["plant"]
    assert request["bridge"]["max_width_m"] == 12
    assert request["seed"] == 7


def test_every_fault_is_named_before_a_job_is_made(ask, jobs):
    wrong = {"id": "plant", "area_ha": [2, 3], "must": ["no-such-parcel"], "zones": ["nowhere"]}
    answer = ask(demand=[wrong])
    assert answer.status_code == 400
    assert len(faults(answer)) == 2
    assert "no-such-parcel" in answer.json()["detail"]
    answer = ask(dataset="0" * 12, colour="red", seed=-1, demand=[{"id": "a"}])
    assert {"ogc.dataset_unknown", "key.unknown", "key.invalid", "demand.one_area"} == set(
        faults(answer)
    )
    answer = ask(body={"colour": 1, "subscriber": {"successUri": "http://127.0.0.1/"}})
    assert faults(answer) == ["ogc.member_unknown", "ogc.no_callback"]
    assert list(jobs.list()) == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"inputs": [1]}, "ogc.inputs_object"),
        ({"inputs": {"dataset": {"href": "http://127.0.0.1:1/"}}}, "ogc.no_reference"),
        ({"inputs": {"process": "assemble"}}, "ogc.input_process"),
        ({"response": "xml"}, "ogc.response"),
        ({"outputs": {"sites": {}}}, "ogc.outputs"),
        ({"outputs": ["proposal"]}, "ogc.outputs"),
        ({"outputs": {"proposal": {"format": {"mediaType": "text/csv"}}}}, "ogc.format"),
        ({"outputs": {"proposal": {"transmissionMode": "post"}}}, "ogc.transmission"),
        ({"inputs": {}}, "ogc.dataset_missing"),
        ({"inputs": {"dataset": {"a": 1}}}, "ogc.dataset_unknown"),
        ({"inputs": {"dataset": ["a"]}}, "ogc.dataset_unknown"),
        ({"inputs": {"demand": None}}, "key.invalid"),
        ({"inputs": {"demand": [None, 1, "a"]}}, "key.invalid"),
    ],
    ids=str,
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(planner, body, code):
    answer = planner.post("/processes/assemble/execution", json=body)
    assert answer.status_code == 400
    assert code in faults(answer)


def test_the_same_key_and_body_are_one_job(ask, jobs):
    first, again = (ask({"idempotency-key": "k1"}) for _ in range(2))
    assert first.json()["jobID"] == again.json()["jobID"]
    other = ask({"idempotency-key": "k1"}, seed=2)
    assert (other.status_code, faults(other)) == (409, ["job.key_reused"])
    assert len(jobs.list()) == 1


def test_too_many_jobs_are_refused_with_a_time_to_come_back(client, prepared):
    asking = client("planner", max_jobs_per_client=2)
    body = {"inputs": {"dataset": prepared.dataset, "demand": [DEMAND]}}
    codes = [asking.post("/processes/assemble/execution", json=body).status_code for _ in range(3)]
    assert codes == [201, 201, 429]
    answer = asking.post("/processes/assemble/execution", json=body)
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("role", "auth", "status"),
    [("viewer", "local", 403), (None, "accounts", 401), ("leader", "local", 201)],
)
def test_only_planners_ask(client, prepared, role, auth, status):
    body = {"inputs": {"dataset": prepared.dataset, "demand": [DEMAND]}}
    answer = client(role, auth).post("/processes/assemble/execution", json=body)
    assert answer.status_code == status


def test_a_job_says_how_far_it_is(ask, jobs, planner):
    path = urlsplit(ask().headers["location"]).path
    waiting = planner.get(path)
    assert (waiting.json()["status"], waiting.json()["progress"]) == ("accepted", 0)
    again = planner.get(path, headers={"if-none-match": waiting.headers["etag"]})
    assert again.status_code == 304
    taken = jobs.claim("worker")
    jobs.beat(taken.id, taken.token, "proof", 120.0, 80.0)
    answer = planner.get(path, headers={"if-none-match": waiting.headers["etag"]})
    running = answer.json()
    assert (running["status"], running["phase"]) == ("running", "proof")
    assert (running["best"], running["bound"]) == (120.0, 80.0)
    # how much is left is not known, so nothing is said of it
    assert "progress" not in running
    assert running["created"] <= running["started"] <= running["updated"]


def test_an_unknown_job_is_said_to_be_one(planner):
    for answer in (
        planner.get("/jobs/none"),
        planner.get("/jobs/none/results"),
        planner.delete("/jobs/none"),
    ):
        assert answer.status_code == 404
        assert answer.json()["type"] == f"{EXCEPTIONS}/no-such-job"


def test_no_result_before_the_end(ask, planner):
    answer = planner.get(urlsplit(ask().headers["location"]).path + "/results")
    assert answer.status_code == 404
    assert answer.json()["type"] == f"{EXCEPTIONS}/result-not-ready"


def test_a_failed_job_says_why(ask, jobs, planner):
    path = urlsplit(ask().headers["location"]).path
    taken = jobs.claim("worker")
    jobs.fail(taken.id, taken.token, [{"code": "job.internal", "params": {"reference": "AB12"}}])
    assert planner.get(path).json()["status"] == "failed"
    answer = planner.get(f"{path}/results")
    assert answer.status_code == 400
    assert faults(answer) == ["job.internal"]
    assert "AB12" in answer.json()["detail"]


def test_without_a_wish_the_result_is_the_one_output(finished, planner, prepared):
    answer = planner.get(finished() + "/results")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["id"] == prepared.proposal
    assert "certificate" in answer.json()
    for part in ("proposal.gpkg", "ledger.xlsx", f"/collections/{prepared.proposal}.sites"):
        assert part in answer.headers["link"]


def test_a_document_holds_the_output_by_its_name(finished, planner, prepared):
    document = planner.get(finished(response="document") + "/results").json()
    assert document["proposal"]["id"] == prepared.proposal
    outputs = {"proposal": {"format": {"mediaType": GEOPACKAGE}}}
    document = planner.get(finished(response="document", outputs=outputs) + "/results").json()
    assert document["proposal"]["type"] == GEOPACKAGE
    fetched = planner.get(document["proposal"]["href"])
    assert fetched.content.startswith(b"SQLite format 3")
    outputs["proposal"]["transmissionMode"] = "value"
    document = planner.get(finished(response="document", outputs=outputs) + "/results").json()
    assert base64.b64decode(document["proposal"]["value"]) == fetched.content


def test_a_reference_comes_as_a_link(finished, planner):
    outputs = {"proposal": {"transmissionMode": "reference"}}
    answer = planner.get(finished(outputs=outputs) + "/results")
    assert (answer.status_code, answer.content) == (204, b"")
    href = answer.headers["link"].split(">")[0].removeprefix("<")
    assert planner.get(href).json()["certificate"]


def test_a_raw_value_comes_as_the_file_itself(finished, planner):
    outputs = {"proposal": {"format": {"mediaType": GEOPACKAGE}, "transmissionMode": "value"}}
    answer = planner.get(finished(outputs=outputs) + "/results")
    assert answer.headers["content-type"] == GEOPACKAGE
    assert answer.content.startswith(b"SQLite format 3")


def test_answers_are_json(planner, ask):
    path = urlsplit(ask().headers["location"]).path
    for address in ("/processes", "/processes/assemble", "/jobs", path):
        assert planner.get(address).headers["content-type"] == "application/json"


# the list of jobs


def test_jobs_are_listed_the_latest_first(ask, planner):
    ids = [ask(seed=seed).json()["jobID"] for seed in (1, 2, 3)]
    document = planner.get("/jobs").json()
    assert [job["jobID"] for job in document["jobs"]] == ids[::-1]
    assert all(job["processID"] == "assemble" for job in document["jobs"])


def test_the_filters_of_jobs_are_described(planner):
    operation = planner.get("/api", params={"f": "json"}).json()["paths"]["/jobs"]["get"]
    names = {entry["name"] for entry in operation["parameters"]}
    wanted = {"type", "processID", "status", "datetime", "minDuration", "maxDuration", "limit"}
    assert wanted <= names


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("type=process", 2),
        ("processID=assemble", 2),
        ("processID=other", 0),
        ("processID=other,assemble", 2),
        ("status=accepted", 1),
        ("status=accepted&status=running", 2),
        ("status=accepted,running", 2),
        ("status=failed", 0),
        ("datetime=2020-01-01T00:00:00Z/..", 2),
        ("datetime=../2020-01-01", 0),
    ],
)
def test_jobs_are_filtered(ask, jobs, planner, query, found):
    ask(seed=1)
    ask(seed=2)
    jobs.claim("worker")
    assert len(planner.get(f"/jobs?{query}").json()["jobs"]) == found


@pytest.mark.parametrize("query", ["type=thing", "status=lost", "datetime=x", "minDuration=-1"])
def test_a_wrong_filter_is_refused(planner, query):
    assert planner.get(f"/jobs?{query}").status_code == 400


def test_jobs_are_filtered_by_how_long_they_ran(ask, jobs, planner):
    ask(seed=1)
    assert planner.get("/jobs?minDuration=0").json()["jobs"] == []
    jobs.claim("worker")
    assert len(planner.get("/jobs?minDuration=0").json()["jobs"]) == 1
    assert len(planner.get("/jobs?maxDuration=3600").json()["jobs"]) == 1
    assert planner.get("/jobs?minDuration=3600").json()["jobs"] == []


def test_jobs_come_in_pages(ask, planner):
    ids = {ask(seed=seed).json()["jobID"] for seed in range(5)}
    document = planner.get("/jobs", params={"limit": 2, "status": "accepted"}).json()
    seen = [job["jobID"] for job in document["jobs"]]
    while more := [link for link in document["links"] if link["rel"] == "next"]:
        document = planner.get(more[0]["href"]).json()
        seen += [job["jobID"] for job in document["jobs"]]
    assert len(seen) == 5
    assert set(seen) == ids


# giving up


def test_a_waiting_job_is_dismissed(ask, planner, jobs):
    path = urlsplit(ask().headers["location"]).path
    answer = planner.delete(path)
    assert (answer.status_code, answer.json()["status"]) == (200, "dismissed")
    assert planner.get(path).json()["status"] == "dismissed"
    assert jobs.claim("worker") is None


def test_a_running_job_that_is_dismissed_gives_no_result(ask, planner, jobs, prepared):
    path = urlsplit(ask().headers["location"]).path
    taken = jobs.claim("worker")
    assert planner.delete(path).json()["status"] == "dismissed"
    assert not jobs.commit(taken.id, taken.token, prepared.proposal)


def test_a_finished_job_that_is_dismissed_is_gone(finished, planner, prepared):
    path = finished()
    assert planner.delete(path).json()["status"] == "dismissed"
    assert planner.get(path).status_code == 404
    # what it found stays
    assert planner.get(f"/proposals/{prepared.proposal}/proposal.json").status_code == 200


def test_nobody_sees_or_ends_the_job_of_another_without_the_role(client, prepared):
    one, two = client("planner", "accounts", "Li"), client("planner", "accounts", "Wang")
    body = {"inputs": {"dataset": prepared.dataset, "demand": [DEMAND]}}
    path = urlsplit(one.post("/processes/assemble/execution", json=body).headers["location"]).path
    assert two.get(path).status_code == 200
    assert faults(two.delete(path)) == ["ogc.job_of_another"]
    assert client("viewer", "accounts", "Zhao").get(path).status_code == 404
    assert client(None, "accounts").get(path).status_code == 404
    assert client(None, "accounts").delete(path).status_code == 404
    assert client("leader", "accounts", "Chen").delete(path).status_code == 200


def test_whoever_asked_and_is_a_viewer_now_sees_no_amount(client, prepared):
    services = (asking := client("planner", "accounts", "Li")).app.state.services
    body = {"inputs": {"dataset": prepared.dataset, "demand": [DEMAND]}}
    path = urlsplit(
        asking.post("/processes/assemble/execution", json=body).headers["location"]
    ).path
    taken = services.jobs.claim("worker")
    services.jobs.beat(taken.id, taken.token, "proof", 120.0, 80.0)
    services.jobs.commit(taken.id, taken.token, prepared.proposal)
    asking.cookies.clear()
    key = services.workspace.people.add_key("Li")
    from sqlalchemy import update

    from landplan.workspace.tables import people

    with services.workspace.engine.begin() as connection:
        connection.execute(update(people).where(people.c.name == "Li").values(role="viewer"))
    headers = {"authorization": f"Bearer {key}"}
    status = asking.get(path, headers=headers).json()
    assert status["status"] == "successful"
    assert not {"best", "bound"} & set(status)
    document = asking.get(f"{path}/results", headers=headers).json()
    assert "objective" not in document["certificate"]


# the files of a proposal


def test_planners_get_the_files_and_it_is_recorded(planner, prepared):
    home = f"/proposals/{prepared.proposal}"
    package = planner.get(f"{home}/proposal.gpkg")
    assert package.headers["content-type"] == GEOPACKAGE
    assert prepared.proposal in package.headers["content-disposition"]
    book = planner.get(f"{home}/ledger.xlsx")
    assert "xl/workbook.xml" in zipfile.ZipFile(io.BytesIO(book.content)).namelist()
    assert "owner" in planner.get(f"{home}/proposal.json").text
    events = planner.app.state.services.workspace.events.of(f"proposal/{prepared.proposal}")
    taken = [event.remark for event in events if event.action == "exported"]
    assert taken == ["proposal.gpkg", "ledger.xlsx"]


def test_viewers_get_the_public_document_and_no_file(client, prepared):
    viewer, home = client("viewer"), f"/proposals/{prepared.proposal}"
    document = viewer.get(f"{home}/proposal.json")
    assert document.status_code == 200
    assert "objective" not in document.json()["certificate"]
    for name in ("proposal.gpkg", "ledger.xlsx"):
        assert viewer.get(f"{home}/{name}").status_code == 403


@pytest.mark.parametrize("name", ["0" * 12, "..", "%2e%2e%2f%2e%2e", "nothing"])
def test_a_proposal_that_is_not_there_is_not_found(planner, name):
    for file in ("proposal.json", "proposal.gpkg", "ledger.xlsx"):
        assert planner.get(f"/proposals/{name}/{file}").status_code == 404
