"""What several checks need from the written files, derived once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from landplan.proposal.audit.document import Demand, Document
from landplan.proposal.audit.written import Written

Geometries = NDArray[np.object_]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class View:
    """Parcels as arrays [n] in file order, and who belongs to which site."""

    written: Written

    @property
    def document(self) -> Document:
        """The document of the proposal."""
        return self.written.document

    @property
    def parcels(self) -> pd.DataFrame:
        """The parcels as written."""
        return self.written.parcels

    @cached_property
    def ids(self) -> Geometries:
        """Parcel ids [n]."""
        return self.parcels["parcel_id"].to_numpy()

    @cached_property
    def usable(self) -> BoolArray:
        """Whether a parcel [n] has a valid polygon."""
        shapes = self.written.parcels.geometry.to_numpy()
        polygonal = np.isin(shapely.get_type_id(shapes), (3, 6)) & ~shapely.is_empty(shapes)
        return np.asarray(polygonal & shapely.is_valid(shapes), dtype=bool)

    @cached_property
    def shapes(self) -> Geometries:
        """Geometries [n]; invalid ones made valid, so that nothing they cover is overlooked."""
        shapes = self.written.parcels.geometry.to_numpy().copy()
        broken = ~self.usable & ~shapely.is_missing(shapes)
        shapes[broken] = shapely.make_valid(shapes[broken])
        shapes[shapely.is_missing(shapes)] = shapely.Polygon()
        return np.asarray(shapes, dtype=object)

    @cached_property
    def area(self) -> FloatArray:
        """Area [n] by geometry, m²."""
        return np.asarray(shapely.area(self.shapes), dtype=float)

    @cached_property
    def street(self) -> BoolArray:
        """Street parcels [n]; an unreadable mark counts as street, which no site may use."""
        return np.asarray(self.parcels["street"].to_numpy() != 0.0, dtype=bool)

    @cached_property
    def faulty(self) -> BoolArray:
        """Parcels [n] that the reading of the town excluded as data errors."""
        return np.array(
            [str(text or "").startswith("data.") for text in self.parcels["excluded_by"]],
            dtype=bool,
        )

    @cached_property
    def water(self) -> BoolArray:
        """Parcels [n] whose land use is water."""
        return np.array(
            [use in self.document.water_uses for use in self.parcels["land_use"]], dtype=bool
        )

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Index over `shapes`."""
        return shapely.STRtree(self.shapes)

    @cached_property
    def row_of(self) -> Mapping[Any, int]:
        """First row of every parcel id."""
        rows: dict[Any, int] = {}
        for row, parcel_id in enumerate(self.ids):
            rows.setdefault(parcel_id, row)
        return rows

    @cached_property
    def members(self) -> Mapping[str, IntArray]:
        """Rows of the parcels of every site, by the site ids that parcels carry."""
        site_ids = self.parcels["site_id"]
        groups = site_ids[site_ids.notna()].groupby(site_ids).indices
        inside = np.flatnonzero(site_ids.notna().to_numpy())
        return {str(name): inside[rows] for name, rows in sorted(groups.items())}

    @cached_property
    def in_site(self) -> BoolArray:
        """Parcels [n] that belong to a site."""
        return self.parcels["site_id"].notna().to_numpy(dtype=bool)

    @cached_property
    def demand_of(self) -> Mapping[str, Demand]:
        """Demand of every site; a site of an unknown one is left out and fails elsewhere."""
        demands = {demand.id: demand for demand in self.document.demands}
        named = zip(self.written.sites["site_id"], self.written.sites["demand_id"], strict=True)
        return {str(site): demands[demand] for site, demand in named if demand in demands}

    @cached_property
    def acquirer_share(self) -> FloatArray:
        """Share [n] of every parcel that is held by the acquirer's own owners, 0..1."""
        rights = self.written.rights
        own = rights[rights["owner_id"].isin(self.document.acquirer_owners)]
        held = own.groupby("parcel_id")["share"].sum()
        share = self.parcels["parcel_id"].map(held).astype(float).fillna(0.0)
        return np.clip(share.to_numpy(), 0.0, 1.0)
