"""A run over many series: each is read in this process, in a pool of processes or on a cluster."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from examiner.folders.cluster import on_cluster
from examiner.folders.job import Job, lost_result, read_job, versions_here
from examiner.folders.pool import TRIES, Ended, in_processes, in_turn
from examiner.folders.results.row import SeriesResult, printable
from examiner.folders.series import Options, Series
from pipelines.types import Proposal

START_S = 120.0
"""Seconds that a series may take, besides those for each photograph."""


@dataclass(frozen=True)
class Where:
    """Where series are read: in `workers` processes of this machine (1: in this one), or on the cluster of
    `scheduler`.

    `patience_s`: seconds of computing per photograph, besides START_S, after which a worker counts as hung
    (`patience`). `apart`: never
    in this process. `threads` of each worker; None divides the cores among the workers.
    """

    workers: int = 1
    scheduler: str = ""
    patience_s: float = 120.0
    apart: bool = False
    threads: int | None = None


@dataclass(frozen=True)
class SeriesDone:
    """A series that a run has finished: its `number` among those given; its `result`, None where it was
    known."""

    number: int
    series: str
    photographs: int
    result: SeriesResult | None


def run(
    series: Sequence[Series],
    options: Options,
    where: Where,
    known: Mapping[str, str] | None = None,
    pictures: Path | None = None,
    intermediates: Path | None = None,
) -> Generator[SeriesDone, None, None]:
    """Every series once, in the order in which they are finished. `known`: the key of each series that was
    read before, by its `printable` name.

    `pictures`: the folder for pictures of the overview. `intermediates`: a folder in which each series gets
    one of its own for pictures of the reading. Closing the iterator stops the run. Raises WorkerError.
    """
    before = known or {}
    versions = versions_here() if where.scheduler else None
    jobs = (
        Job(
            entry,
            options,
            before.get(printable(entry.name), ""),
            pictures,
            versions,
            intermediates and intermediates / folder_name(number, entry),
        )
        for number, entry in enumerate(series, 1)
    )
    for ended in _ended(jobs, where, len(series)):
        job = ended.item
        result = ended.outcome if ended.lost is None else lost_result(job, ended.lost, TRIES)
        yield SeriesDone(ended.number, job.series.name, photograph_count(job.series), result)


def read_all(series: Sequence[Series], options: Options, workers: int) -> Iterator[Proposal]:
    """Proposals in the order of the series; with more than one worker in a pool of processes.

    A series whose worker dies or hangs again and again has that as its error.
    """
    for done in in_turn(run(series, options, Where(workers))):
        assert done.result is not None  # Nothing was known before.
        yield done.result.proposal


def folder_name(number: int, series: Series) -> str:
    """A file name that every system takes, for a series by its number in the run, from 1, and its name."""
    words = re.sub(r"[^\w.-]+", "_", Path(series.name).name)
    return f"{number:04d}_{words[:60]}"


def photograph_count(series: Series) -> int:
    """Number of photographs and frames of a series."""
    return len(series.sources[0]) if series.sources else 0


def _ended(jobs: Iterable[Job], where: Where, count: int) -> Iterator[Ended[Job, SeriesResult | None]]:
    def patience_s(job: Job) -> float:
        return START_S + where.patience_s * photograph_count(job.series) * len(job.series.sources)

    if where.scheduler:
        yield from on_cluster(where.scheduler, read_job, jobs, patience_s)
    elif not where.apart and (where.workers <= 1 or count <= 1):
        for number, job in enumerate(jobs):
            yield Ended(number, job, read_job(job))
    else:
        yield from in_processes(read_job, jobs, max(1, min(where.workers, count)), patience_s, where.threads)
