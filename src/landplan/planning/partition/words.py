"""A request of `partition` in a few plain sentences."""

from collections.abc import Mapping
from typing import Any

from landplan.cadastre.cadastre import Town
from landplan.messages import Language, has, say
from landplan.messages.numbers import M2_PER_HA, area
from landplan.planning.assemble.words import crossings, listed, locks, where
from landplan.planning.partition.request_parts import AS_MANY_AS_POSSIBLE, NO_LARGEST_HA

Json = Mapping[str, Any]


def partition_words(
    canonical_request: Json, town: Town, language: Language, *, public: bool = False
) -> list[str]:
    """Return what is asked in sentences; the arguments are those of `request_words`."""
    request, demand = canonical_request, canonical_request["demand"][0]
    across = request["bridge"]["across_streets"]
    sentences = [
        _what(demand, language),
        where(demand, town, language),
        say(f"words.partition.{'across' if across else 'no_crossing'}", None, language),
        crossings(request, language) if across else "",
        *locks(demand, language, public),
        *_groups(request, language),
        _likeness(request, language),
        say(f"words.partition.cost.{request['zero_cost']}", None, language),
        say("words.partition.work", {"effort": _effort(request, language)}, language),
    ]
    return [sentence for sentence in sentences if sentence]


def _what(demand: Json, language: Language) -> str:
    low, high = demand["area_ha"]
    params = {
        "low": area(low * M2_PER_HA, language),
        "high": area(high * M2_PER_HA, language),
        "most": demand["count"],
    }
    limited = "range" if high < NO_LARGEST_HA else "least"
    number = "many" if demand["count"] >= AS_MANY_AS_POSSIBLE else "most"
    return say(f"words.partition.{number}_{limited}", params, language)


def _groups(request: Json, language: Language) -> list[str]:
    return [
        say(f"words.partition.{lock['kind']}", {"ids": listed(lock["parcels"], language)}, language)
        for lock in request["lock"]
    ]


def _likeness(request: Json, language: Language) -> str:
    if request["prefer"] == "compact" or not request["attributes"]:
        return say("words.partition.compact", None, language)
    names = [_attribute(name, language) for name in request["attributes"]]
    return say("words.partition.alike", {"names": listed(names, language)}, language)


def _attribute(name: str, language: Language) -> str:
    code = f"attribute.{name}"
    return say(code, None, language) if has(code, language) else name


def _effort(request: Json, language: Language) -> str:
    return say(f"choice.effort.{request['effort']}", None, language)
