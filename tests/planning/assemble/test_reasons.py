"""Reasons against whole sites: whatever site they speak of, the judge turns it down."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import shapely

from landplan.planning.assemble.leftovers import Leftovers
from landplan.planning.assemble.reasons import reasons_of
from landplan.planning.assemble.request_parts import Neighbours, Shape
from landplan.planning.assemble.whole_site import WholeSite

SIDE = 6
RING = np.array([-7, -6, -5, -1, 1, 5, 6, 7])


def town(shape: Shape, neighbours: Neighbours, barred: tuple[int, ...] = ()) -> WholeSite:
    """A grid of 6 by 6 squares of 20 m; streets along the left and the right edge."""
    cells = [(row, column) for row in range(SIDE) for column in range(SIDE)]
    shapes = np.array(
        [shapely.box(20 * c, 20 * r, 20 * c + 20, 20 * r + 20) for r, c in cells], dtype=object
    )
    borders = np.array(
        [
            (SIDE * r + c, SIDE * (r + dr) + c + dc)
            for r, c in cells
            for dr, dc in ((0, 1), (1, 0))
            if r + dr < SIDE and c + dc < SIDE
        ]
    )
    eligible = np.ones(SIDE**2, np.bool_)
    eligible[list(barred)] = False
    contact = np.array([column in (0, SIDE - 1) for _, column in cells])
    area = np.full(SIDE**2, 40_000, np.int64)
    return WholeSite(
        shapes=shapes,
        points=np.array([(20.0 * c + 10, 20.0 * r + 10) for r, c in cells]),
        eligible=eligible,
        tolerance_m=0.5,
        shape=shape,
        neighbours=neighbours,
        leftovers=Leftovers.of(np.ones(SIDE**2, np.bool_), contact, area, borders),
    )


@pytest.mark.parametrize(
    "judge",
    [
        town(Shape(holes="forbid"), Neighbours()),
        town(Shape(holes="fill"), Neighbours(), barred=(14,)),
        town(Shape(holes="forbid"), Neighbours(), barred=(14,)),
        town(Shape(), Neighbours(keep_street_contact=True), barred=(14,)),
        town(Shape(), Neighbours(min_orphan_area_m2=900.0)),
        town(Shape(holes="forbid"), Neighbours(keep_street_contact=True, min_orphan_area_m2=900)),
    ],
    ids=["no hole", "filled", "no hole, barred land", "street", "orphans", "all"],
)
def test_every_site_that_a_reason_speaks_of_is_turned_down(judge: WholeSite) -> None:
    rng = np.random.default_rng(7)
    eligible = np.flatnonzero(judge.eligible)
    seen: Counter[str] = Counter()
    for _ in range(60):
        middle = int(rng.choice([7, 8, 9, 10, 13, 14, 15, 16]))
        some = rng.choice(eligible, size=int(rng.integers(2, 20)), replace=False)
        site = np.intersect1d(np.union1d(some, middle + RING), eligible)
        site = np.setdiff1d(
            site, middle + np.array([[0], [0, 1], [0, 6]][rng.integers(3)], np.int64)
        )
        if judge(site):
            continue
        seen["turned down"] += 1
        reasons = reasons_of(judge, site)
        seen["explained"] += len(reasons) > 0
        for reason in reasons[:4]:
            assert np.isin(reason.inside, site).all()
            assert not np.isin(reason.outside, site).any()
            free = np.setdiff1d(eligible, np.concatenate([reason.inside, reason.outside]))
            for size in rng.integers(0, len(free) + 1, 3):
                more = rng.choice(free, size=int(size), replace=False)
                assert not judge(np.sort(np.concatenate([reason.inside, more])))
                seen["checked"] += 1
    assert seen["explained"] > 1
    assert seen["checked"] > 5


def test_a_hole_names_the_ring_around_it_and_the_parcel_in_it() -> None:
    judge = town(Shape(holes="forbid"), Neighbours())
    ring = np.array([7, 8, 9, 13, 15, 19, 20, 21])
    reasons = reasons_of(judge, ring)
    assert [(one.inside.tolist(), one.outside.tolist()) for one in reasons] == [
        (ring.tolist(), [14])
    ]
    barred = replace(judge, eligible=np.arange(36) != 14)
    assert [one.outside.tolist() for one in reasons_of(barred, ring)] == [[]]


def test_a_width_that_is_missed_gives_no_reason() -> None:
    judge = town(Shape(min_width_m=30.0), Neighbours())
    row = np.array([6, 7, 8, 9])
    assert not judge(row)
    assert reasons_of(judge, row) == ()
