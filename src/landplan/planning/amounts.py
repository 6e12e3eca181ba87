"""Amounts as people type them: "20", "20 ha", "300亩", "1,284", full-width digits, "20–26 公顷"."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from landplan.cadastre.validation import LookupFault

SQUARE_METRES: Final[dict[str, Decimal]] = {
    **dict.fromkeys(("ha", "hectare", "hectares", "公顷"), Decimal(10_000)),
    **dict.fromkeys(("mu", "亩", "市亩"), Decimal(10_000) / 15),
    **dict.fromkeys(("m2", "m^2", "sqm", "平方米", "平米"), Decimal(1)),
    **dict.fromkeys(("km2", "km^2", "平方公里", "平方千米"), Decimal(1_000_000)),
}
_METRES: Final[dict[str, Decimal]] = {
    **dict.fromkeys(("m", "metre", "metres", "meter", "meters", "米"), Decimal(1)),
    **dict.fromkeys(("km", "公里", "千米"), Decimal(1000)),
}
_SHARES: Final[dict[str, Decimal]] = {"%": Decimal("0.01"), "percent": Decimal("0.01")}
_MONEY: Final[dict[str, Decimal]] = {
    **dict.fromkeys(("", "元"), Decimal(1)),
    **dict.fromkeys(("万", "万元"), Decimal(10_000)),
    **dict.fromkeys(("million", "mio"), Decimal(1_000_000)),
    **dict.fromkeys(("亿", "亿元"), Decimal(100_000_000)),
}
_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "sites": ("site", "sites", "个", "块", "片"),
    "crossings": ("crossing", "crossings", "处", "个", "次"),
    "parcels": ("parcel", "parcels", "块", "块地", "个"),
    "disc radii": ("x", "×", "times", "radii", "倍", "disc radii"),
}
MU: Final = frozenset({"mu", "亩", "市亩"})

_NUMBER: Final = r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|[+-]?\.\d+"
_AMOUNT: Final = re.compile(rf"^({_NUMBER})\s*(.*)$")
_RANGE: Final = re.compile(
    rf"^({_NUMBER})\s*([^\d\s.,+~-]*)\s*(?:-|~|to|bis|至|到)\s*({_NUMBER})\s*(.*)$"
)
_LONGEST: Final = 400
"""Longer numbers are no amounts of anything in a town."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A number and the unit written behind it (lower case; "" where there is none)."""

    number: Decimal
    unit: str


def read_amount(text: str) -> Amount:
    """Read one number with its unit; raises LookupFault ``form.not_a_number``."""
    plain = _plain(text)
    found = _AMOUNT.match(plain)
    if found is None or len(found[1]) > _LONGEST:
        raise LookupFault("form.not_a_number", value=_short(text))
    return Amount(_decimal(found[1]), found[2].strip().rstrip("."))


def read_range(text: str) -> tuple[Amount, Amount] | None:
    """Read two numbers written as a range, e.g. "20–26 ha"; None where it is none."""
    found = _RANGE.match(_plain(text))
    if found is None or max(len(found[1]), len(found[3])) > _LONGEST:
        return None
    unit = found[4].strip().rstrip(".")
    return Amount(_decimal(found[1]), found[2] or unit), Amount(_decimal(found[3]), unit)


def in_unit(amount: Amount, unit: str) -> Decimal:
    """Return an amount in the unit of its field.

    Without a unit of its own it is taken to be in that of the field. Raises LookupFault
    ``form.unit_unknown`` naming the units that are understood.
    """
    if unit in ("ha", "mu", "m2"):
        return _converted(amount, SQUARE_METRES, unit)
    if unit == "m":
        return _converted(amount, _METRES, unit)
    if unit == "share":
        return amount.number * _factor(amount, {**_SHARES, "": Decimal(1)})
    if unit == "currency":
        return amount.number * _factor(amount, _MONEY)
    words = dict.fromkeys(("", *_WORDS.get(unit, ())), Decimal(1))
    return amount.number * _factor(amount, words)


def _converted(amount: Amount, table: dict[str, Decimal], unit: str) -> Decimal:
    if not amount.unit or amount.unit == unit or {amount.unit, unit} <= MU:
        return amount.number
    number = amount.number * _factor(amount, table)
    # 15 mu are 1 ha exactly: multiply before dividing, so that 300 mu are 20 ha and not 19.99…
    if amount.unit in MU:
        number = amount.number * 10_000 / 15
    return number * 15 / 10_000 if unit == "mu" else number / table[unit]


def _factor(amount: Amount, table: dict[str, Decimal]) -> Decimal:
    if amount.unit not in table:
        known = [unit for unit in table if unit]
        if not known:
            raise LookupFault("form.unit_none", unit=_short(amount.unit))
        raise LookupFault("form.unit_unknown", unit=_short(amount.unit), known=known)
    return table[amount.unit]


def _plain(text: str) -> str:
    """Full-width forms become plain ones, every dash and minus the same."""
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    return re.sub("[‐‑‒–—―−]", "-", plain).replace("～", "~")


def _decimal(digits: str) -> Decimal:
    return Decimal(digits.replace(",", ""))


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"
