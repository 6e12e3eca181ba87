"""The requests that towns really asked, answered on their real cadastres."""

import json
import subprocess
import sys

import pytest

from landplan.planning.answer import answer

pytestmark = pytest.mark.real_data

TOWNS = ("cambridge", "forest_city_west", "gennes")


@pytest.fixture(scope="module")
def requests_folder(real_data):
    folder = real_data.parent / "requests"
    if not folder.is_dir():
        pytest.skip(f"no requests beside the real cadastres ({folder.name})")
    return folder


@pytest.mark.parametrize("name", TOWNS)
def test_the_request_is_met_within_one_percent_and_passes_the_audit(
    name, requests_folder, tmp_path
):
    folder = requests_folder / name
    proposal = answer(folder / "town.toml", folder / "assemble.toml", tmp_path / "out")
    assert all(demand.met for demand in proposal.demands)
    assert proposal.certificate.gap is not None
    assert proposal.certificate.gap <= 0.01
    assert proposal.audit["passed"], [c for c in proposal.audit["checks"] if not c["passed"]]


def test_two_processes_write_the_same_bytes_also_where_the_work_limit_is_hit(
    requests_folder, tmp_path
):
    """Forest City has one price for all land: thousands of sites within a hair of each other."""
    folder = requests_folder / "forest_city_west"
    documents = []
    for out in ("one", "two"):
        words = ["run", folder / "town.toml", folder / "assemble.toml", "--out", tmp_path / out]
        subprocess.run(
            [sys.executable, "-m", "landplan", *map(str, words)], check=True, capture_output=True
        )
        document = json.loads((tmp_path / out / "proposal.json").read_text("utf-8"))
        del document["times"]
        documents.append(document)
    assert documents[0] == documents[1]
    assert documents[0]["certificate"]["limit_hit"]
    for name in ("proposal.gpkg", "ledger.xlsx"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
