"""Fits `models/general.toml`: how much the general reader's likelihoods are worth.

    python -m models.fit_calibration [--plates 14] [--photos FOLDER] [--workers 2]

Every second simulated plate of each tier, and with --photos every second photograph of the tuning half of a
labelled folder, fits the coefficients; the others judge them. What was fitted on what, and the errors
found, go into the file.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import chain
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from models.labelled import read_index
from models.plates.draw import random_spec
from models.plates.plate import photographs
from models.plates.spec import Tier
from pipelines.calibration import FEATURES, Calibration, features
from pipelines.measures import base_log_loss, calibration_error, log_loss, plain, right
from pipelines.photo import read_photo
from pipelines.pooling import PooledLine
from pipelines.propose import Found, find_lines, working_readers
from pipelines.types import Photo

TIERS: tuple[Tier, ...] = ("intact", "worn", "etched")
COUNTS = (1, 2, 3, 5)
"""Photographs per simulated series."""

POWERS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Tried for `votes_power`."""

RIDGE = 1.0
"""Weight of the squared coefficients (but for `one`) against the summed log-loss."""

FIRST_SEED = 500_000
"""Seeds of these plates; samples and exercises use others."""


@dataclass(frozen=True)
class Sample:
    """One series: where it comes from and its lines, with what is right in each (None: a separator)."""

    source: str
    fits: bool
    lines: tuple[tuple[PooledLine, tuple[bool | None, ...]], ...]

    def judged(self) -> Iterator[tuple[PooledLine, list[int], list[bool]]]:
        """Each line with the positions that are judged and whether they are right."""
        for line, flags in self.lines:
            positions = [i for i, flag in enumerate(flags) if flag is not None]
            yield line, positions, [bool(flags[i]) for i in positions]


def sample(source: str, fits: bool, found: Found, truth: str) -> Sample:
    """Marks each character that an alignment with the truth matches; labels leave separators out."""
    text = "".join(h.line.text for h in found.lines)
    kept = [bool(plain(character)) for character in text]
    flags = iter(right(plain(truth), plain(text)))
    marks = iter([next(flags) if keep else None for keep in kept])
    lines = [(h.line, tuple(next(marks) for _ in h.line.string)) for h in found.lines]
    return Sample(source, fits, tuple(lines))


def from_plate(task: tuple[Tier, int]) -> Sample:
    tier, number = task
    plate = photographs(random_spec(FIRST_SEED + number, tier), COUNTS[(number // 2) % len(COUNTS)])
    photos = {i: Photo("plate", "", shot.pixels, "simulated") for i, shot in enumerate(plate.photographs)}
    found = find_lines(photos, dict.fromkeys(photos, (None, None)), None, *working_readers(None))
    return sample(tier, number % 2 == 0, found, plate.text)


def from_photo(task: tuple[Path, str, bool]) -> Sample:
    path, lines, fits = task
    found = find_lines({0: read_photo(path)}, {0: (None, None)}, None, *working_readers(None))
    return sample("real photographs", fits, found, lines)


def judged(samples: Sequence[Sample], released: Calibration) -> list[tuple[float, bool]]:
    """Probability of each first candidate, and whether it is right."""
    pairs = []
    weights = np.array([released.weights[name] for name in FEATURES])
    for line, positions, flags in (entry for one in samples for entry in one.judged()):
        p = 1 / (1 + np.exp(-features(line, released.votes(len(line.by_photo))) @ weights))
        pairs += [(float(p[i]), flag) for i, flag in zip(positions, flags, strict=True)]
    return pairs


def fitted(samples: Sequence[Sample], power: float) -> tuple[Calibration, float]:
    """Coefficients of least log-loss with that power, and the loss per character."""
    released = Calibration(power, dict.fromkeys(FEATURES, 0.0), "")
    rows: list[npt.NDArray[np.float64]] = []
    flags: list[bool] = []
    sources: list[str] = []
    for one in samples:
        for line, positions, line_flags in one.judged():
            rows.append(features(line, released.votes(len(line.by_photo)))[positions])
            flags += line_flags
            sources += [one.source] * len(line_flags)
    table, right_ones = np.concatenate(rows), np.array(flags, np.float64)
    # Every source counts alike, however many characters it has.
    counts = Counter(sources)
    shares = np.array([len(sources) / (len(counts) * counts[source]) for source in sources])

    def loss(weights: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        z = table @ weights
        p = 1 / (1 + np.exp(-z))
        value = float(
            np.sum(shares * (np.logaddexp(0, z) - right_ones * z)) + RIDGE * np.sum(weights[1:] ** 2)
        )
        slope = table.T @ (shares * (p - right_ones))
        slope[1:] += 2 * RIDGE * weights[1:]
        return value, slope

    best = minimize(loss, np.zeros(len(FEATURES)), jac=True, method="L-BFGS-B")
    weights = {name: round(float(value), 4) for name, value in zip(FEATURES, best.x, strict=True)}
    return replace(released, weights=weights), float(best.fun) / len(flags)


def report(samples: Sequence[Sample], released: Calibration) -> list[str]:
    """A line per source and use: characters, share right, calibration error, log-loss beside the base
    rate's."""
    lines = []
    for source in sorted({one.source for one in samples}):
        for fits in (True, False):
            pairs = judged([o for o in samples if o.source == source and o.fits == fits], released)
            if pairs:
                ps, oks = [p for p, _ in pairs], [ok for _, ok in pairs]
                lines.append(
                    f"{source}, {'fitted' if fits else 'held out'}: {len(pairs)} characters, "
                    f"{sum(oks) / len(oks):.3f} right, ECE {calibration_error(ps, oks):.3f}, "
                    f"log-loss {log_loss(ps, oks):.3f} (base rate {base_log_loss(oks):.3f})"
                )
    return lines


def toml(released: Calibration, lines: Sequence[str]) -> str:
    weights = "\n".join(f"{name} = {value}" for name, value in released.weights.items())
    comments = "\n".join(f"# {line}" for line in lines)
    return (
        "# Calibration of the general reader, made by `python -m models.fit_calibration`.\n"
        f"{comments}\n"
        f'validated_on = "{released.validated_on}"\n'
        f"votes_power = {released.votes_power}\n\n[weights]\n{weights}\n"
    )


def labelled_photos(folder: Path) -> list[tuple[Path, str, bool]]:
    """Photographs of the tuning half with all lines labelled, every second one for fitting."""
    rows = [row for row in read_index(folder) if row.lines and row.half == "tuning"]
    return [(folder / row.path, row.lines, number % 2 == 0) for number, row in enumerate(rows)]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--plates", type=int, default=14, help="per tier")
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "general.toml")
    arguments = parser.parse_args()
    os.environ.setdefault("EXAMINER_THREADS", "1")
    with ProcessPoolExecutor(arguments.workers, get_context("spawn")) as pool:
        plates = [(tier, number) for tier in TIERS for number in range(arguments.plates)]
        photos = labelled_photos(arguments.photos) if arguments.photos else []
        samples: list[Sample] = []
        for made in chain(pool.map(from_plate, plates), pool.map(from_photo, photos)):
            samples.append(made)
            print(f"\r{len(samples)}/{len(plates) + len(photos)}", end="", file=sys.stderr)
    fitting = [one for one in samples if one.fits]
    released = min((fitted(fitting, power) for power in POWERS), key=lambda entry: entry[1])[0]
    validated = "simulated plates" + (" and photographs of intact steel parts" if arguments.photos else "")
    released = replace(released, validated_on=validated)
    lines = report(samples, released)
    print("\n".join(lines))
    arguments.output.write_text(toml(released, lines), encoding="utf-8")


if __name__ == "__main__":
    main()
