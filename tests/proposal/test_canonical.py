import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landplan.proposal.canonical import canonical_json
from landplan.proposal.proposal import proposal_id

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"])),
)
contents = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4),
    ),
    max_leaves=20,
)


@settings(deadline=None)
@given(contents)
def test_reading_and_writing_again_changes_no_byte(content):
    written = canonical_json(content)
    assert canonical_json(json.loads(written)) == written
    assert json.loads(written) == content


@settings(deadline=None)
@given(st.dictionaries(st.text("abc中", max_size=3), st.integers(), max_size=6))
def test_the_order_in_which_keys_were_set_does_not_matter(content):
    assert canonical_json(dict(reversed(content.items()))) == canonical_json(content)


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_survives_to_the_last_bit(number):
    assert json.loads(canonical_json(number)) == number


def test_a_whole_number_has_one_spelling():
    assert canonical_json([20, 20.0, np.int64(20), np.float64(20)]) == canonical_json([20] * 4)
    assert canonical_json(-0.0) == b"0\n"
    assert canonical_json(1e300) == b"1e+300\n"
    assert canonical_json([True, np.True_]) == canonical_json([True] * 2)
    assert canonical_json(True) != canonical_json(1)


def test_keys_are_sorted_text_is_utf8_and_a_newline_ends_it():
    assert canonical_json({"b": (1,), "a": "安亭"}) == (
        '{\n "a": "安亭",\n "b": [\n  1\n ]\n}\n'.encode()
    )


@pytest.mark.parametrize("number", [math.nan, math.inf, np.float64("-inf")])
def test_what_is_no_number_is_refused(number):
    with pytest.raises(ValueError, match="no JSON number"):
        canonical_json({"a": [number]})


@pytest.mark.parametrize("content", [{1: "a"}, {"a": {2, 3}}, object(), {"a": b"x"}])
def test_what_json_cannot_say_is_refused(content):
    with pytest.raises(TypeError):
        canonical_json(content)


def test_half_a_surrogate_pair_is_refused():
    with pytest.raises(ValueError, match="surrogates"):
        canonical_json("\ud800")


def test_an_id_is_twelve_digits_of_the_question_and_depends_on_all_of_it():
    question = ("assemble", {"area_ha": [20.0, 26]}, "d" * 64, "0.1.0", 1)
    assert proposal_id(*question) == proposal_id(
        "assemble", {"area_ha": (20, 26.0)}, "d" * 64, "0.1.0", 1
    )
    others = [
        ("exchange", *question[1:]),
        ("assemble", {"area_ha": [20.0, 27]}, *question[2:]),
        (*question[:2], "e" * 64, *question[3:]),
        (*question[:3], "0.1.1", 1),
        (*question[:4], 2),
    ]
    ids = {proposal_id(*other) for other in [question, *others]}
    assert len(ids) == 6
    assert all(len(name) == 12 and set(name) <= set("0123456789abcdef") for name in ids)
