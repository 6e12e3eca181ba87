"""`partition` from files to files: sites, certificate, reasons, audit."""

import json
import shutil

import geopandas as gpd
import pytest

from landplan.errors import ManyErrors
from landplan.messages import LANGUAGES, has, say
from landplan.planning.answer import answer
from landplan.planning.assemble.words import request_words
from landplan.planning.partition.request import PartitionRequest
from landplan.planning.partition.why import left_out
from landplan.planning.report import lines
from landplan.proposal.audit import audit
from landplan.proposal.certificate import certificate_sentence, certificate_short
from landplan.proposal.proposal import Proposal
from landplan.proposal.redaction import public_document
from tests.towns import squares, write_town

KEYS = """
cost = "cost"
value = "value"
street = { column = "use", values = ["street"] }
land_use = "use"
"""

PICTURE = """
abcdSij
efghSkl
"""
"""Eight parcels of 1 ha on one side of a street, four on the other."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("town")
    parcels = squares(PICTURE.replace("S", " "))
    parcels["cost"] = [100.0 + 10 * number for number in range(len(parcels))]
    parcels["value"] = 50.0
    parcels["use"] = "field"
    return write_town(folder, parcels, parcel_keys=KEYS)


def run(town, tmp_path, rest: str, area: str = "[3, 1000000]") -> Proposal:
    request = tmp_path / "partition.toml"
    head, _, locks = rest.partition("[[lock]]")
    locks = f"[[lock]]{locks}" if locks else ""
    request.write_text(
        f'process = "partition"\n{head}\n[[demand]]\narea_ha = {area}\n{locks}', "utf-8"
    )
    return answer(town, request, tmp_path / "out")


def groups(proposal: Proposal) -> set[str]:
    """The parcels of every site as one text."""
    inside = proposal.parcels[proposal.parcels["site_id"].notna()]
    return {"".join(sorted(rows)) for _, rows in inside.groupby("site_id")["parcel_id"]}


def checks(proposal: Proposal) -> set[str]:
    assert proposal.audit is not None
    return {check["code"] for check in proposal.audit["checks"] if not check["passed"]}


def test_the_land_gives_as_many_sites_as_is_proven_and_every_parcel_has_a_place(town, tmp_path):
    proposal = run(town, tmp_path, "")
    certificate = proposal.certificate
    # 8 ha give two sites of 3 ha, 4 ha give one
    assert (certificate.objective, certificate.bound, certificate.sense) == (3.0, 3.0, "max")
    assert certificate.status == "optimal"
    assert len(proposal.sites) == 3
    assert proposal.parcels["site_id"].notna().all()
    assert checks(proposal) == set()
    assert {site.split("-")[0] for site in proposal.sites["site_id"]} == {"site"}


def test_a_largest_area_leaves_land_over_and_says_so(town, tmp_path):
    proposal = run(town, tmp_path, "", "[3, 3]")
    assert len(proposal.sites) == 3
    rules = proposal.exclusions.set_index("parcel_id")["rule"]
    assert (rules == "partition.left_over").all()
    assert len(rules) == 3
    assert checks(proposal) == set()


def test_land_that_is_too_small_is_named_with_its_measure_and_limit(town, tmp_path):
    proposal = run(town, tmp_path, "", "[5, 1000000]")
    assert len(proposal.sites) == 1
    row = proposal.exclusions[proposal.exclusions["rule"] == "partition.piece_too_small"]
    assert sorted(row["parcel_id"]) == ["i", "j", "k", "l"]
    assert set(row["measured"]) == {40_000.0}
    assert set(row["limit"]) == {50_000.0}
    reasons = left_out(proposal)
    assert [one.parcel_id for one in reasons] == ["i", "j", "k", "l"]
    assert all(reason.text("en") for one in reasons for reason in one.reasons)


def test_locks_keep_parcels_together_and_apart(town, tmp_path):
    locks = """
[[lock]]
kind = "together"
parcels = ["a", "d"]

[[lock]]
kind = "apart"
parcels = ["b", "f"]
"""
    proposal = run(town, tmp_path, locks)
    site = proposal.parcels.set_index("parcel_id")["site_id"]
    assert site["a"] == site["d"]
    assert site["b"] != site["f"]
    assert checks(proposal) == set()


def test_a_group_that_no_site_can_hold_stays_out_with_its_reason(town, tmp_path):
    locks = '[[lock]]\nkind = "together"\nparcels = ["a", "l"]\n'
    proposal = run(town, tmp_path, locks)
    rules = proposal.exclusions.set_index("parcel_id")["rule"]
    assert rules["a"] == rules["l"] == "partition.group"
    assert len(proposal.sites) == 3


def test_no_more_sites_than_wanted(town, tmp_path):
    request = tmp_path / "r.toml"
    request.write_text(
        'process = "partition"\nprefer = "compact"\n'
        "[[demand]]\narea_mu = [30, 1000000]\ncount = 2\n",
        "utf-8",
    )
    proposal = answer(town, request, tmp_path / "out")
    assert proposal.certificate.objective == proposal.certificate.bound == 2.0
    assert proposal.parcels["site_id"].notna().all() or len(proposal.exclusions)
    assert checks(proposal) == set()


def test_sites_may_lie_on_both_sides_of_a_street_where_that_is_allowed(town, tmp_path):
    bridge = "[bridge]\nacross_streets = true\nmax_width_m = 150\n"
    proposal = run(town, tmp_path, bridge, "[6, 1000000]")
    assert proposal.certificate.objective == proposal.certificate.bound == 2.0
    assert len(proposal.bridges) > 0
    assert checks(proposal) == set()


def test_where_no_site_fits_the_demand_says_why(town, tmp_path):
    proposal = run(town, tmp_path, "", "[9, 1000000]")
    assert proposal.certificate.status == "infeasible"
    assert proposal.demands[0].reason == {
        "code": "unmet.too_small",
        "params": {"largest_ha": 8.0, "area_min_ha": 9.0},
    }
    assert checks(proposal) == set()


def test_the_same_question_gets_the_same_bytes(town, tmp_path):
    texts = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        run(town, tmp_path / name, "")
        document = json.loads((tmp_path / name / "out" / "proposal.json").read_text("utf-8"))
        del document["times"]
        texts.append(json.dumps(document, sort_keys=True))
    assert texts[0] == texts[1]


def test_unknown_names_are_refused_all_at_once(town, tmp_path):
    with pytest.raises(ManyErrors) as caught:
        run(town, tmp_path, 'attributes = ["prise"]\n[[lock]]\nparcels = ["zz", "a"]\n')
    codes = [error.code for error in caught.value.errors]
    assert codes == ["request.unknown_parcel", "request.unknown_attribute"]


@pytest.mark.parametrize(
    ("locks", "code"),
    [
        ([("together", ["a", "b"]), ("together", ["b", "c"])], "lock.together_twice"),
        ([("together", ["a", "b", "c"]), ("apart", ["a", "c"])], "lock.together_and_apart"),
    ],
)
def test_locks_that_contradict_each_other_are_refused(locks, code):
    with pytest.raises(ValueError, match=code):
        PartitionRequest(
            process="partition",
            demand=[{"area_ha": [1, 2]}],
            lock=[{"kind": kind, "parcels": ids} for kind, ids in locks],
        )


def test_a_canonical_request_can_be_asked_again(town, tmp_path):
    canonical = run(town, tmp_path, 'prefer = "compact"\n').request
    assert PartitionRequest.model_validate(canonical).canonical() == canonical


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_is_said_in_both_languages(town, tmp_path, language):
    proposal = run(town, tmp_path, '[[lock]]\nkind = "apart"\nparcels = ["a", "b"]\n')
    spoken = [
        *lines(proposal, lambda code, **params: say(code, params, language), language),
        *request_words(proposal.request, proposal.town, language),
        *request_words(
            public_document(json.loads(_text(tmp_path)))["request"],
            proposal.town,
            language,
            public=True,
        ),
        certificate_sentence(proposal.certificate, language),
        certificate_short(proposal.certificate, language),
    ]
    assert all("partition." not in sentence and "{" not in sentence for sentence in spoken)
    for rule in ("piece_too_small", "group", "left_over"):
        assert has(f"rule.partition.{rule}", language)


def _text(folder) -> str:
    return (folder / "out" / "proposal.json").read_text("utf-8")


def test_the_audit_finds_what_was_changed_by_hand(town, tmp_path):
    locks = '[[lock]]\nkind = "apart"\nparcels = ["a", "h"]\n'
    proposal = run(town, tmp_path, locks)
    folder = shutil.copytree(tmp_path / "out", tmp_path / "changed")
    parcels = gpd.read_file(folder / "proposal.gpkg", layer="parcels")
    site = parcels.set_index("parcel_id")["site_id"]
    # two groups trade places: locks break, sites lie about their ground
    parcels.loc[parcels["parcel_id"] == "a", "site_id"] = site["h"]
    parcels.loc[parcels["parcel_id"] == "h", "site_id"] = site["h"]
    parcels.loc[parcels["parcel_id"] == "i", "site_id"] = None
    parcels.to_file(folder / "proposal.gpkg", layer="parcels")
    document = json.loads((folder / "proposal.json").read_text("utf-8"))
    document["certificate"]["objective"] = 7.0
    (folder / "proposal.json").write_text(json.dumps(document), "utf-8")
    failed = {check.code for check in audit(folder).failed}
    assert {"audit.partition.apart", "audit.partition.unused"} <= failed
    assert {"audit.certificate.site_count", "audit.sites.members"} <= failed
    assert proposal.audit is not None
    assert proposal.audit["passed"]
