"""Rows that exclude one set of parcels and no other site.

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

and S itself violates it.
"""

import numpy as np

from landplan.optimize.assembly.model import SiteModel, pieces, renumber
from landplan.optimize.assembly.problem import IntArray


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
            _pairs_from(site.border_start, site.border_to, members),
            _pairs_from(site.bridge_start, site.bridge_to, members),
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


def _pairs_from(start: IntArray, to: IntArray, members: IntArray) -> IntArray:
    """Return [e, 2] each of ``members`` with each of its neighbours."""
    lengths = start[members + 1] - start[members]
    offsets = np.repeat(start[members] - np.cumsum(lengths) + lengths, lengths)
    targets = to[offsets + np.arange(len(offsets))]
    return np.column_stack([np.repeat(members, lengths), targets])
