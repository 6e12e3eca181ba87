"""A scenario as a folder: its steps' proposals, what ties them, and one ledger over all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pandas as pd

from landplan import __version__
from landplan.cadastre.cadastre import Town
from landplan.proposal.canonical import canonical_json, plain_data
from landplan.proposal.document import certificate_to_json
from landplan.proposal.ledger import ACQUIRER
from landplan.proposal.proposal import Proposal

PROCESS: Final = "scenario"
DOCUMENT: Final = "scenario.json"
LEDGER: Final = "scenario-ledger.csv"
SCHEMA: Final = "landplan-scenario-1"
_KEPT: Final = ("parcel_id", "area_m2", "value", "land_use", "zone", "owner_start")


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken.

    ``folder`` and ``proposal`` are None and ``reason`` says why where nothing was found. ``gives``
    are the parcels of an earlier step's sites that this step hands to the acquirer; ``losses`` what
    each of their owners holds of them.
    """

    name: str
    folder: str | None
    process: str
    displaced_by: str | None
    proposal: Proposal | None
    reason: Mapping[str, Any] | None = None
    gives: tuple[str, ...] = ()
    losses: tuple[Mapping[str, Any], ...] = ()

    @property
    def met(self) -> bool:
        """Whether the step found all it was asked for."""
        return self.proposal is not None and all(one.met for one in self.proposal.demands)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario answered: the names of all steps, those taken, and the audit of the whole."""

    title: str
    town: Town
    names: tuple[str, ...]
    steps: tuple[Taken, ...]
    audit: Mapping[str, Any] | None = field(default=None)

    @property
    def met(self) -> bool:
        """Whether every step was taken and found all it was asked for."""
        return len(self.steps) == len(self.names) and all(step.met for step in self.steps)


def displaced(proposal: Proposal) -> tuple[list[str], list[str]]:
    """Return the parcels of a proposal's sites, streets aside, and the owners that hold them."""
    frame = proposal.parcels
    inside = frame["site_id"].notna() & ~frame["street"].fillna(False).astype(bool)
    parcels = sorted(frame.loc[inside, "parcel_id"].astype(str))
    rights = proposal.rights
    owners = rights.loc[rights["parcel_id"].isin(parcels), "owner_id"].dropna()
    return parcels, sorted(set(owners.astype(str)))


def losses_of(proposal: Proposal, parcels: Sequence[str]) -> tuple[dict[str, Any], ...]:
    """Return what every owner of some parcels would need to be placed, by owner.

    Parcels held in common are the owners' together.
    """
    rights = proposal.rights[proposal.rights["parcel_id"].isin(parcels)]
    together = rights.groupby("parcel_id")["owner_id"].agg(
        lambda owners: "; ".join(sorted(set(owners.dropna().astype(str))))
    )
    frame = proposal.parcels.set_index("parcel_id").loc[together.index]
    held = frame[["value", "area_m2"]].groupby(together).sum()
    return tuple(
        _party(str(owner), str(owner), float(value), float(area))
        for owner, value, area in zip(held.index, held["value"], held["area_m2"], strict=True)
        if owner
    )


def who_gives_way(step: Taken) -> list[dict[str, Any]]:
    """Return every displaced party of an exchange: claim, what it gets, and what is missing.

    In the town's currency and m². Where the exchange was not possible, what the party holds is what
    it would need; the parties that the best attempt left short say by how much.
    """
    plan = step.proposal
    if plan is None or plan.holdings is None or plan.statements is None:
        return [dict(loss) for loss in step.losses]
    held, told = plan.holdings, plan.statements.set_index("party_id")
    parties = held.loc[held["parcel_id"].isin(step.gives), "party_before"].unique()
    short = {
        str(note["params"]["party"]): note["params"]
        for demand in plan.demands
        for note in demand.notes
        if note["code"] == "unmet.exchange_needs"
    }
    found = []
    for party in sorted(set(map(str, parties)) - {ACQUIRER}):
        row: dict[str, Any] = told.loc[party].to_dict()  # type: ignore[assignment]
        missing = short.get(party, {})
        told_of = _party(
            party, str(row["owners"]), float(row["claim_value"]), float(row["area_before_m2"])
        )
        told_of |= {"missing_value": missing.get("value"), "missing_m2": missing.get("area")}
        if step.met:
            gets = ("value_after", "area_after_m2", "payment")
            told_of |= {"placed": True, **{key: float(row[key]) for key in gets}}
        found.append(told_of)
    return found


def _party(party: str, owners: str, claim: float, area: float) -> dict[str, Any]:
    """Return the entry of one who gives way and of whom nothing more is known yet."""
    return {
        "party": party,
        "owners": owners,
        "placed": False,
        "claim_value": claim,
        "value_after": None,
        "area_before_m2": area,
        "area_after_m2": None,
        "payment": None,
        "missing_value": None,
        "missing_m2": None,
    }


def chain(start: pd.DataFrame, steps: Sequence[Taken]) -> pd.DataFrame:
    """Return one ledger from the first state to the last: a row for every parcel of the town.

    Parameters
    ----------
    start
        The parcels of the town: ``parcel_id``, ``owner_id``, ``area_m2``, ``value``, ``land_use``
        and ``zone``.

    Returns
    -------
    DataFrame
        ``parcel_id``, ``area_m2``, ``value``, ``land_use``, ``zone``, ``owner_start``; for every
        step ``owner_<name>``; ``owner_end``, ``parcel_end`` and ``changed_by``, the steps in which
        the parcel changed, with ``+`` between.
    """
    ledger = start.rename(columns={"owner_id": "owner_start"})[list(_KEPT)].copy()
    owner = ledger["owner_start"].astype(object)
    parcel = ledger["parcel_id"].astype(object)
    changed = pd.Series("", index=ledger.index)
    for step in steps:
        if step.proposal is not None:
            table = step.proposal.ledger.set_index("parcel_before").reindex(ledger["parcel_id"])
            before, after = table["owner_before"], table["owner_after"]
            moved = _differs(before, after) | (table["parcel_after"] != table.index).to_numpy()
            owner = owner.where(~moved, after.to_numpy())
            parcel = parcel.where(
                table["parcel_after"].to_numpy() == table.index, table["parcel_after"].to_numpy()
            )
            changed = changed.where(~moved, changed + "+" + step.name)
        ledger[f"owner_{step.name}"] = owner
    ledger["owner_end"], ledger["parcel_end"] = owner, parcel
    ledger["changed_by"] = changed.str.lstrip("+")
    return ledger.reset_index(drop=True)


def _differs(before: "pd.Series[Any]", after: "pd.Series[Any]") -> Any:
    return (before.fillna("").astype(str) != after.fillna("").astype(str)).to_numpy()


def write_scenario(scenario: Scenario, directory: Path) -> Scenario:
    """Write the ledger, then ``scenario.json``; the steps' folders are there already."""
    first = next((step.proposal for step in scenario.steps if step.proposal is not None), None)
    if first is not None:
        ledger = chain(pd.DataFrame(first.parcels.drop(columns="geometry")), scenario.steps)
        ledger.to_csv(directory / LEDGER, index=False, encoding="utf-8-sig", lineterminator="\n")
    (directory / DOCUMENT).write_bytes(canonical_json(_document(scenario)))
    return scenario


def _document(scenario: Scenario) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "version": __version__,
        "title": scenario.title,
        "town": scenario.town.name,
        "currency": scenario.town.currency,
        "steps": list(scenario.names),
        "met": scenario.met,
        "taken": [_step(step) for step in scenario.steps],
        "audit": plain_data(scenario.audit),
    }


def _step(step: Taken) -> dict[str, Any]:
    plan = step.proposal
    entry: dict[str, Any] = {
        "name": step.name,
        "process": step.process,
        "folder": step.folder,
        "displaced_by": step.displaced_by,
        "gives": list(step.gives),
        "met": step.met,
        "reason": plain_data(step.reason),
        "displaced": who_gives_way(step),
    }
    if plan is not None:
        entry["id"] = plan.id
        entry["certificate"] = plain_data(certificate_to_json(plan.certificate))
        entry["content_hash"] = plain_data(plan.content_hash)
        entry["data_hash"] = plan.provenance.data_hash
        entry["audit_passed"] = bool(plan.audit and plan.audit["passed"])
    return plain_data(entry)  # type: ignore[no-any-return]
