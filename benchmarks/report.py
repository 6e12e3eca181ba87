"""The page of a benchmark: medians, spread, gaps, ratios, memory, growth, and where we lose."""

import math
import statistics
from collections import defaultdict
from typing import Any

import numpy as np

Record = dict[str, Any]
SAME = 1e-6
"""Objectives within this fraction are the same."""


def page(document: dict[str, Any]) -> str:
    """Return the Markdown page of a document made by `benchmarks.__main__`."""
    records = [record for record in document["records"] if "skipped" not in record]
    groups = _grouped(records)
    lines = [f"# Benchmarks of {document['date']}, set `{document['set']}`", ""]
    lines += [*_machine(document), "", "## One line per case", "", *_table(groups), ""]
    lines += ["## Next to peers", "", *_ratios(groups), ""]
    lines += ["## Truth", "", *_truth(groups), ""]
    lines += ["## Growth with the number of parcels", "", *_growth(groups), ""]
    lines += ["## Where we lose", "", *_losses(groups), ""]
    lines += ["## Whole commands", "", *_commands(document.get("commands", [])), ""]
    told = document.get("partitions", [])
    lines += [
        "## Partitions",
        "",
        *(["```text", *told, "```"] if told else ["None in this set."]),
        "",
    ]
    lines += ["## Left out", "", *_skipped(document), ""]
    return "\n".join(lines)


def _grouped(records: list[Record]) -> dict[tuple[str, str], list[Record]]:
    groups: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in records:
        groups[record["name"], record["solver"]].append(record)
    return groups


def _machine(document: dict[str, Any]) -> list[str]:
    machine = document["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in document["versions"].items())
    return [
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB, "
        f"{machine['system']}; load {machine['load_before']} before and {machine['load_after']} "
        "after. One run at a time, one thread, kernels compiled before; seconds are those of the "
        "processor. HiGHS and CP-SAT count the limit by the clock on the wall, so a busy machine "
        f"gives them less; the column *limit* is the same for all. {versions}.",
        "",
        "Money in thousands. *Gap*: (cost − bound) / cost. *Checked*: by code that shares nothing "
        "with those who answer.",
    ]


def _table(groups: dict[tuple[str, str], list[Record]]) -> list[str]:
    lines = [
        "| case | solver | limit s | seeds | proven | median s | least–most s "
        "| median gap | worst gap | MB | checked |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for (name, solver), runs in groups.items():
        seconds = [run["seconds"] for run in runs]
        gaps = [gap_of(run) for run in runs]
        wrong = sorted({run["wrong"] for run in runs} - {""})
        lines.append(
            f"| {name} | {solver} | {runs[0]['limit']:g} | {len(runs)} "
            f"| {sum(run['proven'] for run in runs)} | {statistics.median(seconds):.2f} "
            f"| {min(seconds):.2f}–{max(seconds):.2f} | {_percent(statistics.median(gaps))} "
            f"| {_percent(max(gaps))} | {max(run['megabytes'] for run in runs)} "
            f"| {'WRONG: ' + ', '.join(wrong) if wrong else 'right'} |"
        )
    return lines


def gap_of(run: Record) -> float:
    """Return the gap of a run, infinite where nothing was found or nothing is proven."""
    if run["objective"] is None:
        return 0.0 if run["proven"] else math.inf
    if not run["bound"]:
        return math.inf
    gap = (run["objective"] - run["bound"]) / max(1.0, run["objective"])
    return gap if gap > 1e-12 else 0.0


def _percent(gap: float) -> str:
    return "–" if gap == math.inf else f"{100 * gap:.3g} %"


def _pairs(groups: dict[tuple[str, str], list[Record]]) -> list[tuple[str, str, list[Any]]]:
    """Return (case, peer, pairs of our run and theirs on the same seed)."""
    found = []
    for (name, solver), runs in groups.items():
        if solver == "landplan" or (name, "landplan") not in groups:
            continue
        ours = {run["seed"]: run for run in groups[name, "landplan"]}
        pairs = [(ours[run["seed"]], run) for run in runs if run["seed"] in ours]
        if pairs:
            found.append((name, solver, pairs))
    return found


def _ratios(groups: dict[tuple[str, str], list[Record]]) -> list[str]:
    lines = [
        "*Times*: their seconds over ours, median; a run that ends at the limit counts with it, so "
        "the true ratio is larger. *Dearer*: their cost over ours.",
        "",
        "| case | peer | times | dearer, median | dearer, worst | found | proven (ours) |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, solver, pairs in _pairs(groups):
        times = statistics.median(
            theirs["seconds"] / max(1e-3, ours["seconds"]) for ours, theirs in pairs
        )
        both = [p for p in pairs if p[0]["objective"] and p[1]["objective"]]
        dearer = [theirs["objective"] / ours["objective"] - 1 for ours, theirs in both]
        shown = (
            f"{100 * statistics.median(dearer):+.2f} % | {100 * max(dearer):+.2f} %"
            if dearer
            else "– | –"
        )
        proven = sum(theirs["proven"] for _, theirs in pairs)
        own = sum(ours["proven"] for ours, _ in pairs)
        found = sum(theirs["objective"] is not None for _, theirs in pairs)
        lines.append(
            f"| {name} | {solver} | {times:.2g} | {shown} | {found} of {len(pairs)} "
            f"| {proven} ({own}) |"
        )
    return lines if len(lines) > 4 else ["No peer ran."]


def _truth(groups: dict[tuple[str, str], list[Record]]) -> list[str]:
    """Say where two who prove agree, and name every site below a proven bound."""
    both = equal = 0
    lines = []
    for name, solver, pairs in _pairs(groups):
        for ours, theirs in pairs:
            for one, other in ((ours, theirs), (theirs, ours)):
                if one["bound"] and _cost(other) < one["bound"] * (1 - SAME):
                    lines.append(
                        f"- WRONG: {name}, seed {ours['seed']}: a site of {other['solver']} is "
                        f"cheaper than the bound of {one['solver']}."
                    )
            if ours["proven"] and theirs["proven"]:
                both += 1
                same = _cost(ours) == _cost(theirs) or math.isclose(
                    _cost(ours), _cost(theirs), rel_tol=SAME
                )
                equal += same
                lines += [] if same else [f"- DIFFERENT: {name}, seed {ours['seed']}, {solver}."]
    first = f"Of {both} instances that a peer and we both prove, {equal} have the same cost."
    return [first, "", *(lines or ["No site of anybody is below a bound of anybody."])]


def exponent(sizes: list[float], seconds: list[float]) -> float:
    """Return e of seconds ~ sizes^e, fitted by least squares of the logarithms."""
    return float(np.polyfit(np.log(sizes), np.log(np.maximum(seconds, 1e-3)), 1)[0])


def _growth(groups: dict[tuple[str, str], list[Record]]) -> list[str]:
    rows: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    for (_, solver), runs in groups.items():
        case = dict(runs[0]["case"])
        n = case.pop("n")
        words = f"{case['family']}, {case['count']} × {case['hectares']:g} ha"
        words += "" if case["radius"] else ", no radius"
        plain = case["noise"] == 0.3 and not case["plateau"] and case["blocked"] < 0
        if plain:
            rows[words, solver][n] = statistics.median(run["seconds"] for run in runs)
    lines = [
        "Median seconds ~ N^e at the same size of site, by least squares of the logarithms. Runs "
        "that end at their limit flatten it.",
        "",
        "| cases | solver | N | e |",
        "| --- | --- | --- | --- |",
    ]
    for (words, solver), medians in rows.items():
        if len(medians) >= 3:
            fitted = exponent(list(medians), list(medians.values()))
            sizes = ", ".join(f"{n:,}" for n in sorted(medians))
            lines.append(f"| {words} | {solver} | {sizes} | {fitted:.2f} |")
    return lines if len(lines) > 4 else ["Too few sizes to fit."]


def _losses(groups: dict[tuple[str, str], list[Record]]) -> list[str]:
    lines = []
    for name, solver, pairs in _pairs(groups):
        cheaper = _seeds(pairs, lambda us, peer: _cost(peer) < _cost(us) * (1 - SAME))
        faster = _seeds(
            pairs,
            lambda us, peer: (
                peer["seconds"] < us["seconds"]
                and _cost(peer) <= _cost(us) * (1 + SAME)
                and (peer["proven"] or not us["proven"])
            ),
        )
        quick = _seeds(
            pairs,
            lambda us, peer: (
                peer["seconds"] < us["seconds"]
                and _cost(peer) <= _cost(us) * (1 + SAME)
                and us["proven"]
                and not peer["proven"]
            ),
        )
        lines += [f"- {name}: {solver} is cheaper on seeds {cheaper}."] if cheaper else []
        lines += [f"- {name}: {solver} is as good and faster on seeds {faster}."] if faster else []
        lines += (
            [f"- {name}: {solver} finds the same site sooner, unproven, on seeds {quick}."]
            if quick
            else []
        )
    for (name, solver), runs in groups.items():
        open_gaps = [gap_of(run) for run in runs if not run["proven"]]
        if solver == "landplan" and open_gaps:
            lines.append(
                f"- {name}: {len(open_gaps)} of {len(runs)} seeds unproven, gap up to "
                f"{_percent(max(open_gaps))}."
            )
    return lines or ["Nowhere in this set."]


def _seeds(pairs: list[tuple[Record, Record]], better: Any) -> str:
    return ", ".join(str(us["seed"]) for us, peer in pairs if better(us, peer))


def _cost(run: Record) -> float:
    return math.inf if run["objective"] is None else float(run["objective"])


def _commands(commands: list[Record]) -> list[str]:
    if not commands:
        return ["None in this set."]
    lines = ["| town | parcels per site | s | MB | gap | audit |", "| --- " * 6 + "|"]
    for one in commands:
        if "skipped" not in one:
            gap = _percent(one["gap"]) if one["gap"] is not None else "–"
            lines.append(
                f"| {one['town']} | {one['asked']} | {one['seconds']:.1f} | {one['megabytes']:.0f} "
                f"| {gap} | {'passed' if one['audit'] else 'FAILED'} |"
            )
    return lines


def _skipped(document: dict[str, Any]) -> list[str]:
    reasons: dict[tuple[str, str], int] = defaultdict(int)
    for record in document["records"]:
        if "skipped" in record:
            reasons[f"{record['name']}, {record['solver']}", record["skipped"]] += 1
    for one in document.get("commands", []):
        if "skipped" in one:
            reasons[f"{one['town']}, {one.get('asked', '')}", one["skipped"]] += 1
    lines = [f"- {what}: {why} ({count})" for (what, why), count in reasons.items()]
    return lines or ["Nothing."]
