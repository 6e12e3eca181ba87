"""The request of an exchange in sentences."""

from collections.abc import Mapping
from typing import Any

from landplan.cadastre.cadastre import Town
from landplan.messages import Language, say
from landplan.messages.numbers import area, count, money, share
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
        place = request.get("reference")
        return [say(f"exchange.words.near_{place}", None, language)] if place else []
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
    said.append(tell("least", parcels=count(asked["least_parcels"], "parcel", language)))
    if asked.get("paid_out"):
        said.append(tell("paid_out", owners=count(len(asked["paid_out"]), "owner", language)))
    if asked["max_moves"] is not None:
        said.append(tell("moves", parcels=count(asked["max_moves"], "parcel", language)))
    said.append(tell(f"near_{request['reference']}"))
    if fixed["buildings"] == "stay":
        said.append(tell("buildings"))
    if fixed["parcels"]:
        said.append(tell("fixed", parcels=count(len(fixed["parcels"]), "parcel", language)))
    if acquirer["receives"]:
        received = count(len(acquirer["receives"]), "parcel", language)
        said.append(tell("receives", parcels=received))
    if acquirer["contribution_share"]:
        said.append(tell("contribution", share=share(acquirer["contribution_share"], language)))
    return said
