"""How quick the program is, beside RapidOCR's own pipeline on the same photographs, in one run.

    python benchmarks/speed.py [FOLDER] [--real N] [--photos N] [--sizes 2,12,24] [--workers 2]
                               [--only real,stages,series,rates,start]

FOLDER holds labelled photographs of your own, as for `photos.py` (docs/benchmarks.md). `real`: `--real` of
them, spread over the index, whole and with the region and rotation given (RapidOCR gets the region cut out
and turned upright), one after the other in this process: processor seconds, which other work on the machine
disturbs least, wall seconds, and the characters of labelled words that came out wrong in the same run.
`stages`: where the processor's time goes, and how often each network runs. `series`: 1 to 32 photographs of a
simulated plate.

Without FOLDER, or asked for: `rates`: the shipped samples (simulated plates), one of each series in turn,
enlarged to 2, 12 and 24 megapixels and saved as JPEG, read whole by a pool of processes: photographs a second
from the last that was read before the clock started to the end. `start`: seconds of a new process.

Everybody has read one before the clock starts. For processor seconds set EXAMINER_THREADS=1 and
OMP_NUM_THREADS=1: threads that wait cost some too. For wall seconds nothing else should run meanwhile. FOLDER
with 6 photographs: about 5 minutes on one core.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np

from benchmarks.photos import rapidocr
from benchmarks.stages import Stages, processor_seconds
from examiner.folders.run import Where, run
from examiner.folders.series import Options, Series
from models.labelled import Labelled, read_index
from pipelines.environment import network_threads
from pipelines.photographs.photo import natural_order
from pipelines.probability.measures import distance, plain
from pipelines.propose import Source, propose_series

QUALITY = 92
MARKS = ("marks",)


def main() -> None:
    """Prints Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", help="labelled photographs")
    parser.add_argument("--real", type=int, default=6, help="how many of them")
    parser.add_argument("--lengths", default="1,2,4,8", help="photographs in a series")
    parser.add_argument("--photos", type=int, default=12, help="photographs of each size")
    parser.add_argument("--sizes", default="2,12,24", help="megapixels")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", help="by default real,stages,series with FOLDER, else rates,start,series")
    arguments = parser.parse_args()
    folder: Path | None = arguments.folder
    wanted = (arguments.only or ("real,stages,series" if folder else "rates,start,series")).split(",")
    if folder is None and {"real", "stages"} & set(wanted):
        parser.error("a folder of labelled photographs is needed for that")
    threads = network_threads() or os.cpu_count()
    print(f"{platform.machine()}, {os.cpu_count()} cores, {threads} threads a network\n")
    if folder is not None:
        rows = [row for row in read_index(folder) if row.region is not None and row.text]
        # Spread over the index, so that all kinds of parts are there.
        rows = rows[:: max(1, len(rows) // arguments.real)][: arguments.real]
        if "real" in wanted:
            real(folder, rows)
        if "stages" in wanted:
            stages(folder, rows)
    with TemporaryDirectory(prefix="examiner-speed-") as room:
        if "rates" in wanted:
            rates(
                Path(room),
                [int(size) for size in arguments.sizes.split(",")],
                arguments.photos,
                arguments.workers,
            )
        if "start" in wanted:
            starts(Path(room))
        if "series" in wanted:
            lengths(Path(room), [int(length) for length in arguments.lengths.split(",")])


@dataclass
class Cost:
    """What reading cost and how much of it came out wrong."""

    processor: float = 0.0
    wall: float = 0.0
    wrong: int = 0
    characters: int = 0

    def read(self, read: Callable[[], list[str]], words: Sequence[str]) -> None:
        processor, wall = processor_seconds(), time.perf_counter()
        lines = read()
        self.processor += processor_seconds() - processor
        self.wall += time.perf_counter() - wall
        # A word may not be found across two lines: the separator keeps them apart.
        output = "|".join(plain(line) for line in lines)
        self.wrong += sum(distance(plain(word), output, anywhere=True) for word in words)
        self.characters += sum(len(plain(word)) for word in words)


def proposed(sources: Sequence[Path], readers: tuple[str, ...] | None, **given: Any) -> list[str]:
    return [line.best for line in propose_series(list(sources), readers=readers, **given).lines]


def real(folder: Path, rows: Sequence[Labelled]) -> None:
    """The table of photographs one has."""
    for readers in (None, MARKS):
        proposed([samples()[0]], readers)
    rapidocr()(str(samples()[0]))
    print(f"{len(rows)} photographs | processor s each | ÷ RapidOCR | wall s each | characters wrong")
    print("--- | ---: | ---: | ---: | ---:", flush=True)
    for given in ("whole", "region"):
        costs = {"RapidOCR": Cost(), "all readers": Cost(), "marks": Cost()}
        for row in rows:
            words = row.text.split()
            picture = _picture(folder, row, given)
            costs["RapidOCR"].read(partial(_theirs, picture), words)
            said: dict[str, Any] = {}
            if given == "region":
                said = {"region": row.region, "rotate_cw": row.rotate_cw}
            for name, readers in (("all readers", None), ("marks", MARKS)):
                costs[name].read(partial(proposed, [folder / row.path], readers, **said), words)
        for name, cost in costs.items():
            each, times = cost.processor / len(rows), cost.processor / costs["RapidOCR"].processor
            print(
                f"{name}, {given} | {each:.2f} | {times:.1f} | {cost.wall / len(rows):.2f} | "
                f"{cost.wrong} of {cost.characters}",
                flush=True,
            )
    print()


def _theirs(picture: Any) -> list[str]:
    return list(rapidocr()(picture).txts or ())


def _picture(folder: Path, row: Labelled, given: str) -> Any:
    """What RapidOCR gets: the file, which it decodes itself, or the region as a picture."""
    if given == "whole" or row.region is None:
        return str(folder / row.path)
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    picture: Any = cv2.imread(str(folder / row.path), flags)
    x0, y0, x1, y1 = (round(value) for value in row.region)
    turns = round((row.rotate_cw or 0) / 90) % 4
    return np.ascontiguousarray(np.rot90(picture[y0:y1, x0:x1], -turns))


def stages(folder: Path, rows: Sequence[Labelled]) -> None:
    """Where the time goes, of all readers and of our own alone, whole photographs."""
    for name, readers in (("all readers", None), ("marks", MARKS)):
        watch = Stages()
        proposed([samples()[0]], readers)
        with watch.watched():
            for row in rows:
                proposed([folder / row.path], readers)
        total = sum(watch.seconds.values())
        print(f"{name}, a whole photograph: {total / len(rows):.2f} s of processor | share | calls")
        print("--- | ---: | ---:")
        for stage, seconds in watch.seconds.most_common():
            print(f"{stage} | {seconds / total:.0%} | {watch.calls[stage] / len(rows):.1f}")
        runs = ", ".join(f"{file} {count / len(rows):.1f}" for file, count in watch.runs.most_common())
        print(f"\nRuns of networks a photograph: {runs}\n", flush=True)


def samples() -> list[Path]:
    """The first photograph of each shipped series."""
    roots = sorted(
        (Path(str(entry)) for entry in files("sample_images").iterdir() if entry.is_dir()),
        key=lambda root: natural_order(root.name),
    )
    return [root / "frame_01.jpg" for root in roots if (root / "frame_01.jpg").is_file()]


def photographs(folder: Path, megapixels: int, count: int) -> list[Path]:
    """`count` photographs of that size, all different."""
    folder.mkdir(exist_ok=True)
    paths = []
    for number in range(count):
        source = cv2.imread(str(samples()[number % len(samples())]))
        scale = (megapixels * 1e6 / (source.shape[0] * source.shape[1])) ** 0.5
        large = cv2.resize(source, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        paths.append(folder / f"{megapixels}-{number}.jpg")
        # Rolled by a few pixels, so that no two files are the same.
        cv2.imwrite(str(paths[-1]), np.roll(large, 3 * number, axis=1), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return paths


def rates(room: Path, sizes: Sequence[int], count: int, workers: int) -> None:
    """The table of photographs a second, and the ratios that are promised."""
    warm = photographs(room / "warm", 1, 2 * workers)
    print("| photographs a second at | " + " | ".join(f"{size} MP" for size in sizes) + " |")
    print("| --- |" + " ---: |" * len(sizes))
    measured: dict[str, list[float]] = {}
    ways: dict[str, Callable[[list[Path]], float]] = {
        "RapidOCR": lambda paths: rapidocr_rate(paths, warm),
        f"marks, {workers} workers": lambda paths: our_rate(paths, warm, MARKS, workers),
        "marks, 1 worker": lambda paths: our_rate(paths, warm, MARKS, 1),
        f"all readers, {workers} workers": lambda paths: our_rate(paths, warm, None, workers),
    }
    files_of = {size: photographs(room / str(size), size, count) for size in sizes}
    for name, rate in ways.items():
        measured[name] = [rate(files_of[size]) for size in sizes]
        print(f"| {name} | " + " | ".join(f"{value:.2f}" for value in measured[name]) + " |", flush=True)
    theirs, marks, single, every = measured.values()
    print(f"| marks ÷ RapidOCR | {_ratios(marks, theirs)} |")
    print(f"| {workers} workers ÷ 1 | {_ratios(marks, single)} |")
    print(f"| cost of all readers ÷ RapidOCR | {_ratios(theirs, every)} |\n", flush=True)


def _ratios(upper: Sequence[float], lower: Sequence[float]) -> str:
    return " | ".join(f"{a / b:.2f}" for a, b in zip(upper, lower, strict=True))


def rapidocr_rate(paths: Sequence[Path], warm: Sequence[Path]) -> float:
    """Photographs a second by RapidOCR as it comes."""
    engine = rapidocr()
    for path in warm[:2]:
        engine(str(path))
    began = time.perf_counter()
    for path in paths:
        engine(str(path))
    return len(paths) / (time.perf_counter() - began)


def our_rate(
    paths: Sequence[Path], warm: Sequence[Path], readers: tuple[str, ...] | None, workers: int
) -> float:
    """Photographs a second by a pool of `workers` processes that share the cores."""
    every = [Series(str(path), ((Source(path),),)) for path in (*warm, *paths)]
    # One worker has one core's threads, so that what a second worker adds is what a second core adds.
    where = Where(workers, apart=True, threads=1)
    began = 0.0
    for done, step in enumerate(run(every, Options(readers=readers), where), 1):
        assert step.result is not None and step.result.proposal.error is None, step
        if done == len(warm):
            began = time.perf_counter()
    return len(paths) / (time.perf_counter() - began)


def starts(room: Path) -> None:
    """Seconds of new processes: the best of a few, as what is measured is the program and not the disk."""
    help_s = min(_seconds("--help") for _ in range(5))
    frame = samples()[0]
    first_s = min(_seconds("read", str(frame), "--out", str(room / f"{n}.jsonl")) for n in range(2))
    print(
        f"`examiner --help`: {help_s:.2f} s. First proposal of a new process: {first_s:.1f} s.\n", flush=True
    )


def _seconds(*arguments: str) -> float:
    command = [sys.executable, "-c", "from examiner.cli import main; main()", *arguments]
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def lengths(room: Path, counts: Sequence[int]) -> None:
    """What a series costs by its number of photographs: one plate, moved a little from each to the next."""
    source = cv2.imread(str(samples()[0]))
    words = json.loads((samples()[0].parent / "truth.json").read_text("utf-8"))["lines"]
    paths = []
    for number in range(max(counts)):
        paths.append(room / f"series-{number:02}.jpg")
        moved = np.roll(source, (number % 5, number), axis=(0, 1))
        cv2.imwrite(str(paths[-1]), moved, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    theirs = Cost()
    for path in paths[:2]:
        theirs.read(partial(_theirs, str(path)), words)
    print("photographs in a series | readers | processor s each | ÷ RapidOCR | wall s | characters wrong")
    print("---: | --- | ---: | ---: | ---: | ---:")
    for name, readers in (("all", None), ("marks", MARKS)):
        proposed(paths[:1], readers)
        for length in counts:
            cost = Cost()
            cost.read(partial(proposed, paths[:length], readers), words)
            times = cost.processor / length / (theirs.processor / 2)
            print(
                f"{length} | {name} | {cost.processor / length:.2f} | {times:.1f} | {cost.wall:.1f} | "
                f"{cost.wrong} of {cost.characters}",
                flush=True,
            )


if __name__ == "__main__":
    main()
