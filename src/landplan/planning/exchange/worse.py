"""Who is worse off by an exchange, by which measure: a row per party and measure.

The land of every party before and after is measured as `landplan.measures.town` measures holdings,
with the borders of the exchange and the party's reference point as its homestead on both sides.
Value and area are the land alone against what is due, before any payment. Money makes good a
difference in value, nothing makes good the others: they are told so that they can be talked about.
"""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from landplan.cadastre.cadastre import Cadastre
from landplan.measures.access import road_access
from landplan.measures.change import worse_off
from landplan.measures.outline import parcel_shape_index
from landplan.measures.town import holding_measures
from landplan.planning.exchange.formulate import CENTS, SQUARE_DECIMETRES, Formulation
from landplan.planning.measure.request import MeasureRequest
from landplan.proposal.worse import COLUMNS

REACH_M = float(MeasureRequest.model_fields["reach_m"].default)


def worse_table(
    town: Cadastre, formulation: Formulation, after: "np.ndarray[Any, Any]"
) -> pd.DataFrame:
    """Return ``party_id``, ``measure``, ``before``, ``after`` of all that got worse.

    Only parties whose land changed are looked at; the acquirer is none of them.

    Parameters
    ----------
    after
        [n] parties that end with the parcels.
    """
    before = formulation.before
    moved = before != after
    touched = np.union1d(before[moved], after[moved])
    touched = touched[touched != formulation.acquirer]
    if len(touched) == 0:
        return pd.DataFrame({name: [] for name in COLUMNS})
    ground = _ground(town, formulation)
    old, new = (_measured(ground, formulation, party, touched) for party in (before, after))
    own = _due(formulation, after, touched)
    table = worse_off(old, new).rename(columns={"holding": "party_id"})
    both = pd.concat([own, table], ignore_index=True)
    return both.sort_values("party_id", kind="stable")[list(COLUMNS)].reset_index(drop=True)


def _ground(town: Cadastre, formulation: Formulation) -> gpd.GeoDataFrame:
    """Return the parcels [n] with all that does not depend on who holds them."""
    frame, problem = town.parcels.iloc[formulation.land.rows], formulation.problem
    shapes = gpd.GeoSeries(frame.geometry.to_numpy(), crs=frame.crs)
    streets = town.parcels["street"].fillna(False).astype(bool)
    columns: dict[str, Any] = {
        "area_m2": problem.area / SQUARE_DECIMETRES,
        "x": problem.xy[:, 0],
        "y": problem.xy[:, 1],
        "psi": parcel_shape_index(shapes).to_numpy(),
        "road_access": np.nan,
    }
    if not town.roads.empty or bool(streets.any()):
        there = road_access(
            gpd.GeoSeries(town.parcels.geometry),
            gpd.GeoSeries(town.roads.geometry),
            town.roads["width_m"],
            streets,
            REACH_M,
        )
        columns["road_access"] = there.to_numpy(float)[formulation.land.rows]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=frame.crs)


def _measured(
    ground: gpd.GeoDataFrame,
    formulation: Formulation,
    party: "np.ndarray[Any, Any]",
    touched: "np.ndarray[Any, Any]",
) -> pd.DataFrame:
    """Return the measures of the parties whose land changed."""
    names = np.array(formulation.names, dtype=object)
    inside = np.isin(party, touched)
    sizes = formulation.land.members["holding"].value_counts()
    holding = pd.Series(names[party], dtype="str").where(inside)
    parcels = ground.assign(holding=holding, sole=(holding.map(sizes) == 1).astype(float))
    places = formulation.problem.reference[touched]
    homes = pd.DataFrame({"x": places[:, 0], "y": places[:, 1]}, index=pd.Index(names[touched]))
    labels = pd.Index(sorted(set(names[party[inside]])))
    return holding_measures(
        gpd.GeoDataFrame(parcels), formulation.problem.edges, homes.reindex(labels)
    )


def _due(
    formulation: Formulation, after: "np.ndarray[Any, Any]", touched: "np.ndarray[Any, Any]"
) -> pd.DataFrame:
    """Return the rows of parties with land of less value or area than is due."""
    rows = []
    for measure, amount, claim, unit in (
        ("value", formulation.problem.value, formulation.claim_value, CENTS),
        ("area_m2", formulation.problem.area, formulation.claim_area, SQUARE_DECIMETRES),
    ):
        has = np.zeros(formulation.problem.m, np.int64)
        np.add.at(has, after, amount)
        less = touched[has[touched] < claim[touched]]
        rows.append(
            pd.DataFrame(
                {
                    "party_id": [formulation.names[i] for i in less],
                    "measure": measure,
                    "before": claim[less] / unit,
                    "after": has[less] / unit,
                }
            )
        )
    return pd.concat(rows, ignore_index=True)
