"""Plans side by side as the page prints them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from fastapi import Request

from api.console.compare_exchange import exchange_rows
from api.console.plan_head import spelled_day, title_of
from api.console.plan_source import Source
from api.services import services
from landplan.errors import InputError, LandplanError, ManyErrors
from landplan.messages import Language, say
from landplan.messages.numbers import MISSING, area, decimal, money, share, unit_price
from landplan.messages.numbers import difference as signed
from landplan.proposal.comparison import (
    MOST,
    SPREAD,
    Comparison,
    Row,
    compare,
    difference,
    price_trials,
)
from landplan.proposal.exchange import is_exchange
from landplan.proposal.robustness import Robustness, robustness

TRIALS = 100
MONEY_ROWS = ("money", "money_per_m2")


@dataclass(frozen=True, slots=True)
class Heading:
    """A column: a plan, or an id that no plan has."""

    id: str
    name: str
    title: str
    by_hand: bool = False
    missing: str = ""
    data: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A value, how it differs, and whether the difference is smaller than prices are certain."""

    value: str
    change: str = ""
    same: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table."""

    label: str
    better: str
    cells: list[Cell]
    attention: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """The whole comparison; ``faults`` say why there is none."""

    headings: list[Heading]
    lines: list[Line] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    baseline: str = ""
    trials: bool = False
    exchanged: bool = False


def table(request: Request, ids: Sequence[str], sources: dict[str, Source], base: str) -> Table:
    """Put the plans of a basket side by side; ids without a plan keep a column with the reason."""
    language: Language = request.state.language
    headings = [_heading(request, one, sources.get(one)) for one in ids]
    known = [one for one in ids if one in sources]
    if not known:
        return Table(headings)
    plans = [sources[one].whole for one in known]
    if all(is_exchange(plan) for plan in plans):
        baseline = base if base in known else known[0]
        lines = [
            Line(
                label,
                say("compare.lower", None, language) if lower else "",
                [Cell(text) for text in texts],
            )
            for label, lower, texts in exchange_rows([sources[one] for one in known], language)
        ]
        note = say("comparison.exchange", None, language)
        shown = [_spread_out(line, ids, known) for line in lines]
        return Table(headings, shown, [note], baseline=baseline, exchanged=True)
    baseline = base if base in known else known[0]
    try:
        found = compare(plans, baseline=known.index(baseline))
    except (ManyErrors, InputError) as error:
        faults: list[LandplanError] = (
            list(error.errors) if isinstance(error, ManyErrors) else [error]
        )
        return Table(headings, faults=[say(one.code, one.params, language) for one in faults])
    names = sources[known[0]].names
    lines = _lines(found, sources[known[0]], names)
    lines.insert(_after_cost(found, names), _certainty([sources[one] for one in known], language))
    if names and len(known) > 1:
        won = price_trials(plans, SPREAD, TRIALS)
        lines.append(_trials(won, language))
        lines += _weighed(robustness(plans, SPREAD, TRIALS), language)
    if len({plan.provenance.data_hash for plan in plans}) > 1:
        dates = {heading.id: heading.data for heading in headings}
        lines.insert(0, _dates([dates[one] for one in known], language))
    return Table(
        headings=headings,
        lines=[_spread_out(line, ids, known) for line in lines],
        notes=[_note(code, params, headings, language) for code, params in found.notes],
        baseline=baseline,
        trials=names and len(known) > 1,
    )


def pair_counts(first: Source, second: Source) -> tuple[int, int, int]:
    """Return how many parcels only the first, both, and only the second plan use."""
    found = difference(first.whole, second.whole)
    return len(found.only_first), len(found.both), len(found.only_second)


def _heading(request: Request, proposal_id: str, source: Source | None) -> Heading:
    language = request.state.language
    if source is None:
        reason = say("compare.missing", {"id": proposal_id}, language)
        return Heading(proposal_id, proposal_id, "", missing=reason)
    workspace = services(request).workspace
    plan = workspace.scenarios.plan_of(proposal_id)
    if plan is None:
        return Heading(proposal_id, title_of(source), "", source.by_hand)
    scenario = workspace.scenarios.get(plan.scenario_id)
    data = workspace.datasets.get(plan.dataset_id)
    version = {"version": data.version, "parcels": decimal(data.parcels, 0)}
    dated = say(
        "plan.inputs.version.value",
        version | {"date": spelled_day(data.imported_at[:10], language)},
        language,
    )
    return Heading(
        proposal_id,
        f"{scenario.code}/{plan.label}",
        title_of(source),
        source.by_hand,
        data=spelled_day(data.data_date, language) or dated,
    )


def _lines(found: Comparison, like: Source, names: bool) -> list[Line]:
    rows = [row for row in found.rows if row.key != "distance" and (names or _public(row))]
    return [_line(row, like, names) for row in rows]


def _public(row: Row) -> bool:
    return row.unit not in MONEY_ROWS


def _line(row: Row, like: Source, names: bool) -> Line:
    language = like.language
    better = ""
    if row.lower_is_better is not None:
        better = say("compare.lower" if row.lower_is_better else "compare.higher", None, language)
    cells = []
    for value, change, same in zip(row.values, row.differences, row.same, strict=True):
        shown = "" if change is None else _spell_change(row.unit, change, like)
        cells.append(Cell(_spell(row.unit, value, like), shown, same and names))
    # today has no difference worth reading: it is no plan
    cells[0] = Cell(cells[0].value)
    return Line(say(f"comparison.{row.key}", None, language), better, cells)


def _spell(unit: str, value: float | None, like: Source) -> str:
    language = like.language
    if value is None:
        return MISSING
    if unit == "m2":
        return area(value, language)
    if unit == "money":
        return money(value, like.currency, language)
    if unit == "money_per_m2":
        return unit_price(value, like.currency, language)
    if unit == "share":
        return share(value, language, "up")
    return decimal(value, 0 if unit == "count" else 2)


def _spell_change(unit: str, change: float, like: Source) -> str:
    if unit in ("m2", *MONEY_ROWS):
        if change == 0:
            return "0"
        # the row says the currency once
        shown = _spell(unit, abs(change), like).removeprefix(f"{like.currency} ")
        return ("+" if change > 0 else "−") + shown.split(" (")[0].split("（")[0]
    return signed(change, 0 if unit == "count" else 2)


def _after_cost(found: Comparison, names: bool) -> int:
    keys = [row.key for row in found.rows if row.key != "distance" and (names or _public(row))]
    return keys.index("cost" if names else "area") + 1


def _certainty(plans: list[Source], language: Language) -> Line:
    """Say for every plan how far from the least possible cost it is known to be."""
    cells = [Cell(MISSING)]
    for source in plans:
        proof = source.proof
        if not proof["found"]:
            cells.append(Cell(say("plan.state.nothing_fits", None, language)))
        elif proof["proven_best"]:
            cells.append(Cell(_of_what(source, say("compare.certain.best", None, language))))
        elif proof["distance"] is None:
            cells.append(Cell(say("compare.certain.unknown", None, language)))
        else:
            percent = share(proof["distance"], language, "up")
            said = say("compare.certain.within", {"percent": percent}, language)
            cells.append(Cell(_of_what(source, said)))
    return Line(say("compare.certain", None, language), "", cells)


def _of_what(source: Source, said: str) -> str:
    """Add that not every demand is met, where the bound compares only such plans."""
    if str(source.certificate.relative_to.get("code", "")).endswith(".request"):
        return said
    return say("compare.certain.partly", {"said": said}, source.language)


def _trials(won: Sequence[int], language: Language) -> Line:
    label = say("compare.trials", {"percent": share(SPREAD, language)}, language)
    cells = [
        Cell(say("compare.trials.value", {"n": count, "trials": TRIALS}, language)) for count in won
    ]
    return Line(label, "", [Cell(MISSING), *cells])


def _weighed(found: Robustness | None, language: Language) -> list[Line]:
    """Say for how many weights each plan is best, and whether prices could change that."""
    if found is None:
        return []
    named = [say(f"compare.weights.{key}", None, language) for key in found.criteria]
    criteria = (", " if language == "en" else "、").join(named)
    best = [
        Cell(share(part, language), "" if mean is None else _weights(named, mean, language))
        for part, mean in zip(found.best, found.central, strict=True)
    ]
    steady = [Cell(MISSING if part is None else share(part, language)) for part in found.steady]
    label = say("compare.weights", {"criteria": criteria}, language)
    also = say("compare.weights.steady", {"percent": share(SPREAD, language)}, language)
    return [Line(label, "", [Cell(MISSING), *best]), Line(also, "", [Cell(MISSING), *steady])]


def _weights(names: Sequence[str], mean: Sequence[float], language: Language) -> str:
    """Return the mean weights with which a plan is best: "Cost 60 %, Owners 25 %"."""
    said = [
        say("compare.weights.one", {"name": name, "share": decimal(100 * part, 0)}, language)
        for name, part in zip(names, mean, strict=True)
    ]
    return (", " if language == "en" else "，").join(said)


def _dates(dates: list[str], language: Language) -> Line:
    cells = [Cell(MISSING), *(Cell(date) for date in dates)]
    return Line(say("plan.inputs.as_of", None, language), "", cells, attention=True)


def _spread_out(line: Line, ids: Sequence[str], known: Sequence[str]) -> Line:
    """Give missing plans an empty cell in their column."""
    own = dict(zip(known, line.cells[1:], strict=True))
    cells = [line.cells[0], *(own.get(one, Cell("")) for one in ids)]
    return Line(line.label, line.better, cells, line.attention)


def _note(code: str, params: object, headings: list[Heading], language: Language) -> str:
    """Say a note with the names that the columns have."""
    assert isinstance(params, dict)
    names = {heading.id: heading.name for heading in headings}
    told = {
        key: [names.get(one, one) for one in value] if key == "ids" else value
        for key, value in params.items()
    }
    return say(code, told, language)


def first_of(ids: str) -> tuple[list[str], bool]:
    """Return the ids of an address, at most as many as fit, and whether there were more."""
    wanted = list(dict.fromkeys(one.strip() for one in ids.split(",") if one.strip()))
    return wanted[:MOST], len(wanted) > MOST
