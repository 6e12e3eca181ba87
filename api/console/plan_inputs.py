"""What a plan was made from: the request in words, the data, the calculation."""

from dataclasses import dataclass
from typing import Any

from fastapi import Request

from api.console.plan_head import spelled_day
from api.console.plan_source import Source
from api.services import services
from landplan.messages import has, say
from landplan.messages.numbers import decimal
from landplan.planning.assemble.words import request_words
from landplan.proposal.fingerprint import fingerprint_short


@dataclass(frozen=True, slots=True)
class Inputs:
    """Sentences and facts, ready to print."""

    words: list[str]
    outcomes: list[str]
    facts: list[tuple[str, str]]
    assumptions: list[str]


def inputs(request: Request, source: Source) -> Inputs:
    """Collect what the tab Inputs shows."""
    language = source.language
    return Inputs(
        words=words_of(source),
        outcomes=outcomes(source),
        facts=[*_data_facts(request, source), *_calculation_facts(source)],
        assumptions=[
            say(item["code"], item["params"], language) for item in source.document["assumptions"]
        ],
    )


def words_of(source: Source) -> list[str]:
    """Return the request in plain sentences."""
    return list(
        request_words(
            source.document["request"], source.whole.town, source.language, public=not source.names
        )
    )


def outcomes(source: Source) -> list[str]:
    """Say what came of demands that are not met, and what a planner should know beside the plan."""
    said = []
    for demand in source.document["demands"]:
        entries = [demand["reason"], *demand["notes"]]
        said += [say(entry["code"], entry["params"], source.language) for entry in entries if entry]
    return said


def _data_facts(request: Request, source: Source) -> list[tuple[str, str]]:
    language, data = source.language, source.document["provenance"]
    workspace = services(request).workspace
    plan = workspace.scenarios.plan_of(source.id)
    record = None if plan is None else workspace.datasets.get(plan.dataset_id)
    facts: list[tuple[str, str | None]] = [("town", data["town"])]
    if record is not None:
        value = {
            "version": record.version,
            "parcels": decimal(record.parcels, 0),
            "date": spelled_day(record.imported_at[:10], language),
        }
        facts += [
            (
                "as_of",
                spelled_day(record.data_date, language)
                or say("plan.as_of_unknown", None, language),
            ),
            ("version", say("plan.inputs.version.value", value, language)),
        ]
    facts += [
        ("base_date", spelled_day(data["base_date"], language)),
        ("crs", data["crs"] if len(data["crs"]) < 40 else data["crs"].split(",")[0]),
        ("files", ", ".join(entry["name"] for entry in data["files"])),
        ("data_hash", data["data_hash"][:16]),
    ]
    return _named(facts, source)


def _calculation_facts(source: Source) -> list[tuple[str, str]]:
    language, document = source.language, source.document
    effort = document["request"]["effort"]
    code = f"choice.effort.{effort}"
    engine = {
        "version": document["landplan_version"],
        "seed": document["request"]["seed"],
        "effort": say(code, None, language) if has(code, language) else effort,
    }
    how = "hand" if source.by_hand else "engine"
    facts: list[tuple[str, str | None]] = [
        ("fingerprint", fingerprint_short(source.whole.content_hash)),
        ("solver", say(f"plan.inputs.solver.{how}", engine, language)),
    ]
    seconds: Any = document["times"].get("solve_s")
    if isinstance(seconds, int | float):
        params = {"seconds": decimal(float(seconds), 1)}
        facts.append(("time", say("plan.inputs.seconds", params, language)))
    return _named(facts, source)


def _named(facts: list[tuple[str, str | None]], source: Source) -> list[tuple[str, str]]:
    return [
        (say(f"plan.inputs.{key}", None, source.language), value) for key, value in facts if value
    ]
