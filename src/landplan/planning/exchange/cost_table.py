"""What it counts that a party holds a parcel afterwards, as the owners' lines of a request say."""

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landplan.errors import InputError
from landplan.planning.exchange.request_lines import EVERYWHERE, Cost

MOST_CELLS: Final = 50_000_000
"""Parties times parcels with a table of costs: 400 MB."""


def costs_of(
    lines: list[Cost], names: list[str], members: pd.DataFrame, parcels: list[str], cents: int
) -> NDArray[np.int64] | None:
    """Return the table [m, n] in minor units; None without lines.

    Of an owner's lines the one for the parcel counts, else the one for all; of the owners of a
    party the one for whom it counts most.

    Parameters
    ----------
    lines
        Owner, parcel or `EVERYWHERE`, amount in currency.
    names, members
        The parties [m], and the owners in them (``holding``, ``owner_id``).
    parcels
        Ids [n] of those that take part.
    cents
        Minor units per unit of currency.

    Raises
    ------
    InputError
        ``exchange.costs_too_many`` where the table would not fit into memory.
    """
    if not lines:
        return None
    if len(names) * len(parcels) > MOST_CELLS:
        raise InputError(
            "exchange.costs_too_many", parties=len(names), parcels=len(parcels), most=MOST_CELLS
        )
    party_of = {name: i for i, name in enumerate(names)}
    column = {parcel: j for j, parcel in enumerate(parcels)}
    table = np.zeros((len(names), len(parcels)), np.int64)
    said: dict[str, list[Cost]] = {}
    for line in lines:
        said.setdefault(line[0], []).append(line)
    for holding, owner in zip(members["holding"], members["owner_id"], strict=True):
        if owner not in said or holding not in party_of:
            continue
        row = np.zeros(len(parcels), np.int64)
        everywhere = [amount for _, parcel, amount in said[owner] if parcel == EVERYWHERE]
        row[:] = round(everywhere[0] * cents) if everywhere else 0
        for _, parcel, amount in said[owner]:
            if parcel in column:
                row[column[parcel]] = round(amount * cents)
        mine = table[party_of[holding]]
        np.maximum(mine, row, out=mine)
    return table
