"""How much work the partition engine may do."""

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
    attempts
        How often slack is gathered, by site of the first plan.
    patience
        Rounds of gathering (one attempt for every two sites) without a further site that end it.
    reach
        From how many sites slack is gathered at most.
    cuts
        Random trees tried to cut one site in two.
    trials
        Moves tried by annealing, by parcel.
    most_trials
        The most moves tried by annealing in all.
    small
        Components of at most this many atoms are searched to the end where the bound is not met.
    sets, nodes
        Sites listed, and nodes visited, for one such component before it is left unproven.
    """

    seed: int = 1
    attempts: int = 12
    patience: int = 12
    reach: int = 300
    cuts: int = 100
    trials: int = 1_500
    most_trials: int = 20_000_000
    small: int = 40
    sets: int = 20_000
    nodes: int = 200_000

    @classmethod
    def of(cls, effort: Effort, seed: int = 1) -> "Params":
        """Return the limits that belong to an effort."""
        if effort == "quick":
            return cls(seed, attempts=4, patience=4, trials=200, most_trials=8_000_000)
        if effort == "thorough":
            return cls(
                seed,
                attempts=60,
                patience=20,
                trials=5_000,
                most_trials=100_000_000,
                sets=100_000,
                nodes=2_000_000,
            )
        return cls(seed)
