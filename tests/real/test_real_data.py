"""Every trap of the real cadastres, on the real files.

Numbers that rest on columns are exact; those that rest on computed geometry leave room for
another version of GEOS or PROJ.
"""

from pathlib import Path

import numpy as np
import pytest
import shapely

from landplan.cadastre.crs import working_crs
from landplan.cadastre.draft import draft_town
from landplan.cadastre.draft.encodings import guess_encoding
from landplan.cadastre.reading import read_town
from landplan.cadastre.sniff import sniff
from landplan.errors import InputError, ManyErrors

pytestmark = pytest.mark.real_data


# --- Cambridge ---------------------------------------------------------------------------------


def test_cambridge_drafts_into_a_usable_town_without_an_edit(cambridge) -> None:
    parcels = cambridge.file["parcels"]
    assert Path(parcels["file"]).name == "ASSESSING_ParcelsFY2014.topojson"
    assert parcels["id"] == "ML"
    (join,) = parcels["join"]
    assert Path(join["file"]).name == "TaxFY14.csv"
    assert join["key"] == {"parcels": "ML", "table": "ML"}
    assert Path(cambridge.file["zones"]["file"]).name == "CDD_ZoningDistricts.geojson"
    assert cambridge.file["zones"]["code"] == "ZONE_TYPE"
    assert Path(cambridge.file["roads"]["file"]).name == "TRANS_Centerlines.geojson"
    assert cambridge.file["restrictions"]["kind"] == {"constant": "rail"}
    assert len(cambridge.cadastre.parcels) == 13_116


def test_cambridge_has_no_crs_and_is_refused_until_one_is_stated(
    cambridge, real_data, tmp_path
) -> None:
    assert cambridge.file["parcels"]["crs"] == "EPSG:4326"
    assert cambridge.file["town"]["crs"] == "EPSG:26986"
    text = draft_town(sorted(real_data.glob("cambridge_ma/ASSESSING*2014*")), tmp_path).text
    (tmp_path / "town.toml").write_text(text.replace('crs = "EPSG:4326"\n', ""), encoding="utf-8")
    (error,) = read_town(tmp_path / "town.toml").errors
    assert (error.code, error.params["guess"]) == ("crs.missing", "EPSG:4326")


def test_cambridge_has_invalid_and_empty_shapes(cambridge) -> None:
    assert 30 <= cambridge.count("geometry.invalid") <= 40
    assert cambridge.count("geometry.empty") == 1


def test_cambridge_repeats_its_map_lots(cambridge) -> None:
    ids = cambridge.cadastre.parcels["parcel_id"]
    assert ids.is_unique
    assert int(ids.str.contains("#").sum()) == 80
    assert cambridge.count("id.duplicate") + cambridge.count("id.missing") == 94


def test_cambridge_draws_its_streets_as_parcels_with_the_blocks_as_holes(cambridge) -> None:
    assert cambridge.file["parcels"]["street_when_unjoined"] is True
    parcels = cambridge.cadastre.parcels
    streets = parcels.geometry[parcels["street"]].to_numpy()
    assert cambridge.count("street.unjoined") == len(streets) == 134
    assert shapely.get_num_interior_rings(shapely.get_parts(streets)).max() > 300


def test_cambridge_parcels_overlap(cambridge) -> None:
    assert 15 <= cambridge.count("geometry.overlap") <= 35


def test_cambridge_condominiums_have_many_tax_rows_per_parcel(cambridge) -> None:
    assert cambridge.count("join.several_rows") == 2165
    combine = {
        name: column["combine"]
        for name, column in cambridge.file["parcels"]["join"][0]["columns"].items()
    }
    assert combine["TotalAppraisedParcelValue"] == "sum"
    assert combine["UseDescription"] == "most_frequent"
    assert cambridge.count("join.row_without_parcel") == 46


def test_cambridge_registers_areas_in_square_feet(cambridge) -> None:
    assert cambridge.file["parcels"]["area_registered"]["unit"] == "ft2"
    parcels = cambridge.cadastre.parcels
    ratio = parcels["area_registered_m2"] / parcels["area_m2"].where(parcels["area_m2"] > 0)
    assert float(np.nanmedian(ratio)) == pytest.approx(1.0, abs=0.02)


def test_cambridge_road_surfaces_are_partly_invalid(real_data, tmp_path) -> None:
    """Used as roads instead of the centre lines, 12 of them are reported and drawn repaired."""
    files = [
        real_data / "cambridge_ma" / name
        for name in ("ASSESSING_ParcelsFY2014.topojson", "BASEMAP_Roads.topojson")
    ]
    (tmp_path / "town.toml").write_text(draft_town(files, tmp_path).text, encoding="utf-8")
    reading = read_town(tmp_path / "town.toml")
    found = {finding.code: finding for finding in reading.findings if finding.layer == "roads"}
    assert found["layer.invalid_geometry"].measured == pytest.approx(12, abs=3)
    assert len(reading.require().roads) == 205


def test_cambridge_of_two_years_differs_by_real_splits_and_merges(drafted, cambridge) -> None:
    before = drafted("cambridge_ma/ASSESSING_ParcelsFY2013.topojson").cadastre.parcels
    after = set(cambridge.cadastre.parcels["parcel_id"])
    assert len(before) == 13_159
    assert len(after - set(before["parcel_id"])) > 50


# --- Forest City -------------------------------------------------------------------------------


def test_forest_city_meets_degrees_and_feet_in_metres(forest_city) -> None:
    assert forest_city.file["town"]["crs"] == "EPSG:32119"
    west, south, east, north = forest_city.cadastre.parcels.total_bounds
    zones = forest_city.cadastre.zones.total_bounds
    assert shapely.box(west, south, east, north).intersects(shapely.box(*zones))
    assert float((forest_city.cadastre.parcels["zone_share"] > 0.5).mean()) > 0.7


def test_forest_city_zones_are_mostly_slivers(forest_city) -> None:
    assert forest_city.count("zone.sliver", "zones") / len(forest_city.cadastre.zones) > 0.7
    assert forest_city.count("zone.no_code", "zones") == 182


def test_forest_city_repeats_a_parcel_number(forest_city) -> None:
    assert forest_city.file["parcels"]["id"] == "PIN"
    assert forest_city.findings["id.duplicate", "parcels"].ids == ("1539669250", "1539669250#2")


def test_forest_city_misspells_a_zone_and_it_stays_a_use_of_its_own(forest_city) -> None:
    uses = set(forest_city.cadastre.parcels["land_use"].dropna())
    assert {"ETJ - MANUFACTORING", "MANUFACTURING"} <= uses


def test_forest_city_has_no_amounts_and_none_is_invented(forest_city) -> None:
    assert {"value", "cost", "area_registered"}.isdisjoint(forest_city.file["parcels"])
    assert {("cost.none", "parcels"), ("value.none", "parcels")} <= set(forest_city.findings)
    assert {"draft.cost_missing", "draft.value_missing"} <= {
        n.code for n in forest_city.draft.notes
    }


def test_forest_city_owners_hold_several_parcels(forest_city) -> None:
    assert forest_city.cadastre.parcels["owner_id"].nunique() == 2348


# --- Gennes and Montfaucon ---------------------------------------------------------------------


def test_gennes_composes_its_parcel_id(gennes) -> None:
    assert gennes.file["parcels"]["id"] == ["CODE_COM", "SECTION", "NUMERO"]
    assert gennes.cadastre.parcels["parcel_id"].is_unique
    assert gennes.count("id.duplicate") == 0


def test_gennes_roads_and_buildings_carry_heights(gennes) -> None:
    assert gennes.count("geometry.z", "roads") == 182
    assert gennes.count("geometry.z", "buildings") == 325
    assert not shapely.has_z(gennes.cadastre.roads.geometry.to_numpy()).any()


def test_gennes_has_one_empty_zone(gennes) -> None:
    assert gennes.count("layer.empty_geometry", "zones") == 1
    assert len(gennes.cadastre.zones) == 25


# --- Changhua ----------------------------------------------------------------------------------


def test_changhua_sheets_become_one_layer_with_chinese_columns(changhua) -> None:
    assert len(changhua.file["parcels"]["file"]) == 13
    assert changhua.file["parcels"]["land_use"] == "使用分"
    assert len(changhua.cadastre.parcels) == 2933
    assert "draft.parcels_unnamed" in {note.code for note in changhua.draft.notes}


def test_changhua_text_is_readable(changhua) -> None:
    assert ("text.unreadable", "parcels") not in changhua.findings
    assert "住宅區" in set(changhua.cadastre.parcels["land_use"])


def test_changhua_draws_roads_as_zone_polygons(changhua) -> None:
    assert "道路用地" in changhua.file["parcels"]["street"]["values"]
    assert int(changhua.cadastre.parcels["street"].sum()) > 300


def test_changhua_columns_without_a_value_are_not_mapped(changhua) -> None:
    """Coverage and floor-area ratio (建蔽率, 容積率) are empty in all 13 files."""
    mapped = str(changhua.file)
    assert "建蔽率" not in mapped
    assert "容積率" not in mapped


# --- Prague ------------------------------------------------------------------------------------


def test_bubenec_is_drawn_in_web_mercator_and_measured_in_metres(bubenec) -> None:
    """At 50° N, Web Mercator shows 2.43 times the ground."""
    assert bubenec.file["town"]["crs"] == "EPSG:5514"
    assert len(bubenec.cadastre.parcels) == 407
    assert float(bubenec.cadastre.parcels["area_m2"].sum()) == pytest.approx(278_887, rel=1e-3)


def test_web_mercator_is_refused_as_a_working_crs() -> None:
    with pytest.raises(InputError) as caught:
        working_crs("EPSG:3857", None)
    assert caught.value.code == "crs.web_mercator"


# --- Formats and encodings ---------------------------------------------------------------------


@pytest.mark.parametrize("pattern", ["edigeo_fr/*.tar.bz2", "helsinki_osm/*.pbf"])
def test_formats_of_other_trades_are_refused_in_a_sentence(real_data, pattern) -> None:
    for path in real_data.glob(pattern):
        with pytest.raises(InputError) as caught:
            sniff(path)
        assert caught.value.code == "file.format_unknown"


@pytest.mark.parametrize(
    ("name", "encoding", "text"), [("gbk", "GBK", "简体国语"), ("big5", "Big5", "繁體國語")]
)
def test_tables_without_a_code_page_are_told_apart(real_data, name, encoding, text) -> None:
    raw = (real_data / f"encodings/test/data/dbf/{name}.dbf").read_bytes()
    values = raw[int.from_bytes(raw[8:10], "little") :]
    assert guess_encoding(values) == encoding
    assert text in values.decode(encoding)


def test_a_code_page_or_language_byte_settles_the_encoding(real_data, tmp_path) -> None:
    """Points only: the two shapefiles can be read, but make no town."""
    folder = real_data / "encodings/test/data/dbf"
    files = [folder / "cpg/big5.shp", folder / "ldid/chinese.shp"]
    assert [sniff(path) for path in files] == ["shapefile", "shapefile"]
    with pytest.raises(InputError) as caught:
        draft_town(files, tmp_path)
    assert caught.value.code == "draft.no_parcels"


@pytest.mark.parametrize("part", [".shp", ".dbf"])
def test_a_real_shapefile_cut_off_is_refused(real_data, tmp_path, part) -> None:
    folder = real_data / "encodings/test/data/issues/518_519_shp_reading"
    for source in folder.glob("max_callstack_error.*"):
        content = source.read_bytes()
        cut = content[:-200] if source.suffix == part else content
        (tmp_path / source.name).write_bytes(cut)
    with pytest.raises(ManyErrors) as caught:
        draft_town([tmp_path / "max_callstack_error.shp"], tmp_path)
    assert [error.code for error in caught.value.errors] == ["file.truncated"]
