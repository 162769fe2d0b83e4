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
    """Coefficients of a logistic function: `one`; `seen`, of the log-odds of the probability that the readers
    of single photographs give to signs outside the classes or to small letters of a shape of their own,
    whichever is greater, within ±6; `sure`, of the probability of the likeliest glyph."""

    one: float
    seen: float
    sure: float


@cache
def released() -> SignModel:
    """Read once."""
    content = tomllib.loads((files("models") / "signs.toml").read_text("utf-8"))
    return SignModel(content["one"], content["seen"], content["sure"])


def features(line: PooledLine) -> Floats:
    """(n, 3) what `SignModel` weighs, per position."""
    p = np.clip(seen(line), 1e-6, 1 - 1e-6)
    odds = np.clip(np.log(p) - np.log1p(-p), -6, 6)
    return np.stack([np.ones(len(odds)), odds, line.conditionals(1.0).max(axis=1)], axis=1)


def seen(line: PooledLine) -> Floats:
    """(n,) the probability that the readers of single photographs give to such a sign at each position."""
    outside = line.outside.astype(np.float64)
    return outside if line.small is None else np.maximum(outside, line.small)


def sign_probabilities(line: PooledLine, model: SignModel | None = None) -> Floats:
    """(n,) probability that a sign outside the glyph classes stands at each position of a line."""
    if not line.string:
        return np.zeros(0)
    model = model or released()
    z = features(line) @ np.array([model.one, model.seen, model.sure])
    return np.asarray(np.where(seen(line) > FAINT, 1 / (1 + np.exp(-z)), 0.0), np.float64)
