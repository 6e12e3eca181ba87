import pytest

from benchmarks.cases import Case, runs_of
from benchmarks.report import exponent, gap_of, page
from benchmarks.truth import scaled


def record(solver: str, n: int, seed: int, seconds: float, cost: float | None, bound: float | None):
    case = Case("vor", n, 20.0)
    return {
        "name": case.name,
        "case": case._asdict(),
        "solver": solver,
        "seed": seed,
        "limit": 60.0,
        "seconds": seconds,
        "objective": cost,
        "bound": bound,
        "proven": cost == bound,
        "wrong": "",
        "megabytes": 100,
    }


def document(records: list[dict]) -> dict:
    machine = {"processor": "p", "cores": 2, "memory_gb": 8, "system": "s"}
    machine |= {"load_before": "0.1", "load_after": "0.2"}
    return {
        "date": "2026-11-23",
        "set": "short",
        "machine": machine,
        "versions": {"numpy": "2"},
        "records": records,
        "commands": [{"town": "gennes", "skipped": "no such request at hand"}],
    }


def test_seconds_that_grow_with_the_square_have_exponent_two():
    assert exponent([100, 200, 400], [1.0, 4.0, 16.0]) == pytest.approx(2.0)


def test_a_gap_is_relative_to_the_cost_and_endless_without_a_bound():
    assert gap_of(record("landplan", 200, 0, 1.0, 200.0, 190.0)) == pytest.approx(0.05)
    assert gap_of(record("greedy", 200, 0, 1.0, 200.0, 0.0)) == float("inf")


def test_the_page_says_where_a_peer_is_cheaper_or_sooner():
    text = page(
        document(
            [
                record("landplan", 200, 0, 1.0, 100.0, 90.0),
                record("landplan", 200, 1, 1.0, 100.0, 100.0),
                record("greedy", 200, 0, 0.5, 95.0, 0.0),
                record("greedy", 200, 1, 0.5, 100.0, 0.0),
            ]
        )
    )
    assert "greedy is cheaper on seeds 0" in text
    assert "greedy finds the same site sooner, unproven, on seeds 1" in text
    assert "1 of 2 seeds unproven, gap up to 10 %" in text
    assert "gennes, : no such request at hand (1)" in text


def test_the_page_names_a_site_below_a_bound_and_counts_agreement():
    right = [record("landplan", 200, 0, 1.0, 9.0, 9.0), record("SCIP cuts", 200, 0, 1.0, 9.0, 9.0)]
    assert "Of 1 instances that a peer and we both prove, 1 have" in page(document(right))
    wrong = [record("landplan", 200, 0, 1.0, 9.0, 9.0), record("greedy", 200, 0, 1.0, 8.0, 0.0)]
    assert "WRONG: vor 200, 1 × 20 ha, seed 0: a site of greedy" in page(document(wrong))


def test_the_page_fits_growth_where_three_sizes_ran():
    runs = [record("landplan", n, 0, n / 1000, 1.0, 1.0) for n in (1_000, 5_000, 20_000)]
    assert "| vor, 1 × 20 ha | landplan | 1,000, 5,000, 20,000 | 1.00 |" in page(document(runs))


def test_no_set_holds_a_run_twice_and_all_sizes_and_families_are_in_all():
    for name in ("smoke", "short", "all"):
        keys = [(run.case, run.solver) for run in runs_of(name)]
        assert len(keys) == len(set(keys))
    cases = [run.case for run in runs_of("all")]
    assert {case.family for case in cases} == {"vor", "gui", "street"}
    assert {200, 1_000, 5_000, 20_000, 100_000} <= {case.n for case in cases}
    assert {1, 3, 5, 10} == {case.count for case in cases}


def test_a_request_is_scaled_to_a_number_of_parcels():
    request = 'process = "assemble"\n[[demand]]\nid = "a"\narea_ha = [2.0, 2.5]\nmin_parcels = 4\n'
    assert "area_ha = [5.0000, 6.5000]\nmin_parcels = 10\n" in scaled(request, 10)
