"""Land that sites must mostly leave aside: "at most half of a site on the land of that plan".

Alternatives to a plan are asked for in this way: the request says it, so that the plan found says
it too, and the audit can check it from the files alone.
"""

import math
from fractions import Fraction
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landplan.optimize.assembly.problem import Row
from landplan.planning.assemble.request_parts import Elsewhere

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
SHARE_UNITS: Final = 10_000
"""A share is meant down to whole ten-thousandths."""


def share_allowed(share: float) -> Fraction:
    """Return the share as a fraction of whole ten-thousandths, never above the one asked for."""
    return Fraction(math.floor(share * SHARE_UNITS + 1e-6), SHARE_UNITS)


def lies_on(asked: Elsewhere, ids: pd.Series) -> BoolArray:
    """Return [n] whether a parcel belongs to the land; ``ids`` [n] of the town's parcels."""
    return np.asarray(ids.isin(asked.parcels), dtype=bool)


def elsewhere_row(asked: Elsewhere, ids: pd.Series, area: IntArray) -> Row:
    """Return the rule as a row over parcels [n], ``area`` in dm².

    With the share s/t: Σ area · (s − t · [on that land]) >= 0, in whole numbers.
    """
    share = share_allowed(asked.max_share)
    on_it = lies_on(asked, ids).astype(np.int64)
    return Row(area * (share.numerator - share.denominator * on_it), 0)
