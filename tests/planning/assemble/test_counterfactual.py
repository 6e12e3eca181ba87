"""The question that tells why a parcel is in a plan, or not."""

import pytest

from landplan.errors import InputError
from landplan.planning.assemble.counterfactual import why_request
from landplan.planning.assemble.request import AssembleRequest


def plan(**demands):
    asked = {
        "process": "assemble",
        "demand": [{"id": name, "area_ha": [1, 2], **keys} for name, keys in demands.items()],
    }
    return {"request": AssembleRequest.model_validate(asked).canonical()}


def locks(request):
    AssembleRequest.model_validate(request)
    return {entry["id"]: (entry["must"], entry["never"]) for entry in request["demand"]}


def test_a_parcel_in_the_plan_is_kept_from_every_site():
    document = plan(plant={"never": ["B"]}, yard={})
    asked = why_request(document, "A", in_plan=True)
    assert locks(asked) == {"plant": ([], ["A", "B"]), "yard": ([], ["A"])}


def test_a_parcel_that_was_locked_in_is_let_go():
    asked = why_request(plan(plant={"must": ["A", "C"]}), "A", in_plan=True)
    assert locks(asked) == {"plant": (["C"], ["A"])}


def test_a_parcel_outside_the_plan_must_be_in_the_site_of_its_demand():
    asked = why_request(plan(plant={"never": ["A"]}, yard={}), "A", "plant", in_plan=False)
    assert locks(asked) == {"plant": (["A"], []), "yard": ([], [])}


def test_with_one_demand_it_need_not_be_named():
    assert locks(why_request(plan(plant={}), "A", in_plan=False)) == {"plant": (["A"], [])}


def test_with_several_demands_it_must_be_named():
    with pytest.raises(InputError, match=r"job\.why\.demand_needed"):
        why_request(plan(plant={}, yard={}), "A", in_plan=False)
    with pytest.raises(InputError, match=r"job\.why\.demand_unknown"):
        why_request(plan(plant={}), "A", "harbour", in_plan=False)


def test_the_plan_itself_is_left_as_it_is():
    document = plan(plant={"must": ["A"]})
    before = str(document)
    why_request(document, "A", in_plan=True)
    assert str(document) == before
