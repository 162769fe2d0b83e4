"""Training of our own reader: `python -m models.train RUN --shards FOLDER [--steps N] [--photos INDEX]`.

Seeded; writes a checkpoint into RUN every 200 steps and goes on from the last one after an interruption.
Shards that are made while training runs join in. Ends with RUN/marks.onnx. Loss: CTC over whole strips, and
at every column the class centred there or none, which teaches where a character stands even if it cannot be
read.
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
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from models import shards
from models.network import CLASSES, COLUMN, Marks
from models.plates.strips import HEIGHT, StripSeries
from pipelines.readers.marks_input import STEP, normalised

FRAMES_PER_BATCH = 64
PIXELS_PER_BATCH = FRAMES_PER_BATCH * 256
"""Columns of pixels over all photographs of a batch."""

BLANK_BORDER = 0.38
"""A column farther from every character than this share of the distance to its neighbour is between them."""

AVERAGED = 0.998
"""Share of the old in the running average of the weights; the average is what is released."""

IGNORED = -1


@dataclass(frozen=True, eq=False)
class Example:
    """Photographs of one row ready for the network: (K, 48, W) float32 normalised; per column the class
    centred there (0 none, −1 not to be judged); `string` the classes along the row, or None where the truth
    is in doubt."""

    pixels: npt.NDArray[np.float32]
    columns: npt.NDArray[np.int64]
    string: npt.NDArray[np.int64] | None


def example(series: StripSeries, rng: np.random.Generator) -> Example:
    """The series seen anew: some of its photographs, moved, turned, blurred, of either polarity."""
    frames = _some(series.pixels, rng)
    width = frames.shape[2]
    matrix = _jitter(width, rng)
    wide = -(-int(width * np.hypot(matrix[0, 0], matrix[1, 0])) // STEP) * STEP
    taken = [_varied(frame, matrix, wide, rng) for frame in frames]
    middles = series.middles * matrix[0, 0] + matrix[0, 1] * HEIGHT / 2 + matrix[0, 2]
    columns = column_classes(middles, series.classes, series.counted, wide // COLUMN)
    inside = (middles > 2) & (middles < wide - 2)
    certain = bool((series.counted | ~inside).all()) and bool(inside.all())
    order = np.argsort(middles)
    return Example(np.stack(taken), columns, series.classes[order] + 1 if certain else None)


def _some(pixels: npt.NDArray[np.uint8], rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    count = len(pixels)
    wanted = 1 if rng.random() < 0.25 else count if rng.random() < 0.6 else int(rng.integers(1, count + 1))
    return pixels[rng.permutation(count)[:wanted]]


def _jitter(width: int, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """2×3: a little scale, aspect, turn and shift about the strip's middle."""
    scale = float(np.exp(rng.normal(0, 0.07)))
    aspect = float(np.exp(rng.normal(0, 0.07)))
    turn = float(np.radians(rng.normal(0, 1.0)))
    lean = float(rng.normal(0, 0.04))
    linear = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ np.array(
        [[scale * aspect, lean], [0.0, scale]]
    )
    middle = np.array([width / 2, HEIGHT / 2])
    new_middle = np.array([width / 2 * scale * aspect, HEIGHT / 2 + rng.normal(0, 1.5)])
    return np.column_stack([linear, new_middle - linear @ middle])


def _varied(
    frame: npt.NDArray[np.uint8], matrix: npt.NDArray[np.float64], wide: int, rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    moved = matrix.copy()
    moved[:, 2] += rng.normal(0, 0.5, 2)
    strip = cv2.warpAffine(
        frame.astype(np.float32) / 255,
        moved,
        (wide, HEIGHT),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT,
    )
    if rng.random() < 0.25:
        strip = cv2.GaussianBlur(strip, (0, 0), float(rng.uniform(0.4, 1.3)))
    if rng.random() < 0.35:
        strip = strip + np.float32(rng.gamma(1.5, 0.012)) * rng.standard_normal(strip.shape, dtype=np.float32)
    if rng.random() < 0.3:
        strip = np.power(np.clip(strip, 0, 1), np.float32(np.exp(rng.normal(0, 0.35))))
    seen = normalised(np.clip(strip, 0, 1))
    return -seen if rng.random() < 0.5 else seen


def column_classes(
    middles: npt.NDArray[np.float64],
    classes: npt.NDArray[np.int64],
    counted: npt.NDArray[np.bool_],
    columns: int,
) -> npt.NDArray[np.int64]:
    """(columns,): i + 1 in the column where character GLYPHS[i] is centred, 0 well away from every
    character, −1 between."""
    target = np.zeros(columns, np.int64)
    if not middles.size:
        return target
    order = np.argsort(middles)
    places = middles[order] / COLUMN - 0.5
    gaps = np.diff(places, prepend=places[0] - 8, append=places[-1] + 8)
    near = np.minimum(gaps[:-1], gaps[1:])
    for place, reach in zip(places, np.clip(near, 2, 8), strict=True):
        low, high = int(np.ceil(place - BLANK_BORDER * reach)), int(np.floor(place + BLANK_BORDER * reach))
        target[max(low, 0) : max(high + 1, 0)] = IGNORED
    for place, which in zip(places, order, strict=True):
        column = round(float(place))
        if counted[which] and 0 <= column < columns:
            target[column] = classes[which] + 1
    return target


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


def batches(folder: Path, extra: Sequence[StripSeries], seed: int, start: int) -> Iterator[Batch]:
    """Endless, from batch `start`; every shard that is there is drawn equally often."""
    step = start
    held: list[StripSeries] = []
    while True:
        rng = np.random.default_rng([seed, step])
        if not held:
            paths = sorted(path for path in folder.glob("*.npz") if "partial" not in path.name)
            for pick in rng.choice(len(paths), min(4, len(paths)), replace=False):
                held += shards.read(paths[pick])
            if extra:
                held += [extra[i] for i in rng.integers(0, len(extra), len(held) // 8)]
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


def train(run: Path, folder: Path, steps: int, peak: float, seed: int, extra: Sequence[StripSeries]) -> Marks:
    torch.manual_seed(seed)
    network = Marks().to(memory_format=torch.channels_last)
    average = {name: value.clone() for name, value in network.state_dict().items()}
    optimiser = torch.optim.AdamW(network.parameters(), lr=peak, weight_decay=0.02)
    checkpoint, start = run / "checkpoint.pt", 0
    if checkpoint.is_file():
        kept = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(kept["network"])
        optimiser.load_state_dict(kept["optimiser"])
        average, start = kept["average"], kept["step"]
    started, seen, sums = time.monotonic(), 0, np.zeros(2)
    for step, batch in zip(range(start, steps), batches(folder, extra, seed, start), strict=False):
        rate = peak * min((step + 1) / 300, 0.51 + 0.5 * math.cos(math.pi * min(step / steps, 1)))
        for group in optimiser.param_groups:
            group["lr"] = rate
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
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    cv2.setNumThreads(1)
    given.run.mkdir(parents=True, exist_ok=True)
    train(given.run, given.shards, given.steps, given.rate, given.seed, ())


if __name__ == "__main__":
    main()
