"""A request in about six plain sentences, for the check page, the sign-off and paper."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

from landplan.cadastre.cadastre import Town
from landplan.codes import landuse
from landplan.messages import Language, say
from landplan.messages.numbers import M2_PER_HA, area, length, share
from landplan.planning.assemble.term_words import price_sentences, rule_sentences

Json = Mapping[str, Any]
_NAMED: Final = 10


def request_words(
    canonical_request: Json, town: Town, language: Language, *, public: bool = False
) -> list[str]:
    """Return what is asked in sentences.

    Parameters
    ----------
    canonical_request
        All keys filled in: `AssembleRequest.canonical`, or ``Proposal.request``.
    town
        The town it is asked of.
    language
        ``en`` or ``zh``.
    public
        Whether the reader may not see ids of owners; then they are left out.
    """
    if canonical_request["process"] == "partition":
        # these words build on the ones below
        from landplan.planning.partition.words import partition_words

        return partition_words(canonical_request, town, language, public=public)
    if canonical_request["process"] not in ("assemble", "partition"):
        return other_words(canonical_request, town, language, public=public)
    request, several = canonical_request, len(canonical_request["demand"]) > 1
    sentences = []
    for demand in request["demand"]:
        own = [
            _what(demand, several, language),
            where(demand, town, language),
            *place_sentences(demand, language),
            _parts(demand, language),
            *locks(demand, language, public),
        ]
        sentences += [sentence for sentence in own if sentence]
    sentences += [
        crossings(request, language),
        _spread(request, language),
        *rule_sentences(request, language),
        _costs(request, town, language, public),
        *price_sentences(request, town.currency, language, public),
        _work(request, language),
    ]
    return [sentence for sentence in sentences if sentence]


def other_words(request: Json, town: Town, language: Language, *, public: bool) -> list[str]:
    """Return what is asked of another process, as its module ``words`` says it.

    ``landplan.planning.<process>.words.<process>_words``, with the arguments of `request_words`;
    nothing where there is no such module.
    """
    process = str(request["process"])
    name = f"landplan.planning.{process}.words"
    if not process.isidentifier() or find_spec(f"landplan.planning.{process}") is None:
        return []
    if find_spec(name) is None:
        return []
    said = getattr(import_module(name), f"{process}_words")
    return list(said(request, town, language, public=public))


def _what(demand: Json, several: bool, language: Language) -> str:
    low, high = demand["area_ha"]
    params = {
        "n": demand["count"],
        "id": demand["id"],
        "low": area(low * M2_PER_HA, language),
        "high": area(high * M2_PER_HA, language),
    }
    code = "words.what_named" if several else "words.what"
    if low == high:
        code += "_exactly"
    return say(code, params, language)


def where(demand: Json, town: Town, language: Language) -> str:
    """Say which land may be used, its uses with their names."""
    params = {
        "uses": listed(_use_names(demand["land_uses"], town, language), language),
        "zones": listed(demand["zones"], language),
        "share": share(demand["min_zone_share"], language, "up"),
    }
    kind = ("uses_" if demand["land_uses"] else "all_uses_") + (
        "zones" if demand["zones"] else "all_zones"
    )
    return say(f"words.where.{kind}", params, language)


def _use_names(codes: Sequence[str], town: Town, language: Language) -> list[str]:
    """Return codes of land uses with their names; the town's own words as such."""
    if town.land_use_scheme == landuse.LOCAL:
        return list(codes)
    scheme = landuse.scheme(town.land_use_scheme, town.land_use_edition)
    found = ((code, scheme.find(code)) for code in codes)
    return [code if known is None else f"{code} {known.name(language)}" for code, known in found]


def place_sentences(demand: Json, language: Language) -> list[str]:
    """Say how far the site must, and may, lie from given places."""
    said = []
    for place in demand.get("place") or []:
        names = listed(place["names"], language)
        code = f"words.place.of.{place['layer']}" if names else f"words.place.all.{place['layer']}"
        params = {"places": say(code, {"names": names}, language)}
        for key in ("min_m", "max_m"):
            if place.get(key):
                far = {**params, "length": length(place[key], language)}
                said.append(say(f"words.place.{key}", far, language))
    return said


def _parts(demand: Json, language: Language) -> str:
    n = demand["max_bridges"]
    sentence = say("words.no_crossing" if n == 0 else "words.crossings", {"n": n}, language)
    if demand["min_parcels"] > 1:
        more = say("words.min_parcels", {"n": demand["min_parcels"]}, language)
        sentence += (" " if language == "en" else "") + more
    return sentence


def locks(demand: Json, language: Language, public: bool) -> list[str]:
    """Say which parcels and owners are locked in or out."""
    said = []
    for key in ("must", "never", "never_owners"):
        names = demand.get(key) or []
        if not names or (public and key == "never_owners"):
            continue
        params = {"n": len(names), "ids": listed(names, language)}
        said.append(say(f"words.{key}", params, language))
    return said


def crossings(request: Json, language: Language) -> str:
    """Say what a street crossing may be; nothing where there is to be none."""
    if not any(demand["max_bridges"] for demand in request["demand"]):
        return ""
    bridge = request["bridge"]
    params = {
        "width": length(bridge["max_width_m"], language),
        "facing": length(bridge["min_facing_m"], language),
        "never": listed([_kind(kind, language) for kind in bridge["never_over"]], language),
    }
    code = "words.bridge" if bridge["never_over"] else "words.bridge_over_all"
    sentence = say(code, params, language)
    if bridge.get("mode", "keep") == "close":
        closed = {"classes": listed(bridge["classes"], language)}
        more = say("words.bridge.close", closed, language)
        sentence += (" " if language == "en" else "") + more
    return sentence


def _spread(request: Json, language: Language) -> str:
    factor = request["shape"]["max_radius_factor"]
    if factor == 0:
        return say("words.spread_free", None, language)
    return say("words.spread", {"factor": f"{factor:g}"}, language)


def _costs(request: Json, town: Town, language: Language, public: bool) -> str:
    params = {"currency": town.currency}
    sentence = say(f"words.cheapest.{request['zero_cost']}", params, language)
    owners = [] if public else request.get("acquirer_owners", [])
    if owners:
        more = say("words.acquirers", {"n": len(owners), "ids": listed(owners, language)}, language)
        sentence += (" " if language == "en" else "") + more
    return sentence


def _work(request: Json, language: Language) -> str:
    effort = say(f"choice.effort.{request['effort']}", None, language)
    code = "words.work_partial" if request["partial"] else "words.work"
    return say(code, {"effort": effort}, language)


def _kind(kind: str, language: Language) -> str:
    """Return a barrier in words where it has some; towns name further kinds themselves."""
    said = say(f"words.kind.{kind}", None, language)
    return kind if said.startswith("words.kind.") else said


def listed(names: Sequence[str], language: Language) -> str:
    """List the first names, and how many more there are."""
    shown = [str(name) for name in names[:_NAMED]]
    text = (", " if language == "en" else "、").join(shown)
    more = len(names) - len(shown)
    return text if more <= 0 else say("words.and_more", {"list": text, "more": more}, language)
