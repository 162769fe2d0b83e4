"""The trained network as ONNX: `python -m models.training.export RUN/checkpoint.pt models/marks.onnx`.

What is exported reads both polarities of every photograph and takes the mean of their logits, so that a
negative reads exactly as its positive.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn
from torch.nn import functional

from models.training.network import CLASSES, Marks
from pipelines.reading.readers.levelling import CHANNELS

HALVED = 256
"""Weights of so many numbers or more are kept in half precision, and widened when the network is loaded."""

SELDOM = -2.2
"""Log-odds of a character being centred in any column, before that is learnt."""


class Exported(nn.Module):
    """(K, 3, 48, W) photographs of one strip as presented and the (R,) int64 rows that are wanted →
    log-probabilities of the classes (R, W / 4, 60) and of a character, whichever, being centred there
    (R, W / 4). Row 0 is pooled over the photographs, row k is the k-th by itself."""

    def __init__(self, network: Marks) -> None:
        super().__init__()
        self.network = network

    def forward(self, photographs: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        logits = (self._read(photographs, rows) + self._read(-photographs, rows)) / 2
        return torch.log_softmax(logits[..., :CLASSES], dim=-1), functional.logsigmoid(logits[..., CLASSES])

    def _read(self, photographs: Tensor, rows: Tensor) -> Tensor:
        maps = self.network.trunk(photographs)
        weight = torch.sigmoid(self.network.say(maps)) + 1e-3
        mean = (maps * weight).sum(0, keepdim=True) / weight.sum(0, keepdim=True)
        together = torch.cat([mean, maps.amax(0, keepdim=True)], dim=1)
        # Chosen before the head, which costs almost as much for a row as the trunk for a photograph.
        return self.network.read(torch.cat([together, torch.cat([maps, maps], dim=1)])[rows])


def export(network: Marks, path: Path) -> None:
    torch.onnx.export(
        Exported(network).eval(),
        (torch.zeros(3, CHANNELS, 48, 256), torch.arange(4)),
        str(path),
        input_names=["photographs", "rows"],
        output_names=["log_probs", "presence"],
        dynamic_shapes={
            "photographs": {0: torch.export.Dim("k", min=1), 3: 16 * torch.export.Dim("w", min=1)},
            "rows": {0: torch.export.Dim("r", min=1)},
        },
        external_data=False,
    )
    onnx.save(halved(onnx.load(path)), path)


def halved(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same network, its larger weights kept in half precision and widened before they are used."""
    kept, widened = [], []
    for weights in model.graph.initializer:
        values = numpy_helper.to_array(weights)
        if values.dtype != np.float32 or values.size < HALVED:
            kept.append(weights)
            continue
        half = numpy_helper.from_array(values.astype(np.float16), f"{weights.name}.half")
        kept.append(half)
        widened.append(onnx.helper.make_node("Cast", [half.name], [weights.name], to=onnx.TensorProto.FLOAT))
    nodes = [*widened, *model.graph.node]
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.initializer.extend(kept)
    model.graph.node.extend(nodes)
    return model


def read_back(path: Path) -> Marks:
    """The network whose weights an exported file holds. One of earlier versions, which saw no smoothed copies
    and said nothing of presence, begins without either.

    Raises ValueError where the file holds another network.
    """
    network = Marks()
    wanted = network.state_dict()
    held = {
        weights.name.removeprefix("network.").removesuffix(".half"): torch.from_numpy(
            numpy_helper.to_array(weights).astype(np.float32)
        )
        for weights in onnx.load(path).graph.initializer
        if weights.name.startswith("network.")
    }
    first = "trunk.0.first.weight"
    if first in held and held[first].shape[1] < CHANNELS:
        more = CHANNELS - held[first].shape[1]
        held[first] = functional.pad(held[first], (0, 0, 0, 0, 0, more))
    if "presence.weight" not in held:
        held["presence.weight"] = torch.zeros_like(wanted["presence.weight"])
        held["presence.bias"] = torch.full_like(wanted["presence.bias"], SELDOM)
    counters = {name: value for name, value in wanted.items() if not value.dtype.is_floating_point}
    if held.keys() | counters.keys() != wanted.keys():
        missing = sorted(wanted.keys() ^ (held.keys() | counters.keys()))
        raise ValueError(f"{path}: another network; {', '.join(missing[:4])} do not fit")
    network.load_state_dict({**counters, **held})
    return network


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("onnx", type=Path)
    given = parser.parse_args()
    network = Marks()
    network.load_state_dict(torch.load(given.checkpoint, map_location="cpu", weights_only=True)["average"])
    export(network, given.onnx)


if __name__ == "__main__":
    main()
