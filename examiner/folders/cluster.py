"""Tasks given to a Dask cluster, and what becomes of each.

A worker that is killed loses nothing: the scheduler gives its tasks to another one. A task that kills its
workers again and again is marked as lost. No more tasks are given out than the cluster has threads, so that
what a worker computes is for its tasks. Both ends trust what Dask sends: whoever can reach the
scheduler can run programs on it and on its workers (docs/folders.md says how to close it off).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from examiner.folders.patience import counted_s
from examiner.folders.pool import TRIES, Ended, Loss
from pipelines.errors import WorkerError

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")

CONNECT_S = 20
"""Seconds to reach the scheduler, and to wait for its first worker."""

RESTART_S = 10
"""Seconds to end a worker that hangs and to start another one; for most of them it is asked to end itself."""

LOOK_S = 2.0
"""Seconds between two looks at the state of the cluster."""

IDLE = 0.1
"""Share of a core below which a worker does nothing for its task; Dask itself uses some."""

SILENT_S = 30.0
"""Seconds after which a worker that was not heard of does nothing."""


@dataclass
class _Submitted:
    """A task that is on the cluster; `spent_s`: what its worker has spent of our patience with this try."""

    number: int
    item: Any
    spent_s: float = 0.0
    tries: int = 0


def on_cluster(
    address: str,
    work: Callable[[Item], Outcome],
    items: Iterable[Item],
    patience_s: Callable[[Item], float],
) -> Iterator[Ended[Item, Outcome]]:
    """The outcome of `work` for each item, in the order in which the workers of a scheduler finish.

    `work` must not raise, and must be installed on every worker. A worker that computes for its task, or
    does nothing, for longer than `patience_s` says is started anew, and the task is tried again. Closing
    the iterator takes back all tasks. Raises WorkerError where the cluster cannot be reached or has no
    worker.
    """
    try:
        import distributed  # The extra `cluster`, which need not be installed.
    except ImportError as error:
        raise WorkerError(
            "a Dask cluster needs the package distributed; install the extra `cluster`"
        ) from error
    with _client(distributed, address) as client:
        numbered = enumerate(items)
        submitted: dict[Any, _Submitted] = {}
        idle_since = looked = time.monotonic()
        while True:
            threads = sum(client.nthreads().values())
            if threads:
                idle_since = time.monotonic()
            elif time.monotonic() - idle_since > CONNECT_S:
                raise WorkerError(
                    f"{address}: the cluster has no worker left; start workers, then run again with --resume"
                )
            while len(submitted) < threads and (following := next(numbered, None)) is not None:
                number, item = following
                submitted[_submit(client, work, item)] = _Submitted(number, item)
            if not submitted and threads:
                return
            with suppress(distributed.TimeoutError), client.as_current():
                if submitted:
                    distributed.wait(list(submitted), timeout=LOOK_S, return_when="FIRST_COMPLETED")
            for future in [future for future in submitted if future.done()]:
                task = submitted.pop(future)
                ended = _ended(future, task)
                if ended is None:  # Lost with the connection; given out again.
                    submitted[_submit(client, work, task.item)] = task
                else:
                    yield ended
            looked_before, looked = looked, time.monotonic()
            _count(client, submitted, looked - looked_before)
            for future in _overdue(submitted, patience_s):
                task = submitted.pop(future)
                _restart_worker(client, future)
                task.tries += 1
                if task.tries < TRIES:
                    task.spent_s = 0.0
                    submitted[_submit(client, work, task.item)] = task
                else:
                    yield Ended(task.number, task.item, None, "hung")


def _client(distributed: Any, address: str) -> Any:
    try:
        client = distributed.Client(address, timeout=CONNECT_S, set_as_default=False)
    except TypeError as error:  # So distributed says that there are no certificates.
        raise WorkerError(
            f"{address}: TLS needs certificates ({error}); set DASK_DISTRIBUTED__COMM__TLS__CA_FILE, "
            "…__CLIENT__CERT and …__CLIENT__KEY"
        ) from error
    except (OSError, ValueError) as error:
        raise WorkerError(
            f"{address}: no scheduler answers ({error}); expected tcp://HOST:PORT or tls://HOST:PORT of "
            "`dask scheduler`"
        ) from error
    try:
        client.wait_for_workers(1, timeout=CONNECT_S)
    except distributed.TimeoutError as error:
        client.close()
        raise WorkerError(f"{address}: the scheduler has no worker; start some with `dask worker`") from error
    return client


def _submit(client: Any, work: Callable[[Item], Outcome], item: Item) -> Any:
    # Not pure: a task that is tried again must not get the answer of the try before.
    return client.submit(work, item, pure=False)


def _ended(future: Any, task: _Submitted) -> Ended[Any, Any] | None:
    if future.status == "finished":
        return Ended(task.number, task.item, future.result())
    if future.status == "error":
        error = future.exception()
        if type(error).__name__ != "KilledWorker":
            raise WorkerError(f"the cluster cannot run this program: {error}; install it on every worker")
        loss: Loss = "died"
        return Ended(task.number, task.item, None, loss)
    return None


def _overdue(submitted: dict[Any, _Submitted], patience_s: Callable[[Any], float]) -> list[Any]:
    return [future for future, task in submitted.items() if task.spent_s > patience_s(task.item)]


def _count(client: Any, submitted: dict[Any, _Submitted], passed_s: float) -> None:
    """Adds to each task what its worker spent of our patience; a task that waits for a worker, nothing."""
    workers = client.scheduler_info()["workers"]
    places = {key: address for address, keys in client.processing().items() for key in keys}
    now = time.time()
    for future, task in submitted.items():
        worker = workers.get(places.get(future.key))
        if worker is None:
            continue
        heard = now - worker["last_seen"] < SILENT_S
        computed_s = worker["metrics"].get("cpu", 0.0) / 100 * passed_s if heard else 0.0
        task.spent_s += counted_s(computed_s, passed_s, worker["nthreads"], False, IDLE)


def _restart_worker(client: Any, future: Any) -> None:
    """Ends the worker that has the task; its nanny starts another one, its other tasks move on."""
    workers = [worker for worker, keys in client.processing().items() if future.key in keys]
    future.cancel(force=True)
    if workers:
        with suppress(Exception):  # It may be gone meanwhile, or have no nanny; then nothing can be done.
            client.restart_workers(workers, timeout=RESTART_S, raise_for_error=False)
