"""The rules of a request that are given way on one by one: a lock, an owner, a zone, a use.

Giving way on all of a kind is tried first. If that is proven not to be enough, no single one is.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landplan.planning.assemble.formulate import Formulation
from landplan.planning.assemble.ground import TownGround
from landplan.planning.assemble.ladders import Patch, Sites

IntArray = NDArray[np.int64]
Json = Mapping[str, Any]

MOST_OF_A_KIND: Final = 24
"""So many of a kind are tried one by one: those of the plan that all together allow come first."""
_SMALL: Final = 0.05
_LARGE: Final = 0.3
_NO_LAND: Final = ("land_use", "zone_share")


@dataclass(frozen=True, slots=True)
class Option:
    """One change of the request that is no matter of degree.

    ``size`` orders it among all changes: 0 is nothing, 1 gives a rule up.
    """

    code: str
    params: Json
    patch: Patch
    size: float


@dataclass(frozen=True, slots=True)
class Kind:
    """Things of one kind, of which some have to give way.

    ``all`` gives way on all of them; ``names`` are tried one by one with ``one``; ``several`` is
    the change for some of them; ``needed`` names those that the sites of a plan need.
    """

    code: str
    size: float
    demand: str
    path: str
    listed: tuple[str, ...]
    names: tuple[str, ...]
    remove: bool
    ground: TownGround

    def option(self, given: Iterable[str]) -> Option:
        """Return the change that gives way on some."""
        some = sorted(set(given))
        if self.remove:
            left = [name for name in self.listed if name not in set(some)]
        else:
            left = sorted({*self.listed, *some})
        params: dict[str, Any] = {"demand": self.demand, "n": len(some), "ids": some}
        return Option(self.code, params, ((self.path, left),), min(1.0, self.size * len(some)))

    def needed(self, sites: Sites) -> tuple[str, ...]:
        """Return the names that a plan with these sites cannot do without, as far as known."""
        rows = np.concatenate([np.empty(0, np.int64), *(rows for _, rows in sites)])
        parcels = self.ground.cadastre.parcels
        ids = set(parcels["parcel_id"].iloc[rows])
        if self.code == "change.free":
            met = ids
        elif self.code == "change.unlock":
            met = set(self.listed) - ids
        elif self.code == "change.free_owner":
            rights = self.ground.cadastre.rights
            met = set(rights.loc[rights["parcel_id"].isin(ids), "owner_id"].dropna())
        elif self.code == "change.add_use":
            met = set(parcels["land_use"].iloc[rows].dropna())
        else:
            shares = self.ground.cadastre.zone_shares
            met = set(shares.loc[shares["parcel"].isin(rows), "zone"])
        return tuple(name for name in self.names if name in met)


def demand_kinds(
    request: Json, number: int, ground: TownGround, formulation: Formulation
) -> Iterator[Kind]:
    """Yield what one demand may give way on, thing by thing."""
    demand, at = request["demand"][number], f"demand.{number}"
    for code, key, size in (
        ("change.free", "never", _SMALL),
        ("change.unlock", "must", 2 * _SMALL),
        ("change.free_owner", "never_owners", _SMALL),
    ):
        listed = tuple(demand[key])
        if listed:
            yield Kind(code, size, demand["id"], f"{at}.{key}", listed, listed, True, ground)
    for code, key, rule in (
        ("change.add_zone", "zones", "zone_share"),
        ("change.add_use", "land_uses", "land_use"),
    ):
        listed = tuple(demand[key])
        new = _unlocked(key, rule, listed, number, ground, formulation) if listed else ()
        if new:
            yield Kind(code, _LARGE, demand["id"], f"{at}.{key}", listed, new, False, ground)


def switches(request: Json) -> Iterator[Option]:
    """Yield the rules for all demands that are either kept or not."""
    if request["zero_cost"] == "exclude":
        yield Option("change.zero_cost", {}, (("zero_cost", "allow"),), _LARGE)
    if request["consent"]["refused"] == "exclude":
        yield Option("change.refused", {}, (("consent.refused", "allow"),), _LARGE)
    if request["shape"]["holes"] != "allow":
        yield Option("change.holes", {}, (("shape.holes", "allow"),), _LARGE)
    if request["neighbours"]["keep_street_contact"]:
        yield Option(
            "change.street_contact", {}, (("neighbours.keep_street_contact", False),), _LARGE
        )


def _unlocked(
    key: str,
    rule: str,
    listed: Sequence[str],
    number: int,
    ground: TownGround,
    formulation: Formulation,
) -> tuple[str, ...]:
    """Return the zones or uses not listed that bar most land on their own, most land first."""
    table = formulation.verdicts[number].exclusions
    alone = table[~table["parcel_id"].duplicated(keep=False) & (table["rule"] == rule)]
    rows = ground.ids.get_indexer(pd.Index(alone["parcel_id"]))
    area = formulation.problem.area[rows]
    if key == "land_uses":
        names = ground.cadastre.parcels["land_use"].iloc[rows].fillna("").to_numpy(dtype=object)
        land = _summed(names, area)
    else:
        shares = ground.cadastre.zone_shares
        inside = shares[shares["parcel"].isin(rows)]
        land = _summed(
            inside["zone"].fillna("").to_numpy(dtype=object),
            formulation.problem.area[inside["parcel"].to_numpy()] * inside["share"].to_numpy(),
        )
    new = [name for name in land if name and name not in set(listed)]
    return tuple(sorted(new, key=lambda name: (-land[name], name))[:MOST_OF_A_KIND])


def _summed(names: NDArray[np.object_], amounts: NDArray[Any]) -> dict[str, float]:
    land: dict[str, float] = {}
    for name, amount in zip(names, amounts, strict=True):
        land[str(name)] = land.get(str(name), 0.0) + float(amount)
    return land
