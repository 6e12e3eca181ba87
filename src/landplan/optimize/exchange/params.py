"""How much work the exchange engine may do."""

from dataclasses import dataclass
from typing import Literal

Effort = Literal["quick", "normal", "thorough"]


@dataclass(frozen=True, slots=True)
class Params:
    """Work limits as counts, so that the same problem gives the same answer on every machine.

    Attributes
    ----------
    seed
        Of every random choice.
    levels
        Temperatures, as shares of the mean cost of distance per value, at which the dual is solved.
    newton_steps
        The most Newton steps at each.
    margin
        Arcs within so much of the cheapest of their parcel, as a share of the same cost, are in the
        linear program that follows.
    trials, most_trials
        Chains tried by the search for a plan, per parcel and in all.
    repairs
        Rounds of search around parties outside their tolerances.
    """

    seed: int = 1
    levels: tuple[float, ...] = (0.1, 0.03, 0.01, 0.003, 0.001, 0.0003)
    newton_steps: int = 12
    margin: float = 0.004
    trials: int = 2_000
    most_trials: int = 80_000_000
    repairs: int = 60

    @classmethod
    def of(cls, effort: Effort, seed: int = 1) -> "Params":
        """Return the limits that belong to an effort."""
        if effort == "quick":
            return cls(seed=seed, trials=400, most_trials=15_000_000, repairs=25)
        if effort == "thorough":
            return cls(
                seed=seed, newton_steps=25, trials=8_000, most_trials=300_000_000, repairs=200
            )
        return cls(seed=seed)
