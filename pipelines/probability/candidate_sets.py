"""Which glyphs may stand at a position, as a set that holds the truth in 95 of 100 positions, and how much
the photographs say for one candidate against another.

Split conformal prediction (Angelopoulos and Bates 2021, arXiv:2107.07511): a score says how far down a
reader ranks a glyph; the score that 95 % of true glyphs do not exceed on positions set aside is the
threshold. The promise is over positions like those set aside, on average; a plate's positions are not
independent of one another, so it is measured again on other plates. Thresholds: `models/general.toml`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import ceil, inf, log
from typing import Literal, get_args

import numpy as np

from pipelines.probability.calibration import Calibration, Floats, glyph_of, marginals, ranked
from pipelines.reading.pooling import PooledLine
from pipelines.types import Candidate, Position

Kind = Literal["probability", "mass"]
"""The score of a glyph. `probability`: 1 − its probability, which gives the smallest sets on average (Sadinle
et al. 2019, doi:10.1080/01621459.2017.1395341). `mass`: the probability of all that is likelier, which
follows the difficulty of each position (Romano et al. 2020, arXiv:2006.02544). The likeliest glyph scores 0
in both: no set is empty. Which one a calibration uses was chosen by mean size at equal coverage, sets of more
than MOST glyphs counted alike."""

KINDS: tuple[Kind, ...] = get_args(Kind)

COVERAGE = 0.95

MOST = 6
"""A set of more glyphs than these tells an examiner nothing: the position is unreadable."""


def scores(probabilities: Floats, kind: Kind) -> Floats:
    """(n, C) score of every class at every position from its calibrated probabilities (n, C)."""
    order = np.argsort(-probabilities, axis=1, kind="stable")
    ordered = np.take_along_axis(probabilities, order, axis=1)
    ranks = np.cumsum(ordered, axis=1) - ordered if kind == "mass" else 1 - ordered
    ranks[:, :1] = 0.0
    found = np.empty_like(probabilities)
    np.put_along_axis(found, order, ranks, axis=1)
    return found


def conformal_threshold(
    true_scores: Floats, weights: Floats | None = None, coverage: float = COVERAGE
) -> float:
    """The score that true glyphs do not exceed with probability `coverage`, one unseen position counted in.

    `weights`: how much each position counts (mean 1). Infinite where there are too few positions to say.
    """
    count = len(true_scores)
    own = np.ones(count) if weights is None else np.asarray(weights, np.float64) * count / np.sum(weights)
    order = np.argsort(true_scores, kind="stable")
    needed = coverage * (count + 1)
    if weights is None:
        needed = ceil(needed - 1e-9)
    reached = np.flatnonzero(np.cumsum(own[order]) >= needed - 1e-9)
    return float(true_scores[order][reached[0]]) if len(reached) else inf


def within(probabilities: Floats, kind: Kind, threshold: float) -> list[tuple[int, ...]]:
    """For each position the classes whose score does not exceed the threshold, likeliest first."""
    held = scores(probabilities, kind) <= threshold + 1e-9
    return [
        tuple(int(c) for c in ranked(row) if inside[c])
        for row, inside in zip(probabilities, held, strict=True)
    ]


def candidate_sets(line: PooledLine, released: Calibration) -> list[tuple[str, ...]]:
    """For each position the glyphs that may stand there, likeliest first, "" for no character.

    The whole set, however large: what is more than MOST is `set_text`'s to call unreadable.
    """
    every = within(marginals(line, released), released.set_kind, released.set_threshold)
    return [tuple(glyph_of(c) for c in classes) for classes in every]


def set_text(candidate_set: Sequence[str]) -> str:
    """A set for people: "3 or 8"; "unreadable" where it is too large (or where there is none)."""
    if not 0 < len(candidate_set) <= MOST:
        return "unreadable"
    # In the order of the alphabet: the order of likelihood would lead the eye.
    named = [glyph or "no character" for glyph in sorted(candidate_set, key=lambda g: (g == "", g))]
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} or {named[-1]}"


def log10_likelihoods(
    line: PooledLine, released: Calibration, named: Sequence[Sequence[Candidate]]
) -> list[tuple[tuple[str, float], ...]]:
    """For each position the pooled log10-likelihood of each named candidate, relative to the first one's.

    Photographs of one series count as the calibration says, and the whole is scaled by its `pair_weight`,
    chosen so that likelihood ratios cost least (Cllr) on plates set aside.
    """
    rows = []
    for likelihoods, candidates in zip(_log10(line, released), named, strict=True):
        by_glyph = {glyph_of(c): float(value) for c, value in enumerate(likelihoods)}
        first = by_glyph[candidates[0].glyph]
        rows.append(tuple((c.glyph, round(by_glyph[c.glyph] - first, 3)) for c in candidates))
    return rows


def every_log10_likelihood(line: PooledLine, released: Calibration) -> list[tuple[tuple[str, float], ...]]:
    """For each position the pooled log10-likelihood of every class that can stand there, likeliest first,
    relative to the likeliest; "" for no character. Scaled as `log10_likelihoods`."""
    return [
        tuple(
            (glyph_of(int(c)), round(float(row[c] - row.max()), 3))
            for c in ranked(row)
            if not c or glyph_of(int(c)) in line.glyphs
        )
        for row in _log10(line, released)
    ]


def _log10(line: PooledLine, released: Calibration) -> Floats:
    votes = released.pair_weight * released.votes(len(line.by_photo))
    return np.asarray(line.logs(votes) / log(10), np.float64)


def ratio_against_others(position: Position, glyphs: Collection[str]) -> tuple[str, str, float] | None:
    """The likeliest of the glyphs, the likeliest of all others ("": no character), and log10 of how many
    times more probable the photographs are if the first stands here than if the second does.

    None where the position says nothing of the glyphs, which no class covers, or of any other.
    """
    named = [(value, glyph) for glyph, value in position.log10_likelihoods if glyph in glyphs]
    others = [(value, glyph) for glyph, value in position.log10_likelihoods if glyph not in glyphs]
    if not named or not others:
        return None
    (value, glyph), (other_value, other) = (max(rows, key=lambda row: row[0]) for rows in (named, others))
    return glyph, other, round(value - other_value, 3)


def likelihood_ratio(position: Position, a: str, b: str) -> float:
    """How many times more probable the photographs are if `a` stands here than if `b` does.

    From the pooled evidence only, the other characters of the line being those proposed. It excludes every
    prior: how frequent a glyph is, what a maker's format allows, what a register holds. To get the odds of
    `a` against `b`, multiply by the odds before looking; the proposal's own probabilities use equal ones.
    Raises KeyError where one of them is not among the position's candidates.
    """
    known = dict(position.log10_likelihoods)
    for glyph in (a, b):
        if glyph not in known:
            raise KeyError(f"{glyph or 'no character'!r} is not a candidate here; there are {sorted(known)}")
    return float(10.0 ** (known[a] - known[b]))
