"""Results as lines of text: JSON lines or CSV, one line a series, each on the disk before the next."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from examiner.folders.results.row import (
    ResultRow,
    SeriesResult,
    printable,
    result_from_json,
    result_json,
    row_of,
)
from pipelines.errors import ResultsError


@dataclass(frozen=True)
class LineFormat:
    """How a result is written as one line, and read back. `header`: the first line of the file, or empty.

    `row` raises KeyError, TypeError or ValueError where a line is not a result.
    """

    name: str
    header: str
    line: Callable[[SeriesResult], str]
    row: Callable[[str], ResultRow]


class LinesResults:
    """A file of lines that is open for writing; see `Results`."""

    def __init__(self, path: Path, form: LineFormat, resume: bool) -> None:
        self._path, self._form = path, form
        self.known: dict[str, str] = {}
        self._doubled = False
        has_results = path.exists() and path.stat().st_size > 0
        if has_results and not resume:
            raise exists_error(path)
        self._file = path.open("r+b" if path.exists() else "x+b")
        try:
            lock(self._file, path)
            end = self._read_known() if has_results else 0
            self._file.truncate(end)
            self._file.seek(end)
            if end == 0 and form.header:
                self._append(form.header)
        except BaseException:
            self._file.close()
            raise

    def _read_known(self) -> int:
        """Takes note of the series in the file; returns where its last complete line ends."""
        end_of_last = 0
        for number, (end, line) in enumerate(_complete_lines(self._file), 1):
            end_of_last = end
            if number == 1 and self._form.header:
                if line != self._form.header:
                    raise _no_result_error(self._path, self._form, 1)
                continue
            row = _row(self._path, self._form, number, line)
            self._doubled |= row.series in self.known
            self.known[row.series] = row.key
        return end_of_last

    def write(self, result: SeriesResult) -> None:
        self._append(self._form.line(result))
        series = printable(result.series)
        self._doubled |= series in self.known
        self.known[series] = result.key

    def _append(self, line: str) -> None:
        try:
            self._file.write((line + "\n").encode("utf-8", "backslashreplace"))
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise ResultsError(
                f"{self._path}: cannot be written any more ({error.strerror}); make room, "
                "then run again with --resume"
            ) from error

    def close(self) -> None:
        with suppress(OSError):  # What could not be written was named before.
            self._file.close()
        if self._doubled:
            _leave_last(self._path, self._form)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()


def rows_of_lines(path: Path, form: LineFormat) -> Iterator[ResultRow]:
    """The last row of each series, in the order of the file."""
    with path.open("rb") as file:
        last = _last_lines(path, form, file)
        for number, line in _numbered(form, file):
            row = _row(path, form, number, line)
            if last[row.series] == number:
                yield row


def results_of_jsonl(path: Path) -> Iterator[SeriesResult]:
    """The last result of each series with its whole proposal, in the order of the file. Raises
    ResultsError."""
    with path.open("rb") as file:
        last = _last_lines(path, JSONL, file)
        for number, line in _numbered(JSONL, file):
            if last[_row(path, JSONL, number, line).series] == number:
                yield result_from_json(json.loads(line))


def lines_of(path: Path) -> Iterator[str]:
    """The complete lines of a file."""
    with path.open("rb") as file:
        yield from (line for _, line in _complete_lines(file))


def exists_error(path: Path) -> ResultsError:
    return ResultsError(
        f"{path}: exists already; add --resume to continue it or --force to replace it, or name another file"
    )


def _leave_last(path: Path, form: LineFormat) -> None:
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with path.open("rb") as file, part.open("xb") as target:
        last = _last_lines(path, form, file)
        if form.header:
            target.write(f"{form.header}\n".encode())
        for number, line in _numbered(form, file):
            if last[_row(path, form, number, line).series] == number:
                target.write(f"{line}\n".encode())
        target.flush()
        os.fsync(target.fileno())
    part.replace(path)


def _last_lines(path: Path, form: LineFormat, file: BinaryIO) -> Mapping[str, int]:
    return {_row(path, form, number, line).series: number for number, line in _numbered(form, file)}


def _numbered(form: LineFormat, file: BinaryIO) -> Iterator[tuple[int, str]]:
    for number, (_, line) in enumerate(_complete_lines(file), 1):
        if not (number == 1 and form.header):
            yield number, line


def _complete_lines(file: BinaryIO) -> Iterator[tuple[int, str]]:
    """Each complete line, and where it ends; a line that was cut off while it was written is left out."""
    file.seek(0)
    end = 0
    for line in file:
        if not line.endswith(b"\n"):
            return
        end += len(line)
        yield end, line[:-1].decode("utf-8", "replace")


def _row(path: Path, form: LineFormat, number: int, line: str) -> ResultRow:
    try:
        return form.row(line)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise _no_result_error(path, form, number) from error


def _no_result_error(path: Path, form: LineFormat, number: int) -> ResultsError:
    return ResultsError(
        f"{path}, line {number}: expected a result as {form.name} of this version; name another file, or "
        "repair this one"
    )


def lock(file: BinaryIO, path: Path) -> None:
    """Raises ResultsError where another run holds the file."""
    try:
        import fcntl  # Not on Windows.
    except ImportError:
        return  # Windows. The lines of a second run would be complete all the same.
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise ResultsError(
            f"{path}: another run is writing to this file; wait until it ends, or name another file"
        ) from error
    except OSError:
        return  # A file system without locks.


def _json_line(result: SeriesResult) -> str:
    return json.dumps(result_json(result), ensure_ascii=False)


def _row_of_json(line: str) -> ResultRow:
    return row_of(result_from_json(json.loads(line)))


JSONL = LineFormat("JSON lines", "", _json_line, _row_of_json)
"""The object that `examiner read` prints, with the key of the series beside it."""
