"""Every parcel of a plan, and every neighbour left out, has its reason."""

import pytest

from landplan.cadastre.reading import read_town
from landplan.messages import LANGUAGES
from landplan.planning.answer import answer
from landplan.planning.assemble.ground import GroundCache
from landplan.planning.assemble.why import why
from tests.towns import squares, write_town

PICTURE = """
ABCDE
FGHIJ
"""
PRICES = dict(zip("ABCDEFGHIJ", [10.0, 20, 10, 80, 80, 90, 90, 90, 90, 90], strict=True))
REQUEST = """process = "assemble"
[[demand]]
id = "d"
area_ha = [3.0, 3.5]
must = ["A"]
never = ["H"]
land_uses = ["factory"]
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A-B-C: B joins the other two. F is a field, H is excluded, G and D are dearer."""
    folder = tmp_path_factory.mktemp("why")
    uses = ["field" if name == "F" else "factory" for name in PRICES]
    parcels = squares(PICTURE, price=list(PRICES.values()), use=uses)
    town = write_town(folder, parcels, parcel_keys='cost = "price"\nland_use = "use"\n')
    (folder / "r.toml").write_text(REQUEST, encoding="utf-8")
    proposal = answer(town, folder / "r.toml", folder / "out")
    reasons = why(proposal, read_town(town).require(), GroundCache())
    return {entry.parcel_id: entry for entry in reasons}


def codes(entry):
    return [reason.code.removeprefix("why.") for reason in entry.reasons]


def test_the_plan_and_all_its_neighbours_are_explained(told):
    assert {name for name, entry in told.items() if entry.inside} == set("ABC")
    assert {name for name, entry in told.items() if not entry.inside} == set("DFGH")


def test_each_parcel_inside_has_its_role(told):
    assert codes(told["A"]) == ["locked", "needed_for_area", "cheaper"]
    assert codes(told["B"]) == ["joins", "needed_for_area", "dearer"]
    assert codes(told["C"]) == ["needed_for_area", "cheaper"]
    assert told["B"].reasons[0].params["n"] == 2
    assert told["B"].per_m2_ratio == pytest.approx(0.5)


def test_each_neighbour_outside_has_its_reason(told):
    assert codes(told["F"]) == ["out_rule"]
    assert codes(told["H"]) == ["out_rule"]
    assert codes(told["D"]) == ["out_too_large", "out_dearer"]


def test_the_reasons_are_sentences(told):
    assert told["B"].reasons[0].text("en") == (
        "B is in because it joins 2 parts: without it 1.00 ha (15.0 mu) would be cut off from "
        "1.00 ha (15.0 mu)."
    )
    assert told["F"].reasons[0].text("zh") == "未纳入F：其用途不在允许之列。"
    assert told["D"].reasons[1].text("en") == (
        "D is out: per area it costs 500.0 % more than the site on average."
    )
    for entry in told.values():
        for reason in entry.reasons:
            for language in LANGUAGES:
                assert "why." not in reason.text(language)
                assert "{" not in reason.text(language)
