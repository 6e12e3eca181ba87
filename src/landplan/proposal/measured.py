"""What `measure` gives: tables and figures of the land as it is. No plan, so no certificate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import geopandas as gpd
import pandas as pd

from landplan.cadastre.cadastre import Provenance, Town
from landplan.proposal.canonical import plain_data
from landplan.proposal.document import provenance_to_json

FORMAT: Final = 1
TABLES: Final = ("parcels", "holdings", "members")
Kind = Literal["text", "area", "m", "share", "count", "number"]
_COUNTS: Final = ("holdings", "parcels", "pieces")
_SHARES: Final = ("access_share", "access_area_share", "mean_road_access", "road_access")


@dataclass(frozen=True, eq=False)
class Measured:
    """The land of the holdings, measured.

    Attributes
    ----------
    id, version, request
        As of a proposal: the same question to the same data has the same id.
    town, provenance
        Name and tolerances of the town; the source files with their hashes.
    figures
        Figures of the town by name; None: not known.
    indices
        Name, source, status and weights of every index made of weights and value functions.
    left_out
        Parcels that are not measured, by rule.
    assumptions
        {code, params} of what stands in place of data.
    parcels
        [n] every parcel of the town: id, holding, ``left_out``, area, place, shape, access.
    holdings
        One row per holding with all its measures and the place distances are measured from.
    members
        ``holding``, ``owner_id``, ``share``: who a holding is.
    content_hash
        SHA-256 of each written table; filled in by writing.
    """

    id: str
    version: str
    request: Mapping[str, Any]
    town: Town
    provenance: Provenance
    figures: Mapping[str, float | None]
    indices: Sequence[Mapping[str, Any]]
    left_out: Mapping[str, int]
    assumptions: Sequence[Mapping[str, Any]]
    parcels: gpd.GeoDataFrame
    holdings: pd.DataFrame
    members: pd.DataFrame
    content_hash: Mapping[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return the content of ``measures.json``: codes and numbers, no sentences."""
        provenance = provenance_to_json(self.town, self.provenance, self.content_hash)
        document: dict[str, Any] = plain_data(
            {
                "format": FORMAT,
                "id": self.id,
                "process": "measure",
                "landplan_version": self.version,
                "request": self.request,
                "provenance": provenance,
                "figures": self.figures,
                "indices": self.indices,
                "left_out": self.left_out,
                "assumptions": self.assumptions,
            }
        )
        return document


def kind_of(name: str) -> Kind:
    """Return what a figure or column holds, from its name: the unit stands in it."""
    if name.endswith("area_m2"):
        return "area"
    if name.endswith(("_m", "_x", "_y")):
        return "m"
    if name in _SHARES or name.endswith("_share"):
        return "share"
    if name in ("holding", "owner_id", "homestead"):
        return "text"
    return "count" if name in _COUNTS else "number"
