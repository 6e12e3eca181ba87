"""Whom to invite to an exchange: what each further participant brings, and what any set can bring.

An exchange among some parties gains what its plan costs less than the land as it lies; who takes no
part keeps every parcel. `gain_curve` adds parties one by one; `set_bounds` says what no set of k
parties can exceed, so that the curve can be judged. Gains come from a function of the caller: the
engine, with the parcels of all others fixed. All amounts are integers in minor units.

**Why the bound holds.** Let S take part, x be a plan that its parties' bounds on value allow, c_ij
the cost of parcel j with party i, h(j) its holder, P_i the parcels of i, and λ⁺, λ⁻ ≥ 0 any
multipliers, λ = λ⁺ − λ⁻. Every i in S ends with a value V_i between low_i and high_i, so
λ⁺_i (high_i − V_i) + λ⁻_i (V_i − low_i) ≥ 0, and the gain is at most
Σ_{j in P(S)} (c_{h(j) j} − c_{x(j) j} − λ_{x(j)} v_j) + Σ_{i in S} (λ⁺_i high_i − λ⁻_i low_i).
Letting every parcel go to whichever of **all** parties makes its summand largest can only raise
this, and leaves Σ_{i in S} p_i with p_i = Σ_{j in P_i} max_k (c_ij − c_kj − λ_k v_j) + λ⁺_i high_i
− λ⁻_i low_i. What is counted per party besides (its pieces, say) adds what it can save at most.
p_i ≥ 0 where the land as it lies keeps the bounds (k = i), so the k largest p bound every set of k.
With λ from the linear programme over all parties, Σ p_i over all of them is its bound.
"""

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
Gain = Callable[[IntArray], int]
"""Given parties (sorted), what the best plan known among them gains; never more than is true."""

MULTIPLIER_UNITS: Final = 1024
"""Multipliers are rounded to this part of a minor unit: any are valid, so nothing is lost."""
_BLOCK: Final = 4096


class Stop(Protocol):
    """Asked between two evaluations whether to end."""

    def __call__(self) -> bool:
        """Return whether to stop."""
        ...


@dataclass(frozen=True, slots=True)
class Step:
    """One more participant: who, what all so far gain, and what no set of as many can exceed."""

    party: int
    gain: int
    bound: int


@dataclass(frozen=True, slots=True)
class Curve:
    """Participants in the order of invitation.

    ``evaluated`` counts the calls of the gain function; ``limit_hit``: candidates were not looked
    at, so another order may gain more (the bounds hold all the same).
    """

    steps: tuple[Step, ...]
    evaluated: int
    limit_hit: bool


def pressures(
    cost_of: Callable[[IntArray], IntArray],
    holder: IntArray,
    value: IntArray,
    low: IntArray,
    high: IntArray,
    multiplier: FloatArray,
    savings: IntArray | None = None,
) -> IntArray:
    """Return p [m], what the presence of each party can bring any set at most, minor units.

    Parameters
    ----------
    cost_of
        Given positions [b] of parcels, their cost [m, b] with every party, int64; a party that must
        not have a parcel has a prohibitive cost there, its holder never.
    holder, value
        [n] holder (0 … m-1) and value of every parcel.
    low, high
        [m] inclusive bounds on the value a party ends with; the land as it lies keeps them.
    multiplier
        [m] λ, cost per unit of value: above 0 for parties that would take too much, below 0 for
        those that would end with too little. Any are valid, those of the linear programme are best.
    savings
        [m] what terms counted per party can save at most, >= 0; None: nothing.

    Raises
    ------
    ValueError
        The land as it lies breaks a bound: then no set can be judged.
    """
    m = len(low)
    held = np.bincount(holder, weights=value.astype(float), minlength=m)
    if (held < low).any() or (held > high).any():
        raise ValueError("the land as it lies breaks a bound on value")
    scaled = np.rint(multiplier * MULTIPLIER_UNITS).astype(np.int64)
    total = np.where(scaled > 0, scaled * high, scaled * low)
    for first in range(0, len(holder), _BLOCK):
        rows = np.arange(first, min(first + _BLOCK, len(holder)))
        reduced = cost_of(rows) * MULTIPLIER_UNITS + scaled[:, None] * value[rows][None, :]
        own = cost_of(rows)[holder[rows], np.arange(len(rows))] * MULTIPLIER_UNITS
        np.add.at(total, holder[rows], own - reduced.min(axis=0))
    whole = -(-total // MULTIPLIER_UNITS)  # up: a bound must not lose the fraction
    return whole if savings is None else whole + savings


def set_bounds(pressure: IntArray, base: Sequence[int] = (), total: int | None = None) -> IntArray:
    """Return what no set of ``base`` and k further parties can gain more than, k = 0 … m - |base|.

    ``total`` is a bound on the gain of all together, where a better one than Σ p is known. A party
    alone has nobody to exchange with: it gains 0 unless it can save by itself, which p covers.
    """
    rest = np.delete(pressure, np.asarray(base, dtype=np.int64))
    start = int(pressure[list(base)].sum()) if len(base) else 0
    bounds = start + np.concatenate([[0], np.cumsum(np.sort(rest)[::-1])])
    return np.asarray(bounds if total is None else np.minimum(bounds, total), dtype=np.int64)


def gain_curve(
    gain: Gain,
    pressure: IntArray,
    most: int,
    base: Sequence[int] = (),
    tries: int = 64,
    total: int | None = None,
    stop: Stop | None = None,
) -> Curve:
    """Return whom to invite in which order, with the gain and a bound after each.

    Without a ``base`` (parties that take part anyway, such as an acquirer) it begins with a pair,
    looked for in the order of p_i + p_j until no further pair can be better: then, where ``gain``
    is exact, the pair is the best one. After that the party that adds most joins.

    Parameters
    ----------
    gain
        As `Gain`.
    pressure
        [m] of `pressures`.
    most
        Largest number of parties to invite, >= 1.
    base
        Parties that take part anyway.
    tries
        Most evaluations per step.
    total
        A bound on the gain of all, as in `set_bounds`.
    stop
        Asked before each evaluation; the curve so far is returned.
    """
    search = _Search(gain, pressure, tries, stop)
    bounds = set_bounds(pressure, base, total)
    chosen = sorted(base)
    steps: list[Step] = []
    reached = search.of(chosen) if chosen else 0
    if not chosen and most >= 2:
        pair, reached = search.best_pair()
        chosen = sorted(pair)
        steps = [
            Step(party, amount, int(bounds[number]))
            for number, (party, amount) in enumerate(zip(pair, (0, reached), strict=False), 1)
        ]
    while len(steps) < most and (chosen or base):
        party, amount = search.best_addition(chosen)
        if party < 0:
            break
        # whoever joins may keep all: the gain never falls, also where the engine found less
        reached = max(reached, amount)
        chosen = sorted([*chosen, party])
        steps.append(Step(party, reached, int(bounds[len(steps) + 1])))
    return Curve(tuple(steps), search.evaluated, search.limit_hit)


def losses(
    gain: Gain, parties: Sequence[int], order: Sequence[int], stop: Stop | None = None
) -> dict[int, int]:
    """Return what the gain of all ``parties`` falls by if one refuses, for those in ``order``.

    Two plans stand behind each figure: where ``gain`` is exact, so is the loss.
    """
    everyone = np.array(sorted(parties), dtype=np.int64)
    whole = gain(everyone)
    found: dict[int, int] = {}
    for party in order:
        if stop is not None and stop():
            break
        found[int(party)] = max(whole - gain(everyone[everyone != party]), 0)
    return found


class _Search:
    """Evaluates sets, counts them, and remembers whether any was left out."""

    def __init__(self, gain: Gain, pressure: IntArray, tries: int, stop: Stop | None) -> None:
        self.gain = gain
        self.pressure = pressure
        self.tries = tries
        self.stop = stop
        self.evaluated = 0
        self.limit_hit = False
        # also those with p = 0: their land may be what others want
        self.order = np.argsort(-pressure, kind="stable")

    def of(self, parties: Sequence[int]) -> int:
        self.evaluated += 1
        return int(self.gain(np.array(sorted(parties), dtype=np.int64)))

    def best_pair(self) -> tuple[tuple[int, ...], int]:
        """Return the pair that gains most, the party of larger p first; () where none gains."""
        best: tuple[int, ...] = ()
        most = 0
        for number, (bound, pair) in enumerate(self._pairs()):
            if bound <= most:
                break
            if number >= self.tries or self._stopped():
                self.limit_hit = True
                break
            amount = self.of(pair)
            if amount > most:
                best, most = pair, amount
        return best, most

    def best_addition(self, chosen: Sequence[int]) -> tuple[int, int]:
        """Return the party that leads to the largest gain, and that gain; (-1, 0) of none."""
        left = [int(party) for party in self.order if party not in set(chosen)]
        self.limit_hit |= len(left) > self.tries
        best, most = -1, -1
        for party in islice(left, self.tries):
            if self._stopped():
                self.limit_hit = True
                return -1, 0
            amount = self.of([*chosen, party])
            if amount > most:
                best, most = party, amount
        return best, most

    def _pairs(self) -> Iterator[tuple[int, tuple[int, int]]]:
        """Yield (p_i + p_j, (i, j)) in falling order of the sum."""
        order, p = self.order, self.pressure
        heap = [(-int(p[order[a]] + p[order[a + 1]]), a, a + 1) for a in range(len(order) - 1)]
        heapq.heapify(heap)
        while heap:
            bound, a, b = heapq.heappop(heap)
            yield -bound, (int(order[a]), int(order[b]))
            if b + 1 < len(order):
                heapq.heappush(heap, (-int(p[order[a]] + p[order[b + 1]]), a, b + 1))

    def _stopped(self) -> bool:
        return self.stop is not None and self.stop()
