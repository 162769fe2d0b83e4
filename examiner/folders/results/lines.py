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

from examiner.folders.results.row import Result, Row, printable, result_from_json, result_json, row_of
from pipelines.errors import ResultsError


@dataclass(frozen=True)
class LineFormat:
    """How a result is one line, and back. `header`: the first line of the file, empty where there is none.

    `row` raises KeyError, TypeError or ValueError for what is no such line.
    """

    name: str
    header: str
    line: Callable[[Result], str]
    row: Callable[[str], Row]


class LinesResults:
    """A file of lines that is open for more; see `results_file`."""

    def __init__(self, path: Path, form: LineFormat, resume: bool) -> None:
        self._path, self._form = path, form
        self.known: dict[str, str] = {}
        self._doubled = False
        there = path.exists() and path.stat().st_size > 0
        if there and not resume:
            raise there_already(path)
        self._file = path.open("r+b" if path.exists() else "x+b")
        try:
            _lock(self._file, path)
            end = self._read_known() if there else 0
            self._file.truncate(end)
            self._file.seek(end)
            if end == 0 and form.header:
                self._append(form.header)
        except BaseException:
            self._file.close()
            raise

    def _read_known(self) -> int:
        """What is in the file; the end of its last whole line."""
        whole = 0
        for number, (end, line) in enumerate(_whole_lines(self._file), 1):
            whole = end
            if number == 1 and self._form.header:
                if line != self._form.header:
                    raise _other(self._path, self._form, 1)
                continue
            row = _row(self._path, self._form, number, line)
            self._doubled |= row.series in self.known
            self.known[row.series] = row.key
        return whole

    def write(self, result: Result) -> None:
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
                f"{self._path}: cannot be written any more ({error.strerror}); make room and go on"
            ) from error

    def close(self) -> None:
        with suppress(OSError):  # What could not be written is tried again, and was named.
            self._file.close()
        if self._doubled:
            _leave_last(self._path, self._form)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()


def rows_of_lines(path: Path, form: LineFormat) -> Iterator[Row]:
    """The last row of each series, in the order of the file."""
    with path.open("rb") as file:
        last = _last_lines(path, form, file)
        for number, line in _numbered(form, file):
            row = _row(path, form, number, line)
            if last[row.series] == number:
                yield row


def lines_of(path: Path) -> Iterator[str]:
    """The whole lines of a file."""
    with path.open("rb") as file:
        yield from (line for _, line in _whole_lines(file))


def there_already(path: Path) -> ResultsError:
    return ResultsError(f"{path}: is there already; --resume goes on with it, another name begins anew")


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
    for number, (_, line) in enumerate(_whole_lines(file), 1):
        if not (number == 1 and form.header):
            yield number, line


def _whole_lines(file: BinaryIO) -> Iterator[tuple[int, str]]:
    """Where each line ends, and the line; one that was cut off while it was written is none."""
    file.seek(0)
    end = 0
    for line in file:
        if not line.endswith(b"\n"):
            return
        end += len(line)
        yield end, line[:-1].decode("utf-8", "replace")


def _row(path: Path, form: LineFormat, number: int, line: str) -> Row:
    try:
        return form.row(line)
    except (KeyError, TypeError, ValueError) as error:
        raise _other(path, form, number) from error


def _other(path: Path, form: LineFormat, number: int) -> ResultsError:
    return ResultsError(
        f"{path}, line {number}: is no result as {form.name} of this version; name another file, or mend it"
    )


def _lock(file: BinaryIO, path: Path) -> None:
    try:
        import fcntl
    except ImportError:
        return  # Windows: the second run's lines would be whole all the same.
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise ResultsError(
            f"{path}: another run is writing to it; wait for it, or name another file"
        ) from error
    except OSError:
        return  # A file system without locks.


def _json_line(result: Result) -> str:
    return json.dumps(result_json(result), ensure_ascii=False)


def _row_of_json(line: str) -> Row:
    return row_of(result_from_json(json.loads(line)))


JSONL = LineFormat("JSON lines", "", _json_line, _row_of_json)
"""The object that `examiner read` prints, with the key of the series beside it."""
