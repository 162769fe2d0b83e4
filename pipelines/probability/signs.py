"""How likely a sign that no glyph class covers stands at a position: `+`, `#`, a star, a proof mark.

Our own reader takes such signs for the characters that they resemble, surely at times. The general reader
knows thousands of signs and says what it sees; what that is worth was fitted on strips drawn with such signs
(`models/signs.toml`).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from pipelines.reading.pooling import PooledLine

Floats = npt.NDArray[np.float64]

FAINT = 0.15
"""Probability that the readers of single photographs give to such signs, up to which it counts as none."""


@dataclass(frozen=True)
class SignModel:
    """Coefficients of a logistic function: `one`; `outside`, of the log-odds of the probability that the
    readers of single photographs give to signs outside the classes, within ±6; `small`, of that they give to
    small letters of a shape of their own; `sure`, of the probability of the likeliest glyph."""

    one: float
    outside: float
    small: float
    sure: float


@cache
def released() -> SignModel:
    """Read once."""
    content = tomllib.loads((files("models") / "signs.toml").read_text("utf-8"))
    return SignModel(content["one"], content["outside"], content["small"], content["sure"])


def features(line: PooledLine) -> Floats:
    """(n, 4) what `SignModel` weighs, per position."""
    small = np.zeros(len(line.outside)) if line.small is None else line.small
    columns = [np.ones(len(small)), _odds(line.outside), _odds(small), line.conditionals(1.0).max(axis=1)]
    return np.stack(columns, axis=1)


def seen(line: PooledLine) -> npt.NDArray[np.bool_]:
    """(n,) whether any reader sees such a sign at a position at all."""
    small = np.zeros(len(line.outside)) if line.small is None else line.small
    return np.asarray(np.maximum(line.outside, small) > FAINT, np.bool_)


def sign_probabilities(line: PooledLine, model: SignModel | None = None) -> Floats:
    """(n,) probability that a sign outside the glyph classes stands at each position of a line."""
    if not line.string:
        return np.zeros(0)
    model = model or released()
    z = features(line) @ np.array([model.one, model.outside, model.small, model.sure])
    return np.asarray(np.where(seen(line), 1 / (1 + np.exp(-z)), 0.0), np.float64)


def _odds(probability: npt.NDArray[np.floating]) -> Floats:
    p = np.clip(probability.astype(np.float64), 1e-6, 1 - 1e-6)
    return np.asarray(np.clip(np.log(p) - np.log1p(-p), -6, 6), np.float64)
