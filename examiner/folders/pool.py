"""A pool of processes in which one that hangs or dies costs nothing but time.

Each process has a pipe of its own, so that the end of one leaves the others at work. Nothing here knows what
the work is; this module loads no library, so that threads are set before any is loaded.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic, Literal, Protocol, TypeVar

from pipelines.environment import THREADS
from pipelines.errors import WorkerError

Asked = TypeVar("Asked")
Made = TypeVar("Made")

TRIES = 3
"""Times that a task is given to a worker before it is marked."""

START_S = 300.0
"""Seconds that a worker has to load what it works with."""

THREAD_VARIABLES = (THREADS, "OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS")
"""Environment variables by which ONNX Runtime, Tesseract and NumPy take their number of threads."""

Loss = Literal["died", "hung"]


@dataclass(frozen=True)
class Ended(Generic[Asked, Made]):
    """A task that came to its end: `made`, or after TRIES in vain why it was `lost`."""

    number: int
    asked: Asked
    made: Made | None
    lost: Loss | None = None


@dataclass(frozen=True)
class _Task(Generic[Asked]):
    number: int
    asked: Asked
    tries: int = 0


@dataclass
class _Worker(Generic[Asked]):
    """A process with the task it has, and the moment at which it counts as hung."""

    process: BaseProcess
    pipe: Connection
    ready: bool
    task: _Task[Asked] | None
    until: float


def threads_for(workers: int) -> int:
    """Threads of each worker, so that together they fill the cores and do not fight for them."""
    return max(1, (os.cpu_count() or 1) // workers)


def set_threads(threads: int) -> None:
    """For what this process loads from now on, and for OpenCV."""
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, str(threads)))
    import cv2

    cv2.setNumThreads(threads)


def in_processes(
    work: Callable[[Asked], Made],
    asked: Iterable[Asked],
    workers: int,
    patience_s: Callable[[Asked], float],
    threads: int | None = None,
) -> Iterator[Ended[Asked, Made]]:
    """What `work` makes of each of `asked`, as it is made, in `workers` processes of `threads` threads each.

    `asked` is drawn from as workers get free, never ahead. `work` must not raise and be found by name in its
    module. A worker that dies, or takes longer than `patience_s` says, is replaced and its task tried again;
    the others go on. Closing the iterator ends all processes at once. Raises WorkerError where workers cannot
    even be started.
    """
    crew: list[_Worker[Asked]] = []
    again: deque[_Task[Asked]] = deque()
    left = (_Task(number, one) for number, one in enumerate(asked))
    failed_starts = 0
    try:
        following = next(left, None)
        while following is not None or again or any(worker.task for worker in crew):
            busy = sum(worker.task is not None for worker in crew)
            while len(crew) < min(workers, busy + len(again) + (workers if following is not None else 0)):
                crew.append(_started(work, threads or threads_for(workers)))
            for worker in crew:
                if worker.ready and worker.task is None and (again or following is not None):
                    if again:
                        task = again.popleft()
                    else:
                        assert following is not None
                        task, following = following, next(left, None)
                    _give(worker, task, patience_s(task.asked))
            for worker, loss, made in _heard(crew):
                had = worker.task
                if loss is None and not worker.ready:
                    worker.ready, worker.until, failed_starts = True, float("inf"), 0
                    continue
                worker.task = None
                if loss is None and had is not None:
                    worker.until = float("inf")
                    yield Ended(had.number, had.asked, made)
                    continue
                crew.remove(worker)
                _end(worker)
                if had is None:
                    failed_starts += not worker.ready
                    if failed_starts >= TRIES:
                        raise WorkerError(
                            f"worker processes {loss} as they started, {TRIES} times in turn; run with "
                            "--workers 1 to see why, and look whether memory is short"
                        )
                elif had.tries + 1 < TRIES:
                    again.append(replace(had, tries=had.tries + 1))
                else:
                    yield Ended(had.number, had.asked, None, loss)
    finally:
        for worker in crew:
            _end(worker)


class Numbered(Protocol):
    @property
    def number(self) -> int: ...


Turn = TypeVar("Turn", bound=Numbered)


def in_turn(ended: Iterable[Turn]) -> Iterator[Turn]:
    """The same in the order of their numbers, from 0; what comes early is held."""
    early: dict[int, Turn] = {}
    following = 0
    for one in ended:
        early[one.number] = one
        while following in early:
            yield early.pop(following)
            following += 1


def _started(work: Callable[[Asked], Made], threads: int) -> _Worker[Asked]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, threads), daemon=True)
    process.start()
    theirs.close()
    worker: _Worker[Asked] = _Worker(process, ours, False, None, time.monotonic() + START_S)
    with suppress(OSError):  # Of one that died at once; the pipe says so when it is listened to.
        ours.send(work)
    return worker


def _give(worker: _Worker[Asked], task: _Task[Asked], patience_s: float) -> None:
    worker.task, worker.until = task, time.monotonic() + patience_s
    with suppress(OSError):  # As above.
        worker.pipe.send(task.asked)


def _heard(crew: list[_Worker[Asked]]) -> list[tuple[_Worker[Asked], Loss | None, Any]]:
    """What the workers said, or which of them died or hang, as soon as there is anything."""
    pause = min(worker.until for worker in crew) - time.monotonic()
    spoke = wait([worker.pipe for worker in crew], None if pause == float("inf") else max(0.0, pause))
    heard: list[tuple[_Worker[Asked], Loss | None, Any]] = []
    for worker in crew:
        if worker.pipe in spoke:
            try:
                heard.append((worker, None, worker.pipe.recv()))
            except (EOFError, OSError):
                heard.append((worker, "died", None))
        elif worker.until <= time.monotonic():
            heard.append((worker, "hung", None))
    return heard


def _end(worker: _Worker[Asked]) -> None:
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
        pass  # Nobody is there any more who would want to know.
