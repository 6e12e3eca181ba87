"""Trials of what a request may give way on: up a ladder, one of a kind, or a switch."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

from landplan.planning.assemble.ladders import (
    Ladder,
    Patch,
)
from landplan.planning.assemble.options import (
    MOST_OF_A_KIND,
    Kind,
    Option,
)
from landplan.planning.assemble.trial import PROOF, Answer, Trials

_PROOFS: Final = 8
"""So many searches with the work of `PROOF` may narrow down where what is enough begins."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the request.

    Attributes
    ----------
    code, params
        Its message.
    patch
        (path, value) pairs with the paths of the request form.
    proven
        Whether this change alone is known to be enough: a plan of the changed request is at hand.
    smallest
        Whether it is proven that nothing less of its kind is enough; None where it has no degree.
    size
        How large it is, from 0 to 1: its order among the others.
    """

    code: str
    params: Mapping[str, object]
    patch: Patch
    proven: bool
    smallest: bool | None = None
    size: float = 0.0


def patched(request: Mapping[str, Any], patch: Patch) -> dict[str, Any]:
    """Return a copy of a request with a patch applied, for the pre-filled form."""
    changed = deepcopy(dict(request))
    for path, value in patch:
        *way, last = path.split(".")
        holder: Any = changed
        for key in way:
            holder = holder[int(key)] if isinstance(holder, list) else holder[key]
        holder[last] = value
    return changed


def climbed(
    ladder: Ladder, request: Mapping[str, Any], trials: Trials, checked: bool, guess: int | None
) -> Iterator[Change]:
    """Yield the mildest value of a ladder that is enough, or the last where that is not known."""

    def answer(k: int) -> Answer:
        return trials.answer(patched(request, ladder.patch(k)))

    best = guess if guess is not None and answer(guess).enough else ladder.steps
    reached = answer(best)
    if not reached.enough:
        if reached.enough is None:
            yield _step(ladder, best, proven=False, smallest=None)
        return
    best = _needed(ladder, best, reached, answer)
    refuted = below = 0
    middle = best - 1
    while best - below > 1:
        reached = answer(middle)
        if reached.enough:
            best = _needed(ladder, middle, reached, answer)
        else:
            below = middle
            refuted = middle if reached.enough is False else refuted
        middle = (below + best) // 2
    best, refuted = _narrowed(ladder, best, refuted, request, trials)
    smallest = best - refuted <= 1 and (refuted > 0 or checked)
    yield _step(ladder, best, proven=True, smallest=smallest)


def _narrowed(
    ladder: Ladder, best: int, refuted: int, request: Mapping[str, Any], trials: Trials
) -> tuple[int, int]:
    """Return the mildest step that is enough and the last that is proven not to be, searched hard.

    Strides from the best step become longer while they succeed.
    """
    stride = 1
    for _ in range(_PROOFS):
        if best - refuted <= 1:
            break
        middle = max(best - stride, refuted + 1, (refuted + best) // 2 if refuted else 0)
        reached = trials.answer(patched(request, ladder.patch(middle)), PROOF)
        if reached.enough:
            best, stride = middle, 2 * stride
        elif reached.enough is False:
            refuted = middle
        elif stride == 1:
            break
        else:
            stride = 1
    return best, refuted


def _needed(ladder: Ladder, k: int, reached: Answer, answer: Any) -> int:
    """Return a milder step that the plan at hand is enough for, too; ``k`` where there is none."""
    if ladder.measure is None or reached.formulation is None:
        return k
    value = ladder.measure(reached.sites, reached.formulation)
    if value is None:
        return k
    milder = min(ladder.steps_to(value), k)
    return milder if milder < k and answer(milder).enough else k


def _step(ladder: Ladder, k: int, *, proven: bool, smallest: bool | None) -> Change:
    off = ladder.last is not None and k >= ladder.steps
    code = f"{ladder.code}_off" if off else ladder.code
    return Change(code, ladder.told(k), ladder.patch(k), proven, smallest, ladder.size(k))


def picked(kind: Kind, request: Mapping[str, Any], trials: Trials) -> Iterator[Change]:
    """Yield each single thing of a kind that is enough; where none is, a set with none to spare."""
    everything = trials.answer(patched(request, kind.option(kind.names).patch))
    if everything.enough is False:
        return
    if everything.enough is None:
        yield Change(kind.code, {}, (), proven=False)
        return
    needed = kind.needed(everything.sites)
    order = [*needed, *(name for name in kind.names if name not in needed)]
    single = False
    for name in order[:MOST_OF_A_KIND]:
        for change in tried(kind.option([name]), request, trials):
            single |= change.proven
            yield change
    if everything.enough and not single and len(kind.names) > 1:
        yield _several(kind, needed or kind.names, request, trials)


def _several(
    kind: Kind, enough: Sequence[str], request: Mapping[str, Any], trials: Trials
) -> Change:
    """Return a set that is enough and of which, as far as it was tried, none can be spared."""
    if not trials.answer(patched(request, kind.option(enough).patch)).enough:
        enough = kind.names
    kept = list(enough)
    smallest = len(kept) <= MOST_OF_A_KIND
    for name in enough[:MOST_OF_A_KIND]:
        fewer = [other for other in kept if other != name]
        without = trials.answer(patched(request, kind.option(fewer).patch)) if fewer else None
        if without is not None and without.enough:
            kept = fewer
        elif without is not None:
            smallest &= without.enough is False
    option = kind.option(kept)
    return Change(option.code, option.params, option.patch, True, smallest, option.size)


def tried(option: Option, request: Mapping[str, Any], trials: Trials) -> Iterator[Change]:
    """Yield what a switch gives way on, unless it is proven not to be enough."""
    enough = trials.answer(patched(request, option.patch)).enough
    if enough is not False:
        yield Change(option.code, option.params, option.patch, bool(enough), None, option.size)
