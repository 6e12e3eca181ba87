import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landplan.proposal.layers import TABLES
from landplan.proposal.ledger import ACQUIRER, build_ledger, closure
from tests.proposal.example import IDS, SITE, parcels


def test_the_ledger_has_one_row_per_parcel_in_the_order_of_the_town():
    ledger = build_ledger(parcels())
    assert list(ledger.columns) == list(TABLES["ledger"])
    assert ledger["parcel_before"].tolist() == IDS
    assert ledger["parent_ids"].tolist() == IDS


def test_parcels_of_a_site_become_part_of_it_and_go_to_the_acquirer():
    ledger = build_ledger(parcels()).set_index("parcel_before")
    for name in SITE:
        assert ledger.loc[name, "parcel_after"] == "plant-1"
        assert ledger.loc[name, "owner_after"] == ACQUIRER
    assert ledger.loc["P4", "parcel_after"] == "P4"
    assert ledger.loc["P4", "owner_after"] == "o1"


def test_what_is_not_known_stays_unknown():
    ledger = build_ledger(parcels()).set_index("parcel_before")
    assert math.isnan(ledger.loc["P4", "value_after"])
    assert pd.isna(ledger.loc["P6", "owner_after"])
    assert pd.isna(ledger.loc["坏", "area_before_m2"])


@pytest.mark.parametrize("second", ["P1", None])
def test_land_cannot_be_counted_twice(second):
    ground = parcels()
    ground.loc[1, "parcel_id"] = second
    with pytest.raises(ValueError, match="unique"):
        build_ledger(ground)


def test_the_input_is_left_as_it_was():
    ground = parcels()
    build_ledger(ground)
    pd.testing.assert_frame_equal(pd.DataFrame(ground), pd.DataFrame(parcels()))


rows = st.lists(
    st.tuples(
        st.floats(0.01, 1e6),
        st.one_of(st.none(), st.floats(0, 1e9)),
        st.one_of(st.none(), st.sampled_from(["o1", "o2", "主"])),
        st.one_of(st.none(), st.sampled_from(["a-1", "a-2"])),
    ),
    max_size=30,
)


@settings(deadline=None)
@given(rows)
def test_land_and_value_close_whatever_moves(town):
    ground = pd.DataFrame(town, columns=["area_m2", "value", "owner_id", "site_id"])
    ground["value"] = ground["value"].astype(float)
    ground = ground.assign(parcel_id=[f"p{i}" for i in range(len(town))], land_use="x", zone=None)
    ledger = build_ledger(ground)
    for before, after in closure(ledger).values():
        assert before == after
    assert ledger["parcel_before"].tolist() == ground["parcel_id"].tolist()
    moved = ledger["parcel_before"] != ledger["parcel_after"]
    assert moved.tolist() == ground["site_id"].notna().tolist()
    assert (ledger.loc[moved, "owner_after"] == ACQUIRER).all()
    assert np.array_equal(ledger["area_before_m2"], ground["area_m2"])
