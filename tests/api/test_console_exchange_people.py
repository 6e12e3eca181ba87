"""Whom to invite, and who is needed: asked for on the page of an exchange, calculated as jobs."""

from html import unescape

import numpy as np
import pytest

from landplan.messages import say
from landplan.planning.exchange.process import PROCESS
from landplan.planning.exchange.request import ExchangeRequest
from landplan.workspace.workspace import Workspace
from tests.api.test_console_plan_why import work
from tests.exchanging import keep
from tests.reading import shared_clients
from tests.serving import Prepared, copy_workspace


@pytest.fixture(scope="module")
def exchanged(prepared, tmp_path_factory):
    """The prepared workspace with a real exchange among some owners of its town."""
    folder = copy_workspace(prepared, tmp_path_factory.mktemp("people") / "workspace")
    workspace = Workspace(folder)
    town = workspace.datasets.cadastre(prepared.dataset)
    land = town.parcels[~town.parcels["street"] & (town.parcels["value"] > 0)]
    counts = land["owner_id"].value_counts()
    some = sorted(counts.index[counts >= 3])[:12]
    asked = ExchangeRequest.model_validate(
        {
            "process": "exchange",
            "take_part": {"owners": some},
            "fixed": {"buildings": "free", "homesteads": False},
            "tolerance": {"value_share": 0.3, "cash": 1e7},
        }
    )
    made = keep(workspace, PROCESS.run(asked, town, {}, None, None))
    assert np.isfinite(made.certificate.objective or np.nan)
    plan = workspace.scenarios.add_plan(prepared.scenario, made.id, prepared.dataset, "planner")
    workspace.close()
    return Prepared(
        folder, prepared.town_file, prepared.dataset, made.id, prepared.scenario, plan.label
    )


@pytest.fixture(scope="module")
def reading(exchanged, tmp_path_factory):
    with shared_clients(exchanged, tmp_path_factory.mktemp("reading")) as client:
        yield client


def ask(reader, exchanged, kind, most):
    data = {"kind": kind, "most": most}
    path = f"/proposals/{exchanged.proposal}/others"
    return reader.post(path, data=data, headers={"HX-Request": "true"})


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_tab_offers_both_questions(reading, exchanged, language):
    page = reading("planner").get(f"/proposals/{exchanged.proposal}?tab=people&lang={language}")
    for code in ("plan.tab.people", "others.invite", "others.key_owners", "others.look"):
        assert say(code, None, language) in page.text
    assert "others.front" not in page.text


def test_the_curve_names_parties_gains_and_what_no_choice_exceeds(reading, exchanged):
    planner = reading("planner")
    assert "aria-busy" in ask(planner, exchanged, "invite", 3).text
    work(planner.app.state.services)
    path = f"/proposals/{exchanged.proposal}/others"
    shown = unescape(planner.get(path, params={"kind": "invite"}).text)
    assert shown.count('<th scope="row">') == 3
    assert say("others.col.no_more", None, "en") in shown
    assert "data-basket-toggle" not in shown


def test_what_dropping_out_costs_is_told_with_its_bounds(reading, exchanged):
    planner = reading("planner")
    ask(planner, exchanged, "key_owners", 2)
    work(planner.app.state.services)
    path = f"/proposals/{exchanged.proposal}/others"
    shown = unescape(planner.get(path, params={"kind": "key_owners", "lang": "zh"}).text)
    assert shown.count('<th scope="row">') == 2
    assert say("others.col.least", None, "zh") in shown


def test_an_exchange_has_no_alternatives_and_viewers_see_nobody(reading, exchanged):
    assert ask(reading("planner"), exchanged, "front", 3).status_code == 409
    viewer = reading("viewer")
    page = viewer.get(f"/proposals/{exchanged.proposal}?tab=people").text
    assert 'id="tab-people"' not in page
    assert ask(viewer, exchanged, "invite", 3).status_code == 403
