"""The database of a casebook in use: one connection, its lock, and lines made by this program."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from examiner.casebook import database
from examiner.casebook import ledger
from examiner.casebook.ledger import LedgerLine
from examiner.casebook.replay import CasebookError
from examiner.casebook.versions import software_versions


class Book:
    """Opens or makes the database of `folder`. Usable from several threads. Raises CasebookError."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.originals = folder / "originals"
        self.lock = threading.RLock()
        try:
            self.connection = database.opened(folder)
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
        with self.reading() as connection, ledger.transaction(connection):
            yield connection

    def lines(
        self, examination: str | None = None, after: int = 0, kind: str | None = None
    ) -> list[LedgerLine]:
        """See `ledger.lines`."""
        with self.reading() as connection:
            return ledger.lines(connection, examination, after, kind)

    def append(
        self, examination: str | None, actor: str, kind: str, content: Mapping[str, Any]
    ) -> LedgerLine:
        """Adds a line; joins the open transaction."""
        return ledger.append(
            self.connection,
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
