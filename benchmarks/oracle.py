"""What could be read at best? Our own reader taught on the very renderer that judges, and as released.

    python benchmarks/oracle.py FOLDER WEIGHTS [--metal STEEL] [--plates N] [--steps N] [--test N]
                                [--workers N]

WEIGHTS is an exported network or a checkpoint of `models.training.train`. Rows of foreign plates, or with
--metal of the plates of `benchmarks/on_metal.py` (STEEL as there), are cut out by the truth; the network goes
on learning from N plates (of foreign ones N a tier), then both read other plates by themselves, without pool
or calibration. What the taught one still gets wrong is hardly in the photographs. It is for this
comparison only: never released, and nothing is chosen by it. FOLDER keeps the rows and the taught network;
needs models/requirements-train.txt. Intervals: 95 %, rows drawn anew.
"""

from __future__ import annotations

import argparse
import platform
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt
import torch

from benchmarks.on_metal import BAND_HEIGHT, BAND_MARGIN
from benchmarks.on_metal_plates import PHOTOGRAPHS, on_metal_plate, straightened, to_strip
from benchmarks.recomposed import cells, put_together
from models.foreign.plates import TIERS, Tier, foreign_plate
from models.plates.strips import HEIGHT, MOST_WIDE, StripSeries
from models.training import shards
from models.training.export import Exported, read_back
from models.training.network import Marks
from models.training.train import batches, loss_of
from pipelines.glyphs import GLYPHS
from pipelines.probability.measures import distance, interval, resampled
from pipelines.reading.decode import beam_search, text_of
from pipelines.reading.readers.levelling import presented
from pipelines.strip import moved

Job = TypeVar("Job")

TAUGHT, TESTED = 70_000, 90_000
"""Seeds of the plates that teach and of those that judge, on metal their numbers; no benchmark uses them."""

METAL_SEED = 20_261_201
"""Of the plates on metal; `benchmarks/on_metal.py` has another."""


def foreign_row(job: tuple[Tier, int]) -> StripSeries | None:
    """The row of a foreign plate as strips; None where it is bare, too wide or holds what has no class."""
    cv2.setNumThreads(1)
    tier, seed = job
    plate = foreign_plate(seed, tier)
    if len(plate.glyphs) < 2 or len(plate.text) != 1 or not set(plate.glyphs) <= set(GLYPHS):
        return None
    pieces = cells(plate)
    strips = put_together(pieces, range(len(plate.glyphs)))
    width = round(strips[0].shape[1] * HEIGHT / strips[0].shape[0]) // 16 * 16
    if not 32 <= width <= MOST_WIDE:
        return None
    pixels = [cv2.resize(strip, (width, HEIGHT), interpolation=cv2.INTER_AREA) for strip in strips]
    wide = np.array([max(piece[i].shape[1] for piece in pieces) for i in range(len(plate.glyphs))], float)
    ends = np.cumsum(wide)
    return StripSeries(
        tier=tier,
        method="stamped",
        pixels=np.rint(np.clip(np.stack(pixels), 0, 1) * 255).astype(np.uint8),
        classes=np.array([GLYPHS.index(glyph) for glyph in plate.glyphs], np.int64),
        middles=(ends - wide / 2) * width / ends[-1],
        widths=wide * width / ends[-1],
        visibility=np.ones(len(wide)),
        counted=np.ones(len(wide), bool),
    )


def metal_row(steel: Path, number: int) -> StripSeries | None:
    """The row of a plate on metal as a strip series; None where it is too wide."""
    cv2.setNumThreads(1)
    plate = on_metal_plate(steel, METAL_SEED, number)
    cuts = [straightened(plate, index, BAND_MARGIN, BAND_HEIGHT) for index in range(PHOTOGRAPHS)]
    height, wide = cuts[0].shape
    width = round(wide * HEIGHT / height) // 16 * 16
    if not 32 <= width <= MOST_WIDE:
        return None
    matrix, _ = to_strip(plate, 0, BAND_MARGIN, BAND_HEIGHT)
    places = (
        np.array([moved(moved(box, plate.motions[0]), matrix) for box in plate.boxes])[..., 0] * width / wide
    )
    count = len(plate.text)
    return StripSeries(
        tier="etched",
        method="stamped",
        pixels=np.stack([cv2.resize(cut, (width, HEIGHT), interpolation=cv2.INTER_AREA) for cut in cuts]),
        classes=np.array([GLYPHS.index(glyph) for glyph in plate.text], np.int64),
        middles=places.mean(axis=1),
        widths=places.max(axis=1) - places.min(axis=1),
        visibility=np.array(plate.visibility),
        counted=np.ones(count, bool),
    )


def rows(
    row: Callable[[Job], StripSeries | None], jobs: Sequence[Job], workers: int
) -> Iterator[StripSeries]:
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        for number, series in enumerate(pool.map(row, jobs)):
            print(f"\r{number + 1}/{len(jobs)} plates", end="", flush=True)
            if series is not None:
                yield series
    print()


def edits(network: Marks, tested: Sequence[StripSeries]) -> npt.NDArray[np.int64]:
    """Of each series."""
    read = Exported(network).eval()
    counted = []
    for series in tested:
        frames = np.stack([presented(frame.astype(np.float32) / 255) for frame in series.pixels])
        with torch.no_grad():
            classes, _ = read(torch.from_numpy(frames), torch.tensor([0]))
        text = text_of(beam_search(classes[0].numpy().astype(np.float32))[0])
        counted.append(distance("".join(GLYPHS[i] for i in series.classes), text))
    return np.array(counted, np.int64)


def said(
    name: str, before: npt.NDArray[np.int64], after: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]
) -> str:
    """Both error rates, and how much the taught one gains, with its interval."""
    gains = (before - after).astype(np.float64)
    drawn = [gains[picks].sum() / lengths[picks].sum() for picks in resampled(len(lengths))]
    low, high = interval(drawn)
    rates = [counts.sum() / lengths.sum() for counts in (before, after)]
    return (
        f"{name}: {lengths.sum()} characters, given {rates[0]:.3f}, taught {rates[1]:.3f}, "
        f"better by {low:+.3f} to {high:+.3f}"
    )


def begun_with(weights: Path) -> Marks:
    if weights.suffix == ".onnx":
        return read_back(weights)
    network = Marks()
    network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True)["average"])
    return network


def taught(network: Marks, teaching: Path, steps: int) -> None:
    torch.manual_seed(1)
    optimiser = torch.optim.AdamW(network.parameters(), lr=4e-4, weight_decay=0.02)
    for step, batch in enumerate(islice(batches(teaching, 1, 0, 64, 0), steps)):
        for group in optimiser.param_groups:
            group["lr"] = 4e-4 * min((step + 1) / 50, 1.02 - step / steps)
        network.train()
        with torch.autocast("cpu", torch.bfloat16):
            logits = network(batch.pixels, batch.series, len(batch.lengths))
        loss = torch.stack(loss_of(logits, batch)).sum()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        print(f"\r{step + 1}/{steps} steps, loss {float(loss.detach()):.3f}", end="", flush=True)
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--metal", type=Path, help="photographs of bare steel, as for benchmarks/on_metal.py")
    parser.add_argument("--plates", type=int, default=300, help="that teach; of foreign ones a tier")
    parser.add_argument("--test", type=int, default=60, help="that judge; of foreign ones a tier")
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    teaching = arguments.folder / "teaching"
    teaching.mkdir(parents=True, exist_ok=True)
    for name, first, plates in (
        ("teaching/0", TAUGHT, arguments.plates),
        ("tested", TESTED, arguments.test),
    ):
        if (arguments.folder / f"{name}.npz").is_file():
            continue
        numbers = range(first, first + plates)
        if arguments.metal is None:
            jobs = [(tier, seed) for seed in numbers for tier in TIERS]
            made = list(rows(foreign_row, jobs, arguments.workers))
        else:
            made = list(rows(partial(metal_row, arguments.metal), numbers, arguments.workers))
        shards.write(arguments.folder / f"{name}.npz", made)
    tested = shards.read(arguments.folder / "tested.npz")
    network = begun_with(arguments.weights)
    before = edits(network, tested)
    taught(network, teaching, arguments.steps)
    torch.save(network.state_dict(), arguments.folder / "taught.pt")
    after = edits(network, tested)
    seed = METAL_SEED if arguments.metal else TESTED
    print(f"{platform.machine()}, torch {torch.__version__}, seed {seed}, {arguments.steps} steps")
    tiers = np.array([series.tier for series in tested])
    lengths = np.array([len(series.classes) for series in tested])
    for tier in TIERS if arguments.metal is None else ("etched",):
        of_tier = tiers == tier
        name = tier if arguments.metal is None else "on metal"
        print(said(name, before[of_tier], after[of_tier], lengths[of_tier]))


if __name__ == "__main__":
    main()
