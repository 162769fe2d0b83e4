"""A run over many series: jobs out, results in as they come, in a pool, on a cluster or right here."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from examiner.folders.cluster import on_cluster
from examiner.folders.job import Job, lost, read_job, versions_here
from examiner.folders.pool import TRIES, Ended, in_processes, in_turn
from examiner.folders.results.row import Result, printable
from examiner.folders.series import Options, Series
from pipelines.types import Proposal

START_S = 120.0
"""Seconds that any series may take, whatever the number of its photographs."""


@dataclass(frozen=True)
class Where:
    """Who reads: `workers` processes of this machine (1: this process), or the cluster at `scheduler`.

    `patience_s`: seconds a photograph after which a worker counts as hung, besides START_S. `apart`: never in
    this process, which has something else to answer. `threads` of each worker; None shares out the cores.
    """

    workers: int = 1
    scheduler: str = ""
    patience_s: float = 120.0
    apart: bool = False
    threads: int | None = None


@dataclass(frozen=True)
class Step:
    """A series that is done with: its `number` among those given, its `result` (None where it was known)."""

    number: int
    series: str
    photographs: int
    result: Result | None


def run(
    series: Sequence[Series],
    options: Options,
    where: Where,
    known: Mapping[str, str] | None = None,
    pictures: Path | None = None,
) -> Generator[Step, None, None]:
    """Every series once, as they come. `known`: keys of series that were read before, by `printable` name.

    Closing the iterator stops at once; what was given out is whole. Raises WorkerError.
    """
    before = known or {}
    versions = versions_here() if where.scheduler else None
    jobs = (Job(one, options, before.get(printable(one.name), ""), pictures, versions) for one in series)
    for ended in _ended(jobs, where, len(series)):
        job = ended.asked
        result = ended.made if ended.lost is None else lost(job, ended.lost, TRIES)
        yield Step(ended.number, job.series.name, photographs(job.series), result)


def read_all(series: Sequence[Series], options: Options, workers: int) -> Iterator[Proposal]:
    """Proposals in the order of the series. With more than one worker in a pool of processes.

    A series whose worker dies or hangs is tried again and then reported, see `examiner.folders`.
    """
    for step in in_turn(run(series, options, Where(workers))):
        assert step.result is not None  # Nothing was known before.
        yield step.result.proposal


def photographs(series: Series) -> int:
    """Photographs and frames of a series."""
    return len(series.sources[0]) if series.sources else 0


def _ended(jobs: Iterable[Job], where: Where, count: int) -> Iterator[Ended[Job, Result | None]]:
    def patience_s(job: Job) -> float:
        return START_S + where.patience_s * photographs(job.series) * len(job.series.sources)

    if where.scheduler:
        yield from on_cluster(where.scheduler, read_job, jobs, patience_s)
    elif not where.apart and (where.workers <= 1 or count <= 1):
        for number, job in enumerate(jobs):
            yield Ended(number, job, read_job(job))
    else:
        yield from in_processes(read_job, jobs, max(1, min(where.workers, count)), patience_s, where.threads)
