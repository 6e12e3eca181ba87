"""The exchange problem as arrays."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

Stop = Callable[[float, float], bool]
"""Asked with the best objective and bound; true: end as soon as possible."""
Progress = Callable[[str, float, float], None]
"""Told phase, best objective and bound."""

NO_LIMIT = 2**60
"""As an upper bound, and negative as a lower one: no limit."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Who of m parties may get which of n parcels, and what an assignment costs.

    An assignment gives every parcel to one party. It costs, in minor units of money,

        Σ_j [ rint(distance_price · value_j · d²(j, reference of its party)) + extra
              + move_price where the party is not the holder
              + leave_price where it is not the one of an agreed plan ] + piece_price · pieces,

    a piece being parcels of one party that borders join.

    Attributes
    ----------
    value, area
        [n] whole numbers > 0: minor units of money, dm².
    xy, reference
        [n, 2] and [m, 2] places in m.
    holder
        [n] party that holds the parcel today.
    fixed
        [n] parcels that stay with their holder.
    value_low, value_high, area_low, area_high
        [m] least and most that a party ends with, fixed parcels included; ± `NO_LIMIT`: none.
    least
        [m] least number of parcels that a party ends with.
    kind, may_receive
        [n] kind of parcel and [m, kinds] whether a party may get parcels of a kind that it does not
        hold today.
    edges
        [e, 2] pairs of parcels that share a border.
    distance_price, move_price, piece_price, leave_price
        Prices >= 0, as above; distance in m.
    extra
        [m, n] further whole costs >= 0 of giving a parcel to a party; None: none.
    agreed
        [n] parties of an agreed plan; None: there is none.
    max_moves
        Most parcels that may change hands; None: no limit.

    Raises
    ------
    ValueError
        Arrays of the wrong length, a value or an area <= 0, or an unknown party.
    """

    value: IntArray
    area: IntArray
    xy: FloatArray
    holder: IntArray
    fixed: BoolArray
    reference: FloatArray
    value_low: IntArray
    value_high: IntArray
    area_low: IntArray
    area_high: IntArray
    least: IntArray
    kind: IntArray
    may_receive: BoolArray
    edges: IntArray
    distance_price: float
    move_price: int = 0
    piece_price: int = 0
    leave_price: int = 0
    extra: IntArray | None = None
    agreed: IntArray | None = None
    max_moves: int | None = None

    def __post_init__(self) -> None:
        n, m = len(self.value), len(self.reference)
        for name in ("area", "xy", "holder", "fixed", "kind"):
            if len(getattr(self, name)) != n:
                raise ValueError(f"{name} is not of length {n}")
        for name in ("value_low", "value_high", "area_low", "area_high", "least", "may_receive"):
            if len(getattr(self, name)) != m:
                raise ValueError(f"{name} is not of length {m}")
        if n and (min(self.value.min(), self.area.min()) <= 0):
            raise ValueError("values and areas must be positive")
        if n and not (self.holder.min() >= 0 and self.holder.max() < m):
            raise ValueError("a holder is not a party")
        if self.extra is not None and self.extra.shape != (m, n):
            raise ValueError("extra is not [parties, parcels]")
        if self.extra is not None and (self.extra < 0).any():
            raise ValueError("extra costs must not be negative")

    @property
    def n(self) -> int:
        """Number of parcels."""
        return len(self.value)

    @property
    def m(self) -> int:
        """Number of parties."""
        return len(self.reference)

    @property
    def by_area(self) -> bool:
        """Whether any party has a limit on its area."""
        return bool((self.area_low > 0).any() or (self.area_high < NO_LIMIT).any())
