"""The numbers that a partial reading leaves, the likeliest first.

The probabilities are those of the calibrated proposal, position by position, restricted to what the
examiner's reading admits and taken as independent of each other. They say how the machine would order what
the examiner left open; they are no probability that a record is the item's.

The proposal speaks of glyph classes (`pipelines.glyphs`): А and A look the same to it. What is read keeps its
own script; where both are alternatives they share their class's probability evenly.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from examiner.examination.scripts import difference_words
from examiner.tracing.patterns import Slot
from pipelines.glyphs import CYRILLIC_TWINS, glyph_class

SHOWN = 50
OTHER = "?"
"""Any character that the proposal does not name, in a candidate."""


@dataclass(frozen=True)
class Candidate:
    """A number and its joint probability; `?` in it stands for what the proposal does not name.
    `named`: where another candidate looks the same, the characters that differ, by their script."""

    text: str
    p: float
    named: str = ""


@dataclass(frozen=True)
class Candidates:
    """`shown` of `total` candidates, and the share of all probability that they have. In `total` a `?` counts
    as one. `equal`: numbers (from 1) of the slots whose alternatives share evenly because no proposal speaks
    of them."""

    shown: tuple[Candidate, ...]
    total: int
    share: float
    equal: tuple[int, ...]


def candidates(
    slots: Sequence[Slot], proposed: Sequence[Mapping[str, float] | None], most: int = SHOWN
) -> Candidates:
    """The likeliest of what the slots admit. `proposed`: of each slot the proposal's probability by glyph, or
    None where it proposes nothing there. Ties fall in the order of the options, so the list is the same every
    time. Costs O(most · positions · log)."""
    rows, equal = [], []
    for number, (slot, known) in enumerate(zip(slots, proposed, strict=True), 1):
        row, even = _options(slot, known or {})
        rows.append(row)
        if even and len(row) > 1:
            equal.append(number)
    total = math.prod(map(len, rows))
    likeliest = tuple(_named(_likeliest(rows, most)))
    return Candidates(
        likeliest, total, min(1.0, math.fsum(candidate.p for candidate in likeliest)), tuple(equal)
    )


def _named(rows: Sequence[Candidate]) -> list[Candidate]:
    words = difference_words(candidate.text for candidate in rows)
    return [replace(candidate, named=words.get(candidate.text, "")) for candidate in rows]


def _options(slot: Slot, known: Mapping[str, float]) -> tuple[list[tuple[str, float]], bool]:
    """Options of a position by falling probability; True where they share evenly."""
    rest = max(0.0, 1 - math.fsum(p for p in known.values() if p > 0))
    if slot.open:
        named = [(_written(slot, glyph), p) for glyph, p in known.items() if p > 0 and glyph]
        named = [(text, p) for text, p in named if text]
        left = rest if rest > 1e-9 or not named else 0.0
        rows = [*named, (OTHER, left or 1.0)] if left or not named else named
        whole = math.fsum(p for _, p in rows)
        return _sorted([(text, p / whole) for text, p in rows]), False
    classes = [glyph_class(option) or option for option in slot.options]
    weights = [known.get(name, 0.0) / classes.count(name) for name in classes]
    whole = math.fsum(weights)
    if whole <= 0:
        return [(option, 1 / len(slot.options)) for option in slot.options], True
    # An alternative of the examiner's that the proposal does not name keeps the share of the rest of it.
    silent = sum(weight <= 0 for weight in weights)
    weights = [weight if weight > 0 else rest / silent for weight in weights]
    whole = math.fsum(weights)
    return _sorted([(o, w / whole) for o, w in zip(slot.options, weights, strict=True)]), False


def _written(slot: Slot, glyph: str) -> str:
    """A class as a character that the slot admits: its Latin form, else its Cyrillic one, else empty."""
    twins = (cyrillic for cyrillic, latin in CYRILLIC_TWINS.items() if latin == glyph)
    return next((text for text in (glyph, *twins) if slot.admits(text)), "")


def _sorted(rows: list[tuple[str, float]]) -> list[tuple[str, float]]:
    return sorted(rows, key=lambda row: -row[1])


def _likeliest(rows: Sequence[Sequence[tuple[str, float]]], most: int) -> list[Candidate]:
    """Best first over the grid of the positions' options, each sorted by falling probability."""
    if not rows:
        return []

    def p(at: tuple[int, ...]) -> float:
        return math.prod(row[i][1] for row, i in zip(rows, at, strict=True))

    first = (0,) * len(rows)
    heap, seen = [(-p(first), first)], {first}
    likeliest: list[Candidate] = []
    while heap and len(likeliest) < most:
        minus, at = heapq.heappop(heap)
        text = "".join(row[i][0] for row, i in zip(rows, at, strict=True))
        likeliest.append(Candidate(text, -minus))
        for position in range(len(rows)):
            after = (*at[:position], at[position] + 1, *at[position + 1 :])
            if after[position] < len(rows[position]) and after not in seen:
                seen.add(after)
                heapq.heappush(heap, (-p(after), after))
    return likeliest
