"""Nobody signs what they had a part in, whatever became of the job or the chain of changes."""

from pathlib import Path

import pytest

from api.console.signoff_view import involved
from landplan.workspace.jobs import Jobs
from landplan.workspace.workspace import Workspace
from tests.serving import Prepared


@pytest.fixture
def workspace(workspace_folder: Path) -> Workspace:
    return Workspace(workspace_folder)


def test_who_asked_is_known_after_the_job_was_removed(
    workspace: Workspace, prepared: Prepared
) -> None:
    jobs = Jobs(workspace.engine)
    job, _ = jobs.submit(
        process="assemble",
        dataset_id=prepared.dataset,
        request={"process": "assemble"},
        client="leo",
        person="leo",
    )
    held = jobs.claim("worker")
    assert held is not None
    assert held.token is not None
    assert jobs.commit(job.id, held.token, prepared.proposal)
    jobs.remove(job.id)
    assert "leo" in involved(workspace, prepared.proposal)


def test_changing_by_hand_keeps_who_changed_it_before(workspace: Workspace) -> None:
    first, second, third = (f"proposal/{digit * 12}" for digit in "abc")
    workspace.events.add("pia", "planner", "asked", first)
    workspace.events.add("leo", "leader", "edited", second, None, first)
    workspace.events.add("paul", "planner", "edited", third, None, second)
    assert involved(workspace, "c" * 12) == {"pia", "leo", "paul"}


def test_who_wrote_the_request_is_involved(workspace: Workspace, prepared: Prepared) -> None:
    scenario = workspace.scenarios.create("Yard", "anting-invented", "assemble", {}, "leo")
    workspace.scenarios.save_draft(scenario.id, {"a": 1}, "lea", 1)
    workspace.scenarios.add_plan(scenario.id, prepared.proposal, prepared.dataset, "pia")
    assert involved(workspace, prepared.proposal) >= {"leo", "lea", "pia"}


def test_who_wrote_the_request_in_between_is_not_forgotten(
    workspace: Workspace, prepared: Prepared
) -> None:
    scenarios = workspace.scenarios
    scenario = scenarios.create("Yard", "anting-invented", "assemble", {}, "pia")
    scenarios.save_draft(scenario.id, {"a": 1}, "leo", 1)
    scenarios.save_draft(scenario.id, {"a": 2}, "pia", 2)
    scenarios.add_plan(scenario.id, prepared.proposal, prepared.dataset, "pia")
    assert "leo" in involved(workspace, prepared.proposal)
