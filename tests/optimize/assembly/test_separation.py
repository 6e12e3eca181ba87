"""Separators: those found are violated and part the root from their node, and none is missed."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, maximum_flow

from landplan.optimize.assembly.model import neighbour_lists
from landplan.optimize.assembly.separation import split_graph, violated_separators

SIDE = 4
VIOLATION = 1e-3
UNIT = 1_000


def grid() -> NDArray[np.int64]:
    r"""Return the borders of a square of 16 parcels.

     0  1  2  3
     4  5  6  7
     8  9 10 11
    12 13 14 15
    """
    places = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    across = np.column_stack([places[:, :-1].ravel(), places[:, 1:].ravel()])
    down = np.column_stack([places[:-1].ravel(), places[1:].ravel()])
    return np.vstack([across, down])


def separators(x: NDArray[np.float64], nested: int = 3) -> list[tuple[set[int], int]]:
    """Return the separators found from the root 0, with the node of each."""
    start, to = neighbour_lists(len(x), grid())
    order = np.argsort(-x, kind="stable")
    nodes, first, members = violated_separators(
        split_graph(start, to), 0, x, order[x[order] > VIOLATION], 80, VIOLATION, nested
    )
    return [(set(members[first[i] : first[i + 1]].tolist()), int(v)) for i, v in enumerate(nodes)]


def most_flow(x: NDArray[np.float64], v: int) -> float:
    """Return the flow from the root to v that the nodes between them allow (SciPy)."""
    n = len(x)
    capacity = np.round(x * UNIT).astype(np.int32)
    capacity[0] = 100 * UNIT
    pairs = np.vstack([grid(), grid()[:, ::-1]])
    tail = np.concatenate([np.arange(n), n + pairs[:, 0]])
    head = np.concatenate([n + np.arange(n), pairs[:, 1]])
    amount = np.concatenate([capacity, np.full(len(pairs), 100 * UNIT, np.int32)])
    arcs = coo_array((amount, (tail, head)), shape=(2 * n, 2 * n)).tocsr()
    return float(maximum_flow(arcs, n, v).flow_value) / UNIT


def parted(cut: set[int], v: int) -> bool:
    """Whether no way leads from the root to v but through the cut."""
    kept = [pair for pair in grid().tolist() if not cut & set(pair)]
    ends = np.array(kept).reshape(-1, 2)
    links = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(SIDE**2, SIDE**2))
    label = connected_components(links, directed=False)[1]
    return 0 not in cut and v not in cut and bool(label[0] != label[v])


def test_of_cuts_that_are_equally_violated_the_one_with_the_fewest_parcels_is_found() -> None:
    x = np.zeros(SIDE * SIDE)
    x[[0, 15]] = 1.0  # nothing between: the two neighbours of a corner part it as well as any ring
    cuts = separators(x, nested=1)
    assert {len(cut) for cut, v in cuts if v == 15} == {2}


def test_where_a_path_carries_all_of_a_parcel_nothing_is_violated() -> None:
    x = np.zeros(SIDE * SIDE)
    x[[0, 1, 2, 3, 7, 11, 15]] = [1.0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]
    assert separators(x) == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 20), min_size=16, max_size=16))
def test_every_separator_found_is_violated_and_none_is_missed(tenths: list[int]) -> None:
    x = np.minimum(np.array(tenths) * 50, UNIT) / UNIT
    x[0] = 1.0
    found = separators(x)
    for cut, v in found:
        assert parted(cut, v)
        assert sum(x[u] for u in cut) < x[v] - VIOLATION / 2
    violated = [v for v in range(1, 16) if most_flow(x, v) < x[v] - VIOLATION]
    assert bool(found) == bool(violated)
