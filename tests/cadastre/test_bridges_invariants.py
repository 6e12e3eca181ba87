"""Bridges of random towns: against rays cast by shapely, and under motions that must not matter."""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from landplan.cadastre.adjacency import build_adjacency
from landplan.cadastre.bridges import corridor, find_bridges
from tests.patchwork import patchwork
from tests.towns import CRS, EAST, NORTH

TOLERANCE, MAX_WIDTH, MIN_FACING, STEP = 0.1, 18.0, 4.0, 0.4
FEW = settings(max_examples=40, deadline=None, derandomize=True)
SEEDS = st.integers(0, 2**32 - 1)


def town(seed):
    """Parcels with streets among them, empty ground, and a railway line across all."""
    rng = np.random.default_rng(seed)
    parcels = patchwork(seed, 6, 5, 40)
    parcels["street"] = rng.random(len(parcels)) < 0.4
    parcels["fault"] = np.where(rng.random(len(parcels)) < 0.1, "data.geometry.overlap", None)
    kept = parcels[rng.random(len(parcels)) < 0.8].reset_index(drop=True)
    west, east = (EAST, NORTH + rng.uniform(0, 50)), (EAST + 60.0, NORTH + rng.uniform(0, 50))
    return kept, gpd.GeoSeries([shapely.LineString([west, east])], crs=CRS)


def found_in(parcels, barriers):
    adjacency = build_adjacency(parcels, TOLERANCE, 1.0, None)
    return find_bridges(
        parcels,
        adjacency,
        max_width_m=MAX_WIDTH,
        min_facing_m=MIN_FACING,
        barriers=barriers,
        usable=None,
    )


def facings(parcels, barriers):
    """{(i, j): (width, facing)}."""
    found = found_in(parcels, barriers)
    return {
        (int(i), int(j)): (float(width), float(facing))
        for (i, j), width, facing in zip(found.pairs, found.width_m, found.facing_m, strict=True)
    }


def alike(one, other, facing=2.5 * STEP):
    """Equal but for pairs that just reach the least facing, and for single steps of others."""
    for pair in one.keys() | other.keys():
        if pair in one and pair in other:
            assert one[pair][1] == pytest.approx(other[pair][1], abs=facing)
        else:
            assert one.get(pair, other.get(pair))[1] <= MIN_FACING + facing


def facing_by_shapely(parcels, barriers):
    """{(i, j): metres of i that face j}, straight from the definition."""
    solid = parcels.index[~parcels["street"]]
    sound = set(parcels.index[~parcels["street"] & parcels["fault"].isna()])
    facing = {}
    for i in sorted(sound):
        others = [k for k in solid if k != i]
        shapes = parcels.geometry[others].to_numpy()
        own = parcels.geometry[i]
        for middle, normal, step in steps(own):
            ray = shapely.LineString([middle, middle + MAX_WIDTH * normal])
            reach = np.array([shapely.Point(middle).distance(ray & shape) for shape in shapes])
            reach = np.where(np.isnan(reach), np.inf, reach)  # nan: not met
            if not TOLERANCE < reach.min(initial=np.inf) < np.inf:
                continue
            first = int(reach.argmin())
            sight = shapely.LineString([middle, middle + reach[first] * normal])
            own_again = (sight & own).length > 1e-6
            barred = barriers.distance(sight).min() <= TOLERANCE
            if others[first] in sound and not own_again and not barred:
                pair = (i, others[first])
                facing[pair] = facing.get(pair, 0.0) + step
    return facing


def steps(shape):
    """Middle, outward normal and length of every step of a boundary."""
    for part in shapely.get_parts(shape):
        for ring in shapely.get_rings(shapely.orient_polygons(part)):
            points = shapely.get_coordinates(ring)
            for start, end in pairwise(points):
                length = float(np.hypot(*(end - start)))
                normal = np.array([end[1] - start[1], start[0] - end[0]]) / length
                count = int(np.ceil(length / STEP - 1e-6))
                for k in range(count):
                    yield start + (k + 0.5) / count * (end - start), normal, length / count


@settings(FEW, max_examples=12)
@given(SEEDS)
def test_facing_is_what_rays_cast_one_by_one_see(seed):
    parcels, barriers = town(seed)
    seen = facing_by_shapely(parcels, barriers)
    adjacency = build_adjacency(parcels, TOLERANCE, 1.0, None)
    bordering = {(int(i), int(j)) for i, j in adjacency.pairs}
    expected = {
        (i, j): (0.0, min(metres, seen.get((j, i), 0.0)))
        for (i, j), metres in seen.items()
        if i < j and (i, j) not in bordering
    }
    expected = {pair: value for pair, value in expected.items() if value[1] >= MIN_FACING}
    alike(facings(parcels, barriers), expected, facing=1.01 * STEP)


@FEW
@given(SEEDS)
def test_bridges_join_two_sound_parcels_that_share_no_border(seed):
    parcels, barriers = town(seed)
    found = found_in(parcels, barriers)
    connected = build_adjacency(parcels, TOLERANCE, 1.0, None).pairs
    assert (found.pairs[:, 0] < found.pairs[:, 1]).all()
    assert [tuple(p) for p in found.pairs] == sorted({tuple(p) for p in found.pairs})
    assert not {tuple(p) for p in found.pairs} & {tuple(p) for p in connected}
    ends = parcels.iloc[found.pairs.ravel()]
    assert not ends["street"].any()
    assert ends["fault"].isna().all()
    assert (found.facing_m >= MIN_FACING - 1e-6).all()
    apart = [parcels.geometry[i].distance(parcels.geometry[j]) for i, j in found.pairs]
    assert (found.width_m >= np.array(apart) - 1e-6).all()
    assert (found.width_m <= MAX_WIDTH).all()


@FEW
@given(SEEDS)
def test_corridors_lie_on_street_space_and_join_both_ends(seed):
    parcels, barriers = town(seed)
    found = found_in(parcels, barriers)
    solid = parcels.geometry[~parcels["street"]]
    for row, (i, j) in enumerate(found.pairs):
        shape = corridor(parcels, found, row, barriers)
        assert shape.is_valid
        assert shape.area > 0.0
        assert solid.intersection(shape).area.max() < 1e-3
        assert not barriers.intersects(shape).any()
        assert parcels.geometry[[i, j]].distance(shape).max() < 1e-3


@FEW
@given(SEEDS, st.randoms(use_true_random=False))
def test_the_order_of_parcels_does_not_matter(seed, random):
    parcels, barriers = town(seed)
    order = list(range(len(parcels)))
    random.shuffle(order)
    shuffled = parcels.iloc[order].reset_index(drop=True)
    back = {
        tuple(sorted((order[i], order[j]))): value
        for (i, j), value in facings(shuffled, barriers).items()
    }
    expected = facings(parcels, barriers)
    assert back.keys() == expected.keys()
    for pair, value in back.items():
        assert value == pytest.approx(expected[pair], abs=1e-9)


@FEW
@given(SEEDS, st.floats(-180.0, 180.0), st.floats(-1e6, 1e6))
def test_turning_and_moving_the_town_changes_nothing(seed, degrees, east):
    parcels, barriers = town(seed)

    def motion(shape):
        turned = affinity.rotate(shape, degrees, (EAST, NORTH))
        return affinity.translate(turned, east, -0.3 * east)

    turned = parcels.set_geometry(
        gpd.GeoSeries([motion(shape) for shape in parcels.geometry], crs=CRS)
    )
    turned_barriers = gpd.GeoSeries([motion(shape) for shape in barriers], crs=CRS)
    alike(facings(turned, turned_barriers), facings(parcels, barriers))
