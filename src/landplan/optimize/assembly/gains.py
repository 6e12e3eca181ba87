"""What branching on a column has gained so far, to guess what it will gain."""

import numpy as np

from landplan.optimize.assembly.problem import BoolArray, FloatArray, IntArray

_RELIABLE = 4


class Gains:
    """Gain of the bound per unit by which a column moved: down in row 0, up in row 1.

    Pseudo-costs that are measured until they are reliable (Achterberg, Koch, Martin 2005,
    doi 10.1016/j.orl.2004.04.002).
    """

    def __init__(self, n: int) -> None:
        self._total = np.zeros((2, n))
        self._times = np.zeros((2, n), np.int64)

    def learn(self, column: int, part: float, gains: tuple[float, float]) -> None:
        """Note what leaving a column out and taking it in gained, from the value ``part``."""
        for side, way in ((0, part), (1, 1.0 - part)):
            self._total[side, column] += max(gains[side], 0.0) / way
            self._times[side, column] += 1

    def known(self, columns: IntArray) -> BoolArray:
        """Return whether each column was measured at all."""
        return np.asarray(self._times[0, columns] > 0)

    def reliable(self, column: int) -> bool:
        """Whether a column was measured often enough to be believed."""
        return bool(self._times[0, column] >= _RELIABLE)

    def expected(self, columns: IntArray, parts: FloatArray, least: float) -> FloatArray:
        """Return the product of both gains of each column, each at least ``least``.

        A column never measured gains what the others did on average.
        """
        mean = self._total.sum(axis=1) / np.maximum(self._times.sum(axis=1), 1)
        times = self._times[:, columns]
        gain = np.where(
            times > 0, self._total[:, columns] / np.maximum(times, 1), mean[:, np.newaxis]
        )
        return np.asarray(
            np.maximum(gain[0] * parts, least) * np.maximum(gain[1] * (1.0 - parts), least)
        )
