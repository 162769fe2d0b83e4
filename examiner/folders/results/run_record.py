"""How the results of a SQLite file were made: versions, options, command, and which part of an archive.

The table `runs` has one row for each run that wrote to the file, the last one for what the file holds now.
`PRAGMA user_version` is the version of the tables: 0 in files of versions before there was `runs`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.errors import ResultsError

SCHEMA = 2

RUNS_TABLE = """CREATE TABLE IF NOT EXISTS runs (
  run INTEGER PRIMARY KEY, command TEXT NOT NULL, versions TEXT NOT NULL, options TEXT NOT NULL,
  shard INTEGER NOT NULL, shards INTEGER NOT NULL, finished INTEGER NOT NULL DEFAULT 0
) STRICT"""


@dataclass(frozen=True)
class RunRecord:
    """`versions`: of program, libraries, weights and calibration. `options`: all that the results depend on.

    `shard` of `shards`; 1 of 1 is the whole archive. `finished`: every series was read or was known.
    """

    command: str
    versions: Mapping[str, str]
    options: Mapping[str, Any]
    shard: int = 1
    shards: int = 1
    finished: bool = False


def begin_run(path: Path, record: RunRecord) -> None:
    """Adds a run, not yet finished, to a file that `results_to` has opened. Raises ResultsError."""
    last = last_run(path)
    if last is not None and (last.shard, last.shards) != (record.shard, record.shards):
        raise ResultsError(
            f"{path}: holds part {last.shard}/{last.shards} of an archive, not "
            f"{record.shard}/{record.shards}; "
            "name another file for this part"
        )
    values = (
        record.command,
        json.dumps(dict(record.versions), sort_keys=True),
        json.dumps(dict(record.options), sort_keys=True),
        record.shard,
        record.shards,
        int(record.finished),
    )
    _execute(
        path,
        "INSERT INTO runs (command, versions, options, shard, shards, finished) VALUES (?, ?, ?, ?, ?, ?)",
        values,
    )


def finish_run(path: Path) -> None:
    """Notes that the last run has finished. Raises ResultsError."""
    _execute(path, "UPDATE runs SET finished = 1 WHERE run = (SELECT max(run) FROM runs)", ())


def last_run(path: Path) -> RunRecord | None:
    """The last run that wrote to the file; None in a file of an earlier version. Raises ResultsError."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            check_schema(path, database)
            if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'runs'").fetchone():
                return None
            row = database.execute(
                "SELECT command, versions, options, shard, shards, finished FROM runs "
                "ORDER BY run DESC LIMIT 1"
            ).fetchone()
    except sqlite3.Error as error:
        raise ResultsError(f"{path}: is no file of results in SQLite ({error}); name another file") from error
    if row is None:
        return None
    command, versions, options, shard, shards, finished = row
    try:
        return RunRecord(command, json.loads(versions), json.loads(options), shard, shards, bool(finished))
    except ValueError as error:
        raise ResultsError(f"{path}: table runs: {error}; use a copy that was not changed") from error


def check_schema(path: Path, database: sqlite3.Connection) -> None:
    """Raises ResultsError for a file of a later version."""
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version > SCHEMA:
        raise ResultsError(
            f"{path}: was written by a later version of this program (tables {version}, this version knows "
            f"{SCHEMA}); install that version"
        )


def _execute(path: Path, statement: str, values: tuple[object, ...]) -> None:
    try:
        with closing(sqlite3.connect(path, timeout=30)) as database, database:
            database.execute(statement, values)
    except sqlite3.Error as error:
        raise ResultsError(f"{path}: cannot be written any more ({error})") from error
