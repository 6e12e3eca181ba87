"""The single guesses behind a drafted town file, each on a few hand-made values."""

import re
import tomllib
from importlib.resources import files
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS
from shapely.geometry import box

from landplan.cadastre.draft import joins
from landplan.cadastre.draft.areas import fit_unit
from landplan.cadastre.draft.columns import HINTS, Profile, hinted, profiles, words
from landplan.cadastre.draft.encodings import guess_encoding
from landplan.cadastre.draft.ids import choose_id
from landplan.cadastre.draft.notes import Note, Section, render, toml_value
from landplan.cadastre.draft.place import assumed_crs, find_place
from landplan.cadastre.draft.schemes import guess_scheme
from landplan.cadastre.draft.survey import Source
from landplan.cadastre.townfile import SQUARE_METRES
from landplan.messages import LANGUAGES, has


def columns(**values: list[object]) -> list[Profile]:
    return profiles(pd.DataFrame(values))


def layer(bounds: tuple[float, float, float, float], crs: str | None) -> Source:
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[box(*bounds)], crs=crs)
    declared = CRS(crs) if crs else None
    return Source((Path("a.gpkg"),), "gpkg", None, "polygon", frame, declared)


# --- Encodings ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "codec", "expected"),
    [
        ("parcel 1, owner 2", "ascii", "utf-8"),
        ("宗地代码,权利人,工业用地", "utf-8", "utf-8"),
        ("宗地代码,权利人,工业用地,土地面积", "gbk", "GBK"),
        ("都市計畫,住宅區,商業區,農業區,道路用地", "big5", "Big5"),
        ("Propriétaire,Forêt,Précision,Hôtel,Mairie", "cp1252", "windows-1252"),
        ("id,面积", "utf-16", "utf-16"),
    ],
)
def test_the_encoding_is_judged_from_the_bytes(text: str, codec: str, expected: str) -> None:
    assert guess_encoding(text.encode(codec)) == expected


def test_bytes_that_fit_no_encoding_are_not_guessed() -> None:
    assert guess_encoding(b"\x81\x81\xff\xff\x8d\x8f" * 5) is None


# --- Columns -----------------------------------------------------------------------------------


def test_names_fall_into_words_whatever_their_style() -> None:
    assert words("TotalAppraisedLandValue") == "total appraised land value"
    assert words("BASE_DISTR") == "base distr"
    assert words("AYBYrBuilt") == "ayb yr built"
    assert words("宗地_代码") == "宗地 代码"


def test_a_word_inside_another_word_is_no_hint() -> None:
    assert hinted("OWNER_ID", "owner") == 1
    assert hinted("HOMEOWNERSHIP", "owner") == 0
    assert hinted("landscape", "land_part") == 0


def test_numbers_with_fractions_and_dates_are_measures_not_codes() -> None:
    length, code, day = columns(
        length=[1.5, 2.25], code=[101.0, 102.0], day=pd.to_datetime(["2020-01-01", "2021-01-01"])
    )
    assert (length.is_measure, code.is_measure, day.is_measure) == (True, False, True)
    assert list(code.text) == ["101", "102"]


def test_columns_without_any_value_are_left_out() -> None:
    assert [one.name for one in columns(empty=[None, None], full=["a", "b"])] == ["full"]


# --- Identity ----------------------------------------------------------------------------------


def test_an_official_number_comes_before_a_running_number() -> None:
    found = columns(OBJECTID=[1, 2, 3], PIN=["15-1", "15-2", "15-3"])
    identity = choose_id(found, frozenset())
    assert identity is not None
    assert identity.columns == ("PIN",)


def test_a_price_that_differs_everywhere_names_nothing() -> None:
    found = columns(id=["A", "B", "C"], price=[1_000_000.0, 2_000_000.0, 3_000_000.0])
    identity = choose_id(found, frozenset())
    assert identity is not None
    assert identity.columns == ("id",)


def test_the_key_of_a_join_comes_first_and_a_more_unique_column_is_named() -> None:
    keys = [f"k{i}" for i in range(98)] + ["k0", "k1"]
    found = columns(OBJECTID=list(range(100)), ML=keys)
    identity = choose_id(found, frozenset(["ML"]))
    assert identity is not None
    assert (identity.columns, identity.other) == (("ML",), "OBJECTID")
    assert identity.repeated == pytest.approx(0.04)


def test_columns_are_combined_where_none_is_unique_alone() -> None:
    found = columns(SECTION=["A", "A", "B", "B"], NUMERO=["1", "2", "1", "2"])
    identity = choose_id(found, frozenset())
    assert identity is not None
    assert set(identity.columns) == {"SECTION", "NUMERO"}
    assert identity.repeated == 0.0


def test_a_combined_id_begins_with_the_village() -> None:
    found = columns(
        SECTION=["A", "A", "B", "C"],
        NUMERO=["1", "2", "1", "1"],
        CODE_COM=["267", "267", "267", "386"],
    )
    identity = choose_id(found, frozenset())
    assert identity is not None
    assert identity.columns[0] == "CODE_COM"


def test_no_id_is_invented_where_nothing_names_the_parcels() -> None:
    assert choose_id(columns(use=["a"] * 10, length=[0.5] * 10), frozenset()) is None


# --- Areas -------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", sorted(SQUARE_METRES))
def test_the_unit_of_a_registered_area_is_found_by_comparison(unit: str) -> None:
    computed = pd.Series(np.linspace(500.0, 20_000.0, 40))
    registered = computed / SQUARE_METRES[unit]
    registered.iloc[:4] = 0.0
    fit = fit_unit(registered, computed)
    assert fit is not None
    assert fit.unit == unit
    assert fit.factor == pytest.approx(SQUARE_METRES[unit])
    assert (fit.agreeing, fit.parcels) == (1.0, 36)


def test_numbers_that_are_no_areas_fit_no_unit() -> None:
    computed = pd.Series(np.linspace(500.0, 20_000.0, 40))
    assert fit_unit(pd.Series(range(2000, 2040)), computed) is None
    assert fit_unit(pd.Series([np.nan] * 40), computed) is None


# --- Joins -------------------------------------------------------------------------------------


def table(**values: list[object]) -> Source:
    return Source((Path("tax.csv"),), "csv", None, "table", pd.DataFrame(values, dtype=str), None)


def test_key_columns_are_found_by_the_values_they_share() -> None:
    parcels = columns(id=["1", "2", "3", "4"], ML=["1-1", "1-2", "1-3", "1-4"])
    tax = table(lot=["1-1", "1-2", "1-2", "9-9"], value=["10", "20", "30", "40"])
    (found,) = joins.candidates(parcels, [tax])
    assert (found.parcel_key.name, found.table_key.name) == ("ML", "lot")
    assert (found.parcels_matched, found.rows_matched) == (0.5, 0.75)
    assert found.several_rows == 1
    assert list(found.unmatched) == [False, False, True, True]


def test_tables_that_share_no_values_are_no_candidates() -> None:
    assert joins.candidates(columns(ML=["1-1", "1-2"]), [table(lot=["8", "9"])]) == []


def test_amounts_that_differ_within_a_parcel_are_parts_and_equal_ones_are_not() -> None:
    """Two parcels with two rows each: values 10 + 20 and 30 + 40, the lot repeated."""
    parcels = columns(ML=["a", "b"])
    tax = table(
        ML=["a", "a", "b", "b"], value=["10", "20", "30", "40"], lot=["500", "500", "70", "70"]
    )
    (found,) = joins.candidates(parcels, [tax])
    by_name = {one.name: one for one in found.columns}
    assert found.combine(by_name["value"], "value") == "sum"
    assert found.combine(by_name["lot"], "area_registered") == "first"
    assert found.combine(by_name["value"], "land_use") == "most_frequent"
    assert list(found.summed(by_name["value"])) == [30.0, 70.0]
    assert found.on_parcels(by_name["value"]).isna().all()


# --- Place -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("longitude", "latitude", "crs", "reason"),
    [
        (121.16, 31.29, "EPSG:4549", "grid"),  # Anting: 3-degree zone at 120° E
        (-71.11, 42.37, "EPSG:26986", "grid"),  # Cambridge MA
        (6.03, 47.24, "EPSG:2154", "grid"),  # Besançon
        (36.82, -1.29, "EPSG:32737", "utm"),  # Nairobi: no grid on the list
    ],
)
def test_longitude_and_latitude_lead_to_the_metric_grid_of_the_place(
    longitude: float, latitude: float, crs: str, reason: str
) -> None:
    source = layer((longitude, latitude, longitude + 0.01, latitude + 0.01), None)
    assumed, guessed = assumed_crs(source)
    assert (assumed, guessed) == (CRS("EPSG:4326"), True)
    place = find_place([source])
    assert (place.crs, place.reason) == (crs, reason)


def test_a_metric_crs_that_a_layer_declares_is_kept() -> None:
    place = find_place([layer((610_000, 3_460_000, 610_100, 3_460_100), "EPSG:4549")])
    assert (place.crs, place.reason, place.currency) == ("EPSG:4549", "declared", "CNY")


def test_web_mercator_and_feet_are_never_worked_in() -> None:
    prague = (1_603_000, 6_464_000, 1_604_000, 6_465_000)
    assert find_place([layer(prague, "EPSG:3857")]).crs == "EPSG:5514"
    carolina = (1_120_000, 580_000, 1_121_000, 581_000)
    assert find_place([layer(carolina, "EPSG:2264")]).crs == "EPSG:32119"


def test_metres_without_a_crs_are_not_guessed() -> None:
    source = layer((610_000, 3_460_000, 610_100, 3_460_100), None)
    assert assumed_crs(source) == (None, False)
    assert find_place([source]).crs is None


def test_a_crs_in_degrees_that_the_coordinates_contradict_counts_as_none() -> None:
    assert assumed_crs(layer((610_000, 3_460_000, 610_100, 3_460_100), "EPSG:4326"))[0] is None


# --- Schemes -----------------------------------------------------------------------------------


def test_codes_that_one_scheme_knows_far_better_name_the_scheme() -> None:
    (use,) = columns(code=["100101", "0802", "1401", "1207"])
    guess = guess_scheme(use, in_china=True)
    assert (guess.scheme.name, guess.scheme.edition) == ("mnr2023", "2023")
    assert guess.mapping("code") == {"column": "code", "scheme": "mnr2023", "edition": "2023"}


def test_codes_that_two_schemes_know_stay_the_towns_own_and_the_doubt_is_told() -> None:
    (use,) = columns(code=["1001", "1003", "0701", "1101"])
    guess = guess_scheme(use, in_china=True)
    assert guess.scheme.name == "local"
    assert guess.doubtful == ("gb21010 2017", "mnr2023 2023")


def test_the_name_of_the_column_settles_the_doubt() -> None:
    (use,) = columns(DLBM=["1001", "1003", "0701", "1101"])
    assert guess_scheme(use, in_china=True).scheme.name == "gb21010"


def test_chinese_schemes_are_not_looked_for_elsewhere() -> None:
    (use,) = columns(zone=["B", "A", "R", "M1"])
    assert guess_scheme(use, in_china=False).scheme.name == "local"


# --- Writing -----------------------------------------------------------------------------------

scalars = st.one_of(st.text(), st.booleans(), st.integers(-(2**60), 2**60), st.floats(0, 1e9))
values = st.one_of(scalars, st.lists(scalars), st.dictionaries(st.text(), scalars))


@given(values)
def test_every_value_is_read_back_from_toml_as_it_was(value: object) -> None:
    assert tomllib.loads(f"x = {toml_value(value)}")["x"] == value


@given(st.text(), st.text())
def test_no_name_from_a_file_breaks_out_of_its_comment(name: str, value: str) -> None:
    section = Section("parcels")
    section.add(name, value, Note("draft.id_other", {"column": name}))
    section.add("hidden", value, active=False)
    text = render([section], [Note("draft.header")], [Note("draft.source_unused")], "en")
    assert tomllib.loads(text) == {"format": 1, "parcels": {name: value}}


def test_every_note_has_a_sentence_in_both_languages() -> None:
    folder = files("landplan.cadastre.draft")
    texts = [one.read_text("utf-8") for one in folder.iterdir() if one.name.endswith(".py")]
    codes = {code for text in texts for code in re.findall(r'"(draft\.[a-z_0-9]+)"', text)}
    codes |= {f"draft.{role}{tail}" for role in ("value", "cost") for tail in ("", "_missing")}
    codes |= {f"draft.crs_{reason}" for reason in ("declared", "grid", "utm")}
    parts = ("missing", "truncated", "format_unknown", "not_what_it_says", "part_missing")
    codes |= {f"file.{part}" for part in (*parts, "parts_disagree")}
    assert len(codes) > 40
    assert [c for c in sorted(codes) for one in LANGUAGES if not has(c, one)] == []


def test_every_pattern_of_a_hint_is_a_regular_expression() -> None:
    for patterns in HINTS.values():
        for pattern in patterns:
            re.compile(pattern)
