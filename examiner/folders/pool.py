"""A pool of processes that replaces a process which hangs or dies, and tries its task again.

Each process has its own pipe, so that the end of one does not disturb the others. Nothing here knows what the
work is. This module loads no library that has threads, so that their number is set before one is loaded.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic, Literal, Protocol, TypeVar

from examiner.folders.patience import WorkClock
from pipelines.environment import THREADS
from pipelines.errors import WorkerError

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")

TRIES = 3
"""Times that a task is given to a worker before it is marked as lost."""

START_S = 300.0
"""Seconds that a worker has to load what it works with, as patience counts them."""

LOOK_S = 2.0
"""Seconds between two looks at what the workers have computed."""

THREAD_VARIABLES = (THREADS, "OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS")
"""Environment variables by which ONNX Runtime, Tesseract and NumPy take their number of threads."""

Loss = Literal["died", "hung"]


@dataclass(frozen=True)
class Ended(Generic[Item, Outcome]):
    """A task that has ended: its `outcome`, or why it was `lost` after TRIES tries."""

    number: int
    item: Item
    outcome: Outcome | None
    lost: Loss | None = None


@dataclass(frozen=True)
class _Task(Generic[Item]):
    number: int
    item: Item
    tries: int = 0


@dataclass
class _Worker(Generic[Item]):
    """A process with its task; when its clock has come to `patience_s` it counts as hung."""

    process: BaseProcess
    pipe: Connection
    ready: bool
    task: _Task[Item] | None
    clock: WorkClock
    patience_s: float


def threads_for(workers: int) -> int:
    """Threads of each worker, so that all workers together use the cores once."""
    return max(1, (os.cpu_count() or 1) // workers)


def set_threads(threads: int) -> None:
    """Sets the threads of OpenCV, and of the libraries that this process loads from now on."""
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, str(threads)))
    import cv2  # Not before the variables are set.

    cv2.setNumThreads(threads)


def in_processes(
    work: Callable[[Item], Outcome],
    items: Iterable[Item],
    workers: int,
    patience_s: Callable[[Item], float],
    threads: int | None = None,
) -> Generator[Ended[Item, Outcome], None, None]:
    """The outcome of `work` for each item, in the order in which `workers` processes finish.

    Each process has `threads` threads. The next item is drawn only when a worker is free. `work` must not
    raise, and must be found by name in its module. A worker that dies, or computes or waits for longer than
    `patience_s` says (`patience.WorkClock`), is replaced and its task tried again; the others go on.
    Closing the iterator ends all processes. Raises WorkerError where no worker can be started.
    """
    crew: list[_Worker[Item]] = []
    again: deque[_Task[Item]] = deque()
    tasks = (_Task(number, item) for number, item in enumerate(items))
    failed_starts = 0
    try:
        following = next(tasks, None)
        while following is not None or again or any(worker.task for worker in crew):
            busy = sum(worker.task is not None for worker in crew)
            while len(crew) < min(workers, busy + len(again) + (workers if following is not None else 0)):
                crew.append(_started_worker(work, threads or threads_for(workers)))
            for worker in crew:
                if worker.ready and worker.task is None and (again or following is not None):
                    if again:
                        task = again.popleft()
                    else:
                        assert following is not None
                        task, following = following, next(tasks, None)
                    _give(worker, task, patience_s(task.item))
            for worker, loss, outcome in _heard(crew):
                ended = worker.task
                if loss is None and not worker.ready:
                    worker.ready, worker.patience_s, failed_starts = True, math.inf, 0
                    continue
                worker.task = None
                if loss is None and ended is not None:
                    worker.patience_s = math.inf
                    yield Ended(ended.number, ended.item, outcome)
                    continue
                crew.remove(worker)
                _end(worker)
                if ended is None:
                    failed_starts += not worker.ready
                    if failed_starts >= TRIES:
                        raise WorkerError(
                            f"worker processes {loss} at their start, {TRIES} times in a row; run with "
                            "--workers 1 to see why, and check whether memory is short"
                        )
                elif ended.tries + 1 < TRIES:
                    again.append(replace(ended, tries=ended.tries + 1))
                else:
                    yield Ended(ended.number, ended.item, None, loss)
    finally:
        for worker in crew:
            _end(worker)


class Numbered(Protocol):
    @property
    def number(self) -> int: ...


Turn = TypeVar("Turn", bound=Numbered)


def in_turn(ended: Iterable[Turn]) -> Iterator[Turn]:
    """The same in the order of their numbers, from 0; those that come early are held back."""
    early: dict[int, Turn] = {}
    following = 0
    for task in ended:
        early[task.number] = task
        while following in early:
            yield early.pop(following)
            following += 1


def _started_worker(work: Callable[[Item], Outcome], threads: int) -> _Worker[Item]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, threads), daemon=True)
    process.start()
    theirs.close()
    assert process.pid is not None
    clock = WorkClock(process.pid, threads)
    worker: _Worker[Item] = _Worker(process, ours, False, None, clock, START_S)
    with suppress(OSError):  # The worker died at once; reading from the pipe says so later.
        ours.send(work)
    return worker


def _give(worker: _Worker[Item], task: _Task[Item], patience_s: float) -> None:
    worker.task, worker.patience_s = task, patience_s
    worker.clock.restart()
    with suppress(OSError):  # As above.
        worker.pipe.send(task.item)


def _heard(crew: list[_Worker[Item]]) -> list[tuple[_Worker[Item], Loss | None, Any]]:
    """The outcomes that workers sent, and which workers died or hang: as soon as there is one, or empty after
    a short time."""
    heard: list[tuple[_Worker[Item], Loss | None, Any]] = []
    busy = any(worker.patience_s < math.inf for worker in crew)
    spoke = wait([worker.pipe for worker in crew], LOOK_S if busy else None)
    for worker in crew:
        if worker.pipe in spoke:
            try:
                heard.append((worker, None, worker.pipe.recv()))
            except (EOFError, OSError):
                heard.append((worker, "died", None))
        elif worker.patience_s < math.inf and worker.clock.now_s() >= worker.patience_s:
            heard.append((worker, "hung", None))
    return heard


def _end(worker: _Worker[Item]) -> None:
    worker.pipe.close()
    worker.process.kill()
    worker.process.join()
    worker.process.close()


def _serve(pipe: Connection, threads: int) -> None:
    """What runs in a worker until the other end of its pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the first one decides.
    try:
        set_threads(threads)
        work = pipe.recv()
        pipe.send(None)
        while True:
            pipe.send(work(pipe.recv()))
    except (EOFError, OSError):
        pass  # The process that gave the work has ended.
