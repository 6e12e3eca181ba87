"""The request of an exchange in sentences."""

from collections.abc import Mapping
from typing import Any

from landplan.cadastre.cadastre import Town
from landplan.messages import Language, say
from landplan.messages.numbers import area, money, share
from landplan.planning.assemble.words import listed

Json = Mapping[str, Any]


def exchange_words(request: Json, town: Town, language: Language, *, public: bool) -> list[str]:
    """Return what is asked of an exchange, a sentence a rule.

    Parameters
    ----------
    public
        Whether viewers read it: then without amounts of money and owners.
    """
    if "take_part" not in request:  # what viewers get of a request
        return [say(f"exchange.words.near_{request['reference']}", None, language)]
    part, fixed, asked = request["take_part"], request["fixed"], request["tolerance"]
    acquirer = request["acquirer"]

    def tell(code: str, **params: Any) -> str:
        return say(f"exchange.words.{code}", params, language)

    who = tell("who", n=len(part["owners"])) if part["owners"] else tell("who_all")
    said = [who]
    if part["zones"]:
        said.append(tell("zones", zones=listed(part["zones"], language)))
    if part["same_zone"]:
        said.append(tell("same_zone"))
    if not public:
        cash = money(asked["cash"], town.currency, language)
        said.append(tell("tolerance", share=share(asked["value_share"], language), cash=cash))
    if asked["area_share"] is not None:
        further = area(asked["area_m2"], language)
        said.append(tell("area", share=share(asked["area_share"], language), area=further))
    said.append(tell("least", n=asked["least_parcels"]))
    if asked["max_moves"] is not None:
        said.append(tell("moves", n=asked["max_moves"]))
    said.append(tell(f"near_{request['reference']}"))
    if fixed["buildings"] == "stay":
        said.append(tell("buildings"))
    if fixed["parcels"]:
        said.append(tell("fixed", n=len(fixed["parcels"])))
    if acquirer["receives"]:
        said.append(tell("receives", n=len(acquirer["receives"])))
    if acquirer["contribution_share"]:
        said.append(tell("contribution", share=share(acquirer["contribution_share"], language)))
    return said
