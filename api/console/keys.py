"""Every key of the console in one table; it drives the pages and prints the help."""

from dataclasses import dataclass
from typing import Any, Final

from api.pages import environment


@dataclass(frozen=True, slots=True)
class Key:
    """One key: what it does (``action``), where it acts, how it is pressed and printed.

    ``code`` is what `KeyboardEvent.code` says, with ``Shift+`` and ``Ctrl+`` before it; two codes
    with a space between are pressed one after the other. Empty: the browser, or the map itself,
    does it, and only the help prints it.
    """

    where: str
    action: str
    code: str
    shown: str


KEYS: Final = (
    Key("everywhere", "help", "Shift+Slash", "?"),
    Key("everywhere", "find", "Slash", "/"),
    Key("everywhere", "go.desk", "KeyG KeyD", "g d"),
    Key("everywhere", "go.map", "KeyG KeyM", "g m"),
    Key("everywhere", "go.compare", "KeyG KeyC", "g c"),
    Key("everywhere", "close", "", "Esc"),
    Key("list", "new", "KeyN", "n"),
    Key("list", "row.next", "ArrowDown", "↓"),
    Key("list", "row.previous", "ArrowUp", "↑"),
    Key("list", "open", "", "Enter"),
    Key("list", "basket", "KeyX", "x"),
    Key("map", "lock", "KeyL", "l"),
    Key("map", "exclude", "KeyE", "e"),
    Key("map", "free", "KeyU", "u"),
    Key("map", "pan", "", "← → ↑ ↓"),
    Key("map", "zoom", "", "+ −"),
    Key("map", "fit", "", "f"),
    Key("request", "check", "Ctrl+Enter", "Ctrl+Enter"),
    Key("request", "undo", "Ctrl+KeyZ", "Ctrl+Z"),
    Key("plan", "tab", "", "1–6"),
    Key("plan", "before_after", "KeyB", "b"),
    Key("plan", "next_previous", "", "j k"),
    Key("plan", "edit", "KeyE", "e"),
    Key("plan", "compare", "KeyC", "c"),
    Key("plan", "print", "KeyP", "p"),
    Key("compare", "pair", "", "[ ]"),
    Key("compare", "map", "KeyM", "m"),
)
PLACES: Final = tuple(dict.fromkeys(key.where for key in KEYS))


def table() -> list[dict[str, Any]]:
    """Return the keys that console.js listens to."""
    return [
        {"where": key.where, "action": key.action, "code": key.code} for key in KEYS if key.code
    ]


environment().globals |= {"key_places": PLACES, "key_rows": KEYS, "key_table": table}
