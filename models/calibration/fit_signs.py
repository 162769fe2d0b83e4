"""Fits `models/signs.toml`: how likely a sign that no glyph class covers stands where readers see one.

    python -m models.calibration.fit_signs [--strips 240] [--kept FOLDER]

Strips in typefaces that no reader was trained on, every second one with odd signs among its characters, are
read in full; at each position it is known whether a glyph of the classes stands there. Three of four strips
fit the coefficients, the fourth judges them. With --kept a run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import tomli_w
from scipy.optimize import minimize

from models.calibration.strips_as_sheets import band_of, frames_of, on_sheet, sheets_of, weights_of_readers
from models.plates.typefaces import is_cut, unseen_faces
from models.training.drawn_strips import drawn_strip
from pipelines.environment import THREADS
from pipelines.probability.calibration import Floats
from pipelines.probability.signs import FAINT, SignModel, features, seen
from pipelines.reading.lines import read_line
from pipelines.reading.readers.general import GeneralReader
from pipelines.reading.readers.marks import MarksReader
from pipelines.search.sheets import Panel, full_slices

FIRST_SEED = 640_000
"""Seeds of these strips; training, samples and exercises use others."""

WITH_ODD = 0.5
"""Share of strips with odd signs: more than in casework, so that there is something to fit."""

LEVELS = (2.0, 30.0)
"""Strength of the markings: what is hardly seen says nothing of signs."""

NEAR = 0.5
"""Pitches from a character's middle within which a position is its own."""

MOST_PHOTOGRAPHS = 2

JUDGES = 4
"""Every so manieth strip judges."""

RIDGE = 0.002

PRIOR = 0.05
"""Share of positions with such a sign that is supposed in casework: stars beside numbers, signs in proof
lines. None has counted it; the share drawn here is taken out of what is fitted, this one put in."""

SURE = 0.8


def positions_of(panel: Panel, seed: int) -> Floats:
    """(n, 5): of each position of a strip its features, whether readers see such a sign there at all, and
    whether one stands there (1) or a glyph (0); positions at which nothing stands are left out."""
    rng = np.random.default_rng([seed, 41])
    face = str(rng.choice([face for face in unseen_faces() if is_cut(face)]))
    series = drawn_strip(np.random.default_rng([seed, 42]), (), face, WITH_ODD, LEVELS)
    if series.orientation != "upright" or len(series.middles) < 2:
        return np.zeros((0, 5))
    quad = band_of(series, np.ones(len(series.middles), bool), rng)
    frames = frames_of(series, MOST_PHOTOGRAPHS)
    (slices,) = full_slices(panel, sheets_of(frames), [on_sheet(quad, frames[0])])
    line = read_line(slices)
    (start, _), (end, _), _, _ = quad
    middles = (series.middles - start) / (end - start)
    near = NEAR * float(np.median(np.diff(np.sort(middles))))
    rows = []
    for row, there, centre in zip(features(line), seen(line), line.centres, strict=True):
        away = np.abs(middles - centre)
        if away.min() <= near:
            rows.append([*row, float(there > FAINT), float(series.classes[away.argmin()] < 0)])
    return np.array(rows, np.float64).reshape(-1, 5)


def fitted(positions: Floats) -> SignModel:
    """The coefficients of most likelihood where readers see such a sign at all."""
    heard = positions[positions[:, 3] > 0]
    table, odd = heard[:, :3], heard[:, 4]

    def loss(weights: Floats) -> float:
        z = table @ weights
        return float(np.mean(np.logaddexp(0, z) - odd * z) + RIDGE * np.sum(weights[1:] ** 2))

    one, weight, sure = (round(float(value), 4) for value in minimize(loss, np.zeros(3)).x)
    # As many odd signs as are drawn here do not stand in casework.
    share = float(positions[:, 4].mean())
    less = np.log(PRIOR / (1 - PRIOR)) - np.log(share / (1 - share))
    return SignModel(round(one + float(less), 4), weight, sure)


def report(positions: Floats, model: SignModel) -> str:
    z = positions[:, :3] @ np.array([model.one, model.seen, model.sure])
    p = np.where(positions[:, 3] > 0, 1 / (1 + np.exp(-z)), 0.0)
    odd = positions[:, 4] > 0
    sure = positions[:, 2] > SURE
    lost = sure & ((1 - p) * positions[:, 2] <= SURE) & ~odd
    return (
        f"{len(p)} positions, {odd.sum()} of odd signs; glyphs read there with more than {SURE}: "
        f"{(sure & odd).sum()}, {((1 - p) * positions[:, 2] > SURE)[odd].sum()} with this model; of glyphs "
        f"read so where glyphs stand {(sure & ~odd).sum()}, it takes {lost.sum()} below"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--strips", type=int, default=240)
    parser.add_argument("--kept", type=Path)
    parser.add_argument("--output", type=Path, default=Path(__file__).parents[1] / "signs.toml")
    arguments = parser.parse_args()
    os.environ.setdefault(THREADS, "1")
    panel = Panel(GeneralReader(), MarksReader())
    folder = None if arguments.kept is None else arguments.kept / f"signs-{weights_of_readers()}"
    strips: list[Floats] = []
    for seed in range(FIRST_SEED, FIRST_SEED + arguments.strips):
        strips.append(_kept(folder, panel, seed))
        print(f"\r{len(strips)}/{arguments.strips}", end="", file=sys.stderr)
    fit = np.concatenate([rows for number, rows in enumerate(strips) if number % JUDGES])
    model = fitted(fit)
    lines = [f"fitted: {report(fit, model)}", f"held out: {report(np.concatenate(strips[::JUDGES]), model)}"]
    print("\n".join(lines))
    made_by = "Signs that no class covers, made by `python -m models.calibration.fit_signs`."
    comments = "".join(f"# {line}\n" for line in (made_by, *lines))
    arguments.output.write_text(comments + tomli_w.dumps(asdict(model)), encoding="utf-8")


def _kept(folder: Path | None, panel: Panel, seed: int) -> Floats:
    if folder is None:
        return positions_of(panel, seed)
    path = folder / f"{seed}.npy"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        np.save(path, positions_of(panel, seed))
    return np.asarray(np.load(path, allow_pickle=False), np.float64)


if __name__ == "__main__":
    main()
