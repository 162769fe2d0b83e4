"""The trained network as ONNX: `python -m models.export RUN/checkpoint.pt models/marks.onnx`.

What is exported reads both polarities of every photograph and takes the mean of their logits, so that a
negative reads exactly as its positive.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from torch import Tensor, nn

from models.network import Marks


class Exported(nn.Module):
    """(K, 1, 48, W) normalised photographs of one strip → log-probabilities pooled over them (W / 4, 60) and
    of each photograph by itself (K, W / 4, 60)."""

    def __init__(self, network: Marks) -> None:
        super().__init__()
        self.network = network

    def forward(self, photographs: Tensor) -> tuple[Tensor, Tensor]:
        together, alone = zip(*(self._read(signed) for signed in (photographs, -photographs)), strict=True)
        return (
            torch.log_softmax((together[0] + together[1])[0] / 2, dim=-1),
            torch.log_softmax((alone[0] + alone[1]) / 2, dim=-1),
        )

    def _read(self, photographs: Tensor) -> tuple[Tensor, Tensor]:
        maps = self.network.trunk(photographs)
        weight = torch.sigmoid(self.network.say(maps)) + 1e-3
        mean = (maps * weight).sum(0, keepdim=True) / weight.sum(0, keepdim=True)
        together = torch.cat([mean, maps.amax(0, keepdim=True)], dim=1)
        return self.network.read(together), self.network.read(torch.cat([maps, maps], dim=1))


def export(network: Marks, path: Path) -> None:
    torch.onnx.export(
        Exported(network).eval(),
        (torch.zeros(3, 1, 48, 256),),
        str(path),
        input_names=["photographs"],
        output_names=["together", "alone"],
        dynamic_shapes={
            "photographs": {0: torch.export.Dim("k", min=1), 3: 16 * torch.export.Dim("w", min=1)}
        },
        external_data=False,
    )


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
