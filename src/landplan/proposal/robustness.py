"""Which of several plans is best if nobody knows how much cost, owners and compactness weigh."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from landplan.measures.acceptability import acceptability, confidence
from landplan.proposal.comparison import SPREAD, figure, trial_costs
from landplan.proposal.proposal import Proposal

CRITERIA: Final = (("cost", True), ("owners", True), ("compactness", False))
"""Rows of a comparison that are weighed, and whether lower is better."""


@dataclass(frozen=True, slots=True)
class Robustness:
    """How much the ranking of some plans hangs on weights and prices.

    Attributes
    ----------
    criteria
        Keys of the rows that are weighed: those that all plans have and that tell them apart.
    best
        For how much of all possible weights each plan is best, with the prices as they are.
    central
        The mean of these weights, by criterion; None for a plan that is never best.
    steady
        How often a plan stays the best one with its mean weights while prices vary; None likewise.
    """

    criteria: tuple[str, ...]
    best: tuple[float, ...]
    central: tuple[tuple[float, ...] | None, ...]
    steady: tuple[float | None, ...]


def robustness(
    proposals: Sequence[Proposal], spread: float = SPREAD, trials: int = 100, seed: int = 1
) -> Robustness | None:
    """Weigh plans in every possible way (`landplan.measures.acceptability`).

    Parameters
    ----------
    proposals
        Plans that can be compared.
    spread, trials, seed
        How prices vary, as in `landplan.proposal.comparison.price_trials`.

    Returns
    -------
    Robustness or None
        None where fewer than two criteria tell the plans apart, or a plan has no land: nothing is
        to be weighed then.
    """
    columns = {}
    for key, lower in CRITERIA:
        known = [value for proposal in proposals if (value := figure(proposal, key)) is not None]
        if len(known) == len(proposals) and len(set(known)) > 1:
            columns[key] = np.array(known) * (1.0 if lower else -1.0)
    if len(columns) < 2 or any(not len(proposal.sites) for proposal in proposals):
        return None
    values = np.column_stack(list(columns.values()))
    draws = np.repeat(values[None], trials, axis=0)
    if "cost" in columns:
        place = list(columns).index("cost")
        draws[:, :, place] = trial_costs(proposals, spread, trials, seed).T
    certain = acceptability(values, seed=seed)
    steady = confidence(draws, certain.central)
    return Robustness(
        tuple(columns),
        tuple(float(part) for part in certain.best),
        tuple(
            None if np.isnan(weights).any() else tuple(float(part) for part in weights)
            for weights in certain.central
        ),
        tuple(None if np.isnan(part) else float(part) for part in steady),
    )
