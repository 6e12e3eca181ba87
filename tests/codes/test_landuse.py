import pytest
from hypothesis import given
from hypothesis import strategies as st

from landplan.codes import landuse
from landplan.codes.landuse import Scheme, crosswalk, scheme, schemes
from landplan.errors import InputError
from landplan.messages import LANGUAGES, has

CURRENT = ("gb21010", "2017")
TERRITORIAL = ("mnr2023", "2023")


def every_code() -> list[tuple[Scheme, landuse.Code]]:
    return [(one, code) for one in schemes() for code in one.codes.values()]


def test_the_same_digits_mean_railway_in_one_scheme_and_industry_in_the_other() -> None:
    assert scheme(*CURRENT).group("1001") == "transport"
    assert scheme(*TERRITORIAL).group("1001") == "industry"


def test_water_and_streets_are_known_in_each_scheme() -> None:
    assert scheme(*CURRENT).is_water("1101")
    assert scheme(*TERRITORIAL).is_water("1701")
    assert not scheme(*TERRITORIAL).is_water("1101")
    assert scheme(*CURRENT).is_street("1004")
    assert scheme(*TERRITORIAL).is_street("1207")
    assert not scheme("gb50137", "2011").is_water("M1")
    assert scheme("gb50137", "2011").is_water("E13")


def test_a_code_below_a_listed_class_takes_its_group() -> None:
    assert scheme(*TERRITORIAL).is_water("170299")
    assert scheme("gb50137", "2011").group("M12") == "industry"
    assert scheme(*CURRENT).group("0499") is None


def test_a_demand_accepts_longer_codes_below_it_and_nothing_beside_it() -> None:
    current = scheme(*CURRENT)
    assert current.accepts("0601", "0601")
    assert current.accepts("0601", "060102")
    assert current.accepts("06", "0604")
    assert not current.accepts("060102", "0601")
    assert not current.accepts("0601", "0602")
    assert not current.accepts("0", "0601")
    assert not current.accepts("0601", None)


def test_the_towns_own_words_have_no_hierarchy() -> None:
    local = scheme("local")
    assert local.accepts("RETAIL", "RETAIL")
    assert not local.accepts("RETAIL", "RETAIL-STORE")
    assert not local.accepts("RETAIL", "retail")


@pytest.mark.parametrize("word", ["WATER", "River", " river ", "河流水面", "行水區"])
def test_water_in_the_towns_own_words_is_the_whole_text(word: str) -> None:
    assert scheme("local").is_water(word)


@pytest.mark.parametrize(
    "word", ["WATERFRONT", "RIVER STREET", "WATER SUPPLY", "自來水事業用地", "", "0601"]
)
def test_words_that_only_contain_water_are_not_water(word: str) -> None:
    assert not scheme("local").is_water(word)


def test_no_code_at_all_is_neither_water_nor_street() -> None:
    assert not scheme("local").is_water(None)
    assert not scheme(*CURRENT).is_street(None)


def test_an_unknown_scheme_names_the_nearest_one() -> None:
    with pytest.raises(InputError) as caught:
        scheme("gb2101", "2017")
    assert caught.value.code == "codes.scheme_unknown"
    assert caught.value.params["nearest"] == "gb21010"


def test_an_unknown_edition_names_the_nearest_one() -> None:
    with pytest.raises(InputError) as caught:
        scheme("gb21010", "2018")
    assert caught.value.code == "codes.edition_unknown"
    assert caught.value.params["nearest"] == "2017"


def test_an_edition_is_never_assumed() -> None:
    with pytest.raises(InputError) as caught:
        scheme("mnr2023")
    assert caught.value.code == "codes.edition_missing"
    assert caught.value.params["known"] == ["2023"]


def test_the_towns_own_words_have_no_edition() -> None:
    assert scheme("local").edition is None
    with pytest.raises(InputError) as caught:
        scheme("local", "2020")
    assert caught.value.code == "codes.edition_unwanted"


def test_the_crosswalk_gives_only_what_is_certain() -> None:
    current, territorial = scheme(*CURRENT), scheme(*TERRITORIAL)
    assert crosswalk("0601", current, territorial).target == "1001"
    several = crosswalk("0508", current, territorial)
    assert (several.target, several.reason, several.needs_choice) == (None, "several", True)
    assert crosswalk("0602", current, territorial).reason == "not_listed"
    assert crosswalk("1001", territorial, current).needs_choice
    assert crosswalk("1001", current, current).target == "1001"


def test_every_entry_says_where_it_comes_from_and_how_sure_it_is() -> None:
    for one, code in every_code():
        where = f"{one.name} {one.edition} {code.code}"
        assert code.source, where
        assert code.status in ("verified", "recalled", "estimate"), where
        assert all(code.name(language) for language in LANGUAGES), where
        assert code.parent is None or code.parent in one.codes, where


def test_the_nearest_listed_class_above_is_the_parent() -> None:
    codes = scheme(*TERRITORIAL).codes
    assert codes["100101"].parent == "1001"
    assert codes["1001"].parent == "10"
    assert codes["10"].parent is None


@given(st.sampled_from(every_code()), st.text(alphabet="0123456789ABH", max_size=3))
def test_whatever_lies_below_a_class_is_accepted_by_it(
    entry: tuple[Scheme, landuse.Code], tail: str
) -> None:
    one, code = entry
    assert one.accepts(code.code, code.code)
    if len(code.code) in one.levels:
        assert one.accepts(code.code, code.code + tail)
    assert one.accepted([code.code], [code.code, "?"]) == {code.code}


@pytest.mark.parametrize("fault", ["unknown", "missing", "unwanted"])
def test_every_fault_has_a_sentence_in_both_languages(fault: str) -> None:
    assert all(has(f"codes.edition_{fault}", language) for language in LANGUAGES)
    assert all(has("codes.scheme_unknown", language) for language in LANGUAGES)
