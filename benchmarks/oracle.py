"""What could be read at best? Our own reader taught on the renderer of the foreign plates, and as released.

    python benchmarks/oracle.py FOLDER AVERAGE [--plates N] [--steps N] [--test N] [--workers N]

AVERAGE is a checkpoint of `models.training.train`. Rows of foreign plates are cut out by their true boxes;
the network
goes on learning from N plates a tier, then both read other plates by themselves, without a pool and without
calibration. What the taught one still gets wrong is hardly in the photographs. It is for this comparison
only: never released, and nothing is chosen by it. FOLDER keeps the rows and the taught network; needs
models/requirements-train.txt.
"""

from __future__ import annotations

import argparse
import platform
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
import torch

from benchmarks.recomposed import cells, put_together
from models.foreign.plates import TIERS, Tier, foreign_plate
from models.plates.strips import HEIGHT, MOST_WIDE, StripSeries
from models.training import shards
from models.training.export import Exported
from models.training.network import Marks
from models.training.train import batches, loss_of
from pipelines.glyphs import GLYPHS
from pipelines.probability.measures import distance
from pipelines.reading.decode import beam_search, text_of
from pipelines.reading.readers.levelling import presented

TAUGHT, TESTED = 70_000, 90_000
"""Seeds of the plates that teach and of those that judge; no benchmark uses them."""


def row(job: tuple[Tier, int]) -> StripSeries | None:
    """The row of a plate as a strip series; None where it is bare, too wide or holds what has no class."""
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


def rows(first: int, plates: int, workers: int) -> Iterator[StripSeries]:
    jobs = [(tier, seed) for seed in range(first, first + plates) for tier in TIERS]
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        for number, series in enumerate(pool.map(row, jobs)):
            print(f"\r{number + 1}/{len(jobs)} plates", end="", flush=True)
            if series is not None:
                yield series
    print()


def errors(network: Marks, tested: list[StripSeries]) -> dict[str, tuple[int, int]]:
    """By tier (edits, characters)."""
    read = Exported(network).eval()
    counted: dict[str, tuple[int, int]] = dict.fromkeys(TIERS, (0, 0))
    for series in tested:
        frames = np.stack([presented(frame.astype(np.float32) / 255) for frame in series.pixels])
        with torch.no_grad():
            classes, _ = read(torch.from_numpy(frames), torch.tensor([0]))
        text = text_of(beam_search(classes[0].numpy().astype(np.float32))[0])
        truth = "".join(GLYPHS[i] for i in series.classes)
        edits, characters = counted[series.tier]
        counted[series.tier] = edits + distance(truth, text), characters + len(truth)
    return counted


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("average", type=Path)
    parser.add_argument("--plates", type=int, default=300, help="a tier, that teach")
    parser.add_argument("--test", type=int, default=60, help="a tier")
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    teaching = arguments.folder / "teaching"
    teaching.mkdir(parents=True, exist_ok=True)
    for name, first, plates in (
        ("teaching/0", TAUGHT, arguments.plates),
        ("tested", TESTED, arguments.test),
    ):
        if not (arguments.folder / f"{name}.npz").is_file():
            shards.write(arguments.folder / f"{name}.npz", list(rows(first, plates, arguments.workers)))
    tested = shards.read(arguments.folder / "tested.npz")
    network = Marks()
    network.load_state_dict(torch.load(arguments.average, map_location="cpu", weights_only=True)["average"])
    before = errors(network, tested)
    torch.manual_seed(1)
    optimiser = torch.optim.AdamW(network.parameters(), lr=4e-4, weight_decay=0.02)
    for step, batch in enumerate(islice(batches(teaching, 1, 0, 64, 0), arguments.steps)):
        for group in optimiser.param_groups:
            group["lr"] = 4e-4 * min((step + 1) / 50, 1.02 - step / arguments.steps)
        network.train()
        with torch.autocast("cpu", torch.bfloat16):
            logits = network(batch.pixels, batch.series, len(batch.lengths))
        loss = torch.stack(loss_of(logits, batch)).sum()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        print(f"\r{step + 1}/{arguments.steps} steps, loss {float(loss.detach()):.3f}", end="", flush=True)
    torch.save(network.state_dict(), arguments.folder / "taught.pt")
    after = errors(network, tested)
    print(f"\n{platform.machine()}, torch {torch.__version__}, plates from {TAUGHT} and {TESTED}")
    for tier in TIERS:
        characters = before[tier][1]
        rates = (counts[tier][0] / max(1, characters) for counts in (before, after))
        print(f"{tier}: {characters} characters, released {next(rates):.3f}, taught {next(rates):.3f}")


if __name__ == "__main__":
    main()
