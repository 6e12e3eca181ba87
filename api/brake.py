"""A brake on guessing passwords: the more wrong ones for a name, the longer the wait."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

FREE: Final = 5
"""Wrong passwords in a row that cost nothing: people mistype."""
LONGEST_S: Final = 60.0
KEPT: Final = 10_000


class Brake:
    """Counts wrong passwords by name, known or not, so that it does not tell which names exist."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait_s(self, name: str) -> float:
        """Return how long nobody may try this name again; 0 where it is free."""
        with self._lock:
            count, last = self._wrong.get(name, (0, 0.0))
        if count < FREE:
            return 0.0
        pause = min(LONGEST_S, 2.0 ** (count - FREE))
        return max(0.0, last + pause - self._clock())

    def wrong(self, name: str) -> None:
        """Count a wrong password."""
        with self._lock:
            count, _ = self._wrong.pop(name, (0, 0.0))
            self._wrong[name] = (count + 1, self._clock())
            while len(self._wrong) > KEPT:
                self._wrong.popitem(last=False)

    def right(self, name: str) -> None:
        """Forget the wrong ones."""
        with self._lock:
            self._wrong.pop(name, None)
