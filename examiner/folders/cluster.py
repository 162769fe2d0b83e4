"""The same work on a Dask cluster.

A worker that is killed loses nothing: the scheduler gives its tasks to another, and one that kills its
workers again and again is marked. Only as many tasks are out as the cluster has threads, so that the time a
task takes is the time since it was given out. What Dask sends is trusted by both ends: whoever reaches the
scheduler can run programs on it and on its workers (docs/folders.md says how to close it off).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from examiner.folders.pool import TRIES, Ended, Loss
from pipelines.errors import WorkerError

Asked = TypeVar("Asked")
Made = TypeVar("Made")

CONNECT_S = 20
"""Seconds to reach the scheduler, and for its first worker to come."""

RESTART_S = 10
"""Seconds for a worker that hangs to be ended and another started; it is asked to end itself for most of
them."""

LOOK_S = 2.0
"""Seconds between two looks at what the cluster does."""


@dataclass
class _Out:
    """A task that is on the cluster; `since` it was given out or last tried."""

    number: int
    asked: Any
    since: float
    tries: int = 0


def on_cluster(
    address: str,
    work: Callable[[Asked], Made],
    asked: Iterable[Asked],
    patience_s: Callable[[Asked], float],
) -> Iterator[Ended[Asked, Made]]:
    """What `work` makes of each of `asked`, as it is made, by the workers of the scheduler at `address`.

    `work` must not raise and be installed on every worker. A worker whose task takes longer than `patience_s`
    says is started anew, and the task tried again. Closing the iterator takes back what is out. Raises
    WorkerError where the cluster is not there or has no worker.
    """
    try:
        import distributed
    except ImportError as error:
        raise WorkerError(
            "a Dask cluster needs the package distributed; install the extra `cluster`"
        ) from error
    with _client(distributed, address) as client:
        left = enumerate(asked)
        out: dict[Any, _Out] = {}
        idle_since = time.monotonic()
        while True:
            threads = sum(client.nthreads().values())
            if threads:
                idle_since = time.monotonic()
            elif time.monotonic() - idle_since > CONNECT_S:
                raise WorkerError(f"{address}: the cluster has no worker left; start some and go on")
            while len(out) < threads and (task := next(left, None)) is not None:
                number, one = task
                out[_submitted(client, work, one)] = _Out(number, one, time.monotonic())
            if not out and threads:
                return
            with suppress(distributed.TimeoutError), client.as_current():
                if out:
                    distributed.wait(list(out), timeout=LOOK_S, return_when="FIRST_COMPLETED")
            for future in [future for future in out if future.done()]:
                task_out = out.pop(future)
                ended = _ended(future, task_out)
                if ended is None:  # Lost with the connection; given out again.
                    out[_submitted(client, work, task_out.asked)] = task_out
                else:
                    yield ended
            for future in _overdue(out, patience_s):
                task_out = out.pop(future)
                _start_anew(client, future)
                task_out.tries += 1
                if task_out.tries < TRIES:
                    task_out.since = time.monotonic()
                    out[_submitted(client, work, task_out.asked)] = task_out
                else:
                    yield Ended(task_out.number, task_out.asked, None, "hung")


def _client(distributed: Any, address: str) -> Any:
    try:
        client = distributed.Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise WorkerError(
            f"{address}: no scheduler answers ({error}); expected tcp://HOST:PORT of `dask scheduler`"
        ) from error
    try:
        client.wait_for_workers(1, timeout=CONNECT_S)
    except distributed.TimeoutError as error:
        client.close()
        raise WorkerError(f"{address}: the scheduler has no worker; start some with `dask worker`") from error
    return client


def _submitted(client: Any, work: Callable[[Asked], Made], asked: Asked) -> Any:
    # Not pure: a task that is tried again must not be answered by what is left of the one before.
    return client.submit(work, asked, pure=False)


def _ended(future: Any, out: _Out) -> Ended[Any, Any] | None:
    if future.status == "finished":
        return Ended(out.number, out.asked, future.result())
    if future.status == "error":
        error = future.exception()
        if type(error).__name__ != "KilledWorker":
            raise WorkerError(f"the cluster cannot run this program: {error}; install it on every worker")
        lost: Loss = "died"
        return Ended(out.number, out.asked, None, lost)
    return None


def _overdue(out: dict[Any, _Out], patience_s: Callable[[Any], float]) -> list[Any]:
    now = time.monotonic()
    return [future for future, one in out.items() if now - one.since > patience_s(one.asked)]


def _start_anew(client: Any, future: Any) -> None:
    """Ends the worker that has the task; its nanny starts another, its other tasks move on."""
    workers = [worker for worker, keys in client.processing().items() if future.key in keys]
    future.cancel(force=True)
    if workers:
        with suppress(Exception):  # It may be gone meanwhile, or have no nanny; then it stays as it is.
            client.restart_workers(workers, timeout=RESTART_S, raise_for_error=False)
