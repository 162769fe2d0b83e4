"""A proposal's candidate set and likelihood ratio in words, the same on the page and in the report."""

from __future__ import annotations

from pipelines.probability.candidate_sets import MOST, likelihood_ratio, set_text
from pipelines.types import Position


def set_words(proposed: Position) -> str:
    """The candidate set, and how many times likelier the photographs are with one glyph than with another."""
    if not proposed.candidate_set:
        return ""
    words = f"Meant to hold 95 in 100: {set_text(proposed.candidate_set)}."
    if len(proposed.candidate_set) > MOST:
        words = "No short set at 95 in 100."
    glyphs = [glyph for glyph, _ in proposed.log10_likelihoods if glyph][:2]
    if len(glyphs) == 2:
        # The likelier of the two by the photographs alone comes first.
        ratio = likelihood_ratio(proposed, glyphs[0], glyphs[1])
        one, other = glyphs if ratio >= 1 else glyphs[::-1]
        words += f" LR {one} to {other}: {_times(max(ratio, 1 / ratio))}."
    return words


def _times(ratio: float) -> str:
    return "over 1000" if ratio > 1000 else f"{ratio:.1f}" if ratio < 10 else f"{ratio:.0f}"
