"""A request reads as a handful of plain sentences in both languages."""

import pytest

from landplan.cadastre.cadastre import Town
from landplan.messages import LANGUAGES
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.assemble.words import request_words

TOWN = Town("安亭", "EPSG:4549", "CNY")


def words(language, public=False, demands=({},), **request):
    wanted = [{"id": f"d{n}", "area_ha": [20.0, 26.0], **d} for n, d in enumerate(demands)]
    asked = AssembleRequest.model_validate({"process": "assemble", "demand": wanted, **request})
    return request_words(asked.canonical(), TOWN, language, public=public)


def test_a_plain_request_is_six_sentences():
    assert words("en") == [
        "One site is wanted, with at least 20.0 ha (300 mu) and at most 26.0 ha (390 mu).",
        "Parcels of every use but streets and water may be used, in every zone.",
        "The site must be one piece without crossing a street.",
        "No parcel of a site lies farther from its centre parcel than 2 radii of a disc of the "
        "largest area.",
        "The cheapest plan is looked for, in CNY; parcels without a cost, or with cost zero, "
        "are not used.",
        "The effort of the search is normal; every demand must be met.",
    ]
    assert words("zh") == [
        "需要1个成片地块，每个面积不小于20.0公顷（300亩）、不大于26.0公顷（390亩）。",
        "可使用的地块：除道路和水域外用途不限，分区不限。",
        "成片地块须不跨路即连成一片。",
        "成片地块内各地块与其中心地块的距离不超过最大面积圆半径的2倍。",
        "寻找成本最低的方案（币种CNY）；没有成本数据或成本为零的地块不使用。",
        "计算强度：标准；所有需求均须满足。",
    ]


FULL = {
    "count": 1,
    "land_uses": ["1001", "1002"],
    "zones": ["M1"],
    "max_bridges": 2,
    "min_parcels": 5,
    "must": ["AT-0431"],
    "never": [f"AT-{n}" for n in range(12)],
    "never_owners": ["OWNER-7"],
}


def test_every_condition_is_named():
    text = "\n".join(words("en", demands=(FULL,), acquirer_owners=["OWNER-8"], partial=True))
    for part in ("1001, 1002", "M1", "95.0 %", "2 times", "at least 5 parcels", "AT-0431"):
        assert part in text
    for part in ("12 parcels", "and 2 more", "OWNER-7", "OWNER-8", "30 m", "10 m", "railways"):
        assert part in text
    assert "only some of the demands" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_public_reads_no_owner(language):
    text = "\n".join(words(language, True, (FULL,), acquirer_owners=["OWNER-8"]))
    assert "OWNER" not in text
    assert "AT-0431" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_several_demands_are_told_apart_by_name(language):
    text = words(language, demands=({}, {"count": 3}, {"area_ha": [2.0, 2.0]}))
    assert [any(f"“d{n}”" in sentence for sentence in text) for n in range(3)] == [True] * 3


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("never_over", [[], ["water", "rail", "高压线"]])
@pytest.mark.parametrize("zero_cost", ["exclude", "allow"])
@pytest.mark.parametrize("factor", [0, 1.5])
def test_no_code_or_gap_is_left_in_any_sentence(language, never_over, zero_cost, factor):
    for sentence in words(
        language,
        demands=(FULL, {"zones": ["M"]}, {"land_uses": ["a"], "count": 2}),
        bridge={"never_over": never_over},
        zero_cost=zero_cost,
        shape={"max_radius_factor": factor},
    ):
        assert "words." not in sentence
        assert "{" not in sentence
        assert sentence.endswith("." if language == "en" else "。")
