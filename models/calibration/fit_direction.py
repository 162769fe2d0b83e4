"""Fits `models/direction.toml`: how much the readers' evidence is worth for which way round a row stands.

    python -m models.calibration.fit_direction [--strips 250] [--photos FOLDER] [--kept FOLDER]

Rows of known direction are read in all four ways: simulated strips in typefaces that no reader was trained
on, and with --photos rows of the tuning half of a labelled folder that no reader was trained on. Three of
four fit the coefficients (most likelihood, every source counting alike), the fourth judges. With --kept a
run that was stopped goes on where it was; what is kept holds for the weights of the readers it was made with.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import tomli_w
from scipy.optimize import minimize

from models.calibration.direction_samples import (
    FIRST_SEED,
    DirectionSample,
    kept,
    photograph_samples,
    strip_samples,
)
from models.calibration.strips_as_sheets import weights_of_readers
from models.labelled import read_index
from pipelines.environment import THREADS
from pipelines.probability.calibration import Floats
from pipelines.probability.direction import FEATURES, SEEN_BY, WAYS, DirectionModel, SeenBy
from pipelines.reading.readers.general import GeneralReader
from pipelines.reading.readers.marks import MarksReader
from pipelines.search.sheets import Panel

RIDGE = 0.02
"""Weight of the squared coefficients, in units of the features' deviations, against the mean log-loss."""

LEAST_LAPSE = 0.004
"""Share that no evidence takes away at least: more than so few rows can rule out."""

JUDGES = 4
"""Every so manieth row judges."""

SURE = 0.8


def log_probabilities(evidence: Floats, weights: Floats, lapse: float) -> Floats:
    """(N, 4) natural logarithms, every way being as likely before, from (N, 4, F)."""
    logs = evidence @ weights
    logs = logs - np.logaddexp.reduce(logs, axis=1)[:, None]
    return np.asarray(np.logaddexp(np.log1p(-lapse) + logs, np.log(lapse / len(WAYS))), np.float64)


def fitted(samples: Sequence[DirectionSample], seen_by: SeenBy) -> DirectionModel:
    """The model of most likelihood, no coefficient against its own sense."""
    evidence = np.stack([sample.evidence[seen_by] for sample in samples])[..., : len(FEATURES)]
    counts = Counter(sample.source for sample in samples)
    shares = np.array([1 / (len(counts) * counts[sample.source]) for sample in samples])
    spread = np.maximum(evidence.std(axis=(0, 1)), 1e-6)
    used = evidence.std(axis=(0, 1)) > 1e-6

    def loss(values: Floats) -> float:
        lapse = LEAST_LAPSE + (0.3 - LEAST_LAPSE) / (1 + np.exp(-np.clip(values[-1], -20, 20)))
        logs = log_probabilities(evidence, values[:-1] * used / spread, lapse)[:, 0]
        return float(-(shares * logs).sum() + RIDGE * np.sum(values[:-1] ** 2) / len(FEATURES))

    best = minimize(loss, np.append(np.full(len(FEATURES), 0.5), -3.0), method="L-BFGS-B").x
    weights = np.round(best[:-1] * used / spread, 4)
    lapse = LEAST_LAPSE + (0.3 - LEAST_LAPSE) / (1 + np.exp(-best[-1]))
    named = {name: float(value) for name, value in zip(FEATURES, weights, strict=True) if value}
    return DirectionModel(named, round(float(lapse), 4))


def report(samples: Sequence[DirectionSample], seen_by: SeenBy, model: DirectionModel) -> Iterator[str]:
    """A line per source: how often the right way comes first, is surely missed, and the log-loss."""
    weights = np.array([model.weights.get(name, 0.0) for name in FEATURES])
    for source in [*sorted({sample.source for sample in samples}), ""]:
        chosen = [sample for sample in samples if source in ("", sample.source)]
        evidence = np.stack([sample.evidence[seen_by] for sample in chosen])[..., : len(FEATURES)]
        ps = np.exp(log_probabilities(evidence, weights, model.lapse))
        first = ps.argmax(axis=1) == 0
        sure = ps.max(axis=1) > SURE
        yield (
            f"{seen_by}, {source or 'all'}: {len(ps)} rows, right way first {first.mean():.3f}, "
            f"sure {sure.mean():.3f}, surely wrong {(sure & ~first).mean():.4f}, "
            f"log-loss {-np.log(ps[:, 0]).mean():.3f} (of chance {np.log(len(WAYS)):.3f})"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--strips", type=int, default=232, help="seeds of simulated strips")
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--kept", type=Path)
    parser.add_argument("--output", type=Path, default=Path(__file__).parents[1] / "direction.toml")
    arguments = parser.parse_args()
    os.environ.setdefault(THREADS, "1")
    panel = Panel(GeneralReader(), MarksReader())
    folder = None if arguments.kept is None else arguments.kept / weights_of_readers()
    tasks: list[tuple[str, Callable[[], list[DirectionSample]]]] = [
        (f"strip-{seed}", partial(strip_samples, panel, seed))
        for seed in range(FIRST_SEED, FIRST_SEED + arguments.strips)
    ]
    if arguments.photos is not None:
        rows = [row for row in read_index(arguments.photos) if row.half == "tuning" and not row.trains]
        tasks += [
            (f"photo-{row.path.replace('/', '_')}", partial(photograph_samples, panel, arguments.photos, row))
            for row in rows
        ]
    samples: list[DirectionSample] = []
    for number, (name, make) in enumerate(tasks, start=1):
        samples += kept(None if folder is None else folder / f"{name}.npz", make)
        print(f"\r{number}/{len(tasks)}", end="", file=sys.stderr)
    fit = [sample for number, sample in enumerate(samples) if number % JUDGES]
    judge = samples[::JUDGES]
    table: dict[str, object] = {}
    lines: list[str] = []
    for seen_by in SEEN_BY:
        model = fitted(fit, seen_by)
        table[seen_by] = {"lapse": model.lapse, "weights": dict(model.weights)}
        lines += [f"fitted: {line}" for line in report(fit, seen_by, model)]
        lines += [f"held out: {line}" for line in report(judge, seen_by, model)]
    print("\n".join(lines))
    made_by = "Directions of lines, made by `python -m models.calibration.fit_direction`."
    comments = "".join(f"# {line}\n" for line in (made_by, *lines))
    arguments.output.write_text(comments + tomli_w.dumps(table), encoding="utf-8")


if __name__ == "__main__":
    main()
