"""The tables of an exchange as the auditor reads them."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd

from landplan.errors import InputError
from landplan.proposal.audit.view import FloatArray, IntArray, View

CENT: Final = 0.01


class Exchange:
    """The tables of an exchange beside the parcels they speak of."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.holdings = _table(view, "holdings")
        self.statements = _table(view, "statements").set_index("party_id", drop=False)
        self.request = view.document.request

    @cached_property
    def rows(self) -> IntArray:
        """Rows of the parcels that the holdings name; −1: unknown."""
        return np.array([self.view.row_of.get(i, -1) for i in self.holdings["parcel_id"]], np.int64)

    @cached_property
    def cents(self) -> FloatArray:
        """Value [n] of the parcels that take part, whole cents."""
        return np.maximum(1.0, np.rint(self._column("value") * 100.0))

    @cached_property
    def square_dm(self) -> FloatArray:
        """Area [n] of the parcels that take part, whole dm²."""
        return np.maximum(1.0, np.rint(self._column("area_m2") * 100.0))

    @cached_property
    def moved(self) -> "pd.Series[bool]":
        """Whether a parcel [n] changes hands."""
        return self.holdings["party_before"] != self.holdings["party_after"]

    @cached_property
    def taken(self) -> frozenset[str]:
        """Parcels that the acquirer receives as a site."""
        acquirer = self.request.get("acquirer")
        return frozenset(acquirer.get("receives", []) if isinstance(acquirer, dict) else [])

    @cached_property
    def asked_fixed(self) -> Mapping[str, Any]:
        """What the request fixes."""
        asked = self.request.get("fixed")
        return asked if isinstance(asked, dict) else {}

    @cached_property
    def refusing(self) -> frozenset[str]:
        """Owners who take no part, by the request or by the town's data."""
        owners = self.view.written.owners
        known = owners.loc[owners["consent"] == "refused", "owner_id"]
        return frozenset({*self.asked_fixed.get("owners", []), *known})

    def _column(self, name: str) -> FloatArray:
        values = self.view.parcels[name].to_numpy(float)
        return np.where(self.rows >= 0, values[self.rows], np.nan)

    def number(self, part: str, key: str) -> float:
        """Return a number of the request; NaN where none is asked."""
        table = self.request.get(part)
        value = table.get(key) if isinstance(table, dict) else None
        return float(value) if isinstance(value, int | float) else float("nan")

    def by_party(self, when: str, amount: FloatArray) -> "pd.Series[float]":
        """Return the sum of amounts [n] by party, in the order of the statements."""
        total = pd.Series(amount).groupby(self.holdings[f"party_{when}"].to_numpy()).sum()
        return total.reindex(self.statements.index).fillna(0.0)


def _table(view: View, name: str) -> pd.DataFrame:
    raw = view.written.raw.get(name)
    if raw is None:
        raise InputError("audit.layer_missing", file="proposal.gpkg", layer=name)
    return raw.reset_index(drop=True)
