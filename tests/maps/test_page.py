"""The page: vendored files as they came, nonces, no outside address, everything escaped."""

import hashlib
import re
import tomllib

import pytest

from landplan.cadastre.reading import read_town
from landplan.errors import InputError
from maps.__main__ import main
from maps.export import write_map
from maps.page import SCRIPTS, STATIC, STYLES, data_script, map_page, map_parts
from maps.view import dataset_view, proposal_view
from tests.maps.plans import IMAGE, hostile, many, plan
from tests.towns import squares, write_town

VENDORED = tomllib.loads((STATIC / "VENDOR.toml").read_text("utf-8"))["file"]


@pytest.mark.parametrize("entry", VENDORED, ids=lambda entry: entry["path"])
def test_vendored_files_are_the_ones_listed(entry):
    digest = hashlib.sha256((STATIC / entry["path"]).read_bytes()).hexdigest()
    assert digest == entry["sha256"]
    assert entry["name"]
    assert entry["version"]
    assert entry["licence"]


def test_nothing_lies_among_the_assets_unlisted():
    listed = {entry["path"] for entry in VENDORED}
    found = {str(path.relative_to(STATIC)) for path in STATIC.rglob("*") if path.is_file()}
    own = {name for name in found if name.startswith("landplan-map")} | {"VENDOR.toml"}
    assert found == listed | own
    assert set(SCRIPTS) | set(STYLES) <= found
    assert any(path.endswith("LICENSE") for path in listed)


def test_a_page_calls_no_other_host():
    page = map_page(proposal_view(plan(), language="en", url="/d"), assets="/assets")
    addresses = re.findall(r"""(?:src|href|action)=["']([^"']*)""", page)
    assert addresses
    assert not [one for one in addresses if "//" in one]


def test_every_inline_script_and_style_has_the_nonce():
    page = map_page(proposal_view(plan(), language="en", url="/d"), assets="/a", nonce="N0nce")
    inline = re.findall(r"<(?:script|style)(?![^>]*\bsrc=)([^>]*)>", page)
    assert len(inline) >= 3
    for attributes in inline:
        assert 'nonce="N0nce"' in attributes or 'type="application/json"' in attributes


def test_the_parts_carry_no_frame_of_a_page():
    parts = map_parts(proposal_view(plan(), language="en", url="/d"), assets="/a")
    whole = parts.head + parts.body + parts.script
    assert not re.search(r"<(html|head|body|title|meta)\b", whole)
    assert 'id="map_landplan"' in parts.body


def test_the_same_view_gives_the_same_page():
    def page():
        return map_page(proposal_view(plan(), language="zh", url="/d"), assets="/a", nonce="n")

    assert page() == page()


def test_a_page_is_small_before_its_data():
    view = proposal_view(many(100, 10), language="en", url="/d")
    page = len(map_page(view, assets="/a").encode())
    assets = sum((STATIC / name).stat().st_size for name in (*SCRIPTS, *STYLES))
    assert page + assets < 300_000


@pytest.mark.parametrize("language", ["en", "zh"])
def test_hostile_names_stay_text_in_the_page_and_in_its_data(language):
    view = proposal_view(hostile(), language=language, role="planner", url="/d")
    page, data = map_page(view, assets="/a"), data_script(view)
    for text in (page, data):
        assert "<img" not in text
        assert "</script><script>window.hacked" not in text
    assert "{{ 7 * 7 }}" in page
    assert "49" not in re.search("<title>(.*)</title>", page).group(1)


def test_the_page_says_its_language_and_its_title():
    page = map_page(proposal_view(plan(), language="zh", url="/d"), assets="/a")
    assert '<html lang="zh-CN">' in page
    assert "<title>整车厂 · landplan</title>" in page


def test_data_by_address_needs_the_address():
    with pytest.raises(ValueError, match="url"):
        map_page(proposal_view(plan(), language="en"), assets="/a")


def test_a_link_back_and_the_date_stand_on_the_page():
    view = proposal_view(
        plan(), language="en", url="/d", open_url='/p/"x"', data_date="18 Nov 2026", stale="old"
    )
    page = map_page(view, assets="/a", embedded=True)
    assert "Data as of 18 Nov 2026" in page
    assert 'href="/p/&#34;x&#34;"' in page
    assert "<h1>" not in page


def test_a_written_map_is_replaced_whole(tmp_path):
    view = proposal_view(plan(), language="en")
    write_map(view, tmp_path / "map.html")
    (tmp_path / "map_files" / "left over.txt").write_text("x")
    write_map(view, tmp_path / "map.html")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["map.html", "map_files"]
    assert not (tmp_path / "map_files" / "left over.txt").exists()


def test_a_folder_is_no_file_to_write(tmp_path):
    with pytest.raises(InputError) as refused:
        write_map(proposal_view(plan(), language="en"), tmp_path)
    assert refused.value.code == "map.is_folder"


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError) as refused:
        write_map(proposal_view(plan(), language="en"), tmp_path / "file" / "map.html")
    assert refused.value.code == "map.not_writable"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "See python -m maps --help"),
        (["{here}/none"], "no proposal.json"),
        (["{here}", "--basemap", "xyz", "--basemap-url", "https://amap.com/{{z}}"], "GCJ-02"),
        (["{here}", "--role", "admin"], "See python -m maps --help"),
    ],
)
def test_the_command_says_in_one_sentence_what_is_wrong(tmp_path, capsys, arguments, said):
    code = main([text.format(here=tmp_path) for text in arguments])
    told = capsys.readouterr()
    assert code == 2
    assert said in told.err
    assert told.err.count("\n") == 1
    assert "Traceback" not in told.err


def test_a_town_without_a_plan_has_a_map_too(tmp_path):
    town = write_town(
        tmp_path,
        squares("ABCD", g=["A", "B", "C", None]),
        parcel_keys='cost = { constant = 1.0, unit = "per_m2" }\ngrade = "g"\n',
    )
    view = dataset_view(read_town(town).require(), language="en", url="/d")
    assert "sites" not in view.names
    assert [theme.key for theme in view.themes][:2] == ["plan", "grade"]
    page = map_page(view, assets="/a")
    assert 'name="lp-when"' not in page
    assert 'value="grade"' in page
    assert IMAGE not in page
