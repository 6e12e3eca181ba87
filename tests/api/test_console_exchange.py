"""The pages of an exchange of land: owners, rings, statements, paper, comparison, roles."""

import io
import re
from dataclasses import replace

import openpyxl
import pytest

from landplan.messages import say
from landplan.proposal.exchange import statements_of
from landplan.proposal.proposal import proposal_id
from landplan.workspace.workspace import Workspace
from tests.exchanging import exchange_of, keep
from tests.reading import shared_clients
from tests.serving import Prepared, copy_workspace


@pytest.fixture(scope="module")
def exchanged(prepared, tmp_path_factory):
    """The prepared workspace with an exchange among the owners of its town."""
    folder = copy_workspace(prepared, tmp_path_factory.mktemp("exchanged") / "workspace")
    workspace = Workspace(folder)
    made = keep(workspace, exchange_of(workspace.proposals.get(prepared.proposal)))
    plan = workspace.scenarios.add_plan(prepared.scenario, made.id, prepared.dataset, "planner")
    workspace.close()
    return Prepared(
        folder, prepared.town_file, prepared.dataset, made.id, prepared.scenario, plan.label
    )


@pytest.fixture(scope="module")
def plan(exchanged):
    workspace = Workspace(exchanged.folder)
    found = workspace.proposals.get(exchanged.proposal)
    workspace.close()
    return found


@pytest.fixture(scope="module")
def reading(exchanged, tmp_path_factory):
    with shared_clients(exchanged, tmp_path_factory.mktemp("reading")) as client:
        yield client


PAGES = ("", "?tab=owners", "?tab=rings", "?tab=measures", "?tab=inputs", "/print", "/signoff")


@pytest.mark.parametrize("role", ["planner", "viewer"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_opens_and_no_code_is_left_without_a_sentence(
    reading, exchanged, role, language
):
    reader = reading(role)
    for page in PAGES:
        if role == "viewer" and page == "/signoff":
            continue
        mark = "&" if "?" in page else "?"
        answer = reader.get(f"/proposals/{exchanged.proposal}{page}{mark}lang={language}")
        assert answer.status_code == 200, page
        assert not re.search(
            r"\b(exchange|comparison|map|plan)\.[a-z_]+\.[a-z_.]+", text_of(answer)
        )
    assert reader.get(f"/maps/{exchanged.proposal}").status_code == 200
    assert reader.get(f"/embed/{exchanged.proposal}").status_code == 200


def text_of(answer):
    bare = re.sub(r"<(script|style).*?</\1>", "", answer.text, flags=re.S)
    return re.sub(r"<[^>]+>", " ", bare)


def test_owners_are_listed_with_the_largest_loss_first(reading, exchanged, plan):
    page = reading("planner").get(f"/proposals/{exchanged.proposal}?tab=owners").text
    listed = re.findall(r'<tr data-party="([^"]+)"', page)
    assert listed == [one.id for one in statements_of(plan)]
    assert "estimated purchase" not in page


def test_viewers_get_no_owner_in_any_byte(reading, exchanged, plan):
    owners = {one.id for one in statements_of(plan)}
    viewer = reading("viewer")
    paths = [f"/proposals/{exchanged.proposal}{page}" for page in PAGES if page != "/signoff"]
    paths += [f"/map-data/proposal/{exchanged.proposal}/parcels.geojson"]
    paths += [f"/embed/{exchanged.proposal}", f"/proposals/{exchanged.proposal}/map.svg"]
    paths += [f"/proposals/{exchanged.proposal}/proposal.json"]
    for path in paths:
        text = viewer.get(path).text
        assert not [owner for owner in owners if owner in text], path
    for path in ("/statements", "/statements.xlsx"):
        assert viewer.get(f"/proposals/{exchanged.proposal}{path}").status_code == 403


def test_the_head_names_what_changes_hands_and_the_proof_speaks_of_an_exchange(reading, exchanged):
    page = text_of(reading("planner").get(f"/proposals/{exchanged.proposal}?lang=en"))
    assert "No exchange can come to less than CNY 1.040 million" in page
    assert "With these parcels, rules and reference points" in page
    assert "largest loss of an owner" in page
    assert "street crossing" not in page
    public = text_of(reading("viewer").get(f"/proposals/{exchanged.proposal}?lang=en"))
    assert "This exchange is within 0.8 % of the best possible." in public
    assert "CNY" not in public


def test_rings_name_every_parcel_that_changes_hands(reading, exchanged, plan):
    page = reading("planner").get(f"/proposals/{exchanged.proposal}?tab=rings&lang=en").text
    held = plan.holdings
    moved = held.loc[held["party_before"] != held["party_after"], "parcel_id"]
    assert sorted(re.findall(r'data-zoom="([^"]+)"', page)) == sorted(moved)
    assert "Ring 1" in page
    assert "Against money" in page


@pytest.mark.parametrize("language", ["en", "zh"])
def test_statements_have_a_page_per_owner(reading, exchanged, plan, language):
    path = f"/proposals/{exchanged.proposal}/statements"
    page = reading("planner").get(f"{path}?lang={language}").text
    listed = re.findall(r'<section class="statement" data-party="([^"]+)"', page)
    assert listed == [one.id for one in statements_of(plan)]
    one = listed[0]
    alone = reading("planner").get(path, params={"party": one, "lang": language}).text
    assert alone.count('class="statement"') == 1
    assert say("exchange.statement.for", {"party": one}, language) in alone
    assert reading("planner").get(path, params={"party": "nobody"}).status_code == 404


def test_the_workbook_holds_what_the_plan_says(reading, exchanged, plan):
    answer = reading("planner").get(f"/proposals/{exchanged.proposal}/statements.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    owners, parcels, _, _ = book.worksheets
    told = statements_of(plan)
    rows = list(owners.iter_rows(min_row=2, values_only=True))
    assert [row[0] for row in rows] == [one.id for one in told]
    assert [row[6] for row in rows] == pytest.approx([one.payment for one in told])
    held = plan.holdings
    moved = int((held["party_before"] != held["party_after"]).sum())
    assert parcels.max_row - 1 == len(held) + moved


def test_another_plan_has_no_statements(reading, prepared):
    answer = reading("planner").get(f"/proposals/{prepared.proposal}/statements")
    assert answer.status_code == 404
    assert answer.json()["code"] == "exchange.statement.none"


def test_an_exchange_is_not_compared_with_sites(reading, exchanged, prepared):
    ids = f"{exchanged.proposal},{prepared.proposal}"
    page = text_of(reading("planner").get(f"/compare?ids={ids}&lang=en"))
    assert say("compare.differs", None, "en") in page


def test_two_exchanges_are_compared_by_their_figures(exchanged, tmp_path):
    copied = replace(exchanged, folder=copy_workspace(exchanged, tmp_path / "workspace"))
    workspace = Workspace(copied.folder)
    like = workspace.proposals.get(exchanged.proposal)
    other = replace(like, id=proposal_id("exchange", {"seed": 2}, "other", "0", 2))
    keep(workspace, other)
    workspace.close()
    with shared_clients(copied, tmp_path / "reading") as client:
        page = text_of(client("planner").get(f"/compare?ids={like.id},{other.id}&lang=en"))
        assert "Separate pieces of land" in page
        assert "Largest loss of an owner" in page
        assert "purchase" not in page
        assert "Owner by owner" in page
        assert "parties are better off in the first plan" in page
        assert statements_of(like)[0].id in page
        public = text_of(client("viewer").get(f"/compare?ids={like.id},{other.id}&lang=en"))
        assert "CNY" not in public
        assert statements_of(like)[0].id not in public


def test_an_exchange_goes_to_the_leader_with_who_loses_most(reading, exchanged, plan):
    page = text_of(reading("planner").get(f"/proposals/{exchanged.proposal}/signoff?lang=en"))
    assert "change hands among" in page
    assert statements_of(plan)[0].id in page
    assert say("signoff.blocked.none", None, "en") not in page
    assert say("signoff.check.one_piece", {"n": 0}, "en") not in page


@pytest.fixture
def asking(monkeypatch, client):
    """A planner where a process without demands is known."""
    from landplan.planning import process

    if "exchange" not in process.process_ids():
        known = {**process._MODULES, "exchange": "tests.api.exchange_process"}
        monkeypatch.setattr(process, "_MODULES", known)
    return client("planner")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_exchange_is_asked_for_without_demands(asking, language):
    page = asking.get(f"/requests/new?process=exchange&lang={language}")
    assert page.status_code == 200
    assert say("request.process.exchange", None, language) in page.text
    assert 'name="title"' in page.text
    assert "demand.0" not in page.text
    assert say("request.part.rules", None, language) in page.text
    assert 'data-lock="must"' not in page.text


def test_the_process_can_be_changed_on_the_page_of_a_new_request(asking):
    page = asking.get("/requests/new?lang=en")
    scenario = re.search(r"/scenarios/(\d+)/edit", page.text)[1]
    revision = re.search(r'name="revision"[^>]*value="(\d+)"', page.text)[1]
    answer = asking.post(
        f"/scenarios/{scenario}/edit",
        data={"do": "process:exchange", "revision": revision, "title": "north"},
    )
    assert answer.status_code == 200
    assert "demand.0" not in answer.text
    assert "north" in answer.text


def test_a_process_that_does_not_exist_is_refused(asking):
    assert asking.get("/requests/new?process=nonsense").status_code == 404
