"""The form asks every field, forgives how people write, and gives back what was asked."""

import ast
import inspect
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landplan.messages import LANGUAGES, has, say
from landplan.planning.assemble import request as model
from landplan.planning.assemble import request_parts as parts
from landplan.planning.assemble import request_places as places
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.form import echo, form, form_data, parse_form, split_list
from landplan.planning.form_fields import leaves, letters
from landplan.planning.process import process_ids

AREA = {"demand.0.area_ha.min": "20", "demand.0.area_ha.max": "26"}


def read(**typed: Any) -> dict[str, Any]:
    """What the first demand says; dots in names are written as double underscores."""
    data = {key.replace("__", "."): value for key, value in typed.items()}
    request, errors = parse_form("assemble", {**AREA, **data})
    assert errors == []
    AssembleRequest.model_validate(request)
    return request["demand"][0] | {key: value for key, value in request.items() if key != "demand"}


def faults(**typed: Any) -> set[tuple[str, str]]:
    data = {key.replace("__", "."): value for key, value in typed.items()}
    return {(error.path, error.code) for error in parse_form("assemble", data)[1]}


@pytest.mark.parametrize("process", process_ids())
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_of_every_process_has_a_label_and_help_in_both_languages(process, language):
    codes = [code for leaf in leaves(process, with_twins=True) for code in (leaf.code,)]
    assert codes
    codes += [f"{code}.help" for code in codes]
    for group in form(process).groups:
        codes.append(group.label_code)
        codes += [code for field in group.fields for _, code in field.choices]
    assert [code for code in codes if not has(code, language)] == []


def test_every_field_of_the_model_is_in_the_form():
    asked = {leaf.name for leaf in leaves("assemble", with_twins=True)}
    models = (AssembleRequest, model.Demand, parts.Bridge, parts.Price, parts.Consent)
    models += (parts.Shape, parts.Frontage, parts.Neighbours, parts.Elsewhere, places.Budget)
    declared = {name for part in models for name in part.model_fields}
    assert declared - asked == {
        *("process", "demand", "bridge", "price", "consent", "shape", "frontage", "neighbours"),
        *("elsewhere", "budget"),
    }


def test_every_fault_of_the_model_has_a_sentence_for_the_form():
    sources = tuple(inspect.getsource(module) for module in (model, parts, places))
    trees = [node for source in sources for node in ast.walk(ast.parse(source))]
    calls = [node for node in trees if _raises(node)]
    codes = {f"form.{node.args[0].value}" for node in calls}
    assert len(codes) >= 6
    assert {code for code in codes if not has(code, "zh") or not has(code, "en")} == set()


def _raises(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "LookupFault"


def test_the_fields_carry_what_the_model_declares():
    fields = {field.path: field for field in form("assemble", 2).fields()}
    width = fields["bridge.max_width_m"]
    assert (width.unit, width.minimum, width.above_minimum, width.maximum) == ("m", 0, True, 200)
    assert width.default == 30.0
    assert fields["bridge.never_over"].default == ["water", "rail"]
    assert [value for value, _ in fields["effort"].choices] == ["quick", "normal", "thorough"]
    assert fields["demand.1.area_ha"].required
    assert fields["demand.1.id"].default == "B"
    assert fields["demand.1.count"].whole
    assert not fields["title"].required


def test_repeated_groups_know_their_place():
    groups = [(g.key, g.repeat, g.index) for g in form("assemble", {"demand": 2}).groups]
    assert groups[:4] == [
        ("demand", "demand", 0),
        ("rules", "demand", 0),
        ("locks", "demand", 0),
        ("demand", "demand", 1),
    ]
    assert ("run", None, None) in groups


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        ("20", "26", {"area_ha": [20.0, 26.0]}),
        ("20 ha", "26ha", {"area_ha": [20.0, 26.0]}),
        ("２０", "２６．５公顷", {"area_ha": [20.0, 26.5]}),
        ("300亩", "390 mu", {"area_mu": [300.0, 390.0]}),
        ("300", "390亩", {"area_mu": [300.0, 390.0]}),
        ("20 ha", "390 mu", {"area_ha": [20.0, 26.0]}),
        ("200,000 m²", "260，000平方米", {"area_ha": [20.0, 26.0]}),
        ("20–26 公顷", "", {"area_ha": [20.0, 26.0]}),
        ("300至390亩", "", {"area_mu": [300.0, 390.0]}),
        ("1,284.5", "１，３００", {"area_ha": [1284.5, 1300.0]}),
    ],
)
def test_areas_are_understood_however_they_are_written(low, high, expected):
    demand = read(demand__0__area_ha__min=low, demand__0__area_ha__max=high)
    assert {key: demand[key] for key in ("area_ha", "area_mu") if key in demand} == expected


@pytest.mark.parametrize(
    ("typed", "key", "expected"),
    [
        ({"demand__0__count": "２个"}, "count", 2),
        ({"demand__0__max_bridges": "1处"}, "max_bridges", 1),
        ({"demand__0__min_zone_share": "95 %"}, "min_zone_share", 0.95),
        ({"demand__0__min_zone_share": "0.9"}, "min_zone_share", 0.9),
        ({"bridge__max_width_m": "30 m"}, "bridge", {"max_width_m": 30.0}),
        ({"bridge__max_width_m": "0.03公里"}, "bridge", {"max_width_m": 30.0}),
        ({"bridge__never_over": "-"}, "bridge", {"never_over": []}),
        ({"shape__max_radius_factor": "2倍"}, "shape", {"max_radius_factor": 2.0}),
        ({"partial": ["off", "on"]}, "partial", True),
        ({"partial": "off"}, "partial", False),
        ({"demand__0__id": "auto parts"}, "id", "auto-parts"),
        ({"demand__0__id": ""}, "id", "A"),
        ({"title": "  整车厂 "}, "title", "整车厂"),
    ],
)
def test_other_answers_are_understood(typed, key, expected):
    assert read(**typed)[key] == expected


def test_a_blank_answer_is_the_default_and_stays_out_of_the_request():
    answers = read(demand__0__count="", seed=" ", demand__0__must="\n")
    assert not {"count", "seed", "must", "title"} & set(answers)


@pytest.mark.parametrize(
    ("pasted", "entries"),
    [
        ("A-1\r\nA-2\r\n", ["A-1", "A-2"]),
        ("A-1\tA-2", ["A-1", "A-2"]),
        ("A-1，A-2、A-3；A-4", ["A-1", "A-2", "A-3", "A-4"]),
        ("A-1,\n\nA-1, A-2", ["A-1", "A-2"]),
        ("Lot 7\nLot 8", ["Lot 7", "Lot 8"]),
        ('"7, north", 8', ["7, north", "8"]),
        ('5" pipe\n6', ['5" pipe', "6"]),
        ('"he said ""no"""\tx', ['he said "no"', "x"]),
        ('"unclosed, one', ['"unclosed', "one"]),
    ],
)
def test_pasted_columns_become_entries(pasted, entries):
    assert split_list([pasted]) == entries
    assert read(demand__0__never=pasted)["never"] == entries
    assert read(demand__0__never=[pasted, ""])["never"] == entries


def test_all_faults_are_told_together_each_at_its_input():
    assert faults(
        demand__0__area_ha__min="many",
        demand__0__area_ha__max="26 feet",
        demand__0__count="1.5",
        demand__2__id="a/b",
        demand__2__area_ha__min="5",
        demand__2__min_zone_share="95",
        bridge__max_width_m="0",
        shape__max_radius_factor="101",
        effort="huge",
        partial="perhaps",
        demand__2__colour="red",
        token="abc",
    ) == {
        ("demand.0.area_ha.min", "form.not_a_number"),
        ("demand.0.area_ha.max", "form.unit_unknown"),
        ("demand.0.count", "form.not_whole"),
        ("demand.2.id", "form.name"),
        ("demand.2.area_ha.max", "form.area_max_needed"),
        ("demand.2.min_zone_share", "form.at_most"),
        ("bridge.max_width_m", "form.above"),
        ("shape.max_radius_factor", "form.at_most"),
        ("effort", "form.choice"),
        ("partial", "form.choice"),
        ("demand.2.colour", "form.unknown_field"),
    }


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ({}, ("demand.0.area_ha.min", "form.area_needed")),
        (
            {"demand__0__area_ha__min": "26", "demand__0__area_ha__max": "20"},
            ("demand.0.area_ha.max", "form.demand.area_order"),
        ),
        (
            {"demand__0__area_ha__min": "0", "demand__0__area_ha__max": "20"},
            ("demand.0.area_ha.min", "form.above"),
        ),
        (
            {"demand__0__area_ha__min": "1 mu", "demand__0__area_ha__max": "20000000 mu"},
            ("demand.0.area_ha.max", "form.at_most"),
        ),
        (
            {**{k.replace(".", "__"): v for k, v in AREA.items()}, "demand__0__must": "A",
             "demand__0__never": "A"},
            ("demand.0.never", "form.demand.must_and_never"),
        ),
    ],
)  # fmt: skip
def test_faults_of_several_fields_stand_at_one_of_them(typed, fault):
    assert faults(**typed) == {fault}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_is_a_sentence(language):
    _, errors = parse_form(
        "assemble",
        {
            "demand.0.area_ha.min": "1e999",
            "demand.0.area_ha.max": "9" * 5000,
            "demand.1.id": "x" * 50,
            "demand.1.area_ha.min": "nan",
            "demand.99999999999999999999.id": "b",
            "title": "t" * 300,
            "seed": "-1",
        },
    )
    assert len(errors) >= 6
    for error in errors:
        assert say(error.code, error.params, language) != error.code
        assert has(error.code, language)


@given(st.dictionaries(st.sampled_from([f.path for f in form("assemble").fields()]
       + ["demand.0.area_ha.min", "demand.0.area_ha.max", "demand.7.id", "x.y"]),
       st.one_of(st.text(max_size=20), st.lists(st.text(max_size=9), max_size=3))))  # fmt: skip
def test_whatever_is_typed_ends_in_a_request_or_in_sentences(data):
    request, errors = parse_form("assemble", data)
    if not errors:
        AssembleRequest.model_validate(request)
    assert all(has(error.code) for error in errors)


amounts = st.decimals(min_value="0.001", max_value="999999", places=3).map(float)
names = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1).filter(
    lambda name: name.strip() == name
)
lists = st.lists(names, max_size=4, unique=True)


@st.composite
def demands(draw, number):
    low, high = sorted((draw(amounts), draw(amounts)))
    must = draw(lists) if number == 0 else []
    demand = {
        "id": f"d{number}",
        draw(st.sampled_from(["area_ha", "area_mu"])): [low, high],
        "count": 1 if must else draw(st.integers(1, 50)),
        "land_uses": draw(lists),
        "zones": draw(lists),
        "min_zone_share": draw(st.floats(0.01, 1.0)),
        "max_bridges": draw(st.integers(0, 20)),
        "must": must,
        "never": [name for name in draw(lists) if name not in must],
        "never_owners": draw(lists),
    }
    dropped = draw(st.sets(st.sampled_from(["count", "zones", "never", "max_bridges"])))
    return {key: value for key, value in demand.items() if key not in dropped}


@st.composite
def requests(draw):
    bridge = {"max_width_m": draw(st.floats(0.5, 200)), "never_over": draw(lists)}
    return {
        "process": "assemble",
        "title": draw(st.text(st.characters(codec="ascii", categories=("L", "Nd")), max_size=20)),
        "seed": draw(st.integers(0, 2**31 - 1)),
        "effort": draw(st.sampled_from(["quick", "normal", "thorough"])),
        "partial": draw(st.booleans()),
        "zero_cost": draw(st.sampled_from(["exclude", "allow"])),
        "acquirer_owners": draw(lists),
        "bridge": bridge,
        "shape": {
            "max_radius_factor": draw(st.floats(0, 100)),
            "min_width_m": draw(st.floats(0, 5000)),
            "holes": draw(st.sampled_from(["allow", "forbid", "fill"])),
        },
        "price": {"per_owner": draw(st.floats(0, 1e9)), "moment": draw(st.floats(0, 1e9))},
        "consent": {"heads": draw(st.floats(0, 1)), "unknown": "against"},
        "frontage": {"min_m": draw(st.floats(0, 20_000)), "classes": draw(lists)},
        "neighbours": {"keep_street_contact": draw(st.booleans())},
        "demand": [draw(demands(number)) for number in range(draw(st.integers(1, 3)))],
    }


@given(requests())
def test_a_request_written_into_the_form_is_read_back_the_same(asked):
    wanted = AssembleRequest.model_validate(asked).canonical()
    read, errors = parse_form("assemble", form_data("assemble", asked))
    assert errors == []
    assert AssembleRequest.model_validate(read).canonical() == wanted


def test_the_canonical_request_fills_the_form_too():
    canonical = AssembleRequest.model_validate(
        {"process": "assemble", "demand": [{"id": "a", "area_mu": [100, 200], "never": ["x,y"]}]}
    ).canonical()
    read, errors = parse_form("assemble", form_data("assemble", canonical))
    assert errors == []
    assert AssembleRequest.model_validate(read).canonical() == canonical


@pytest.mark.parametrize(
    ("path", "value", "english", "chinese"),
    [
        ("demand.0.area_ha.min", "20", "20 ha = 300 mu", "20公顷 = 300亩"),
        ("demand.0.area_ha.max", "３９０亩", "26 ha = 390 mu", "26公顷 = 390亩"),
        ("demand.0.area_ha.min", 20.5, "20.5 ha = 307.5 mu", "20.5公顷 = 307.5亩"),
        (
            "demand.1.area_ha.min",
            "20-26",
            "20 ha = 300 mu – 26 ha = 390 mu",
            "20公顷 = 300亩 – 26公顷 = 390亩",
        ),
        ("demand.0.min_zone_share", "0.95", "95.0 %", "95.0%"),
        ("bridge.max_width_m", "0.03 km", "30 m", "30米"),
        ("demand.0.never", "A\nB，C", "3 parcels", "3块地"),
        ("demand.0.area_ha.min", "twenty", "", ""),
        ("demand.0.count", "2", "", ""),
        ("nothing.here", "2", "", ""),
    ],
)
def test_what_was_understood_is_echoed(path, value, english, chinese):
    assert echo(path, value, "en") == english
    assert echo(path, value, "zh") == chinese


def test_places_have_letters():
    assert [letters(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
