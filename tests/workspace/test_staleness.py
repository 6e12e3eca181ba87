"""A question asked into a workspace: one answer, one plan, marked old when the land changes."""

from pathlib import Path

import geopandas as gpd
import pytest
from shapely.affinity import translate

from landplan.errors import InputError
from landplan.proposal.proposal import Proposal
from landplan.workspace.asking import ask
from landplan.workspace.workspace import Workspace
from tests.towns import squares, write_town

KEYS = 'owner = "owner"\ncost = "cost"\n'
REQUEST = """process = "assemble"
title = "Two hectares"
[[demand]]
id = "plant"
area_ha = [2.0, 2.0]
"""


def land() -> gpd.GeoDataFrame:
    """Four hectares in a row; A and B are the cheapest two that touch."""
    return squares("ABCD", owner=["o1", "o1", "o2", "o3"], cost=[10.0, 10.0, 50.0, 90.0])


def asked(workspace: Workspace, folder: Path, parcels: gpd.GeoDataFrame) -> Proposal:
    """Ask for two hectares of a town with these parcels."""
    folder.mkdir()
    file = write_town(folder, parcels, parcel_keys=KEYS)
    (folder / "two.toml").write_text(REQUEST)
    proposal, _ = ask(workspace, file, folder / "two.toml")
    return proposal


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "w")


def test_the_same_question_is_answered_once(workspace: Workspace, tmp_path: Path) -> None:
    first = asked(workspace, tmp_path / "a", land())
    _, plan = ask(workspace, tmp_path / "a" / "town.toml", tmp_path / "a" / "two.toml")
    assert plan.proposal_id == first.id
    assert plan.label == "1"
    assert workspace.proposals.list() == [first.id]
    assert len(workspace.scenarios.list()) == 1
    assert first.audit is not None
    assert first.audit["passed"]


def test_a_plan_of_the_newest_data_is_current(workspace: Workspace, tmp_path: Path) -> None:
    assert workspace.staleness(asked(workspace, tmp_path / "a", land()).id).current


def test_a_plan_is_old_when_the_land_changed_and_says_where(
    workspace: Workspace, tmp_path: Path
) -> None:
    old = asked(workspace, tmp_path / "a", land())
    changed = land()
    changed.loc[changed["id"] == "B", "cost"] = 11.0
    changed.loc[changed["id"] == "C", "owner"] = "o9"
    asked(workspace, tmp_path / "b", changed)
    stale = workspace.staleness(old.id)
    assert not stale.current
    assert stale.changed == ("B", "C")
    assert stale.affected == ("B",)
    assert stale.newest is not None
    assert stale.newest.version == 2


def test_parcels_that_came_and_went_are_named(workspace: Workspace, tmp_path: Path) -> None:
    old = asked(workspace, tmp_path / "a", land())
    after = land().replace({"id": {"A": "E"}})
    asked(workspace, tmp_path / "b", after)
    stale = workspace.staleness(old.id)
    assert (stale.added, stale.removed, stale.affected) == (("E",), ("A",), ("A",))


@pytest.mark.parametrize(("shift_m", "moved"), [(0.004, ()), (0.5, ("A", "B", "C", "D"))])
def test_survey_noise_is_no_change_and_a_move_is(
    workspace: Workspace, tmp_path: Path, shift_m: float, moved: tuple[str, ...]
) -> None:
    old = asked(workspace, tmp_path / "a", land())
    after = land()
    after.geometry = [translate(shape, shift_m) for shape in after.geometry]
    asked(workspace, tmp_path / "b", after)
    assert workspace.staleness(old.id).changed == moved


def test_the_same_outline_with_one_more_corner_is_no_change(
    workspace: Workspace, tmp_path: Path
) -> None:
    old = asked(workspace, tmp_path / "a", land())
    after = land()
    after.geometry = [shape.segmentize(60.0) for shape in after.geometry]
    asked(workspace, tmp_path / "b", after)
    assert workspace.staleness(old.id).changed == ()


def test_a_proposal_that_is_not_there_is_said_in_a_sentence(workspace: Workspace) -> None:
    with pytest.raises(InputError) as caught:
        workspace.staleness("0" * 12)
    assert caught.value.code == "workspace.no_proposal"
