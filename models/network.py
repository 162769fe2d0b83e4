"""The network of our own reader: K photographs of a strip in, evidence per column out. Training only.

One convolutional trunk looks at every photograph by itself; its maps are pooled over the photographs by a
weighted mean and a maximum, neither of which knows their order; a head turns the pooled map into one
distribution over the glyph classes per column of four pixels. A column sees 57 pixels of the strip's width at
most, two pitches of a strip of 48 rows: the evidence for a character is that character and what stands right
beside it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

CLASSES = 60
"""No character centred here, then the glyph classes in order."""

COLUMN = 4
"""Pixels of a strip to a column of evidence."""


def _convolution(
    given: int, made: int, kernel: tuple[int, int], stride: tuple[int, int] = (1, 1)
) -> nn.Sequential:
    padding = kernel[0] // 2, kernel[1] // 2
    return nn.Sequential(
        nn.Conv2d(given, made, kernel, stride, padding, bias=False),
        nn.BatchNorm2d(made),
        nn.ReLU(inplace=True),
    )


class _Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = _convolution(channels, channels, (3, 3))
        self.second = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels)
        )

    def forward(self, given: Tensor) -> Tensor:
        return torch.relu(given + self.second(self.first(given)))


class Marks(nn.Module):
    """`photographs` (N, 1, 48, W) float32, normalised, W a multiple of 4; `series` (N,) int64: which of the
    `count` series each belongs to. Gives logits (count, W / 4, 60)."""

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        a, b, c, d = (int(width * channels) for channels in (16, 32, 64, 128))
        self.trunk = nn.Sequential(
            _convolution(1, a, (5, 3)),
            _convolution(a, b, (3, 3), (2, 2)),
            _Residual(b),
            _convolution(b, c, (3, 3), (2, 2)),
            _Residual(c),
            _Residual(c),
        )
        self.say = nn.Conv2d(c, 1, 1)
        self.head = nn.Sequential(
            _convolution(2 * c, c, (1, 1)),
            _convolution(c, d, (3, 3), (2, 1)),
            _convolution(d, d, (3, 1), (2, 1)),
            nn.Conv2d(d, 2 * d, (3, 1)),
            nn.ReLU(inplace=True),
            nn.Dropout(0.1),
            nn.Conv2d(2 * d, CLASSES, 1),
        )

    def forward(self, photographs: Tensor, series: Tensor, count: int) -> Tensor:
        return self.read(self.pooled(self.trunk(photographs), series, count))

    def pooled(self, maps: Tensor, series: Tensor, count: int) -> Tensor:
        """(count, 2C, 12, W / 4): weighted mean and maximum over the photographs of each series."""
        weight = torch.sigmoid(self.say(maps)) + 1e-3
        shape = (count, *maps.shape[1:])
        total = maps.new_zeros(shape).index_add(0, series, maps * weight)
        share = maps.new_zeros((count, 1, *maps.shape[2:])).index_add(0, series, weight)
        index = series.view(-1, 1, 1, 1).expand_as(maps)
        # Maps are rectified, so nought is less than or equal to every value.
        most = maps.new_zeros(shape).scatter_reduce(0, index, maps, "amax")
        return torch.cat([total / share, most], dim=1)

    def read(self, pooled: Tensor) -> Tensor:
        return self.head(pooled).squeeze(2).transpose(1, 2)
