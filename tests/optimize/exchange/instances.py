"""Small exchanges, and everything about them found by trying all assignments."""

from itertools import product

import numpy as np

from landplan.optimize.exchange.problem import NO_LIMIT, IntArray, Problem

FREE = NO_LIMIT


def field(width: int, height: int, holder: list[int], **rules: object) -> Problem:
    """Parcels in a grid of squares of 100 m, row by row, each worth 10 and of 10 dm².

    The reference of a party is its first parcel; tolerances bind nothing unless given.
    """
    n, m = width * height, max(holder) + 1
    at = np.arange(n).reshape(height, width)
    beside = np.r_[
        np.c_[at[:, :-1].ravel(), at[:, 1:].ravel()], np.c_[at[:-1].ravel(), at[1:].ravel()]
    ]
    xy = np.c_[np.arange(n) % width, np.arange(n) // width] * 100.0
    first = [holder.index(p) if p in holder else 0 for p in range(m)]
    numbers: dict[str, object] = {
        "value": np.full(n, 10),
        "area": np.full(n, 10),
        "xy": xy,
        "holder": np.array(holder, np.int64),
        "fixed": np.zeros(n, bool),
        "reference": xy[first],
        "value_low": np.full(m, -FREE),
        "value_high": np.full(m, FREE),
        "area_low": np.full(m, -FREE),
        "area_high": np.full(m, FREE),
        "least": np.ones(m, np.int64),
        "kind": np.zeros(n, np.int64),
        "may_receive": np.ones((m, 1), bool),
        "edges": beside.astype(np.int64),
        "distance_price": 0.001,
    }
    return Problem(**(numbers | rules))  # type: ignore[arg-type]


def pieces(problem: Problem, party: IntArray) -> int:
    """Contiguous pieces, by joining borders one at a time."""
    root = list(range(len(party)))

    def find(j: int) -> int:
        while root[j] != j:
            j = root[j]
        return j

    for a, b in problem.edges:
        if party[a] == party[b]:
            root[find(int(a))] = find(int(b))
    return sum(find(j) == j for j in range(len(party)))


def objective(problem: Problem, party: IntArray) -> float:
    """The whole objective, term by term as `problem` states it."""
    apart = ((problem.xy - problem.reference[party]) ** 2).sum(axis=1)
    total = float(np.rint(problem.distance_price * problem.value * apart).sum())
    if problem.extra is not None:
        total += float(problem.extra[party, np.arange(len(party))].sum())
    moved = party != problem.holder
    total += float((np.asarray(problem.move_price) * moved).sum())
    total += problem.piece_price * pieces(problem, party)
    if problem.agreed is not None:
        total += problem.leave_price * int((party != problem.agreed).sum())
    return total


def inside(problem: Problem, party: IntArray) -> bool:
    """Whether a plan keeps every rule."""
    m = len(problem.reference)
    value = np.bincount(party, weights=problem.value, minlength=m)
    area = np.bincount(party, weights=problem.area, minlength=m)
    moved = party != problem.holder
    rules = [
        (value >= problem.value_low) & (value <= problem.value_high),
        (area >= problem.area_low) & (area <= problem.area_high),
        np.bincount(party, minlength=m) >= problem.least,
        ~(moved & problem.fixed),
        ~moved | problem.may_receive[party, problem.kind],
        np.array([problem.max_moves is None or moved.sum() <= problem.max_moves]),
    ]
    return all(bool(rule.all()) for rule in rules)


def best(problem: Problem) -> float:
    """The least objective of any plan inside the rules, infinite if there is none."""
    m, n = len(problem.reference), len(problem.value)
    least = np.inf
    for choice in product(range(m), repeat=n):
        party = np.array(choice)
        if inside(problem, party):
            least = min(least, objective(problem, party))
    return least
