"""A proposal: one answer of a process, with everything that is needed to check it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import geopandas as gpd
import pandas as pd

from landplan.cadastre.cadastre import Provenance, Town
from landplan.proposal.canonical import canonical_json, plain_data
from landplan.proposal.certificate import Certificate
from landplan.proposal.layers import LAYERS, conform, empty_layer

ID_DIGITS = 12


def proposal_id(
    process: str,
    canonical_request: Mapping[str, Any],
    data_hash: str,
    version: str,
    seed: int,
    sites: Mapping[str, Sequence[str]] | None = None,
    origin: Mapping[str, object] | None = None,
) -> str:
    """Return the id that the same question to the same data always gets: 12 hexadecimal digits.

    A plan edited by hand is told apart by its ``sites``: sorted parcel ids by site; one whose
    search began from another plan by its ``origin``.
    """
    question: list[Any] = [process, canonical_request, data_hash, version, seed]
    if sites is not None:
        question.append(sites)
    if origin is not None:
        question.append(origin)
    return hashlib.sha256(canonical_json(question)).hexdigest()[:ID_DIGITS]


@dataclass(frozen=True, slots=True)
class DemandOutcome:
    """What became of one demand; ``reason`` {code, params} says why it is not met.

    ``notes`` are further {code, params}: what one parcel alone would do, near misses, what would
    help.
    """

    id: str
    met: bool
    sites: tuple[str, ...] = ()
    reason: Mapping[str, Any] | None = None
    notes: tuple[Mapping[str, Any], ...] = ()

    def __post_init__(self) -> None:
        if not self.met and self.reason is None:
            raise ValueError(f"demand {self.id} is unmet without a reason")
        object.__setattr__(self, "sites", tuple(self.sites))
        object.__setattr__(self, "reason", plain_data(self.reason))
        object.__setattr__(self, "notes", tuple(plain_data(note) for note in self.notes))


@dataclass(frozen=True, slots=True)
class Measures:
    """Named figures of the ground before and after; a figure that is not known is None."""

    before: Mapping[str, float | None] = field(default_factory=dict)
    after: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Proposal:
    """One answer: what was asked of which data, what came out, and what is proven about it.

    Frames are brought to the columns and kinds of `landplan.proposal.layers` when a proposal is
    made; treat them as read-only. Two proposals are equal when all they would write is equal.

    Attributes
    ----------
    id, process, version
        `proposal_id`, the process that answered, and the version of landplan.
    request
        The canonical request: all keys, defaults filled in.
    town, provenance
        Name, money and tolerances of the town; the source files with their hashes.
    certificate, demands, measures
        Objective and proven bound; what became of each demand; figures before and after.
    assumptions
        {code, params} of what stands in place of data.
    audit
        ``{passed, checks}`` of the audit, None before there was one.
    times
        When and how long; the only part that differs between two equal runs.
    content_hash
        SHA-256 of each written layer by name; filled in by writing.
    sites, parcels, bridges, zones, restrictions, roads
        `GeoDataFrame`, in the town's CRS.
    rights, exclusions, ledger
        `DataFrame`.
    buildings, facilities
        `GeoDataFrame`, where the request speaks of distances from them; None: nothing.
    owners
        `DataFrame` of what is known of the owners, where the request asks for them; None: nothing.
    statements, holdings, worse_off
        `DataFrame` of the parties and parcels of an exchange, and of who is worse off by which
        measure; None: nothing.

    Raises
    ------
    ValueError
        A frame lacks a column, or holds what its column cannot.
    """

    id: str
    process: str
    version: str
    request: Mapping[str, Any]
    town: Town
    provenance: Provenance
    certificate: Certificate
    demands: tuple[DemandOutcome, ...]
    sites: gpd.GeoDataFrame
    parcels: gpd.GeoDataFrame
    bridges: gpd.GeoDataFrame
    zones: gpd.GeoDataFrame
    restrictions: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    rights: pd.DataFrame
    exclusions: pd.DataFrame
    ledger: pd.DataFrame
    measures: Measures = field(default_factory=Measures)
    assumptions: Sequence[Mapping[str, Any]] = ()
    audit: Mapping[str, Any] | None = None
    times: Mapping[str, Any] = field(default_factory=dict)
    content_hash: Mapping[str, str] = field(default_factory=dict)
    owners: pd.DataFrame | None = None
    buildings: gpd.GeoDataFrame | None = None
    facilities: gpd.GeoDataFrame | None = None
    statements: pd.DataFrame | None = None
    holdings: pd.DataFrame | None = None
    worse_off: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        for name in ("owners", "buildings", "facilities", "statements", "holdings", "worse_off"):
            if getattr(self, name) is None:
                object.__setattr__(self, name, empty_layer(name, self.town.crs))
        for name in LAYERS:
            object.__setattr__(self, name, conform(getattr(self, name), name, self.town.crs))
        for name in ("request", "audit", "times", "content_hash"):
            object.__setattr__(self, name, plain_data(getattr(self, name)))
        assumptions = tuple(plain_data(item) for item in self.assumptions)
        object.__setattr__(self, "assumptions", assumptions)
        object.__setattr__(self, "demands", tuple(self.demands))

    @property
    def exclusion_counts(self) -> dict[str, int]:
        """Rows of ``exclusions`` by rule."""
        counts = self.exclusions["rule"].value_counts()
        return {str(rule): int(counts[rule]) for rule in sorted(counts.index)}

    def layer(self, name: str) -> pd.DataFrame:
        """Return a layer or table by its name in `landplan.proposal.layers.LAYERS`."""
        if name not in LAYERS:
            raise KeyError(name)
        frame: pd.DataFrame = getattr(self, name)
        return frame

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Proposal):
            return NotImplemented
        plain = [entry.name for entry in fields(self) if entry.name not in LAYERS]
        return all(getattr(self, name) == getattr(other, name) for name in plain) and all(
            self.layer(name).equals(other.layer(name)) for name in LAYERS
        )

    __hash__ = None  # type: ignore[assignment]  # frames have no hash
