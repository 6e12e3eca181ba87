"""The state of a hand edit: it lives in the form, so that reload, back and undo need no server."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from api.console.plan_source import Source
from api.problems import Refused
from landplan.proposal.proposal import Proposal

PREFIX = "in:"
Members = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class State:
    """Parcels by site, the site that new parcels go to (empty: the nearest), and past states."""

    members: Members
    target: str
    past: list[str]

    @property
    def as_fields(self) -> dict[str, str]:
        """The hidden fields that carry the parcels."""
        return {PREFIX + site: json.dumps(ids) for site, ids in self.members.items()}


def members_of(proposal: Proposal) -> Members:
    """Return the parcels of every site of a plan."""
    parcels = proposal.parcels
    return {
        str(site): [str(one) for one in parcels.loc[parcels["site_id"] == site, "parcel_id"]]
        for site in proposal.sites["site_id"]
    }


def read_state(source: Source, fields: Mapping[str, str]) -> State:
    """Read the form; what it does not hold is as in the plan.

    Raises Refused (400) where a field is not what the page writes.
    """
    members = members_of(source.whole)
    for name, text in fields.items():
        if not name.startswith(PREFIX):
            continue
        site = name.removeprefix(PREFIX)
        if site not in members:
            raise Refused(404, "edit.no_site", site=site)
        members[site] = _ids(text)
    past = fields.get("past", "")
    return State(members, fields.get("target", ""), past.split("\n") if past else [])


def toggled(state: State, source: Source, parcel: str) -> State:
    """Take a parcel out where it is in, else into the chosen or nearest site.

    Raises Refused (404) where there is no such parcel.
    """
    past = [*state.past, json.dumps(state.members)]
    holders = [site for site, ids in state.members.items() if parcel in ids]
    if holders:
        members = {
            site: [one for one in ids if one != parcel] for site, ids in state.members.items()
        }
        return State(members, state.target, past)
    site = state.target if state.target in state.members else _nearest(state, source, parcel)
    members = {name: [*ids, parcel] if name == site else ids for name, ids in state.members.items()}
    return State(members, state.target, past)


def undone(state: State, source: Source) -> State:
    """Return the state before the last change."""
    if not state.past:
        return state
    fields = {PREFIX + site: json.dumps(ids) for site, ids in _past(state.past[-1]).items()}
    return State(read_state(source, fields).members, state.target, state.past[:-1])


def _nearest(state: State, source: Source, parcel: str) -> str:
    """Return the site that the parcel lies nearest to."""
    parcels = source.whole.parcels
    shape = parcels.loc[parcels["parcel_id"] == parcel].geometry
    if shape.empty:
        raise Refused(404, "edit.no_parcel", parcel=parcel)
    sites = source.whole.sites
    away = sites.geometry.distance(shape.iloc[0]).to_numpy()
    return str(sites["site_id"].iloc[int(np.argmin(away))])


def _ids(text: str) -> list[str]:
    found = _json(text)
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise Refused(400, "api.bad_value", where="in", detail="[…]")
    return list(dict.fromkeys(found))


def _past(text: str) -> dict[str, Any]:
    found = _json(text)
    if not isinstance(found, dict):
        raise Refused(400, "api.bad_value", where="past", detail="{…}")
    return found


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Refused(400, "api.bad_value", where="in", detail="JSON") from None
