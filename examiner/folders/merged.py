"""The parts of an archive that several machines have read, put together into one file of results."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from examiner.folders.results.as_sqlite import write_rows, written_by_series
from examiner.folders.results.file import results_to
from examiner.folders.results.run_record import RunRecord, begin_run, last_run
from pipelines.errors import ResultsError

SUFFIX = ".sqlite"
"""Of the files that know which part they are."""

NAMED = 20
"""Parts that a message names."""


def merge_shards(parts: Sequence[Path], target: Path, command: str, force: bool = False) -> int:
    """Writes the results of all parts into a new file, by the name of the series; returns how many there are.

    The file is as one run over the whole archive would have left it, but for the order. Raises ResultsError,
    before anything is written, where parts are missing, doubled or unfinished, were read with other options
    or versions, or hold the same series.
    """
    record = _record_of_all(parts)
    _check_series(parts)
    part = target.with_name(f".{target.name}.part{SUFFIX}")
    part.unlink(missing_ok=True)
    try:
        results_to(part, resume=False).close()
        write_rows(part, heapq.merge(*(written_by_series(path) for path in parts), key=_series))
        begin_run(part, RunRecord(command, record.versions, record.options, finished=True))
        with results_to(part, resume=True) as results:
            count = len(results.known)
        if target.exists() and not force:
            raise ResultsError(f"{target}: exists already; name another file, or add --force to replace it")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return count


def _record_of_all(parts: Sequence[Path]) -> RunRecord:
    records = [(path, _record(path)) for path in parts]
    first_path, first = records[0]
    for path, record in records[1:]:
        if record.shards != first.shards:
            raise ResultsError(
                f"{path}: is part {record.shard} of {record.shards}, but {first_path} is part "
                f"{first.shard} of {first.shards}; give the parts of one whole"
            )
        _check_same("versions", "install the same ones on every machine", (first_path, first), (path, record))
        _check_same("options", "read that part again with the same ones", (first_path, first), (path, record))
    numbers: dict[int, Path] = {}
    for path, record in records:
        if record.shard in numbers:
            raise ResultsError(
                f"{path}: is part {record.shard}/{record.shards}, as {numbers[record.shard]} is; give each "
                "part once"
            )
        numbers[record.shard] = path
    missing = [str(number) for number in range(1, first.shards + 1) if number not in numbers]
    if missing:
        more = f" and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
        raise ResultsError(
            f"of {first.shards} parts {len(missing)} are missing: {', '.join(missing[:NAMED])}{more}; read "
            f"them with --shard NUMBER/{first.shards}, and name their files too"
        )
    for path, record in records:
        if not record.finished:
            raise ResultsError(
                f"{path}: part {record.shard}/{record.shards} was not read to its end; continue it with "
                "--resume"
            )
    return first


def _record(path: Path) -> RunRecord:
    if path.suffix.lower() != SUFFIX:
        raise ResultsError(f"{path}: parts are read with --shard into files with the suffix {SUFFIX}")
    record = last_run(path)
    if record is None:
        raise ResultsError(
            f"{path}: does not say how it was made, because an earlier version wrote it; read it again with "
            "--shard"
        )
    return record


def _check_same(what: str, cure: str, first: tuple[Path, RunRecord], other: tuple[Path, RunRecord]) -> None:
    values: tuple[Mapping[str, Any], Mapping[str, Any]] = getattr(first[1], what), getattr(other[1], what)
    differing = sorted(
        name for name in values[0].keys() | values[1].keys() if values[0].get(name) != values[1].get(name)
    )
    if differing:
        said = "; ".join(
            f"{name} {_short(values[1].get(name))} instead of {_short(values[0].get(name))}"
            for name in differing[:3]
        )
        raise ResultsError(f"{other[0]}: was read with other {what} than {first[0]} ({said}); {cure}")


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:40]}…"


def _check_series(parts: Sequence[Path]) -> None:
    for (series, path), (following, other) in pairwise(heapq.merge(*(_names(path) for path in parts))):
        if series == following:
            raise ResultsError(f"series {series} is in {path} and in {other}; leave one of the files out")


def _names(path: Path) -> Iterator[tuple[str, str]]:
    for row in written_by_series(path):
        yield _series(row), str(path)


def _series(row: tuple[object, ...]) -> str:
    return str(row[0])
