"""The network of our own reader: K photographs of a strip in, evidence per column out. Training only.

One convolutional trunk looks at every photograph by itself; its maps are pooled over the photographs by a
weighted mean and a maximum, neither of which knows their order; a head turns the pooled map into one
distribution over the glyph classes per column of four pixels. The trunk is the stem and the first two stages
of PP-OCRv6's recogniser, whose weights `models.training.foundation` brings. Its gates, which looked at the
whole line, are constants here: a column sees 99 pixels of the strip's width and nothing else.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from pipelines.reading.readers.levelling import CHANNELS

CLASSES = 60
"""No character centred here, then the glyph classes in order."""

COLUMN = 4
"""Pixels of a strip to a column of evidence."""

WIDE, DEEP = 96, 192
"""Channels of the trunk's two stages."""

UPRIGHT = 3
"""Blocks that work on what the photographs of a series gave together."""


class Stem(nn.Module):
    """Two roads from the strip to a quarter of its size: small strokes, and their neighbourhood's maximum."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(CHANNELS, 48, 3, 2, 1)
        self.second = nn.Conv2d(48, 24, 2)
        self.third = nn.Conv2d(24, 48, 2)
        self.fourth = nn.Conv2d(96, 48, 3, 2, 1)
        self.fifth = nn.Conv2d(48, WIDE, 1)

    def forward(self, strip: Tensor) -> Tensor:
        coarse = functional.relu(self.first(strip))
        padded = functional.pad(coarse, (0, 1, 0, 1))
        fine = functional.relu(self.second(padded))
        fine = functional.relu(self.third(functional.pad(fine, (0, 1, 0, 1))))
        joined = torch.cat([functional.max_pool2d(padded, 2, 1), fine], 1)
        return functional.relu(self.fifth(functional.relu(self.fourth(joined))))


class Block(nn.Module):
    """Depthwise convolution, then two pointwise ones that add to it where the shape stays."""

    def __init__(
        self,
        given: int,
        made: int,
        middle: int,
        stride: tuple[int, int] = (1, 1),
        kernel: tuple[int, int] = (3, 3),
    ) -> None:
        super().__init__()
        self.stays = given == made
        around = kernel[0] // 2, kernel[1] // 2
        self.across = nn.Conv2d(given, given, kernel, stride, around, groups=given)
        self.up = nn.Conv2d(given, middle, 1)
        self.down = nn.Conv2d(middle, made, 1)

    def forward(self, given: Tensor) -> Tensor:
        seen = self.across(given)
        made: Tensor = self.down(functional.gelu(self.up(seen)))
        return seen + made if self.stays else made


def _upright() -> Block:
    """Looks up and down only, so that a column sees no more of the width; begins as what it was given."""
    block = Block(DEEP, DEEP, 2 * DEEP, kernel=(3, 1))
    nn.init.dirac_(block.across.weight, groups=DEEP)
    for parameters in (block.across.bias, block.down.weight, block.down.bias):
        if parameters is not None:
            nn.init.zeros_(parameters)
    return block


def _convolution(
    given: int, made: int, kernel: tuple[int, int], stride: tuple[int, int] = (1, 1)
) -> nn.Sequential:
    padding = kernel[0] // 2, kernel[1] // 2
    return nn.Sequential(
        nn.Conv2d(given, made, kernel, stride, padding, bias=False),
        nn.BatchNorm2d(made),
        nn.ReLU(inplace=True),
    )


class Marks(nn.Module):
    """`photographs` (N, 3, 48, W) float32, as presented, W a multiple of 4; `series` (N,) int64: which of the
    `count` series each belongs to. Gives logits (count, W / 4, 61): of the classes, then that a character is
    centred there, whichever."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = nn.Sequential(
            Stem(),
            *(Block(WIDE, WIDE, 2 * WIDE) for _ in range(3)),
            Block(WIDE, DEEP, DEEP, (2, 1)),
            *(Block(DEEP, DEEP, 2 * DEEP) for _ in range(6)),
        )
        self.say = nn.Conv2d(DEEP, 1, 1)
        self.head = nn.Sequential(
            _convolution(2 * DEEP, DEEP, (1, 1)),
            *(_upright() for _ in range(UPRIGHT)),
            _convolution(DEEP, DEEP, (3, 3), (2, 1)),
            nn.Conv2d(DEEP, 2 * DEEP, (3, 1)),
            nn.ReLU(inplace=True),
            nn.Dropout(0.1),
            nn.Conv2d(2 * DEEP, CLASSES, 1),
        )
        self.presence = nn.Conv2d(2 * DEEP, 1, 1)

    def forward(self, photographs: Tensor, series: Tensor, count: int) -> Tensor:
        return self.read(self.pooled(self.trunk(photographs), series, count))

    def pooled(self, maps: Tensor, series: Tensor, count: int) -> Tensor:
        """(count, 2C, 6, W / 4): weighted mean and maximum over the photographs of each series."""
        weight = torch.sigmoid(self.say(maps)) + 1e-3
        shape = (count, *maps.shape[1:])
        total = maps.new_zeros(shape).index_add(0, series, maps * weight)
        share = maps.new_zeros((count, 1, *maps.shape[2:])).index_add(0, series, weight)
        index = series.view(-1, 1, 1, 1).expand_as(maps)
        most = maps.new_zeros(shape).scatter_reduce(0, index, maps, "amax", include_self=False)
        return torch.cat([total / share, most], dim=1)

    def read(self, pooled: Tensor) -> Tensor:
        told = self.head[:-1](pooled)
        both = torch.cat([self.head[-1](told), self.presence(told)], dim=1)
        return both.squeeze(2).transpose(1, 2)
