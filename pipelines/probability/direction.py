"""Which way round a marking stands: the probability of each of four ways to read it.

A line may be read as it is held, turned by 180°, in a mirror (casts and tapes show their characters so), or
both. Every way is read by the same readers and weighed by the same sums; a multinomial logistic model turns
them into probabilities, a small share apart that no evidence takes away. Coefficients and what they were
fitted on: `models/direction.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import numpy as np
import numpy.typing as npt

from pipelines.glyphs import GLYPHS
from pipelines.probability.measures import right
from pipelines.reading.decode import text_of
from pipelines.reading.lines import FOUND, field_of, grid_of
from pipelines.reading.pooling import Slice, own_answers
from pipelines.reading.positions import lattice, log_total, row_of
from pipelines.reading.readers.general import UNKNOWN

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, order=True)
class Way:
    """A way to read a line, seen from how it is held: turned by 180° or not, in a mirror or not."""

    turned: bool = False
    mirrored: bool = False

    def after(self, first: Way) -> Way:
        """This way, seen from what has been turned over the way `first` already."""
        return Way(self.turned != first.turned, self.mirrored != first.mirrored)


UPRIGHT = Way()

WAYS = (UPRIGHT, Way(turned=True), Way(mirrored=True), Way(turned=True, mirrored=True))

Prior = Mapping[Way, float]

AS_SHOWN: Prior = dict(zip(WAYS, (0.5, 0.25, 0.15, 0.1), strict=True))
"""Before anything is read: photographs of a workbench lie as often as not, EXIF says how the camera was held,
not the item; casts and tapes are rarer. Wide on purpose: none is a frequency of casework."""

AS_DRAWN: Prior = dict(zip(WAYS, (0.9, 0.06, 0.03, 0.01), strict=True))
"""The same where a person drew the band: people draw from the first character to the last."""

FEATURES = ("row", "own", "own_odds", "general", "agreed", "apart", "outside")
"""Sums over the lines of one way, see `evidence_of`."""

UNREAD = len(FEATURES)
"""Place behind the features: how many characters our own reader takes for letters that the general reader has
no class for. It reads them as Latin ones in a mirror (Я as R), so that it must not be heard then."""

SeenBy = Literal["marks-general", "marks", "general"]

SEEN_BY: tuple[SeenBy, ...] = ("marks-general", "marks", "general")
"""Readers that looked: the coefficients differ."""

WORTH = 0.4
"""Probability from which a character speaks for its way rather than against it."""


@dataclass(frozen=True)
class DirectionModel:
    """`weights` per feature; `lapse`: the share that no evidence takes away, spread as the prior says."""

    weights: Mapping[str, float]
    lapse: float


@cache
def released(seen_by: SeenBy) -> DirectionModel:
    """The released model. Read once."""
    content = tomllib.loads((files("models") / "direction.toml").read_text("utf-8"))
    return DirectionModel(content[seen_by]["weights"], content[seen_by]["lapse"])


def seen_by(slices: Sequence[Slice]) -> SeenBy:
    """Which readers looked. Raises ValueError where none of them votes."""
    voting = [piece for piece in slices if piece.votes]
    own, lead = any(p.photo is None for p in voting), any(p.photo is not None for p in voting)
    if not (own or lead):
        raise ValueError("no slices that vote")
    return "marks-general" if own and lead else "marks" if own else "general"


def evidence_of(lines: Sequence[Sequence[Slice]]) -> Floats:
    """(len(FEATURES) + 1,) what speaks for a way in which these lines, each given by its slices, are read;
    UNREAD stands behind it.

    row: logarithm of the weight of all rows of characters over none, our own reader's, FOUND spacing.
    own: its positions' likeliest glyphs, Σ probability − WORTH. own_odds: Σ log-odds of these, within ±4.
    general: the same as own for the most probable string of the readers of single photographs.
    agreed, apart: characters on which the two agree, and that only one of them has. outside: signs of no
    glyph class that the readers of single photographs see, in characters.
    """
    return np.sum([_of_line(slices) for slices in lines], axis=0) if lines else np.zeros(len(FEATURES) + 1)


def probabilities(evidence: Mapping[Way, Floats], model: DirectionModel, prior: Prior) -> dict[Way, float]:
    """The probability of every way in `evidence`, given what speaks for each and the prior. Sums to 1."""
    ways = sorted(evidence)
    weights = np.array([model.weights.get(name, 0.0) for name in FEATURES])
    priors = np.array([prior.get(way, 0.0) for way in ways])
    priors = priors / priors.sum()
    speaking = np.array([evidence[way][: len(FEATURES)] @ weights for way in ways])
    logs = np.log(np.maximum(priors, 1e-12)) + speaking
    ps = np.exp(logs - logs.max())
    ps = (1 - model.lapse) * ps / ps.sum() + model.lapse * priors
    return dict(zip(ways, ps.tolist(), strict=True))


def direction(evidence: Mapping[Way, Floats], looked: SeenBy, prior: Prior) -> dict[Way, float]:
    """The same by the released models. The more letters stand there that the general reader has no class for,
    the less it is heard, and our own reader alone instead: from one such letter on, not at all."""
    together = probabilities(evidence, released(looked), prior)
    if looked != "marks-general":
        return together
    own = probabilities(evidence, released("marks"), prior)
    unread = min(1.0, sum(p * float(evidence[way][UNREAD]) for way, p in own.items()))
    return {way: (1 - unread) * together[way] + unread * p for way, p in own.items()}


def _of_line(given: Sequence[Slice]) -> Floats:
    voting = [piece for piece in given if piece.votes]
    together = [piece for piece in voting if piece.photo is None]
    others = [piece for piece in voting if piece.photo is not None]
    values = dict.fromkeys(FEATURES, 0.0)
    own_text = other_text = ""
    unread = 0.0
    if together:
        placed = lattice(field_of(together, grid_of(together)), FOUND)
        row = row_of(placed)
        values["row"] = log_total(placed)
        unread = float(row.marginals[:, _unread()].sum())
        best = row.marginals[:, 1:].max(axis=1)
        values["own"] = float(np.sum(best - WORTH))
        values["own_odds"] = float(np.sum(np.clip(np.log(best + 1e-9) - np.log(1 - best + 1e-9), -4, 4)))
        own_text = text_of(tuple(int(g) for g in row.marginals.argmax(axis=1) if g))
    if others:
        other_text = _answer(others)
        values["general"] = float(np.mean([_surely(piece) for piece in others]))
        values["outside"] = float(np.mean([_outside(piece) for piece in others]))
    if together and others:
        agreed = sum(right(own_text, other_text))
        values["agreed"] = float(agreed)
        values["apart"] = float(len(own_text) + len(other_text) - 2 * agreed)
    return np.array([*(values[name] for name in FEATURES), unread])


@cache
def _unread() -> npt.NDArray[np.int64]:
    return np.array([GLYPHS.index(glyph) + 1 for glyph in UNKNOWN], np.int64)


def _answer(others: Sequence[Slice]) -> str:
    answers = own_answers(others, [piece.beams for piece in others])
    return answers[others[0].reader]


def _surely(piece: Slice) -> float:
    """Σ probability − WORTH over the runs of columns in which a glyph is likelier than none."""
    chances = np.exp(piece.columns.astype(np.float64))
    best = chances.argmax(axis=1)
    known = chances.max(axis=1) * (1 - piece.outside.astype(np.float64))
    total, last = 0.0, 0
    for column, glyph in enumerate(best.tolist()):
        if glyph and glyph != last:
            end = column
            while end < len(best) and best[end] == glyph:
                end += 1
            total += float(known[column:end].max()) - WORTH
        last = glyph
    return total


def _outside(piece: Slice) -> float:
    """Σ over runs of columns of the greatest probability of a sign outside the classes, above one half."""
    total, most = 0.0, 0.0
    for value in [*piece.outside.tolist(), 0.0]:
        if value > 0.5:
            most = max(most, value)
        elif most:
            total, most = total + most, 0.0
    return total
