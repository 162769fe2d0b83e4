"""Our proposal beside RapidOCR and Tesseract on the same foreign plates, in one run.

    python benchmarks/readers.py [--tiers intact,worn,etched] [--characters N] [--blanks N] [--seed S]
                                 [--workers N] [--details FILE] [--photos FOLDER]

Plates come from `models/foreign/plates.py`, with seeds that train nothing: as many of each tier as hold N
characters, and N blank ones, a third of them from each tier. Each is read twice by everyone: whole
photographs, and with region and rotation given (the peers get it cut out and turned upright). The peers read
one photograph at a time; of a series they are given the one that suits them best, told by the truth, which
favours them. All are scored by `pipelines/probability/judging.py`. The peers give one score a line
(Tesseract: a word),
which all its characters share here; they have no candidate sets and no likelihood ratios.

--details keeps a JSON line per plate; plates that are in it already are not read again, so that a long run
goes on where it stopped. With --photos the real photographs of a folder (docs/benchmarks.md) are read too.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from benchmarks import photos
from models.labelled import read_index
from pipelines.probability.calibration import fingerprint
from pipelines.probability.judging import FIGURES, Figure, JudgedSeries, counts, figures, judge, judge_scored

TIERS = ("intact", "worn", "etched")
GIVEN = ("whole", "region")
READERS = ("ours", "RapidOCR", "Tesseract")
FORMAT = 1
"""Of the details; lines of another format are read again."""

SHOWN = {
    "cer": "CER",
    "exact": "exact",
    "log_loss": "log-loss",
    "base_log_loss": "base rate's",
    "ece": "ECE",
    "coverage": "sets cover",
    "set_size": "set size",
    "unreadable": "sets > 6",
    "cllr": "Cllr",
    "cllr_min": "least Cllr",
}


@dataclass(frozen=True)
class Task:
    """One plate to be made and read."""

    tier: str
    seed: int
    blank: bool

    @property
    def key(self) -> str:
        return f"{self.tier} {self.seed}{' blank' if self.blank else ''}"


def read_plate(task: Task) -> dict[str, Any]:
    """What everyone made of one plate, as it stands in the details."""
    from models.foreign.plates import Tier, foreign_plate

    os.environ.setdefault("EXAMINER_THREADS", "1")
    plate = foreign_plate(task.seed, cast(Tier, task.tier), blank=task.blank)
    truth = "" if task.blank else " | ".join(plate.text)
    judged: dict[str, dict[str, JudgedSeries]] = {}
    with TemporaryDirectory() as folder:
        # The very bytes that the camera stored: to decode and encode them again would change them.
        paths = [Path(folder) / f"{number:02d}.jpg" for number in range(len(plate.files))]
        for path, content in zip(paths, plate.files, strict=True):
            path.write_bytes(content)
        judged["ours"] = {given: _ours(paths, plate, truth, given) for given in GIVEN}
    for name, read in PEERS.items():
        judged[name] = {given: _peer(read, plate, truth, given) for given in GIVEN}
    return {
        "format": FORMAT,
        "key": task.key,
        "weights": fingerprint(),
        "tier": task.tier,
        "seed": task.seed,
        "blank": task.blank,
        "method": plate.method,
        "photographs": len(plate.files),
        "text": truth,
        "judged": {
            n: {g: series.to_json() for g, series in by_given.items()} for n, by_given in judged.items()
        },
    }


def _ours(paths: Sequence[Path], plate: Any, truth: str, given: str) -> JudgedSeries:
    from pipelines.propose import Source, propose_series

    sources = [
        Source(path, tuple(region), float(plate.rotate_cw)) if given == "region" else Source(path)
        for path, region in zip(paths, plate.region, strict=True)
    ]
    proposal = propose_series(sources)
    if proposal.error is not None:
        print(f"\n{plate.tier}: {proposal.error.message}", file=sys.stderr)
    return judge(proposal.lines, truth, proposal.seconds)


Lines = list[tuple[str, float]]


def _peer(read: Callable[[Any], Lines], plate: Any, truth: str, given: str) -> JudgedSeries:
    """The photograph in which the peer makes fewest errors; on a blank plate its boldest answer, since all of
    its answers would be seen. Seconds are for the whole series."""
    tried = []
    started = time.monotonic()
    for picture, region in zip(plate.photographs, plate.region, strict=True):
        cut_out = _cut(picture, region, plate.rotate_cw) if given == "region" else picture
        tried.append(judge_scored(read(cut_out), truth))
    best = (
        min(tried, key=lambda attempt: attempt.edits)
        if truth
        else max(tried, key=lambda attempt: attempt.boldest)
    )
    return replace(best, seconds=round(time.monotonic() - started, 3))


def _cut(picture: Any, region: Sequence[float], rotate_cw: float) -> Any:
    import numpy as np

    x0, y0, x1, y1 = (round(value) for value in region)
    return np.ascontiguousarray(np.rot90(picture[max(0, y0) : y1, max(0, x0) : x1], -int(rotate_cw) // 90))


def _rapidocr(picture: Any) -> Lines:
    import numpy as np

    result = photos.rapidocr()(np.ascontiguousarray(picture[..., ::-1]))
    return [(text, float(score)) for text, score in zip(result.txts or (), result.scores or (), strict=True)]


def _tesseract(picture: Any) -> Lines:
    import pytesseract
    from PIL import Image

    from pipelines.reading.tesseract_program import program

    pytesseract.pytesseract.tesseract_cmd, data = program()
    # 11: sparse text, as a photograph of a plate has it.
    options = "--psm 11" + (f' --tessdata-dir "{data}"' if data else "")
    words = pytesseract.image_to_data(
        Image.fromarray(picture), lang="eng", config=options, output_type=pytesseract.Output.DICT
    )
    return [
        (text, float(score) / 100)
        for text, score in zip(words["text"], words["conf"], strict=True)
        if text.strip() and float(score) >= 0
    ]


PEERS: dict[str, Callable[[Any], Lines]] = {"RapidOCR": _rapidocr, "Tesseract": _tesseract}


def tasks_of(tier: str, seed: int) -> Iterator[Task]:
    """Plates of a tier without end: how many are needed is known when they have been made."""
    number = 0
    while True:
        yield Task(tier, seed + number, False)
        number += 1


def known(details: Path | None) -> dict[str, dict[str, Any]]:
    """What was read already with the same weights; a line that was cut off is read again."""
    if details is None or not details.exists():
        return {}
    plates = {}
    for line in details.read_text("utf-8").splitlines():
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if value.get("format") == FORMAT and value.get("weights") == fingerprint():
            plates[value["key"]] = value
    return plates


@dataclass
class Run:
    """Reads plates in a pool, those that are known already only once."""

    pool: ProcessPoolExecutor
    workers: int
    details: Path | None
    read: dict[str, dict[str, Any]]

    def plates(
        self, tasks: Iterator[Task], enough: Callable[[list[dict[str, Any]]], bool]
    ) -> list[dict[str, Any]]:
        """Results of the first tasks that are enough, in their order."""
        done: list[dict[str, Any]] = []
        while not enough(done):
            # A few more than workers, so that none waits for the slowest plate.
            batch = [next(tasks) for _ in range(4 * self.workers)]
            fresh = [task for task in batch if task.key not in self.read]
            for task, value in zip(fresh, self.pool.map(read_plate, fresh), strict=True):
                self.read[task.key] = value
                self._keep(value)
                print(f"\r{task.key:<24}", end="", file=sys.stderr)
            for task in batch:
                if not enough(done):
                    done.append(self.read[task.key])
        return done

    def _keep(self, value: dict[str, Any]) -> None:
        if self.details is not None:
            with self.details.open("ab+") as output:
                # A run that was stopped may have left half a line, which must not swallow this one.
                end = output.seek(0, os.SEEK_END)
                output.seek(max(0, end - 1))
                apart = b"" if output.read() in (b"", b"\n") else b"\n"
                output.write(apart + json.dumps(value, ensure_ascii=False).encode() + b"\n")


def characters_of(results: Sequence[dict[str, Any]]) -> int:
    return sum(len(value["judged"]["ours"]["whole"]["truth"]) for value in results)


def series_of(results: Sequence[dict[str, Any]], reader: str, given: str) -> list[JudgedSeries]:
    return [JudgedSeries.from_json(value["judged"][reader][given]) for value in results]


def tier_table(results: Sequence[dict[str, Any]], seed: int, rounds: int = 1000) -> list[str]:
    """A Markdown table: a row per reader and what it was given."""
    names = ("reader", "given", *SHOWN.values(), "s a series")
    lines = ["| " + " | ".join(names) + " |", "| " + " | ".join("---" for _ in names) + " |"]
    for given in GIVEN:
        for reader in READERS:
            series = series_of(results, reader, given)
            measured = figures(series, seed=seed, rounds=rounds)
            cells = [cell(measured[name]) for name in SHOWN]
            seconds = sum(plate.seconds for plate in series) / max(1, len(series))
            lines.append("| " + " | ".join([reader, given, *cells, f"{seconds:.1f}"]) + " |")
    return lines


def blank_table(results: Sequence[dict[str, Any]], seed: int, rounds: int = 1000) -> list[str]:
    lines = ["| reader | given | false alarms |", "| --- | --- | --- |"]
    for given in GIVEN:
        for reader in READERS:
            measured = figures(series_of(results, reader, given), seed=seed, rounds=rounds)
            lines.append(f"| {reader} | {given} | {cell(measured['false_alarms'])} |")
    return lines


def cell(figure: Figure) -> str:
    if math.isnan(figure.value):
        return "–"
    return f"{figure.value:.3f} ({figure.low:.3f}–{figure.high:.3f})"


def real_photographs(pool: ProcessPoolExecutor, folder: Path) -> None:
    """Prints the table of `benchmarks/photos.py` for the held-out half of labelled photographs."""
    rows = [row for row in read_index(folder) if row.half == "held-out"]
    several = pool.map(photos.read_one, [(str(folder), row) for row in rows])
    photos.table([outcome for outcomes in several for outcome in outcomes])


def head(arguments: argparse.Namespace) -> list[str]:
    packages = ("rapidocr", "onnxruntime", "opencv-python-headless", "numpy", "pytesseract")
    return [
        f"Foreign plates from seed {arguments.seed} (simulated by a renderer that nothing was trained on); "
        f"intervals: 95 %, 1000 times all plates drawn anew, seed {arguments.seed}.",
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"{arguments.workers} processes of 1 thread; "
        + ", ".join(f"{name} {version(name)}" for name in packages)
        + f"; weights {fingerprint()[:12]}.",
        "RapidOCR and Tesseract: best photograph of a series, chosen by the truth; log-loss and ECE from "
        "their line and word scores.",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tiers", default=",".join(TIERS), help="comma between")
    parser.add_argument("--characters", type=int, default=5000, help="of each tier at least")
    parser.add_argument("--blanks", type=int, default=500, help="blank plates, shared among the tiers")
    parser.add_argument("--seed", type=int, default=1, help="of the first plate of each tier")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--details", type=Path, help="JSON lines, one a plate; a run goes on from it")
    parser.add_argument("--photos", type=Path, help="folder of labelled photographs, read as well")
    arguments = parser.parse_args()
    tiers = arguments.tiers.split(",")
    if not set(tiers) <= set(TIERS):
        parser.error(f"tiers are {', '.join(TIERS)}; got {arguments.tiers}")
    os.environ.setdefault("EXAMINER_THREADS", "1")
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")  # Tesseract's own threads
    print("\n\n".join(head(arguments)))
    with ProcessPoolExecutor(arguments.workers, get_context("spawn")) as pool:
        run = Run(pool, arguments.workers, arguments.details, known(arguments.details))
        for tier in tiers:
            results = run.plates(
                tasks_of(tier, arguments.seed),
                lambda done: characters_of(done) >= arguments.characters,
            )
            sizes = counts(series_of(results, "ours", "region"))
            print(f"\n## {tier}: {sizes['series']} plates, {sizes['characters']} characters\n")
            print("\n".join(tier_table(results, arguments.seed)), flush=True)
        if arguments.blanks:
            blanks = (
                Task(tiers[number % len(tiers)], arguments.seed + number // len(tiers), True)
                for number in range(arguments.blanks + 4 * arguments.workers)
            )
            results = run.plates(blanks, lambda done: len(done) >= arguments.blanks)
            print(f"\n## blank: {len(results)} plates\n\nShare on which a character has p or score ≥ 0.5:\n")
            print("\n".join(blank_table(results, arguments.seed)), flush=True)
        if arguments.photos:
            print("\n## real photographs, held-out half\n\n```")
            real_photographs(pool, arguments.photos)
            print("```")
    print("\n" + "\n".join(f"- {SHOWN[name]}: {FIGURES[name]}" for name in SHOWN))


if __name__ == "__main__":
    main()
