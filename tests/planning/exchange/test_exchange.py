"""`exchange` from files to files: who takes part, what is due, what changes hands, and faults."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landplan.errors import InputError, ManyErrors, NothingFound
from landplan.messages import LANGUAGES, say
from landplan.planning.answer import answer
from landplan.planning.exchange.rings import rings
from landplan.planning.exchange.words import exchange_words
from landplan.proposal.proposal import Proposal
from landplan.proposal.redaction import public_request
from tests.planning.exchange import four
from tests.planning.exchange.four import REQUEST
from tests.towns import EAST, NORTH, squares, write_town

# One hectare each. A holds a d e g, B holds b c f h; s is a street. A lives in the west, B in the
# east.
PICTURE = """
abcd
efgh
s
"""
HELD = {"a": "A", "b": "B", "c": "B", "d": "A", "e": "A", "f": "B", "g": "A", "h": "B"}
KEYS = (
    """
land_use = "use"
street = { column = "use", values = ["street"] }
"""
    + four.KEYS
)


def town_file(folder: Path, values: dict[str, float] | None = None) -> Path:
    parcels = squares(PICTURE)
    parcels["owner"] = [HELD.get(name) for name in parcels["id"]]
    parcels["use"] = ["street" if name == "s" else "field" for name in parcels["id"]]
    parcels["value"] = [(values or {}).get(name, 1000.0) for name in parcels["id"]]
    owners = pd.DataFrame(
        {"id": ["A", "B"], "x": [EAST + 50, EAST + 350], "y": [NORTH + 200, NORTH + 200]}
    )
    return write_town(folder, parcels, KEYS, tables={"owners": owners})


def ask(folder: Path, more: str = "", values: dict[str, float] | None = None) -> Proposal:
    request = folder / "request.toml"
    request.write_text(REQUEST + more)
    return answer(town_file(folder, values), request, folder / "out")


def test_everyone_gets_the_half_at_home_in_one_piece(tmp_path: Path) -> None:
    plan = ask(tmp_path)
    held = plan.holdings.set_index("parcel_id")["party_after"]
    assert {name for name, party in held.items() if party == "A"} == set("abef")
    told = plan.statements.set_index("party_id")
    assert told["pieces_before"].to_dict() == {"A": 3, "B": 2}
    assert told["pieces_after"].to_dict() == {"A": 1, "B": 1}
    assert told["payment"].tolist() == [0.0, 0.0]
    assert plan.audit is not None
    assert plan.audit["passed"], [c for c in plan.audit["checks"] if not c["passed"]]
    assert plan.certificate.objective == pytest.approx(plan.certificate.bound, rel=0.02)
    left = plan.exclusions.set_index("parcel_id")["rule"].to_dict()
    assert left == {"s": "exchange.street"}


def test_what_is_given_comes_back_in_rings(tmp_path: Path) -> None:
    held = ask(tmp_path).holdings
    moved = held[held["party_before"] != held["party_after"]]
    assert len(moved) == 4
    assert moved["cycle"].value_counts().to_dict() == {1: 2, 2: 2}


def test_unequal_land_is_made_good_in_money_within_the_limit(tmp_path: Path) -> None:
    plan = ask(tmp_path, "[tolerance]\nvalue_share = 0\ncash = 250\n", {"d": 1200.0})
    told = plan.statements.set_index("party_id")
    assert told["payment"].sum() == 0.0
    assert told["payment"].abs().max() <= 250.0
    assert told.loc["A", "payment"] == told.loc["A", "claim_value"] - told.loc["A", "value_after"]


def test_without_tolerance_and_with_unequal_values_nothing_can_be_forced(tmp_path: Path) -> None:
    values = {name: 1000.0 + 2.0**i for i, name in enumerate("abcdefgh")}
    plan = ask(tmp_path, "[tolerance]\nvalue_share = 0\n", values)
    told = plan.statements
    assert (told["value_after"] == told["value_before"]).all()


def test_what_stays_stays(tmp_path: Path) -> None:
    request = REQUEST.replace("homesteads = false", 'homesteads = false\nparcels = ["d"]')
    (tmp_path / "request.toml").write_text(request)
    plan = answer(town_file(tmp_path), tmp_path / "request.toml", tmp_path / "out")
    held = plan.holdings.set_index("parcel_id")
    assert held.loc["d", "party_after"] == "A"
    assert held["fixed"].sum() == 1


def test_an_owner_who_gives_way_to_a_site_gets_equal_land_from_the_reserve(tmp_path: Path) -> None:
    plan = ask(tmp_path, '[acquirer]\nowners = ["B"]\nreceives = ["a"]\n')
    told = plan.statements.set_index("party_id")
    held = plan.holdings.set_index("parcel_id")["party_after"]
    assert held["a"] == "ACQUIRER"
    assert told.loc["A", "value_after"] == told.loc["A", "claim_value"] == 4000.0
    assert told["role"].to_dict() == {"A": "owner", "ACQUIRER": "acquirer"}
    assert plan.audit is not None
    assert plan.audit["passed"]


def test_a_contribution_goes_to_the_acquirer(tmp_path: Path) -> None:
    plan = ask(tmp_path, "[tolerance]\ncash = 1500\n[acquirer]\ncontribution_share = 0.25\n")
    told = plan.statements.set_index("party_id")
    assert told["claim_value"].to_dict() == {"A": 3000.0, "ACQUIRER": 2000.0, "B": 3000.0}
    assert told["payment"].sum() == 0.0
    assert plan.audit is not None
    assert plan.audit["passed"]


def test_too_little_land_says_how_much_is_missing(tmp_path: Path) -> None:
    plan = ask(tmp_path, '[acquirer]\nreceives = ["a", "b"]\n')
    assert plan.certificate.status == "infeasible"
    reason = plan.demands[0].reason
    assert reason is not None
    assert reason["code"] == "unmet.exchange_land"
    assert reason["params"]["value"] == pytest.approx(0.97 * 8000 - 6000)
    assert plan.audit is not None
    assert plan.audit["passed"]


def test_names_that_the_town_does_not_have_are_said_together(tmp_path: Path) -> None:
    with pytest.raises(ManyErrors) as caught:
        ask(tmp_path, 'parcels = ["zz"]\nowners = ["Q"]\n[take_part]\nowners = ["X"]\n')
    codes = [error.code for error in caught.value.errors if isinstance(error, InputError)]
    assert codes == ["exchange.unknown"] * 3


def test_land_without_a_value_takes_no_part_and_says_so(tmp_path: Path) -> None:
    plan = ask(tmp_path, "", {"h": 0.0})
    left = plan.exclusions.set_index("parcel_id")["rule"].to_dict()
    assert left["h"] == "exchange.no_value"


def test_where_nobody_can_take_part_the_rules_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        ask(tmp_path, "", dict.fromkeys("abcdefgh", 0.0))
    assert caught.value.code == "exchange.nothing"


def test_a_wish_that_cannot_be_read_is_quoted(tmp_path: Path) -> None:
    request = tmp_path / "request.toml"
    request.write_text('process = "exchange"\nwishes = ["A 1 north"]\n')
    with pytest.raises(ManyErrors) as caught:
        answer(town_file(tmp_path), request, tmp_path / "out")
    assert "A 1 north" in str([error.params for error in caught.value.errors])


def test_a_wished_place_counts_instead_of_the_homestead(tmp_path: Path) -> None:
    wishes = f'wishes = ["A {EAST + 350} {NORTH + 200}", "B {EAST + 50} {NORTH + 200}"]'
    request = tmp_path / "request.toml"
    request.write_text(REQUEST.replace("[fixed]", wishes + "\n[fixed]"))
    plan = answer(town_file(tmp_path), request, tmp_path / "out")
    held = plan.holdings.set_index("parcel_id")["party_after"]
    assert {name for name, party in held.items() if party == "A"} == set("cdgh")


def test_no_error_is_a_code(tmp_path: Path) -> None:
    for language in LANGUAGES:
        error = NothingFound("exchange.not_found", n=1, party="A", value=2.0, parcels=0)
        assert "exchange." not in say(error.code, error.params, language)


def test_the_request_can_be_read_in_both_languages_and_by_viewers(tmp_path: Path) -> None:
    plan = ask(tmp_path)
    for language in LANGUAGES:
        said = exchange_words(plan.request, plan.town, language, public=False)
        assert len(said) >= 4
        assert not [sentence for sentence in said if "words." in sentence]
        shown = public_request(plan.request)
        assert exchange_words(shown, plan.town, language, public=True)


def test_the_same_question_gives_the_same_bytes(tmp_path: Path) -> None:
    texts = []
    request = tmp_path / "request.toml"
    request.write_text(REQUEST)
    town = town_file(tmp_path)
    for name in ("one", "two"):
        answer(town, request, tmp_path / name)
        document = json.loads((tmp_path / name / "proposal.json").read_text())
        del document["times"]
        texts.append(document)
    assert texts[0] == texts[1]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=25))
def test_in_every_ring_each_party_gives_as_many_parcels_as_it_gets(
    moves: list[tuple[int, int]],
) -> None:
    before = np.array([a for a, _ in moves], np.int64)
    after = np.array([b for _, b in moves], np.int64)
    number = rings(before, after)
    assert (number[before == after] == 0).all()
    for ring in set(number.tolist()) - {0}:
        own = number == ring
        assert sorted(before[own]) == sorted(after[own])
    rest = number == 0
    graph = {(int(a), int(b)) for a, b in zip(before[rest], after[rest], strict=True) if a != b}
    assert not _has_ring(graph)


def _has_ring(steps: set[tuple[int, int]]) -> bool:
    left = set(steps)
    while left:
        ends = {a for a, _ in left}
        loose = {step for step in left if step[1] not in ends}
        if not loose:
            return True
        left -= loose
    return False
