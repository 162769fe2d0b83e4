"""`casebook.sqlite`: its tables by version, how an older one becomes one of today, and the use of it."""

from __future__ import annotations

import functools
import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from examiner.casebook import ledger, originals
from examiner.casebook.ledger import LedgerLine
from examiner.casebook.network_share import share_of
from examiner.casebook.replay import CasebookError
from examiner.casebook.versions import software_versions

FILE = "casebook.sqlite"

SCHEMA = 5
"""The database's user_version."""

Master = frozenset[tuple[str, str, str, str | None]]

_PROPOSALS = (
    """CREATE TABLE proposals (
    seq INTEGER PRIMARY KEY REFERENCES ledger (seq),
    content TEXT NOT NULL
) STRICT""",
    """CREATE TRIGGER proposals_refuse_update BEFORE UPDATE ON proposals
BEGIN SELECT RAISE(ABORT, 'a kept proposal is not changed'); END""",
    """CREATE TRIGGER proposals_refuse_delete BEFORE DELETE ON proposals
BEGIN SELECT RAISE(ABORT, 'a kept proposal is not removed'); END""",
)

_REFUSE_REPLACING = """CREATE TRIGGER proposals_refuse_replacing BEFORE INSERT ON proposals
WHEN EXISTS (SELECT 1 FROM proposals WHERE seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'a kept proposal is not replaced'); END"""
"""INSERT OR REPLACE passes by the two above where a foreign connection has recursive triggers off."""


_EXPOSURES = """CREATE TABLE exposures (
    id INTEGER PRIMARY KEY,
    sha256 TEXT NOT NULL,
    frame_time_s REAL NOT NULL,
    pixels TEXT NOT NULL,
    small BLOB NOT NULL,
    matches TEXT NOT NULL,
    UNIQUE (sha256, frame_time_s)
) STRICT"""
"""What each photograph shows, see `examiner.casebook.knowledge`: made from the originals, not a record."""


class Database:
    """Opens or makes the database of `folder`. Usable from several threads. Raises CasebookError."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.originals = folder / "originals"
        self.lock = threading.RLock()
        self.rollbacks = 0
        """Transactions that failed: what was read inside them may never have been."""
        try:
            self.connection = opened(folder)
        except (OSError, sqlite3.Error, UnicodeError) as error:
            raise CasebookError(
                f"casebook {folder}: cannot be opened ({error}); choose a folder of a local disk that "
                "you may write to, with a casebook or without anything in it"
            ) from error

    def close(self) -> None:
        """Ends the use of the database; nothing is lost if it is not called."""
        with self.lock:
            self.connection.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for this thread alone. SQLite's errors become CasebookErrors."""
        with self.lock:
            try:
                yield self.connection
            except (sqlite3.Error, UnicodeDecodeError) as error:
                raise CasebookError(f"casebook {self.folder}: cannot be used ({error})") from error

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The only writer, of any process, until the block ends; what it wrote is on the disk then."""
        try:
            with self.reading() as connection, ledger.transaction(connection):
                yield connection
        except BaseException:
            self.rollbacks += 1
            raise

    def lines(
        self, examination: str | None = None, after: int = 0, kind: str | None = None
    ) -> list[LedgerLine]:
        """See `ledger.lines`."""
        with self.reading() as connection:
            return ledger.lines(connection, examination, after, kind)

    def append(
        self, examination: str | None, actor: str, kind: str, content: Mapping[str, Any]
    ) -> LedgerLine:
        """Adds a line; joins this thread's open transaction, never one of another thread."""
        with self.writing() as connection:
            return ledger.append(
                connection,
                examination=examination,
                actor=actor,
                kind=kind,
                content=content,
                versions=software_versions(),
            )

    def head(self) -> str:
        """The hash of the last line."""
        with self.reading() as connection:
            return ledger.head(connection)


def opened(folder: Path) -> sqlite3.Connection:
    """The casebook's database, made or brought to the present version. Raises CasebookError, OSError or
    sqlite3.Error; the first where the folder lies on a network share or a newer program wrote it."""
    refuse_share(folder)
    if not folder.exists():
        folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        originals.sync_folder(folder.parent)
    (folder / "originals").mkdir(mode=0o700, exist_ok=True)
    database = folder / FILE
    # SQLite gives its side files the mode of the database.
    os.close(os.open(database, os.O_RDWR | os.O_CREAT, 0o600))
    connection = ledger.connect(database)
    try:
        with ledger.transaction(connection):
            version = version_of(connection)
            if version > SCHEMA:
                raise CasebookError(
                    f"casebook {folder}: was written by a newer version of the program (schema {version}, "
                    f"this one knows {SCHEMA}); use that version"
                )
            _bring_to(connection, version, SCHEMA)
    except BaseException:
        connection.close()
        raise
    return connection


def refuse_share(folder: Path) -> None:
    """Raises CasebookError where a folder lies on a network share."""
    share = share_of(folder)
    if share is not None:
        raise CasebookError(
            f"casebook {folder}: lies on a network share ({share}). Two computers there do not see each "
            "other's locks: acts could be lost and the record damaged. Keep the casebook on a disk of the "
            "computer that serves the page, and bring copies to the share with `examiner export`."
        )


def opened_for_reading(folder: Path) -> sqlite3.Connection:
    """A connection that changes nothing, nor brings an older casebook to the present version.

    Raises sqlite3.Error where there is no database that can be read.
    """
    address = (folder / FILE).absolute().as_uri()
    connection = sqlite3.connect(f"{address}?mode=ro", uri=True, isolation_level=None, timeout=ledger.WAIT_S)
    try:
        connection.text_factory = ledger.text_of
        connection.execute("PRAGMA query_only=ON")
        connection.execute("PRAGMA cell_size_check=ON")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def version_of(connection: sqlite3.Connection) -> int:
    """The schema's version; 0 for a database without tables."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def wrong_with(connection: sqlite3.Connection) -> list[str]:
    """What is wrong with the file as a database, and with its tables, indices and triggers."""
    version = version_of(connection)
    if not 1 <= version <= SCHEMA:
        return [f"database: its version is {version}; expected 1 to {SCHEMA}"]
    present, expected = master_of(connection), _expected(version)
    wrong = [
        f"database: {kind} {name} is missing or changed" for kind, name, *_ in sorted(expected - present)
    ]
    known = {(kind, name) for kind, name, *_ in expected}
    wrong += [
        f"database: {kind} {name} does not belong there"
        for kind, name, *_ in sorted(present - expected, key=str)
        if (kind, name) not in known
    ]
    faults = [row[0] for row in connection.execute("PRAGMA integrity_check(3)")]
    wrong += [f"database: damaged ({fault})" for fault in faults if fault != "ok"]
    strays = connection.execute("PRAGMA foreign_key_check").fetchall()
    return wrong + [f"database: row {row} of {table} refers to no ledger line" for table, row, *_ in strays]


def master_of(connection: sqlite3.Connection) -> Master:
    """Type, name, table and definition of everything in a database."""
    rows = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master")
    return frozenset((str(kind), str(name), str(table), sql) for kind, name, table, sql in rows)


def _tables_of_1(connection: sqlite3.Connection) -> None:
    ledger.create(connection)
    for statement in _PROPOSALS:
        connection.execute(statement)


def _no_new_tables(_: sqlite3.Connection) -> None:
    pass


def _no_replacing(connection: sqlite3.Connection) -> None:
    connection.execute(_REFUSE_REPLACING)


def _exposures(connection: sqlite3.Connection) -> None:
    connection.execute(_EXPOSURES)


# Versions without new tables: what programs of the version before would pass over unseen.
_STEPS: Mapping[int, Callable[[sqlite3.Connection], None]] = {
    1: _tables_of_1,
    2: _no_new_tables,  # Acts on photographs.
    3: _no_replacing,  # Cases, a second examiner, signatures, amendments and exports as lines.
    4: _no_new_tables,  # Lines name every library that touches pixels, and Tesseract's version.
    # How photographs lie; who was shown something of a machine, and of what; what each photograph shows.
    5: _exposures,
}


def _bring_to(connection: sqlite3.Connection, version: int, wanted: int) -> None:
    for step in range(version + 1, wanted + 1):
        try:
            _STEPS[step](connection)
        except (KeyError, TypeError, json.JSONDecodeError) as error:
            raise CasebookError(
                f"the casebook cannot be brought to version {step}: verify it ({error})"
            ) from error
    if version < wanted:
        connection.execute(f"PRAGMA user_version={wanted}")


@functools.cache
def _expected(version: int) -> Master:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        _bring_to(connection, 0, version)
        return master_of(connection)
    finally:
        connection.close()
