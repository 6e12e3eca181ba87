"""From a request and a cadastre to the numbers of the partition problem: geometry stops here."""

import difflib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from landplan.cadastre.cadastre import Cadastre
from landplan.errors import InputError, ManyErrors
from landplan.optimize.partition.problem import UNLIMITED, FloatArray, IntArray, Problem
from landplan.planning.assemble import formulate as assembly
from landplan.planning.assemble.names import check_names as check_assembly
from landplan.planning.assemble.request import AssembleRequest, Demand
from landplan.planning.assemble.request_parts import Bridge, Shape
from landplan.planning.partition.request import PartitionRequest
from landplan.planning.partition.request_parts import (
    AS_MANY_AS_POSSIBLE,
    ATTRIBUTES,
    NO_LARGEST_HA,
    Share,
)

SPREAD_UNITS = 10_000
"""Attributes are counted in ten-thousandths of their standard deviation."""


@dataclass(frozen=True, slots=True)
class Formulation:
    """The problem, and what is needed to read its answer.

    ``ground`` is the same land as a problem of `assemble`: verdict, borders, bridges and costs.
    """

    problem: Problem
    ground: assembly.Formulation
    asked: AssembleRequest
    assumptions: tuple[dict[str, object], ...]


def formulate(request: PartitionRequest, cadastre: Cadastre) -> Formulation:
    """Turn a request into arrays.

    Raises ManyErrors naming every id, zone, use or attribute that the town does not have.
    """
    check_names(request, cadastre)
    asked = as_assembly(request)
    ground = assembly.formulate(asked, cadastre)
    parcels = cadastre.parcels
    row = pd.Series(np.arange(len(parcels)), index=parcels["parcel_id"])
    attributes, assumptions = _attributes(request, cadastre, ground.verdicts[0].eligible)
    site = ground.problem.demands[0]
    limited = request.demand[0].area_range_ha[1] < NO_LARGEST_HA
    links = [ground.problem.borders]
    if request.bridge.across_streets:
        links.append(ground.problem.bridges)
    most = request.demand[0].count
    problem = Problem(
        area=ground.problem.area,
        xy=ground.problem.xy,
        links=np.vstack(links).astype(np.int64),
        eligible=site.eligible,
        area_min=site.area_min,
        area_max=site.area_max if limited else UNLIMITED,
        attributes=attributes,
        together=tuple(row[list(group)].to_numpy(np.int64) for group in request.together()),
        apart=_pairs(request, row),
        max_sites=most if most < AS_MANY_AS_POSSIBLE else UNLIMITED,
    )
    return Formulation(problem, ground, asked, assumptions)


def check_names(request: PartitionRequest, cadastre: Cadastre) -> None:
    """Raise ManyErrors for every name in the request that the town does not have."""
    faults: list[InputError] = []
    try:
        check_assembly(as_assembly(request), cadastre)
    except ManyErrors as errors:
        faults += [error for error in errors.errors if isinstance(error, InputError)]
    known = set(cadastre.parcels["parcel_id"])
    named = {parcel for lock in request.lock for parcel in lock.parcels}
    faults += [
        _unknown("request.unknown_parcel", "lock", "parcels", name, known)
        for name in sorted(named - known)
    ]
    if request.prefer == "alike":
        columns = set(numeric_columns(cadastre)) | set(ATTRIBUTES)
        faults += [
            _unknown("request.unknown_attribute", "–", "attributes", name, columns)
            for name in sorted(set(request.attributes) - columns)
        ]
    if faults:
        raise ManyErrors(faults)


def numeric_columns(cadastre: Cadastre) -> list[str]:
    """Return the columns of the parcels that hold numbers."""
    parcels = cadastre.parcels
    return [
        str(name)
        for name in parcels.columns
        if pd.api.types.is_numeric_dtype(parcels[name])
        and not pd.api.types.is_bool_dtype(parcels[name])
    ]


def as_assembly(request: PartitionRequest) -> AssembleRequest:
    """Return the request of `assemble` that has the same land, rules and crossings."""
    share = request.demand[0]
    low, high = share.area_range_ha
    bridge = request.bridge
    return AssembleRequest(
        process="assemble",
        title=request.title,
        seed=request.seed,
        effort=request.effort,
        acquirer_owners=request.acquirer_owners,
        zero_cost=request.zero_cost,
        bridge=Bridge(
            max_width_m=bridge.max_width_m,
            min_facing_m=bridge.min_facing_m,
            never_over=bridge.never_over,
        ),
        shape=Shape(max_radius_factor=0.0),
        demand=[_as_demand(share, low, high, 1 if bridge.across_streets else 0)],
    )


def _as_demand(share: Share, low: float, high: float, max_bridges: int) -> Demand:
    return Demand(
        id=share.id,
        area_ha=[low, high],
        land_uses=share.land_uses,
        zones=share.zones,
        min_zone_share=share.min_zone_share,
        max_bridges=max_bridges,
        never=share.never,
        never_owners=share.never_owners,
    )


def _unknown(code: str, demand: str, key: str, name: str, known: set[str]) -> InputError:
    nearest = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.0)
    return InputError(code, demand=demand, key=key, id=name, nearest=next(iter(nearest), "–"))


def _pairs(request: PartitionRequest, row: "pd.Series[int]") -> IntArray:
    pairs = [(int(row[one]), int(row[other])) for one, other in request.apart()]
    return np.array(pairs, np.int64).reshape(-1, 2)


def _attributes(
    request: PartitionRequest, cadastre: Cadastre, eligible: np.ndarray
) -> tuple[IntArray, tuple[dict[str, object], ...]]:
    """Return the attributes [n, d] in equal units, and what stands in place of missing values.

    Each column is divided by its standard deviation over the land that may be used; a missing value
    counts as the median. A column that is the same everywhere is left out.
    """
    columns: list[IntArray] = []
    assumptions: list[dict[str, object]] = []
    names = sorted(set(request.attributes)) if request.prefer == "alike" else []
    for name in names:
        values = attribute(cadastre, name)
        known = eligible & np.isfinite(values)
        missing = int((eligible & ~known).sum())
        spread = float(values[known].std()) if known.any() else 0.0
        if not spread > 0:
            params: dict[str, object] = {"attribute": name}
            assumptions.append({"code": "assumption.attribute_same", "params": params})
            continue
        if missing:
            params = {"n": missing, "attribute": name}
            assumptions.append({"code": "assumption.attribute_missing", "params": params})
        middle = float(np.median(values[known]))
        scaled = np.where(known, values - middle, 0.0) / spread * SPREAD_UNITS
        columns.append(np.rint(scaled).astype(np.int64))
    if not columns:
        return np.empty((len(eligible), 0), np.int64), tuple(assumptions)
    return np.column_stack(columns), tuple(assumptions)


def attribute(cadastre: Cadastre, name: str) -> FloatArray:
    """Return a column of the parcels [n], or an amount per hectare; NaN where unknown."""
    parcels = cadastre.parcels
    if name in ATTRIBUTES:
        amount = parcels[name.removesuffix("_per_ha")].to_numpy(dtype=float)
        hectares = parcels["area_m2"].to_numpy(dtype=float) / 10_000.0
        per_ha = np.divide(amount, hectares, out=np.full(len(parcels), np.nan), where=hectares > 0)
        return np.asarray(per_ha, np.float64)
    return np.asarray(parcels[name], dtype=np.float64)
