"""Keeping what is costly to read: read once however many ask at the same time."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Read = TypeVar("Read")


class ReadOnce(Generic[Read]):
    """The things read last, by key; for things that never change.

    Parameters
    ----------
    most
        How many are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[str, Read] = OrderedDict()
        self._lock = threading.Lock()
        self._reading: dict[str, threading.Lock] = {}

    def get(self, key: str, read: Callable[[], Read]) -> Read:
        """Return what is kept, else read it; who asks meanwhile waits for the one reading."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            turn = self._reading.setdefault(key, threading.Lock())
        with turn:
            with self._lock:
                if key in self._kept:
                    return self._kept[key]
            try:
                found = read()
                self.put(key, found)
            finally:
                with self._lock:
                    self._reading.pop(key, None)
        return found

    def put(self, key: str, found: Read) -> None:
        """Keep something that was read or made elsewhere."""
        with self._lock:
            self._kept[key] = found
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
