"""Batches for training, made ahead by other processes: the same in the same order, however many make them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import cv2
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

T = TypeVar("T")

LANES = 12
"""Streams that take turns. The number of processes must divide it."""


class _Lanes(IterableDataset[T]):
    def __init__(self, stream: Callable[[int], Iterator[T]]) -> None:
        super().__init__()
        self.stream = stream

    def __iter__(self) -> Iterator[T]:
        cv2.setNumThreads(1)
        worker = get_worker_info()
        first, step = (worker.id, worker.num_workers) if worker else (0, 1)
        lanes = [self.stream(number) for number in range(first, LANES, step)]
        while True:
            for lane in lanes:
                yield next(lane)


def in_turn(stream: Callable[[int], Iterator[T]], processes: int) -> Iterator[T]:
    """Endless: one of `stream(0)`, one of `stream(1)`, … `stream(LANES - 1)`, and again.

    0 processes: made when asked for. Raises ValueError where `processes` does not divide LANES.
    """
    if processes and LANES % processes:
        raise ValueError(f"{processes} processes for {LANES} lanes: give 0 or a divisor")
    # Spawned: a fork of a process whose OpenCV or OpenMP threads have run waits for them for ever.
    ahead = {"multiprocessing_context": "spawn", "prefetch_factor": 4} if processes else {}
    return iter(DataLoader(_Lanes(stream), batch_size=None, num_workers=processes, **ahead))
