"""Rows that exclude what a judge of whole sites turned down, and no site that it would accept.

Let S be a set of parcels with the root r, and T another site around r: T holds r and all forced
parcels, is joined by borders and bridges, and has at least ``area_min`` and ``min_parcels``. N is
the set of parcels outside S that share a border or bridge with one of S.

If T holds a parcel outside S, a path inside T from r to it leaves S, and enters N when it does: T
holds one of N. If not, T is a proper part of S. Then every parcel of S that T leaves out has an
area of at most area(S) − ``area_min``, and there is none where |S| <= ``min_parcels``. If S is
joined, one of those left out is no cut node of S: otherwise T would hold all parcels of S that are
no cut nodes, and leave out a cut node v. The pieces of S − v each hold a parcel that is no cut node
of S (its leaf blocks have one), so T would hold parcels of two of them without v, and would not be
joined. Hence with

    L = parcels of S but the root and forced ones, of area at most area(S) − area_min, and, where S
        is joined, no cut nodes of S; empty where |S| <= min_parcels

every such T satisfies

    sum over L of (1 − x_v) + sum over N of x_u >= 1,

and S itself violates it. Where a `Reason` is named, the same row with its ``inside`` for L and its
``outside`` for N excludes all sites like S at once; around a root out of reach of one of ``inside``
every site keeps it, and parcels out of reach are in no site.
"""

import numpy as np

from landplan.optimize.assembly.judge import Judge
from landplan.optimize.assembly.model import SiteModel, pieces, renumber
from landplan.optimize.assembly.problem import IntArray, Reason

Clause = tuple[IntArray, IntArray]
"""Places in a ball: one of the first is out or one of the second is in."""


class Exclusions:
    """The rows of one root that exclude what was turned down; each is handed out once.

    ``ball`` are the parcels of the site model in reach of the root, which is the first of them.
    """

    def __init__(self, site: SiteModel, ball: IntArray) -> None:
        self.site = site
        self.ball = ball
        self.judge: Judge | None = None
        self.place = np.full(len(site.cost), -1, np.int64)
        self.place[ball] = np.arange(len(ball))
        self._sets: set[bytes] = set()
        self._reasons: set[tuple[bytes, bytes]] = set()

    def against(self, members: IntArray) -> list[Clause]:
        """Return rows that exclude a set of the site model (sorted); none where it already was."""
        clauses = self.reasons()
        inside = np.zeros(len(self.ball), np.bool_)
        inside[self.place[members]] = True
        if any(inside[leave].all() and not inside[enter].any() for leave, enter in clauses):
            return clauses
        return [*clauses, *self._other_than(members)]

    def reasons(self) -> list[Clause]:
        """Return the rows of all reasons that have been named since the last time."""
        if self.judge is None:
            return []
        clauses = []
        for key, reason in self.judge.reasons.items():
            if key not in self._reasons:
                self._reasons.add(key)
                clauses += self._of_reason(reason)
        return clauses

    def unexplained(self) -> list[Clause]:
        """Return the rows of the sets turned down without a reason that hold the root."""
        found = []
        for parcels in self.judge.unexplained if self.judge is not None else []:
            members = self._known(parcels)
            if len(members) == len(parcels) and self.ball[0] in members:
                found += self._other_than(members)
        return found

    def _other_than(self, members: IntArray) -> list[Clause]:
        key = members.tobytes()
        if key in self._sets:
            return []
        self._sets.add(key)
        leave, enter = other_than(self.site, int(self.ball[0]), members)
        enter = self.place[enter]
        return [(self.place[leave], enter[enter >= 0])]

    def _of_reason(self, reason: Reason) -> list[Clause]:
        inside, outside = self._known(reason.inside), self._known(reason.outside)
        if len(inside) < len(reason.inside):
            return []
        leave = self.place[inside]
        return [(leave[leave > 0], self.place[outside])]

    def _known(self, parcels: IntArray) -> IntArray:
        """Return those of the problem's parcels that lie in the ball, as the site model's."""
        at = np.searchsorted(self.site.parcels, parcels)
        at[at == len(self.site.parcels)] = 0
        return np.asarray(at[(self.site.parcels[at] == parcels) & (self.place[at] >= 0)], np.int64)


def other_than(site: SiteModel, root: int, members: IntArray) -> tuple[IntArray, IntArray]:
    """Return L and N of the row that excludes ``members``.

    Parameters
    ----------
    root
        A parcel of the site model, one of ``members``.
    members
        [k] parcels of the site model, sorted.

    Returns
    -------
    leave, enter
        Parcels of the site model, ascending: one of ``leave`` is out or one of ``enter`` is in.
    """
    inside = np.zeros(len(site.cost), np.bool_)
    inside[members] = True
    pairs = np.concatenate(
        [
            pairs_from(site.border_start, site.border_to, members),
            pairs_from(site.bridge_start, site.bridge_to, members),
        ]
    )
    enter = np.unique(pairs[~inside[pairs[:, 1]], 1])
    spare = float(site.area[members].sum()) - site.area_min
    may_leave = (site.area[members] <= spare) & ~site.forced[members] & (members != root)
    if len(members) <= site.min_parcels:
        may_leave[:] = False
    local = renumber(pairs, inside)
    if len(members) > 1 and pieces(len(members), local).max() == 0:
        for place in np.flatnonzero(may_leave):
            kept = np.arange(len(members)) != place
            may_leave[place] = pieces(len(members) - 1, renumber(local, kept)).max() == 0
    return members[may_leave], enter


def pairs_from(start: IntArray, to: IntArray, members: IntArray) -> IntArray:
    """Return [e, 2] each of ``members`` with each of its neighbours."""
    lengths = start[members + 1] - start[members]
    offsets = np.repeat(start[members] - np.cumsum(lengths) + lengths, lengths)
    targets = to[offsets + np.arange(len(offsets))]
    return np.column_stack([np.repeat(members, lengths), targets])
