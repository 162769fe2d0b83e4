"""Training of our own reader: `python -m models.train RUN --shards FOLDER [--steps N]`.

Seeded; writes a checkpoint into RUN every 200 steps and goes on from the last one after an interruption.
`models.export` makes the released weights of it. Loss: CTC over whole strips, and at every column the class
centred there or none, which teaches where a character stands even if it cannot be read.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from models import foundation, shards
from models.examples import COLUMN, IGNORED, Example, example
from models.network import CLASSES, Marks
from models.plates.strips import StripSeries

FRAMES_PER_BATCH = 64
PIXELS_PER_BATCH = FRAMES_PER_BATCH * 256
"""Columns of pixels over all photographs of a batch."""

TRUNK_SHARE = 0.4
"""Rate of what PP-OCRv6 had learnt already, over that of what begins here."""

AVERAGED = 0.998
"""Share of the old in the running average of the weights; the average is what is released."""


@dataclass(frozen=True, eq=False)
class Batch:
    pixels: Tensor
    series: Tensor
    columns: Tensor
    strings: list[Tensor | None]
    lengths: list[int]


def collated(examples: Sequence[Example]) -> Batch:
    """Examples of about one width; the narrower are filled with their mirrored end, which is not judged."""
    wide = max(one.pixels.shape[2] for one in examples)
    frames, series, columns = [], [], []
    for number, one in enumerate(examples):
        more = wide - one.pixels.shape[2]
        frames.append(np.pad(one.pixels, ((0, 0), (0, 0), (0, more)), mode="constant"))
        series += [number] * len(one.pixels)
        columns.append(np.pad(one.columns, (0, more // COLUMN), constant_values=IGNORED))
    return Batch(
        torch.from_numpy(np.concatenate(frames)[:, None]),
        torch.tensor(series),
        torch.from_numpy(np.stack(columns)),
        [None if one.string is None else torch.from_numpy(one.string) for one in examples],
        [one.pixels.shape[2] // COLUMN for one in examples],
    )


def loss_of(logits: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
    """(columns', CTC per character): both in nats."""
    log_probs = functional.log_softmax(logits.float(), dim=-1)
    columns = functional.nll_loss(
        log_probs.reshape(-1, CLASSES), batch.columns.reshape(-1), ignore_index=IGNORED, reduction="none"
    ).view(batch.columns.shape)
    marked = batch.columns > 0
    between = batch.columns == 0
    by_columns = columns[marked].sum() / marked.sum().clamp(min=1) + 2 * columns[between].mean()
    certain = [i for i, string in enumerate(batch.strings) if string is not None]
    strings = [string for string in batch.strings if string is not None]
    if not certain:
        return by_columns, by_columns.new_zeros(())
    ctc = functional.ctc_loss(
        log_probs[certain].transpose(0, 1),
        torch.cat(strings),
        torch.tensor([batch.lengths[i] for i in certain]),
        torch.tensor([len(string) for string in strings]),
        reduction="sum",
        zero_infinity=True,
    )
    return by_columns, ctc / max(1, sum(len(string) for string in strings))


def batches(folder: Path, seed: int, start: int) -> Iterator[Batch]:
    """Endless, from batch `start`; every shard that is there is drawn equally often."""
    step = start
    held: list[StripSeries] = []
    while True:
        rng = np.random.default_rng([seed, step])
        if not held:
            paths = sorted(path for path in folder.glob("*.npz") if "partial" not in path.name)
            for pick in rng.choice(len(paths), min(4, len(paths)), replace=False):
                held += shards.read(paths[pick])
            rng.shuffle(held)
            # Strips of like width go together, in runs of a few batches.
            runs = [
                sorted(held[i : i + 120], key=lambda s: s.pixels.shape[2]) for i in range(0, len(held), 120)
            ]
            held = [one for run in runs for one in run]
        chosen: list[Example] = []
        used = 0
        while held and (used < PIXELS_PER_BATCH or not chosen):
            one = example(held.pop(), rng)
            chosen.append(one)
            used = sum(len(e.pixels) for e in chosen) * max(e.pixels.shape[2] for e in chosen)
        yield collated(chosen)
        step += 1


def begin(network: Marks, batch: Batch) -> None:
    """PP-OCRv6's weights in the trunk, with its gates as they are on a batch."""
    foundation.begin(network, batch.pixels[:, 0].numpy())


def train(run: Path, folder: Path, steps: int, peak: float, seed: int) -> Marks:
    torch.manual_seed(seed)
    network = Marks().to(memory_format=torch.channels_last)
    checkpoint, start = run / "checkpoint.pt", 0
    if not checkpoint.is_file():
        begin(network, next(batches(folder, seed, 0)))
    average = {name: value.clone() for name, value in network.state_dict().items()}
    begun = list(network.trunk.parameters())
    new = [*network.say.parameters(), *network.head.parameters()]
    optimiser = torch.optim.AdamW(
        [{"params": begun, "share": TRUNK_SHARE}, {"params": new, "share": 1.0}], lr=peak, weight_decay=0.02
    )
    if checkpoint.is_file():
        kept = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(kept["network"])
        optimiser.load_state_dict(kept["optimiser"])
        average, start = kept["average"], kept["step"]
    started, seen, sums = time.monotonic(), 0, np.zeros(2)
    for step, batch in zip(range(start, steps), batches(folder, seed, start), strict=False):
        rate = peak * min((step + 1) / 300, 0.51 + 0.5 * math.cos(math.pi * min(step / steps, 1)))
        for group in optimiser.param_groups:
            group["lr"] = rate * group["share"]
        network.train()
        with torch.autocast("cpu", torch.bfloat16):
            pixels = batch.pixels.to(memory_format=torch.channels_last)
            logits = network(pixels, batch.series, len(batch.lengths))
        by_columns, ctc = loss_of(logits, batch)
        optimiser.zero_grad()
        (by_columns + ctc).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        share = min(AVERAGED, (step + 1) / (step + 10))
        with torch.no_grad():
            for name, value in network.state_dict().items():
                if value.dtype.is_floating_point:
                    average[name].mul_(share).add_(value, alpha=1 - share)
                else:
                    average[name].copy_(value)
        seen += len(batch.pixels)
        sums += [float(by_columns.detach()), float(ctc.detach())]
        if (step + 1) % 50 == 0:
            said = {
                "step": step + 1,
                "columns": round(float(sums[0]) / 50, 4),
                "ctc": round(float(sums[1]) / 50, 4),
                "rate": round(rate, 6),
                "strips_per_s": round(seen / (time.monotonic() - started), 1),
            }
            sums[:] = 0
            with (run / "log.jsonl").open("a", encoding="utf-8") as log:
                log.write(json.dumps(said) + "\n")
            sys.stdout.write(f"{said}\n")
            sys.stdout.flush()
        if (step + 1) % 200 == 0 or step + 1 == steps:
            partial = run / "checkpoint.partial"
            torch.save(
                {
                    "network": network.state_dict(),
                    "optimiser": optimiser.state_dict(),
                    "average": average,
                    "step": step + 1,
                },
                partial,
            )
            partial.replace(checkpoint)
    network.load_state_dict(average)
    return network.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--shards", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=2700)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    cv2.setNumThreads(1)
    given.run.mkdir(parents=True, exist_ok=True)
    train(given.run, given.shards, given.steps, given.rate, given.seed)


if __name__ == "__main__":
    main()
