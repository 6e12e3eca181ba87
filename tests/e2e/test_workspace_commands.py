"""`landplan import` and `landplan run --workspace`: exit codes, words, what is kept."""

import pytest

from landplan.workspace.asking import ask as ask_library
from landplan.workspace.workspace import Workspace
from tests.e2e.test_command_line import REQUEST, landplan, town  # noqa: F401  # a fixture
from tests.towns import squares, write_town


@pytest.fixture
def kept(tmp_path):
    return tmp_path / "w"


def ask(town, kept, *words, language="en"):  # noqa: F811
    request = town.parent / "assemble.toml"
    return landplan("run", town, request, "--workspace", kept, *words, language=language)


def test_import_prints_the_id_and_says_what_was_kept(town, kept):  # noqa: F811
    done = landplan("import", town, "--workspace", kept, "--as-of", "2026-11-18")
    assert done.returncode == 0, done.stderr
    record = Workspace(kept).datasets.get(done.stdout.strip())
    assert (record.version, record.parcels, record.data_date) == (1, 8, "2026-11-18")
    assert "Anting, version 1: 8 parcels" in done.stderr
    again = landplan("import", town, "--workspace", kept, language="zh")
    assert again.stdout == done.stdout


def test_a_run_keeps_dataset_scenario_and_plan(town, kept):  # noqa: F811
    done = ask(town, kept)
    assert done.returncode == 0, done.stderr
    assert "Kept as plan 1 of S-001." in done.stderr
    workspace = Workspace(kept)
    (proposal_id,) = workspace.proposals.list()
    proposal = workspace.proposals.get(proposal_id)
    assert proposal.audit is not None
    assert proposal.audit["passed"]
    plan = workspace.scenarios.plan_of(proposal_id)
    assert plan is not None
    (record,) = workspace.datasets.list()
    assert plan.dataset_id == record.id
    assert proposal.provenance.data_hash == record.data_hash
    assert workspace.staleness(proposal_id).current


def test_the_same_question_is_answered_from_what_is_kept(town, kept):  # noqa: F811
    first, again = ask(town, kept), ask(town, kept)
    assert again.returncode == 0
    assert again.stdout == first.stdout
    workspace = Workspace(kept)
    assert (len(workspace.proposals.list()), workspace.scenarios.count()) == (1, 1)


def test_an_unmet_demand_is_kept_and_said(town, kept):  # noqa: F811
    request = town.parent / "assemble.toml"
    request.write_text(request.read_text("utf-8").replace("[3.0, 3.5]", "[30.0, 35.0]"), "utf-8")
    assert ask(town, kept).returncode == 3
    assert len(Workspace(kept).proposals.list()) == 1


def test_a_search_that_was_stopped_is_not_the_last_word(tmp_path, kept):
    """The first plan is taken; asked again, the question is answered to its end."""
    prices = [float(1 + (row * 37 + column * 61) % 17) for row in range(8) for column in range(8)]
    names = "\n".join(
        "".join(chr(0x4E00 + 8 * row + column) for column in range(8)) for row in range(8)
    )
    town = write_town(  # noqa: F811
        tmp_path, squares(names, price=prices), parcel_keys='cost = "price"\nvalue = "price"\n'
    )
    (tmp_path / "ask.toml").write_text(REQUEST.replace("[3.0, 3.5]", "[9.0, 12.0]"), "utf-8")
    workspace = Workspace(kept)
    first, _ = ask_library(
        workspace, town, tmp_path / "ask.toml", stop=lambda best, bound: best < float("inf")
    )
    whole, plan = ask_library(workspace, town, tmp_path / "ask.toml")
    assert whole.certificate.status == "optimal"
    assert first.certificate.status == "stopped"
    assert "+stopped." in first.version
    assert first.certificate.objective >= whole.certificate.objective
    assert first.certificate.bound <= whole.certificate.objective
    assert {first.id, whole.id} == set(workspace.proposals.list())
    assert plan.proposal_id == whole.id


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--workspace", "{w}", "--out", "{w}/out"], "one of the two"),
        (["--workspace", "{w}/town.toml"], "cannot be opened"),
    ],
)
def test_a_wrong_target_is_said_in_a_sentence(town, words, said):  # noqa: F811
    words = [word.format(w=town.parent) for word in words]
    done = landplan("run", town, town.parent / "assemble.toml", *words)
    assert done.returncode == 2
    assert said in done.stderr


def test_a_wrong_date_or_town_is_said_and_nothing_kept(town, kept):  # noqa: F811
    done = landplan("import", town, "--workspace", kept, "--as-of", "18.11.2026")
    assert (done.returncode, done.stdout) == (2, "")
    assert "YYYY-MM-DD" in done.stderr
    done = landplan("import", town.parent / "no.toml", "--workspace", kept, language="zh")
    assert (done.returncode, done.stdout) == (2, "")
    assert Workspace(kept).datasets.list() == []
