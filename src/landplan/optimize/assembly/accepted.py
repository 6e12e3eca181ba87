"""Looking for sites that pass a rule which only whole sites can be asked for.

Local search cannot see such a rule. Two things lead to sites that pass it. Compact sites pass most
rules of shape; so sites are annealed with a price on distance from the centre that is not part of
the objective, from low to high, and offered at their true price. And a site that passes is a place
to descend from: single parcels are taken in, left out or exchanged, cheapest first, as long as the
rule still passes. The rule is asked a limited number of times.
"""

from collections.abc import Iterator
from typing import Protocol

import numpy as np

from landplan.optimize.assembly.growth import grow_everywhere
from landplan.optimize.assembly.judge import Judge
from landplan.optimize.assembly.model import SiteModel, pieces, renumber
from landplan.optimize.assembly.nogood import pairs_from
from landplan.optimize.assembly.params import Params
from landplan.optimize.assembly.problem import FloatArray, IntArray, Reason, moment_cost
from landplan.optimize.assembly.search import improve_from
from landplan.optimize.assembly.work import Work

_LADDER = (0.02, 0.06, 0.2, 0.6, 2.0)
"""Prices on distance, as the share of a site's cost that they are for a disc of its area."""
_DESCENT = 300
_NEAR = 12
_NEAR_IN_ALL = 400
"""How often the rule is asked while descending, around one site turned down, and around all."""
_MENDS = 3
"""How often a site is mended by what its reasons miss."""
_LOOKED_AT = 400
"""Exchanges of one site that are looked at."""


class Best(Protocol):
    """The best site so far, as the search for one site keeps it."""

    site: SiteModel
    cost: float
    parcels: IntArray
    centre: int

    def offer(self, members: IntArray, root: int, /) -> float:
        """Take a site if it is one and better."""
        ...


class AcceptedSearch:
    """The search for sites that ``judge`` accepts; it offers what it meets to ``best``."""

    def __init__(self, best: Best, judge: Judge, work: Work, params: Params) -> None:
        self.best = best
        self.judge = judge
        self.work = work
        self.params = params
        self.near_left = _NEAR_IN_ALL

    def run(self) -> None:
        """Anneal compact sites from a few centres, then descend from the best that passes."""
        site = self.best.site
        number = self.params.starts // 4
        if number == 0:
            return
        free = site._replace(rank=np.zeros(len(site.cost), np.int64))
        unit = float(np.median(site.cost / site.area)) * 2.0 * np.pi / (site.area_min / 100.0)
        steady = free._replace(moment_price=site.moment_price + 0.2 * unit)
        for root in self._middles(steady, number):
            for share in _LADDER:
                model = free._replace(moment_price=site.moment_price + share * unit)
                trials = self.params.trials // 4
                random = np.random.default_rng([self.params.seed, root, 2])
                members, _ = improve_from(model, root, site.cost, trials, random)
                self.work.done["trials"] += trials
                self.best.offer(members, root)
                if share == _LADDER[0]:
                    self.near(members, root)
        self._descend()

    def near(self, members: IntArray, root: int) -> None:
        """Mend a site that was turned down, and try the cheapest exchanges of it."""
        site = self.best.site
        calls, least = self.judge.calls, self.best.cost
        most = calls + min(_NEAR, self.near_left)
        for _ in range(_MENDS):
            reasons = self.judge.reasons_against(site.parcels[np.sort(members)])
            if not reasons or self.judge.calls >= most:
                break
            members = _mended(site, members, root, reasons)
            self.best.offer(members, root)
        if not self.judge.turned_down(site.parcels[np.sort(members)]):
            return
        for _, changed in exchanges(site, members, root):
            if self.judge.calls >= most or self.best.cost < least:
                break
            self.best.offer(changed, root)
        self.near_left -= self.judge.calls - calls
        if self.best.cost < least:
            self._descend()

    def _middles(self, site: SiteModel, number: int) -> list[int]:
        """Return the centres of the cheapest compact sites, none in another's site."""
        grown = grow_everywhere(site, site.centres)
        covered = np.zeros(len(site.cost), np.bool_)
        roots: list[int] = []
        for place in np.argsort(grown, kind="stable"):
            root = int(site.centres[place])
            if covered[root]:
                continue
            if len(roots) >= number or grown[place] == np.inf:
                break
            roots.append(root)
            away = site.xy - site.xy[root]
            covered |= away[:, 0] ** 2 + away[:, 1] ** 2 <= site.area_min / 100.0 / np.pi
        return roots

    def _descend(self) -> None:
        """Exchange parcels of the best site while that makes it cheaper and the rule passes."""
        site, most = self.best.site, self.judge.calls + _DESCENT
        least = np.inf
        while self.best.cost < least and self.judge.calls < most:
            least = self.best.cost
            members = np.searchsorted(site.parcels, self.best.parcels)
            centre = int(np.searchsorted(site.parcels, self.best.centre))
            for root in _two_centres(site, members, centre):
                for gain, changed in exchanges(site, members, root):
                    if gain >= 0.0 or self.best.cost < least or self.judge.calls >= most:
                        break
                    self.best.offer(changed, root)


def _mended(site: SiteModel, members: IntArray, root: int, reasons: tuple[Reason, ...]) -> IntArray:
    """Return a site with what its reasons miss taken in, and the dearest land left out for it.

    Whether what is left is joined is not looked at.
    """
    missing = np.unique(np.concatenate([reason.outside for reason in reasons]))
    missing = missing[np.isin(missing, site.parcels)]
    kept = np.union1d(members, np.searchsorted(site.parcels, missing))
    ties = np.unique(np.concatenate([reason.inside for reason in reasons]))
    stays = np.isin(site.parcels[kept], np.union1d(ties, missing)) | site.forced[kept]
    stays |= kept == root
    price = np.where(stays, -1.0, site.cost[kept] / site.area[kept])
    spare = float(site.area[kept].sum()) - site.area_min
    out = np.zeros(len(kept), np.bool_)
    for place in np.argsort(-price, kind="stable"):
        if price[place] < 0.0:
            break
        out[place] = site.area[kept[place]] <= spare and _joined(site, kept[~out], kept[place])
        if out[place]:
            spare -= site.area[kept[place]]
    return np.asarray(kept[~out], np.int64)


def _two_centres(site: SiteModel, members: IntArray, centre: int) -> list[int]:
    """Return the centre and the cheapest other that reaches all: exchanges keep the centre."""
    away = site.xy[members][:, None, :] - site.xy[members][None, :, :]
    reach = ((away**2).sum(axis=2) <= site.radius_sq).all(axis=1) & (members != centre)
    others = members[reach]
    if len(others) == 0:
        return [centre]
    return [centre, int(others[np.argmin(site.cost[others] / site.area[others])])]


def _joined(site: SiteModel, members: IntArray, without: int) -> bool:
    """Whether borders and bridges join ``members`` (sorted) when one of them is left out."""
    rest = members[members != without]
    if len(rest) == 0:
        return False
    inside = np.zeros(len(site.cost), np.bool_)
    inside[rest] = True
    pairs = [
        pairs_from(site.border_start, site.border_to, rest),
        pairs_from(site.bridge_start, site.bridge_to, rest),
    ]
    return int(pieces(len(rest), renumber(np.concatenate(pairs), inside)).max()) == 0


def exchanges(site: SiteModel, members: IntArray, root: int) -> Iterator[tuple[float, IntArray]]:
    """Yield what taking in, leaving out or exchanging one parcel makes of a site, cheapest first.

    Only sets of an area and a number of parcels that are allowed; whether they are joined and keep
    the other rules is not looked at. With each comes how much dearer it is, prices of bridges left
    aside and those of owners estimated.
    """
    outside = _around(site, members, root)
    lost, won = _weights(site, members, members, root), _weights(site, members, outside, root)
    lost[(members == root) | site.forced[members]] = -np.inf  # these stay
    lose = np.append(lost, 0.0)
    gain = np.append(won, 0.0)
    dearer = gain[None, :] - lose[:, None]
    area = float(site.area[members].sum()) - np.append(site.area[members], 0.0)[:, None]
    area = area + np.append(site.area[outside], 0.0)[None, :]
    fits = (area >= site.area_min) & (area <= site.area_max) & np.isfinite(dearer)
    fits[-1, -1] = False
    if len(members) <= site.min_parcels:
        fits[:-1, -1] = False
    order = np.argsort(np.where(fits, dearer, np.inf), axis=None, kind="stable")
    for place in order[: min(_LOOKED_AT, int(fits.sum()))]:
        out, new = divmod(int(place), len(outside) + 1)
        changed = members if out == len(members) else np.delete(members, out)
        if new < len(outside):
            changed = np.append(changed, outside[new])
        yield float(dearer[out, new]), changed


def _around(site: SiteModel, members: IntArray, root: int) -> IntArray:
    """Return the parcels beside a site, by border or bridge, that its radius lets in."""
    lists = [site.border_to[site.border_start[v] : site.border_start[v + 1]] for v in members]
    lists += [site.bridge_to[site.bridge_start[v] : site.bridge_start[v + 1]] for v in members]
    beside = np.setdiff1d(np.concatenate(lists), members)
    away = site.xy[beside] - site.xy[root]
    near = away[:, 0] ** 2 + away[:, 1] ** 2 <= site.radius_sq
    return np.asarray(beside[near], np.int64)


def _weights(site: SiteModel, members: IntArray, parcels: IntArray, root: int) -> FloatArray:
    """Return what each of ``parcels`` costs, with its distance and the owners it alone brings."""
    weight = site.cost[parcels] + moment_cost(
        site.area[parcels], site.xy[parcels], site.xy[root], site.moment_price
    )
    if len(site.owner_price) == 0:
        return np.asarray(weight, np.float64)
    held = np.zeros(len(site.owner_price), np.int64)
    for v in members:
        held[site.owner_of[site.owner_start[v] : site.owner_start[v + 1]]] += 1
    inside = np.isin(parcels, members)
    for place, v in enumerate(parcels):
        owners = site.owner_of[site.owner_start[v] : site.owner_start[v + 1]]
        weight[place] += site.owner_price[owners[held[owners] == int(inside[place])]].sum()
    return np.asarray(weight, np.float64)
