"""How much work the assembly engine may do."""

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
    starts
        Centres from which local search starts.
    trials
        Moves tried by one local search.
    lp_solves
        Linear programs solved for one demand before its search ends with an honest gap.
    polish_lp_solves
        Of these, the most that may be spent without progress once the gap is at most
        ``polish_gap``. Prices that are proportional to area leave thousands of sites within a hair
        of each other; there the last hundredth of a percent is never proven.
    polish_gap
        The gap, as a fraction, from which ``polish_lp_solves`` counts.
    joint_rounds
        Rounds of prices on parcels that several sites want.
    joint_lp_solves
        Linear programs solved to bound plans of several sites.
    joint_nodes
        Nodes of the search over who must leave a parcel that two sites want.
    gap
        Gap, as a fraction, at which a proof is good enough.
    """

    seed: int = 1
    starts: int = 16
    trials: int = 6_000
    lp_solves: int = 20_000
    polish_lp_solves: int = 4_000
    polish_gap: float = 1e-3
    joint_rounds: int = 30
    joint_lp_solves: int = 20_000
    joint_nodes: int = 60
    gap: float = 0.0

    @classmethod
    def of(cls, effort: Effort, seed: int = 1) -> "Params":
        """Return the limits that belong to an effort."""
        if effort == "quick":
            return cls(
                seed=seed,
                starts=10,
                trials=4_000,
                lp_solves=2_000,
                polish_lp_solves=300,
                joint_rounds=10,
                joint_lp_solves=4_000,
                joint_nodes=15,
            )
        if effort == "thorough":
            return cls(
                seed=seed,
                starts=100,
                trials=60_000,
                lp_solves=200_000,
                polish_lp_solves=20_000,
                polish_gap=1e-4,
                joint_rounds=120,
                joint_lp_solves=400_000,
                joint_nodes=600,
            )
        return cls(seed=seed)
