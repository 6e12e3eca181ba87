"""What the buttons inside the form do to a draft."""

import json
from typing import Any, Final

from api.console.request_draft import Draft, lines
from landplan.planning.form_fields import spelled
from landplan.planning.process import process_ids

MOST: Final = 400_000
"""Longest action, in characters: a button that unlocks thousands of parcels names them all."""


def apply(draft: Draft, action: str) -> Draft:
    """Return the draft after a button's work; a button that is not known changes nothing.

    ``add_demand``; ``remove_demand:<place>``; the same with ``land``, which is to be left aside,
    and ``lock``, parcels to stay together or apart;
    ``take:<path>:<JSON list>`` takes entries out of a
    list, ``put:<path>:<JSON list>`` puts some in, ``set:<path>:<JSON value>`` sets an input;
    ``process:<id>`` asks something else with the answers that both processes know.
    """
    verb, _, rest = action.partition(":")
    if verb == "add_demand":
        return draft.with_demand()
    if verb == "remove_demand" and rest.isdecimal():
        return draft.without_demand(int(rest[:6]))
    if verb == "add_land":
        return draft.with_land()
    if verb == "remove_land" and rest.isdecimal():
        return draft.without_land(int(rest[:6]))
    if verb == "process" and rest in process_ids():
        return draft.for_process(rest)
    if verb == "add_lock":
        return draft.with_lock()
    if verb == "remove_lock" and rest.isdecimal():
        return draft.without_lock(int(rest[:6]))
    path, _, text = rest.partition(":")
    if verb not in ("take", "put", "set") or not path or len(text) > MOST:
        return draft
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return draft
    if verb == "set":
        return draft.with_text(path, _text(value))
    if not isinstance(value, list):
        return draft
    entries = [str(entry) for entry in value]
    return draft.without(path, entries) if verb == "take" else draft.with_entries(path, entries)


def button(verb: str, path: str, value: Any) -> str:
    """Return the action that a button sends."""
    return f"{verb}:{path}:{json.dumps(value, ensure_ascii=False)}"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return lines(str(entry) for entry in value)
    return spelled(value) if isinstance(value, float) else str(value)
