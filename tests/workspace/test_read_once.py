"""What is costly to read is read once, however many ask."""

import threading

import pytest

from landplan.workspace.read_once import ReadOnce


def test_many_who_ask_at_once_wait_for_one_reading() -> None:
    kept: ReadOnce[str] = ReadOnce(2)
    asked, go = threading.Barrier(8), threading.Event()
    reads: list[str] = []
    answers: list[str] = []

    def read() -> str:
        go.wait(10)
        reads.append("a")
        return "land"

    def ask() -> None:
        asked.wait(10)
        answers.append(kept.get("a", read))

    threads = [threading.Thread(target=ask) for _ in range(7)]
    for thread in threads:
        thread.start()
    asked.wait(10)
    go.set()
    for thread in threads:
        thread.join()
    assert reads == ["a"]
    assert answers == ["land"] * 7


def test_one_reading_does_not_hold_up_another() -> None:
    kept: ReadOnce[str] = ReadOnce(2)
    assert kept.get("a", lambda: kept.get("b", lambda: "inner") + " outer") == "inner outer"


def test_the_ones_not_asked_for_longest_go_first() -> None:
    kept: ReadOnce[int] = ReadOnce(2)
    for key in ("a", "b", "a", "c"):
        kept.get(key, lambda: 1)
    assert kept.get("a", lambda: 2) == 1
    assert kept.get("b", lambda: 2) == 2


def test_a_reading_that_fails_is_tried_again_by_the_next() -> None:
    kept: ReadOnce[int] = ReadOnce(2)

    def fail() -> int:
        raise ValueError("damaged")

    with pytest.raises(ValueError, match="damaged"):
        kept.get("a", fail)
    assert kept.get("a", lambda: 3) == 3
