"""The table of costs by owner and parcel: read, counted, proven and counted again."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landplan.cadastre.reading import read_town
from landplan.errors import ManyErrors
from landplan.planning.exchange.formulate import formulate
from landplan.planning.exchange.invite_gains import among
from landplan.planning.exchange.request import ExchangeRequest
from landplan.planning.exchange.request_lines import cost
from landplan.proposal.audit import audit
from tests.planning.exchange.four import HELD, ask, town_file


def held(plan: object, owner: str) -> set[str]:
    frame = plan.holdings  # type: ignore[attr-defined]
    return set(frame.loc[frame["party_after"] == owner, "parcel_id"])


def test_a_firm_gets_the_parcel_at_its_gate_where_all_others_cost_it_more(tmp_path: Path) -> None:
    # A lives in the north west; the gate is p in the south east
    plan = ask(tmp_path, top='costs = ["A | p | 0", "A | * | 1000"]\n')
    assert "p" in held(plan, "A")
    assert plan.certificate.terms["table"] == pytest.approx(3 * 1000.0)
    assert plan.audit is not None
    assert plan.audit["passed"], [one for one in plan.audit["checks"] if not one["passed"]]
    without = ask(tmp_path)
    assert "p" not in held(without, "A")
    assert "table" not in without.certificate.terms


def test_the_audit_counts_the_table_again(tmp_path: Path) -> None:
    ask(tmp_path, top='costs = ["A | p | 0", "A | * | 1000"]\n')
    document = tmp_path / "out" / "proposal.json"
    text = document.read_text(encoding="utf-8")
    document.write_text(text.replace("A | * | 1000.0", "A | * | 900.0"), encoding="utf-8")
    assert "audit.certificate.terms" in {check.code for check in audit(tmp_path / "out").failed}


def test_of_an_owners_lines_the_one_for_the_parcel_counts(tmp_path: Path) -> None:
    request = ExchangeRequest(process="exchange", costs=["A | * | 2", "A | b | 5.5", "B | c | 1"])
    problem = formulate(request, read_town(town_file(tmp_path)).require()).problem
    assert problem.extra is not None
    names = sorted(HELD)
    assert problem.extra[0].tolist() == [550 if name == "b" else 200 for name in names]
    assert problem.extra[1].tolist() == [100 if name == "c" else 0 for name in names]
    assert not problem.extra[2:].any()
    some = among(problem, np.array([0, 2]))
    assert some.extra is not None
    assert some.extra.shape == (2, some.n)


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (["A | p"], "exchange.cost"),
        (["A | p | much"], "exchange.cost"),
        (["A | p | -1"], "exchange.cost"),
        (["A | p | nan"], "exchange.cost"),
        (["A | p | 1", "A|p|2"], "exchange.cost_twice"),
        (["Z | p | 1"], "exchange.unknown"),
        (["A | zz | 1"], "exchange.unknown"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(tmp_path: Path, lines: list[str], code: str) -> None:
    with pytest.raises(ManyErrors) as caught:
        ask(tmp_path, top=f"costs = {lines!r}\n")
    assert code in {error.code for error in caught.value.errors}


@given(
    st.text("abc |;", min_size=1, max_size=8), st.text("xyz1-", min_size=1), st.integers(0, 10**6)
)
@settings(max_examples=60)
def test_what_is_written_is_read_again(owner: str, parcel: str, amount: int) -> None:
    found = cost(f"{owner} | {parcel} | {amount}")
    if owner.strip():
        assert found == (owner.strip(), parcel, float(amount))


def test_no_assignment_of_four_parcels_counts_less_than_the_bound(tmp_path: Path) -> None:
    lines = ["A | * | 40", "A | p | 0", "D | a | 7", "B | m | 3"]
    more = f"costs = {lines!r}\n"
    fixed = [name for name in HELD if name not in "ampd"]
    plan = ask(tmp_path, f"parcels = {fixed!r}\n", top=more)
    request = ExchangeRequest.model_validate(plan.request)
    problem = formulate(request, read_town(tmp_path / "town.toml").require()).problem
    free = np.flatnonzero(~problem.fixed)
    assert len(free) == 4
    best = np.inf
    for choice in itertools.product(range(4), repeat=4):
        party = problem.holder.copy()
        party[free] = choice
        load = np.bincount(party, weights=problem.value, minlength=4)
        if ((load < problem.value_low) | (load > problem.value_high)).any():
            continue
        away = ((problem.xy - problem.reference[party]) ** 2).sum(axis=1)
        travel = np.rint(problem.distance_price * problem.value * away).sum()
        assert problem.extra is not None
        best = min(best, travel + problem.extra[party, np.arange(problem.n)].sum())
    terms = plan.certificate.terms
    assert plan.certificate.bound is not None
    assert plan.certificate.bound <= best / 100 + terms["pieces"]
    assert terms["travel"] + terms.get("table", 0.0) >= best / 100 - 0.01
