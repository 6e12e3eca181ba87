"""Separators that served around one root, tried around the next.

Balls of neighbouring roots overlap, and so do their separators. One that cuts off parcel v from one
root holds for another root only if it cuts off v from that root too; this is checked on the ball of
the new root, where parcels outside the ball count as left out.
"""

from dataclasses import dataclass, field

import numpy as np
from numba import njit

from landplan.optimize.assembly.problem import BoolArray, IntArray
from landplan.optimize.assembly.rooted import RootedLp

_MOST = 400


@njit(cache=True)
def _cut_off(
    start: IntArray, to: IntArray, cut_start: IntArray, members: IntArray, nodes: IntArray
) -> BoolArray:
    """Return for each cut whether no path from node 0 reaches its node but through its members."""
    n = len(start) - 1
    mark = np.zeros(n, np.int64)
    stack = np.empty(n, np.int64)
    holds = np.zeros(len(nodes), np.bool_)
    for cut in range(len(nodes)):
        stamp = cut + 1
        blocked = False
        for k in range(cut_start[cut], cut_start[cut + 1]):
            blocked |= members[k] == 0
            mark[members[k]] = stamp
        if blocked or nodes[cut] == 0:
            continue
        mark[0] = stamp
        stack[0] = 0
        top = 1
        reached = False
        while top > 0 and not reached:
            top -= 1
            u = stack[top]
            for k in range(start[u], start[u + 1]):
                v = to[k]
                if mark[v] != stamp:
                    mark[v] = stamp
                    reached |= v == nodes[cut]
                    stack[top] = v
                    top += 1
        holds[cut] = not reached
    return holds


@dataclass(slots=True)
class CutPool:
    """Separators as parcels of the site model, the newest last; each ends with the one cut off."""

    cuts: dict[bytes, IntArray] = field(default_factory=dict)

    def learn(self, lp: RootedLp) -> None:
        """Keep the separators of parcels that bear a dual in an LP."""
        for columns in lp.active_separators():
            cut = np.append(np.sort(lp.ball[columns[:-1]]), lp.ball[columns[-1]])
            key = cut.tobytes()
            self.cuts.pop(key, None)
            self.cuts[key] = cut
        while len(self.cuts) > _MOST:
            del self.cuts[next(iter(self.cuts))]

    def teach(self, lp: RootedLp) -> None:
        """Add the separators that hold around the root of an LP."""
        place = np.full(len(lp.site.cost), -1, np.int64)
        place[lp.ball] = np.arange(lp.n_parcels)
        rows = [place[cut] for cut in self.cuts.values() if place[cut[-1]] >= 0]
        if not rows:
            return
        nodes = np.array([row[-1] for row in rows])
        inside = [row[:-1][row[:-1] >= 0] for row in rows]
        ends = np.cumsum([0, *(len(part) for part in inside)]).astype(np.int64)
        holds = _cut_off(lp.start, lp.to, ends, np.concatenate(inside), nodes)
        lp.add_separators(
            [
                (part, int(node))
                for part, node, held in zip(inside, nodes, holds, strict=True)
                if held
            ]
        )
