"""Results as a table `results` in SQLite, one transaction a series."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Self

from examiner.folders.results.lines import exists_error
from examiner.folders.results.row import COLUMNS, ResultRow, SeriesResult, printable, result_json, row_of
from pipelines.errors import ResultsError

_KINDS = {"confidence": "REAL", "lines": "INTEGER", "seconds": "REAL"}

_NAMES = ", ".join(COLUMNS)

_TYPED = ", ".join(f"{name} {_KINDS.get(name, 'TEXT')} NOT NULL" for name in COLUMNS)

_TABLE = f"""CREATE TABLE IF NOT EXISTS results (
  {_TYPED}, proposal TEXT NOT NULL, PRIMARY KEY (series)
) STRICT"""

_INSERT = f"INSERT OR REPLACE INTO results ({_NAMES}, proposal) VALUES ({'?, ' * len(COLUMNS)}?)"

_SELECT = f"SELECT {_NAMES} FROM results ORDER BY rowid"


class SqliteResults:
    """A database of results that is open for writing; see `Results`."""

    def __init__(self, path: Path, resume: bool) -> None:
        if path.exists() and path.stat().st_size and not resume:
            raise exists_error(path)
        self._path = path
        try:
            self._database = sqlite3.connect(path, isolation_level=None, timeout=30)
        except sqlite3.Error as error:
            raise _unusable(path, error) from error
        try:
            self._database.execute("PRAGMA synchronous = FULL")
            self._database.execute(_TABLE)
            self.known = dict(self._database.execute("SELECT series, key FROM results"))
        except sqlite3.Error as error:
            self._database.close()
            raise _unusable(path, error) from error

    def write(self, result: SeriesResult) -> None:
        row = row_of(result)
        proposal = printable(json.dumps(result_json(result), ensure_ascii=False))
        try:
            self._database.execute(_INSERT, (*asdict(row).values(), proposal))
        except sqlite3.Error as error:
            raise _unusable(self._path, error) from error
        self.known[row.series] = row.key

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()


def rows_of_sqlite(path: Path) -> Iterator[ResultRow]:
    """The rows in the order in which they were read."""
    if not path.is_file():
        raise ResultsError(f"{path}: there is no such file")
    database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        for values in database.execute(_SELECT):
            yield ResultRow(*values)
    except sqlite3.Error as error:
        raise _unusable(path, error) from error
    finally:
        database.close()


def _unusable(path: Path, error: sqlite3.Error) -> ResultsError:
    return ResultsError(f"{path}: cannot be used as results in SQLite ({error}); name another file")
