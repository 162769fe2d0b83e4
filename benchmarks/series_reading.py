"""What a series is worth to the reader: errors against the number of photographs.

    python benchmarks/series.py read [--tiers worn,etched] [--plates N] [--seed S] [--details FILE]

Each foreign plate (`models/foreign/plates.py`, with a seed that trains nothing) is photographed 16 times and
read, region given, in these ways: 1, 2, 4, 8 and 16 photographs of it, spread evenly over the series; each
photograph alone, of which the best is picked once by the proposals themselves (most characters expected to
be right less those expected to be wrong) and once by the truth, which no laboratory has; and all photographs
fused to one picture in the frame of one in the middle, which is then read as one photograph.

--details keeps a JSON line a reading; a long run goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import cv2
import numpy as np

from models.foreign.plates import ForeignPlate, Tier, foreign_plate
from pipelines.fuse import FUSIONS
from pipelines.fuse.series import registered_series
from pipelines.photographs.photo import read_photo
from pipelines.probability.calibration import fingerprint
from pipelines.probability.judging import JudgedSeries, figures, judge
from pipelines.propose import Source, propose_series
from pipelines.types import LineProposal

PHOTOGRAPHS = 16
MIDDLE = PHOTOGRAPHS // 2
FUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "fused: mean": ("mean", {"where": "any", "light": "evened"}),
    "fused: exposure": ("exposure", {"where": "any"}),
    "fused: 1st component": ("components", {"component": "1"}),
    "fused: 2nd component": ("components", {"component": "2"}),
}
"""Way, fusion and parameters."""

COUNTS = (1, 2, 4, 8, 16)
FORMAT = 1
"""Of the details; lines of another format are read again."""


@dataclass(frozen=True)
class Reading:
    """One way in which one plate was read. `expected`: characters expected to be right less those expected
    to be wrong, by the proposal's own probabilities."""

    way: str
    expected: float
    judged: JudgedSeries


def ways() -> tuple[str, ...]:
    return (
        *(f"{count} evenly" for count in COUNTS),
        *(f"alone {number}" for number in range(PHOTOGRAPHS)),
        *FUSED,
    )


def evenly(count: int, of: int = PHOTOGRAPHS) -> list[int]:
    """`count` of `of` numbers from 0, each from the middle of its equal part of the series."""
    return [int((number + 0.5) * of / count) for number in range(count)]


def expected(lines: Sequence[LineProposal]) -> float:
    likeliest = [position.candidates[0] for line in lines for position in line.positions]
    return sum(2 * candidate.p - 1 for candidate in likeliest if candidate.glyph)


def sources_of(way: str, paths: Sequence[Path], plate: ForeignPlate) -> list[Source]:
    if way in FUSED:
        path = paths[MIDDLE].with_name(f"{list(FUSED).index(way)}.png")
        return [Source(path, plate.region[MIDDLE], float(plate.rotate_cw))]
    kind, number = way.split()[::-1] if way[0].isdigit() else way.split()
    numbers = evenly(int(number)) if kind == "evenly" else [int(number)]
    return [Source(paths[i], plate.region[i], float(plate.rotate_cw)) for i in numbers]


def read_plate(task: tuple[str, int, tuple[str, ...]]) -> list[Reading]:
    """The plate of a tier and seed in the ways named."""
    tier, seed, wanted = task
    plate = foreign_plate(seed, cast(Tier, tier), PHOTOGRAPHS)
    with TemporaryDirectory() as folder:
        # The very bytes that the camera stored: to decode and encode them again would change them.
        paths = [Path(folder) / f"{number:02d}.jpg" for number in range(PHOTOGRAPHS)]
        for path, content in zip(paths, plate.files, strict=True):
            path.write_bytes(content)
        if set(wanted) & set(FUSED):
            fuse(paths)
        readings = []
        for way in wanted:
            proposal = propose_series(sources_of(way, paths, plate))
            judged = judge(proposal.lines, " | ".join(plate.text), proposal.seconds)
            readings.append(Reading(way, expected(proposal.lines), judged))
    return readings


def fuse(paths: Sequence[Path]) -> None:
    """Writes every fused picture beside the photographs, named by its number."""
    photos = {number: read_photo(path) for number, path in enumerate(paths)}
    stack = registered_series(photos, MIDDLE).stack
    for number, (name, parameters) in enumerate(FUSED.values()):
        picture = np.round(FUSIONS[name].run(stack, **parameters).image * 65535).astype(np.uint16)
        stored = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
        cv2.imwrite(str(paths[0].with_name(f"{number}.png")), stored)


def known(details: Path | None) -> dict[tuple[str, int], dict[str, Reading]]:
    """What was read already with the same weights; a line that was cut off is read again."""
    readings: dict[tuple[str, int], dict[str, Reading]] = {}
    if details is None or not details.exists():
        return readings
    for line in details.read_text("utf-8").splitlines():
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if value.get("format") == FORMAT and value.get("weights") == fingerprint():
            reading = Reading(value["way"], value["expected"], JudgedSeries.from_json(value["judged"]))
            readings.setdefault((value["tier"], value["seed"]), {})[reading.way] = reading
    return readings


def kept(details: Path | None, tier: str, seed: int, readings: Sequence[Reading]) -> None:
    if details is None:
        return
    with details.open("a", encoding="utf-8") as output:
        for reading in readings:
            value: dict[str, Any] = {"format": FORMAT, "weights": fingerprint(), "tier": tier, "seed": seed}
            value |= {"way": reading.way, "expected": reading.expected, "judged": reading.judged.to_json()}
            output.write(json.dumps(value, ensure_ascii=False) + "\n")


def rows(plates: Sequence[dict[str, Reading]]) -> Iterator[tuple[str, list[JudgedSeries]]]:
    """What is compared, with each plate's reading."""
    for way in ways():
        if not way.startswith("alone") and way not in FUSED:
            yield way, [plate[way].judged for plate in plates]
    alone = [[plate[f"alone {number}"] for number in range(PHOTOGRAPHS)] for plate in plates]
    yield "any one alone", [reading.judged for readings in alone for reading in readings]
    yield "best alone, by the machine", [max(one, key=lambda r: r.expected).judged for one in alone]
    yield "best alone, by the truth", [min(one, key=lambda r: r.judged.edits).judged for one in alone]
    for way in FUSED:
        yield way, [plate[way].judged for plate in plates]


def table(plates: Sequence[dict[str, Reading]], seed: int) -> list[str]:
    lines = ["| photographs | CER | exact | ECE | s |", "| --- | --- | --- | --- | --- |"]
    for name, series in rows(plates):
        measured = figures(series, seed=seed, rounds=1000)
        cells = [f"{f.value:.3f} ({f.low:.3f}–{f.high:.3f})" for f in (measured["cer"], measured["exact"])]
        seconds = sum(plate.seconds for plate in series) / len(series)
        lines.append(f"| {name} | {' | '.join(cells)} | {measured['ece'].value:.3f} | {seconds:.1f} |")
    return lines


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="series.py read", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tiers", default="worn,etched", help="comma between")
    parser.add_argument("--plates", type=int, default=12, help="of each tier")
    parser.add_argument("--seed", type=int, default=1, help="of the first plate of each tier")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--details", type=Path, help="JSON lines, one a reading; a run goes on from it")
    arguments = parser.parse_args(words)
    os.environ.setdefault("EXAMINER_THREADS", "1")
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")  # Tesseract's own threads
    print(
        f"Foreign plates from seed {arguments.seed}, {PHOTOGRAPHS} photographs each, region given; "
        f"intervals: 95 %, 1000 times all plates drawn anew. {platform.machine()}, "
        f"Python {platform.python_version()}, {arguments.workers} processes of 1 thread; "
        f"weights {fingerprint()[:12]}."
    )
    read = known(arguments.details)
    wanted = [
        (tier, arguments.seed + number)
        for number in range(arguments.plates)
        for tier in arguments.tiers.split(",")
    ]
    tasks = [(t, s, tuple(way for way in ways() if way not in read.get((t, s), {}))) for t, s in wanted]
    tasks = [task for task in tasks if task[2]]
    with ProcessPoolExecutor(arguments.workers, get_context("spawn")) as pool:
        for (tier, seed, _), readings in zip(tasks, pool.map(read_plate, tasks), strict=True):
            read.setdefault((tier, seed), {}).update({reading.way: reading for reading in readings})
            kept(arguments.details, tier, seed, readings)
            print(f"\r{tier} {seed:<12}", end="", file=sys.stderr)
    for tier in arguments.tiers.split(","):
        plates = [read[key] for key in wanted if key[0] == tier]
        characters = sum(len(plate["1 evenly"].judged.truth) for plate in plates)
        print(f"\n## {tier}: {len(plates)} plates, {characters} characters\n")
        print("\n".join(table(plates, arguments.seed)), flush=True)


if __name__ == "__main__":
    main()
