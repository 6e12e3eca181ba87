"""Where no site keeps the rules on whole sites, it is said by how much one misses them."""

from functools import partial

import numpy as np
import pytest

from landplan.cadastre.reading import read_town
from landplan.messages import LANGUAGES, has, say
from landplan.planning.assemble.ground import TownGround
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.assemble.shape_reason import without_shape_rules
from tests.towns import squares, write_town

ROW = "ABCD"
"""Four squares of one hectare in a row: 400 m by 100 m."""
COST = 'cost = { column = "cost", unit = "total" }\n'


@pytest.fixture
def notes(tmp_path):
    cadastre = read_town(
        write_town(tmp_path, squares(ROW, cost=[1.0] * 4), parcel_keys=COST)
    ).require()
    return partial(found, TownGround.of(cadastre))


def found(ground, **shape):
    request = AssembleRequest(
        process="assemble",
        demand=[{"id": "plant", "area_ha": [2, 3]}],
        shape={"max_radius_factor": 0, **shape},
    )
    formulation = ground.formulated(request)
    return without_shape_rules(request, 0, formulation)


def test_a_row_of_squares_is_a_hundred_metres_wide(notes):
    (note,) = notes(min_width_m=150)
    assert note["code"] == "note.without.too_narrow"
    assert note["params"]["demand"] == "plant"
    assert note["params"]["limit_m"] == 150
    assert note["params"]["measured_m"] == pytest.approx(100, abs=1.0)
    assert note["params"]["measured_m"] <= 100


def test_the_largest_rectangle_found_is_named(notes):
    (note,) = notes(rectangle_length_m=250, rectangle_width_m=150)
    assert note["code"] == "note.without.no_rectangle"
    assert note["params"]["width_m"] <= 100
    assert note["params"]["length_m"] >= 150
    assert (note["params"]["long_m"], note["params"]["short_m"]) == (250, 150)


def test_nothing_is_said_where_no_such_rule_is_asked(notes):
    assert notes() == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_note_has_a_sentence(notes, language):
    rules = ("too_narrow", "no_rectangle", "no_rectangle_at_all", "hole", "hole_to_fill")
    for rule in (*rules, "landlocked", "orphan"):
        assert has(f"note.without.{rule}", language)
    (note,) = notes(min_width_m=150)
    assert "150" in say(note["code"], note["params"], language)
    assert np.isfinite(note["params"]["measured_m"])
