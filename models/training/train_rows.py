"""Training of our own locator: `python -m models.training.train_rows RUN --shards FOLDER [--steps N]`.

Seeded; on a GPU where there is one; writes a checkpoint into RUN every 200 steps and goes on from the last
one after an interruption; at the end `RUN/rows.onnx`. A picture is seen at any angle, of either polarity.
Loss: cross-entropy per cell and one minus Dice's coefficient over the picture; rows of which nothing is to be
seen are not judged.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Iterator
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.plates.pictures import Picture
from models.training import shards
from models.training.lanes import in_turn
from models.training.row_examples import seen_anew
from models.training.rows_network import Rows

BATCH = 48


def loss_of(logits: Tensor, cells: Tensor) -> Tensor:
    judged = (cells >= 0).float()
    wanted = cells.clamp(min=0)
    weight = judged * (1 + 2 * wanted)
    by_cell = functional.binary_cross_entropy_with_logits(logits, wanted, weight, reduction="sum")
    heat = torch.sigmoid(logits) * judged
    both = (heat * wanted).sum((1, 2))
    dice = 1 - (2 * both + 4) / (heat.sum((1, 2)) + wanted.sum((1, 2)) + 4)
    return by_cell / weight.sum().clamp(min=1) + 0.5 * dice.mean()


@lru_cache(maxsize=1)
def _pictures(folder: Path) -> list[Picture]:
    paths = sorted(path for path in folder.glob("*.npz") if "partial" not in path.name)
    return [picture for path in paths for picture in shards.read_pictures(path)]


def batches(folder: Path, seed: int, start: int, lane: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Endless; fixed by all arguments together."""
    every = _pictures(folder)
    rng = np.random.default_rng([seed, start, lane])
    while True:
        chosen = [seen_anew(every[i], rng) for i in rng.integers(0, len(every), BATCH)]
        yield (
            torch.from_numpy(np.stack([shown for shown, _ in chosen])[:, None]),
            torch.from_numpy(np.stack([cells for _, cells in chosen])),
        )


def train(run: Path, folder: Path, steps: int, peak: float, seed: int, processes: int) -> Rows:
    torch.manual_seed(seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network = Rows().to(device, memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(network.parameters(), lr=peak, weight_decay=0.02)
    checkpoint, start = run / "checkpoint.pt", 0
    if checkpoint.is_file():
        kept = torch.load(checkpoint, map_location=device, weights_only=True)
        network.load_state_dict(kept["network"])
        optimiser.load_state_dict(kept["optimiser"])
        start = kept["step"]
    made = in_turn(partial(batches, folder, seed, start), processes)
    started, total = time.monotonic(), torch.zeros((), device=device)
    for step, (pictures, cells) in zip(range(start, steps), made, strict=False):
        rate = peak * min((step + 1) / 100, 0.51 + 0.5 * math.cos(math.pi * min(step / steps, 1)))
        for group in optimiser.param_groups:
            group["lr"] = rate
        network.train()
        with torch.autocast(device, torch.bfloat16):
            logits = network(pictures.to(device).to(memory_format=torch.channels_last))
        loss = loss_of(logits.float(), cells.to(device))
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        total += loss.detach()
        if (step + 1) % 50 == 0:
            seconds = time.monotonic() - started
            said = {"step": step + 1, "loss": round(float(total) / 50, 4), "seconds": round(seconds, 1)}
            total.zero_()
            with (run / "log.jsonl").open("a", encoding="utf-8") as log:
                log.write(json.dumps(said) + "\n")
            sys.stdout.write(f"{said}\n")
            sys.stdout.flush()
        if (step + 1) % 200 == 0 or step + 1 == steps:
            written = run / "checkpoint.partial"
            state = {"network": network.state_dict(), "optimiser": optimiser.state_dict(), "step": step + 1}
            torch.save(state, written)
            written.replace(checkpoint)
    return network.eval()


class Exported(nn.Module):
    """(N, 1, H, W) levelled pictures → (N, H / 4, W / 4) heat 0..1, the mean of both polarities."""

    def __init__(self, network: Rows) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: Tensor) -> Tensor:
        return torch.sigmoid((self.network(pictures) + self.network(-pictures)) / 2)


def export(network: Rows, path: Path) -> None:
    network = network.to(memory_format=torch.contiguous_format)
    torch.onnx.export(
        Exported(network).eval(),
        (torch.zeros(2, 1, 192, 256),),
        str(path),
        input_names=["pictures"],
        output_names=["heat"],
        dynamic_shapes={
            "pictures": {
                0: torch.export.Dim("n", min=1),
                2: 16 * torch.export.Dim("h", min=2),
                3: 16 * torch.export.Dim("w", min=2),
            }
        },
        external_data=False,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--shards", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=2800)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=0, help="that make batches ahead")
    given = parser.parse_args()
    given.run.mkdir(parents=True, exist_ok=True)
    network = train(given.run, given.shards, given.steps, given.rate, given.seed, given.processes)
    export(network.cpu(), given.run / "rows.onnx")


if __name__ == "__main__":
    main()
