"""Our proposal beside RapidOCR's own pipeline on real photographs, in one run, on the same pictures.

    python benchmarks/photos.py FOLDER [--only NAME,…] [--half tuning|held-out] [--workers N] [--details FILE]

FOLDER holds `index.csv` with the columns path, text, lines, regions, rotate_cw, kind (see
docs/benchmarks.md). Every photograph is read twice by both: whole, and with its region and rotation given
(photographs without a region are given whole both times). RapidOCR gets the region cut out and turned
upright.

Two character error rates, dots, hyphens and spaces removed, letters upper case:
  labelled  every word of `text` (designation, serial) against the place in the output, line by line, where
            it fits best: what a label leaves out (steel grades, logos) costs nothing
  all       the whole output, top to bottom, against `lines` where all that is to be read is labelled: a
            character too many costs as much as one that is missing
Ours is counted on `best`; `?` in `text` counts as a refusal, shown beside it with the errors that are left.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from models.labelled import Labelled, read_index
from pipelines.environment import network_threads
from pipelines.probability.measures import calibration_error, distance, plain, right

SURE = 0.8


@dataclass(frozen=True)
class Outcome:
    """What one way of reading made of one photograph."""

    path: str
    folder: str
    half: str
    reader: str
    given: str
    lines: list[str]
    seconds: float
    labelled_errors: int
    labelled_characters: int
    all_errors: int
    all_characters: int
    judged: list[tuple[float, bool]]
    """Probability of each proposed character and whether it is right, where all lines are labelled."""


def outcome(
    row: Labelled, reader: str, given: str, lines: list[str], confidences: list[list[float]], seconds: float
) -> Outcome:
    # A word may not be found across two lines: the separator keeps them apart.
    output = "|".join(plain(line) for line in lines)
    words = [plain(word) for word in row.text.split()]
    everything = plain(row.lines)
    judged: list[tuple[float, bool]] = []
    if everything and confidences:
        kept = [
            (character, p)
            for line, ps in zip(lines, confidences, strict=True)
            for character, p in zip(line, ps, strict=True)
            if plain(character)
        ]
        flags = right(everything, "".join(character for character, _ in kept))
        judged = [(p, flag) for (_, p), flag in zip(kept, flags, strict=True)]
    return Outcome(
        row.path,
        row.folder,
        row.half,
        reader,
        given,
        lines,
        seconds,
        sum(distance(word, output, anywhere=True) for word in words),
        sum(map(len, words)),
        distance(everything, plain("".join(lines)), anywhere=False) if everything else 0,
        len(everything),
        judged,
    )


def read_one(task: tuple[str, Labelled]) -> list[Outcome]:
    folder, row = task
    os.environ.setdefault("EXAMINER_THREADS", "1")
    return [*_ours(Path(folder), row), *_peer(Path(folder), row)]


def _ours(folder: Path, row: Labelled) -> Iterator[Outcome]:
    from pipelines.propose import propose_series

    for given in ("whole", "region"):
        region, rotate = (row.region, row.rotate_cw) if given == "region" else (None, None)
        proposal = propose_series([folder / row.path], region=region, rotate_cw=rotate)
        lines = [line.best for line in proposal.lines]
        confidences = [
            [_confidence(position, glyph) for position, glyph in zip(line.positions, line.best, strict=True)]
            for line in proposal.lines
        ]
        yield outcome(row, "ours", given, lines, confidences, proposal.seconds)


def _confidence(position: Any, glyph: str) -> float:
    return float(next((c.p for c in position.candidates if c.glyph == glyph), 0.0))


def _peer(folder: Path, row: Labelled) -> Iterator[Outcome]:
    import cv2
    import numpy as np

    picture: Any = cv2.imread(str(folder / row.path), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    for given in ("whole", "region"):
        cut_out = picture
        if given == "region" and row.region is not None:
            x0, y0, x1, y1 = (round(value) for value in row.region)
            cut_out = picture[y0:y1, x0:x1]
            turns = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
            if row.rotate_cw in turns:
                cut_out = cv2.rotate(cut_out, turns[int(row.rotate_cw)])
        started = time.monotonic()
        lines = list(rapidocr()(np.ascontiguousarray(cut_out)).txts or ())
        yield outcome(row, "RapidOCR", given, lines, [], time.monotonic() - started)


def rapidocr() -> Any:
    global _engine
    if _engine is None:
        from rapidocr import RapidOCR

        threads = network_threads() or -1
        _engine = RapidOCR(
            params={"Global.log_level": "error", "EngineConfig.onnxruntime.intra_op_num_threads": threads}
        )
    return _engine


_engine: Any = None


def rate(outcomes: Sequence[Outcome], errors: str, characters: str) -> str:
    total = sum(getattr(outcome, characters) for outcome in outcomes)
    return f"{sum(getattr(outcome, errors) for outcome in outcomes) / total:.3f}" if total else "  –  "


def table(outcomes: Sequence[Outcome]) -> None:
    kinds = f"{'labelled':>17} {'all lines':>17} {'sure,':>6} {'s/photo':>14}"
    print(f"{'folder':<10}{'n':>4}  {'given':<7} {kinds}")
    names = "".join(f" {'ours':>8} {'RapidOCR':>8}" for _ in range(2))
    print(f"{'':<10}{'':>4}  {'':<7}{names} {'wrong':>6} {'ours':>6} {'theirs':>7}")
    for name in [*sorted({outcome.folder for outcome in outcomes}), "all"]:
        for given in ("whole", "region"):
            chosen = [
                outcome for outcome in outcomes if outcome.given == given and name in (outcome.folder, "all")
            ]
            ours = [outcome for outcome in chosen if outcome.reader == "ours"]
            peer = [outcome for outcome in chosen if outcome.reader == "RapidOCR"]
            rates = "".join(
                f" {rate(group, f'{kind}_errors', f'{kind}_characters'):>8}"
                for kind in ("labelled", "all")
                for group in (ours, peer)
            )
            sure = [ok for outcome in ours for p, ok in outcome.judged if p >= SURE]
            wrong = f"{1 - sum(sure) / len(sure):.3f}" if sure else "–"
            seconds = [
                sum(outcome.seconds for outcome in group) / max(1, len(group)) for group in (ours, peer)
            ]
            print(
                f"{name:<10}{len(ours):>4}  {given:<7}{rates} {wrong:>6}"
                f" {seconds[0]:>6.1f} {seconds[1]:>7.1f}"
            )
    judged = [pair for outcome in outcomes for pair in outcome.judged]
    error = calibration_error([p for p, _ in judged], [ok for _, ok in judged])
    print(f"expected calibration error of ours, 10 bins: {error:.3f}, {len(judged)} characters")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", help="folders, comma between")
    parser.add_argument("--half", choices=["tuning", "held-out"])
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--details", type=Path, help="JSON lines, one a photograph and reader")
    arguments = parser.parse_args()
    folders = arguments.only.split(",") if arguments.only else None
    rows = [
        row
        for row in read_index(arguments.folder)
        if (folders is None or row.folder in folders) and arguments.half in (None, row.half)
    ]
    outcomes: list[Outcome] = []
    with ProcessPoolExecutor(arguments.workers, get_context("spawn")) as pool:
        tasks = [(str(arguments.folder), row) for row in rows]
        for done, several in enumerate(pool.map(read_one, tasks), start=1):
            outcomes += several
            print(f"\r{done}/{len(tasks)}", end="", file=sys.stderr)
    print(file=sys.stderr)
    packages = ", ".join(
        f"{name} {version(name)}" for name in ("rapidocr", "onnxruntime", "opencv-python-headless")
    )
    print(
        f"{platform.machine()}, Python {platform.python_version()}, {arguments.workers} processes of 1 thread"
    )
    print(f"{packages}; {len(rows)} photographs")
    halves = sorted({outcome.half for outcome in outcomes}, reverse=True)
    for half in halves:
        print(f"\n{half} half, split by designation")
        table([outcome for outcome in outcomes if outcome.half == half])
    if len(halves) > 1:
        print("\nboth halves")
        table(outcomes)
    if arguments.details:
        with arguments.details.open("w", encoding="utf-8") as output:
            for outcome in outcomes:
                output.write(json.dumps(asdict(outcome), ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
