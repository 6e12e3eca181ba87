"""The palette keeps what CONSOLE.md §8 promises: readable, told apart by all eyes, and in grey."""

import itertools
import re

import numpy as np
import pytest

from landplan.messages import LANGUAGES, has
from maps.symbols import (
    LEGEND_ORDER,
    Symbol,
    category,
    icon_path,
    interface,
    pattern_size,
    stale_opacity,
    symbols,
)
from tests.maps import colour

GROUND = symbols()["ground"].fill or ""


def fill(key: str) -> str:
    found = symbols()[key].fill
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("front", "back", "ratio"),
    [
        ("ink", "paper", 16.6),
        ("secondary", "paper", 7.6),
        ("secondary", "ground", 7.0),
        ("action", "paper", 7.1),
        ("proven", "paper", 6.7),
        ("proven", "proven-ground", 5.9),
        ("attention", "attention-ground", 6.8),
        ("refused", "paper", 7.3),
        ("refused", "refused-ground", 6.3),
        ("control", "paper", 4.6),
        ("focus-inner", "focus-outer", 10.1),
    ],
)
def test_interface_colours_have_the_contrast_that_was_measured(front, back, ratio):
    assert colour.contrast(interface()[front], interface()[back]) >= ratio - 0.05


def test_the_colour_difference_agrees_with_published_pairs():
    pairs = [  # Sharma, Wu, Dalal (2005), table 1: pairs 1, 7, 13, 17, 25, 34
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 0, 0), (50, -1, 2), 2.3669),
        ((50, -0.001, 2.49), (50, 0.0009, -2.49), 4.8045),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ]
    for first, second, expected in pairs:
        assert colour.delta_e(np.array(first), np.array(second)) == pytest.approx(
            expected, abs=1e-4
        )


def test_classes_differ_for_all_eyes_and_keep_their_order_in_grey():
    classes = [fill(f"class_{letter}") for letter in "abcd"]
    for one, other in itertools.combinations(classes, 2):
        assert colour.least_difference(one, other) >= 18
    greys = [colour.lightness(entry) for entry in classes]
    assert all(after - before >= 10.8 for before, after in itertools.pairwise(greys))


def test_the_kinds_of_a_theme_differ_for_all_eyes():
    keys = [category(position) for position in range(9)]
    for one, other in itertools.combinations([fill(key) for key in keys], 2):
        assert colour.least_difference(one, other) >= 15


def test_the_three_parts_of_a_comparison_differ_for_all_eyes():
    parts = [fill(key) for key in ("only_first", "only_second", "both")]
    for one, other in itertools.combinations(parts, 2):
        assert colour.least_difference(one, other) >= 14.5
    assert symbols()["only_first"].letter != symbols()["only_second"].letter
    assert symbols()["only_second"].pattern == "dots"


def test_a_parcel_border_is_seen_on_the_ground():
    parcel = symbols()["parcel"]
    assert parcel.stroke is not None
    assert colour.contrast(parcel.stroke, GROUND) >= 3.4


def test_a_street_crossing_is_seen_by_its_casing():
    crossing = symbols()["crossing"]
    assert crossing.casing is not None
    assert colour.contrast(crossing.casing, GROUND) >= 14


def test_a_site_is_told_from_the_ground_by_all_eyes():
    site = symbols()["site"]
    seen = colour.over(site.fill, site.fill_opacity, GROUND)
    assert colour.least_difference(seen, GROUND) >= 15
    assert colour.contrast(site.stroke, GROUND) >= 4


def test_exchange_is_told_by_hatch_and_icon_where_grey_is_equal():
    marks = {(symbols()[key].pattern, symbols()[key].icon) for key in ("given", "received", "kept")}
    assert len(marks) == 3


def test_meaning_never_rests_on_colour_alone():
    alike = ["locked", "excluded", "given", "received", "only_first", "only_second", "crossing"]
    for key in alike:
        symbol = symbols()[key]
        assert symbol.icon or symbol.pattern or symbol.letter or symbol.dash, key


def test_every_colour_is_written_the_same_way():
    values = [*interface().values()]
    for symbol in symbols().values():
        colours = (symbol.fill, symbol.stroke, symbol.casing, symbol.pattern_color)
        values += [entry for entry in colours if entry]
    assert all(re.fullmatch("#[0-9A-F]{6}", value) for value in values)


def test_every_symbol_is_whole_and_every_icon_can_be_drawn():
    for symbol in symbols().values():
        assert (symbol.pattern is None) == (symbol.pattern_color is None)
        assert (symbol.fill is None) == (symbol.fill_opacity == 0)
        assert (symbol.stroke is None) == (symbol.stroke_width == 0)
        if symbol.icon:
            assert icon_path(symbol.icon).startswith("M")
    assert pattern_size().spacing > pattern_size().line
    assert 0 < stale_opacity() < 1


def test_a_symbol_becomes_data_without_what_is_not_set():
    plain = Symbol(key="zone", stroke="#4A5560", stroke_width=2.0, dash=(14.0, 6.0))
    assert plain.as_data() == {
        "key": "zone",
        "stroke": "#4A5560",
        "stroke_width": 2.0,
        "dash": [14.0, 6.0],
    }


def test_every_symbol_has_a_label_in_both_languages():
    for key in LEGEND_ORDER:
        for language in LANGUAGES:
            assert has(f"map.legend.{key}", language), (key, language)
