"""The network of our own locator: one small picture in, the heat of rows of characters out. Training only."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


def _convolution(given: int, made: int, stride: int = 1, spread: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(given, made, 3, stride, spread, spread, bias=False),
        nn.BatchNorm2d(made),
        nn.ReLU(inplace=True),
    )


class _Residual(nn.Module):
    def __init__(self, channels: int, spread: int = 1) -> None:
        super().__init__()
        self.first = _convolution(channels, channels, 1, spread)
        self.second = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels)
        )

    def forward(self, given: Tensor) -> Tensor:
        return torch.relu(given + self.second(self.first(given)))


def _doubled(maps: Tensor) -> Tensor:
    return functional.interpolate(maps, scale_factor=2.0, mode="nearest")


class Rows(nn.Module):
    """`pictures` (N, 1, H, W) float32, levelled to mean 0 and deviation 1, H and W multiples of 16. Gives
    logits (N, H / 4, W / 4) of a cell's lying in the core of a row."""

    def __init__(self) -> None:
        super().__init__()
        self.fine = nn.Sequential(
            _convolution(1, 16, 2), _convolution(16, 24), _convolution(24, 32, 2), _Residual(32)
        )
        self.middle = nn.Sequential(_convolution(32, 64, 2), _Residual(64), _Residual(64))
        self.coarse = nn.Sequential(_convolution(64, 96, 2), _Residual(96), _Residual(96, 2))
        self.down = _convolution(64 + 96, 64)
        self.out = nn.Sequential(_convolution(32 + 64, 48), nn.Conv2d(48, 1, 1))

    def forward(self, pictures: Tensor) -> Tensor:
        fine = self.fine(pictures)
        middle = self.middle(fine)
        coarse = _doubled(self.coarse(middle))
        down = _doubled(self.down(torch.cat([middle, coarse], 1)))
        heat: Tensor = self.out(torch.cat([fine, down], 1))
        return heat[:, 0]
