"""Whether a strip looks like those on which the readers learnt and were measured.

Ten plain measures of a strip (contrast, texture at four scales, direction, tones) are compared with those of
the strips that teach, by their Mahalanobis distance. It knows nothing of characters and of networks; what it
calls unlike may be read well all the same, but nobody has measured how well.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.reading.readers.levelling import scaled
from pipelines.types import PhotoEntry

Floats = npt.NDArray[np.float64]

SCALES = (0.7, 1.4, 2.8, 5.6, 11.2)
"""Standard deviations in pixels of a strip 48 high; a scale of texture lies between each two."""

MEASURES = (
    "contrast",
    "fine",
    "small",
    "middle",
    "coarse",
    "direction",
    "spikes",
    "clipped",
    "tones",
    "lean",
)

LEAST = 1e-4
"""Standard deviation, as a share of full scale, below which nothing is told apart from noise of rounding."""


@dataclass(frozen=True, eq=False)
class Known:
    """Strips that teach: the `mean` of their measures (10,), a matrix (10, 10) that makes their distance from
    it plain, and the distance `limit` beyond which a strip is unlike them."""

    mean: Floats
    whitening: Floats
    limit: float


def measures(strip: npt.NDArray[np.float32]) -> Floats:
    """(10,) of a strip (H, W) or (H, W, 3) float32 [0, 1], in the order of `MEASURES`. Polarity and absolute
    brightness change nothing but `clipped`. About 0.5 ms."""
    grey = np.asarray(scaled(strip), np.float32)
    varies = max(float(grey.std()), LEAST)
    smooth = [cv2.GaussianBlur(grey, (0, 0), scale, borderType=cv2.BORDER_REFLECT) for scale in SCALES]
    bands = [finer - coarser for finer, coarser in pairwise(smooth)]
    energies = np.array([float(band.var()) for band in bands]) + LEAST**2
    across = float(np.diff(smooth[0], axis=1).var()) + LEAST**2
    down = float(np.diff(smooth[0], axis=0).var()) + LEAST**2
    fine = bands[0] / max(float(bands[0].std()), LEAST)
    tones = (grey - grey.mean()) / varies
    lean, spread = float(np.mean(tones**3)), max(1.0, float(np.mean(tones**4)))
    return np.array(
        [
            np.log(varies),
            *np.log(energies / energies.sum()),
            np.log(across / down),
            np.log(1.0 + float(np.mean(fine**4))),
            np.log(0.01 + float(np.mean((grey <= 0.004) | (grey >= 0.996)))),
            (lean * lean + 1) / spread,
            abs(lean),
        ]
    )


def fitted(known: Floats, inside: float) -> Known:
    """From the measures (N, 10) of strips that teach: `inside` of them lie within the limit."""
    mean = known.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov(known.T) + 1e-4 * np.eye(known.shape[1]))
    whitening = (vectors / np.sqrt(values)) @ vectors.T
    apart = unlikeness_of(known, Known(mean, whitening, 1.0))
    return Known(mean, whitening, float(np.quantile(apart, inside)))


def unlikeness_of(told: Floats, known: Known) -> Floats:
    """Distance of measures (…, 10) from those of the strips that teach, over the limit: above 1 unlike."""
    return np.asarray(
        np.linalg.norm((told - known.mean) @ known.whitening, axis=-1) / known.limit, np.float64
    )


def unlikeness(strip: npt.NDArray[np.float32]) -> float:
    """Distance of a strip from those that the released readers learnt from, over the limit."""
    return float(unlikeness_of(measures(strip), known_strips()))


@cache
def known_strips() -> Known:
    """What `models/likeness.toml` holds. Read once."""
    content = tomllib.loads((files("models") / "likeness.toml").read_text("utf-8"))
    return Known(np.array(content["mean"]), np.array(content["whitening"]), float(content["limit"]))


def unlike_photographs(photos: Sequence[PhotoEntry]) -> str:
    """A sentence that names those outside what the probabilities were validated on; empty without any."""
    outside = [number for number, photo in enumerate(photos, start=1) if (photo.unlikeness or 0) > 1]
    if not outside:
        return ""
    which = ", ".join(map(str, outside))
    named = f"Photograph {which} of {len(photos)} looks" if len(outside) == 1 else f"Photographs {which} look"
    return (
        f"{named} unlike what was validated (contrast, texture or tones): "
        "how well such a photograph is read was not measured."
    )
