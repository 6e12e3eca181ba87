"""The unit of a registered area, found by comparing it with the computed one."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from landplan.cadastre.townfile import SQUARE_METRES, AreaUnit

_NEAR: Final = 0.10  # a parcel agrees with a unit where its area lies this close
_LEAST_AGREEING: Final = 0.5
_LEAST_PARCELS: Final = 5


@dataclass(frozen=True, slots=True)
class UnitFit:
    """A unit, the factor found (m² per unit, median) and the share of parcels that agree."""

    unit: AreaUnit
    factor: float
    agreeing: float
    parcels: int


def fit_unit(registered: pd.Series, computed_m2: pd.Series) -> UnitFit | None:
    """Return the unit in which a column gives the parcels' areas, or None.

    The factor is the median of computed / registered, which a tenth of wrong entries cannot move;
    the unit nearest to it on a logarithmic scale is taken where at least half the parcels agree.
    """
    ratio = computed_m2 / registered.where(registered > 0)
    ratio = ratio[np.isfinite(ratio) & (ratio > 0)]
    if len(ratio) < _LEAST_PARCELS:
        return None
    factor = float(np.median(ratio))
    unit = min(SQUARE_METRES, key=lambda name: abs(np.log(factor / SQUARE_METRES[name])))
    agreeing = float((np.abs(ratio / SQUARE_METRES[unit] - 1) <= _NEAR).mean())
    if agreeing < _LEAST_AGREEING:
        return None
    return UnitFit(unit, factor, agreeing, len(ratio))  # type: ignore[arg-type]  # keys are the units
