"""Whom to invite to an exchange, and whose refusal costs most, as tables with their proof."""

from collections.abc import Mapping
from typing import Any

from api.console.others_view import Line, View, named
from api.console.plan_source import Source
from landplan.messages import say
from landplan.messages.numbers import MISSING, decimal, money, share
from landplan.workspace.workspace import Workspace


def invite_view(found: Mapping[str, Any], source: Source, _: Workspace) -> View:
    """Return the gain curve as it was kept with `landplan.workspace.further`."""
    language, currency = source.language, source.currency
    everyone = float(found["everyone"])
    lines = []
    for guest in found["guests"]:
        gain = float(guest["gain"])
        cells = (
            decimal(guest["parcels"], 0),
            money(gain, currency, language, "down"),
            share(gain / everyone if everyone else 0.0, language),
            money(float(guest["bound"]), currency, language, "up"),
        )
        lines.append(Line("", str(guest["party"]), cells))
    head = {
        "parties": found["parties"],
        "everyone": money(everyone, currency, language, "down"),
        "bound": money(float(found["everyone_bound"]), currency, language, "up"),
        "today": money(float(found["today"]), currency, language),
    }
    ending = "others.invite.limit" if found["limit_hit"] else "invite.all"
    said = (
        say("invite.head", head, language),
        *(() if lines else (say("invite.none", None, language),)),
        say(ending, {"n": found["evaluated"]}, language),
    )
    columns = named(("parcels", "gain", "of_all", "no_more"), language)
    asked = {"most": found["asked"]["most"]}
    return View("invite", "done", "", columns, tuple(lines), said, asked)


def key_owners_view(found: Mapping[str, Any], source: Source, _: Workspace) -> View:
    """Return what dropping out costs as it was kept with `landplan.workspace.further`."""
    language, currency = source.language, source.currency
    lines = []
    for one in found["refusals"]:
        none = say(
            "others.impossible" if one["impossible"] else "others.none_found", None, language
        )
        known = one["found"] is not None and one["most"] is not None
        cells = (
            decimal(one["parcels"], 0),
            decimal(one["touched"], 0),
            money(float(one["least"]), currency, language, "down"),
            money(float(one["found"]), currency, language) if known else none,
            money(float(one["most"]), currency, language, "up") if known else MISSING,
        )
        lines.append(Line("", str(one["party"]), cells))
    said = []
    if found["better"] > 0:
        better = money(float(found["better"]), currency, language)
        said.append(say("refusals.exchange_better", {"better": better}, language))
    parties = len(source.whole.layer("statements"))
    said.append(say("refusals.exchange_rest", {"n": len(lines), "all": parties}, language))
    columns = named(("parcels", "touched", "least", "found", "most"), language)
    asked = {"most": found["asked"]["most"]}
    return View("key_owners", "done", "", columns, tuple(lines), tuple(said), asked)
