"""Every key is checked, and every fault is named at once."""

import pytest

from landplan.cadastre.townfile import read_town_file
from landplan.errors import ManyErrors
from tests.towns import PARCELS, TOWN


def faults(tmp_path, text):
    path = tmp_path / "town.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ManyErrors) as caught:
        read_town_file(path)
    return [(error.code, error.params) for error in caught.value.errors]


def test_an_unknown_key_names_the_nearest_known_one(tmp_path):
    ((code, params),) = faults(tmp_path, TOWN + PARCELS + 'ownr = "QLR"\n')
    assert (code, params["key"], params["nearest"]) == ("key.unknown", "parcels.ownr", "owner")


def test_all_faults_are_reported_together(tmp_path):
    town = 'format = 1\n[town]\nname = "A"\ncurrency = "CNY"\n'
    text = town + '[parcels]\nfile = "p.gpkg"\n[zoness]\nfile = "z"\n'
    codes = {code for code, _ in faults(tmp_path, text)}
    assert codes == {"town.one_crs", "key.missing", "key.unknown"}


def test_a_column_and_a_constant_together_are_refused(tmp_path):
    ((code, params),) = faults(
        tmp_path, TOWN + PARCELS + 'cost = { column = "c", constant = 1.0 }\n'
    )
    assert (code, params["key"]) == ("column.one_source", "parcels.cost")


def test_an_unknown_scheme_names_the_nearest(tmp_path):
    text = TOWN + PARCELS + 'land_use = { column = "DLBM", scheme = "gb21011", edition = "2017" }\n'
    ((code, params),) = faults(tmp_path, text)
    assert code == "codes.scheme_unknown"
    assert params["nearest"] == "gb21010"


def test_another_format_is_refused(tmp_path):
    ((code, params),) = faults(tmp_path, "format = 2\n")
    assert (code, params["format"]) == ("town.format", "2")


def test_streets_without_a_join_cannot_be_found_by_it(tmp_path):
    ((code, _),) = faults(tmp_path, TOWN + PARCELS + "street_when_unjoined = true\n")
    assert code == "street.no_join"


@pytest.mark.parametrize(("unit", "word"), [("acres", "unit"), ("km2", "unit")])
def test_an_unknown_unit_is_refused(tmp_path, unit, word):
    ((code, params),) = faults(
        tmp_path, TOWN + PARCELS + f'area_registered = {{ column = "a", unit = "{unit}" }}\n'
    )
    assert code == "key.invalid"
    assert word in params["key"]


def test_short_forms_are_understood(tmp_path):
    path = tmp_path / "town.toml"
    path.write_text(
        TOWN + '[parcels]\nfile = "p.gpkg"\nid = ["a", "b"]\ncost = "c"\n', encoding="utf-8"
    )
    town = read_town_file(path)
    assert town.parcels.id.columns == ["a", "b"]
    assert town.parcels.cost.unit == "total"
