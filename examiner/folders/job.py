"""A job, one series to read, and the function that reads it in this process, in a pool or on a cluster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from examiner.casebook.versions import reader_versions
from examiner.folders.key import file_hashes, key_of
from examiner.folders.overview.pictures import write_pictures
from examiner.folders.pool import Loss, set_threads
from examiner.folders.results.row import SeriesResult, printable
from examiner.folders.series import Options, Series, read_series
from pipelines.types import Failure, PhotoEntry, Proposal

WORDS: Mapping[Loss, str] = {
    "died": "the process that read this series died",
    "hung": "the process that read this series did not answer in time and was ended",
}


@dataclass(frozen=True)
class Job:
    """A series to read. `known`: the key of an earlier run; with the same key it is not read again.

    `pictures`: the folder for pictures of the overview. `intermediates`: the folder for pictures of the
    reading. `versions`: those that a worker must have; None where it is this same installation.
    """

    series: Series
    options: Options
    known: str = ""
    pictures: Path | None = None
    versions: tuple[tuple[str, str], ...] | None = None
    intermediates: Path | None = None


def read_job(job: Job) -> SeriesResult | None:
    """The result; None where the series is known and unchanged. A failure is in the result, never raised."""
    series = job.series
    if job.versions is not None:
        set_threads(1)  # On a cluster each core has a worker of its own.
        if job.versions != versions_here():
            return failed_result(series, "version", _other_versions(job.versions))
    hashes = file_hashes(series)
    key = key_of(series, job.options, hashes)
    if key == job.known:
        return None
    proposal = _unchanged(read_series(series, job.options, job.intermediates), hashes)
    if job.pictures is None:
        return SeriesResult(proposal, key)
    return SeriesResult(proposal, key, write_pictures(proposal, key, job.pictures))


def versions_here() -> tuple[tuple[str, str], ...]:
    """The versions on which a result depends, sorted by name."""
    return tuple(sorted(reader_versions().items()))


def lost_result(job: Job, why: Loss, tries: int) -> SeriesResult:
    """The result for a series whose worker died or hung again and again."""
    message = (
        f"{printable(job.series.name)}: {WORDS[why]}, {tries} times; "
        "read its photographs one by one with --each-photo"
    )
    return failed_result(job.series, "worker_died" if why == "died" else "worker_hung", message)


def failed_result(series: Series, kind: str, message: str) -> SeriesResult:
    """A result that holds only a failure. Its key matches none: a later run tries the series again."""
    entries = tuple(
        PhotoEntry(str(source.path), None) for sources in series.sources[:1] for source in sources
    )
    return SeriesResult(Proposal(series.name, entries, (), {}, 0.0, Failure(kind, message)), "")


def _unchanged(proposal: Proposal, hashes: Mapping[str, str]) -> Proposal:
    """The proposal, with a failure for each file that had changed between hashing and reading."""
    entries = tuple(
        replace(
            photo,
            error=Failure(
                "changed",
                f"{Path(photo.path).name}: changed while it was read; read it again when it is complete",
            ),
        )
        if photo.sha256 is not None and photo.sha256 != hashes.get(photo.path, photo.sha256)
        else photo
        for photo in proposal.photos
    )
    return replace(proposal, photos=entries)


def _other_versions(expected: tuple[tuple[str, str], ...]) -> str:
    here = dict(versions_here())
    differing = [
        f"{name} {here.get(name, 'none')[:12]}, expected {value[:12]}"
        for name, value in expected
        if here.get(name) != value
    ]
    return f"this worker has other versions: {'; '.join(differing)}; install the same ones on every machine"
