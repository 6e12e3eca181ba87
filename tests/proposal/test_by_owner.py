"""Two exchanges owner by owner: figures of a table that one can add up by hand."""

import json
from dataclasses import replace

import pandas as pd
import pytest

from landplan.errors import InputError, ManyErrors
from landplan.messages import LANGUAGES
from landplan.proposal.by_owner import compare_owners, gain
from landplan.proposal.by_owner_words import lines, to_json
from landplan.proposal.exchange import statements_of
from landplan.proposal.layers import TABLES
from landplan.proposal.proposal import Proposal
from tests.proposal.example import example


def exchange(like: Proposal, rows: list[tuple], **changes) -> Proposal:
    """An exchange with one row per party: id, claim, value after, payment, pieces, distance."""
    table = pd.DataFrame(
        [
            {
                **dict.fromkeys(TABLES["statements"], 0.0),
                "party_id": party,
                "role": "acquirer" if party == "R" else "owner",
                "owners": party,
                "parcels_before": 3,
                "parcels_after": pieces,
                "pieces_before": 3,
                "pieces_after": pieces,
                "area_before_m2": 10.0 * claim,
                "area_after_m2": 10.0 * value,
                "value_before": claim,
                "value_after": value,
                "claim_value": claim,
                "payment": payment,
                "distance_before_m": 500.0,
                "distance_after_m": distance,
            }
            for party, claim, value, payment, pieces, distance in rows
        ]
    )
    held = pd.DataFrame({column: pd.Series(dtype="str") for column in TABLES["holdings"]}).astype(
        {"fixed": bool, "cycle": int}
    )
    return replace(like, process="exchange", statements=table, holdings=held, **changes)


@pytest.fixture
def plans() -> tuple[Proposal, Proposal]:
    like = example()
    one = [("A", 100, 90, 10, 1, 300), ("B", 100, 110, -10, 2, 600), ("R", 50, 50, 0, 1, 0)]
    other = [("A", 100, 100, 0, 2, 300.2), ("B", 100, 100, 20, 1, 400), ("C", 10, 10, 0, 3, 500)]
    return exchange(like, one), exchange(like, other)


def test_each_party_is_better_off_where_its_figures_say(plans):
    found = compare_owners(*plans)
    told = {row.party: (row.value, row.pieces, row.distance, row.area) for row in found.parties}
    assert told == {
        "A": ("same", "first", "same", "second"),
        "B": ("second", "second", "second", "first"),
        "C": ("unknown", "unknown", "unknown", "unknown"),
        "R": ("unknown", "unknown", "unknown", "unknown"),
    }
    assert found.counts("value") == {"first": 0, "second": 1, "same": 1, "unknown": 2}
    assert found.parties[0].party == "B"  # the largest difference first
    assert found.parties[0].swing == pytest.approx(0.2)


def test_land_and_money_together_are_the_gain(plans):
    first, second = ({one.id: one for one in statements_of(plan)} for plan in plans)
    assert gain(first["A"]) == 0.0
    assert gain(second["B"]) == pytest.approx(0.2)
    assert gain(None) is None


def test_evenness_counts_the_land_alone_and_leaves_the_acquirer_out(plans):
    first, second = compare_owners(*plans).evenness
    # 0.9 and 1.1 of what is due: mean difference 0.2 / 2 against the mean of 1, halved
    assert first.gini == pytest.approx(0.05)
    assert second.gini == pytest.approx(0.0)
    assert (first.parties, first.less_land, first.farther) == (2, 1, 1)
    assert (first.least, first.most) == (0.0, 0.0)
    assert (second.least, second.most) == (0.0, pytest.approx(0.2))
    assert second.more_pieces == 0


def test_plans_that_cannot_be_compared_say_why(plans):
    first, second = plans
    with pytest.raises(ManyErrors) as caught:
        compare_owners(example(), example())
    assert [fault.code for fault in caught.value.errors] == ["owners.no_exchange"] * 2
    other = replace(second, provenance=replace(second.provenance, data_hash="0" * 64))
    with pytest.raises(InputError, match="other_data"):
        compare_owners(first, other)


@pytest.mark.parametrize("language", LANGUAGES)
def test_lines_and_json_say_all_of_it(plans, language):
    found = compare_owners(*plans)
    told = list(lines(found, language, most=2))
    assert len(told) == 4 + 2 + 2 + 1
    assert not [line for line in told if "owners." in line]
    data = json.loads(json.dumps(to_json(found)))
    assert [row["party"] for row in data["parties"]] == ["B", "A", "C", "R"]
    assert data["parties"][2]["plans"][0] is None
