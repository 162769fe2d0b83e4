"""Simulated strips as the pipeline shows photographs to the readers: sheets with the row's band in them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.plates.strips import StripSeries
from pipelines.search.sheets import Sheet, sheet
from pipelines.types import Image, Quad, as_quad

AROUND = 1.6
"""Heights by which a strip is continued above and below, mirrored: how an area is levelled depends on its
size."""


def sheets_of(frames: Sequence[Image]) -> list[Sheet]:
    """Registered pictures (H, W) of a row with metal above and below."""
    more = _more(frames[0])
    return [
        sheet(number, np.pad(frame, ((more, more), (0, 0)), mode="symmetric").astype(np.float32))
        for number, frame in enumerate(frames)
    ]


def frames_of(series: StripSeries, most: int) -> list[Image]:
    return [np.asarray(frame, np.float32) / np.float32(255) for frame in series.pixels[:most]]


def on_sheet(quad: Quad, frame: Image) -> Quad:
    """A band of the picture where the sheet has it."""
    return as_quad(np.asarray(quad) + np.array([0.0, _more(frame)]))


def band_of(series: StripSeries, characters: npt.NDArray[np.bool_], rng: np.random.Generator) -> Quad:
    """The band of these characters in the strip, drawn a little loosely."""
    order = np.sort(series.middles[characters])
    pitch = (order[-1] - order[0]) / max(1, len(order) - 1)
    before, behind = pitch * rng.uniform(0.4, 0.9, 2)
    start, end = order[0] - before, order[-1] + behind
    high = series.pixels.shape[1] / float(rng.uniform(1.05, 1.5))
    top = (series.pixels.shape[1] - high) / 2 + float(rng.normal(0, 0.03)) * high
    return as_quad([(start, top), (end, top), (end, top + high), (start, top + high)])


def weights_of_readers() -> str:
    """Of the weight files in `models`: what was read with others is not mixed in."""
    digest = hashlib.sha256()
    for path in sorted(Path(str(files("models"))).glob("*.onnx")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _more(frame: Image) -> int:
    return round(AROUND * frame.shape[0])
