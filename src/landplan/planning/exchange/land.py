"""Which parcels take part in an exchange, who their parties are, and what stays where it is."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from landplan.cadastre.adjacency import with_geometry
from landplan.cadastre.cadastre import Cadastre
from landplan.errors import InputError, ManyErrors
from landplan.planning.exchange.request import ExchangeRequest
from landplan.planning.exchange.request_lines import EVERYWHERE
from landplan.planning.measure.parties import parties
from landplan.proposal.ledger import ACQUIRER

BoolArray = NDArray[np.bool_]
LEFT_OUT: Final = (
    *("exchange.street", "exchange.no_owner", "exchange.no_value", "exchange.not_asked"),
)
"""Why a sound parcel does not take part; a faulty one names its ``data.<code>``."""


@dataclass(frozen=True, slots=True)
class Land:
    """The land of an exchange.

    Attributes
    ----------
    rows
        [n] rows of the town's parcels that take part.
    before
        [n] party that brings each of them in.
    fixed
        [n] whether it stays with that party.
    taken
        [n] whether it goes to the acquirer.
    refusing
        Parties that receive nothing, since one of them refuses to take part.
    left_out
        [all parcels] the rule that keeps a parcel out, missing where it takes part.
    members
        ``holding``, ``owner_id``, ``share`` of the parties but the acquirer.
    assumptions
        {code, params} of what stands in place of data.
    """

    rows: NDArray[np.int64]
    before: "pd.Series[str]"
    fixed: BoolArray
    taken: BoolArray
    refusing: frozenset[str]
    left_out: "pd.Series[Any]"
    members: pd.DataFrame
    assumptions: tuple[dict[str, Any], ...]


def land_of(request: ExchangeRequest, cadastre: Cadastre) -> Land:
    """Choose the parcels and parties of an exchange.

    Raises
    ------
    ManyErrors
        Names that the town does not have; parcels the acquirer should receive but that take no
        part.
    InputError
        ``exchange.nothing`` where no parcel takes part.
    """
    check_names(request, cadastre)
    holding, members = parties(cadastre)
    left_out = _left_out(request, cadastre, holding, members)
    rows = np.flatnonzero(left_out.isna().to_numpy())
    if len(rows) == 0:
        counts = ", ".join(f"{rule} {n}" for rule, n in left_out.value_counts().items())
        raise InputError("exchange.nothing", town=cadastre.town.name, rules=counts)
    frame = cadastre.parcels
    taken = frame["parcel_id"].isin(request.acquirer.receives).to_numpy()
    outside = frame.loc[taken & left_out.notna().to_numpy(), "parcel_id"]
    if len(outside):
        raise ManyErrors(
            [
                InputError("exchange.receives_outside", id=str(name), rule=str(rule))
                for name, rule in zip(outside, left_out[outside.index], strict=True)
            ]
        )
    fixed, assumptions = _fixed(request, cadastre, holding, members)
    before = holding.iloc[rows].reset_index(drop=True)
    reserve = set(request.acquirer.owners)
    theirs = members.groupby("holding")["owner_id"].agg(lambda own: set(own) <= reserve)
    before = before.where(~before.isin(theirs.index[theirs]), ACQUIRER)
    kept = members[members["holding"].isin(before)].reset_index(drop=True)
    said = (*assumptions, *_look_alike(kept))
    refusing = _refusing(request, cadastre, members) - set(before[taken[rows]])
    return Land(
        rows,
        before,
        fixed[rows] & ~taken[rows],
        taken[rows],
        frozenset(refusing),
        left_out,
        kept,
        tuple(said),
    )


def check_names(request: ExchangeRequest, cadastre: Cadastre) -> None:
    """Raise ManyErrors for every name in the request that the town does not have."""
    owners = set(cadastre.rights["owner_id"].dropna())
    parcels = set(cadastre.parcels["parcel_id"].dropna())
    zones = set(cadastre.zones["zone"].dropna()) | set(cadastre.parcels["zone"].dropna())
    uses = set(cadastre.parcels["land_use"].dropna())
    part, fixed, acquirer = request.take_part, request.fixed, request.acquirer
    named: list[tuple[str, Iterable[str], set[str]]] = [
        ("take_part.owners", part.owners, owners),
        ("take_part.zones", part.zones, zones),
        ("take_part.land_uses", part.land_uses, uses),
        ("fixed.parcels", fixed.parcels, parcels),
        ("fixed.owners", fixed.owners, owners),
        ("fixed.freed", fixed.freed, parcels),
        ("acquirer.owners", acquirer.owners, owners),
        ("acquirer.receives", acquirer.receives, parcels),
        ("tolerance.paid_out", request.tolerance.paid_out, owners),
        ("wishes", [owner for owner, _, _ in request.wished()], owners),
        ("costs", [owner for owner, _, _ in request.cost_table()], owners),
        ("costs", [parcel for _, parcel, _ in request.cost_table()], parcels | {EVERYWHERE}),
    ]
    faults = [
        _unknown(key, name, known)
        for key, names, known in named
        for name in sorted(set(names) - known)
    ]
    both = sorted(set(fixed.parcels) & set(acquirer.receives))
    faults += [InputError("exchange.fixed_and_received", id=name) for name in both]
    if faults:
        raise ManyErrors(faults)


def _unknown(key: str, name: str, known: set[str]) -> InputError:
    nearest = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.0)
    return InputError("exchange.unknown", key=key, id=name, nearest=next(iter(nearest), "–"))


def _left_out(
    request: ExchangeRequest,
    cadastre: Cadastre,
    holding: "pd.Series[str]",
    members: pd.DataFrame,
) -> "pd.Series[Any]":
    """Return the first rule that leaves each parcel out; missing where it takes part."""
    frame, part = cadastre.parcels, request.take_part
    street, no_owner, no_value, not_asked = LEFT_OUT
    asked: BoolArray = np.ones(len(frame), dtype=bool)
    if part.owners:
        named = {*part.owners, *request.acquirer.owners}
        theirs = set(members.loc[members["owner_id"].isin(named), "holding"])
        asked &= holding.isin(theirs).to_numpy()
    if part.zones:
        asked &= frame["zone"].isin(part.zones).to_numpy()
    if part.land_uses:
        asked &= frame["land_use"].isin(part.land_uses).to_numpy()
    asked |= frame["parcel_id"].isin(request.acquirer.receives).to_numpy()
    rule = pd.Series(None, index=frame.index, dtype=object, name="left_out")
    rule[~asked] = not_asked
    rule[~(frame["value"] > 0)] = no_value
    rule[holding.isna()] = no_owner
    rule[frame["street"]] = street
    rule[~with_geometry(frame)] = "data.no_geometry"
    return rule.where(frame["fault"].isna(), frame["fault"])


def _fixed(
    request: ExchangeRequest,
    cadastre: Cadastre,
    holding: "pd.Series[str]",
    members: pd.DataFrame,
) -> tuple[BoolArray, list[dict[str, Any]]]:
    """Return which parcels [all] stay, and what is assumed."""
    frame, fixed = cadastre.parcels, request.fixed
    assumptions: list[dict[str, Any]] = []
    stays: BoolArray = np.zeros(len(frame), np.bool_)
    tree = shapely.STRtree(frame.geometry.to_numpy())
    if fixed.buildings == "stay":
        if cadastre.buildings.empty:
            stays[:] = True
            assumptions.append({"code": "assumption.exchange_no_buildings", "params": {}})
        else:
            inside = shapely.point_on_surface(cadastre.buildings.geometry.to_numpy())
            stays[np.unique(tree.query(inside, predicate="intersects")[1])] = True
    if fixed.homesteads:
        stays |= _homesteads(cadastre, holding, members, tree)
    stays &= ~frame["parcel_id"].isin(fixed.freed).to_numpy()
    hard = cadastre.restrictions[cadastre.restrictions["hard"]]
    if len(hard):
        points = shapely.point_on_surface(frame.geometry.to_numpy())
        ground = shapely.STRtree(points)
        stays[np.unique(ground.query(hard.geometry.to_numpy(), predicate="intersects")[1])] = True
    stays |= holding.isin(_refusing(request, cadastre, members)).to_numpy()
    stays |= frame["parcel_id"].isin(fixed.parcels).to_numpy()
    return stays, assumptions


def _refusing(request: ExchangeRequest, cadastre: Cadastre, members: pd.DataFrame) -> set[str]:
    """Return the parties with an owner who refuses, by the request or by the town's data."""
    refusing = {*request.fixed.owners}
    refusing |= set(cadastre.owners.loc[cadastre.owners["consent"] == "refused", "owner_id"])
    return set(members.loc[members["owner_id"].isin(refusing), "holding"])


def _homesteads(
    cadastre: Cadastre, holding: "pd.Series[str]", members: pd.DataFrame, tree: shapely.STRtree
) -> BoolArray:
    """Return the parcels [all] on which a homestead of one of their holders stands."""
    stays: BoolArray = np.zeros(len(holding), np.bool_)
    homes = cadastre.owners.dropna(subset=["homestead_x", "homestead_y"])
    if homes.empty:
        return stays
    points = shapely.points(homes["homestead_x"].to_numpy(), homes["homestead_y"].to_numpy())
    home, parcel = tree.query(points, predicate="intersects")
    owner = homes["owner_id"].to_numpy()[home]
    held = set(zip(members["holding"], members["owner_id"], strict=True))
    own = [
        row
        for row, name in zip(parcel.tolist(), owner, strict=True)
        if (holding.iloc[row], name) in held
    ]
    stays[own] = True
    return stays


def _look_alike(members: pd.DataFrame) -> list[dict[str, Any]]:
    """Report owners whose ids differ only in case, spaces and punctuation; they stay apart."""
    names = pd.Series(sorted(set(members["owner_id"])), dtype="str")
    plain = names.str.casefold().str.replace(r"[\W_]+", "", regex=True)
    doubled = names[plain.duplicated(keep=False) & (plain != "")]
    groups = [sorted(group) for _, group in doubled.groupby(plain[doubled.index])]
    if not groups:
        return []
    first = "; ".join(" = ".join(group) for group in groups[:3])
    params = {"n": len(groups), "examples": first}
    return [{"code": "assumption.exchange_look_alike", "params": params}]
