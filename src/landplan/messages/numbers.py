"""Numbers as people read them, in English and Chinese: areas, money, shares, lengths, dates.

Everything takes the stored value (m², currency units, fractions) and rounds it once, half away from
zero unless a direction is asked for: a lower limit is rounded down, a share that claims something
up. Rounding works on the decimal number that the shortest spelling of a float says, so 0.285
becomes 0.29 and not 0.28.
"""

import math
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Final, Literal

from landplan.messages import Language, say

Rounding = Literal["nearest", "down", "up"]

MISSING: Final = "—"
MINUS: Final = "−"
M2_PER_HA: Final = 10_000
MU_PER_HA: Final = 15
_MODES: Final[dict[Rounding, str]] = {
    "nearest": ROUND_HALF_UP,
    "down": ROUND_FLOOR,
    "up": ROUND_CEILING,
}
_TEN_THOUSAND: Final = 10_000
_MILLION: Final = 1_000_000
_YI: Final = 100_000_000
_UNITS: Final = {"": 1, "万": _TEN_THOUSAND, " million": _MILLION}
_CURRENCIES_ZH: Final = {
    "CNY": "元",
    "CZK": "捷克克朗",
    "EUR": "欧元",
    "GBP": "英镑",
    "HKD": "港元",
    "JPY": "日元",
    "TWD": "新台币",
    "USD": "美元",
}


def decimal(value: float, places: int, rounding: Rounding = "nearest") -> str:
    """Return a number with a fixed number of decimals, thousands by comma and a true minus."""
    return _spell(rounded(value, places, rounding), places)


def rounded(value: float | Decimal, places: int, rounding: Rounding = "nearest") -> Decimal:
    """Round to decimals, exactly."""
    return _exact(value).quantize(Decimal(1).scaleb(-places), rounding=_MODES[rounding])


def area(m2: float | None, language: Language, rounding: Rounding = "nearest") -> str:
    """Return an area in ha and mu: ``21.4 ha (321 mu)``, ``21.4公顷（321亩）``.

    Both come from the stored m². ha has 1 decimal from 10, else 2; mu none from 100, else 1. Less
    than 100 m² is said in m², because 0.00 ha reads like nothing.
    """
    if _is_missing(m2):
        return MISSING
    square_metres = _exact(m2)
    hectares, mu = square_metres / M2_PER_HA, square_metres * MU_PER_HA / M2_PER_HA
    if 0 < abs(square_metres) < 100:
        shown = _spell(rounded(square_metres, 0, rounding), 0)
        return f"{shown} m²" if language == "en" else f"{shown}平方米"
    ha_places, mu_places = _places(hectares, 10, 1, 2, rounding), _places(mu, 100, 0, 1, rounding)
    ha_shown = _spell(rounded(hectares, ha_places, rounding), ha_places)
    mu_shown = _spell(rounded(mu, mu_places, rounding), mu_places)
    if language == "en":
        return f"{ha_shown} ha ({mu_shown} mu)"
    return f"{ha_shown}公顷（{mu_shown}亩）"


def money(
    amount: float | Decimal | None,
    currency: str,
    language: Language,
    rounding: Rounding = "nearest",
    *,
    extra_places: int = 0,
    with_yi: bool = False,
) -> str:
    """Return an amount of money: ``CNY 124.80 million``, ``12,480万元``.

    English: millions with 2 decimals, below a million whole units. Chinese: 万 without decimals
    from 100万, else with one (none for a whole number), below 10,000 whole units. Less than 100
    units are said to the cent unless whole.

    Parameters
    ----------
    amount
        Currency units.
    currency
        ISO 4217 code.
    language
        ``en`` or ``zh``.
    rounding
        Direction.
    extra_places
        Further decimals, where a reader is going to calculate with what is printed.
    with_yi
        Whether Chinese totals from 10,000万 add the amount in 亿 in brackets, as on paper.
    """
    if _is_missing(amount):
        return MISSING
    number, suffix, places = _money_parts(_exact(amount), language, rounding, extra_places)
    if language == "en":
        return f"{currency} {_spell(number, places)}{suffix}"
    name = _CURRENCIES_ZH.get(currency, currency)
    shown = f"{_spell(number, places)}{suffix}{name}"
    if with_yi and abs(_exact(amount)) >= _YI:
        shown += f"（{_spell(rounded(_exact(amount) / _YI, 3, rounding), 3)}亿{name}）"
    return shown


def money_unit(currency: str, language: Language) -> str:
    """Return the unit of a column of money: ``CNY million``, ``万元``."""
    return (
        f"{currency} million" if language == "en" else f"万{_CURRENCIES_ZH.get(currency, currency)}"
    )


def money_cell(
    amount: float | Decimal | None, language: Language, rounding: Rounding = "nearest"
) -> str:
    """Return an amount in a column headed by `money_unit`: ``4.200``, ``420.0``."""
    if _is_missing(amount):
        return MISSING
    # thousands in both languages: a small plot must not read 0.00
    unit, places = (_MILLION, 3) if language == "en" else (_TEN_THOUSAND, 1)
    return _spell(rounded(_exact(amount) / unit, places, rounding), places)


def money_as_printed(
    amount: float | Decimal,
    language: Language,
    rounding: Rounding = "nearest",
    *,
    extra_places: int = 0,
) -> Decimal:
    """Return the amount that a reader of `money` sees, in currency units."""
    number, suffix, _ = _money_parts(_exact(amount), language, rounding, extra_places)
    return number * _UNITS[suffix]


def unit_price(per_m2: float | None, currency: str, language: Language) -> str:
    """Return a price of land: ``CNY 5.83 million/ha``, ``38.9万元/亩``."""
    if _is_missing(per_m2):
        return MISSING
    per_ha = _exact(per_m2) * M2_PER_HA
    if language == "en":
        return f"{money(per_ha, currency, language)}/ha"
    return f"{money(per_ha / MU_PER_HA, currency, language)}/亩"


def share(ratio: float | Decimal | None, language: Language, rounding: Rounding = "nearest") -> str:
    """Return a share with one decimal: ``0.8 %``, ``0.8%``."""
    if _is_missing(ratio):
        return MISSING
    shown = _spell(rounded(_exact(ratio) * 100, 1, rounding), 1)
    return f"{shown} %" if language == "en" else f"{shown}%"


def points(ratio: float | None, language: Language) -> str:
    """Return a difference of shares in percentage points, with its sign."""
    if _is_missing(ratio):
        return MISSING
    shown = difference(float(_exact(ratio) * 100), 1)
    return f"{shown} points" if language == "en" else f"{shown}个百分点"


def count(n: int | None, thing: str, language: Language) -> str:
    """Return a count with its noun (message ``number.<thing>``): ``17 parcels``, ``17块地``."""
    if n is None:
        return MISSING
    return say(f"number.{thing}", {"n": n, "shown": decimal(n, 0)}, language)


def length(metres: float | None, language: Language, rounding: Rounding = "nearest") -> str:
    """Return a length: ``92 m``, ``1.8 km``; below 10 m with one decimal unless whole."""
    if _is_missing(metres):
        return MISSING
    exact = _exact(metres)
    whole = rounded(exact, 0, rounding)
    if abs(whole) >= 1000:
        shown = _spell(rounded(exact / 1000, 1, rounding), 1)
        return f"{shown} km" if language == "en" else f"{shown}公里"
    places = 1 if abs(exact) < 10 and exact != whole else 0
    shown = _spell(rounded(exact, places, rounding), places)
    return f"{shown} m" if language == "en" else f"{shown}米"


def difference(value: float | None, places: int = 0) -> str:
    """Return a difference: always with its sign, zero as ``0``."""
    if _is_missing(value):
        return MISSING
    number = rounded(_exact(value), places)
    if number == 0:
        return "0"
    return ("+" if number > 0 else "") + _spell(number, places)


def missing(reason: str, language: Language) -> str:
    """Return what stands for a value that is not known: ``— (no appraisal)``; never 0."""
    return f"{MISSING} ({reason})" if language == "en" else f"{MISSING}（{reason}）"


def moment(when: datetime, language: Language, *, on_paper: bool = False) -> str:
    """Return a date and time: ``22 Nov 2026, 14:05``; on paper in Chinese ``2026年11月22日``."""
    if language == "zh":
        return f"{when.year}年{when.month}月{when.day}日" if on_paper else f"{when:%Y-%m-%d %H:%M}"
    month = _MONTHS[when.month - 1]
    return f"{when.day} {month} {when.year}" + ("" if on_paper else f", {when:%H:%M}")


_MONTHS: Final = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)
"""Written out, because strftime follows the locale of the machine."""


def _money_parts(
    amount: Decimal, language: Language, rounding: Rounding, extra_places: int
) -> tuple[Decimal, str, int]:
    """Return the number to print, the unit behind it, and its decimals."""
    large, suffix = (_MILLION, " million") if language == "en" else (_TEN_THOUSAND, "万")
    fraction = 2 if abs(amount) < 100 and amount != amount.to_integral_value() else 0
    small = rounded(amount, max(fraction, extra_places), rounding)
    if abs(small) < large:
        return small, "", max(fraction, extra_places)
    number = amount / large
    if language == "en":
        places = 2
    else:
        places = 0 if number == number.to_integral_value() else _places(number, 100, 0, 1, rounding)
    places += extra_places
    return rounded(number, places, rounding), suffix, places


def _places(number: Decimal, step: int, above: int, below: int, rounding: Rounding) -> int:
    """Return how many decimals to print: fewer from ``step`` on, counting what rounds up to it."""
    return below if abs(rounded(number, below, rounding)) < step else above


def _spell(number: Decimal, places: int) -> str:
    spelled = f"{abs(number):,.{places}f}"
    return f"{MINUS}{spelled}" if number < 0 else spelled


def _exact(value: float | Decimal | None) -> Decimal:
    assert value is not None
    return value if isinstance(value, Decimal) else Decimal(repr(float(value)))


def _is_missing(value: float | Decimal | None) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))
