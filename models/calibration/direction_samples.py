"""What the model of directions is fitted on: rows of which the way is known, read in all four ways.

What was read can be kept in a folder, so that a run that is stopped goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.calibration.strips_as_sheets import band_of, frames_of, on_sheet, sheets_of
from models.labelled import Labelled
from models.plates.strips import StripSeries, strip_series
from models.plates.typefaces import unseen_faces
from models.training.drawn_strips import drawn_strip
from models.training.photo_strips import LabelledRow, rows
from pipelines.glyphs import GLYPHS
from pipelines.probability.direction import SEEN_BY, WAYS, SeenBy, evidence_of
from pipelines.reading.pooling import Slice
from pipelines.search.sheets import Panel, screened_slices
from pipelines.search.ways import GLANCE, seen_in
from pipelines.strip import grown
from pipelines.types import Image, Quad

FIRST_SEED = 620_000
"""Seeds of these strips; training, samples and exercises use others."""

LEAST_CHARACTERS = 2
"""Rows of fewer may stand any way round."""


@dataclass(frozen=True, eq=False)
class DirectionSample:
    """A row: where it comes from, its text, and what speaks for each of WAYS, (4, len(FEATURES) + 1), by the
    readers that looked. The first way is the right one."""

    source: str
    text: str
    evidence: dict[SeenBy, npt.NDArray[np.float64]]


def strip_samples(panel: Panel, seed: int) -> list[DirectionSample]:
    """A simulated plate in a typeface that no reader was trained on, and a strip drawn on a random surface;
    without those that hold too few known characters, or stand astray."""
    rng = np.random.default_rng([seed, 31])
    face = str(rng.choice(unseen_faces()))
    series = strip_series(seed, face)
    made = [
        _of_strip(panel, f"simulated, {series.tier}", series, rng),
        _of_strip(panel, "drawn", drawn_strip(np.random.default_rng([seed, 32]), (), face), rng),
    ]
    return [sample for sample in made if sample is not None]


def photograph_samples(panel: Panel, folder: Path, row: Labelled) -> list[DirectionSample]:
    """The rows of a labelled photograph."""
    rng = np.random.default_rng(list(hashlib.sha256(row.path.encode()).digest()[:8]))
    return [
        _of_row(panel, found, rng) for found in rows(folder, row) if len(found.glyphs) >= LEAST_CHARACTERS
    ]


def kept(path: Path | None, make: Callable[[], list[DirectionSample]]) -> list[DirectionSample]:
    """The samples in this file, made and written where it is not there."""
    if path is None:
        return make()
    if not path.is_file():
        write(path, make())
    with np.load(path, allow_pickle=False) as held:
        named = json.loads(str(held["rows"]))
        return [
            DirectionSample(source, text, {seen: held[f"{seen}{number}"] for seen in SEEN_BY})
            for number, (source, text) in enumerate(named)
        ]


def write(path: Path, samples: Sequence[DirectionSample]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    evidence = {f"{seen}{n}": sample.evidence[seen] for n, sample in enumerate(samples) for seen in SEEN_BY}
    partial_path = path.with_suffix(".partial.npz")
    named = json.dumps([(sample.source, sample.text) for sample in samples])
    np.savez_compressed(partial_path, allow_pickle=False, rows=np.array(named), **evidence)
    partial_path.replace(path)


def _sample(panel: Panel, source: str, text: str, frames: Sequence[Image], quad: Quad) -> DirectionSample:
    """Reads a row in all four ways. `frames`: registered pictures (H, W), `quad` the row's band in them."""
    placed = on_sheet(quad, frames[0])
    slices = screened_slices(panel, sheets_of(frames), [seen_in(placed, way) for way in WAYS])
    return DirectionSample(
        source,
        text,
        {
            "marks-general": _evidence(slices, own=True, lead=True),
            "marks": _evidence(slices, own=True, lead=False),
            "general": _evidence(slices, own=False, lead=True),
        },
    )


def _evidence(slices: Sequence[Sequence[Slice]], own: bool, lead: bool) -> npt.NDArray[np.float64]:
    heard = [[p for p in row if (own if p.photo is None else lead)] for row in slices]
    return np.stack([evidence_of([row]) for row in heard])


def _of_strip(
    panel: Panel, source: str, series: StripSeries, rng: np.random.Generator
) -> DirectionSample | None:
    known = series.counted & (series.classes >= 0)
    if series.orientation != "upright" or known.sum() < LEAST_CHARACTERS:
        return None
    quad = band_of(series, known, rng)
    text = "".join(GLYPHS[series.classes[i]] for i in np.argsort(series.middles) if known[i])
    return _sample(panel, source, text, frames_of(series, GLANCE), quad)


def _of_row(panel: Panel, row: LabelledRow, rng: np.random.Generator) -> DirectionSample:
    quad = grown(row.quad, float(rng.uniform(-0.1, 0.3)), float(rng.uniform(-0.05, 0.15)))
    return _sample(panel, "photographs", row.glyphs, [row.pixels], quad)
