"""Changing a plan by hand: judged at every click, saved only where every rule is kept."""

import html
import json
import re

import pytest

from api.console.edit_state import PREFIX, members_of
from landplan.messages import say
from landplan.planning.assemble.edit import judge_edit
from tests.reading import shared_clients


@pytest.fixture(scope="module")
def clients(prepared, tmp_path_factory):
    with shared_clients(prepared, tmp_path_factory.mktemp("editing")) as client:
        yield client


@pytest.fixture(scope="module")
def desk(clients, prepared):
    """A planner at the prepared plan, with its proposal, town and ground."""

    class Desk:
        planner = clients("planner")
        services = planner.app.state.services
        proposal = services.workspace.proposals.get(prepared.proposal)
        town = services.workspace.datasets.cadastre(prepared.dataset)
        path = f"/proposals/{prepared.proposal}/edit"
        members = members_of(proposal)

        def post(self, members=None, tail="", part=True, **fields):
            given = {PREFIX + site: json.dumps(ids) for site, ids in (members or {}).items()}
            headers = {"HX-Request": "true"} if part else {}
            return self.planner.post(
                self.path + tail, data=given | fields, headers=headers, follow_redirects=False
            )

        def judge(self, members):
            return judge_edit(self.proposal, self.town, self.services.grounds, members)

        def legal_change(self):
            """Return members with one parcel more or less that keep every rule."""
            known = {parcel for ids in self.members.values() for parcel in ids}
            near = self.proposal.parcels
            for site, ids in self.members.items():
                shape = self.proposal.sites.set_index("site_id").geometry[site]
                close = near[near.geometry.distance(shape) < 60]["parcel_id"]
                options = [[one for one in ids if one != gone] for gone in ids]
                options += [[*ids, new] for new in close if new not in known]
                for option in options:
                    changed = self.members | {site: option}
                    if not self.judge(changed).broken:
                        return changed
            raise AssertionError("no legal change by one parcel exists")

    return Desk()


def state_in(answer):
    found = re.findall(r'name="in:([^"]+)" value="([^"]*)"', answer.text)
    return {html.unescape(site): json.loads(html.unescape(ids)) for site, ids in found}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_editing_begins_with_the_plan_as_it_is(desk, language):
    page = desk.planner.get(desk.path, params={"lang": language})
    assert page.status_code == 200
    assert state_in(page) == desk.members
    assert say("edit.how", None, language) in page.text
    assert re.search(r'id="save" disabled', page.text)


def test_a_click_takes_a_parcel_out_and_names_what_breaks(desk):
    site, ids = next(iter(desk.members.items()))
    answer = desk.post(desk.members, toggle=ids[0])
    changed = desk.members | {site: ids[1:]}
    assert state_in(answer) == changed
    broken = desk.judge(changed).broken
    assert broken
    assert say("edit.broken", {"n": len(broken)}, "en") in answer.text
    assert say("edit.no_claim", None, "en") in answer.text
    assert 'id="save" disabled' in answer.text
    assert "<html" not in answer.text


def test_a_second_click_and_undo_both_take_it_back(desk):
    ids = next(iter(desk.members.values()))
    once = desk.post(desk.members, toggle=ids[0])
    past = html.unescape(re.search(r'name="past" value="([^"]*)"', once.text)[1])
    again = desk.post(state_in(once), toggle=ids[0], past=past)
    undone = desk.post(state_in(once), undo="yes", past=past)
    for answer in (again, undone):
        assert {site: set(own) for site, own in state_in(answer).items()} == {
            site: set(own) for site, own in desk.members.items()
        }


def test_a_new_parcel_goes_into_the_nearest_site_or_the_chosen_one(desk):
    sites = desk.proposal.sites.set_index("site_id").geometry
    first, second = list(desk.members)
    outside = desk.proposal.parcels[desk.proposal.parcels["site_id"].isna()]
    nearest = outside.geometry.distance(sites[first]).idxmin()
    parcel = outside.loc[nearest, "parcel_id"]
    by_itself = desk.post(desk.members, add=parcel, take_in="yes")
    near = min(sites.index, key=lambda site: sites[site].distance(outside.geometry[nearest]))
    assert parcel in state_in(by_itself)[near]
    chosen = desk.post(desk.members, toggle=parcel, target=second)
    assert parcel in state_in(chosen)[second]


def test_a_legal_edit_says_how_far_it_is_at_most_and_is_saved_as_2a(desk):
    changed = desk.legal_change()
    edit = desk.judge(changed)
    page = desk.post(changed)
    assert say("edit.kept", None, "en") in page.text
    if edit.distance_above_bound:
        assert "more than the minimum" in page.text
    answer = desk.post(changed, tail="/save", part=False)
    assert answer.status_code == 303
    made = answer.headers["location"].rsplit("/", 1)[1]
    workspace = desk.services.workspace
    saved = workspace.proposals.get(made)
    assert saved.certificate.bound == desk.proposal.certificate.bound
    assert saved.audit["passed"]
    plan, origin = workspace.scenarios.plan_of(made), workspace.scenarios.plan_of(desk.proposal.id)
    assert (plan.label, plan.parent_id) == (f"{origin.label}a", origin.id)
    events = workspace.events.of(f"proposal/{made}", "edited")
    assert [event.person for event in events] == ["planner"]
    shown = desk.planner.get(f"/proposals/{made}").text
    assert say("plan.state.by_hand", None, "en") in shown
    again = desk.post(changed, tail="/save", part=False)
    assert again.headers["location"] == answer.headers["location"]
    assert len(workspace.scenarios.plans(plan.scenario_id)) == 2


def test_a_broken_or_unchanged_plan_is_not_saved(desk):
    site, ids = next(iter(desk.members.items()))
    before = desk.services.workspace.proposals.list()
    broken = desk.post(desk.members | {site: ids[1:]}, tail="/save", part=False)
    assert broken.status_code == 409
    same = desk.post(desk.members, tail="/save", part=False)
    assert same.status_code == 409
    assert say("hand_edit.nothing_changed", None, "en") in same.text
    assert desk.services.workspace.proposals.list() == before


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"toggle": "no such parcel"}, 404),
        ({"in:nowhere": "[]"}, 404),
        ({"in:@": "not json"}, 400),
        ({"in:@": '{"a": 1}'}, 400),
        ({"in:@": '["no such parcel"]'}, 400),
        ({"undo": "yes", "past": "rubbish"}, 400),
        ({"undo": "yes", "past": "[]"}, 400),
    ],
)
def test_what_the_page_never_sends_ends_in_a_sentence(desk, fields, status):
    site = next(iter(desk.members))
    fields = {name.replace("@", site): value for name, value in fields.items()}
    answer = desk.post(**fields)
    assert answer.status_code == status
    assert answer.json()["detail"]


def test_viewers_cannot_edit(clients, prepared):
    viewer = clients("viewer")
    path = f"/proposals/{prepared.proposal}/edit"
    assert viewer.get(path).status_code == 403
    assert viewer.post(path, data={}).status_code == 403
    assert viewer.post(f"{path}/save", data={}).status_code == 403
