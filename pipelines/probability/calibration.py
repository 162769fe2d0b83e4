"""From pooled likelihoods to probabilities that can be trusted, and to what the reader commits itself to.

The first candidate's probability is a logistic function of what casework can observe; the rest is shared
among the other candidates by their likelihoods, weakened as far as these proved wrong, and a flat part.
Coefficients and what they were fitted on:
`models/marks.toml`, and `models/general.toml` for proposals without our own reader.
"""

from __future__ import annotations

import hashlib
import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from pipelines.glyphs import GLYPHS
from pipelines.probability.measures import right
from pipelines.probability.signs import sign_probabilities
from pipelines.reading.pooling import PooledLine
from pipelines.types import Candidate, PositionState

Floats = npt.NDArray[np.float64]

FEATURES = (
    "one",
    "log_odds",
    "line_log_odds",
    "log_photos",
    "log_characters",
    "none_odds",
    "agreed",
    "line_agreed",
)
"""What the calibration may look at, per position; see `features`. What it does not name counts nothing."""

LEADING = ("marks", "general")
"""Readers whose agreement counts."""

CANDIDATES = 6
"""Candidates kept per position."""

LEAST = 0.001
"""Candidates below this probability are not listed."""

COMMITTED = 0.8
"""Probability from which a position is `proposed`."""

NAMED = 0.8
"""Probability that two or three candidates must reach together for `alternatives`."""


@dataclass(frozen=True)
class Rest:
    """How the probability that the first candidate leaves is shared among the others: by the likelihoods to
    the power of `weight`, that of no character times exp(`none`), and `flat` of it evenly."""

    weight: float = 1.0
    none: float = 0.0
    flat: float = 0.0


@dataclass(frozen=True)
class Calibration:
    """`votes_power`: K photographs count as K ** votes_power independent ones. `weights`: per feature.

    `set_kind`, `set_threshold`, `pair_weight`: see `candidate_sets`; by default what would hold if the
    probabilities were right.
    """

    votes_power: float
    weights: Mapping[str, float]
    validated_on: str
    set_kind: Literal["probability", "mass"] = "mass"
    set_threshold: float = 0.95
    pair_weight: float = 1.0
    rest: Rest = Rest()

    def votes(self, photos: int) -> float:
        return float(max(1, photos) ** self.votes_power)


@cache
def calibration(readers: Literal["marks", "general"] = "marks") -> Calibration:
    """The released calibration of proposals in which our own reader has a part, or of those in which general
    ones speak alone. Read once."""
    content: dict[str, Any] = tomllib.loads((files("models") / f"{readers}.toml").read_text("utf-8"))
    sets = content.get("candidate_sets", {})
    return Calibration(
        content["votes_power"],
        content["weights"],
        content["validated_on"],
        sets.get("kind", Calibration.set_kind),
        sets.get("threshold", Calibration.set_threshold),
        content.get("pair_weight", Calibration.pair_weight),
        Rest(**content["rest"]) if "rest" in content else Rest(),
    )


@dataclass(frozen=True)
class HeldOut:
    """What a released calibration was measured to be on markings of one kind that it was not fitted on.
    Shares 0..1: `right` of first candidates, `covered` by the 95 % sets. Cllr in bits, over `pairs`."""

    kind: str
    characters: int
    right: float
    covered: float
    cllr: float
    cllr_min: float
    pairs: int


_HELD_OUT = re.compile(
    r"^# (?P<kind>.+), held out: (?P<characters>\d+) characters, (?P<right>[\d.]+) right, .*?"
    r"sets cover (?P<covered>[\d.]+), .*?"
    r"Cllr (?P<cllr>[\d.]+) \(least (?P<cllr_min>[\d.]+), (?P<pairs>\d+) pairs\)$",
    re.MULTILINE,
)


@cache
def measured_held_out(readers: Literal["marks", "general"] = "marks") -> tuple[HeldOut, ...]:
    """The measurements that stand in the calibration's own file, as the command that fitted it wrote them."""
    text = (files("models") / f"{readers}.toml").read_text("utf-8")
    return tuple(
        HeldOut(
            row["kind"],
            int(row["characters"]),
            float(row["right"]),
            float(row["covered"]),
            float(row["cllr"]),
            float(row["cllr_min"]),
            int(row["pairs"]),
        )
        for row in _HELD_OUT.finditer(text)
    )


@cache
def fingerprint() -> str:
    """SHA-256 over every weight file and calibration in `models`: what a validation was made with."""
    digest = hashlib.sha256()
    inside = [file for file in files("models").iterdir() if file.name.endswith((".toml", ".onnx"))]
    for file in sorted(inside, key=lambda file: file.name):
        digest.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def features(line: PooledLine, votes: float) -> Floats:
    """(n, len(FEATURES)): 1; log-odds of the first candidate given the rest; the line's mean of that; log
    number of photographs; log number of characters; log-odds of the first candidate over no character; share
    of the leading readers whose own answer has the character; the line's mean of that."""
    first = line.conditionals(votes).max(axis=1)
    odds = np.clip(np.log(first) - np.log1p(-np.minimum(first, 1 - 1e-9)), -8, 8)
    logs = line.logs(votes)
    none = np.clip(logs.max(axis=1) - logs[:, 0], 0, 12)
    answers = [line.by_reader[reader] for reader in LEADING if reader in line.by_reader]
    agreed = (
        np.mean([right(answer, line.text) for answer in answers], axis=0) if answers else np.ones(len(odds))
    )
    count = len(odds)
    columns = [
        np.ones(count),
        odds,
        np.full(count, odds.mean()),
        np.full(count, np.log(max(1, len(line.by_photo)))),
        np.full(count, np.log(count)),
        none,
        agreed,
        np.full(count, np.mean(agreed)),
    ]
    return np.stack(columns, axis=1)


def marginals(line: PooledLine, released: Calibration) -> Floats:
    """(n, C) calibrated probability of every glyph class at every position, class 0: no character. What is
    missing to 1 belongs to signs that no class covers, see `signs`."""
    if not line.string:
        return np.zeros((0, len(GLYPHS) + 1))
    votes = released.votes(len(line.by_photo))
    weights = np.array([released.weights.get(name, 0.0) for name in FEATURES])
    first = 1 / (1 + np.exp(-features(line, votes) @ weights))
    logs = line.logs(votes)
    ps = np.stack([_shared(row, float(p), released.rest) for row, p in zip(logs, first, strict=True)])
    there = np.array([True, *(glyph in line.glyphs for glyph in GLYPHS)])
    known = ps.sum(axis=1) * (1 - sign_probabilities(line))
    return np.asarray(ps * there * (known / (ps * there).sum(axis=1))[:, None], np.float64)


def calibrated(line: PooledLine, released: Calibration) -> list[tuple[Candidate, ...]]:
    """Candidates with calibrated probabilities for every position, best first, summing to less than 1."""
    likelihoods = line.conditionals(released.votes(len(line.by_photo))) if line.string else line.table
    return [_candidates(row, ps) for row, ps in zip(likelihoods, marginals(line, released), strict=True)]


def ranked(likelihoods: Floats) -> npt.NDArray[np.int64]:
    """Classes from the likeliest on; equal ones in the order of the glyph classes."""
    return np.argsort(-likelihoods, kind="stable")


def _shared(logs: Floats, first: float, rest: Rest) -> Floats:
    """One position's probabilities: `first` for the likeliest class, the rest for the others."""
    order = ranked(logs)
    shares = shares_of_rest(logs, rest)
    ps = np.empty(len(logs))
    ps[order[0]] = first
    ps[order[1:]] = np.minimum((1 - first) * shares[order[1:]], first)
    return ps


def shares_of_rest(logs: Floats, rest: Rest) -> Floats:
    """(…, C) how the classes but the likeliest share what that one leaves, from log-likelihoods (…, C); 0 for
    the likeliest."""
    leads = logs == logs.max(axis=-1, keepdims=True)
    first = leads & (np.cumsum(leads, axis=-1) == 1)
    raised = rest.weight * logs
    raised = np.concatenate([raised[..., :1] + rest.none, raised[..., 1:]], axis=-1)
    raised = np.where(first, -np.inf, raised)
    parts = np.exp(raised - raised.max(axis=-1, keepdims=True))
    parts /= parts.sum(axis=-1, keepdims=True)
    return np.asarray((1 - rest.flat) * parts + rest.flat * ~first / (logs.shape[-1] - 1), np.float64)


def _candidates(conditional: Floats, ps: Floats) -> tuple[Candidate, ...]:
    # Rounded down, so that the sum stays below 1.
    named = [Candidate(glyph_of(int(c)), math.floor(float(ps[c]) * 1e4) / 1e4) for c in ranked(conditional)]
    named.sort(key=lambda candidate: -candidate.p)
    return tuple(c for c in named[:CANDIDATES] if c.p >= LEAST or c is named[0])


def as_sure_as(candidates: tuple[Candidate, ...], direction: float) -> tuple[Candidate, ...]:
    """The candidates of a line that is read the right way round with this probability: none is surer. What is
    missing belongs to the other ways."""
    return tuple(Candidate(c.glyph, math.floor(c.p * direction * 1e4) / 1e4) for c in candidates)


def glyph_of(glyph_class: int) -> str:
    """The glyph of a class; "" for class 0."""
    return GLYPHS[glyph_class - 1] if glyph_class else ""


def state_of(candidates: tuple[Candidate, ...]) -> PositionState:
    """What the reader commits itself to at one position."""
    first = candidates[0]
    if first.p >= COMMITTED:
        return "proposed" if first.glyph else "no_character"
    if sum(c.p for c in candidates[:3]) >= NAMED:
        return "alternatives"
    return "unreadable"


def position_text(candidates: tuple[Candidate, ...]) -> str:
    """The position in the line's `text`: the glyph, nothing, or `?`."""
    state = state_of(candidates)
    return candidates[0].glyph if state in ("proposed", "no_character") else "?"
