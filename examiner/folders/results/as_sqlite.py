"""Results as a table `results` in SQLite, one transaction a series."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Self

from examiner.folders.results.lines import exists_error
from examiner.folders.results.row import (
    COLUMNS,
    ResultRow,
    SeriesResult,
    printable,
    result_from_json,
    result_json,
    row_of,
)
from examiner.folders.results.run_record import RUNS_TABLE, SCHEMA, check_schema
from pipelines.errors import ResultsError

_KINDS = {"confidence": "REAL", "lines": "INTEGER", "seconds": "REAL", "weakest": "REAL"}

_NAMES = ", ".join(COLUMNS)

_TYPED = ", ".join(f"{name} {_KINDS.get(name, 'TEXT')} NOT NULL" for name in COLUMNS)

_TABLE = f"""CREATE TABLE IF NOT EXISTS results (
  {_TYPED}, proposal TEXT NOT NULL, PRIMARY KEY (series)
) STRICT"""

_INSERT = f"INSERT OR REPLACE INTO results ({_NAMES}, proposal) VALUES ({'?, ' * len(COLUMNS)}?)"

_SELECT = f"SELECT {_NAMES} FROM results ORDER BY rowid"

_SELECT_PROPOSALS = "SELECT proposal FROM results ORDER BY rowid"


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
            check_schema(path, self._database)
            self._database.execute("PRAGMA synchronous = FULL")
            self._bring_to_this_version()
            self.known = dict(self._database.execute("SELECT series, key FROM results"))
        except sqlite3.Error as error:
            self._database.close()
            raise _unusable(path, error) from error
        except BaseException:
            self._database.close()
            raise

    def _bring_to_this_version(self) -> None:
        """Makes the tables; fills the columns that a file of an earlier version lacks, all or none."""
        database = self._database
        database.execute("BEGIN IMMEDIATE")
        try:
            database.execute(_TABLE)
            database.execute(RUNS_TABLE)
            missing = [name for name in COLUMNS if name not in _columns(database)]
            for name in missing:
                kind, empty = (_KINDS[name], "0") if name in _KINDS else ("TEXT", "''")
                database.execute(f"ALTER TABLE results ADD COLUMN {name} {kind} NOT NULL DEFAULT {empty}")
            if missing:
                names = ", ".join(f"{name} = ?" for name in missing)
                for series, proposal in database.execute("SELECT series, proposal FROM results").fetchall():
                    row = asdict(_row_of(self._path, proposal))
                    database.execute(
                        f"UPDATE results SET {names} WHERE series = ?", (*(row[n] for n in missing), series)
                    )
            database.execute(f"PRAGMA user_version = {SCHEMA}")
            database.execute("COMMIT")
        except BaseException:
            database.execute("ROLLBACK")
            raise

    def write(self, result: SeriesResult) -> None:
        row = row_of(result)
        proposal = printable(json.dumps(result_json(result), ensure_ascii=False))
        try:
            self._database.execute(_INSERT, (*(getattr(row, name) for name in COLUMNS), proposal))
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
    """The rows in the order in which they were read; those of earlier versions as this one makes them."""
    with closing(_read_only(path)) as database:
        try:
            check_schema(path, database)
            if set(COLUMNS) <= _columns(database):
                for values in database.execute(_SELECT):
                    yield ResultRow(*values)
            else:
                for (proposal,) in database.execute(_SELECT_PROPOSALS):
                    yield _row_of(path, proposal)
        except sqlite3.Error as error:
            raise _unusable(path, error) from error


def results_of_sqlite(path: Path) -> Iterator[SeriesResult]:
    """The results with their whole proposals, in the order in which they were read. Raises ResultsError."""
    with closing(_read_only(path)) as database:
        try:
            check_schema(path, database)
            for (proposal,) in database.execute(_SELECT_PROPOSALS):
                yield _result_of(path, proposal)
        except sqlite3.Error as error:
            raise _unusable(path, error) from error


def written_by_series(path: Path) -> Iterator[tuple[object, ...]]:
    """The values of `COLUMNS` and the proposal of each row as they are in the file, by the name of the
    series."""
    with closing(_read_only(path)) as database:
        try:
            yield from database.execute(f"SELECT {_NAMES}, proposal FROM results ORDER BY series")
        except sqlite3.Error as error:
            raise _unusable(path, error) from error


def write_rows(path: Path, rows: Iterable[tuple[object, ...]]) -> None:
    """Writes rows of `written_by_series` into an open file of results, all or none. Raises ResultsError."""
    try:
        with closing(sqlite3.connect(path, timeout=30)) as database, database:
            database.executemany(_INSERT, rows)
    except sqlite3.Error as error:
        raise _unusable(path, error) from error


def _read_only(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise ResultsError(f"{path}: there is no such file")
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


def _columns(database: sqlite3.Connection) -> set[str]:
    return {row[1] for row in database.execute("PRAGMA table_info(results)")}


def _row_of(path: Path, proposal: str) -> ResultRow:
    return row_of(_result_of(path, proposal))


def _result_of(path: Path, proposal: str) -> SeriesResult:
    try:
        return result_from_json(json.loads(proposal))
    except (KeyError, TypeError, ValueError) as error:
        raise ResultsError(
            f"{path}: a proposal cannot be understood ({error}); read its series again with --resume"
        ) from error


def _unusable(path: Path, error: sqlite3.Error) -> ResultsError:
    return ResultsError(f"{path}: cannot be used as results in SQLite ({error}); name another file")
