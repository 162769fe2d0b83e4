"""How quick a batch is, beside RapidOCR's own pipeline on the same photographs, in one run.

    python benchmarks/speed.py [--photos N] [--sizes 2,12,24] [--workers 2] [--only rates,start,series]

The photographs are the shipped samples (simulated plates), one of each series in turn, enlarged to 2, 12 and
24 megapixels and saved as JPEG: what is measured is decoding, search and reading at that size, not accuracy.
RapidOCR reads them as it comes, one after the other, with all cores; ours are read whole by a pool of
processes. Everybody has read a few before the clock starts. Rates are photographs done over the time from the
last of these to the end. Beside them: two workers against one, how long the command takes to say what it can
do and to make its first proposal in a new process, and what a series costs from 1 to 32 photographs.

Nothing else should run on the machine meanwhile. About 5 minutes on two cores.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from benchmarks.photos import rapidocr
from examiner.folders.run import Where, run
from examiner.folders.series import Options, Series
from pipelines.photographs.photo import natural_order
from pipelines.propose import Source, propose_series

QUALITY = 92
MARKS = ("marks",)
LENGTHS = (1, 4, 16, 32)


def main() -> None:
    """Prints Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=int, default=12, help="photographs of each size")
    parser.add_argument("--sizes", default="2,12,24", help="megapixels")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", default="rates,start,series")
    arguments = parser.parse_args()
    wanted = arguments.only.split(",")
    print(f"{platform.machine()}, {os.cpu_count()} cores, {arguments.photos} photographs of each size\n")
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
            lengths(Path(room))


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


def lengths(room: Path) -> None:
    """What a series costs by its number of photographs, our own reader alone."""
    source = cv2.imread(str(samples()[0]))
    paths = []
    for number in range(max(LENGTHS)):
        paths.append(room / f"series-{number:02}.jpg")
        moved = np.roll(source, (number % 5, number), axis=(0, 1))
        cv2.imwrite(str(paths[-1]), moved, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    propose_series(paths[:1], readers=MARKS)
    print("| photographs in a series | seconds | seconds a photograph |")
    print("| ---: | ---: | ---: |")
    for length in LENGTHS:
        began = time.perf_counter()
        propose_series(paths[:length], readers=MARKS)
        seconds = time.perf_counter() - began
        print(f"| {length} | {seconds:.1f} | {seconds / length:.2f} |", flush=True)


if __name__ == "__main__":
    main()
