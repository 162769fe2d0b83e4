"""False alarms on real bare metal: pieces of photographs that bear no marking, ours beside RapidOCR.

    python benchmarks/bare_metal.py FOLDER [--half held-out|tuning] [--workers N] [--details FILE]

FOLDER as for `benchmarks/photos.py`. Of every photograph whose region is known, two rectangles away from it
are read as photographs of their own. A false alarm is a piece on which a character has a probability (or,
RapidOCR, a score) of 0.5 or more. Intervals: bootstrap over photographs. Probabilities were fitted on the
tuning half's pieces.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.photos import rapidocr
from models.calibration.bare_metal import bare_photographs, bare_pieces
from models.labelled import Labelled
from pipelines.probability.judging import ALARM

Alarm = dict[str, float | str]
"""What was read on a piece and the boldest probability, by reader."""


def read_pieces(task: tuple[str, Labelled]) -> list[Alarm]:
    folder, row = task
    os.environ.setdefault("EXAMINER_THREADS", "1")
    return [
        {"photograph": row.path, **_ours(pixels), **_peer(pixels)}
        for pixels in bare_pieces(Path(folder), row)
    ]


def _ours(pixels: np.ndarray) -> Alarm:
    from pipelines.propose import propose_series

    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "piece.png"
        Image.fromarray(pixels).save(path)
        proposal = propose_series([path])
    candidates = [
        candidate
        for line in proposal.lines
        for position in line.positions
        for candidate in position.candidates
        if candidate.glyph
    ]
    read = " | ".join(line.best for line in proposal.lines)
    return {"ours": max((candidate.p for candidate in candidates), default=0.0), "ours read": read}


def _peer(pixels: np.ndarray) -> Alarm:
    result = rapidocr()(np.ascontiguousarray(pixels[..., ::-1]))
    scores, texts = list(result.scores or ()), list(result.txts or ())
    return {"RapidOCR": max(map(float, scores), default=0.0), "RapidOCR read": " | ".join(texts)}


def share(alarms: list[Alarm], reader: str) -> str:
    groups: dict[str, list[bool]] = {}
    for alarm in alarms:
        groups.setdefault(str(alarm["photograph"]), []).append(float(alarm[reader]) >= ALARM)
    counted = np.array([(sum(group), len(group)) for group in groups.values()])
    rng = np.random.default_rng(1)
    drawn = counted[rng.integers(len(counted), size=(2000, len(counted)))].sum(axis=1)
    low, high = np.quantile(drawn[:, 0] / drawn[:, 1], (0.025, 0.975))
    false, total = counted.sum(axis=0)
    return f"{false} of {total}, {false / total:.3f} ({low:.3f}–{high:.3f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--half", choices=["tuning", "held-out"], default="held-out")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--details", type=Path, help="JSON lines, one a piece")
    arguments = parser.parse_args()
    tasks = [(str(arguments.folder), row) for row in bare_photographs(arguments.folder, arguments.half)]
    alarms: list[Alarm] = []
    with ProcessPoolExecutor(arguments.workers, get_context("spawn")) as pool:
        for done, several in enumerate(pool.map(read_pieces, tasks), start=1):
            alarms += several
            print(f"\r{done}/{len(tasks)}", end="", file=sys.stderr)
    print(file=sys.stderr)
    if arguments.details:
        lines = [json.dumps(alarm, ensure_ascii=False) + "\n" for alarm in alarms]
        arguments.details.write_text("".join(lines), encoding="utf-8")
    print(f"{platform.machine()}, Python {platform.python_version()}, rapidocr {version('rapidocr')}")
    print(f"{arguments.half} half: pieces of {len(tasks)} photographs with a character of {ALARM} or more")
    for reader in ("ours", "RapidOCR"):
        print(f"{reader}: {share(alarms, reader)}")


if __name__ == "__main__":
    main()
