"""Training of our own reader: `python -m models.training.train RUN --shards FOLDER [--steps N]`.

Seeded; on a GPU where there is one; writes a checkpoint into RUN every 100 steps and goes on from the last
one after an interruption. `models.training.export` makes the released weights of it. Loss: CTC over whole
strips; at every column the class centred there or none, which teaches where a character stands even if it
cannot be read; and whether any character is, also where no class covers it.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from models.plates.strips import StripSeries
from models.training import foundation, metal, shards
from models.training.drawn_strips import drawn_strip
from models.training.examples import COLUMN, IGNORED, Example, example
from models.training.export import read_back
from models.training.lanes import in_turn
from models.training.learning_curve import of_folder
from models.training.network import CLASSES, Marks

LOOKS = 4
"""Times that a drawn strip is seen in the mean, each time otherwise augmented, as drawing costs as much as
learning."""

KEPT = 300
"""Drawn strips that a lane keeps to draw from again."""

STRIP = 256
"""Columns of pixels that count as one photograph when a batch is filled."""

WIDTHS, GROUP = 64, 16
"""Strips are as many pixels wide, and series in a batch as many, as a multiple of these."""

TRUNK_SHARE = 0.4
"""Rate of what PP-OCRv6 had learnt already, over that of what begins here."""

WARMED = 60
"""Steps in which a rate that stays constant is reached."""

WEIGHTS = 1.0, 1.0, 0.5
"""Of the losses: columns, CTC, presence."""

AVERAGED = 0.998
"""Share of the old in the running average of the weights; the average is what is released."""


@dataclass(frozen=True, eq=False)
class Batch:
    pixels: Tensor
    series: Tensor
    columns: Tensor
    presence: Tensor
    strings: list[Tensor | None]
    lengths: list[int]


@dataclass(frozen=True)
class Recipe:
    """What a run is fixed by, beside its shards. `photographs` fill a batch; `rate` at its highest; a
    `constant` rate may be stopped at any time. `drawn`: share of strips that are not from shards but drawn
    when a batch is made, half of them on the photographs in `steel` where there is such a folder.
    `judged`: sets of `models.training.learning_curve` to read now and then."""

    steps: int = 4650
    photographs: int = 256
    rate: float = 2e-3
    seed: int = 1
    processes: int = 0
    constant: bool = False
    drawn: float = 0.0
    steel: Path | None = None
    judged: Path | None = None


def collated(examples: Sequence[Example], wide: int, count: int) -> Batch:
    """All `wide` pixels wide: the rest of the narrower is 0 and not judged. `count` photographs, some of them
    twice."""
    frames, series, columns, presence = [], [], [], []
    for number, entry in enumerate(examples):
        more = wide - entry.pixels.shape[3]
        frames.append(np.pad(entry.pixels, ((0, 0), (0, 0), (0, 0), (0, more)), mode="constant"))
        series += [number] * len(entry.pixels)
        columns.append(np.pad(entry.columns, (0, more // COLUMN), constant_values=IGNORED))
        presence.append(np.pad(entry.presence, (0, more // COLUMN), constant_values=IGNORED))
    again = np.arange(max(count, len(series))) % len(series)
    return Batch(
        torch.from_numpy(np.concatenate(frames)[again]),
        torch.tensor(series)[again],
        torch.from_numpy(np.stack(columns)),
        torch.from_numpy(np.stack(presence)),
        [None if entry.string is None else torch.from_numpy(entry.string) for entry in examples],
        [entry.pixels.shape[3] // COLUMN for entry in examples],
    )


def loss_of(logits: Tensor, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
    """(columns', CTC per character, presence's): all in nats."""
    log_probs = functional.log_softmax(logits[..., :CLASSES].float(), dim=-1)
    present = presence_loss(logits[..., CLASSES].float(), batch.presence)
    columns = functional.nll_loss(
        log_probs.reshape(-1, CLASSES), batch.columns.reshape(-1), ignore_index=IGNORED, reduction="none"
    ).view(batch.columns.shape)
    marked = batch.columns > 0
    between = batch.columns == 0
    by_columns = columns[marked].sum() / marked.sum().clamp(min=1) + 2 * columns[between].mean()
    certain = [i for i, string in enumerate(batch.strings) if string is not None]
    strings = [string for string in batch.strings if string is not None]
    if not certain:
        return by_columns, by_columns.new_zeros(()), present
    ctc = functional.ctc_loss(
        log_probs[certain].transpose(0, 1),
        torch.cat(strings),
        torch.tensor([batch.lengths[i] for i in certain]),
        torch.tensor([len(string) for string in strings]),
        reduction="sum",
        zero_infinity=True,
    )
    return by_columns, ctc / max(1, sum(len(string) for string in strings)), present


def presence_loss(logits: Tensor, truth: Tensor) -> Tensor:
    """Of "a character is centred here, whichever" (series, columns), where the truth is 1 or 0."""
    each = functional.binary_cross_entropy_with_logits(logits, truth.clamp(min=0).float(), reduction="none")
    marked, between = truth == 1, truth == 0
    return each[marked].sum() / marked.sum().clamp(min=1) + 2 * each[between].sum() / between.sum().clamp(
        min=1
    )


@lru_cache(maxsize=64)
def _shard(path: Path) -> tuple[StripSeries, ...]:
    """Its series, kept: about 10 MB."""
    return tuple(shards.read(path))


def batches(
    folder: Path,
    seed: int,
    start: int,
    photographs: int,
    lane: int,
    drawn: float = 0.0,
    steel: Path | None = None,
    group: int = GROUP,
) -> Iterator[Batch]:
    """Endless; every shard that is there is drawn equally often; `drawn` and `steel` as in `Recipe`. Fixed by
    all arguments together.

    Batches come in few shapes, for every one of which a GPU has to prepare itself: widths are multiples of
    WIDTHS, with the more photographs the narrower, and series are counted in groups of `group`.
    """
    rng = np.random.default_rng([seed, start, lane])
    paths = sorted(path for path in folder.glob("*.npz") if "partial" not in path.name)
    held: list[StripSeries] = []
    lately: deque[StripSeries] = deque(maxlen=KEPT)
    pictures = metal.opened(metal.photographs(steel)) if steel is not None else []
    while True:
        while len(held) < 2 * photographs:
            picks = rng.choice(len(paths), min(1 if drawn else 4, len(paths)), replace=False)
            fresh = [entry for pick in picks for entry in _shard(paths[pick])]
            if drawn:
                some = rng.permutation(len(fresh))[: max(1, round((1 - drawn) * photographs))]
                fresh = [fresh[i] for i in some]
                count = round(drawn * photographs)
                for number in range(-(-count // LOOKS)):
                    lately.append(drawn_strip(rng, pictures if number % 2 else ()))
                fresh += [lately[i] for i in rng.integers(len(lately), size=count)]
            rng.shuffle(fresh)
            held = [*sorted(fresh, key=lambda s: s.pixels.shape[2]), *held]
        chosen: list[Example] = []
        wide = frames = 0
        while held:
            entry = example(held[-1], rng)
            wide = max(wide, -(-entry.pixels.shape[3] // WIDTHS) * WIDTHS)
            frames += len(entry.pixels)
            if chosen and frames > photographs * STRIP // wide:
                break
            chosen.append(entry)
            held.pop()
        full = chosen[: len(chosen) // group * group] or chosen
        wide = max(-(-entry.pixels.shape[3] // WIDTHS) * WIDTHS for entry in full)
        # A group of one says that shapes may vary: then no photograph need be seen twice.
        yield collated(full, wide, photographs * STRIP // wide if group > 1 else 0)


def begin(network: Marks, batch: Batch) -> None:
    """PP-OCRv6's weights in the trunk, with its gates as they are on a batch."""
    foundation.begin(network, batch.pixels[:, 0].numpy())


def on(batch: Batch, device: str) -> Batch:
    return replace(
        batch,
        pixels=batch.pixels.to(device).to(memory_format=torch.channels_last),
        series=batch.series.to(device),
        columns=batch.columns.to(device),
        presence=batch.presence.to(device),
        strings=[None if string is None else string.to(device) for string in batch.strings],
    )


def averaged(average: dict[str, Tensor], network: Marks, share: float) -> None:
    """`average` becomes `share` of itself and the rest of the network's weights; counters are copied."""
    with torch.no_grad():
        now = network.state_dict()
        floating = [name for name, value in now.items() if value.dtype.is_floating_point]
        torch._foreach_lerp_([average[n] for n in floating], [now[n] for n in floating], 1 - share)
        for name in now.keys() - set(floating):
            average[name].copy_(now[name])


def said_so(run: Path, said: Mapping[str, object]) -> None:
    """A line in the run's log and on the terminal."""
    with (run / "log.jsonl").open("a", encoding="utf-8") as log:
        log.write(json.dumps(said) + "\n")
    sys.stdout.write(f"{said}\n")
    sys.stdout.flush()


def train(run: Path, folder: Path, recipe: Recipe, begun_with: Path | None = None) -> Marks:
    """The network as it is released: the average over the last steps. `begun_with` is a checkpoint from whose
    average, or an exported network from whose weights it starts instead of PP-OCRv6's trunk."""
    torch.manual_seed(recipe.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network = Marks().to(memory_format=torch.channels_last)
    checkpoint, start = run / "checkpoint.pt", 0
    kept = torch.load(checkpoint, map_location=device, weights_only=True) if checkpoint.is_file() else None
    if kept is None and begun_with is not None and begun_with.suffix == ".onnx":
        network.load_state_dict(read_back(begun_with).state_dict())
    elif kept is None and begun_with is not None:
        network.load_state_dict(torch.load(begun_with, map_location=device, weights_only=True)["average"])
    elif kept is None:
        begin(network, next(batches(folder, recipe.seed, 0, recipe.photographs, 0)))
    else:
        network.load_state_dict(kept["network"])
    network = network.to(device)
    average = {name: value.clone() for name, value in network.state_dict().items()}
    begun = list(network.trunk.parameters())
    new = [*network.say.parameters(), *network.head.parameters(), *network.presence.parameters()]
    optimiser = torch.optim.AdamW(
        [{"params": begun, "share": TRUNK_SHARE}, {"params": new, "share": 1.0}],
        lr=recipe.rate,
        weight_decay=0.02,
    )
    if kept is not None:
        optimiser.load_state_dict(kept["optimiser"])
        average, start = {name: value.to(device) for name, value in kept["average"].items()}, kept["step"]
    stream = partial(
        batches,
        folder,
        recipe.seed,
        start,
        recipe.photographs,
        drawn=recipe.drawn,
        steel=recipe.steel,
        group=GROUP if device == "cuda" else 1,
    )
    made = in_turn(stream, recipe.processes)
    photographs = 0 if kept is None else kept["photographs"]
    started, seen, sums = time.monotonic(), 0, torch.zeros(3, device=device)
    for step, batch in zip(range(start, recipe.steps), made, strict=False):
        falling = 0.51 + 0.5 * math.cos(math.pi * min(step / recipe.steps, 1))
        share = min((step + 1) / WARMED, 1.0) if recipe.constant else min((step + 1) / 300, falling)
        for group in optimiser.param_groups:
            group["lr"] = recipe.rate * share * group["share"]
        network.train()
        batch = on(batch, device)
        with torch.autocast(device, torch.bfloat16):
            logits = network(batch.pixels, batch.series, len(batch.lengths))
        losses = loss_of(logits, batch)
        optimiser.zero_grad()
        torch.stack(losses).dot(torch.tensor(WEIGHTS, device=device)).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        averaged(average, network, min(AVERAGED, (step + 1) / (step + 10)))
        seen += len(batch.pixels)
        photographs += len(batch.pixels)
        sums += torch.stack(losses).detach()
        if (step + 1) % 50 == 0:
            said = {
                "step": step + 1,
                "columns": round(float(sums[0]) / 50, 4),
                "ctc": round(float(sums[1]) / 50, 4),
                "presence": round(float(sums[2]) / 50, 4),
                "photographs": photographs,
                "rate": round(recipe.rate * share, 6),
                "strips_per_s": round(seen / (time.monotonic() - started), 1),
            }
            sums.zero_()
            said_so(run, said)
        if recipe.judged is not None and (step + 1) % 200 == 0:
            released = Marks()
            released.load_state_dict(average)
            told = {"photographs": photographs, "errors": of_folder(released, recipe.judged)}
            said_so(run, told)
        if (step + 1) % 100 == 0 or step + 1 == recipe.steps:
            written = run / "checkpoint.partial"
            torch.save(
                {
                    "network": network.state_dict(),
                    "optimiser": optimiser.state_dict(),
                    "average": average,
                    "step": step + 1,
                    "photographs": photographs,
                },
                written,
            )
            written.replace(checkpoint)
    network.load_state_dict(average)
    return network.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--shards", type=Path, required=True)
    parser.add_argument(
        "--begin",
        type=Path,
        help="checkpoint or exported .onnx to go on from at another rate, on other strips",
    )
    parser.add_argument("--steps", type=int, default=Recipe.steps)
    parser.add_argument("--photographs", type=int, default=Recipe.photographs, help="that fill a batch")
    parser.add_argument("--rate", type=float, default=Recipe.rate)
    parser.add_argument(
        "--processes", type=int, default=0, help="that make batches ahead; with a GPU 6 or 12"
    )
    parser.add_argument(
        "--constant", action="store_true", help="rate that does not fall: may be stopped at any time"
    )
    parser.add_argument("--drawn", type=float, default=0.0, help="share of strips drawn when a batch is made")
    parser.add_argument("--steel", type=Path, help="folder of photographs of steel to draw on")
    parser.add_argument("--judged", type=Path, help="folder of models.training.learning_curve")
    given = parser.parse_args()
    given.run.mkdir(parents=True, exist_ok=True)
    recipe = Recipe(
        given.steps,
        given.photographs,
        given.rate,
        processes=given.processes,
        constant=given.constant,
        drawn=given.drawn,
        steel=given.steel,
        judged=given.judged,
    )
    train(given.run, given.shards, recipe, given.begin)


if __name__ == "__main__":
    main()
