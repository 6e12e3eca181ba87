"""Why land that may be used is in no site: the rule, the measure and the limit, by parcel."""

import numpy as np
import pandas as pd

from landplan.cadastre.cadastre import Cadastre
from landplan.optimize.partition.result import Result
from landplan.planning.assemble.formulate import SQUARE_DECIMETRES
from landplan.planning.partition.formulate import Formulation
from landplan.rules.eligibility import COLUMNS

PIECE = "partition.piece_too_small"
"""The land that hangs together with the parcel has not the area of one site."""
GROUP = "partition.group"
"""The parcel is locked to others that cannot be in a site with it."""
LEFT_OVER = "partition.left_over"
"""No site beside the parcel could take it."""


def unused_land(
    town: Cadastre, formulation: Formulation, result: Result, demand_id: str
) -> pd.DataFrame:
    """Return one row (`COLUMNS`) for every parcel that may be used and is in no site.

    Measured is the area of the land that hangs together with it, or of the parcel itself.
    """
    problem = formulation.problem
    rows = np.flatnonzero(problem.eligible & (result.label < 0))
    piece_area = np.bincount(
        result.component[result.component >= 0],
        weights=problem.area[result.component >= 0],
        minlength=len(result.component_bound),
    )
    piece = result.component[rows]
    inside = piece >= 0
    held = problem.area[rows].astype(float)
    held[inside] = piece_area[piece[inside]]
    small = inside & (held < problem.area_min)
    left_over = inside & ~small
    held[left_over] = problem.area[rows][left_over]
    rule = np.where(small, PIECE, np.where(inside, LEFT_OVER, GROUP))
    return pd.DataFrame(
        {
            "parcel_id": town.parcels["parcel_id"].to_numpy()[rows],
            "demand_id": demand_id,
            "rule": rule,
            "measured": (held / SQUARE_DECIMETRES).round(2),
            "limit": np.where(small, problem.area_min / SQUARE_DECIMETRES, np.nan),
            "unit": "m2",
        },
        columns=COLUMNS,
    ).astype({"parcel_id": "str", "demand_id": "str", "rule": "str", "unit": "str"})
