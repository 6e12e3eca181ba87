"""Key figures of a plan, counted once for its page, comparison and sign-off."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from api.console.plan_source import Source
from landplan.messages.numbers import M2_PER_HA, decimal
from landplan.proposal.proposal import Proposal


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of all sites together; ``cost`` is None for readers who may not see money."""

    area_m2: float
    cost: float | None
    sites: int
    parcels: int
    owners: int
    crossings: int

    @property
    def cost_per_m2(self) -> float | None:
        """Cost of a square metre of site."""
        return None if self.cost is None or not self.area_m2 else self.cost / self.area_m2


def figures(source: Source, site: str | None = None) -> Figures:
    """Count a plan, or one of its sites."""
    sites = source.layer("sites")
    if site is not None:
        sites = sites[sites["site_id"] == site]
    named = list(sites["site_id"])
    return Figures(
        area_m2=float(sites["area_m2"].sum()),
        cost=float(sites["cost"].sum()) if "cost" in sites and len(sites) else None,
        sites=len(sites),
        parcels=int(sites["parcel_count"].sum()),
        owners=owner_count(source.whole, named),
        crossings=int(sites["bridge_count"].sum()),
    )


def owner_count(proposal: Proposal, sites: list[str]) -> int:
    """Count the owners to talk to; who holds land in two sites counts once."""
    parcels = proposal.parcels
    inside = parcels.loc[parcels["site_id"].isin(sites), "parcel_id"]
    own = proposal.request.get("acquirer_owners", [])
    held = proposal.rights[proposal.rights["parcel_id"].isin(inside)]
    return int(held.loc[~held["owner_id"].isin(own), "owner_id"].nunique())


def asked_for(request: Mapping[str, Any]) -> list[tuple[int, float, float]]:
    """Return (count, least ha, most ha) of every demand."""
    return [
        (int(demand["count"]), float(demand["area_ha"][0]), float(demand["area_ha"][1]))
        for demand in request.get("demand", [])
    ]


def hectares(m2: float) -> str:
    """Spell an area in a column headed ha."""
    return decimal(m2 / M2_PER_HA, 2)


def parcels_of(source: Source, site: str | None = None) -> pd.DataFrame:
    """Return the parcels that are in the plan, in the order of sites and then of the register."""
    parcels = source.layer("parcels")
    inside = parcels[parcels["site_id"].notna()]
    if site is not None:
        inside = inside[inside["site_id"] == site]
    order = {name: place for place, name in enumerate(source.layer("sites")["site_id"])}
    return inside.sort_values("site_id", key=lambda ids: ids.map(order), kind="stable")
