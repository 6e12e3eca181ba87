"""The request is checked as a whole, and equal questions have equal canonical text."""

import pytest

from landplan.cadastre.validation import validated
from landplan.errors import InputError, ManyErrors
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.process import find_process, process_ids
from landplan.planning.reference import describe, fields, listing


def ask(**demand):
    return {"process": "assemble", "demand": [{"id": "plant", "area_ha": [1.0, 2.0], **demand}]}


def faults(data):
    with pytest.raises(ManyErrors) as caught:
        validated(AssembleRequest, data, "assemble.toml")
    return {(error.code, error.params["key"]) for error in caught.value.errors}


def test_mu_and_hectares_ask_the_same():
    """15 mu are one hectare, exactly."""
    hectares = validated(AssembleRequest, ask(area_ha=[20.0, 26.0]), "r")
    mu = validated(
        AssembleRequest,
        {"process": "assemble", "demand": [{"id": "plant", "area_mu": [300, 390]}]},
        "r",
    )
    assert hectares.canonical() == mu.canonical()


def test_the_order_of_lists_does_not_change_the_question():
    first = validated(AssembleRequest, ask(zones=["b", "a", "a"]), "r")
    second = validated(AssembleRequest, ask(zones=["a", "b"]), "r")
    assert first.canonical() == second.canonical()


@pytest.mark.parametrize(
    ("demand", "fault"),
    [
        ({"area_ha": [2.0, 1.0]}, ("demand.area_order", "demand[1]")),
        ({"area_mu": [1.0, 2.0]}, ("demand.one_area", "demand[1]")),
        ({"must": ["A"], "never": ["A"]}, ("demand.must_and_never", "demand[1]")),
        ({"must": ["A"], "count": 2}, ("demand.must_with_count", "demand[1]")),
        ({"max_bridge": 1}, ("key.unknown", "demand[1].max_bridge")),
        ({"max_bridges": -1}, ("key.invalid", "demand[1].max_bridges")),
        ({"min_zone_share": 1.5}, ("key.invalid", "demand[1].min_zone_share")),
        ({"area_ha": [0.0, 1.0]}, ("key.invalid", "demand[1].area_ha[1]")),
        ({"area_ha": [1.0]}, ("key.invalid", "demand[1].area_ha")),
        ({"id": "a b"}, ("key.invalid", "demand[1].id")),
    ],
)
def test_each_mistake_has_its_sentence(demand, fault):
    assert faults(ask(**demand)) == {fault}


def test_a_parcel_cannot_be_locked_into_two_demands():
    data = {
        "process": "assemble",
        "demand": [{"id": i, "area_ha": [1, 2], "must": ["A"]} for i in ("a", "b")],
    }
    assert {code for code, _ in faults(data)} == {"demand.must_twice"}


def test_a_request_without_demands_is_refused():
    assert faults({"process": "assemble", "demand": []}) == {("key.invalid", "demand")}


def test_an_unknown_process_names_the_known_ones():
    with pytest.raises(InputError) as caught:
        find_process("assembel", "r.toml")
    assert caught.value.params["known"][0] == "assemble"


@pytest.mark.parametrize("process_id", process_ids())
def test_every_field_of_the_request_has_a_description_and_a_place_in_the_form(process_id):
    schema = describe(process_id)["request"]
    for part in (schema, *schema["$defs"].values()):
        for name, field in part["properties"].items():
            reference = field.get("$ref", "").rsplit("/", 1)[-1]
            described = field | schema["$defs"].get(reference, {})
            assert described.get("description"), name
            assert "x-widget" in field or "$ref" in field or "$ref" in field.get("items", {}), name


@pytest.mark.parametrize("process_id", process_ids())
def test_every_process_has_a_reference_page(process_id):
    assert len(fields(process_id)) > 10


def test_the_reference_page_names_units_bounds_and_defaults():
    text = "\n".join(fields("assemble"))
    assert "max_width_m (number in m, ≤ 200, > 0, default 30.0)" in text.replace(
        "> 0, ≤ 200", "≤ 200, > 0"
    )
    assert "[[demand]]" in text
    assert [entry["id"] for entry in listing()] == ["assemble", "exchange", "partition"]
