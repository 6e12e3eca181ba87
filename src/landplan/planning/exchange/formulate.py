"""From a request and a town to the numbers of the exchange problem: geometry stops here."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from landplan.cadastre.adjacency import build_adjacency
from landplan.cadastre.cadastre import Cadastre
from landplan.optimize.exchange.problem import NO_LIMIT, Problem
from landplan.planning.exchange.cost_table import costs_of
from landplan.planning.exchange.land import Land, land_of
from landplan.planning.exchange.request import ExchangeRequest
from landplan.proposal.ledger import ACQUIRER

CENTS: Final = 100
SQUARE_DECIMETRES: Final = 100
METRES_PER_KM: Final = 1_000.0
_PIECES_IN_PARCELS: Final = 2.0
"""A piece counts as much as the mean cost of distance of so many parcels today, if not asked."""

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Formulation:
    """The problem, and what is needed to read its answer.

    Attributes
    ----------
    problem, land
        The arrays, and the parcels and parties they stand for.
    names, acquirer
        [m] ids of the parties; the place of the acquirer among them, −1 where there is none.
    brought_value, brought_area, claim_value, claim_area
        [m] what each party brings in and is due: cents and dm².
    before
        [n] the party that brings each parcel in; taken parcels are the acquirer's in the problem.
    piece_price
        Cents for a contiguous piece.
    assumptions
        {code, params} of what stands in place of data.
    parcel_ids
        [n] ids of the parcels.
    """

    problem: Problem
    land: Land
    names: tuple[str, ...]
    acquirer: int
    before: IntArray
    brought_value: IntArray
    brought_area: IntArray
    claim_value: IntArray
    claim_area: IntArray
    piece_price: int
    assumptions: tuple[dict[str, Any], ...]
    parcel_ids: tuple[str, ...]


def formulate(request: ExchangeRequest, cadastre: Cadastre) -> Formulation:
    """Turn a request into arrays.

    A party's claim is what it brings in less its contribution. It may end with its claim, give or
    take the tolerance; the acquirer with whatever is left, but with all parcels it receives.

    Raises
    ------
    ManyErrors, InputError
        As `landplan.planning.exchange.land.land_of`.
    """
    land = land_of(request, cadastre)
    frame = cadastre.parcels.iloc[land.rows]
    wanted = bool(land.taken.any()) or request.acquirer.contribution_share > 0
    names = sorted(set(land.before) | ({ACQUIRER} if wanted else set()))
    place = {name: i for i, name in enumerate(names)}
    acquirer = place.get(ACQUIRER, -1)
    before: IntArray = np.asarray(land.before.map(place), np.int64)
    value = np.maximum(1, np.rint(frame["value"].to_numpy(float) * CENTS)).astype(np.int64)
    area = np.maximum(1, np.rint(frame["area_m2"].to_numpy(float) * SQUARE_DECIMETRES)).astype(
        np.int64
    )
    m = len(names)
    brought_value, brought_area = _sums(before, value, m), _sums(before, area, m)
    xy = shapely.get_coordinates(shapely.centroid(frame.geometry.to_numpy()))
    reference, said = _references(request, cadastre, land, names, xy, area, before)
    holder = np.where(land.taken, acquirer, before).astype(np.int64)
    claims = [_claims(request, amount, acquirer) for amount in (brought_value, brought_area)]
    agreed = _paid_out(request, land, names)
    bands = _bands(request, claims[0], claims[1], acquirer)
    for low in (bands[0], bands[2]):
        low[agreed] = np.minimum(low[agreed], 0)
    kind, may_receive = _kinds(request, frame, before, m, acquirer)
    may_receive[[place[name] for name in land.refusing if name in place]] = False
    distance_price = request.price.distance / METRES_PER_KM**2
    away = ((xy - reference[before]) ** 2).sum(axis=1)
    today = float((value * away).sum()) * distance_price
    ids = frame["parcel_id"].astype(str)
    piece, assumed = _piece_price(request, cadastre, today / max(1, len(value)))
    count = np.bincount(before, minlength=m)
    least = np.minimum(request.tolerance.least_parcels, count).astype(np.int64)
    least[agreed] = 0
    if acquirer >= 0:
        least[acquirer] = 0
    inside = np.zeros(len(cadastre.parcels), np.bool_)
    inside[land.rows] = True
    problem = Problem(
        value=value,
        area=area,
        xy=xy,
        holder=holder,
        fixed=land.fixed | land.taken,
        reference=reference,
        value_low=bands[0],
        value_high=bands[1],
        area_low=bands[2],
        area_high=bands[3],
        least=least,
        kind=kind,
        may_receive=may_receive,
        edges=_edges(cadastre, inside, land.rows),
        distance_price=distance_price,
        move_price=round(request.price.move * CENTS),
        piece_price=piece,
        max_moves=_max_moves(request, land),
        extra=costs_of(request.cost_table(), names, land.members, list(ids), CENTS),
    )
    return Formulation(
        problem,
        land,
        tuple(names),
        acquirer,
        before,
        brought_value,
        brought_area,
        claims[0],
        claims[1],
        piece,
        (*cadastre.assumptions, *land.assumptions, *said, *assumed),
        tuple(ids),
    )


def distance_today(formulation: Formulation) -> float:
    """Return what the distances of all land count as it lies today, cents."""
    problem, before = formulation.problem, formulation.before
    away = ((problem.xy - problem.reference[before]) ** 2).sum(axis=1)
    return float((problem.value * away).sum()) * problem.distance_price


def _paid_out(request: ExchangeRequest, land: Land, names: list[str]) -> NDArray[np.bool_]:
    """Return which parties [m] agreed, all their owners together, to be paid in money."""
    agreed = set(request.tolerance.paid_out)
    all_of = land.members.groupby("holding")["owner_id"].agg(lambda owners: set(owners) <= agreed)
    return np.array([bool(agreed) and bool(all_of.get(name, False)) for name in names], np.bool_)


def _max_moves(request: ExchangeRequest, land: Land) -> int | None:
    """Return the most further moves: parcels that the acquirer receives are counted already."""
    most = request.tolerance.max_moves
    return None if most is None else max(0, most - int(land.taken.sum()))


def _sums(party: IntArray, amount: IntArray, m: int) -> IntArray:
    total = np.zeros(m, np.int64)
    np.add.at(total, party, amount)
    return total


def _claims(request: ExchangeRequest, brought: IntArray, acquirer: int) -> IntArray:
    """Return what each party is due; the acquirer what the others contribute and its own."""
    share = request.acquirer.contribution_share
    claim: IntArray = np.rint(brought * (1.0 - share)).astype(np.int64)
    if acquirer >= 0:
        claim[acquirer] = 0
        claim[acquirer] = int(brought.sum()) - int(claim.sum())
    return claim


def _bands(
    request: ExchangeRequest, claim_value: IntArray, claim_area: IntArray, acquirer: int
) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Return the least and most of value and of area that each party may end with."""
    asked = request.tolerance
    band = asked.value_share * claim_value + asked.cash * CENTS
    low = np.ceil(claim_value - band).clip(0).astype(np.int64)
    high = np.floor(claim_value + band).astype(np.int64)
    area_low = np.full(len(low), -NO_LIMIT, np.int64)
    area_high = np.full(len(low), NO_LIMIT, np.int64)
    if asked.area_share is not None:
        band = asked.area_share * claim_area + asked.area_m2 * SQUARE_DECIMETRES
        area_low = np.ceil(claim_area - band).clip(0).astype(np.int64)
        area_high = np.floor(claim_area + band).astype(np.int64)
    if acquirer >= 0:
        low[acquirer], high[acquirer] = 0, NO_LIMIT
        area_low[acquirer], area_high[acquirer] = -NO_LIMIT, NO_LIMIT
    return low, high, area_low, area_high


def _kinds(
    request: ExchangeRequest, frame: pd.DataFrame, before: IntArray, m: int, acquirer: int
) -> tuple[IntArray, NDArray[np.bool_]]:
    """Return the kind [n] of the parcels and which kinds a party may receive [m, kinds]."""
    if not request.take_part.same_zone:
        return np.zeros(len(before), np.int64), np.ones((m, 1), np.bool_)
    kind, zones = pd.factorize(frame["zone"].fillna("–"), sort=True)
    may: NDArray[np.bool_] = np.zeros((m, len(zones)), np.bool_)
    may[before, kind] = True
    if acquirer >= 0:
        may[acquirer] = True
    return kind.astype(np.int64), may


def _edges(cadastre: Cadastre, inside: NDArray[np.bool_], rows: IntArray) -> IntArray:
    """Return the borders [e, 2] between parcels that take part."""
    town = cadastre.town
    pairs = build_adjacency(cadastre.parcels, town.tolerance_m, town.min_border_m, inside).pairs
    number = np.full(len(inside), -1, np.int64)
    number[rows] = np.arange(len(rows))
    return np.asarray(number[np.asarray(pairs, np.int64).reshape(-1, 2)], np.int64)


def _references(
    request: ExchangeRequest,
    cadastre: Cadastre,
    land: Land,
    names: list[str],
    xy: FloatArray,
    area: IntArray,
    before: IntArray,
) -> tuple[FloatArray, list[dict[str, Any]]]:
    """Return the place [m, 2] near which each party wants its land, and what is assumed."""
    m = len(names)
    weight = np.maximum(1.0, _sums(before, area, m).astype(float))
    centre = np.column_stack(
        [np.bincount(before, weights=area * xy[:, k], minlength=m) / weight for k in (0, 1)]
    )
    empty = np.bincount(before, minlength=m) == 0
    taken = xy[land.taken] if land.taken.any() else xy
    centre[empty] = taken.mean(axis=0)
    places = {}
    if request.reference == "homestead":
        homes = cadastre.owners.dropna(subset=["homestead_x", "homestead_y"])
        columns = zip(homes["owner_id"], homes["homestead_x"], homes["homestead_y"], strict=True)
        places = {owner: (x, y) for owner, x, y in columns}
    places |= {owner: (x, y) for owner, x, y in request.wished()}
    order = land.members.sort_values(["share", "owner_id"], ascending=[False, True])
    found: NDArray[np.bool_] = np.zeros(m, np.bool_)
    number = {name: i for i, name in enumerate(names)}
    for holding, owner in zip(order["holding"], order["owner_id"], strict=True):
        i = number[holding]
        if not found[i] and owner in places:
            centre[i] = places[owner]
            found[i] = True
    missing = int((~found & ~empty).sum())
    if missing == 0 or request.reference == "centre":
        return centre, []
    params = {"n": missing, "parties": m}
    return centre, [{"code": "assumption.exchange_centre", "params": params}]


def _piece_price(
    request: ExchangeRequest, cadastre: Cadastre, mean: float
) -> tuple[int, list[dict[str, Any]]]:
    if request.price.piece is not None:
        return round(request.price.piece * CENTS), []
    cents = round(_PIECES_IN_PARCELS * mean)
    params = {"amount": cents / CENTS, "currency": cadastre.town.currency}
    return cents, [{"code": "assumption.exchange_piece_price", "params": params}]
