"""Searches side by side: each finds what it finds alone, and none is left behind."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from scipy.optimize import least_squares

from sdcluster.study import side_by_side as module
from sdcluster.study.side_by_side import side_by_side


def rows(places: np.ndarray) -> np.ndarray:
    """Return the residuals of Rosenbrock's function."""
    return np.stack([10 * (places[:, 1] - places[:, 0] ** 2), 1 - places[:, 0]], axis=1)


def searching(start):
    return lambda ask: least_squares(lambda x: ask(x[np.newaxis])[0], start).x


STARTS = [(-1.2, 1.0), (3.0, -2.0), (0.0, 0.0), (1.0, 1.0), (-4.0, 7.0)]


@pytest.mark.parametrize("together", [1, 2, 32])
def test_each_search_ends_where_it_ends_alone(monkeypatch, together: int) -> None:
    monkeypatch.setattr(module, "TOGETHER", together)
    sizes: list[int] = []

    def answer(places: np.ndarray) -> np.ndarray:
        sizes.append(len(places))
        return rows(places)

    counted: list[int] = []
    found = side_by_side(answer, [searching(start) for start in STARTS], counted.append)
    assert [x.tolist() for x in found] == [searching(start)(rows).tolist() for start in STARTS]
    assert max(sizes) == min(together, len(STARTS))
    assert counted == sorted(counted)


def test_works_that_ask_nothing_end_too() -> None:
    assert side_by_side(rows, [lambda ask: 1, lambda ask: 2]) == [1, 2]
    assert side_by_side(rows, []) == []


@pytest.mark.parametrize("who", ["the search", "the answer"])
def test_an_error_ends_all_searches(who: str) -> None:
    before = threading.active_count()
    ended: list[str] = []

    def waits(ask):
        try:
            while True:
                ask(np.zeros((1, 2)))
        finally:
            ended.append("ended")

    def breaks(ask):
        ask(np.zeros((1, 2)))
        raise ZeroDivisionError

    def answer(places: np.ndarray) -> np.ndarray:
        if who == "the answer":
            raise KeyboardInterrupt
        return rows(places)

    with pytest.raises(ZeroDivisionError if who == "the search" else KeyboardInterrupt):
        side_by_side(answer, [waits, breaks, waits])
    assert ended == ["ended", "ended"]
    assert threading.active_count() == before
