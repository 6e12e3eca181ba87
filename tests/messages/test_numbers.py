"""The table of the console's design (§7), line by line."""

from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landplan.messages import numbers

amounts = st.integers(1, 10**14).map(lambda cents: cents / 100)


@pytest.mark.parametrize(
    ("m2", "english", "chinese"),
    [
        (214_000, "21.4 ha (321 mu)", "21.4公顷（321亩）"),
        (99_900, "9.99 ha (150 mu)", "9.99公顷（150亩）"),
        (99_960, "10.0 ha (150 mu)", "10.0公顷（150亩）"),  # 9.996 rounds up to the step of 10
        (7_600, "0.76 ha (11.4 mu)", "0.76公顷（11.4亩）"),
        (66_633.2, "6.66 ha (99.9 mu)", "6.66公顷（99.9亩）"),
        (12_345_678, "1,234.6 ha (18,519 mu)", "1,234.6公顷（18,519亩）"),
        (12.4, "12 m²", "12平方米"),
        (0, "0.00 ha (0.0 mu)", "0.00公顷（0.0亩）"),
        (None, "—", "—"),
        (float("nan"), "—", "—"),
    ],
)
def test_areas_are_said_in_hectares_and_mu_from_the_stored_square_metres(m2, english, chinese):
    assert numbers.area(m2, "en") == english
    assert numbers.area(m2, "zh") == chinese


@pytest.mark.parametrize(
    ("amount", "english", "chinese"),
    [
        (124_800_000, "CNY 124.80 million", "12,480万元"),
        (7_440_000, "CNY 7.44 million", "744万元"),
        (5_300_000, "CNY 5.30 million", "530万元"),
        (40_000, "CNY 40,000", "4万元"),
        (45_678.9, "CNY 45,679", "4.6万元"),
        (999_999.6, "CNY 1.00 million", "100万元"),
        (9_999.7, "CNY 10,000", "1.0万元"),
        (0.37, "CNY 0.37", "0.37元"),
        (0, "CNY 0", "0元"),
        (-40_000, "CNY −40,000", "−4万元"),
        (None, "—", "—"),
    ],
)
def test_money_is_said_in_millions_and_in_wan(amount, english, chinese):
    assert numbers.money(amount, "CNY", "en") == english
    assert numbers.money(amount, "CNY", "zh") == chinese


def test_other_currencies_keep_their_name():
    assert numbers.money(2_000_000, "EUR", "zh") == "200万欧元"
    assert numbers.money(2_000_000, "XAF", "zh") == "200万XAF"


def test_totals_on_paper_add_the_amount_in_yi():
    assert numbers.money(124_800_000, "CNY", "zh", with_yi=True) == "12,480万元（1.248亿元）"
    assert numbers.money(99_990_000, "CNY", "zh", with_yi=True) == "9,999万元"


def test_a_land_price_is_said_per_hectare_and_per_mu():
    assert numbers.unit_price(583, "CNY", "en") == "CNY 5.83 million/ha"
    assert numbers.unit_price(583, "CNY", "zh") == "38.9万元/亩"
    assert numbers.unit_price(None, "CNY", "zh") == "—"


def test_shares_have_one_decimal_and_a_chosen_direction():
    assert numbers.share(0.008, "en") == "0.8 %"
    assert numbers.share(0.008, "zh") == "0.8%"
    assert numbers.share(0.00701, "en", "up") == "0.8 %"
    assert numbers.share(0.00799, "en", "down") == "0.7 %"
    assert numbers.points(-0.021, "en") == "−2.1 points"
    assert numbers.points(0.021, "zh") == "+2.1个百分点"


def test_counts_know_one_from_many_in_english():
    assert numbers.count(17, "parcel", "en") == "17 parcels"
    assert numbers.count(1, "parcel", "en") == "1 parcel"
    assert numbers.count(9, "owner", "zh") == "9个权利人"
    assert numbers.count(48_501, "parcel", "zh") == "48,501块地"
    assert numbers.count(None, "parcel", "en") == "—"


@pytest.mark.parametrize(
    ("metres", "english", "chinese"),
    [
        (92, "92 m", "92米"),
        (1800, "1.8 km", "1.8公里"),
        (999.7, "1.0 km", "1.0公里"),
        (2.35, "2.4 m", "2.4米"),
    ],
)
def test_lengths_are_metres_below_a_kilometre(metres, english, chinese):
    assert numbers.length(metres, "en") == english
    assert numbers.length(metres, "zh") == chinese


def test_differences_carry_their_sign_and_zero_is_zero():
    shown = [numbers.difference(value) for value in (380, -2, 0, 0.4, -0.4, None)]
    assert shown == ["+380", "−2", "0", "0", "0", "—"]
    assert numbers.difference(-1234.56, 1) == "−1,234.6"


def test_what_is_missing_is_a_dash_with_its_reason():
    assert numbers.missing("no appraisal", "en") == "— (no appraisal)"
    assert numbers.missing("未评估", "zh") == "—（未评估）"


def test_dates_follow_the_language_and_the_paper():
    when = datetime(2026, 11, 2, 14, 5, tzinfo=UTC)
    assert numbers.moment(when, "en") == "2 Nov 2026, 14:05"
    assert numbers.moment(when, "zh") == "2026-11-02 14:05"
    assert numbers.moment(when, "en", on_paper=True) == "2 Nov 2026"
    assert numbers.moment(when, "zh", on_paper=True) == "2026年11月2日"


def test_rounding_sees_the_decimal_number_that_was_stored():
    assert numbers.decimal(0.285, 2) == "0.29"
    assert numbers.decimal(np.float64(1.005), 2) == "1.01"
    assert numbers.decimal(2.5, 0) == "3"
    assert numbers.decimal(-2.5, 0) == "−3"


@settings(deadline=None)
@given(amounts, st.sampled_from(["en", "zh"]), st.integers(0, 8))
def test_rounding_down_never_says_more_and_rounding_up_never_less(amount, language, extra):
    stored = Decimal(repr(amount))
    down = numbers.money_as_printed(amount, language, "down", extra_places=extra)
    up = numbers.money_as_printed(amount, language, "up", extra_places=extra)
    assert down <= stored <= up


@settings(deadline=None)
@given(amounts, st.sampled_from(["en", "zh"]))
def test_enough_decimals_show_every_cent(amount, language):
    assert numbers.money_as_printed(amount, language, extra_places=8) == Decimal(repr(amount))


@settings(deadline=None)
@given(amounts, st.integers(0, 4))
def test_what_is_printed_is_what_money_as_printed_says(amount, extra):
    text = numbers.money(amount, "CNY", "en", extra_places=extra)
    number, _, unit = text.removeprefix("CNY ").replace(",", "").partition(" ")
    printed = Decimal(number) * (1_000_000 if unit == "million" else 1)
    assert printed == numbers.money_as_printed(amount, "en", extra_places=extra)
