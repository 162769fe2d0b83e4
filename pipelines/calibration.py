"""From pooled likelihoods to probabilities that can be trusted, and to what the reader commits itself to.

The first candidate's probability is a logistic function of what casework can observe; the rest is shared
among the other candidates as their likelihoods say. Coefficients and what they were fitted on:
`models/general.toml`.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from pipelines.glyphs import GLYPHS
from pipelines.pooling import PooledLine
from pipelines.types import Candidate, PositionState

FEATURES = ("one", "log_odds", "line_log_odds", "log_photos")
"""What the calibration may look at, per position; see `features`."""

CANDIDATES = 6
"""Candidates kept per position."""

LEAST = 0.001
"""Candidates below this probability are not listed."""

COMMITTED = 0.8
"""Probability from which a position is `proposed`."""

NAMED = 0.8
"""Probability that two or three candidates must reach together for `alternatives`."""


@dataclass(frozen=True)
class Calibration:
    """`votes_power`: K photographs count as K ** votes_power independent ones. `weights`: per feature."""

    votes_power: float
    weights: Mapping[str, float]
    validated_on: str

    def votes(self, photos: int) -> float:
        return float(max(1, photos) ** self.votes_power)


@cache
def calibration() -> Calibration:
    """The released calibration. Read once."""
    content: dict[str, Any] = tomllib.loads((files("models") / "general.toml").read_text("utf-8"))
    return Calibration(content["votes_power"], content["weights"], content["validated_on"])


def features(line: PooledLine, votes: float) -> npt.NDArray[np.float64]:
    """(n, len(FEATURES)): 1; log-odds of the first candidate given the rest; the line's mean of that; log
    number of photographs."""
    first = line.conditionals(votes).max(axis=1)
    odds = np.clip(np.log(first) - np.log1p(-np.minimum(first, 1 - 1e-9)), -8, 8)
    photos = np.log(max(1, len(line.by_photo)))
    columns = [np.ones(len(odds)), odds, np.full(len(odds), odds.mean()), np.full(len(odds), photos)]
    return np.stack(columns, axis=1)


def calibrated(line: PooledLine, released: Calibration) -> list[tuple[Candidate, ...]]:
    """Candidates with calibrated probabilities for every position, best first, summing to less than 1."""
    if not line.string:
        return []
    votes = released.votes(len(line.by_photo))
    conditionals = line.conditionals(votes)
    weights = np.array([released.weights[name] for name in FEATURES])
    first = 1 / (1 + np.exp(-features(line, votes) @ weights))
    return [_candidates(row, float(p)) for row, p in zip(conditionals, first, strict=True)]


def _candidates(conditional: npt.NDArray[np.float64], first: float) -> tuple[Candidate, ...]:
    order = np.argsort(-conditional, kind="stable")
    rest = conditional[order[1:]]
    # Doubt beyond what the likelihoods explain is shared with a flat part over all glyphs.
    flat = np.full(len(rest), 1 / len(rest))
    explained = min(1.0, float(rest.sum()) / max(1 - first, 1e-9))
    shares = explained * rest / max(rest.sum(), 1e-12) + (1 - explained) * flat
    ps = [first, *(float(p) for p in np.minimum((1 - first) * shares, first))]
    # Rounded down, so that the sum stays below 1.
    named = [Candidate(_glyph(int(c)), math.floor(p * 1e4) / 1e4) for c, p in zip(order, ps, strict=True)]
    named.sort(key=lambda candidate: -candidate.p)
    return tuple(c for c in named[:CANDIDATES] if c.p >= LEAST or c is named[0])


def _glyph(glyph_class: int) -> str:
    return GLYPHS[glyph_class - 1] if glyph_class else ""


def state_of(candidates: tuple[Candidate, ...]) -> PositionState:
    """What the reader commits itself to at one position."""
    first = candidates[0]
    if first.p >= COMMITTED:
        return "proposed" if first.glyph else "no_character"
    if sum(c.p for c in candidates[:3]) >= NAMED:
        return "alternatives"
    return "unreadable"


def shown(candidates: tuple[Candidate, ...]) -> str:
    """The position in the line's `text`: the glyph, nothing, or `?`."""
    state = state_of(candidates)
    return candidates[0].glyph if state in ("proposed", "no_character") else "?"
