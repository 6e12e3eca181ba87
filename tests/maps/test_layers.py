"""Layers and themes: what goes out to whom, and what stands out."""

import pytest
from shapely.geometry import Point

from landplan.errors import InputError
from maps.config import as_json, config
from maps.layers import PROPOSAL_LAYERS, marks, proposal_layer
from maps.page import data_script, map_page
from maps.view import proposal_view
from tests.maps.plans import many, plan
from tests.proposal import example as small

MARK = "OWNERMARK"


def marked():
    ground = small.parcels()
    ground["owner_id"] = [f"{MARK}{row}" for row in range(len(ground))]
    ground["cost"] = 7_654_321.17
    ground["value"] = 8_765_432.13
    return plan(ground=ground)


def test_viewers_get_neither_owners_nor_money_in_any_byte():
    view = proposal_view(marked(), language="en", url="/map-data")
    sent = data_script(view) + map_page(view, assets="a") + as_json(config(view))
    for secret in (MARK, "owner_id", "7654321", "8765432", "7,654", "8,765", '"cost"', '"value"'):
        assert secret not in sent
    assert "owner" not in {theme.key for theme in view.themes}


def test_planners_get_owners_and_still_no_money():
    view = proposal_view(marked(), language="en", role="planner")
    sent = data_script(view)
    assert f"{MARK}0" in sent
    for secret in ("7654321", "8765432", '"cost"', '"value"'):
        assert secret not in sent


def test_a_layer_that_does_not_exist_is_refused():
    with pytest.raises(InputError) as refused:
        proposal_layer(plan(), "rights")
    assert refused.value.code == "map.layer_unknown"


def test_every_layer_is_made_and_names_its_id_first():
    for name in PROPOSAL_LAYERS:
        layer = proposal_layer(plan(), name)
        assert layer.columns[0] in layer.frame.columns
        assert layer.geojson().startswith(b'{"type":"FeatureCollection"')


def test_parcels_locked_in_and_excluded_by_hand_are_marked():
    assert marks(plan()) == {"P1": "must", "=1+1": "never"}


def test_the_label_of_a_site_lies_inside_it():
    layer = proposal_layer(plan(), "sites")
    inside = layer.frame.to_crs("EPSG:4326").geometry[0]
    assert inside.contains(Point(layer.frame["at"][0]))
    assert layer.frame["letter"].tolist() == ["A"]


def test_owners_that_nobody_counted_are_not_known():
    sites = small.sites(small.parcels()).assign(owner_count=[0])
    assert b"owner_count" not in proposal_layer(plan(sites=sites), "sites").geojson()


def test_streets_between_parcels_are_ground_of_their_own():
    layer = proposal_layer(plan(), "streets")
    gap = small.square(12, 12, 1, 1)
    assert layer.frame.geometry[0].contains(gap)


def test_themes_name_uses_zones_reasons_and_the_owners_of_the_plan():
    keys = [theme.key for theme in proposal_view(plan(), language="en", role="planner").themes]
    assert keys == ["plan", "land_use", "zone", "excluded_by", "owner_id"]
    owners = proposal_view(plan(), language="en", role="planner").themes[-1]
    assert {kind.values[0] for kind in owners.kinds} == {"o1", "o2", "city"}


def test_a_theme_has_eight_kinds_and_the_rest_is_others():
    ground = many(12, 1).parcels
    ground["zone"] = [f"Z{number:02}" for number in range(12)]
    themes = {one.key: one for one in proposal_view(plan(ground=ground), language="en").themes}
    zone = themes["zone"]
    assert [kind.symbol for kind in zone.kinds] == [f"category_{number}" for number in range(1, 9)]
    assert zone.other == "others"


def test_a_reason_that_has_no_words_is_still_a_reason():
    ground = small.parcels()
    ground["excluded_by"] = ["data.id.duplicate", "data.new", "new", *[None] * 5]
    themes = {one.key: one for one in proposal_view(plan(ground=ground), language="en").themes}
    assert {kind.label for kind in themes["excluded_by"].kinds} == {
        "number used twice",
        "fault in the data",
        "other rule",
    }


def test_an_unknown_theme_falls_back_to_the_plan():
    assert config(proposal_view(plan(), language="zh", theme="nonsense"))["theme"] == "plan"
