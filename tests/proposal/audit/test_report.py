import hashlib
import json
import math
import shutil

import pytest

from landplan import messages
from landplan.proposal.audit import audit
from landplan.proposal.audit.report import AuditReport, Check, at_least, at_most, none_of


def test_every_check_has_its_own_code_and_a_sentence_in_both_languages(written):
    checks = audit(written, town_files={}).checks
    codes = [check.code for check in checks]
    assert len(set(codes)) == len(codes)
    for check in checks:
        for language in messages.LANGUAGES:
            sentence = messages.say(check.code, check.params, language)
            assert check.code not in sentence
            assert "{" not in sentence


OF_PARTITIONS = {
    "audit.certificate.site_count",
    "audit.partition.together",
    "audit.partition.apart",
    "audit.partition.unused",
}
"""Checks that only plans of `partition` have."""


def test_no_sentence_is_left_over_and_both_languages_have_the_same(written):
    used = {check.code for check in audit(written, town_files={}).checks}
    for language in messages.LANGUAGES:
        known = {str(code) for code in messages._catalogue(language)._catalog}
        # refusals are audit.<what>, checks audit.<group>.<what>
        # those of exchanges, scenarios and closed streets: where these are audited
        checks = {code for code in known if code.startswith("audit.") and code.count(".") == 2}
        elsewhere = ("audit.exchange.", "audit.scenario.", "audit.closings.")
        of_others = {code for code in checks if code.startswith(elsewhere)}
        assert checks - of_others == (used - of_others) | OF_PARTITIONS


def test_the_report_is_plain_json_and_the_same_every_time(written):
    first, second = (audit(written).to_json() for _ in range(2))
    assert json.dumps(first, allow_nan=False) == json.dumps(second, allow_nan=False)
    assert first["passed"] is True
    assert set(first["checks"][0]) == {"code", "passed", "measured", "limit", "ids"}


def test_audit_and_times_of_the_document_are_not_read(written, tmp_path):
    folder = shutil.copytree(written, tmp_path / "copy")
    document = json.loads((folder / "proposal.json").read_text("utf-8"))
    document |= {"audit": {"passed": False, "checks": "?"}, "times": None}
    (folder / "proposal.json").write_text(json.dumps(document), "utf-8")
    assert audit(folder).to_json() == audit(written).to_json()


def test_a_report_passes_when_all_its_checks_do():
    good, bad = none_of("x", []), none_of("x", ["p1"])
    assert AuditReport((good,)).passed
    assert not AuditReport((good, bad)).passed
    assert AuditReport((good, bad)).failed == (bad,)


def test_what_is_not_a_number_never_passes():
    assert not at_most("x", [("p", math.nan)], 1.0).passed
    assert not at_least("x", [("p", math.nan)], 1.0).passed
    assert at_most("x", [("p", math.nan)], 1.0).to_json()["measured"] is None


def test_ids_are_the_offenders_and_at_most_ten():
    check = at_most("x", [("fine", 0.5), *((f"p{k}", 2.0) for k in range(20))], 1.0)
    assert check == Check("audit.x", False, 2.0, 1.0, tuple(f"p{k}" for k in range(10)))
    assert at_least("x", [("p", 0.5), ("q", 3.0)], 1.0).ids == ("p",)


@pytest.fixture
def with_town_file(written, tmp_path):
    folder = shutil.copytree(written, tmp_path / "copy")
    source = tmp_path / "parcels.gpkg"
    source.write_bytes(b"the parcels")
    document = json.loads((folder / "proposal.json").read_text("utf-8"))
    digest = hashlib.sha256(b"the parcels").hexdigest()
    document["provenance"]["files"] = [{"name": "parcels.gpkg", "sha256": digest}]
    del document["provenance"]["content_hash"]["proposal.json"]
    (folder / "proposal.json").write_text(json.dumps(document), "utf-8")
    return folder, source


def test_the_town_files_are_those_the_proposal_was_made_from(with_town_file):
    folder, source = with_town_file
    assert audit(folder, town_files={"parcels.gpkg": source}).passed
    source.write_bytes(b"the parcels!")
    report = audit(folder, town_files={"parcels.gpkg": source})
    assert [check.code for check in report.failed] == ["audit.files.town"]
    assert report.failed[0].ids == ("parcels.gpkg",)


def test_a_town_file_that_nobody_gives_or_nobody_named_fails(with_town_file):
    folder, source = with_town_file
    assert not audit(folder, town_files={}).passed
    assert not audit(folder, town_files={"parcels.gpkg": source, "more.csv": source}).passed
