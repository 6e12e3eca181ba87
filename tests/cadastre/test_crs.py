"""Coordinate systems that give wrong areas are refused, and wrong coordinates are recognised."""

import geopandas as gpd
import pytest
import shapely
from pyproj import CRS

from landplan.cadastre.crs import position_fault, working_crs
from landplan.cadastre.reading import read_town
from landplan.errors import InputError
from tests.towns import CRS as ANTING
from tests.towns import PARCELS, TOWN, squares, write_town

EASTING, NORTHING = 610_451.8, 3_463_707.9  # Anting in EPSG:4549


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("EPSG:4326", "crs.degrees"),
        ("EPSG:4490", "crs.degrees"),
        ("EPSG:3857", "crs.web_mercator"),
        ("EPSG:2264", "crs.not_metres"),
        ("EPSG:4978", "crs.not_projected"),
        ("EPSG:999999", "crs.unknown"),
    ],
)
def test_a_working_system_that_is_not_metric_is_refused(code, fault):
    with pytest.raises(InputError) as caught:
        working_crs(code, None)
    assert caught.value.code == fault


def test_a_local_system_without_a_code_is_read_from_a_file(tmp_path):
    (tmp_path / "town.wkt").write_text(CRS("EPSG:4549").to_wkt(), encoding="utf-8")
    assert working_crs(None, tmp_path / "town.wkt").is_projected


@pytest.mark.parametrize(
    ("x", "y", "fault"),
    [
        (EASTING, NORTHING, None),
        (NORTHING, EASTING, "crs.swapped_axes"),
        (40_000_000 + EASTING, NORTHING, "crs.zone_prefix"),
        (NORTHING, 40_000_000 + EASTING, "crs.swapped_axes"),
        (121.16, 31.29, "crs.degrees_in_metres"),
        (EASTING / 0.3048006096, NORTHING / 0.3048006096, "crs.us_feet"),
        (EASTING, 9_000_000.0, "crs.outside_area"),
    ],
)
def test_coordinates_that_are_not_what_their_system_says_are_recognised(x, y, fault):
    import numpy as np

    found = position_fault(np.array([[x, y]]), CRS(ANTING), "parcels")
    assert (found.code if found else None) == fault


def test_degrees_with_swapped_axes_are_recognised():
    import numpy as np

    found = position_fault(np.array([[31.29, 121.16]]), CRS("EPSG:4490"), "parcels")
    assert found is not None
    assert found.code == "crs.swapped_axes"


def error_codes(town_file):
    return [error.code for error in read_town(town_file).errors]


def test_a_layer_without_a_system_is_refused_with_a_guess(tmp_path):
    parcels = gpd.GeoDataFrame({"id": ["A"]}, geometry=[shapely.box(121.15, 31.28, 121.16, 31.29)])
    with pytest.warns(UserWarning, match="'crs' was not provided"):
        parcels.to_file(tmp_path / "parcels.gpkg")
    (tmp_path / "town.toml").write_text(TOWN + PARCELS, encoding="utf-8")
    reading = read_town(tmp_path / "town.toml")
    assert [error.code for error in reading.errors] == ["crs.missing"]
    assert reading.errors[0].params["guess"] == "EPSG:4326"


def test_a_contradiction_between_file_and_town_file_must_be_settled(tmp_path):
    town = write_town(tmp_path, squares("A"), parcel_keys='crs = "EPSG:4528"\n')
    assert error_codes(town) == ["crs.contradiction"]


def test_overruling_a_declared_system_is_a_finding(tmp_path):
    """The file says 4528 (with zone number), its numbers are those of 4549."""
    parcels = squares("A").set_crs("EPSG:4528", allow_override=True)
    town = write_town(tmp_path, parcels, parcel_keys='crs = "EPSG:4549"\ncrs_override = true\n')
    reading = read_town(town)
    assert reading.cadastre is not None
    assert [finding.code for finding in reading.findings] == ["crs.overruled"]


def test_swapped_axes_stop_the_town(tmp_path):
    parcels = squares("AB")
    parcels.geometry = shapely.transform(parcels.geometry.to_numpy(), lambda xy: xy[:, ::-1])
    town = write_town(tmp_path, parcels.set_crs(ANTING))
    assert error_codes(town) == ["crs.swapped_axes"]


def test_two_systems_meet_in_the_working_one(tmp_path):
    """Zones in lon/lat cover metric parcels exactly."""
    zones = gpd.GeoDataFrame(
        {"code": ["M1"]}, geometry=[squares("AB").union_all()], crs=ANTING
    ).to_crs("EPSG:4490")
    town = write_town(
        tmp_path,
        squares("AB"),
        toml='[zones]\nfile = "zones.gpkg"\ncode = "code"\n',
        layers={"zones": zones},
    )
    cadastre = read_town(town).require()
    assert cadastre.parcels["zone_share"].round(6).tolist() == [1.0, 1.0]
