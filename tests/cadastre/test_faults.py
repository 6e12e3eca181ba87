"""Parcel errors exclude parcels, never lose them."""

import geopandas as gpd
import pytest
import shapely

from landplan.cadastre.check import check_town
from landplan.cadastre.faults import overlapping
from landplan.cadastre.reading import read_town
from tests.towns import CRS, box, squares, write_town

MANY = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop"  # 42 squares: one fault is under 5 %


def town_with(tmp_path, name, shape, keys=""):
    parcels = squares(MANY)
    parcels.loc[parcels["id"] == name, "geometry"] = gpd.GeoSeries([shape], crs=CRS).to_numpy()
    return write_town(tmp_path, parcels, parcel_keys=keys)


def only_fault(reading):
    faults = reading.require().parcels.set_index("parcel_id")["fault"].dropna()
    return dict(faults)


@pytest.mark.parametrize(
    ("shape", "fault"),
    [
        (None, "data.geometry.null"),
        (shapely.Polygon(), "data.geometry.empty"),
        (
            shapely.Polygon(
                [(610000, 3463000), (610100, 3463100), (610100, 3463000), (610000, 3463100)]
            ),
            "data.geometry.invalid",
        ),
        (shapely.Point(610050, 3463050), "data.geometry.not_polygon"),
    ],
)
def test_a_parcel_without_a_proper_shape_is_kept_and_excluded(tmp_path, shape, fault):
    parcels = squares(MANY)
    shapes = parcels.geometry.to_numpy().copy()
    shapes[0] = shape
    parcels = parcels.set_geometry(gpd.GeoSeries(shapes, crs=CRS))
    reading = read_town(write_town(tmp_path, parcels))
    assert only_fault(reading) == {"A": fault}
    assert len(reading.require().parcels) == len(MANY)


def test_an_invalid_parcel_is_repaired_only_on_request_and_on_record(tmp_path):
    bow_tie = shapely.Polygon(
        [(610000, 3463000), (610100, 3463100), (610100, 3463000), (610000, 3463100)]
    )
    town = town_with(tmp_path, "A", bow_tie)
    town.write_text(town.read_text() + "[repair]\nmake_valid = true\n")
    reading = read_town(town)
    assert only_fault(reading) == {}
    assert reading.require().provenance.repairs == ("make_valid A",)
    assert "repair.made_valid" in {finding.code for finding in reading.findings}
    assert reading.require().parcels["area_m2"].iloc[0] == pytest.approx(5000.0)


def test_parcels_that_share_an_id_are_both_excluded_and_kept_apart(tmp_path):
    parcels = squares(MANY)
    parcels.loc[1, "id"] = "A"
    reading = read_town(write_town(tmp_path, parcels))
    assert only_fault(reading) == {"A": "data.id.duplicate", "A#2": "data.id.duplicate"}


def test_a_parcel_without_an_id_is_kept_as_a_question_mark(tmp_path):
    parcels = squares(MANY)
    parcels.loc[0, "id"] = None
    assert only_fault(read_town(write_town(tmp_path, parcels))) == {"?": "data.id.missing"}


def test_an_overlap_excludes_both_parcels(tmp_path):
    reading = read_town(town_with(tmp_path, "A", box(0, 0, 101, 100)))
    assert only_fault(reading) == {"A": "data.geometry.overlap", "B": "data.geometry.overlap"}


@pytest.mark.parametrize(("overlap", "marked"), [(0.05, False), (0.2, True)])
def test_an_overlap_of_hair_width_is_a_border(overlap, marked):
    shapes = gpd.GeoSeries([box(0, 0, 100 + overlap, 100), box(100, 0, 100, 100)]).to_numpy()
    import numpy as np

    assert overlapping(shapes, np.array([True, True]), 0.1).tolist() == [marked, marked]


def test_a_town_with_too_many_unusable_parcels_is_refused(tmp_path):
    parcels = squares("ABCDEFGHIJ")
    parcels.loc[0, "geometry"] = None
    reading = read_town(write_town(tmp_path, parcels))
    (error,) = reading.errors
    assert (error.code, error.params["unusable"], error.params["share"]) == (
        "town.unusable",
        1,
        "10.0%",
    )


def codes(town):
    return {finding.code: finding for finding in check_town(town).findings}


def test_multipart_parcels_and_slivers_are_named(tmp_path):
    """A has a second part, B is a strip of 0.4 m."""
    parcels = squares(MANY)
    shapes = parcels.geometry.to_numpy().copy()
    shapes[0] = shapely.MultiPolygon([box(0, 0, 50, 50), box(0, 60, 50, 40)])
    shapes[1] = box(100, 0, 0.4, 100)
    found = codes(write_town(tmp_path, parcels.set_geometry(gpd.GeoSeries(shapes, crs=CRS))))
    assert found["geometry.multipart"].ids == ("A",)
    assert found["geometry.sliver"].ids == ("B",)


def test_a_narrow_hole_between_parcels_is_a_gap_but_a_street_is_none(tmp_path):
    """
    AAAB     a hole of 0.5 x 60 m between A and B: a gap
    AAAB     the 20 m wide hole between C and D: a yard or street
    """
    ring_of_gap = box(0, 0, 200, 100).difference(box(100, 20, 0.5, 60))
    ring_of_street = box(300, 0, 200, 100).difference(box(400, 20, 20, 60))
    rest = squares(MANY[4:]).translate(0, 1000)
    parcels = gpd.GeoDataFrame(
        {"id": ["A", "C", *MANY[4:]]}, geometry=[ring_of_gap, ring_of_street, *rest], crs=CRS
    )
    gap = codes(write_town(tmp_path, parcels))["geometry.gap"]
    assert (gap.measured, gap.params["area_m2"]) == (1.0, 30.0)


def test_heights_are_dropped_with_a_note(tmp_path):
    parcels = squares("AB")
    parcels = parcels.set_geometry(
        gpd.GeoSeries(shapely.force_3d(parcels.geometry.to_numpy(), 5.0), crs=CRS)
    )
    reading = read_town(write_town(tmp_path, parcels))
    assert [finding.code for finding in reading.findings] == ["geometry.z"]
    assert not reading.require().parcels.geometry.has_z.any()


def test_a_registered_area_in_another_unit_is_suspected(tmp_path):
    town = write_town(
        tmp_path, squares("AB", reg=[1.0, 1.0]), parcel_keys='area_registered = "reg"\n'
    )
    assert codes(town)["area.unit_suspected"].measured == pytest.approx(0.0001)


def test_a_registered_area_that_differs_is_named(tmp_path):
    town = write_town(
        tmp_path, squares("AB", reg=[10_000.0, 9_000.0]), parcel_keys='area_registered = "reg"\n'
    )
    found = codes(town)["area.differs"]
    assert (found.ids, found.measured) == (("B",), 0.1)


def test_parcels_outside_every_zone_and_slivers_of_zones_are_named(tmp_path):
    zones = gpd.GeoDataFrame(
        {"code": ["M", None, "N"]},
        geometry=[box(0, 0, 100, 100), box(0, 0, 10, 10), box(100, 0, 0.2, 90)],
        crs=CRS,
    )
    town = write_town(
        tmp_path,
        squares("ABC"),
        toml='[zones]\nfile = "zones.gpkg"\ncode = "code"\n',
        layers={"zones": zones},
    )
    found = codes(town)
    assert found["zone.outside"].ids == ("B", "C")
    assert found["zone.sliver"].measured == 1.0
    assert found["zone.no_code"].ids == ("row 2",)


@pytest.mark.parametrize(
    ("text", "bad"),
    [
        ("工业用地", False),
        ("Château d'Été", False),
        ("plain", False),
        ("工业".encode().decode("latin-1"), True),
        ("工业用地".encode("gbk").decode("latin-1"), True),
        ("caf\ufffd", True),
        ("Été".encode().decode("cp1252"), True),
    ],
)
def test_unreadable_text_is_recognised(tmp_path, text, bad):
    town = write_town(tmp_path, squares("AB", use=[text, "x"]), parcel_keys='land_use = "use"\n')
    assert ("text.unreadable" in codes(town)) == bad
