"""Which table belongs to the parcels, by which columns, and how several rows of one combine."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from landplan.cadastre.draft.columns import Profile, profiles
from landplan.cadastre.draft.survey import Source
from landplan.cadastre.townfile import Combine

_LEAST_MATCHED: Final = 0.3
_LEAST_DISTINCT: Final = 0.1  # of the rows: a key has many values
_REPEATS: Final = 0.9


@dataclass(slots=True)
class Candidate:
    """A table that fits: the two key columns, and the shares of parcels and rows with a partner."""

    table: Source
    parcel_key: Profile
    table_key: Profile
    parcels_matched: float
    rows_matched: float
    columns: list[Profile] = field(default_factory=list)

    @property
    def several_rows(self) -> int:
        """Number of keys that occur in more than one row."""
        counts = self.table_key.text.value_counts()
        return int((counts > 1).sum())

    @property
    def unmatched(self) -> pd.Series:
        """Which parcels have no row, as booleans on the parcels' index."""
        return ~self.parcel_key.text.isin(self.table_key.text.dropna().unique())

    def on_parcels(self, profile: Profile) -> pd.Series:
        """Numbers of a column for those parcels whose key stands in one row only, else NaN."""
        keys = self.table_key.text
        single = ~keys.duplicated(keep=False) & keys.notna()
        values = pd.Series(profile.numbers[single].to_numpy(), index=keys[single])
        brought = values.reindex(self.parcel_key.text.to_numpy())
        return pd.Series(brought.to_numpy(), index=self.parcel_key.text.index)

    def summed(self, profile: Profile) -> pd.Series:
        """Return the sum of a column over each parcel's rows, on the parcels' index."""
        sums = profile.numbers.groupby(self.table_key.text).sum(min_count=1)
        brought = sums.reindex(self.parcel_key.text.to_numpy())
        return pd.Series(brought.to_numpy(), index=self.parcel_key.text.index)

    def combine(self, profile: Profile, role: str) -> Combine:
        """Suggest how several rows of one parcel become one value.

        Amounts that repeat the same number in all rows of a parcel describe the whole parcel
        (``first``); otherwise they are parts of it (``sum``).
        """
        if not self.several_rows or role == "owner":
            return "first"
        if role == "year_built":
            return "min"
        if role in ("value", "cost", "area_registered"):
            return "first" if self._repeats(profile) else "sum"
        return "most_frequent"

    def _repeats(self, profile: Profile) -> bool:
        numbers = profile.numbers.where(profile.numbers > 0)
        groups = numbers.groupby(self.table_key.text)
        known = groups.count() > 1
        same = (groups.max() - groups.min()).abs() <= 1e-9 * groups.max().abs()
        return bool(known.any() and same[known].mean() >= _REPEATS)


def candidates(parcels: list[Profile], tables: Sequence[Source]) -> list[Candidate]:
    """Return the tables that share key values with the parcels, the best first."""
    found = [best for table in tables if (best := _best_keys(parcels, table)) is not None]
    return sorted(found, key=_quality, reverse=True)


def _quality(candidate: Candidate) -> float:
    return candidate.parcels_matched + candidate.rows_matched


def _best_keys(parcels: list[Profile], table: Source) -> Candidate | None:
    columns = profiles(table.attributes)
    left = [(one, set(one.text.dropna().unique())) for one in parcels if _may_be_key(one)]
    right = [(one, set(one.text.dropna().unique())) for one in columns if _may_be_key(one)]
    best: Candidate | None = None
    for own, own_values in left:
        for other, other_values in right:
            common = own_values & other_values
            if len(common) < _LEAST_MATCHED * min(len(own_values), len(other_values)):
                continue
            matched = float(np.mean(own.text.isin(common)))
            rows = float(np.mean(other.text.isin(common)))
            one = Candidate(table, own, other, matched, rows, columns)
            if matched >= _LEAST_MATCHED and (best is None or _quality(one) > _quality(best)):
                best = one
    return best


def _may_be_key(profile: Profile) -> bool:
    return profile.is_code and profile.distinct >= _LEAST_DISTINCT * len(profile.text)
