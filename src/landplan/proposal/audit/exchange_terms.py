"""The terms of the objective of an exchange, counted again from its tables."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely

from landplan.proposal.audit.exchange_view import CENT, Exchange
from landplan.proposal.audit.view import View


def exchange_terms(view: View) -> Mapping[str, tuple[float, float]]:
    """Return the terms of the objective of an exchange, currency, and what rounding may shift."""
    plan = Exchange(view)
    held, told = plan.holdings, plan.statements
    place = shapely.get_coordinates(shapely.centroid(plan.view.shapes[plan.rows]))
    travel = {}
    for when in ("before", "after"):
        point = told[["reference_x", "reference_y"]].reindex(held[f"party_{when}"]).to_numpy(float)
        away = ((place - point) ** 2).sum(axis=1) * plan.cents
        travel[when] = away * plan.number("price", "distance") / 1e6
    n = len(held)
    piece = plan.number("price", "piece") * 100.0
    if piece != piece:
        piece = float(np.rint(2.0 * travel["before"].sum() / max(1, n)))
    moves = int((plan.moved & ~held["parcel_id"].isin(plan.taken)).sum())
    found: dict[str, tuple[float, float]] = {
        "travel": (float(np.rint(travel["after"]).sum()) / 100.0, n * CENT),
        "moves": (moves * round(plan.number("price", "move") * 100.0) / 100.0, 0.0),
    }
    if "party_agreed" in held:
        left = held["party_agreed"].notna() & (held["party_agreed"] != held["party_after"])
        found["leaving"] = (_leave_cents(view) * int(left.sum()) / 100.0, 0.0)
    found["table"] = (_table_cents(plan) / 100.0, 0.0)
    count = float(told["pieces_after"].sum())
    found["pieces"] = (np.rint(piece) * count / 100.0, count * CENT)
    return found


def _table_cents(plan: Exchange) -> int:
    """Return the sum of what the owners' lines say about the parcels of their parties, cents."""
    lines = plan.request.get("costs", [])
    said: dict[tuple[str, str], int] = {}
    for line in lines if isinstance(lines, list) else []:
        owner, parcel, amount = (part.strip() for part in str(line).rsplit("|", 2))
        said[owner, parcel] = round(float(amount) * 100.0)
    if not said:
        return 0
    owners = {
        str(party): str(held).split("; ") for party, held in plan.statements["owners"].items()
    }
    total = 0
    for parcel, party in zip(plan.holdings["parcel_id"], plan.holdings["party_after"], strict=True):
        amounts = [
            said.get((owner, str(parcel)), said.get((owner, "*"), 0))
            for owner in owners.get(str(party), [])
        ]
        total += max(amounts, default=0)
    return total


def _leave_cents(view: View) -> float:
    """Return what it counts to leave the plan that this one was made from, cents a parcel."""
    for entry in view.document.raw.get("assumptions", []):
        if isinstance(entry, dict) and entry.get("code") == "replan.exchange_from":
            leave = entry.get("params", {}).get("leave")
            return round(float(leave) * 100.0) if isinstance(leave, int | float) else float("nan")
    return 0.0


def exchange_term_errors(view: View) -> list[tuple[object, float]]:
    """Differences of the stated terms from those counted again."""
    stated: Mapping[str, Any] = view.document.certificate.terms
    if view.document.certificate.objective is None:
        return [(name, abs(float(amount))) for name, amount in stated.items()]
    counted = exchange_terms(view)
    errors: list[tuple[object, float]] = []
    for name in sorted({*stated, *counted}):
        total, slack = counted.get(name, (float("inf"), 0.0))
        errors.append((name, max(0.0, abs(float(stated.get(name, 0.0)) - total) - slack)))
    return errors
