"""Proposals compared with the truth, and the figures of many of them with their intervals.

One way of judging for the laboratory's own validation and for the benchmarks: figures of two readers can
only be compared where both were judged alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pipelines.glyphs import GLYPHS
from pipelines.probability.candidate_sets import MOST
from pipelines.probability.measures import (
    LEAST_P,
    Floats,
    aligned,
    base_glyph_loss,
    base_log_loss,
    brier,
    calibration_error,
    cllr,
    cllr_min,
    distance,
    interval,
    log_loss,
    plain,
    resampled,
)
from pipelines.types import LineProposal, Position

ALARM = 0.5
"""Probability from which a character on a blank plate is a false alarm."""


@dataclass(frozen=True)
class JudgedPosition:
    """One position of a proposal beside the glyph that stands there ("": none).

    `p` of what was `said` and `p_truth` of the truth; `candidate_set` as proposed. `trial`: log10 likelihood
    ratio of the two first candidates, in the order of the alphabet, and whether the first of the two stands
    there; None where neither does.
    """

    truth: str
    said: str
    p: float
    p_truth: float
    candidate_set: tuple[str, ...]
    trial: tuple[float, bool] | None = None


@dataclass(frozen=True)
class JudgedSeries:
    """One series: truth and reading as they are compared, edits between them, positions one by one.

    `boldest`: the greatest probability given to a character anywhere, 0 where none is proposed.
    """

    truth: str
    read: str
    edits: int
    positions: tuple[JudgedPosition, ...]
    boldest: float
    seconds: float = 0.0

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> JudgedSeries:
        positions = tuple(
            JudgedPosition(
                p["truth"],
                p["said"],
                p["p"],
                p["p_truth"],
                tuple(p["candidate_set"]),
                None if p["trial"] is None else (float(p["trial"][0]), bool(p["trial"][1])),
            )
            for p in value["positions"]
        )
        return cls(**{**value, "positions": positions})

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def judge(lines: Sequence[LineProposal], truth: str, seconds: float = 0.0) -> JudgedSeries:
    """A proposal's lines, top to bottom, beside the text that was struck (empty: a blank plate).

    Separators are left out on both sides, since labels leave them out. A character too many stands where
    nothing is; one that is missing has no position and counts in the edits only.
    """
    every = [position for line in lines for position in line.positions]
    # A position said to be without a character is one, a separator is none.
    kept = [p for p in every if not p.candidates[0].glyph or plain(p.candidates[0].glyph)]
    said = [plain(position.candidates[0].glyph) for position in kept]
    wanted, read = plain(truth), "".join(said)
    positions = tuple(
        _judged(position, there) for position, there in zip(kept, aligned(wanted, said), strict=True)
    )
    boldest = max((p.candidates[0].p for p in every if p.candidates[0].glyph), default=0.0)
    return JudgedSeries(wanted, read, distance(wanted, read), positions, boldest, seconds)


def judge_scored(lines: Sequence[tuple[str, float]], truth: str, seconds: float = 0.0) -> JudgedSeries:
    """A reading whose lines come with one score each, 0..1, that all their characters share."""
    scored = [(character, score) for text, score in lines for character in plain(text)]
    wanted, said = plain(truth), [character for character, _ in scored]
    others = len(GLYPHS)
    positions = tuple(
        JudgedPosition(there, got, p, p if got == there else (1 - p) / others, ())
        for (got, p), there in zip(scored, aligned(wanted, said), strict=True)
    )
    boldest = max((score for text, score in lines if text.strip()), default=0.0)
    read = "".join(said)
    return JudgedSeries(wanted, read, distance(wanted, read), positions, boldest, seconds)


def _judged(position: Position, truth: str) -> JudgedPosition:
    ps = {candidate.glyph: candidate.p for candidate in position.candidates}
    # What no candidate got is shared among the classes that are not listed.
    rest = max(0.0, 1 - sum(ps.values())) / max(1, len(GLYPHS) + 1 - len(ps))
    first = position.candidates[0]
    trial = None
    pair = sorted(candidate.glyph for candidate in position.candidates[:2])
    evidence = dict(position.log10_likelihoods)
    if len(pair) == 2 and truth in pair and set(pair) <= set(evidence):
        trial = (evidence[pair[0]] - evidence[pair[1]], truth == pair[0])
    return JudgedPosition(truth, first.glyph, first.p, ps.get(truth, rest), position.candidate_set, trial)


@dataclass(frozen=True)
class Figure:
    """A measured figure with the ends of its 95 % interval over plates; NaN where it is not defined."""

    value: float
    low: float
    high: float


FIGURES = {
    "cer": "character error rate: edits over characters",
    "exact": "share of series read without an error",
    "missed": "share of characters that have no position",
    "ece": "expected calibration error of the first candidate, ten bins of equal mass",
    "brier": "mean squared error of the first candidate's probability",
    "log_loss": "mean −ln of the probability that the first candidate is right or wrong, as it was",
    "base_log_loss": "the same for one who knows only the share that is right",
    "glyph_loss": "mean −ln of the probability given to the glyph that stands there",
    "base_glyph_loss": "the same for one who knows only how frequent each glyph is",
    "cllr": "cost of likelihood ratios of the two first candidates, bits",
    "cllr_min": "the same after the best monotone recalibration",
    "coverage": "share of candidate sets that hold the truth",
    "set_size": "mean number of glyphs in a set",
    "unreadable": f"share of sets of more than {MOST} glyphs",
    "false_alarms": f"share of blank plates with a character proposed with p ≥ {ALARM}",
}
"""Name of each figure and what it says. Losses in nats."""

COUNTS = ("series", "characters", "positions", "blanks")


@dataclass(frozen=True, eq=False)
class Columns:
    """Many judged series as arrays, a row a series or a position, so that resampling them is quick.

    `truth` numbers the glyphs, -1 where nothing stands.
    """

    edits: npt.NDArray[np.int64]
    characters: npt.NDArray[np.int64]
    boldest: Floats
    starts: npt.NDArray[np.int64]
    p: Floats
    right: npt.NDArray[np.bool_]
    p_truth: Floats
    truth: npt.NDArray[np.int64]
    sizes: npt.NDArray[np.int64]
    held: npt.NDArray[np.bool_]
    ratio: Floats
    first: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, series: Sequence[JudgedSeries]) -> Columns:
        positions = [position for plate in series for position in plate.positions]
        numbers = {glyph: n for n, glyph in enumerate(sorted({p.truth for p in positions} - {""}))}
        counts = [len(plate.positions) for plate in series]
        return cls(
            np.array([plate.edits for plate in series], np.int64),
            np.array([len(plate.truth) for plate in series], np.int64),
            np.array([plate.boldest for plate in series], np.float64),
            np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            np.array([p.p for p in positions], np.float64),
            np.array([p.said == p.truth for p in positions], np.bool_),
            np.array([p.p_truth for p in positions], np.float64),
            np.array([numbers.get(p.truth, -1) for p in positions], np.int64),
            np.array([len(p.candidate_set) for p in positions], np.int64),
            np.array([p.truth in p.candidate_set for p in positions], np.bool_),
            np.array([np.nan if p.trial is None else p.trial[0] for p in positions], np.float64),
            np.array([p.trial is not None and p.trial[1] for p in positions], np.bool_),
        )


def _values(columns: Columns, drawn: npt.NDArray[np.int64]) -> list[float]:
    """Every figure, in the order of FIGURES, of these series (numbers, with repetitions)."""
    spans = [np.arange(columns.starts[i], columns.starts[i + 1]) for i in drawn]
    rows = np.concatenate(spans) if spans else np.zeros(0, np.int64)
    edits, characters = columns.edits[drawn], columns.characters[drawn]
    marked = characters > 0
    blank = columns.boldest[drawn][~marked]
    p, right, held = columns.p[rows], columns.right[rows], columns.held[rows]
    placed = int((columns.truth[rows] >= 0).sum()) if len(rows) else 0
    sets = columns.sizes[rows]
    with_sets = sets > 0
    trials = ~np.isnan(columns.ratio[rows])
    ratio, first = columns.ratio[rows][trials], columns.first[rows][trials]
    total = int(characters.sum())
    nan = float("nan")
    known = bool(len(rows))
    return [
        float(edits[marked].sum()) / total if total else nan,
        float((edits[marked] == 0).mean()) if marked.any() else nan,
        1 - placed / total if total and known else nan,
        calibration_error(p, right) if known else nan,
        brier(p, right) if known else nan,
        log_loss(p, right) if known else nan,
        base_log_loss(right) if known else nan,
        float(-np.log(np.maximum(columns.p_truth[rows], LEAST_P)).mean()) if known else nan,
        base_glyph_loss(columns.truth[rows]) if known else nan,
        cllr(ratio, first),
        cllr_min(ratio, first),
        float(held[with_sets].mean()) if with_sets.any() else nan,
        float(sets[with_sets].mean()) if with_sets.any() else nan,
        float((sets[with_sets] > MOST).mean()) if with_sets.any() else nan,
        float((blank >= ALARM).mean()) if len(blank) else nan,
    ]


def figures(series: Sequence[JudgedSeries], *, seed: int = 0, rounds: int = 1000) -> dict[str, Figure]:
    """Every figure of FIGURES over these series, with intervals over resampled series.

    A series is a plate: photographs of one plate given as several series would make intervals too narrow.
    """
    columns = Columns.of(series)
    values = _values(columns, np.arange(len(series)))
    drawn = [_values(columns, picks) for picks in resampled(len(series), seed=seed, rounds=rounds)]
    spread = np.array(drawn, np.float64).reshape(-1, len(FIGURES))
    return {
        name: Figure(value, *interval(spread[:, number]))
        for number, (name, value) in enumerate(zip(FIGURES, values, strict=True))
    }


def counts(series: Sequence[JudgedSeries]) -> dict[str, int]:
    """How much the figures were measured on."""
    return {
        "series": len(series),
        "characters": sum(len(plate.truth) for plate in series),
        "positions": sum(len(plate.positions) for plate in series),
        "blanks": sum(not plate.truth for plate in series),
    }
