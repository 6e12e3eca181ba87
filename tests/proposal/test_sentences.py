import re
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landplan.proposal.certificate import (
    Certificate,
    certificate_sentence,
    certificate_short,
    distance,
    does_not_cover,
)


def certificate(objective, bound, status="feasible", sense="min", **others):
    terms = {} if objective is None else {"cost": objective}
    return Certificate(sense, "CNY", objective, bound, status, terms, "centre", 1, **others)


DESIGN = certificate(124_800_000, 123_810_000)


def test_the_long_form_is_the_one_of_the_design():
    assert certificate_sentence(DESIGN, "en") == (
        "With these parcels, rules and locks, no plan can cost less than CNY 123.81 million. "
        "This one costs CNY 124.80 million: at most 0.8 % more."
    )
    assert certificate_sentence(DESIGN, "zh") == (
        "在现有地块、规则和锁定条件下，任何方案的成本都不会低于12,381万元；本方案为12,480万元，与之相差不超过0.8%。"
    )


def test_the_short_form_is_the_one_of_the_design():
    assert certificate_short(DESIGN, "en") == (
        "No plan can cost less than CNY 123.81 million; this one is within 0.8 %."
    )
    assert certificate_short(DESIGN, "zh") == (
        "任何方案的成本都不会低于12,381万元；本方案与之相差不超过0.8%。"
    )


def test_a_proven_best_plan_says_so_without_figures():
    best = certificate(100.0, 100.0, "optimal")
    assert certificate_sentence(best, "en") == (
        "With these parcels, rules and locks, no cheaper plan exists. This has been proven."
    )
    assert certificate_sentence(best, "zh") == (
        "在现有地块、规则和锁定条件下，不存在成本更低的方案。这一点已经得到证明。"
    )
    assert certificate_short(best, "en") == certificate_sentence(best, "en")


@pytest.mark.parametrize("bound", [None, 0.0])
def test_where_nothing_is_proven_no_percentage_is_printed(bound):
    open_end = certificate(100.0, bound, "stopped")
    assert distance(open_end) is None
    english = certificate_sentence(open_end, "en", duration="10 minutes")
    assert english.startswith("This is the best plan found in 10 minutes. How close it is")
    chinese = certificate_sentence(open_end, "zh", duration="10分钟")
    assert chinese.startswith("这是10分钟内找到的最好方案。")
    assert certificate_sentence(open_end, "en").startswith("This is the best plan found. How close")
    assert "%" not in english


def test_without_a_plan_only_a_proof_may_say_checked_completely():
    assert "checked completely" in certificate_sentence(certificate(None, None, "infeasible"), "en")
    assert "完整检查，并非故障" in certificate_sentence(certificate(None, None, "infeasible"), "zh")
    assert "there may be one" in certificate_sentence(certificate(None, 5.0, "stopped"), "en")


def test_a_hand_edited_plan_keeps_the_bound_and_is_called_your_version():
    english = certificate_sentence(DESIGN, "en", edited=True)
    assert "Your version costs CNY 124.80 million" in english
    assert "您调整后的版本为12,480万元" in certificate_sentence(DESIGN, "zh", edited=True)


def test_maximising_turns_the_sentence_round():
    most = certificate(90.0, 100.0, sense="max")
    english = certificate_sentence(most, "en")
    assert english.endswith("This one has CNY 90: at most 10.0 % fewer.")
    assert "任何方案都不会超过100元" in certificate_sentence(most, "zh")


def test_two_different_amounts_are_never_printed_alike():
    near = certificate(12_480.0, 12_381.0)
    assert "低于1.2381万元；本方案为1.2480万元" in certificate_sentence(near, "zh")
    assert "at most 0.1 % more" in certificate_sentence(certificate(1e9 + 0.01, 1e9), "en")


def test_what_the_bound_is_relative_to_follows_where_it_is_unusual():
    reference = {"code": "certificate.relative_to.same_sites", "params": {}}
    partial = certificate(100.0, 90.0, relative_to=reference)
    english, chinese = certificate_sentence(partial, "en"), certificate_sentence(partial, "zh")
    assert english.endswith(
        "more. This compares plans with the same numbers of sites; not every demand is met."
    )
    assert chinese.endswith("。以上比较仅限于成片地块数量相同的方案；并非所有需求都已满足。")


def test_every_sentence_stands_above_what_it_does_not_cover():
    assert does_not_cover("en") == (
        "Does not cover: price estimates, owners' consent, errors in the register."
    )
    assert does_not_cover("zh") == "不涵盖：价格估算误差、权利人意愿、台账错误。"


def redo_the_division(sentence):
    """Read bound, objective and percentage back from the English sentence."""
    amounts = []
    for number, unit in re.findall(r"CNY ([\d,.]*\d)( million)?", sentence):
        amounts.append(Decimal(number.replace(",", "")) * (1_000_000 if unit else 1))
    percent = Decimal(re.search(r"at most ([\d,.]+) %", sentence)[1].replace(",", ""))
    return *amounts, percent


@settings(deadline=None)
@given(st.integers(1, 10**13), st.integers(1, 10**13))
def test_a_reader_who_redoes_the_division_never_gets_more_than_is_printed(bound_cents, more_cents):
    plan = certificate((bound_cents + more_cents) / 100, bound_cents / 100)
    bound, objective, percent = redo_the_division(certificate_sentence(plan, "en"))
    assert bound * 100 <= bound_cents
    assert 0 < (objective - bound) / bound * 100 <= percent
    assert Decimal(more_cents) / bound_cents * 100 <= percent
