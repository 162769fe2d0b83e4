"""How readings are measured against the truth: edits, calibration, likelihood ratios, candidate sets.

Used by fitting, by the laboratory's own validation and by the benchmarks, so that all count alike. Nothing
here knows a proposal. Probabilities and outcomes come as arrays of equal length: `p` what was claimed,
`right` whether it was so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression

from pipelines.glyphs import glyph_class

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Values = Sequence[float] | Floats
Outcomes = Sequence[bool] | Flags
Plate = TypeVar("Plate")

_SEPARATORS = str.maketrans("", "", " .-–—·|\n\r\t")

LEAST_P = 1e-9
"""A probability of 0 for what was the case counts as this one, so that one blunder is not infinite."""


# Texts ----------------------------------------------------------------------------------------------------


def plain(text: str) -> str:
    """The glyph classes of a text without dots, hyphens, spaces and line ends: what both sides of a
    comparison keep. A character without a class stays, in upper case, and can only be wrong."""
    bare = text.upper().translate(_SEPARATORS)
    return "".join(glyph_class(character) or character for character in bare)


def distance(reference: str, hypothesis: str, anywhere: bool = False) -> int:
    """Edits between the two or, `anywhere`, between the reference and its best place in the hypothesis."""
    row = [0] * (len(hypothesis) + 1) if anywhere else list(range(len(hypothesis) + 1))
    for i, wanted in enumerate(reference, start=1):
        above, row = row, [i]
        for j, got in enumerate(hypothesis, start=1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (wanted != got)))
    return min(row) if anywhere else row[-1]


def aligned(reference: Sequence[str], hypothesis: Sequence[str]) -> list[str]:
    """For each item of the hypothesis what stands there in an alignment of fewest edits; "": nothing.

    The hypothesis may hold "" (a position without a character), which costs nothing to leave over.
    """
    differs = [[float(got != wanted) for got in hypothesis] for wanted in reference]
    there = [""] * len(hypothesis)
    for i, j in least_edits(differs, [float(got != "") for got in hypothesis]):
        if i is not None and j is not None:
            there[j] = reference[i]
    return there


def least_edits(
    differs: Sequence[Sequence[float]], spare: Sequence[float], spare_first: bool = False
) -> list[tuple[int | None, int | None]]:
    """Places of a reference beside places of a hypothesis, in order, at the least cost; None: no partner.

    `differs[i][j]`: the cost of pairing two places; leaving out place i of the reference costs 1, place j of
    the hypothesis `spare[j]`. Of equal ways, seen from the end, the one that pairs comes first, then the one
    that leaves out of the reference, or with `spare_first` of the hypothesis. Costs O(n · m).
    """
    costs = [[0.0]]
    for extra in spare:
        costs[0].append(costs[0][-1] + extra)
    for i, row_differs in enumerate(differs, start=1):
        row = [float(i)]
        for j, differing in enumerate(row_differs, start=1):
            row.append(min(costs[-1][j] + 1, row[-1] + spare[j - 1], costs[-1][j - 1] + differing))
        costs.append(row)
    pairs: list[tuple[int | None, int | None]] = []
    i, j = len(differs), len(spare)
    while i or j:
        if i and j and costs[i][j] == costs[i - 1][j - 1] + differs[i - 1][j - 1]:
            i, j = i - 1, j - 1
            pairs.append((i, j))
            continue
        leaves_reference = i > 0 and costs[i][j] == costs[i - 1][j] + 1
        leaves_hypothesis = j > 0 and costs[i][j] == costs[i][j - 1] + spare[j - 1]
        if leaves_hypothesis and (spare_first or not leaves_reference):
            j -= 1
            pairs.append((None, j))
        else:
            i -= 1
            pairs.append((i, None))
    return pairs[::-1]


def right(reference: str, hypothesis: str) -> list[bool]:
    """For each character of the hypothesis whether an alignment of fewest edits makes it a match."""
    return [got == there for got, there in zip(hypothesis, aligned(reference, hypothesis), strict=True)]


def confusions(pairs: Iterable[tuple[str, str]]) -> Counter[tuple[str, str]]:
    """How often (truth, read) came together; "" for a character that is not there or was not read."""
    return Counter(pairs)


# Probabilities --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bin:
    """Claims of nearly equal probability: mean claim, share that was right, how many."""

    p: float
    share: float
    count: int


def reliability(p: Values, outcome: Outcomes, bins: int = 10) -> list[Bin]:
    """Equal-mass bins from the least claim to the greatest: as many claims in each, up to rounding.

    Equal claims that fall into two bins bring the same share of right ones into each, so that neither the
    order of the input nor a sorting of outcomes moves the figure.
    """
    claims = np.asarray(p, np.float64)
    _, place, counts = np.unique(claims, return_inverse=True, return_counts=True)
    rights = (np.bincount(place, np.asarray(outcome, np.float64)) / np.maximum(counts, 1))[place]
    order = np.argsort(claims, kind="stable")
    edges = [round(i * len(claims) / bins) for i in range(bins + 1)]
    groups = [order[a:b] for a, b in pairwise(edges) if b > a]
    return [Bin(float(claims[g].mean()), float(rights[g].mean()), len(g)) for g in groups]


def calibration_error(p: Values, outcome: Outcomes, bins: int = 10) -> float:
    """Expected calibration error: Σ over equal-mass bins of (bin's share of all) · |mean p − share right|.

    Equal mass after Nixon et al. 2019, arXiv:1904.01685: with bins of equal width the confident end, where
    most claims lie, would be one bin. 0 without claims.
    """
    groups = reliability(p, outcome, bins)
    total = sum(group.count for group in groups)
    return sum(group.count * abs(group.p - group.share) for group in groups) / max(1, total)


def log_loss(p: Values, outcome: Outcomes) -> float:
    """Mean −ln of the probability given to what was the case, nats. 0 without claims."""
    claims, rights = np.asarray(p, np.float64), np.asarray(outcome, bool)
    if not len(claims):
        return 0.0
    return float(-np.log(np.maximum(np.where(rights, claims, 1 - claims), LEAST_P)).mean())


def base_log_loss(outcome: Outcomes) -> float:
    """Log-loss of one who claims the share that is right, everywhere: what knowing nothing more costs."""
    rights = np.asarray(outcome, bool)
    return log_loss(np.full(len(rights), rights.mean() if len(rights) else 0.0), rights)


def base_glyph_loss(truths: Sequence[str] | npt.NDArray[Any]) -> float:
    """Log-loss (nats) of one who knows only how frequent each glyph is: the entropy of the truths."""
    _, counts = np.unique(np.asarray(truths), return_counts=True)
    shares = counts / max(1, counts.sum())
    return float(-(shares * np.log(shares)).sum())


def brier(p: Values, outcome: Outcomes) -> float:
    """Mean squared difference of claim and outcome (0 or 1). 0 without claims."""
    claims, rights = np.asarray(p, np.float64), np.asarray(outcome, np.float64)
    return float(((claims - rights) ** 2).mean()) if len(claims) else 0.0


# Likelihood ratios ----------------------------------------------------------------------------------------


def cllr(log10_lr: Values, first: Outcomes) -> float:
    """Cost of likelihood ratios, bits; `first`: whether the first hypothesis was true in each trial.

    ½ · (mean of log2(1 + 1/LR) where the first was true + mean of log2(1 + LR) where the second was).
    0: perfect; 1: as good as saying LR = 1 always. Brümmer and du Preez 2006,
    doi:10.1016/j.csl.2005.08.001. NaN where one of the hypotheses is never true.
    """
    ratios, firsts = np.asarray(log10_lr, np.float64) * np.log(10), np.asarray(first, bool)
    if not firsts.any() or firsts.all():
        return float("nan")
    costs = np.logaddexp(0, np.where(firsts, -ratios, ratios)) / np.log(2)
    return float((costs[firsts].mean() + costs[~firsts].mean()) / 2)


def cllr_min(log10_lr: Values, first: Outcomes) -> float:
    """Cllr of the same trials after the best monotone recalibration: what is lost to poor discrimination.

    Pool-adjacent-violators on the outcomes in the order of the ratios; the posterior of each pool divided by
    the trials' own prior odds is its ratio (Brümmer and du Preez 2006). `cllr` − `cllr_min` is what is lost
    to poor calibration.
    """
    ratios, firsts = np.asarray(log10_lr, np.float64), np.asarray(first, bool)
    if not firsts.any() or firsts.all():
        return float("nan")
    posterior = monotone(ratios, firsts)
    with np.errstate(divide="ignore"):
        odds = np.log10(posterior) - np.log10(1 - posterior)
    prior = np.log10(firsts.sum()) - np.log10((~firsts).sum())
    return cllr(odds - prior, firsts)


def monotone(scores: Values, outcome: Outcomes) -> Floats:
    """The non-decreasing function of `scores` nearest to the outcomes in least squares: for each score the
    share that is right in its pool of neighbours. Equal scores share a pool."""
    values, rights = np.asarray(scores, np.float64), np.asarray(outcome, np.float64)
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    fitted = isotonic_regression(np.bincount(place, rights) / counts, weights=counts).x
    return np.asarray(fitted[place], np.float64)


# Sets -----------------------------------------------------------------------------------------------------


def coverage(sets: Sequence[Collection[str]], truths: Sequence[str]) -> float:
    """Share of positions whose set holds the truth."""
    held = [truth in glyphs for glyphs, truth in zip(sets, truths, strict=True)]
    return sum(held) / len(held) if held else float("nan")


# Intervals ------------------------------------------------------------------------------------------------


def resampled(plates: int, *, seed: int = 0, rounds: int = 1000) -> Iterator[npt.NDArray[np.int64]]:
    """Numbers of plates drawn anew with replacement, `rounds` times; the same seed gives the same ones.

    Characters of one plate share its light, wear and strike, so whole plates are drawn, never characters
    (cluster bootstrap).
    """
    rng = np.random.default_rng(seed)
    return (rng.integers(0, plates, plates) for _ in range(rounds if plates else 0))


def interval(values: Values, level: float = 0.95) -> tuple[float, float]:
    """Percentile interval of a figure's values over resampled plates, those left out where it is undefined
    (NaN). NaN where it is never defined."""
    known = np.asarray(values, np.float64)
    known = known[~np.isnan(known)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def bootstrap(
    plates: Sequence[Plate],
    figure: Callable[[Sequence[Plate]], float],
    *,
    seed: int = 0,
    rounds: int = 1000,
    level: float = 0.95,
) -> tuple[float, float]:
    """Interval of a figure over resampled plates."""
    drawn = resampled(len(plates), seed=seed, rounds=rounds)
    return interval([figure([plates[i] for i in picks]) for picks in drawn], level)
