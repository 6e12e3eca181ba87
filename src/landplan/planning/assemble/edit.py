"""A plan edited by hand: which rules it breaks, what it costs, and how far it is from the least.

The engine's bound says that no plan with the same numbers of sites, under the same rules and on the
same data, costs less. It says so about *every* such plan, so it holds for one put together by hand
as well, as long as that one breaks no rule; with a broken rule nothing is said. All rules of
`landplan.optimize.assembly.problem` are checked, on the same integers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landplan import __version__
from landplan.cadastre.cadastre import Cadastre
from landplan.errors import AuditFailed, InputError, ManyErrors
from landplan.messages import Language
from landplan.optimize.assembly.problem import Problem
from landplan.planning.assemble.formulate import SQUARE_DECIMETRES
from landplan.planning.assemble.ground import GroundCache, TownGround
from landplan.planning.assemble.owners import MINOR_UNITS
from landplan.planning.assemble.propose import build
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.assemble.several_rules import broken_together
from landplan.planning.assemble.site_cost import NamedSite, SiteCost, site_cost, site_pieces, summed
from landplan.planning.assemble.site_rules import Broken, broken_rules
from landplan.proposal.certificate import Certificate, certificate_sentence, distance
from landplan.proposal.proposal import Proposal, proposal_id

IntArray = NDArray[np.int64]
BY_HAND = "landplan hand edit 1"


@dataclass(frozen=True, slots=True)
class EditedSite:
    """One site as edited: what it counts for, and how many crossings it needs to be one piece."""

    site_id: str
    demand_id: str
    parcel_ids: tuple[str, ...]
    area_m2: float
    cost: float
    crossings: int


@dataclass(frozen=True, slots=True)
class Edit:
    """An edited plan.

    Attributes
    ----------
    sites
        All sites, edited or not, in the order of the proposal.
    broken
        Every rule that is broken; empty where the plan may stand.
    added, removed
        Parcels that the proposal does not use, or no more.
    cost, area_m2
        Of all sites; the cost with all terms that the request prices, town currency.
    more
        Cost less that of the proposal.
    bound
        No plan costs less; None where nothing is proven.
    certificate
        What is proven about the edited plan; None while a rule is broken.
    """

    sites: tuple[EditedSite, ...]
    broken: tuple[Broken, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    cost: float
    area_m2: float
    more: float
    bound: float | None
    certificate: Certificate | None = field(default=None)

    @property
    def distance_above_bound(self) -> float | None:
        """(cost − bound) / bound, rounded up to 0.1 %; None where nothing may be said."""
        worse = None if self.certificate is None else distance(self.certificate)
        return None if worse is None else float(worse)

    def sentence(self, language: Language) -> str | None:
        """Return "your version costs at most … more"; None while a rule is broken."""
        if self.certificate is None:
            return None
        return certificate_sentence(self.certificate, language, edited=True)


def judge_edit(
    proposal: Proposal,
    cadastre: Cadastre,
    cache: GroundCache,
    sites: Mapping[str, Sequence[str]],
    dataset_id: str | None = None,
) -> Edit:
    """Say what an edit of a plan breaks and costs.

    Parameters
    ----------
    proposal
        The engine's plan, or an edited one: the bound is the same.
    cadastre, cache, dataset_id
        The town as it was when the plan was made, and where its ground is kept.
    sites
        Parcel ids by site id, for the sites that change; the others stay as they are.

    Raises
    ------
    InputError, ManyErrors
        The data is not that of the plan (``hand_edit.other_data``), or a site or parcel does not
        exist.
    AuditFailed
        The edit keeps every rule and is cheaper than the bound: one of the two is wrong.
    """
    ground = _ground(proposal, cadastre, cache, dataset_id)
    request = AssembleRequest.model_validate(proposal.request)
    formulation = ground.formulation(request)
    chosen = _chosen(proposal, ground, sites)
    broken: list[Broken] = _used_twice(chosen, ground)
    edited, costs = [], []
    broken += broken_together(chosen, formulation.problem, cadastre.town.currency)
    for site in chosen:
        broken += broken_rules(site, site.demand, ground, formulation)
        costs.append(site_cost(site.parcels, site.demand, formulation))
        edited.append(_described(site, ground, formulation.problem, costs[-1]))
    before, after = _parcels_of(proposal), {p for site in edited for p in site.parcel_ids}
    terms = {name: amount / MINOR_UNITS for name, amount in summed(costs, formulation).items()}
    cost = sum(one.total for one in costs) / MINOR_UNITS
    return Edit(
        sites=tuple(edited),
        broken=tuple(broken),
        added=tuple(sorted(after - before)),
        removed=tuple(sorted(before - after)),
        cost=cost,
        area_m2=round(sum(site.area_m2 for site in edited), 2),
        more=round(cost - (proposal.certificate.objective or 0.0), 2),
        bound=proposal.certificate.bound,
        certificate=None if broken else _certificate(proposal, cost, terms),
    )


def edited_proposal(
    proposal: Proposal,
    cadastre: Cadastre,
    cache: GroundCache,
    sites: Mapping[str, Sequence[str]],
    dataset_id: str | None = None,
) -> Proposal:
    """Return the edited plan as a proposal of its own, not yet written or audited.

    Its id follows from the question and the sites; its request and bound are those of the plan that
    was edited, which it names among its assumptions.

    Raises
    ------
    InputError
        ``hand_edit.breaks_rules``, ``hand_edit.nothing_changed``, or as `judge_edit`.
    """
    edit = judge_edit(proposal, cadastre, cache, sites, dataset_id)
    if edit.certificate is None:
        raise InputError("hand_edit.breaks_rules", n=len(edit.broken))
    ground = _ground(proposal, cadastre, cache, dataset_id)
    chosen = _chosen(proposal, ground, sites)
    members = {site.site_id: sorted(site.parcel_ids) for site in edit.sites}
    if members == {site: sorted(ids) for site, ids in _members(proposal).items()}:
        raise InputError("hand_edit.nothing_changed")
    request = AssembleRequest.model_validate(proposal.request)
    canonical, data_hash = request.canonical(), cadastre.provenance.data_hash
    said = [item for item in proposal.assumptions if item["code"] == "hand_edit.from"]
    origin = said or [{"code": "hand_edit.from", "params": {"id": proposal.id}}]
    return build(
        proposal_id("assemble", canonical, data_hash, __version__, request.seed, members),
        request,
        cadastre,
        ground.formulation(request),
        chosen,
        edit.certificate,
        proposal.demands,
        tuple(dict(item) for item in origin),
    )


def _ground(
    proposal: Proposal, cadastre: Cadastre, cache: GroundCache, dataset_id: str | None
) -> TownGround:
    if cadastre.provenance.data_hash != proposal.provenance.data_hash:
        raise InputError("hand_edit.other_data", id=proposal.id)
    return cache.get(cadastre, dataset_id)


def _members(proposal: Proposal) -> dict[str, list[str]]:
    used = proposal.parcels[proposal.parcels["site_id"].notna()]
    grouped = used.groupby("site_id")["parcel_id"].apply(list)
    return {str(site): list(grouped[site]) for site in proposal.sites["site_id"]}


def _parcels_of(proposal: Proposal) -> set[str]:
    return {parcel for ids in _members(proposal).values() for parcel in ids}


def _chosen(
    proposal: Proposal, ground: TownGround, sites: Mapping[str, Sequence[str]]
) -> list[NamedSite]:
    """Return all sites with the rows of their parcels; names every id that does not exist."""
    members = _members(proposal)
    faults = [
        InputError("hand_edit.unknown_site", site=site, known=list(members))
        for site in sites
        if site not in members
    ]
    demand_of = dict(zip(proposal.sites["site_id"], proposal.sites["demand_id"], strict=True))
    chosen = []
    for site, own in members.items():
        ids = list(dict.fromkeys(sites.get(site, own)))
        rows = ground.ids.get_indexer(pd.Index(ids, dtype=ground.ids.dtype))
        missing = [parcel for parcel, row in zip(ids, rows, strict=True) if row < 0]
        faults += [InputError("hand_edit.unknown_parcel", id=parcel) for parcel in missing]
        demand = str(demand_of[site])
        rows = np.sort(rows).astype(np.int64)
        chosen.append(NamedSite(site, demand, rows, _number(proposal, demand)))
    if faults:
        raise ManyErrors(faults)
    return chosen


def _number(proposal: Proposal, demand_id: str) -> int:
    return [str(demand["id"]) for demand in proposal.request["demand"]].index(demand_id)


def _certificate(proposal: Proposal, cost: float, terms: dict[str, float]) -> Certificate:
    engine = proposal.certificate
    if engine.bound is not None and cost < engine.bound:
        raise AuditFailed("hand_edit.below_bound", cost=cost, bound=engine.bound, id=proposal.id)
    return Certificate(
        sense="min",
        unit=engine.unit,
        objective=cost,
        bound=engine.bound,
        status="feasible",
        terms=terms,
        solver=BY_HAND,
        seed=engine.seed,
        relative_to=engine.relative_to,
    )


def _described(site: NamedSite, ground: TownGround, problem: Problem, cost: SiteCost) -> EditedSite:
    rows = site.parcels
    crossings = int(site_pieces(rows, problem.borders).max()) if len(rows) else 0
    return EditedSite(
        site_id=site.site_id,
        demand_id=site.demand_id,
        parcel_ids=tuple(ground.ids[rows]),
        area_m2=int(problem.area[rows].sum()) / SQUARE_DECIMETRES,
        cost=cost.total / MINOR_UNITS,
        crossings=crossings,
    )


def _used_twice(sites: list[NamedSite], ground: TownGround) -> list[Broken]:
    rows = np.concatenate([np.empty(0, np.int64), *(site.parcels for site in sites)])
    unique, count = np.unique(rows, return_counts=True)
    ids = tuple(ground.ids[unique[count > 1]])
    return [Broken("hand_edit.twice", {"n": len(ids), "ids": ids}, ids)] if ids else []
