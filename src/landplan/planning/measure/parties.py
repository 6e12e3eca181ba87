"""Who holds a parcel: one owner, or a party of co-owners.

Co-owners of a parcel are **one party per set of owners and shares**: two parcels that A and B hold
half each belong to one holding; a third that they hold one to two is another. What A holds alone is
a holding of its own, so no land counts twice.
"""

import hashlib
from fractions import Fraction
from typing import Final

import pandas as pd

from landplan.cadastre.cadastre import Cadastre

_LARGEST_DENOMINATOR: Final = 10_000
_MOST_NAMED: Final = 3
_DIGITS: Final = 8
MEMBERS: Final = ("holding", "owner_id", "share")


def parties(cadastre: Cadastre) -> tuple["pd.Series[str]", pd.DataFrame]:
    """Return the holding of every parcel, and who the members of each holding are.

    Returns
    -------
    holding : Series [n] of str, missing
        On the index of the parcels; missing where nobody is known to hold it. An owner alone gives
        the owner's id, co-owners ``A 1/2 + B 1/2``; more than three are shortened.
    members : DataFrame
        Columns `MEMBERS`; the shares of a holding sum to 1.
    """
    rights = cadastre.rights
    held = rights[rights["owner_id"].notna() & (rights["share"] > 0)]
    shares = held.groupby(["parcel_id", "owner_id"], sort=True)["share"].sum().reset_index()
    alone = ~shares["parcel_id"].duplicated(keep=False)
    label = pd.Series(
        shares.loc[alone, "owner_id"].to_numpy(), index=shares.loc[alone, "parcel_id"], dtype="str"
    )
    together, members = _together(shares[~alone])
    holding = cadastre.parcels["parcel_id"].map(pd.concat([label, together])).astype("str")
    sole = pd.DataFrame({"holding": sorted(set(label)), "share": 1.0}).assign(
        owner_id=lambda frame: frame["holding"]
    )
    table = pd.concat([sole[list(MEMBERS)], members], ignore_index=True)
    return holding.rename("holding"), table.astype({"holding": "str", "owner_id": "str"})


def _together(shares: pd.DataFrame) -> tuple["pd.Series[str]", pd.DataFrame]:
    """Return the party of every parcel held by several, by parcel id, and the members."""
    label: dict[str, str] = {}
    rows: dict[str, list[tuple[str, str, float]]] = {}
    for parcel, group in shares.groupby("parcel_id", sort=True):
        parts = [
            (str(owner), Fraction(float(share)).limit_denominator(_LARGEST_DENOMINATOR))
            for owner, share in zip(group["owner_id"], group["share"], strict=True)
        ]
        name = _name(parts)
        label[str(parcel)] = name
        rows.setdefault(name, [(name, owner, float(share)) for owner, share in parts])
    table = pd.DataFrame(
        [row for name in sorted(rows) for row in rows[name]], columns=list(MEMBERS)
    ).astype({"share": float})
    return pd.Series(label, dtype="str"), table


def _name(parts: list[tuple[str, Fraction]]) -> str:
    spelled = [f"{owner} {share}" for owner, share in parts]
    if len(spelled) <= _MOST_NAMED:
        return " + ".join(spelled)
    digest = hashlib.sha256(" + ".join(spelled).encode()).hexdigest()[:_DIGITS]
    more = len(spelled) - _MOST_NAMED + 1
    return " + ".join([*spelled[: _MOST_NAMED - 1], f"… {more} #{digest}"])
