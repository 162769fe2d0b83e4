"""Real photographs as they are, turned by 180° and in a mirror: is each read the way that it stands?

    python benchmarks/ways.py FOLDER [--half tuning|held-out] [--sample N] [--seed S] [--workers N]
    [--details FILE]

FOLDER as for `benchmarks/photos.py`. Nothing but the photograph is given. For each way:
  labelled   characters wrong of the labelled words, as `benchmarks/photos.py` counts them, in the likeliest
             way; and in whichever of the proposed ways fits best
  way wrong  photographs whose longest line is proposed the wrong way round, all and those with more than 0.8
             for the line; only photographs whose rotation is labelled are judged. A line stands the wrong way
             where neither its direction is the labelled one nor its text fits the label: rows struck round a
             circle stand at every angle
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from models.labelled import Labelled, read_index
from pipelines.probability.measures import distance, plain, right
from pipelines.propose import propose_series
from pipelines.types import LineProposal

WAYS = ("as it is", "turned", "mirrored")

SURE = 0.8

FITTING = 0.7
"""Share of a line's characters that must stand in the label."""


@dataclass(frozen=True)
class ReadWay:
    """One photograph read one way. `p`: of the way of its longest line; `wrong`: whether that is another way
    than the photograph's; None where it is not known or nothing is proposed."""

    path: str
    way: str
    lines: list[str]
    errors: int
    errors_either_way: int
    characters: int
    p: float
    wrong: bool | None
    seconds: float


def read_photograph(task: tuple[str, Labelled]) -> list[ReadWay]:
    folder, row = task
    os.environ.setdefault("EXAMINER_THREADS", "1")
    original = Path(folder) / row.path
    stored: Any = cv2.imread(str(original), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    outcomes = []
    with tempfile.TemporaryDirectory() as made:
        for way in WAYS:
            path = original
            if way != "as it is":
                path = Path(made) / f"{way}.png"
                cv2.imwrite(str(path), stored[::-1, ::-1] if way == "turned" else stored[:, ::-1])
            outcomes.append(_outcome(row, way, path))
    return outcomes


def _outcome(row: Labelled, way: str, path: Path) -> ReadWay:
    proposal = propose_series([path])
    words = [plain(word) for word in row.text.split()]
    lines = [line.best for line in proposal.lines]
    either = [*lines, *(other.best for line in proposal.lines for other in line.other_ways)]
    longest = max(proposal.lines, key=lambda line: len(line.best), default=None)
    return ReadWay(
        path=row.path,
        way=way,
        lines=lines,
        errors=_errors(words, lines),
        errors_either_way=_errors(words, either),
        characters=sum(map(len, words)),
        p=0.0 if longest is None or longest.direction is None else longest.direction.p,
        wrong=None
        if longest is None or row.rotate_cw is None
        else not (_stands(longest, row.rotate_cw, way) or fits(longest.best, row.text + row.lines)),
        seconds=proposal.seconds,
    )


def _errors(words: Sequence[str], lines: Sequence[str]) -> int:
    output = "|".join(plain(line) for line in lines)
    return sum(distance(word, output, anywhere=True) for word in words)


def fits(text: str, label: str) -> bool:
    """Whether most of a line's characters stand in the label, in its order."""
    read = plain(text)
    return bool(read) and sum(right(plain(label), read)) >= FITTING * len(read)


def _stands(line: LineProposal, rotate_cw: float, way: str) -> bool:
    """Whether the line is read the way round that the photograph stands."""
    upright = {"as it is": rotate_cw, "turned": rotate_cw + 180, "mirrored": -rotate_cw}[way]
    found = 0.0 if line.direction is None else line.direction.rotate_cw
    away = abs((found - upright + 180) % 360 - 180)
    return line.mirrored == (way == "mirrored") and away < 90


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--half", choices=["tuning", "held-out"], default="held-out")
    parser.add_argument("--sample", type=int, help="photographs, drawn by the seed; all by default")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--details", type=Path, help="JSON lines, one a photograph and way")
    arguments = parser.parse_args()
    rows = [row for row in read_index(arguments.folder) if row.half == arguments.half]
    if arguments.sample is not None:
        picks = np.random.default_rng(arguments.seed).permutation(len(rows))[: arguments.sample]
        rows = [rows[i] for i in sorted(picks)]
    outcomes: list[ReadWay] = []
    with ProcessPoolExecutor(arguments.workers, get_context("spawn")) as pool:
        tasks = [(str(arguments.folder), row) for row in rows]
        for number, several in enumerate(pool.map(read_photograph, tasks), start=1):
            outcomes += several
            if arguments.details:
                with arguments.details.open("a", encoding="utf-8") as output:
                    output.writelines(json.dumps(asdict(o), ensure_ascii=False) + "\n" for o in several)
            print(f"\r{number}/{len(tasks)}", end="", file=sys.stderr)
    print(file=sys.stderr)
    print(
        f"{platform.machine()}, Python {platform.python_version()}; {arguments.half}, {len(rows)} photographs"
    )
    print(
        f"{'':<10}{'labelled':>9}{'either way':>11}{'way wrong':>10}{'surely':>7}{'judged':>7}{'s/photo':>8}"
    )
    for way in (*WAYS, "all"):
        chosen = [outcome for outcome in outcomes if way in (outcome.way, "all")]
        characters = max(1, sum(outcome.characters for outcome in chosen))
        judged = [outcome for outcome in chosen if outcome.wrong is not None]
        surely = [outcome for outcome in judged if outcome.wrong and outcome.p > SURE]
        print(
            f"{way:<10}{sum(o.errors for o in chosen) / characters:>9.3f}"
            f"{sum(o.errors_either_way for o in chosen) / characters:>11.3f}"
            f"{sum(bool(o.wrong) for o in judged):>10}{len(surely):>7}{len(judged):>7}"
            f"{sum(o.seconds for o in chosen) / max(1, len(chosen)):>8.1f}"
        )


if __name__ == "__main__":
    main()
