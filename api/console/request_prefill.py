"""Where a request comes from: nothing, a plan with changes, parcels chosen on the map."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from api.console.request_draft import MOST_DEMANDS, Draft, lines
from api.problems import Refused
from landplan.cadastre.cadastre import Cadastre
from landplan.errors import LandplanError
from landplan.messages import Language, say
from landplan.messages.numbers import M2_PER_HA, area
from landplan.planning.form import FormData, form_data, split_list
from landplan.workspace.workspace import Workspace

MOST_PATCH = 20_000
"""Longest patch in an address, in characters."""


def from_request(dataset: str, asked: Mapping[str, Any], patch: str | None) -> Draft:
    """Return the draft that asks what a plan asked, with suggested changes marked.

    ``patch`` is JSON: [[path, value], …] in terms of the request, e.g.
    ``[["demand.0.area_ha", [18.6, 26]]]``. Raises Refused where it is none.
    """
    process = str(asked.get("process", "assemble"))
    draft = Draft(process, dataset, form_data(process, asked))
    if not patch:
        return draft
    changed: dict[str, Any] = json.loads(json.dumps(asked))
    for path, value in read_patch(patch):
        _set(changed, path.split("."), value)
    try:
        texts = form_data(process, changed)
    except (TypeError, AttributeError, ValueError, LookupError):
        raise Refused(400, "request.bad_patch") from None
    return draft.patched({p: t for p, t in texts.items() if draft.data.get(p) != t})


def elsewhere(draft: Draft, name: str, land: Sequence[str]) -> Draft:
    """Return the draft with one more rule, marked: every site lies mostly beside this land."""
    if not land or draft.process != "assemble" or draft.lands >= MOST_DEMANDS:
        return draft
    place = f"elsewhere.{draft.lands}"
    rule: FormData = {
        f"{place}.name": name,
        f"{place}.parcels": lines(land),
        f"{place}.max_share": "0.5",
    }
    return draft.patched(rule)


def from_selection(dataset: str, series_parcels: Sequence[str], select: str) -> Draft:
    """Return a draft that locks the chosen parcels in; unknown ones are left out."""
    known = set(series_parcels)
    chosen = [entry for entry in split_list([select]) if entry in known]
    data: FormData = {"demand.0.id": "", "demand.0.must": lines(chosen)}
    return Draft("assemble", dataset, data)


def example(dataset: str, town: Cadastre, language: Language) -> Draft:
    """Return a request that most towns can answer: one site of twelve middling parcels."""
    land = town.parcels[~town.parcels["street"]]
    median = float(land["area_m2"].median()) if len(land) else M2_PER_HA
    least = max(round(median * 12 / M2_PER_HA, 1), 0.1)
    data: FormData = {
        "title": say("desk.example.title", {"area": area(least * M2_PER_HA, language)}, language),
        "demand.0.id": "A",
        "demand.0.area_ha.min": f"{least:g}",
        "demand.0.area_ha.max": f"{least * 1.4:.4g}",
        "demand.0.max_bridges": "1",
    }
    return Draft("assemble", dataset, data)


def read_patch(text: str) -> list[tuple[str, Any]]:
    """Read a patch from an address; raises Refused where it is none."""
    try:
        entries = json.loads(text) if len(text) <= MOST_PATCH else None
        pairs = [(str(path), value) for path, value in entries]  # type: ignore[union-attr]  # None is caught below
    except (ValueError, TypeError, RecursionError):
        raise Refused(400, "request.bad_patch") from None
    return pairs


def asked_by(workspace: Workspace, proposal_id: str) -> Mapping[str, Any]:
    """Return the request of a plan; raises Refused (404) where there is no such plan."""
    try:
        document = workspace.proposals.document(proposal_id)
    except (LandplanError, KeyError):
        raise Refused(404, "request.no_such_plan", id=proposal_id) from None
    asked: Mapping[str, Any] = document["request"]
    return asked


def _set(holder: Any, keys: list[str], value: Any) -> None:
    """Set one value inside a request; raises Refused where the path leads nowhere."""
    try:
        for key in keys[:-1]:
            holder = holder[int(key)] if isinstance(holder, list) else holder[key]
        if isinstance(holder, list):
            holder[int(keys[-1])] = value
        else:
            holder[keys[-1]] = value
    except (LookupError, ValueError, TypeError):
        raise Refused(400, "request.bad_patch") from None
