"""Prices and rules of a site beyond its land, as sentences; what is not asked for is not said."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from landplan.messages import Language, say
from landplan.messages.numbers import area, length, money, share

Json = Mapping[str, Any]
_TERM_OF: Final = {
    "per_owner": "owners",
    "per_bridge": "crossings",
    "per_closed_m2": "closing",
    "moment": "distance",
    "per_survival": "refusals",
}


def price_sentences(
    request: Json, currency: str, language: Language, public: bool
) -> Iterator[str]:
    """Yield what counts beside the land; readers who may not see amounts are told the names."""
    prices = {key: request.get("price", {}).get(key, 0.0) for key in _TERM_OF}
    priced = {key: amount for key, amount in prices.items() if amount}
    if public and priced:
        named = [say(f"certificate.term.{_TERM_OF[key]}", None, language) for key in priced]
        things = (", " if language == "en" else "、").join(named)
        yield say("words.price.public", {"things": things}, language)
    elif not public:
        if limit := request.get("budget", {}).get("max_cost"):
            amount = money(limit, currency, language)
            yield say("words.budget", {"amount": amount}, language)
        unknown = share(request.get("price", {}).get("refusal_unknown", 0.0), language)
        for key, amount in priced.items():
            params = {"amount": money(amount, currency, language), "share": unknown}
            yield say(f"words.price.{key}", params, language)


def rule_sentences(request: Json, language: Language) -> Iterator[str]:
    """Yield what a site must be beside large enough, allowed and in one piece."""
    yield from _consent(request.get("consent", {}), language)
    yield from _shape(request["shape"], language)
    front = request.get("frontage", {})
    if front.get("min_m"):
        classes = (", " if language == "en" else "、").join(front["classes"])
        code = "words.frontage.classes" if classes else "words.frontage.all"
        yield say(code, {"length": length(front["min_m"], language), "classes": classes}, language)
    for land in request.get("elsewhere", []):
        part = share(land["max_share"], language, "down")
        params = {"name": land["name"], "n": len(land["parcels"]), "share": part}
        yield say(
            "words.elsewhere" if land["max_share"] else "words.elsewhere.none", params, language
        )
    yield from apart_sentences(request, language)
    neighbours = request.get("neighbours", {})
    if neighbours.get("keep_street_contact"):
        yield say("words.neighbours.contact", None, language)
    if least := neighbours.get("min_orphan_area_m2"):
        yield say("words.neighbours.orphan", {"area": area(least, language)}, language)


def apart_sentences(request: Json, language: Language) -> Iterator[str]:
    """Yield how far sites lie apart at least and at most."""
    for rule in request.get("between", []):
        for key in ("min_m", "max_m"):
            if rule.get(key):
                who = {"a": rule["a"], "b": rule["b"], "length": length(rule[key], language)}
                same = ".same" if rule["a"] == rule["b"] else ""
                yield say(f"words.between.{key}{same}", who, language)


def _consent(consent: Json, language: Language) -> Iterator[str]:
    asked = [key for key in ("heads", "area") if consent.get(key)]
    for key in asked:
        params = {"share": share(consent[key], language, "nearest")}
        yield say(f"words.consent.{key}", params, language)
    if asked:
        yield say(f"words.consent.unknown.{consent['unknown']}", None, language)
    if most := consent.get("max_owners"):
        yield say("words.consent.max_owners", {"n": most}, language)
    if consent.get("refused") == "exclude":
        yield say("words.consent.refused", None, language)


def _shape(shape: Json, language: Language) -> Iterator[str]:
    if shape.get("min_width_m"):
        part = share(shape["width_share"], language)
        params = {"width": length(shape["min_width_m"], language), "share": part}
        yield say("words.shape.width", params, language)
    if shape.get("rectangle_length_m"):
        sides = (shape["rectangle_length_m"], shape["rectangle_width_m"])
        params = {"long": length(sides[0], language), "short": length(sides[1], language)}
        yield say("words.shape.rectangle", params, language)
    if shape.get("holes", "allow") != "allow":
        yield say(f"words.shape.holes.{shape['holes']}", None, language)
