"""Why a parcel may not be used, and what to look at before calculating, in words."""

import math
from collections.abc import Mapping
from typing import Protocol

from landplan.messages import Language, has, say
from landplan.messages.numbers import Rounding, area, length, money, share


def rule_text(
    rule: str, measured: float | None, limit: float | None, unit: str | None, language: Language
) -> str:
    """Return why a rule bars a parcel, as a clause: "its use is not among those allowed"."""
    code = "rule.data" if rule.startswith("data.") else f"rule.{rule}"
    if not has(code, language):
        code = "rule.other"
    figures = {
        "rule": rule,
        "measured": _figure(measured, unit, language),
        "limit": _figure(limit, unit, language),
    }
    return say(code, figures, language)


class Told(Protocol):
    """Something with a code and parameters: a warning, a broken rule."""

    @property
    def code(self) -> str:
        """Message code."""
        ...

    @property
    def params(self) -> Mapping[str, object]:
        """What its sentence names; areas in m² under keys that end so."""
        ...


def warning_text(told: Told, language: Language) -> str:
    """Return a warning or a broken rule as a sentence, its figures spelled as the language does."""
    params: dict[str, object] = dict(told.params)
    for key, value in told.params.items():
        if key.endswith("_m2"):
            # the largest land is a limit that nothing exceeds: never print less
            rounding: Rounding = "up" if key == "largest_m2" else "nearest"
            params[key.removesuffix("_m2")] = area(float(str(value)), language, rounding)
        elif key.endswith("_share"):
            # a share that misses its limit never looks as if it met it
            towards: Rounding = "down" if key == "measured_share" else "nearest"
            params[key.removesuffix("_share")] = share(float(str(value)), language, towards)
        elif key.endswith("_money"):
            currency = str(told.params["currency"])
            params[key.removesuffix("_money")] = money(float(str(value)), currency, language)
        elif key.endswith("_m"):
            params[key.removesuffix("_m")] = length(float(str(value)), language)
    if "rule" in params:
        measured, limit = (
            None if params[key] is None else float(str(params[key]))
            for key in ("measured", "limit")
        )
        unit = str(params["unit"] or "")
        params["reason"] = rule_text(str(params["rule"]), measured, limit, unit, language)
    return say(told.code, params, language)


def _figure(value: float | None, unit: str | None, language: Language) -> str:
    if value is None or math.isnan(value):
        return ""
    if unit == "m2":
        return area(value, language)
    if unit == "share":
        # a share that misses its limit never looks as if it met it
        return share(value, language, "down")
    if unit == "m":
        return length(value, language)
    return f"{value:g}"
