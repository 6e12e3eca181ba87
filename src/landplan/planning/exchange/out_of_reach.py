"""Tolerances that whole parcels make unreachable: for whom, and by how much at least.

Proven for each party alone, before any search: with every parcel that it may receive at its
disposal, no set of them brings it inside its limits (`landplan.optimize.exchange.reach`). Then no
exchange keeps all tolerances. A party that is not named may be out of reach all the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from landplan.cadastre.cadastre import Cadastre
from landplan.optimize.exchange.reach import unreachable
from landplan.planning.exchange.formulate import CENTS, SQUARE_DECIMETRES, Formulation, formulate
from landplan.planning.exchange.request import ExchangeRequest

MOST: Final = 50
"""Parties that are told one by one."""


@dataclass(frozen=True, slots=True)
class OutOfReach:
    """A party that misses a limit in every exchange; ``by``: least miss, below < 0, above > 0.

    In currency, m² or parcels.
    """

    party: str
    what: Literal["value", "area", "parcels"]
    by: float


def out_of_reach(formulation: Formulation) -> list[OutOfReach]:
    """Return the parties that no set of parcels brings inside their limits, by name."""
    unit = {"value": CENTS, "area": SQUARE_DECIMETRES, "parcels": 1}
    found = [
        OutOfReach(formulation.names[one.party], one.what, one.by / unit[one.what])
        for one in unreachable(formulation.problem)
    ]
    return sorted(found, key=lambda one: one.party)


def check_request(request: ExchangeRequest, town: Cadastre) -> list[OutOfReach]:
    """Return who cannot meet the tolerances of a request, without searching for an exchange.

    Raises
    ------
    ManyErrors, InputError
        As the process.
    """
    return out_of_reach(formulate(request, town))


def notes(found: Sequence[OutOfReach], currency: str) -> tuple[dict[str, Any], ...]:
    """Return {code, params} a party, and how many more there are."""
    told: list[dict[str, Any]] = []
    for one in found[:MOST]:
        way = "less" if one.by < 0 else "more"
        params: dict[str, Any] = {"party": one.party, "by": abs(one.by)}
        if one.what == "value":
            params["currency"] = currency
        told.append({"code": f"unmet.exchange_reach_{one.what}_{way}", "params": params})
    if len(found) > MOST:
        params = {"n": len(found) - MOST}
        told.append({"code": "unmet.exchange_reach_others", "params": params})
    return tuple(told)
