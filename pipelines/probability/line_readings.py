"""The likeliest readings of a whole line, with their joint probability."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

from pipelines.types import Candidate

READINGS = 5
"""Readings given of a line at most."""

MOST_TRIED = 200
"""Combinations of candidates gone through; different ones may be the same text."""

LEAST = 0.001
"""Joint probability below which a reading is not given."""


def readings(
    positions: Sequence[Sequence[Candidate]], count: int = READINGS
) -> tuple[tuple[str, float], ...]:
    """At most `count` texts of a line, the likeliest first, from its positions' candidates (each list best
    first).

    The joint probability is the product over the positions, which takes them for independent given the
    photographs; combinations that are the same text ("no character" at one place or another) add up. The sum
    is at most 1; what is missing belongs to readings that are not given.
    """
    if not positions:
        return ()
    start = (0,) * len(positions)
    heap = [(-_joint(positions, start), start)]
    known = {start}
    found: dict[str, float] = {}
    for _ in range(MOST_TRIED):
        if not heap:
            break
        negative, picks = heapq.heappop(heap)
        if -negative < LEAST:
            break
        text = "".join(positions[i][pick].glyph for i, pick in enumerate(picks))
        found[text] = found.get(text, 0.0) - negative
        for i, pick in enumerate(picks):
            other = (*picks[:i], pick + 1, *picks[i + 1 :])
            if pick + 1 < len(positions[i]) and other not in known:
                known.add(other)
                heapq.heappush(heap, (-_joint(positions, other), other))
    ordered = sorted(found.items(), key=lambda entry: (-entry[1], entry[0]))[:count]
    # Rounded down, so that the sum stays at most 1.
    return tuple((text, int(p * 1e4) / 1e4) for text, p in ordered)


def likeliest(
    one_way: Sequence[tuple[str, float]],
    direction: float,
    other_ways: Sequence[Sequence[tuple[str, float]]] = (),
    count: int = READINGS,
) -> tuple[tuple[str, float], ...]:
    """At most `count` texts of a line over all ways to read it, the likeliest first.

    `one_way`: readings given that way, whose probability is `direction`; `other_ways`: those of the others,
    their ways' probabilities in them. The same text from both sides adds up.
    """
    together: dict[str, float] = {}
    scaled = [(text, p * direction) for text, p in one_way]
    for text, p in (reading for way in (scaled, *other_ways) for reading in way):
        together[text] = together.get(text, 0.0) + p
    ordered = sorted(together.items(), key=lambda entry: (-entry[1], entry[0]))[:count]
    # Rounded down, so that the sum stays at most 1.
    return tuple((text, int(p * 1e4 + 1e-6) / 1e4) for text, p in ordered)


def _joint(positions: Sequence[Sequence[Candidate]], picks: Sequence[int]) -> float:
    p = 1.0
    for candidates, pick in zip(positions, picks, strict=True):
        p *= candidates[pick].p
    return p
