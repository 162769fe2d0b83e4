"""What a released calibration is worth on series by which nothing was fitted, set or chosen.

    python -m models.calibration.check_calibration [--first 200] [--plates 8] [--photos FOLDER]
    [--count 30] [--steel FOLDER] [--workers 2] [--kept FOLDER]

Reads plates `first` and following of each tier and renderer, with --steel twice as many rows drawn on
photographs of bare steel, and with --photos so many photographs of the held-out half, drawn with a fixed seed
and read whole. Fitting uses plates from 0 on and the tuning half: give other numbers than a fit or an earlier
choice saw. Prints by source how often the first candidate and the 95 % set are right (interval: 95 %, series
drawn anew), the sets' sizes, ECE and Cllr. About 10 s a series on one core.
"""

from __future__ import annotations

import argparse
import os
import random
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from models.calibration.calibration_samples import TIERS, Sample, Task, gathered
from models.calibration.fit_calibration import judged, trials
from models.labelled import read_index
from pipelines.environment import THREADS
from pipelines.probability.calibration import Calibration, calibration
from pipelines.probability.candidate_sets import MOST, within
from pipelines.probability.measures import calibration_error, cllr, interval, resampled

READERS = ("marks", "general", "tesseract")


def further_tasks(first: int, plates: int, photos: Path | None, count: int, steel: Path | None) -> list[Task]:
    """The series that are read, all of them to judge."""
    numbers = range(first, first + plates)
    made = [
        Task("judge", tier, number, foreign)
        for number in numbers
        for foreign in (False, True)
        for tier in TIERS
    ]
    rows_on_steel = range(2 * first, 2 * (first + plates)) if steel else ()
    made += [Task("judge", number=number, steel=steel) for number in rows_on_steel]
    if photos is None:
        return made
    rows = [row for row in read_index(photos) if row.lines and row.half == "held-out"]
    random.Random(1).shuffle(rows)
    return made + [Task("judge", photo=photos / row.path, lines=row.lines) for row in rows[:count]]


def figures(samples: Sequence[Sample], released: Calibration) -> str:
    """A row of the table; dashes where nothing was read."""
    known = judged(samples, released)
    if not len(known.truth):
        return "0 | – | – | – | – | – | –"
    sets = within(known.probabilities, released.set_kind, released.set_threshold)
    held = [truth in classes for truth, classes in zip(known.truth.tolist(), sets, strict=True)]
    sizes = np.array([len(classes) for classes in sets])
    counts = np.array([len(judged([sample], released).truth) for sample in samples])
    hits = np.array([part.sum() for part in np.split(np.array(held), counts.cumsum()[:-1])])
    drawn = (picks for picks in resampled(len(samples)) if counts[picks].sum())
    low, high = interval([hits[picks].sum() / counts[picks].sum() for picks in drawn])
    ratios, first = trials(known)
    return (
        f"{len(held)} | {known.right.mean():.3f} | {np.mean(held):.3f} ({low:.3f}–{high:.3f}) | "
        f"{sizes.mean():.1f} | {np.mean(sizes > MOST):.2f} | "
        f"{calibration_error(known.first, known.right):.3f} | "
        f"{cllr(released.pair_weight * ratios, first):.3f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--first", type=int, default=200, help="number of the first plate")
    parser.add_argument("--plates", type=int, default=8, help="per tier and renderer")
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--count", type=int, default=30, help="photographs")
    parser.add_argument("--steel", type=Path)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--kept", type=Path, help="folder in which samples are kept")
    given = parser.parse_args()
    os.environ.setdefault(THREADS, "1")
    wanted = further_tasks(given.first, given.plates, given.photos, given.count, given.steel)
    with ProcessPoolExecutor(given.workers, get_context("spawn")) as pool:
        samples = list(gathered(wanted, READERS, pool, given.kept))
    print("source | series | characters | right | sets hold (95 %) | glyphs | more than 6 | ECE | Cllr")
    print("--- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---:")
    for source in ("all", *sorted({sample.source for sample in samples})):
        those = [sample for sample in samples if source in ("all", sample.source)]
        print(f"{source} | {len(those)} | {figures(those, calibration())}")


if __name__ == "__main__":
    main()
