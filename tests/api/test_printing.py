"""Paper: every printed figure is the stored one, and viewers' paper holds no owner and no price."""

import re
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from playwright.sync_api import Browser, Page

from api.console.signoff_record import Step
from api.printing_sheet import MOST_ROWS, signatures
from landplan.messages import LANGUAGES, say
from landplan.messages.numbers import area, count, money, money_unit
from landplan.proposal.certificate import certificate_sentence, does_not_cover
from landplan.proposal.fingerprint import fingerprint_short
from landplan.proposal.ledger_money import ledger_rows, money_sum, received
from tests.browsing import watched
from tests.serving import Running, act_as

HOSTILE = '<img src=x onerror="window.hacked=1"></script><script>window.hacked=1</script>'


class Tables(HTMLParser):
    """Reads the tables of a page back: a list of rows of cells each."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.text: list[str] = []
        self._cell: list[str] | None = None

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self._cell = []

    def handle_endtag(self, tag):
        if tag in ("td", "th") and self._cell is not None:
            self.tables[-1][-1].append(" ".join("".join(self._cell).split()))
            self._cell = None

    def handle_data(self, data):
        self.text.append(data)
        if self._cell is not None:
            self._cell.append(data)


def read(html):
    found = Tables()
    found.feed(html)
    return found


def body(table):
    """The rows below the headings: the seal and the names of the columns stand above."""
    return table[2:]


def printed(client, prepared, role="planner", language="en"):
    answer = client(role).get(f"/proposals/{prepared.proposal}/print?lang={language}")
    assert answer.status_code == 200
    return answer.text


@pytest.fixture
def plan(app, prepared):
    return app.state.services.workspace.proposals.get(prepared.proposal)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_key_figures_are_the_stored_ones(client, prepared, plan, language):
    html = printed(client, prepared, language=language)
    figures = dict(re.findall(r'data-figure="(\w+)">([^<]*)<', html))
    members = plan.parcels[plan.parcels["site_id"].notna()]
    held = plan.rights[plan.rights["parcel_id"].isin(members["parcel_id"])]
    held = held[~held["owner_id"].isin(plan.request["acquirer_owners"])]
    assert figures == {
        "area": area(float(plan.sites["area_m2"].sum()), language),
        "cost": money(plan.certificate.objective, "CNY", language, with_yi=True),
        "parcels": count(len(members), "parcel", language),
        "owners": count(held["owner_id"].nunique(), "owner", language),
        "sites": count(len(plan.sites), "site", language),
        "crossings": count(len(plan.bridges), "crossing", language),
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_certificate_stands_with_what_it_does_not_cover(client, prepared, plan, language):
    text = " ".join(read(printed(client, prepared, language=language)).text)
    assert certificate_sentence(plan.certificate, language) in text
    assert does_not_cover(language) in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_row_of_the_sites_is_the_stored_one(client, prepared, plan, language):
    sites = body(read(printed(client, prepared, language=language)).tables[0])
    unit = 1_000_000 if language == "en" else 10_000
    half = Decimal("0.005") if language == "en" else Decimal("0.05")
    assert len(sites) == len(plan.sites) + 1
    for row, (_, site) in zip(sites[:-1], plan.sites.iterrows(), strict=True):
        _, name, ha, mu, cost, *counts = row
        assert name == site["site_id"]
        assert abs(Decimal(ha) * 10_000 - Decimal(site["area_m2"])) <= 50
        assert abs(Decimal(mu) * 10_000 / 15 - Decimal(site["area_m2"])) <= 34
        assert abs(Decimal(cost.replace(",", "")) - Decimal(site["cost"]) / unit) <= half
        stored = [site[f"{what}_count"] for what in ("parcel", "owner", "bridge")]
        assert [int(n) for n in counts] == stored
    total = Decimal(sites[-1][3].replace(",", "")) if language == "en" else None
    if total is not None:
        assert abs(total - Decimal(plan.certificate.objective) / unit) <= half


def test_every_parcel_is_printed_once_with_its_own_area_and_payment(client, prepared, plan):
    rows = body(read(printed(client, prepared)).tables[1])[:-1]
    paid = ledger_rows(plan).set_index("parcel_before")["paid"]
    stored = plan.parcels.set_index("parcel_id")
    members = stored.index[stored["site_id"].notna()]
    assert sorted(row[1] for row in rows) == sorted(members)
    for _, name, ha, _, cost, _, zone in rows:
        assert abs(Decimal(ha) * 10_000 - Decimal(stored.loc[name, "area_m2"])) <= 50
        assert abs(Decimal(cost) * 1_000_000 - Decimal(paid[name])) <= 5_000
        assert zone == stored.loc[name, "zone"]
    assert money_sum(paid[members]) == pytest.approx(plan.certificate.objective)


def test_every_owner_gets_what_the_ledger_says(client, prepared, plan):
    rows = body(read(printed(client, prepared)).tables[2])
    stored = received(plan, ledger_rows(plan))
    assert {row[0] for row in rows} == set(stored.index)
    for row in rows:
        assert abs(Decimal(row[5]) * 1_000_000 - Decimal(stored[row[0]])) <= 5_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_viewers_paper_holds_no_owner_and_no_price(client, prepared, plan, language):
    for path in ("print", "map.svg?show=before"):
        mark = "&" if "?" in path else "?"
        address = f"/proposals/{prepared.proposal}/{path}{mark}lang={language}"
        viewers, planners = (client(role).get(address).text for role in ("viewer", "planner"))
        owners = set(plan.rights["owner_id"]) | set(plan.parcels["owner_id"].dropna())
        assert not [owner for owner in owners if owner in viewers]
        assert any(owner in planners for owner in owners)
    html = printed(client, prepared, "viewer", language)
    assert 'data-figure="cost"' not in html
    assert money_unit("CNY", language) not in html
    assert money(plan.certificate.objective, "CNY", language) not in html


def test_the_fingerprint_stands_in_the_head_of_every_table(client, prepared, plan):
    short = fingerprint_short(plan.content_hash)
    assert re.fullmatch(r"[0-9A-F]{4}-[0-9A-F]{4}", short)
    tables = read(printed(client, prepared)).tables
    assert len(tables) == 3
    assert all(short in table[0][0] for table in tables)


def test_more_parcels_than_a_page_takes_go_to_an_annex(client, prepared, plan, monkeypatch):
    html = printed(client, prepared)
    assert html.index('class="parcels"') < html.index("</section>", html.index('class="second"'))
    members = int(plan.parcels["site_id"].notna().sum())
    assert members <= MOST_ROWS
    monkeypatch.setattr("api.printing_sheet.MOST_ROWS", members - 1)
    html = printed(client, prepared)
    second = html[html.index('class="second"') : html.index('class="annex"')]
    assert 'class="parcels"' not in second
    said = say("print.parcels_in_annex", {"shown": count(members, "parcel", "en")}, "en")
    assert said in second
    assert html.count('class="parcels"') == 1


def test_hostile_names_stay_text(client, prepared, plan, monkeypatch):
    changed = replace(plan, request={**plan.request, "title": HOSTILE})
    asking = client("planner")
    monkeypatch.setattr(asking.app.state.services.workspace.proposals, "get", lambda _: changed)
    for path in ("print", "map.svg"):
        text = asking.get(f"/proposals/{prepared.proposal}/{path}").text
        assert "<img" not in text
        assert "<script" not in text
        assert "&lt;img src=x" in text


def test_the_page_runs_no_script(client, prepared):
    html = printed(client, prepared)
    assert "<script" not in html
    assert not re.search(r"\son\w+=", html)


def test_who_decided_stands_on_the_lines():
    submitted = Step(
        "2026-11-22T07:10:00+00:00", "Wang", "planner", "submitted", "7F3A-91C2", "why"
    )
    approved = Step("2026-11-23T07:10:00+00:00", "Chen", "leader", "approved", "7F3A-91C2", "")
    returned = replace(approved, action="returned", remark="avoid Boyuan Rd")
    assert [line.role for line in signatures((), "en")] == ["planner", "reviewer", "leader"]
    assert not any(line.word for line in signatures((), "en"))
    planner, reviewer, leader = signatures((submitted, approved), "zh")
    assert (planner.person, planner.word, planner.at) == ("Wang", "submitted", "2026年11月22日")
    assert reviewer.word == ""
    assert (leader.person, leader.word) == ("Chen", "approved")
    _, _, again = signatures((submitted, returned, submitted), "en")
    assert again.word == ""


def test_a_plan_or_site_that_is_not_there_is_told_in_a_sentence(client, prepared):
    asking = client("planner")
    for path in ("/proposals/000000000000/print", "/proposals/000000000000/map.svg"):
        assert asking.get(path).status_code == 404
    answer = asking.get(f"/proposals/{prepared.proposal}/map.svg?site=nowhere")
    assert answer.status_code == 404
    assert "nowhere" in answer.text


def test_printing_is_recorded_for_those_who_see_owners(client, prepared):
    asking = client("planner")
    asking.get(f"/proposals/{prepared.proposal}/print")
    events = asking.app.state.services.workspace.events
    assert [e.person for e in events.of(f"proposal/{prepared.proposal}", "exported")] == ["planner"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_chromium_prints_portrait_pages_and_a_wide_annex(
    page: Page, server: Running, tmp_path, language
):
    act_as(page, server, "planner", language)
    page.goto(f"{server.url}/proposals/{server.prepared.proposal}/print")
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.lang") == ("zh-CN" if language == "zh" else "en")
    display = "getComputedStyle(document.querySelector('thead')).display"
    assert page.evaluate(display) == "table-header-group"
    # the first page is one page: nothing of it is taller than the paper between its margins
    height_mm = page.evaluate(
        "document.querySelector('section.first').getBoundingClientRect().height * 25.4 / 96"
    )
    assert height_mm <= 297 - 28
    boxes = [
        box.decode()
        for box in re.findall(
            rb"/MediaBox ?\[([^\]]+)\]",
            page.pdf(path=tmp_path / "plan.pdf", prefer_css_page_size=True),
        )
    ]
    sizes = [tuple(round(float(n)) for n in box.split())[2:] for box in boxes]
    assert (1191, 842) in sizes
    assert (595, 842) in sizes or (596, 842) in sizes
    assert sizes.count((1191, 842)) == 1


def test_the_drawing_alone_is_shown_by_the_browser_as_it_is(browser: Browser, server: Running):
    # a drawing cannot say that it has no icon, so the browser asks for one
    with watched(browser, allow=("404",)) as (_, page):
        _look_at_the_drawing(page, server)


def _look_at_the_drawing(page: Page, server: Running) -> None:
    act_as(page, server, "viewer", "zh")
    page.goto(f"{server.url}/proposals/{server.prepared.proposal}/map.svg")
    assert page.evaluate("document.documentElement.tagName") == "svg"
    missing = page.evaluate(
        """[...document.querySelectorAll('[fill^="url("]')]
           .filter(e => !document.querySelector(e.getAttribute('fill').slice(4, -1))).length"""
    )
    assert missing == 0
    widths = page.evaluate(
        "[...document.querySelectorAll('text')].map(e => e.getBBox().x + e.getBBox().width)"
    )
    assert widths
    assert max(widths) <= 1800
