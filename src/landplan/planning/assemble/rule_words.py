"""Why a parcel may not be used, and what to look at before calculating, in words."""

import math

from landplan.messages import Language, has, say
from landplan.messages.numbers import Rounding, area, share
from landplan.planning.assemble.partial import Warned


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


def warning_text(warned: Warned, language: Language) -> str:
    """Return a warning as a sentence, its figures spelled as the language does."""
    params: dict[str, object] = dict(warned.params)
    for key in [key for key in params if key.endswith("_m2")]:
        # the largest land is a limit that nothing exceeds: never print less
        rounding: Rounding = "up" if key == "largest_m2" else "nearest"
        params[key.removesuffix("_m2")] = area(float(str(params[key])), language, rounding)
    if "rule" in params:
        measured, limit = (
            None if params[key] is None else float(str(params[key]))
            for key in ("measured", "limit")
        )
        unit = str(params["unit"] or "")
        params["reason"] = rule_text(str(params["rule"]), measured, limit, unit, language)
    return say(warned.code, params, language)


def _figure(value: float | None, unit: str | None, language: Language) -> str:
    if value is None or math.isnan(value):
        return ""
    if unit == "m2":
        return area(value, language)
    if unit == "share":
        # a share that misses its limit never looks as if it met it
        return share(value, language, "down")
    return f"{value:g}"
