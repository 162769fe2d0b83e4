"""Fits `models/marks.toml`: how much the readers' likelihoods are worth.

    python -m models.calibration.fit_calibration [--plates 100] [--photos FOLDER] [--steel FOLDER]
    [--workers 2] [--without-marks] [--kept FOLDER] [--keep-coefficients]

Every second plate of each tier and renderer, with --steel every second row drawn on photographs of bare
steel, and with --photos every second photograph of the tuning half of a labelled folder, fits the
coefficients. Of the others every second one sets the threshold of the candidate
sets (conformal prediction needs positions that nothing was fitted on) and the weight of likelihood ratios;
the rest judges. What was fitted on what, and the errors found, go into the file. With --kept a run that was
stopped goes on where it was. With --keep-coefficients those that are released stay, and only the threshold of
the sets and the weight of likelihood ratios are set anew.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tomli_w
from scipy.optimize import minimize

from models.calibration.calibration_samples import USES, Sample, gathered, tasks
from pipelines.environment import THREADS
from pipelines.glyphs import GLYPHS
from pipelines.probability.calibration import (
    FEATURES,
    Calibration,
    Floats,
    Rest,
    calibration,
    features,
    marginals,
    shares_of_rest,
)
from pipelines.probability.candidate_sets import KINDS, MOST, Kind, conformal_threshold, scores, within
from pipelines.probability.measures import base_log_loss, calibration_error, cllr, cllr_min, log_loss

POWERS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Tried for `votes_power`."""

PAIR_WEIGHTS = tuple(round(0.05 * step, 2) for step in range(1, 41))
"""Tried for `pair_weight`."""

NAMES = {"fit": "fitted", "sets": "thresholds", "judge": "held out"}

KEPT = "Coefficients kept from before; candidate sets and likelihood ratios set on the sources named."

RIDGE = 0.3
"""Weight of the squared coefficients (but for `one`) against the summed log-loss."""


@dataclass(frozen=True, eq=False)
class Judged:
    """Positions of several samples under one calibration: (n, C) probabilities, pooled log-likelihoods as the
    calibration counts photographs, the class that was read and the one that stands there, and the source."""

    probabilities: Floats
    likelihoods: Floats
    read: npt.NDArray[np.int64]
    truth: npt.NDArray[np.int64]
    sources: tuple[str, ...]

    @property
    def first(self) -> Floats:
        return np.asarray(self.probabilities.max(axis=1), np.float64)

    @property
    def right(self) -> npt.NDArray[np.bool_]:
        return np.asarray(self.read == self.truth, np.bool_)

    @property
    def shares(self) -> Floats:
        """Weights under which every source counts alike, however many characters it has; mean 1."""
        counts = Counter(self.sources)
        return np.array([len(self.sources) / (len(counts) * counts[source]) for source in self.sources])


def judged(samples: Sequence[Sample], released: Calibration) -> Judged:
    classes = len(GLYPHS) + 1
    probabilities, likelihoods = [np.zeros((0, classes))], [np.zeros((0, classes))]
    read: list[int] = []
    truth: list[int] = []
    sources: list[str] = []
    for sample in samples:
        for line, positions, truths in sample.judged():
            probabilities.append(marginals(line, released)[positions])
            likelihoods.append(line.logs(released.votes(len(line.by_photo)))[positions])
            read += [line.string[i] for i in positions]
            truth += [GLYPHS.index(there) + 1 if there else 0 for there in truths]
            sources += [sample.source] * len(truths)
    return Judged(
        np.concatenate(probabilities),
        np.concatenate(likelihoods),
        np.array(read, np.int64),
        np.array(truth, np.int64),
        tuple(sources),
    )


def with_sets(samples: Sequence[Sample], released: Calibration) -> Calibration:
    """The calibration with the kind of set that is smaller on average at its coverage, and its threshold."""
    known = judged(samples, released)
    shares = known.shares
    tried: list[tuple[float, Kind, float]] = []
    for kind in KINDS:
        truths = scores(known.probabilities, kind)[np.arange(len(known.truth)), known.truth]
        threshold = conformal_threshold(truths, shares)
        sets = within(known.probabilities, kind, threshold)
        sizes = np.array([min(len(classes), MOST + 1) for classes in sets])
        tried.append((float(sizes @ shares), kind, threshold))
    _, kind, threshold = min(tried)
    return replace(released, set_kind=kind, set_threshold=math.ceil(min(1.0, threshold) * 1e5) / 1e5)


def trials(known: Judged) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """log10 likelihood ratios of the two likeliest glyphs where one of them stands, in the order of the glyph
    classes, and whether the first of them does."""
    pairs = np.sort(np.argsort(-known.probabilities, axis=1, kind="stable")[:, :2], axis=1)
    rows = np.flatnonzero((pairs == known.truth[:, None]).any(axis=1))
    a, b = pairs[rows, 0], pairs[rows, 1]
    ratios = (known.likelihoods[rows, a] - known.likelihoods[rows, b]) / np.log(10)
    return ratios, np.asarray(known.truth[rows] == a, np.bool_)


def with_pair_weight(samples: Sequence[Sample], released: Calibration) -> Calibration:
    """The calibration with the weight at which likelihood ratios cost least; 1 where there are no trials."""
    ratios, first = trials(judged(samples, released))
    costs = [(cllr(weight * ratios, first), weight) for weight in PAIR_WEIGHTS]
    usable = [(cost, weight) for cost, weight in costs if cost == cost]
    return replace(released, pair_weight=min(usable)[1]) if usable else released


def fitted(samples: Sequence[Sample], power: float) -> tuple[Calibration, float]:
    """Coefficients of least log-loss with that power, and the loss per character."""
    released = Calibration(power, dict.fromkeys(FEATURES, 0.0), "")
    known = judged(samples, released)
    rows = [
        features(line, released.votes(len(line.by_photo)))[positions]
        for sample in samples
        for line, positions, _ in sample.judged()
        if positions
    ]
    table, right_ones, shares = np.concatenate(rows), known.right.astype(np.float64), known.shares

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
    return replace(released, weights=weights), float(best.fun) / len(right_ones)


def with_rest(samples: Sequence[Sample], released: Calibration) -> Calibration:
    """The calibration with the shares of the rest of least log-loss over positions where the first candidate
    is wrong; as it was without such positions."""
    known = judged(samples, released)
    # A glyph that is likelier than what was read takes the first place, as it does in `marginals`.
    wrong = known.likelihoods.argmax(axis=1) != known.truth
    if not wrong.any():
        return released
    logs, truth, weights = known.likelihoods[wrong], known.truth[wrong], known.shares[wrong]

    def rest_of(values: Floats) -> Rest:
        weight, none, flat = values
        return Rest(
            round(float(np.exp(np.clip(weight, -5, 2))), 4),
            round(float(np.clip(none, -10, 10)), 4),
            round(float(1 / (1 + np.exp(-np.clip(flat, -5, 5)))), 4),
        )

    def loss(values: Floats) -> float:
        shares = shares_of_rest(logs, rest_of(values))[np.arange(len(truth)), truth]
        return float(-np.sum(weights * np.log(np.maximum(shares, 1e-12))))

    best = minimize(loss, np.array([-1.0, 0.0, -1.0]), method="Nelder-Mead", options={"maxiter": 600})
    return replace(released, rest=rest_of(best.x))


def report(samples: Sequence[Sample], released: Calibration) -> list[str]:
    """A line per source and use: characters, share right, errors of calibration beside the base rate's, sets
    and likelihood ratios."""
    lines = []
    for source in sorted({sample.source for sample in samples}):
        for use in dict.fromkeys(USES):
            known = judged([o for o in samples if (o.source, o.use) == (source, use)], released)
            if len(known.truth):
                lines.append(f"{source}, {NAMES[use]}: {measured(known, released)}")
    return lines


def measured(known: Judged, released: Calibration) -> str:
    p, ok = known.first, known.right
    sets = within(known.probabilities, released.set_kind, released.set_threshold)
    held = [there in classes for there, classes in zip(known.truth.tolist(), sets, strict=True)]
    sizes = np.array([len(classes) for classes in sets])
    ratios, first = trials(known)
    ratios = ratios * released.pair_weight
    return (
        f"{len(ok)} characters, {ok.mean():.3f} right, ECE {calibration_error(p, ok):.3f}, "
        f"log-loss {log_loss(p, ok):.3f} (base rate {base_log_loss(ok):.3f}); "
        f"sets cover {np.mean(held):.3f}, {sizes.mean():.1f} glyphs, more than {MOST} in "
        f"{np.mean(sizes > MOST):.3f}; Cllr {cllr(ratios, first):.3f} (least {cllr_min(ratios, first):.3f}, "
        f"{len(ratios)} pairs)"
    )


MADE_BY = "Calibration of the proposal, made by `python -m models.calibration.fit_calibration`."


def toml(released: Calibration, lines: Sequence[str]) -> str:
    table = {
        "validated_on": released.validated_on,
        "votes_power": released.votes_power,
        "pair_weight": released.pair_weight,
        "weights": dict(released.weights),
        "rest": asdict(released.rest),
        "candidate_sets": {"kind": released.set_kind, "threshold": released.set_threshold},
    }
    comments = [f"# {line}\n" for line in (MADE_BY, *lines)]
    return "".join(comments) + tomli_w.dumps(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--plates", type=int, default=100, help="per tier")
    parser.add_argument("--without-marks", action="store_true", help="general.toml: our own reader left out")
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--steel", type=Path, help="folder of photographs of bare steel, see docs/plates.md")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--kept", type=Path, help="folder in which samples are kept; one for each state of weights"
    )
    parser.add_argument(
        "--keep-coefficients", action="store_true", help="set only candidate sets and likelihood ratios anew"
    )
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    readers = ("general", "tesseract") if arguments.without_marks else ("marks", "general", "tesseract")
    output = arguments.output or Path(__file__).parents[1] / f"{readers[0]}.toml"
    os.environ.setdefault(THREADS, "1")
    every = tasks(arguments.plates, arguments.photos, arguments.steel)
    samples: list[Sample] = []
    with ProcessPoolExecutor(arguments.workers, get_context("spawn")) as pool:
        kept = None if arguments.kept is None else arguments.kept / "-".join(readers)
        for sample in gathered(every, readers, pool, kept):
            samples.append(sample)
            print(f"\r{len(samples)}/{len(every)}", end="", file=sys.stderr)
    fitting = [sample for sample in samples if sample.use == "fit"]
    setting = [sample for sample in samples if sample.use == "sets"]
    if arguments.keep_coefficients:
        released = calibration("general" if arguments.without_marks else "marks")
    else:
        released = min((fitted(fitting, power) for power in POWERS), key=lambda entry: entry[1])[0]
        validated = "simulated plates" + (" and photographs of intact markings" if arguments.photos else "")
        released = with_rest(fitting, replace(released, validated_on=validated))
    released = with_pair_weight(setting, with_sets(setting, released))
    lines = report(samples, released)
    if arguments.keep_coefficients:
        lines = [KEPT, *report([sample for sample in samples if sample.use != "fit"], released)]
    print("\n".join(lines))
    output.write_text(toml(released, lines), encoding="utf-8")


if __name__ == "__main__":
    main()
