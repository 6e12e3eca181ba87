"""The owners of a town as an assembly counts them: who holds what, who is in favour, at what risk.

Owners on the acquirer's side count as nobody. A parcel of several owners has them all; its land is
theirs by their shares.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landplan.cadastre.cadastre import Cadastre
from landplan.optimize.assembly.problem import Row
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.assemble.request_parts import Consent

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

CERTAIN: Final = 1.0
"""An owner with this refusal probability refuses: no price can stand for that."""
_LARGEST_DENOMINATOR: Final = 20
_SHARE_UNITS: Final = 10_000
MINOR_UNITS: Final = 100


@dataclass(frozen=True, slots=True)
class Owners:
    """Owners [m] and the parcels [n] that they hold.

    Attributes
    ----------
    names
        [m] ids.
    start, of
        Those of parcel v are ``of[start[v]:start[v + 1]]``; ``share`` is parallel to ``of``.
    share
        The part of the parcel that each holds, 0..1.
    in_favour, known
        [m] whether an owner counts as in favour, and whether that was said.
    risk
        [m] −ln(1 − refusal probability); 0 for owners who agreed and have no probability.
    assumed
        [m] whether the probability is that of ``price.refusal_unknown``.
    """

    names: pd.Index
    start: IntArray
    of: IntArray
    share: FloatArray
    in_favour: BoolArray
    known: BoolArray
    risk: FloatArray
    assumed: BoolArray

    @classmethod
    def of_town(cls, request: AssembleRequest, cadastre: Cadastre) -> "Owners":
        """Read the owners from the rights of a town, as a request counts them."""
        held = _held(request, cadastre)
        names = pd.Index(np.unique(held["owner_id"].to_numpy(dtype=object)), dtype=object)
        row_of = pd.Index(cadastre.parcels["parcel_id"])
        parcel = row_of.get_indexer(held["parcel_id"]).astype(np.int64)
        held = held[parcel >= 0]
        parcel = parcel[parcel >= 0]
        order = np.argsort(parcel, kind="stable")
        start = np.zeros(len(row_of) + 1, np.int64)
        np.cumsum(np.bincount(parcel, minlength=len(row_of)), out=start[1:])
        owner = names.get_indexer(held["owner_id"]).astype(np.int64)
        told = cadastre.owners.drop_duplicates("owner_id").set_index("owner_id").reindex(names)
        consent = told["consent"].fillna("unknown").to_numpy(dtype=object)
        risk, assumed = _risk(told, consent, request.price.refusal_unknown)
        return cls(
            names=names,
            start=start,
            of=owner[order],
            share=held["share"].to_numpy(dtype=float)[order],
            in_favour=np.asarray(
                (consent == "agreed") | ((consent == "unknown") & _counts_for(request.consent))
            ),
            known=np.asarray(consent != "unknown"),
            risk=risk,
            assumed=assumed,
        )

    def present(self, parcels: IntArray) -> IntArray:
        """Return the owners of these parcels, each once."""
        runs = [self.of[self.start[v] : self.start[v + 1]] for v in parcels]
        return np.unique(np.concatenate([np.empty(0, np.int64), *runs])).astype(np.int64)

    def prices(self, request: AssembleRequest) -> tuple[IntArray, IntArray]:
        """Return what owners [m] count for as such, and by their risk, minor units.

        A certain refusal has no price: 0 here, and its land is excluded.
        """
        fee = np.full(len(self.names), round(request.price.per_owner * MINOR_UNITS), np.int64)
        finite = np.where(np.isfinite(self.risk), self.risk, 0.0)
        risk = np.rint(request.price.per_survival * MINOR_UNITS * finite).astype(np.int64)
        return fee, risk


def refusing(request: AssembleRequest, cadastre: Cadastre) -> tuple[str, ...]:
    """Return the owners whose land no site may use because they refuse.

    Those who said so, where ``consent.refused`` is ``exclude``, and those who are certain to, where
    the risk of refusals has a price.
    """
    owners = cadastre.owners
    refuses = np.zeros(len(owners), dtype=bool)
    if request.consent.refused == "exclude":
        refuses |= (owners["consent"] == "refused").to_numpy(dtype=bool)
    if request.price.per_survival > 0:
        refuses |= (owners["refusal_probability"] >= CERTAIN).to_numpy(dtype=bool)
    own = owners["owner_id"].isin(request.acquirer_owners).to_numpy(dtype=bool)
    return tuple(sorted(set(owners.loc[refuses & ~own, "owner_id"].dropna())))


def share_meant(share: float) -> Fraction:
    """Return the simplest fraction that a share stands for: 0.6667 is two thirds.

    Fractions with a denominator up to 20 are meant by any decimal within half a thousandth.
    """
    simple = Fraction(share).limit_denominator(_LARGEST_DENOMINATOR)
    near = abs(simple - Fraction(share)) <= Fraction(1, 2000)
    return simple if near else Fraction(round(share * _SHARE_UNITS), _SHARE_UNITS)


def heads_row(owners: Owners, share: float) -> Row:
    """Return "the owners present that are in favour are at least this share of them" over [m]."""
    part = share_meant(share)
    coef = part.denominator * owners.in_favour.astype(np.int64) - part.numerator
    return Row(coef, 0)


def number_row(owners: Owners, most: int) -> Row:
    """Return "no more than so many owners are present" over [m]."""
    return Row(np.full(len(owners.names), -1, np.int64), -most)


def area_row(owners: Owners, share: float, area: IntArray) -> Row:
    """Return "the land of owners in favour is at least this share of the land" over parcels [n].

    The acquirer's own land counts on neither side; land of nobody known counts as that of an owner
    who has said nothing: ``nobody`` in `area_in_favour`.
    """
    part = share_meant(share)
    favour, total = area_in_favour(owners, area)
    return Row(part.denominator * favour - part.numerator * total, 0)


def area_in_favour(owners: Owners, area: IntArray) -> tuple[IntArray, IntArray]:
    """Return the land of every parcel [n] whose owners are in favour, and that has owners, dm².

    Both are rounded to whole dm², the first downwards.
    """
    parcel = np.repeat(np.arange(len(area)), np.diff(owners.start))
    held = area[parcel] * owners.share
    total = np.bincount(parcel, weights=held, minlength=len(area))
    favour = np.bincount(parcel, weights=held * owners.in_favour[owners.of], minlength=len(area))
    # shares are decimals: a whole parcel must stay whole
    return np.floor(favour + 1e-6).astype(np.int64), np.rint(total).astype(np.int64)


def _held(request: AssembleRequest, cadastre: Cadastre) -> pd.DataFrame:
    rights = cadastre.rights[cadastre.rights["owner_id"].notna()]
    rights = rights[~rights["owner_id"].isin(request.acquirer_owners)]
    summed = rights.groupby(["parcel_id", "owner_id"], as_index=False, sort=True)["share"].sum()
    return pd.DataFrame(summed)


def _counts_for(consent: Consent) -> bool:
    return consent.unknown == "for"


def _risk(
    told: pd.DataFrame, consent: NDArray[np.object_], assumption: float
) -> tuple[FloatArray, BoolArray]:
    """Return −ln(1 − p) [m], infinite where p is 1, and who has no p of its own."""
    stated = told["refusal_probability"].to_numpy(dtype=float)
    missing = ~(stated >= 0.0)
    assumed = missing & (consent != "agreed")
    chance = np.where(missing, np.where(consent == "agreed", 0.0, assumption), stated)
    with np.errstate(divide="ignore"):
        return -np.log1p(-np.clip(chance, 0.0, 1.0)), np.asarray(assumed)
