"""Prices, linear rules and whole-site rules of a request as the engine takes them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from landplan.cadastre.adjacency import Adjacency
from landplan.cadastre.cadastre import Cadastre
from landplan.optimize.assembly.problem import Row
from landplan.planning.assemble import fronting
from landplan.planning.assemble.elsewhere import elsewhere_row
from landplan.planning.assemble.leftovers import Leftovers
from landplan.planning.assemble.owners import MINOR_UNITS, Owners, area_row, heads_row, number_row
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.assemble.request_parts import Consent, Elsewhere
from landplan.planning.assemble.whole_site import WholeSite, neighbours_asked

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

DECIMETRES: Final = 10
_MOMENT_UNIT: Final = 1e6 * 1e4
"""One hectare (10⁶ dm²) at a squared distance of (100 m)²."""


@dataclass(frozen=True, eq=False)
class Terms:
    """What a request prices and rules beyond cost, area, bridges and radius.

    Attributes
    ----------
    owners
        Where owners have a price or a rule, else None.
    owner_fee, owner_risk
        [m] what each owner counts for as such and by its risk, minor units.
    bridge_price
        Minor units for each street crossing.
    closing_price
        Currency per m² of street that joins a site.
    moment_price
        Minor units per dm² and m².
    rows, owner_rows
        Linear rules on parcels and on owners present, of every site.
    frontage_m
        [n] where there is a rule about it, else None.
    leftovers
        The land around, where a rule asks for it, else None.
    priced
        Names of the terms with a price, in the order of the certificate.
    consent, min_frontage_m
        The rules as asked, for those who explain them.
    elsewhere
        Land that sites must mostly leave aside.
    assumptions
        {code, params} of what stands in place of data.
    """

    owners: Owners | None
    owner_fee: IntArray
    owner_risk: IntArray
    bridge_price: int
    closing_price: float
    moment_price: float
    rows: tuple[Row, ...]
    owner_rows: tuple[Row, ...]
    frontage_m: FloatArray | None
    leftovers: Leftovers | None
    priced: tuple[str, ...]
    consent: Consent
    min_frontage_m: float
    elsewhere: tuple[Elsewhere, ...]
    assumptions: tuple[dict[str, Any], ...]

    @property
    def owner_arrays(self) -> Mapping[str, IntArray]:
        """Return the owners as the fields of a `Problem`; empty where nothing asks for them."""
        if self.owners is None:
            return {}
        return {
            "owner_start": self.owners.start,
            "owner_of": self.owners.of,
            "owner_price": self.owner_fee + self.owner_risk,
        }


def terms_of(
    request: AssembleRequest,
    cadastre: Cadastre,
    adjacency: Adjacency,
    land: BoolArray,
    usable: BoolArray,
    area: IntArray,
) -> Terms:
    """Return the terms of a request.

    Parameters
    ----------
    request, cadastre
        What is asked of which town.
    adjacency
        Borders; of all land where `neighbours_asked`.
    land, usable
        [n] parcels that are neither street nor faulty; those that some demand may use.
    area
        [n] dm².
    """
    owners = Owners.of_town(request, cadastre) if owners_asked(request) else None
    nobody = np.empty(0, np.int64)
    fee, risk = owners.prices(request) if owners else (nobody, nobody)
    stretches = _stretches(request, cadastre)
    front = None if stretches is None else _frontage(request, cadastre, stretches)
    rows = []
    owner_rows = []
    if owners is not None and request.consent.area > 0:
        rows.append(area_row(owners, request.consent.area, area))
    if owners is not None and request.consent.heads > 0:
        owner_rows.append(heads_row(owners, request.consent.heads))
    if owners is not None and request.consent.max_owners > 0:
        owner_rows.append(number_row(owners, request.consent.max_owners))
    if front is not None:
        low = int(np.ceil(round(request.frontage.min_m * DECIMETRES, 6)))
        rows.append(Row(np.floor(front * DECIMETRES).astype(np.int64), low))
    ids = cadastre.parcels["parcel_id"]
    rows += [elsewhere_row(asked, ids, area) for asked in request.elsewhere]
    left = None
    if neighbours_asked(request.neighbours):
        assert stretches is not None
        least = max(cadastre.town.min_border_m, 2.0 * cadastre.town.tolerance_m)
        contact = stretches.metres(len(area)) >= least
        left = Leftovers.of(land, contact, area, adjacency.pairs)
    return Terms(
        owners=owners,
        owner_fee=fee,
        owner_risk=risk,
        bridge_price=round(request.price.per_bridge * MINOR_UNITS),
        closing_price=request.price.per_closed_m2,
        moment_price=request.price.moment * MINOR_UNITS / _MOMENT_UNIT,
        rows=tuple(rows),
        owner_rows=tuple(owner_rows),
        frontage_m=front,
        leftovers=left,
        priced=_priced(request),
        consent=request.consent,
        min_frontage_m=request.frontage.min_m,
        elsewhere=tuple(request.elsewhere),
        assumptions=_assumptions(request, owners, usable),
    )


def owners_asked(request: AssembleRequest) -> bool:
    """Whether a request prices owners or rules on them."""
    price, consent = request.price, request.consent
    asked = (price.per_owner, price.per_survival, consent.heads, consent.area, consent.max_owners)
    return any(amount > 0 for amount in asked)


def _priced(request: AssembleRequest) -> tuple[str, ...]:
    price = request.price
    amounts = {
        "owners": price.per_owner,
        "refusals": price.per_survival,
        "crossings": price.per_bridge,
        "closing": price.per_closed_m2,
        "distance": price.moment,
    }
    return tuple(name for name, amount in amounts.items() if amount > 0)


def judge_of(
    request: AssembleRequest,
    parcels: gpd.GeoDataFrame,
    points: FloatArray,
    eligible: BoolArray,
    tolerance_m: float,
    leftovers: Leftovers | None,
    cut_off: Callable[[IntArray], IntArray] | None,
) -> WholeSite | None:
    """Return the judge of whole sites of a demand, None where no rule needs one."""
    if cut_off is None and not WholeSite.asked(request.shape, request.neighbours):
        return None
    return WholeSite(
        shapes=parcels.geometry.to_numpy(),
        points=points,
        eligible=eligible,
        tolerance_m=tolerance_m,
        shape=request.shape,
        neighbours=request.neighbours,
        leftovers=leftovers,
        cut_off=cut_off,
    )


def _stretches(request: AssembleRequest, cadastre: Cadastre) -> fronting.OpenStretches | None:
    if request.frontage.min_m == 0 and not neighbours_asked(request.neighbours):
        return None
    return fronting.open_stretches(cadastre.parcels, cadastre.town.tolerance_m)


def _frontage(
    request: AssembleRequest, cadastre: Cadastre, stretches: fronting.OpenStretches
) -> FloatArray | None:
    asked = request.frontage
    if asked.min_m == 0:
        return None
    measure = partial(fronting.frontage, stretches, cadastre.parcels, cadastre.roads)
    return measure(asked.classes, asked.reach_m, cadastre.town.tolerance_m)


def _assumptions(
    request: AssembleRequest, owners: Owners | None, usable: BoolArray
) -> tuple[dict[str, Any], ...]:
    """Say what is not known: of refusals, and of streets that may be closed."""
    closing = ({"code": "assumption.closing", "params": {}},)
    said: tuple[dict[str, Any], ...] = closing if request.bridge.mode == "close" else ()
    if owners is None or request.price.per_survival == 0:
        return said
    concerned = owners.present(np.flatnonzero(usable).astype(np.int64))
    n = int(owners.assumed[concerned].sum())
    if n == 0:
        return said
    params = {"n": n, "share": request.price.refusal_unknown}
    return ({"code": "assumption.refusal_unknown", "params": params}, *said)
