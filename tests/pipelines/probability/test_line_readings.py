"""Readings against going through every combination."""

from itertools import product
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.probability.line_readings import LEAST, readings
from pipelines.types import Candidate


def candidates(*shares: tuple[str, float]) -> tuple[Candidate, ...]:
    return tuple(Candidate(glyph, p) for glyph, p in sorted(shares, key=lambda share: -share[1]))


def test_half_an_eight_is_two_readings():
    line = [candidates(("4", 0.9)), candidates(("8", 0.5), ("3", 0.4))]
    assert readings(line) == (("48", 0.45), ("43", 0.36))


def test_the_same_text_by_different_ways_counts_together():
    line = [candidates(("1", 0.6), ("", 0.4)), candidates(("1", 0.6), ("", 0.4))]
    assert dict(readings(line)) == pytest.approx({"1": 0.48, "11": 0.36, "": 0.16})


def test_nothing_is_read_of_an_empty_line():
    assert readings([]) == ()


@given(st.lists(st.lists(st.integers(1, 100), min_size=1, max_size=4), min_size=1, max_size=5))
def test_the_likeliest_come_first_and_none_is_passed_over(weights):
    line = [
        candidates(*((glyph, weight / (sum(own) + 5)) for glyph, weight in zip("8350", own, strict=False)))
        for own in weights
    ]
    given_readings = readings(line, 5)
    every: dict[str, float] = {}
    for combination in product(*line):
        text = "".join(candidate.glyph for candidate in combination)
        every[text] = every.get(text, 0.0) + prod(candidate.p for candidate in combination)
    best = sorted((p for p in every.values() if p >= LEAST), reverse=True)[:5]
    assert [p for _, p in given_readings] == pytest.approx(best, abs=1.1e-4)
    assert all(p == pytest.approx(every[text], abs=1.1e-4) for text, p in given_readings)
    assert sum(p for _, p in given_readings) <= 1
