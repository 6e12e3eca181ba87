"""Cuts from the area row: knapsack covers.

A site holds at least ``area_min``. Whatever parcels A are left out of account, those outside A must
make up for what A lacks, D = area_min − area(A), and none of them counts for more than D:

    sum over v not in A of min(a_v, D) x_v >= D        (D > 0).

Every site satisfies this: if it holds a parcel outside A of area D or more, that one is enough;
else all its parcels outside A count fully, and their area is at least area_min − area(A). A point
that takes a part of a large parcel to fill a small gap does not. Carr, Fleischer, Leung & Phillips
2000, "Strengthening integrality gaps for capacitated network design and covering problems", SODA
2000, 106–115.
"""

import numpy as np

from landplan.optimize.assembly.problem import FloatArray, IntArray

_MOST = 3
"""Covers taken per point."""


def violated_covers(
    area: FloatArray, least: float, x: FloatArray, violation: float
) -> list[tuple[IntArray, FloatArray, float]]:
    """Return columns, coefficients and right sides of covers that a point violates.

    They are scaled by powers of two, which keeps them exact.

    Tried are the sets A of the parcels with the largest x, one by one (ties: the larger first).

    Parameters
    ----------
    area
        [n] areas of the parcels.
    least
        The area that a site has at least.
    x
        [n] the point.
    violation
        A cover counts as violated if it lacks this share of D.
    """
    order = np.lexsort((-area, -x))
    lacking = least - np.concatenate([[0.0], np.cumsum(area[order])])
    prefixes = int((lacking > 1e-9 * least).sum())
    held = np.flatnonzero(x > 0.0)
    found: list[tuple[float, int]] = []
    if prefixes == 0 or len(held) == 0:
        return []
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    outside = rank[held][None, :] >= np.arange(prefixes)[:, None]
    counted = np.minimum(area[held][None, :], lacking[:prefixes, None])
    sums = (outside * counted * x[held][None, :]).sum(axis=1)
    short = 1.0 - sums / lacking[:prefixes]
    for prefix in np.argsort(-short, kind="stable")[:_MOST]:
        if short[prefix] > violation:
            found.append((float(short[prefix]), int(prefix)))
    cuts = []
    for _, prefix in found:
        columns = np.sort(order[prefix:])
        unit = 2.0 ** np.floor(np.log2(lacking[prefix]))
        counts = np.minimum(area[columns], lacking[prefix]) / unit
        cuts.append((columns, counts, float(lacking[prefix] / unit)))
    return cuts
