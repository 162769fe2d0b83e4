"""The trained network as ONNX: `python -m models.training.export RUN/checkpoint.pt models/marks.onnx`.

What is exported reads both polarities of every photograph and takes the mean of their logits, so that a
negative reads exactly as its positive.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from torch import Tensor, nn

from models.training.network import Marks


class Exported(nn.Module):
    """(K, 1, 48, W) normalised photographs of one strip and the (R,) int64 rows that are wanted →
    log-probabilities (R, W / 4, 60). Row 0 is pooled over the photographs, row k is the k-th by itself."""

    def __init__(self, network: Marks) -> None:
        super().__init__()
        self.network = network

    def forward(self, photographs: Tensor, rows: Tensor) -> Tensor:
        logits = self._read(photographs, rows) + self._read(-photographs, rows)
        return torch.log_softmax(logits / 2, dim=-1)

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
        (torch.zeros(3, 1, 48, 256), torch.arange(4)),
        str(path),
        input_names=["photographs", "rows"],
        output_names=["log_probs"],
        dynamic_shapes={
            "photographs": {0: torch.export.Dim("k", min=1), 3: 16 * torch.export.Dim("w", min=1)},
            "rows": {0: torch.export.Dim("r", min=1)},
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
