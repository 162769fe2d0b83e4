"""What the distances between characters say about how many there are.

Struck and rolled rows keep a pitch. A gap twice as wide as the others may hold a character of which hardly
anything is left; two at half the distance may be one that was read twice. This is the duration part of a
semi-Markov decoder (Sarawagi and Cohen 2004, Semi-Markov Conditional Random Fields), weighed beside the
evidence of the columns.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LEAST_CHARACTERS = 4
"""Fewer do not show a pitch."""

SPREAD = 0.16
"""Standard deviation of the logarithm of distance over pitch: uneven blows, narrow and wide glyphs."""

WIDE = 1.5
"""Natural logarithm: what a distance beyond the pitch says against a row at most; words stand apart."""

NARROW = 3.0
"""The same for a distance below it. All three were set, not fitted."""


def pitch_of(centres: Sequence[float] | Floats) -> float | None:
    """The pitch of characters with these centres, in their unit; None where there are too few."""
    if len(centres) < LEAST_CHARACTERS:
        return None
    pitch = float(np.median(np.diff(np.asarray(centres, np.float64))))
    return pitch if pitch > 0 else None


def regularity(distances: Sequence[float] | Floats, pitch: float) -> Floats:
    """For each distance between neighbours how well it fits the pitch: 0 where it is the pitch, down to −WIDE
    or −NARROW. Natural logarithm, bounded."""
    steps = np.log(np.maximum(np.asarray(distances, np.float64), 1e-9) / pitch)
    return np.maximum(-0.5 * (steps / SPREAD) ** 2, np.where(steps > 0, -WIDE, -NARROW))


def surplus(centres: Sequence[float] | Floats, pitch: float) -> Floats:
    """(n,) how much more regular the row is without each character; 0 for the first and the last."""
    places = np.asarray(centres, np.float64)
    gain = np.zeros(len(places))
    if len(places) > 2:
        with_it = regularity(np.diff(places), pitch)
        gain[1:-1] = regularity(places[2:] - places[:-2], pitch) - with_it[:-1] - with_it[1:]
    return gain
