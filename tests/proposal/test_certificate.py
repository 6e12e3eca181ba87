import dataclasses
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landplan.proposal.certificate import Certificate, round_bound

KNOWN = {"sense": "min", "unit": "CNY", "solver": "centre", "seed": 1}


def certificate(objective=100.0, bound=99.0, status="feasible", terms=None, **others):
    terms = {"cost": objective} if terms is None and objective is not None else terms or {}
    return Certificate(
        **{
            **KNOWN,
            "objective": objective,
            "bound": bound,
            "status": status,
            "terms": terms,
            **others,
        }
    )


def test_the_gap_is_the_distance_to_the_bound_as_a_fraction_of_the_objective():
    assert certificate(100.0, 99.0).gap == 0.01
    assert certificate(0.5, 0.25).gap == 0.25  # divided by 1, not by 0.5
    assert certificate(100.0, None).gap is None
    assert certificate(None, 5.0, "stopped").gap is None


def test_a_bound_is_rounded_to_the_cent_away_from_the_objective():
    assert certificate(100.0, 98.999).bound == 98.99
    assert certificate(100.0, 100.001, sense="max").bound == 100.01
    assert round_bound(0.29, "min") == 0.29  # a float just below 0.29 must not cost a cent
    assert round_bound(-0.001, "min") == -0.01


@settings(deadline=None)
@given(st.integers(0, 10**13))
def test_rounding_a_rounded_bound_changes_nothing(cents):
    assert round_bound(cents / 100, "min") == cents / 100 == round_bound(cents / 100, "max")


@settings(deadline=None)
@given(st.floats(-1e9, 1e9))
def test_rounding_never_claims_more_than_was_proven(bound):
    assert round_bound(bound, "min") <= bound <= round_bound(bound, "max")


@settings(deadline=None)
@given(st.floats(0, 1e12), st.integers(0, 10**12))
def test_minor_units_become_currency_without_claiming_more(bound, extra):
    objective = math.ceil(bound) + extra
    made = Certificate.of_minor_units(
        objective=objective,
        bound=bound,
        terms={"cost": objective - extra, "crossings": extra},
        status="feasible",
        **{key: value for key, value in KNOWN.items() if key != "sense"},
    )
    assert round(made.bound * 100) <= bound
    assert made.bound <= made.objective
    assert round(made.objective * 100) == objective


def test_nothing_proven_is_no_bound():
    made = Certificate.of_minor_units(
        objective=5,
        bound=-math.inf,
        terms={"cost": 5},
        status="stopped",
        unit="CNY",
        solver="x",
        seed=1,
    )
    assert made.bound is None
    assert not made.proven_best


@pytest.mark.parametrize(
    "wrong",
    [
        {"bound": 100.01},
        {"bound": 99.0, "sense": "max"},
        {"terms": {"cost": 99.99}},
        {"terms": {"cost": 60.0, "crossings": 40.01}},
        {"terms": {}},
        {"status": "optimal"},
        {"status": "optimal", "bound": None},
        {"status": "infeasible"},
        {"status": "perfect"},
        {"sense": "least"},
        {"bound": math.inf},
        {"objective": math.nan},
        {"objective": None},
        {"objective": None, "status": "stopped", "terms": {"cost": 1.0}},
    ],
)
def test_a_certificate_that_contradicts_itself_is_refused(wrong):
    certificate()
    with pytest.raises(ValueError):  # noqa: PT011  # one test for all kinds of contradiction
        certificate(**wrong)


def test_a_plan_at_its_bound_is_proven_best():
    assert certificate(100.0, 100.0, "optimal").proven_best
    assert not certificate(100.0, 99.99995, "feasible").proven_best
    assert not certificate(None, 5.0, "stopped").proven_best


def test_terms_that_are_decimal_fractions_sum_as_money_does():
    assert certificate(0.3, 0.3, "optimal", {"cost": 0.1, "crossings": 0.2}).gap == 0


def test_a_certificate_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        certificate().bound = 1.0
