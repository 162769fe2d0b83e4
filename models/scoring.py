"""How readings are scored against truth: edits, alignment, calibration, log-loss. Used by fitting and
benchmarks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import log

_SEPARATORS = str.maketrans("", "", " .-–—·|\n")


def plain(text: str) -> str:
    """Upper case without dots, hyphens, spaces and line ends: what both sides of a comparison keep."""
    return text.upper().translate(_SEPARATORS)


def distance(reference: str, hypothesis: str, anywhere: bool = False) -> int:
    """Edits between the two or, `anywhere`, between the reference and its best place in the hypothesis."""
    row = [0] * (len(hypothesis) + 1) if anywhere else list(range(len(hypothesis) + 1))
    for i, wanted in enumerate(reference, start=1):
        above, row = row, [i]
        for j, got in enumerate(hypothesis, start=1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (wanted != got)))
    return min(row) if anywhere else row[-1]


def right(reference: str, hypothesis: str) -> list[bool]:
    """For each character of the hypothesis whether an alignment of fewest edits makes it a match."""
    rows = [list(range(len(hypothesis) + 1))]
    for i, wanted in enumerate(reference, start=1):
        row = [i]
        for j, got in enumerate(hypothesis, start=1):
            row.append(min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (wanted != got)))
        rows.append(row)
    flags = [False] * len(hypothesis)
    i, j = len(reference), len(hypothesis)
    while i and j:
        same = reference[i - 1] == hypothesis[j - 1]
        if rows[i][j] == rows[i - 1][j - 1] + (not same):
            flags[j - 1] = same
            i, j = i - 1, j - 1
        elif rows[i][j] == rows[i - 1][j] + 1:
            i -= 1
        else:
            j -= 1
    return flags


def calibration_error(judged: Sequence[tuple[float, bool]], bins: int = 10) -> float:
    """Expected calibration error over bins of equal mass: (probability, was right) pairs."""
    ordered = sorted(judged)
    edges = [round(i * len(ordered) / bins) for i in range(bins + 1)]
    groups = [ordered[a:b] for a, b in pairwise(edges) if b > a]
    gaps = [abs(sum(p for p, _ in group) - sum(ok for _, ok in group)) for group in groups]
    return sum(gaps) / max(1, len(ordered))


def log_loss(judged: Sequence[tuple[float, bool]]) -> float:
    """Mean negative log-probability of what was the case, nats."""
    losses = [-log(max(p if ok else 1 - p, 1e-9)) for p, ok in judged]
    return sum(losses) / max(1, len(losses))
