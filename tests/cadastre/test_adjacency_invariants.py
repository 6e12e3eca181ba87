"""Common borders of random towns: against shapely, and under motions that must not matter."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from landplan.cadastre.adjacency import build_adjacency
from tests.patchwork import patchwork, patchworks
from tests.towns import CRS, EAST, NORTH

TOLERANCE = 0.1
FEW = settings(max_examples=60, deadline=None, derandomize=True)


def lengths(parcels):
    """{(i, j): metres} of connected pairs."""
    found = build_adjacency(parcels, TOLERANCE, 1.0, None)
    return {
        (int(i), int(j)): float(m) for (i, j), m in zip(found.pairs, found.length_m, strict=True)
    }


def moved(parcels, motion):
    shapes = [motion(shape) for shape in parcels.geometry]
    return gpd.GeoDataFrame({"id": parcels["id"]}, geometry=shapes, crs=CRS)


def pairs_of(count):
    return [(i, j) for j in range(count) for i in range(j)]


@FEW
@given(patchworks())
def test_lengths_are_those_of_the_common_boundary(parcels):
    """Corners are shared exactly, so shapely's intersection of the boundaries is exact too."""
    expected = {}
    for i, j in pairs_of(len(parcels)):
        common = parcels.geometry[i].boundary.intersection(parcels.geometry[j].boundary).length
        if common >= 1.0:
            expected[i, j] = common
    assert lengths(parcels) == pytest.approx(expected, abs=1e-3)


@FEW
@given(st.integers(0, 2**32 - 1))
def test_lengths_of_sloppy_borders_are_those_within_a_buffer(seed):
    """Every corner of every parcel strays on its own by up to a quarter of the tolerance.

    The part of A's boundary within the tolerance of B is longer than the common border by what it
    goes around corners, at most a few tolerances at each of its ends.
    """
    rng = np.random.default_rng(seed)
    stray = TOLERANCE / 4.0 / np.sqrt(2.0)

    def strayed(points):
        distinct, which = np.unique(points, axis=0, return_inverse=True)  # rings stay closed
        return points + rng.uniform(-stray, stray, distinct.shape)[which]

    parcels = moved(patchwork(seed, 4, 4, 8), lambda shape: shapely.transform(shape, strayed))
    found = build_adjacency(parcels, TOLERANCE, 0.0, None)
    contact = {
        (int(i), int(j)): m for (i, j), m in zip(found.contacts, found.contact_m, strict=True)
    }
    for i, j in pairs_of(len(parcels)):
        one, other = parcels.geometry[i], parcels.geometry[j]
        around = [
            one.boundary.intersection(other.buffer(TOLERANCE)),
            other.boundary.intersection(one.buffer(TOLERANCE)),
        ]
        most = min(line.length for line in around)
        ends = 2 * max(len(shapely.get_parts(shapely.line_merge(line))) for line in around)
        length = contact.get((i, j), 0.0)
        assert length <= most + 1e-3
        assert length >= most - 4.0 * TOLERANCE * ends


@FEW
@given(patchworks())
def test_pairs_are_sorted_each_once_and_no_parcel_borders_itself(parcels):
    found = build_adjacency(parcels, TOLERANCE, 1.0, None)
    for pairs, metres in ((found.pairs, found.length_m), (found.contacts, found.contact_m)):
        assert (pairs[:, 0] < pairs[:, 1]).all()
        assert [tuple(pair) for pair in pairs] == sorted({tuple(pair) for pair in pairs})
        assert (metres > 0.0).all()
    assert {tuple(pair) for pair in found.pairs} <= {tuple(pair) for pair in found.contacts}


@FEW
@given(patchworks(), st.randoms(use_true_random=False))
def test_the_order_of_parcels_does_not_matter(parcels, random):
    """Symmetry too: what i says of j must be what j says of i, whichever comes first."""
    order = list(range(len(parcels)))
    random.shuffle(order)
    shuffled = parcels.iloc[order].reset_index(drop=True)
    back = {
        tuple(sorted((order[i], order[j]))): metres for (i, j), metres in lengths(shuffled).items()
    }
    assert back == pytest.approx(lengths(parcels), abs=1e-9)


@FEW
@given(patchworks(), st.floats(-180.0, 180.0))
def test_turning_the_town_changes_nothing(parcels, degrees):
    turned = moved(parcels, lambda shape: affinity.rotate(shape, degrees, (EAST, NORTH)))
    assert lengths(turned) == pytest.approx(lengths(parcels), abs=1e-3)


@FEW
@given(patchworks(), st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_moving_the_town_changes_nothing(parcels, east, north):
    shifted = moved(parcels, lambda shape: affinity.translate(shape, east, north))
    assert lengths(shifted) == pytest.approx(lengths(parcels), abs=1e-3)


@FEW
@given(patchworks())
def test_the_direction_in_which_a_ring_is_drawn_does_not_matter(parcels):
    assert lengths(moved(parcels, shapely.reverse)) == pytest.approx(lengths(parcels), abs=1e-9)


@FEW
@given(patchworks(), st.integers(0, 2**32 - 1))
def test_borders_of_all_among_some_are_those_found_for_these_alone(parcels, seed):
    some = np.random.default_rng(seed).random(len(parcels)) < 0.6
    alone = build_adjacency(parcels, TOLERANCE, 1.0, some)
    among = build_adjacency(parcels, TOLERANCE, 1.0).among(some)
    assert among.pairs.tolist() == alone.pairs.tolist()
    assert among.contacts.tolist() == alone.contacts.tolist()
    assert among.length_m == pytest.approx(alone.length_m, abs=1e-6)
    assert among.contact_m == pytest.approx(alone.contact_m, abs=1e-6)
