"""Who is worse off by an exchange, by which measure: read from the table ``worse_off``."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from landplan.messages import Language, say
from landplan.messages.numbers import area, decimal, length, money
from landplan.proposal.proposal import Proposal

COLUMNS: Final = ("party_id", "measure", "before", "after")
MEASURES: Final = (
    *("value", "area_m2", "parcels", "pieces", "mean_area_m2", "simmons", "simpson"),
    *("januszewski", "schmook", "igbozurike", "standard_distance_m", "centre_distance_m"),
    *("home_distance_m", "road_access", "psi", "glfi"),
)
"""All that is looked at, in the order in which it is told."""
PLAIN: Final = (
    *("value", "area_m2", "pieces", "mean_area_m2", "home_distance_m", "road_access", "psi"),
)
"""What is told in a line; the rest are indices that say the same in other ways."""
_METRES: Final = ("standard_distance_m", "centre_distance_m", "home_distance_m")


@dataclass(frozen=True, slots=True)
class Worse:
    """A measure that is worse than before; of value and area: than what is due."""

    measure: str
    before: float
    after: float


def worse_by_party(proposal: Proposal) -> dict[str, list[Worse]]:
    """Return what is worse by party; parties that are worse off by nothing are missing."""
    found: dict[str, list[Worse]] = defaultdict(list)
    table = proposal.layer("worse_off")
    rows = zip(*(table[name].tolist() for name in COLUMNS), strict=True)
    for party, measure, before, after in rows:
        found[str(party)].append(Worse(str(measure), float(before), float(after)))
    for own in found.values():
        own.sort(key=lambda one: MEASURES.index(one.measure) if one.measure in MEASURES else 99)
    return dict(found)


def worse_counts(proposal: Proposal) -> dict[str, int]:
    """Return for how many parties each measure got worse, in the order of `MEASURES`."""
    counts = Counter(proposal.layer("worse_off")["measure"].tolist())
    return {name: counts[name] for name in MEASURES if counts[name]}


def measure_words(measure: str, language: Language) -> str:
    """Return what a measure is called."""
    code = "worse.value" if measure == "value" else f"measure.column.{measure}"
    return say(code, None, language)


def worse_words(one: Worse, currency: str, language: Language) -> str:
    """Return a measure with its amounts before and after."""
    before, after = (_amount(one.measure, x, currency, language) for x in (one.before, one.after))
    name = measure_words(one.measure, language)
    return say("worse.change", {"what": name, "before": before, "after": after}, language)


def worse_lines(proposal: Proposal, language: Language) -> Iterator[str]:
    """Yield in one sentence how many parties are worse off by which plain measures."""
    if proposal.process != "exchange" or proposal.certificate.objective is None:
        return
    counts = worse_counts(proposal)
    told = [(measure_words(name, language), counts[name]) for name in PLAIN if name in counts]
    if not told:
        yield say("worse.nobody", None, language)
        return
    comma = say("worse.comma", None, language)
    parts = comma.join(f"{name} {n}" for name, n in told)
    parties = proposal.layer("worse_off")["party_id"].nunique()
    yield say("worse.counts", {"parties": parties, "measures": parts}, language)


def _amount(measure: str, value: float, currency: str, language: Language) -> str:
    if measure == "value":
        return money(value, currency, language)
    if measure.endswith("_m2"):
        return area(value, language)
    if measure in _METRES:
        return length(value, language)
    return decimal(value, 0 if measure in ("parcels", "pieces") else 3)
