"""How well photographs of one marking are laid over each other, on foreign plates with known homographies.

Each plate is photographed once as a reference and once for every kind of motion, under the light, the state
of etching and the camera that the renderer draws for each frame. Two strangers are put into each series: a
photograph of another plate struck with the very same row in the same place, and one of any other plate.

    python benchmarks/series.py align [--tiers intact,worn,etched] [--plates N] [--seed S]
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from models.foreign.plates import TIERS, ForeignPlate, Tier, foreign_plate
from pipelines.registration.pairs import Alignment, Prepared, pair_alignment
from pipelines.strip import inverse, moved

Matrix = npt.NDArray[np.float64]

KINDS: dict[str, str] = {
    "hand": "as a hand holds a camera: up to 6.5°, 2 % nearer or farther",
    "turned": "any rotation",
    "scaled": "0.6 to 1.6 times as large, up to 10°",
    "tilted": "corners moved by up to 8 % of the width",
    "partial": "moved by 30 to 45 % of the width or height, up to 5°",
    "remounted": "any rotation, 0.75 to 1.35 times as large, corners moved by up to 4 %, moved by up to 12 %",
    "inverted": "as hand, negative",
}

STRANGERS = ("struck alike", "another plate")

LONGER_SIDE = 1280
"""Errors are told in pixels of a reference whose longer side is so long."""

WRONG = 5.0
"""Pixels of mean error at the marking's corners beyond which an accepted alignment is wrong."""


def motion_of(
    kind: str, size: tuple[int, int], place: npt.NDArray[np.float64], rng: np.random.Generator
) -> Matrix:
    """A homography of a photograph's pixels, `size` wide and high, of one of KINDS, that keeps `place` (x, y)
    in the picture."""
    for _ in range(100):
        matrix = _any_motion_of(kind, size, rng)
        x, y, w = matrix @ (*place, 1.0)
        if 0.04 < x / w / size[0] < 0.96 and 0.04 < y / w / size[1] < 0.96:
            return matrix
    raise RuntimeError(f"no motion of kind {kind!r} keeps {place} in a picture of {size}")


def _any_motion_of(kind: str, size: tuple[int, int], rng: np.random.Generator) -> Matrix:
    width, height = size
    draw = rng.uniform
    turn, scale, tilt, shift = 0.0, 1.0, 0.0, np.zeros(2)
    if kind == "turned":
        turn = draw(0, 360)
    elif kind == "scaled":
        turn, scale = draw(-10, 10), float(np.exp(draw(np.log(0.6), np.log(1.6))))
    elif kind == "tilted":
        turn, tilt = draw(-5, 5), 0.08
    elif kind == "partial":
        turn = draw(-5, 5)
        along = draw(0.3, 0.45) * rng.choice([-1, 1])
        shift = np.array([along * width, 0]) if rng.random() < 0.5 else np.array([0, along * height])
    elif kind == "remounted":
        turn, scale, tilt = draw(0, 360), float(np.exp(draw(np.log(0.75), np.log(1.35)))), 0.04
        shift = draw(-0.12, 0.12, 2) * (width, height)
    frame = np.array([(0, 0), (width, 0), (width, height), (0, height)], float)
    middle = np.array([width / 2, height / 2])
    c, s = np.cos(np.radians(turn)) * scale, np.sin(np.radians(turn)) * scale
    target = (frame - middle) @ np.array([[c, s], [-s, c]]) + middle + shift
    target += draw(-1, 1, (4, 2)) * tilt * width / np.sqrt(2)
    return np.asarray(cv2.getPerspectiveTransform(frame.astype(np.float32), target.astype(np.float32)), float)


@dataclass(frozen=True, eq=False)
class Shown:
    """A photograph of a series: `kind` of KINDS or STRANGERS, `view` from the plate's plane to its pixels,
    None for a stranger."""

    kind: str
    pixels: npt.NDArray[np.uint8]
    view: Matrix | None


@dataclass(frozen=True, eq=False)
class Case:
    """A series to be registered to its first photograph; `marking` (4, 2) the marking's corners there."""

    tier: str
    seed: int
    shown: tuple[Shown, ...]
    marking: npt.NDArray[np.float64]


def corners_round(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(4, 2) of the least upright box round points (N, 2)."""
    (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])


def case_of(tier: Tier, seed: int) -> Case:
    """The series of the foreign plate `seed`; the order of the kinds differs from plate to plate."""
    rng = np.random.default_rng([seed, TIERS.index(tier), 0xA116])
    still = foreign_plate(seed, tier, 1)
    kinds = [str(kind) for kind in rng.permutation(list(KINDS))]
    size, place = upright(still)
    motions = {number: motion_of(kind, size, place, rng) for number, kind in enumerate(kinds, start=1)}
    plate = foreign_plate(seed, tier, 1 + len(kinds), motions=motions)
    photographs = zip(["reference", *kinds], plate.photographs, plate.views, strict=True)
    photographed = [Shown(kind, 255 - p if kind == "inverted" else p, view) for kind, p, view in photographs]
    alike = foreign_plate(seed, tier, 1, piece=seed)
    other = foreign_plate(seed + 500_000, tier, 1)
    strangers = [Shown(k, p.photographs[0], None) for k, p in zip(STRANGERS, (alike, other), strict=True)]
    return Case(tier, seed, (*photographed, *strangers), corners_round(plate.quads[0].reshape(-1, 2)))


def upright(plate: ForeignPlate) -> tuple[tuple[int, int], npt.NDArray[np.float64]]:
    """Width and height of the plate's first photograph turned upright, and the middle of its row there."""
    height, width = plate.photographs[0].shape[:2]
    x, y = plate.quads[0].reshape(-1, 2).mean(axis=0)
    for _ in range(plate.rotate_cw // 90):
        x, y, width, height = height - 1 - y, x, height, width
    return (width, height), np.array([x, y])


@dataclass(frozen=True)
class Outcome:
    """One photograph laid against its reference. `marking`, `frame`: median distance of the four corners of
    the marking's box and of the photograph from where they belong, in pixels at LONGER_SIDE; not a number for
    a stranger and for one that was left out."""

    tier: str
    kind: str
    registered: bool
    how: str
    agreeing: float
    marking: float
    frame: float
    seconds: float


def outcomes(tier: Tier, seed: int) -> list[Outcome]:
    """Every photograph of one plate's series, each registered to the first by itself."""
    case = case_of(tier, seed)
    reference = Prepared(case.shown[0].pixels)
    measured = []
    for photograph in case.shown[1:]:
        started = time.perf_counter()
        alignment = pair_alignment(Prepared(photograph.pixels), reference)
        seconds = time.perf_counter() - started
        marking, frame = _errors(case, photograph, alignment)
        fits = alignment.to_reference is not None
        measured.append(
            Outcome(tier, photograph.kind, fits, alignment.how, alignment.agreeing, marking, frame, seconds)
        )
    return measured


def _errors(case: Case, photograph: Shown, alignment: Alignment) -> tuple[float, float]:
    if photograph.view is None or alignment.to_reference is None:
        return float("nan"), float("nan")
    view = case.shown[0].view
    assert view is not None
    true = view @ inverse(photograph.view)
    height, width = case.shown[0].pixels.shape[:2]
    shrunk = LONGER_SIDE / max(height, width)
    frame = np.array([(0, 0), (width, 0), (width, height), (0, height)], float)
    errors = []
    for there in (case.marking, frame):
        here = moved(there, inverse(true))
        off = np.linalg.norm(moved(here, alignment.to_reference) - there, axis=1)
        errors.append(float(np.median(off)) * shrunk)
    return errors[0], errors[1]


def table(every: Sequence[Outcome]) -> list[str]:
    names = (
        "photographs",
        "number",
        "registered",
        "marking ≤ 1 px",
        "50 / 95 %",
        "frame ≤ 1 px",
        "50 / 95 %",
    )
    lines = ["| " + " | ".join((*names, "wrong", "s")) + " |", "|" + " --- |" * (len(names) + 2)]
    of_kinds = [outcome for outcome in every if outcome.kind in KINDS]
    groups = [(tier, [outcome for outcome in of_kinds if outcome.tier == tier]) for tier in TIERS]
    groups += [
        (f"{kind}: {words}", [outcome for outcome in of_kinds if outcome.kind == kind])
        for kind, words in KINDS.items()
    ]
    for name, group in [*groups, ("all", of_kinds)]:
        if group:
            lines.append("| " + " | ".join(_row(name, group)) + " |")
    for kind in STRANGERS:
        group = [outcome for outcome in every if outcome.kind == kind]
        accepted, seconds = (
            sum(outcome.registered for outcome in group),
            np.mean([outcome.seconds for outcome in group]),
        )
        lines.append(f"| {kind} | {len(group)} | {accepted} | | | | | {accepted} | {seconds:.1f} |")
    return lines


def _row(name: str, group: Sequence[Outcome]) -> list[str]:
    cells = [name, str(len(group)), f"{np.mean([outcome.registered for outcome in group]):.3f}"]
    for errors in (
        np.array([outcome.marking for outcome in group]),
        np.array([outcome.frame for outcome in group]),
    ):
        half, most = np.nanpercentile(errors, (50, 95)) if np.isfinite(errors).any() else (np.nan, np.nan)
        cells += [f"{np.mean(errors <= 1.0):.3f}", f"{half:.2f} / {most:.2f}"]
    wrong = sum(outcome.marking > WRONG for outcome in group)
    return [*cells, str(wrong), f"{np.mean([outcome.seconds for outcome in group]):.1f}"]


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="series.py align", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tiers", default=",".join(TIERS), help="comma between")
    parser.add_argument("--plates", type=int, default=12, help="of each tier")
    parser.add_argument("--seed", type=int, default=1, help="of the first plate of each tier")
    arguments = parser.parse_args(words)
    cv2.setNumThreads(1)
    print(
        f"Foreign plates from seed {arguments.seed}; errors in pixels of a photograph of {LONGER_SIDE}; "
        f"wrong: accepted with the marking more than {WRONG:g} pixels off, or a stranger. "
        f"{platform.machine()}, one thread, Python {platform.python_version()}, NumPy {np.__version__}, "
        f"OpenCV {cv2.__version__}.\n"
    )
    every: list[Outcome] = []
    for seed in range(arguments.seed, arguments.seed + arguments.plates):
        for tier in arguments.tiers.split(","):
            every += outcomes(cast(Tier, tier), seed)
            print(f"\r{tier} {seed:<12}", end="", file=sys.stderr)
    print("\n".join(table(every)))


if __name__ == "__main__":
    main()
