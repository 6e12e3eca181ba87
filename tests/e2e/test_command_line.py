"""A planner's way from a town file to an audited proposal, as commands in a real shell."""

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

from landplan.cli import main
from tests.towns import squares, write_town

REQUEST = """process = "assemble"
[[demand]]
id = "plant"
area_ha = [3.0, 3.5]
"""
COST = 'cost = "price"\nvalue = "price"\nowner = "owner"\n'


class Done(NamedTuple):
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


def landplan(*words, language="en"):
    """Run the command in this process, which has the libraries loaded already."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setenv("LANDPLAN_LANG", language)
        patch.setattr(sys, "argv", ["landplan", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
    return Done(int(ended.value.code or 0), out.getvalue(), err.getvalue())


def landplan_in_a_shell(*words, language="en"):
    """Run the command as a process of its own; a traceback is never an answer."""
    done = subprocess.run(
        [sys.executable, "-m", "landplan", *map(str, words)],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "LANDPLAN_LANG": language},
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.fixture
def town(tmp_path) -> Path:
    """
    ABCD     each 1 ha; prices 1 to 8 million: the cheapest three that hang together are A, B and C
    EFGH
    """
    parcels = squares(
        "ABCD\nEFGH",
        price=[1e6, 2e6, 3e6, 4e6, 5e6, 6e6, 7e6, 8e6],
        owner=["o1", "o1", "o2", "o3", "o3", "o3", "o4", "o4"],
    )
    (tmp_path / "assemble.toml").write_text(REQUEST, encoding="utf-8")
    return write_town(tmp_path, parcels, parcel_keys=COST)


def run(town, tmp_path, *words, request="assemble.toml", out="out", language="en"):
    return landplan(
        "run", town, tmp_path / request, "--out", tmp_path / out, *words, language=language
    )


def test_the_cheapest_contiguous_site_is_found_proven_and_audited(town, tmp_path):
    done = run(town, tmp_path, "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["certificate"]["objective"] == 6_000_000
    assert document["certificate"]["status"] == "optimal"
    assert document["certificate"]["gap"] == 0
    assert document["audit"]["passed"]
    assert document["demands"] == [
        {"id": "plant", "met": True, "sites": ["plant-1"], "reason": None, "notes": []}
    ]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "proposal.json",
        "proposal.gpkg",
        "ledger.xlsx",
    }


def test_the_words_for_people_come_in_both_languages(town, tmp_path):
    english = run(town, tmp_path).stdout
    assert "plant-1: 3.00 ha (45.0 mu), 3 parcels, 2 owners, CNY 6.00 million" in english
    assert "no cheaper plan exists. This has been proven." in english
    chinese = run(town, tmp_path, language="zh", out="zh").stdout
    assert "3块地" in chinese
    assert "不存在成本更低的方案" in chinese


def test_two_runs_write_the_same_bytes_but_for_the_times(town, tmp_path):
    for out in ("one", "two"):
        words = ("run", town, tmp_path / "assemble.toml", "--out", tmp_path / out)
        assert landplan_in_a_shell(*words).returncode == 0
    first, second = (
        json.loads((tmp_path / out / "proposal.json").read_text("utf-8")) for out in ("one", "two")
    )
    assert first.pop("times")
    assert second.pop("times")
    assert first == second
    for name in ("proposal.gpkg", "ledger.xlsx"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), (
            name
        )


def test_an_audit_of_the_untouched_files_passes_also_against_the_town(town, tmp_path):
    run(town, tmp_path)
    done = landplan("audit", tmp_path / "out", "--town", town)
    assert done.returncode == 0, done.stdout
    assert "✗" not in done.stdout


def test_an_audit_catches_a_changed_price(town, tmp_path):
    run(town, tmp_path)
    path = tmp_path / "out" / "proposal.json"
    path.write_text(path.read_text("utf-8").replace("6000000", "5999999"), encoding="utf-8")
    done = landplan("audit", tmp_path / "out")
    assert done.returncode == 4
    assert "✗" in done.stdout


def test_a_town_that_changed_after_the_proposal_fails_the_audit_against_it(town, tmp_path):
    run(town, tmp_path)
    squares("ABCD\nEFGH", price=[9e6] * 8, owner=["o"] * 8).to_file(tmp_path / "parcels.gpkg")
    assert landplan("audit", tmp_path / "out", "--town", town).returncode == 4


def test_an_audit_of_no_proposal_is_refused_in_a_sentence(tmp_path):
    done = landplan("audit", tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_mistake_in_the_request_names_the_nearest_word(town, tmp_path):
    (tmp_path / "bad.toml").write_text(
        REQUEST + 'max_bridge = 1\nnever = ["AA"]\n', encoding="utf-8"
    )
    done = run(town, tmp_path, request="bad.toml")
    assert done.returncode == 2
    assert (
        "“demand[1].max_bridge” is not known; the nearest known key is “max_bridges”" in done.stderr
    )
    (tmp_path / "bad.toml").write_text(REQUEST + 'never = ["AA", "Z"]\n', encoding="utf-8")
    done = run(town, tmp_path, request="bad.toml")
    assert done.returncode == 2
    assert "the nearest id is “A”" in done.stderr
    assert "2 faults were found." in done.stderr
    assert not (tmp_path / "out").exists()


def test_an_impossible_demand_says_why_in_numbers(town, tmp_path):
    (tmp_path / "big.toml").write_text(
        REQUEST.replace("[3.0, 3.5]", "[20.0, 26.0]"), encoding="utf-8"
    )
    done = run(town, tmp_path, request="big.toml")
    assert done.returncode == 3
    assert (
        "Under the rules no contiguous land is larger than 8 ha; 20 ha are asked for."
        in done.stdout
    )
    document = json.loads((tmp_path / "out" / "proposal.json").read_text("utf-8"))
    assert document["certificate"]["status"] == "infeasible"
    assert document["audit"]["passed"]


def test_a_partial_plan_is_allowed_where_the_request_says_so(town, tmp_path):
    big = (
        REQUEST.replace("[[demand]]", "partial = true\n[[demand]]")
        + '[[demand]]\nid = "big"\narea_ha = [20.0, 26.0]\n'
    )
    (tmp_path / "both.toml").write_text(big, encoding="utf-8")
    done = run(town, tmp_path, request="both.toml", out="both")
    assert done.returncode == 0, done.stderr
    document = json.loads((tmp_path / "both" / "proposal.json").read_text("utf-8"))
    assert [demand["met"] for demand in document["demands"]] == [True, False]
    (tmp_path / "both.toml").write_text(big.replace("partial = true\n", ""), encoding="utf-8")
    assert run(town, tmp_path, request="both.toml", out="both2").returncode == 3


def test_a_locked_parcel_that_breaks_a_rule_is_named(town, tmp_path):
    (tmp_path / "lock.toml").write_text(
        REQUEST + 'must = ["H"]\nnever_owners = ["o4"]\n', encoding="utf-8"
    )
    done = run(town, tmp_path, request="lock.toml")
    assert done.returncode == 3
    assert "The locked parcels H cannot be used: H: never_owner" in done.stdout


def test_a_parcel_that_meets_the_demand_alone_is_said_first(town, tmp_path):
    (tmp_path / "small.toml").write_text(
        REQUEST.replace("[3.0, 3.5]", "[1.0, 2.0]") + "min_parcels = 2\n", encoding="utf-8"
    )
    first = run(town, tmp_path, request="small.toml").stdout.splitlines()[0]
    assert first.startswith("Demand plant: 8 parcels meet the area, uses and zones each by itself")


def test_land_of_the_acquirer_costs_nothing(town, tmp_path):
    """With o3's D, E and F free, F joins them to the cheaper north.

    D-C-B-A is no rival of E-F-A.
    """
    text = (
        'acquirer_owners = ["o3"]\n'.join(REQUEST.split("[[demand]]", 1)[:1])
        + 'acquirer_owners = ["o3"]\n[[demand]]'
        + REQUEST.split("[[demand]]", 1)[1]
    )
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    done = run(town, tmp_path, "--json", request="own.toml")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["certificate"]["objective"] == 1_000_000


def test_check_reports_and_tells_towns_that_cannot_be_used(town, tmp_path):
    assert landplan("check", town).returncode == 0
    town.write_text(town.read_text().replace("EPSG:4549", "EPSG:3857"))
    done = landplan("check", town, "--json")
    assert done.returncode == 1
    assert [error["code"] for error in json.loads(done.stdout)["errors"]] == ["crs.web_mercator"]
    assert run(town, tmp_path).returncode == 2
    town.write_text("format = ")
    assert landplan("check", town).returncode == 2


def test_help_needs_no_heavy_library():
    """`landplan --help` must be instant."""
    heavy = {"geopandas", "numba", "pandas", "scipy", "pydantic"}
    text = f"import sys, landplan.cli; print({heavy} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", text], text=True).strip() == "set()"


def test_only_four_drivers_are_left_to_gdal():
    text = "import landplan.cadastre, pyogrio; print(sorted(pyogrio.list_drivers()))"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['ESRI Shapefile', 'GPKG', 'GeoJSON', 'TopoJSON']"
    assert done.stderr == ""
