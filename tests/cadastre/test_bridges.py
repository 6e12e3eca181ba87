"""Which parcels face each other across a street.

Pictures: north is up, S is a parcel of the street, a dot is ground without a parcel, # a barrier.
Unless a test says otherwise, a bridge is up to 20 m wide and its ends face each other along 10 m.
"""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import affinity

from landplan.cadastre.adjacency import build_adjacency
from landplan.cadastre.bridges import corridor, find_bridges, warm_up
from tests.towns import CRS, EAST, NORTH, box, squares

MAX_WIDTH, MIN_FACING = 20.0, 10.0


def frame(streets="", **shapes):
    """Parcels by name; ``streets`` names those that are street."""
    return gpd.GeoDataFrame(
        {
            "id": list(shapes),
            "street": [name in streets for name in shapes],
            "fault": [None] * len(shapes),
        },
        geometry=list(shapes.values()),
        crs=CRS,
    )


def polygon(*points):
    return shapely.Polygon([(EAST + x, NORTH + y) for x, y in points])


def line(*points):
    return shapely.LineString([(EAST + x, NORTH + y) for x, y in points])


def found_in(parcels, *barriers, max_width=MAX_WIDTH, min_facing=MIN_FACING, usable=None):
    adjacency = build_adjacency(parcels, 0.1, 1.0, None)
    return find_bridges(
        parcels,
        adjacency,
        max_width_m=max_width,
        min_facing_m=min_facing,
        barriers=gpd.GeoSeries(list(barriers), crs=CRS),
        usable=usable,
    )


def bridges(parcels, *barriers, **limits):
    """{"AB": (width, facing)} of the bridges found; their corridors are checked on the way."""
    found = found_in(parcels, *barriers, **limits)
    names = parcels["id"].tolist()
    for row in range(len(found.pairs)):
        check_corridor(parcels, found, row, barriers)
    return {
        names[i] + names[j]: (float(width), float(facing))
        for (i, j), width, facing in zip(found.pairs, found.width_m, found.facing_m, strict=True)
    }


def check_corridor(parcels, found, row, barriers):
    """A corridor is a valid area of street space that joins both parcels and crosses no barrier."""
    shape = corridor(parcels, found, row, gpd.GeoSeries(list(barriers), crs=CRS))
    ends = parcels.geometry.iloc[found.pairs[row]]
    assert shape.is_valid
    assert shape.area > 0.0
    assert (ends.distance(shape) < 1e-3).all()
    assert ends.iloc[0].distance(ends.iloc[1]) - 1e-6 <= found.width_m[row] <= found.max_width_m
    solid = parcels[~parcels["street"] & ~shapely.is_missing(parcels.geometry.to_numpy())]
    for other in shapely.make_valid(solid.geometry.to_numpy()):
        assert shape.intersection(other).area < 1e-3
    for barrier in barriers:
        assert not shape.intersects(barrier)


def about(width, facing):
    """Facing is measured in steps of at most a metre."""
    return (pytest.approx(width, abs=0.01), pytest.approx(facing, abs=1.01))


def test_across_a_gap_between_parcels():
    """BBB
    ...   12 m
    AAA
    """
    found = bridges(frame(A=box(0, 0, 30, 20), B=box(0, 32, 30, 20)))
    assert found == {"AB": about(12.0, 30.0)}


def test_across_a_parcel_of_the_street():
    """BBB
    SSS   12 m
    AAA
    """
    parcels = frame("S", A=box(0, 0, 30, 20), B=box(0, 32, 30, 20), S=box(-50, 20, 150, 12))
    assert bridges(parcels) == {"AB": about(12.0, 30.0)}


def test_across_several_parcels_of_the_street_and_a_gap_between_them():
    """BBB
    TTT   5 m
    ...   2 m
    SSS   5 m
    AAA
    """
    parcels = frame(
        "ST",
        A=box(0, 0, 30, 20),
        B=box(0, 32, 30, 20),
        S=box(0, 20, 30, 5),
        T=box(0, 27, 30, 5),
    )
    assert bridges(parcels) == {"AB": about(12.0, 30.0)}


def test_across_a_street_that_holds_the_blocks_in_its_holes():
    """SSSSS
    SASBS
    SSSSS
    """
    blocks = {"A": box(12, 12, 30, 30), "B": box(54, 12, 30, 30)}
    street = box(0, 0, 96, 54).difference(shapely.union_all(list(blocks.values())))
    assert bridges(frame("S", **blocks, S=street)) == {"AB": about(12.0, 30.0)}


@pytest.mark.parametrize(("width", "bridged"), [(19.9, True), (20.0, True), (20.1, False)])
def test_not_across_a_street_wider_than_allowed(width, bridged):
    """A....B"""
    found = bridges(frame(A=box(0, 0, 30, 20), B=box(30 + width, 0, 30, 20)))
    assert bool(found) == bridged


@pytest.mark.parametrize(("facing", "bridged"), [(8.0, False), (10.0, True), (12.0, True)])
def test_not_where_they_face_each_other_too_short(facing, bridged):
    """B begins west of A's east end by as much as they face each other.

    ..BBB
    .....
    AAA..
    """
    found = bridges(frame(A=box(0, 0, 40, 20), B=box(40 - facing, 32, 40, 20)))
    assert found == ({"AB": about(12.0, facing)} if bridged else {})


def test_the_shorter_of_both_facades_counts():
    """B is narrow but its sides make no difference.

    .BB.   15 m
    ....
    AAAA   60 m
    """
    found = bridges(frame(A=box(0, 0, 60, 20), B=box(20, 32, 15, 20)))
    assert found == {"AB": about(12.0, 15.0)}


@pytest.mark.parametrize("fault", [None, "data.geometry.overlap"])
def test_not_past_a_third_parcel(fault):
    """C lies in the middle of the street, faulty or not; its gaps to A and B are 1 m.

    BBB
    CCC
    AAA
    """
    parcels = frame(A=box(0, 0, 30, 20), B=box(0, 32, 30, 20), C=box(0, 21, 30, 10))
    parcels["fault"] = [None, None, fault]
    expected = {} if fault else {"AC": about(1.0, 30.0), "BC": about(1.0, 30.0)}
    assert bridges(parcels) == expected


def test_an_invalid_third_parcel_is_in_the_way_too():
    """C is a bow tie: faulty, and no ray may pass through it.

    BBB
    C×C
    AAA
    """
    bow_tie = polygon((0, 22), (30, 30), (30, 22), (0, 30))
    parcels = frame(A=box(0, 0, 30, 20), B=box(0, 32, 30, 20), C=bow_tie)
    parcels["fault"] = [None, None, "data.geometry.invalid"]
    assert bridges(parcels) == {}


def test_past_a_third_parcel_where_it_leaves_enough_of_the_facades_free():
    """BBBBBB
    CC....
    AAAAAA
    """
    parcels = frame(A=box(0, 0, 60, 20), B=box(0, 32, 60, 20), C=box(0, 21, 20, 10))
    assert bridges(parcels)["AB"] == about(12.0, 40.0)


def test_not_across_a_hair_of_a_third_parcel():
    """C is a strip of 5 cm along B: the ray meets it first, however thin.

    BBB
    CCC
    ...
    AAA
    """
    parcels = frame(A=box(0, 0, 30, 20), B=box(0, 32, 30, 20), C=box(0, 31.95, 30, 0.05))
    assert "AB" not in bridges(parcels)


def test_a_barred_parcel_is_no_end_but_stands_in_the_way():
    """BBB
    CCC
    AAA
    """
    parcels = frame(A=box(0, 0, 30, 20), B=box(0, 32, 30, 20), C=box(0, 21, 30, 10))
    assert bridges(parcels, usable=np.array([True, True, False])) == {}
    assert set(bridges(parcels, usable=np.array([True, False, True]))) == {"AC"}


@pytest.mark.parametrize(
    "water",
    [
        box(-50, 24, 200, 4),
        box(-50, 20, 200, 12),
        box(-50, 10, 200, 40),
        box(-500, -500, 2000, 2000),
        line((-50, 26), (150, 26)),
        line((-50, 20), (150, 20)),
        line((-50, 32), (150, 32)),
        line((-50, 32.05), (150, 32.05)),
        line((-50, 19.95), (150, 19.95)),
        shapely.MultiLineString([line((-50, 26), (10, 26)), line((10, 26), (150, 26))]),
        shapely.GeometryCollection([shapely.Point(EAST, NORTH), box(-50, 24, 200, 4)]),
    ],
    ids=[
        "canal",
        "canal as wide as the street",
        "canal that overlaps both banks",
        "lake around all",
        "line",
        "line on A's facade",
        "line on B's facade",
        "line a hair inside B",
        "line a hair inside A",
        "broken line",
        "collection",
    ],
)
def test_not_across_a_barrier(water):
    """BBB
    ###   water or rail, wherever it lies between the facades
    AAA
    """
    assert bridges(frame(A=box(0, 0, 30, 20), B=box(0, 32, 30, 20)), water) == {}


def test_not_across_a_rail_line_within_a_street_parcel():
    """BBBB
    S##S
    AAAA
    """
    parcels = frame("S", A=box(0, 0, 30, 20), B=box(0, 32, 30, 20), S=box(-50, 20, 150, 12))
    assert bridges(parcels, line((-40, 22), (90, 30))) == {}


def test_beside_a_barrier_that_ends_in_the_street():
    """The culvert leaves 30 m of 60 free.

    BBBBBB
    ###...
    AAAAAA
    """
    parcels = frame(A=box(0, 0, 60, 20), B=box(0, 32, 60, 20))
    assert bridges(parcels, box(-50, 24, 80, 4)) == {"AB": about(12.0, 30.0)}


def test_a_barrier_behind_a_parcel_does_not_matter():
    """BBB
    ...
    AAA
    ###
    """
    parcels = frame(A=box(0, 0, 30, 20), B=box(0, 32, 30, 20))
    empty = shapely.LineString()
    assert set(bridges(parcels, line((-50, -1), (150, -1)), line((-50, 10), (90, 10)), empty)) == {
        "AB"
    }


def test_staggered_facades_give_the_median_width():
    """B's facade stands 8 m away along 20 m and 14 m away along 10 m.

    BBBBBB
    BBBB..
    ......
    AAAAAA
    """
    b = polygon((0, 28), (20, 28), (20, 34), (30, 34), (30, 50), (0, 50))
    assert bridges(frame(A=box(0, 0, 30, 20), B=b)) == {"AB": about(8.0, 30.0)}


def test_a_broken_facade_is_bridged_in_several_parts():
    """C takes the middle of the street.

    BBBBBBBB
    ...CC...
    AAAAAAAA
    """
    parcels = frame(A=box(0, 0, 80, 20), B=box(0, 32, 80, 20), C=box(30, 20, 20, 12))
    found = found_in(parcels)
    assert found.pairs.tolist() == [[0, 1]]
    assert found.facing_m[0] == pytest.approx(60.0, abs=1.01)
    shape = corridor(parcels, found, 0, gpd.GeoSeries([], crs=CRS))
    assert shape.geom_type == "MultiPolygon"
    assert len(shape.geoms) == 2
    assert shape.area == pytest.approx(60.0 * 12.0, rel=0.05)


def test_not_across_a_corner():
    """A crossing of two streets: neighbours across a street are bridged, diagonal ones are not.

    C.D
    ...
    A.B
    """
    parcels = frame(
        A=box(0, 0, 30, 30),
        B=box(42, 0, 30, 30),
        C=box(0, 42, 30, 30),
        D=box(42, 42, 30, 30),
    )
    assert bridges(parcels, max_width=40.0, min_facing=1.0) == {
        pair: about(12.0, 30.0) for pair in ("AB", "AC", "BD", "CD")
    }


def test_not_across_a_corner_cut_off():
    """A and D at the crossing have corners cut off by 4 m: they face each other along 5.7 m.

    C./D
    ...
    A/.B
    """
    parcels = frame(
        A=polygon((0, 0), (30, 0), (30, 26), (26, 30), (0, 30)),
        B=box(38, 0, 30, 30),
        C=box(0, 38, 30, 30),
        D=polygon((42, 38), (68, 38), (68, 68), (38, 68), (38, 42)),
    )
    assert set(bridges(parcels)) == {"AB", "AC", "BD", "CD"}
    assert "AD" in bridges(parcels, min_facing=5.0)


def test_around_a_dead_end_street():
    """The street ends at C: the sides face each other, C faces neither.

    CCC
    A.B
    A.B
    """
    parcels = frame(A=box(0, 0, 30, 40), B=box(42, 0, 30, 40), C=box(0, 40, 72, 20))
    assert bridges(parcels) == {"AB": about(12.0, 40.0)}


def test_the_head_of_a_dead_end_street_faces_the_parcel_opposite():
    """C looks down the short street at D.

    ACB
    A.B
    ADB
    """
    parcels = frame(
        A=box(0, 0, 30, 50),
        B=box(42, 0, 30, 50),
        C=box(30, 34, 12, 16),
        D=box(30, 0, 12, 16),
    )
    assert bridges(parcels) == {"AB": about(12.0, 18.0), "CD": about(18.0, 12.0)}


def test_not_between_parcels_that_share_a_border():
    """A and B meet west of a pocket of ground and face each other across it.

    BBBB
    B...
    A...
    AAAA
    """
    a = polygon((0, 0), (60, 0), (60, 14), (10, 14), (10, 20), (0, 20))
    b = polygon((0, 20), (10, 20), (10, 26), (60, 26), (60, 40), (0, 40))
    assert bridges(frame(A=a, B=b)) == {}


def test_not_between_parcels_a_hair_apart():
    """A|B: within the tolerance is a border; a wider slit is the narrowest of bridges."""
    assert bridges(frame(A=box(0, 0, 30, 20), B=box(30.1, 0, 30, 20))) == {}
    wider = bridges(frame(A=box(0, 0, 30, 20), B=box(30.3, 0, 30, 20)))
    assert wider == {"AB": about(0.3, 20.0)}


def test_not_between_parcels_that_overlap():
    """A and B overlap by 12 m (#): from inside the other, one looks out, not across a street.

    BBB
    ###
    AAA
    """
    assert bridges(frame(A=box(0, 0, 30, 20), B=box(0, 8, 30, 32))) == {}


def test_not_from_a_parcel_to_itself():
    """A is a horseshoe around a yard, and has a second part beyond the street.

    A.A AA
    AAA AA
    """
    horseshoe = polygon((0, 0), (40, 0), (40, 40), (28, 40), (28, 12), (12, 12), (12, 40), (0, 40))
    parcels = frame(A=shapely.MultiPolygon([horseshoe, box(50, 0, 30, 40)]), B=box(200, 0, 9, 9))
    assert bridges(parcels) == {}


def test_not_through_a_parcel_of_its_own():
    """The own second part of A stands between A and B; only the far part faces B.

    A..A..B
    """
    parts = shapely.MultiPolygon([box(0, 0, 20, 20), box(26, 0, 4, 20)])
    found = bridges(frame(A=parts, B=box(36, 0, 20, 20)))
    assert found == {"AB": about(6.0, 20.0)}


def test_every_part_of_a_parcel_may_face():
    """B's two parts face A along 12 m in all.

    B...B
    .....
    AAAAA
    """
    b = shapely.MultiPolygon([box(0, 32, 6, 20), box(54, 32, 6, 20)])
    assert bridges(frame(A=box(0, 0, 60, 20), B=b)) == {"AB": about(12.0, 12.0)}


def test_across_a_curved_street():
    """Two rings around one centre, 12 m apart, in chords of 3°: facing is measured inside.

    )B) )A)
    """

    def arc(inner, outer):
        angles = np.radians(np.arange(0, 91, 3))
        unit = np.column_stack((np.cos(angles), np.sin(angles)))
        return polygon(*(unit * inner), *(unit * outer)[::-1])

    found = bridges(frame(A=arc(112, 130), B=arc(80, 100)))
    width, facing = found["AB"]
    assert width == pytest.approx(12.0, abs=0.1)
    assert facing == pytest.approx(100.0 * np.pi / 2.0, abs=3.0)


def test_across_a_street_that_narrows():
    """B's facade leans by 10°: rays from A and from B differ, both see each other.

    BBBB
    B...
    AAAA
    """
    b = polygon((0, 26), (60, 26 + 60 * np.tan(np.radians(10.0))), (60, 60), (0, 60))
    width, facing = bridges(frame(A=box(0, 0, 60, 20), B=b))["AB"]
    assert 6.0 < width < 16.6
    assert 50.0 < facing < 60.0


def test_every_pair_across_a_street_of_lots():
    """Lots of 20 m face their opposite only; lots half opposite face along 10 m.

    .EEDD
    .....
    AABBC
    """
    parcels = frame(
        A=box(0, 0, 20, 20),
        B=box(20, 0, 20, 20),
        C=box(40, 0, 20, 20),
        D=box(30, 32, 20, 20),
        E=box(10, 32, 20, 20),
    )
    assert bridges(parcels) == {pair: about(12.0, 10.0) for pair in ("AE", "BD", "BE", "CD")}


def test_streets_are_no_ends():
    """S and T are streets beside each other, 5 m of verge between.

    SSS
    ...
    TTT
    """
    assert bridges(frame("ST", S=box(0, 0, 30, 5), T=box(0, 10, 30, 5))) == {}


def test_a_frame_that_knows_no_streets_and_no_faults_has_none():
    """A.B"""
    parcels = squares("A B", side=15.0)
    found = found_in(parcels)
    assert found.pairs.tolist() == [[0, 1]]
    assert found.width_m[0] == pytest.approx(15.0, abs=0.01)


@pytest.mark.parametrize("shapes", [[], [None], [None, shapely.Polygon()]])
def test_a_town_without_shapes_has_no_bridges(shapes):
    parcels = gpd.GeoDataFrame(geometry=shapes, crs=CRS)
    assert found_in(parcels, line((0, 0), (1, 1))).pairs.shape == (0, 2)


def test_the_arrays_cannot_be_changed():
    found = found_in(squares("A B", side=15.0))
    for array in (found.pairs, found.width_m, found.facing_m):
        assert not array.flags.writeable


@pytest.mark.parametrize("degrees", [17.0, 45.0, 90.0, 133.0])
def test_a_turned_street_is_the_same_street(degrees):
    """BBB
    SSS
    AAA, turned
    """
    parcels = frame("S", A=box(0, 0, 30, 20), B=box(0, 32, 30, 20), S=box(-50, 20, 150, 12))
    turned = parcels.set_geometry(
        gpd.GeoSeries(
            [affinity.rotate(shape, degrees, (EAST, NORTH)) for shape in parcels.geometry], crs=CRS
        )
    )
    assert bridges(turned) == {"AB": about(12.0, 30.0)}


def test_warming_up_compiles_the_kernels():
    warm_up()
