"""The plots of Prague that the package momepy ships: real land in every clone."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from landplan.cadastre.adjacency import build_adjacency
from landplan.cadastre.check import check_town
from landplan.planning.answer import answer

TOWN_FILE = """format = 1
[town]
name = "Bubeneč"
crs = "EPSG:5514"
currency = "CZK"
[parcels]
file = "{file}"
layer = "plots"
id = "ID"
cost = {{ constant = 9000.0, unit = "per_m2" }}
[roads]
file = "{file}"
layer = "streets"
"""

REQUEST = """process = "assemble"
[bridge]
max_width_m = 25
[[demand]]
id = "yard"
area_ha = [1.0, 1.2]
max_bridges = 1
min_parcels = 5
"""


@pytest.fixture
def town(tmp_path) -> Path:
    package = find_spec("momepy")
    assert package is not None
    assert package.submodule_search_locations
    layers = Path(package.submodule_search_locations[0]) / "datasets" / "bubenec.gpkg"
    path = tmp_path / "town.toml"
    path.write_text(TOWN_FILE.format(file=layers), encoding="utf-8")
    (tmp_path / "assemble.toml").write_text(REQUEST, encoding="utf-8")
    return path


def test_the_plots_of_prague_are_a_usable_town(town):
    reading = check_town(town)
    assert len(reading.require().parcels) == 407
    assert {finding.code for finding in reading.findings} == {
        "assumption.constant",
        "geometry.sliver",
        "value.none",
    }


def test_web_mercator_is_no_working_system_for_them(town):
    """The layer comes in EPSG:3857, where plots at 50° N measure 2.4 times their area."""
    town.write_text(town.read_text("utf-8").replace("EPSG:5514", "EPSG:3857"), encoding="utf-8")
    assert [error.code for error in check_town(town).errors] == ["crs.web_mercator"]


def test_neighbours_in_a_block_border_each_other(town):
    parcels = check_town(town).require().parcels
    adjacency = build_adjacency(parcels, 0.1, 1.0)
    assert len(adjacency.pairs) > 400
    assert (adjacency.length_m >= 1.0).all()


def test_a_site_of_prague_is_proven_and_passes_the_audit(town, tmp_path):
    """Prices are one constant per m²: no site can cost less than the least area."""
    proposal = answer(town, tmp_path / "assemble.toml", tmp_path / "out")
    certificate = proposal.certificate
    assert certificate.gap is not None
    assert certificate.gap <= 0.001
    assert certificate.objective >= 10_000 * 9000.0
    assert proposal.sites["parcel_count"].iloc[0] >= 5
    assert proposal.audit["passed"]
    assert proposal.assumptions[0]["code"] == "assumption.constant"
