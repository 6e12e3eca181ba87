"""Codes become sentences here, in English and Chinese, and nowhere else.

The catalogues are gettext files under ``messages/<language>/*.po``. The message id is the code
itself (``town.unknown_key``), so that both languages are equal; placeholders are ``{name}``. Plural
forms follow the parameter ``n``.
"""

import gettext
import io
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


@cache
def _catalogue(language: Language) -> gettext.GNUTranslations:
    """Read all catalogues of one language into one.

    Compiled in memory, so no binary file is shipped.
    """
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    merged: gettext.GNUTranslations | None = None
    folder = files("landplan.messages") / language
    for source in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not source.name.endswith(".po"):
            continue
        compiled = io.BytesIO()
        write_mo(compiled, read_po(io.BytesIO(source.read_bytes()), locale=language))
        compiled.seek(0)
        part = gettext.GNUTranslations(compiled)
        if merged is None:
            merged = part
        else:
            merged._catalog.update(part._catalog)  # type: ignore[attr-defined]  # gettext has no public merge
    assert merged is not None
    return merged


def choose_language(wanted: str | None) -> Language:
    """Return the catalogue for a wish such as ``zh_CN.UTF-8``; English where it is unknown."""
    short = (wanted or "")[:2].lower()
    return short if short in LANGUAGES else "en"


def has(code: str, language: Language = "en") -> bool:
    """Whether the catalogue holds a sentence for this code."""
    catalogue = _catalogue(language)
    return catalogue.gettext(code) != code or catalogue.ngettext(code, code, 2) != code


def say(code: str, params: Mapping[str, object] | None = None, language: Language = "en") -> str:
    """Turn {code, params} into a sentence.

    An unknown code, or a parameter the sentence needs and does not get, yields the code with its
    parameters: a reader sees all that is known, never a traceback.
    """
    values = {key: _show(value) for key, value in (params or {}).items()}
    catalogue = _catalogue(language)
    n = (params or {}).get("n")
    template = catalogue.ngettext(code, code, n) if isinstance(n, int) else catalogue.gettext(code)
    if template == code:
        template = catalogue.gettext(code)
    try:
        return template.format(**values) if template != code else _bare(code, values)
    except (KeyError, IndexError):
        return _bare(code, values)


def _bare(code: str, values: Mapping[str, str]) -> str:
    details = ", ".join(f"{key}: {value}" for key, value in values.items())
    return f"{code} ({details})" if details else code


def _show(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.10g}"
    if isinstance(value, str) or not isinstance(value, Iterable):
        return str(value)
    shown = [str(item) for item in value]
    more = len(shown) - 10
    return ", ".join(shown[:10]) + (f" … (+{more})" if more > 0 else "")
