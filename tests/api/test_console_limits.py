"""What a page gives away or takes on must stay within limits, whoever asks."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.console.map_sheet import find_parcels, further_facts
from api.console.request_draft import MOST_DEMANDS, Draft
from api.people import Person
from landplan.cadastre.townfile import read_town_file
from landplan.errors import ManyErrors
from tests.serving import Prepared


def test_a_draft_shows_as_many_demands_as_a_request_may_have() -> None:
    posted = Draft("assemble", "0", {"demand.0.id": "a", "demand.9999.id": "b"})
    assert posted.demands == 1
    full = Draft("assemble", "0", {f"demand.{MOST_DEMANDS - 1}.id": "z"})
    assert full.demands == MOST_DEMANDS
    assert full.with_demand() == full


def submitted(app: FastAPI, prepared: Prepared, purpose: str = "plan") -> str:
    """A job that somebody else asked for."""
    jobs = app.state.services.jobs
    job, _ = jobs.submit(
        process="assemble",
        dataset_id=prepared.dataset,
        request={"process": "assemble"},
        client="person/pia",
        person="pia",
        purpose=purpose,
    )
    return str(job.id)


def test_only_who_asked_or_a_leader_stops_a_calculation(
    client: Callable[..., TestClient], prepared: Prepared
) -> None:
    paul = client("planner", auth="accounts", name="paul")
    job = submitted(paul.app, prepared)  # type: ignore[arg-type]  # the application itself
    assert paul.post(f"/runs/{job}/stop").status_code == 403
    leader = client("leader", auth="accounts", name="li")
    assert leader.post(f"/runs/{job}/stop", follow_redirects=False).status_code == 303


def test_a_question_about_one_parcel_does_not_become_a_plan(
    client: Callable[..., TestClient], prepared: Prepared
) -> None:
    planner = client("planner")
    job = submitted(planner.app, prepared, "why")  # type: ignore[arg-type]  # as above
    assert planner.post(f"/runs/{job}/longer").status_code == 404


@pytest.mark.parametrize(
    ("key", "value"),
    [("base_date", "0000-00-00"), ("base_date", "spring"), ("name", "x" * 201), ("name", "")],
)
def test_a_town_with_an_impossible_date_or_name_is_refused(
    prepared: Prepared, tmp_path: Path, key: str, value: str
) -> None:
    text = prepared.town_file.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith(f"{key} =")]
    lines.insert(lines.index("[town]") + 1, f'{key} = "{value}"')
    file = tmp_path / "town.toml"
    file.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ManyErrors):
        read_town_file(file)


def test_a_visitor_cannot_search_the_names_of_plots_or_see_when_rights_end() -> None:
    columns = ("land_use", "zone", "owner_id", "address", "geometry")
    parcels = pd.DataFrame({"parcel_id": ["A"], "name": ["Zhang's yard"]}).assign(
        **dict.fromkeys(columns, None), area_m2=100.0
    )
    town = SimpleNamespace(parcels=parcels)
    datasets = SimpleNamespace(cadastre=lambda _: town)
    known: Any = SimpleNamespace(workspace=SimpleNamespace(datasets=datasets))
    visitor, planner = Person("", "viewer"), Person("wang", "planner")
    assert find_parcels(known, "0", "zhang", visitor) == []
    assert [found.id for found in find_parcels(known, "0", "zhang", planner)] == ["A"]
    row = {"grade": "B", "right_end": "2031-07-13"}
    assert [text for _, text in further_facts(row, visitor)] == ["B"]
    assert [text for _, text in further_facts(row, planner)] == ["B", "2031-07-13"]
