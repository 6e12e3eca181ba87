"""Node separators that a fractional solution violates (numba kernels).

x(C) >= x_v for every set C of nodes that meets all paths from the root to v. The most violated one
is a minimum cut in the graph with each node split into an arc in → out of capacity x (Fischetti et
al. 2017, doi 10.1007/s12532-016-0111-0), found with the algorithm of Dinic, which stops as soon as
the flow reaches x_v. Of cuts about equally violated the smallest is taken: it says most.
"""

import heapq
from typing import NamedTuple

import numpy as np
from numba import njit

from landplan.optimize.assembly.problem import BoolArray, FloatArray, IntArray

_PLENTY = 1e9
_EPSILON = 1e-9


class SplitGraph(NamedTuple):
    """Node v enters at v and leaves at n + v; arc e has the reverse e ^ 1.

    ``arcs[first[u]:first[u + 1]]`` leave u and end at ``head``; arcs 2 v are the node arcs.
    """

    n: int
    head: IntArray
    first: IntArray
    arcs: IntArray


@njit(cache=True)
def split_graph(start: IntArray, to: IntArray) -> SplitGraph:
    """Build the split graph of a graph given by neighbour lists."""
    n = len(start) - 1
    n_arcs = 2 * (n + start[n])
    head = np.empty(n_arcs, np.int64)
    tail = np.empty(n_arcs, np.int64)
    e = 0
    for v in range(n):
        tail[e], head[e] = v, n + v
        tail[e + 1], head[e + 1] = n + v, v
        e += 2
    for u in range(n):
        for k in range(start[u], start[u + 1]):
            tail[e], head[e] = n + u, to[k]
            tail[e + 1], head[e + 1] = to[k], n + u
            e += 2
    first = np.zeros(2 * n + 1, np.int64)
    for e in range(n_arcs):
        first[tail[e] + 1] += 1
    for u in range(2 * n):
        first[u + 1] += first[u]
    place = first.copy()
    arcs = np.empty(n_arcs, np.int64)
    for e in range(n_arcs):
        arcs[place[tail[e]]] = e
        place[tail[e]] += 1
    return SplitGraph(n, head, first, arcs)


@njit(cache=True)
def _flow(
    graph: SplitGraph,
    source: int,
    ends: BoolArray,
    enough: float,
    capacity: FloatArray,
    level: IntArray,
    following: IntArray,
    queue: IntArray,
    path: IntArray,
) -> float:
    """Push flow up to ``enough`` to any of ``ends``.

    Below it, ``level`` >= 0 marks the source's side of a cut.
    """
    head, first, arcs = graph.head, graph.first, graph.arcs
    flow = 0.0
    while True:
        level[:] = -1
        level[source] = 0
        queue[0] = source
        at, end = 0, 1
        met = False
        while at < end and not met:
            u = queue[at]
            at += 1
            for k in range(first[u], first[u + 1]):
                e = arcs[k]
                if capacity[e] > _EPSILON and level[head[e]] < 0:
                    level[head[e]] = level[u] + 1
                    queue[end] = head[e]
                    end += 1
                    met |= head[e] < graph.n and ends[head[e]]
        if not met:
            return flow
        following[:] = first[:-1]
        u = source
        depth = 0
        while True:
            if u < graph.n and ends[u]:
                push = _PLENTY
                for i in range(depth):
                    push = min(push, capacity[path[i]])
                flow += push
                if flow >= enough:
                    return flow
                back = 0
                for i in range(depth - 1, -1, -1):
                    capacity[path[i]] -= push
                    capacity[path[i] ^ 1] += push
                    if capacity[path[i]] <= _EPSILON:
                        back = i
                depth = back
                u = head[path[back] ^ 1]
                continue
            advanced = False
            while following[u] < first[u + 1]:
                e = arcs[following[u]]
                if capacity[e] > _EPSILON and level[head[e]] == level[u] + 1:
                    path[depth] = e
                    depth += 1
                    u = head[e]
                    advanced = True
                    break
                following[u] += 1
            if not advanced:
                if u == source:
                    break
                depth -= 1
                u = head[path[depth] ^ 1]
                following[u] += 1


@njit(cache=True)
def _side_of_ends(
    graph: SplitGraph, ends: BoolArray, capacity: FloatArray, seen: IntArray, queue: IntArray
) -> None:
    """Mark in ``seen`` the nodes from which an end can be reached in the residual graph."""
    seen[:] = 0
    end = 0
    for u in range(graph.n):
        if ends[u]:
            seen[u] = seen[graph.n + u] = 1
            queue[end], queue[end + 1] = u, graph.n + u
            end += 2
    at = 0
    while at < end:
        u = queue[at]
        at += 1
        for k in range(graph.first[u], graph.first[u + 1]):
            e = graph.arcs[k] ^ 1
            w = graph.head[graph.arcs[k]]
            if capacity[e] > _EPSILON and seen[w] == 0:
                seen[w] = 1
                queue[end] = w
                end += 1


@njit(cache=True)
def _widest(graph: SplitGraph, root: int, x: FloatArray) -> FloatArray:
    """Return for each node the least x on the way to it, along the path where that is largest."""
    n = graph.n
    width = np.zeros(n)
    width[root] = _PLENTY
    heap = [(-_PLENTY, root)]
    while len(heap) > 0:
        negative, u = heapq.heappop(heap)
        if -negative < width[u]:
            continue
        through = width[u] if u == root else min(width[u], x[u])
        for k in range(graph.first[n + u], graph.first[n + u + 1]):
            v = graph.head[graph.arcs[k]]
            if graph.arcs[k] >= 2 * n and v < n and through > width[v]:
                width[v] = through
                heapq.heappush(heap, (-through, v))
    return width


@njit(cache=True)
def violated_separators(
    graph: SplitGraph,
    root: int,
    x: FloatArray,
    order: IntArray,
    most: int,
    violation: float,
    nested: int,
) -> tuple[IntArray, IntArray, IntArray]:
    """Find separators C and nodes v with x(C) < x_v − ``violation``.

    Nodes are tried in ``order``; one that already lies behind two cuts of this call is passed over,
    and so is one to which a path leads on which x is nowhere less.
    For each, up to ``nested`` cuts are sought from v, one before the other, and the cut nearest to
    the root. A cut below x_v can part no node from the root to which a path leads on which x is
    nowhere less than x_v, nor hold it: flow from v may end in any of these.

    Once a cut is known to be violated a little is added to x of every node: of cuts that are about
    equally violated the one with the fewest nodes is then the least, and says most ("creep flow",
    Koch & Martin 1998). In all it is too little to hide half of the violation.

    Returns
    -------
    nodes, start, separators
        Cut i says x(separators[start[i]:start[i + 1]]) >= x[nodes[i]].
    """
    n = graph.n
    capacity = np.empty(len(graph.head))
    level = np.empty(2 * n, np.int64)
    following = np.empty(2 * n, np.int64)
    queue = np.empty(2 * n, np.int64)
    path = np.empty(2 * n + 2, np.int64)
    seen = np.empty(2 * n, np.int64)
    opened = np.zeros(n, np.bool_)
    behind = np.zeros(n, np.int64)
    nodes = np.empty(most, np.int64)
    start = np.zeros(most + 1, np.int64)
    room = 64 * most + 2 * n
    separators = np.empty(room, np.int64)
    base = np.full(len(graph.head), _PLENTY)
    base[1::2] = 0.0
    base[0 : 2 * n : 2] = np.maximum(0.0, x[:n])
    base[2 * root] = _PLENTY
    width = _widest(graph, root, x)
    reached = np.minimum(width, x)
    reached[root] = _PLENTY
    creep = 0.5 * violation / n
    cuts = 0
    top = 0
    for v in order:
        if v == root or behind[v] >= 2 or width[v] >= x[v] - violation:
            continue
        goal = x[v] - violation
        ends = reached >= goal
        opened[:] = False
        for depth in range(nested):
            if cuts >= most or top + 2 * n > room:
                return nodes[:cuts], start[: cuts + 1], separators[:top]
            capacity[:] = base
            if depth > 0:
                for u in range(n):
                    if opened[u]:
                        capacity[2 * u] = _PLENTY
            if _flow(graph, n + v, ends, goal, capacity, level, following, queue, path) >= goal:
                break
            for u in range(n):
                capacity[2 * u] += creep
            _flow(graph, n + v, ends, _PLENTY, capacity, level, following, queue, path)
            begin = top
            for u in range(n):
                if level[u] >= 0 and level[n + u] < 0:
                    separators[top] = u
                    top += 1
                if level[u] >= 0:
                    behind[u] += 1
            nodes[cuts] = v
            cuts += 1
            start[cuts] = top
            differs = False
            if depth == 0 and cuts < most:
                _side_of_ends(graph, ends, capacity, seen, queue)
                near = top
                for u in range(n):
                    if seen[n + u] == 1 and seen[u] == 0:
                        separators[near] = u
                        near += 1
                        differs |= not (level[u] >= 0 and level[n + u] < 0)
            for i in range(begin, top):
                opened[separators[i]] = True
            if differs:
                top = near
                nodes[cuts] = v
                cuts += 1
                start[cuts] = top
            if begin == start[cuts]:
                break
    return nodes[:cuts], start[: cuts + 1], separators[:top]
