"""Canonical JSON: one content, one sequence of bytes.

Keys are sorted, text is UTF-8, lines are indented by one space, and a newline ends the document. A
number has one spelling: 20 and 20.0 are both ``20`` (as in RFC 8785), minus zero is ``0``. What
JSON cannot say (NaN, infinity, keys that are no text) is refused instead of being spelled somehow.
"""

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

_EXACT_INTEGERS = 2.0**53
"""Above it, not every float64 is the integer it looks like."""


def canonical_json(content: object) -> bytes:
    """Return the canonical bytes of JSON-like data; tuples and numpy scalars are welcome.

    Raises
    ------
    TypeError
        A key is no text, or a value has no JSON form.
    ValueError
        A number is not finite, or text holds half a surrogate pair.
    """
    plain = plain_data(content)
    text = json.dumps(plain, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=1)
    return f"{text}\n".encode()


def plain_data(content: object) -> Any:
    """Return the data as JSON reads it back: lists, dictionaries, one spelling per number.

    Raises
    ------
    TypeError, ValueError
        As `canonical_json`.
    """
    if content is None or isinstance(content, str | bool):
        return content
    if isinstance(content, np.bool_):
        return bool(content)
    if isinstance(content, int | np.integer):
        return int(content)
    if isinstance(content, float | np.floating):
        return _number(float(content))
    if isinstance(content, Mapping):
        return {_key(key): plain_data(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [plain_data(item) for item in content]
    raise TypeError(f"{type(content).__name__} has no JSON form")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a key must be text, not {key!r}")
    return key


def _number(number: float) -> int | float:
    if not math.isfinite(number):
        raise ValueError(f"{number} is no JSON number")
    return int(number) if number.is_integer() and abs(number) <= _EXACT_INTEGERS else number
