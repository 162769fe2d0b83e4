"""The ledger: lines that are only ever added, each carrying the hash of the one before it.

Every function takes a connection made by `connect`. `append` joins the caller's transaction, or makes one of
its own. A line is acknowledged when the transaction is committed, and is then on the disk.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from pipelines.errors import ExitCode, MarkingError

GENESIS = "0" * 64
"""The previous hash of the first line, and the head of a ledger without lines."""

WAIT_S = 20.0
"""Seconds that a writer waits for another process's transaction."""

_REFUSE_UPDATE = """CREATE TRIGGER ledger_refuses_update BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: no line is changed'); END"""

_REFUSE_DELETE = """CREATE TRIGGER ledger_refuses_delete BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: no line is removed'); END"""

# Refuses INSERT OR REPLACE too where a foreign connection has recursive triggers off.
_REFUSE_INSERT = """CREATE TRIGGER ledger_refuses_insert BEFORE INSERT ON ledger
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM ledger)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: a line goes after the last one'); END"""

_TRIGGERS = (_REFUSE_UPDATE, _REFUSE_DELETE, _REFUSE_INSERT)

_SCHEMA = (
    """CREATE TABLE ledger (
    seq INTEGER PRIMARY KEY,
    examination TEXT,
    time TEXT NOT NULL,
    actor TEXT NOT NULL,
    kind TEXT NOT NULL,
    content TEXT NOT NULL,
    versions TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT""",
    "CREATE INDEX ledger_by_examination ON ledger (examination, seq)",
    "CREATE INDEX ledger_by_kind ON ledger (kind, examination, seq)",
    *_TRIGGERS,
)

_COLUMNS = "seq, examination, time, actor, kind, content, versions, previous, hash"


class LedgerError(MarkingError):
    """A line that cannot be recorded, or a ledger that is not what was recorded."""

    kind = "ledger"
    exit_code = ExitCode.RECORD


@dataclass(frozen=True)
class LedgerLine:
    """One line. `content` and `versions` are canonical JSON; `examination` is None for acts on the casebook.

    `time` is UTC, ISO 8601 with microseconds; `hash` the SHA-256 of everything else (see `line_hash`).
    """

    seq: int
    examination: str | None
    time: str
    actor: str
    kind: str
    content: str
    versions: str
    previous: str
    hash: str

    def value(self) -> dict[str, Any]:
        """The content as plain values."""
        return dict(json.loads(self.content))


def canonical(value: Any) -> str:
    """JSON with sorted keys, without spaces, characters as they are.

    Raises LedgerError for what has no such form: NaN, infinities, lone surrogates, anything but plain values.
    """
    try:
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        text.encode("utf-8")
    except (TypeError, ValueError, RecursionError) as error:
        raise LedgerError(
            f"cannot be recorded: {error}; expected text, finite numbers, lists and objects"
        ) from error
    return text


def line_hash(line: LedgerLine) -> str:
    """SHA-256 of `line_bytes`."""
    return hashlib.sha256(line_bytes(line)).hexdigest()


def line_bytes(line: LedgerLine) -> bytes:
    """The canonical JSON of every field but the hash; content and versions enter as their text."""
    fields = {name: field for name, field in asdict(line).items() if name != "hash"}
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    # Bytes that are no UTF-8 can only come from tampering; they must still hash to something.
    return text.encode("utf-8", "surrogateescape")


def connect(path: Path) -> sqlite3.Connection:
    """A connection set so that a committed line survives a crash and no trigger is passed by.

    Usable from any thread, by one at a time. Transactions are begun and ended explicitly.
    """
    connection = sqlite3.connect(path, timeout=WAIT_S, isolation_level=None, check_same_thread=False)
    try:
        connection.text_factory = text_of
        _write_ahead(connection)
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA recursive_triggers=ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _write_ahead(connection: sqlite3.Connection) -> None:
    # SQLite does not wait by itself where another process is just making the same change.
    last_try = monotonic() + WAIT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() > last_try:
                raise
        sleep(0.02)


def create(connection: sqlite3.Connection) -> None:
    """The ledger's table and triggers in a database that has none."""
    with transaction(connection):
        for statement in _SCHEMA:
            connection.execute(statement)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """The only writer until the block ends: commits, or rolls back on an exception. Joins an open one."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


def append(
    connection: sqlite3.Connection,
    *,
    examination: str | None,
    actor: str,
    kind: str,
    content: Mapping[str, Any],
    versions: Mapping[str, str],
) -> LedgerLine:
    """Adds a line after the last one and returns it. Raises LedgerError where it cannot be recorded."""
    if not actor.strip() or not kind:
        raise LedgerError(f"a line names who did what; got actor {actor!r}, kind {kind!r}")
    texts = (canonical(dict(content)), canonical(dict(versions)))
    canonical([examination, actor, kind])
    with transaction(connection):
        last = connection.execute("SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1").fetchone()
        seq, previous = last or (0, GENESIS)
        time = datetime.now(UTC).isoformat(timespec="microseconds")
        bare = LedgerLine(seq + 1, examination, time, actor, kind, *texts, previous, "")
        line = LedgerLine(**{**asdict(bare), "hash": line_hash(bare)})
        connection.execute(
            f"INSERT INTO ledger ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            tuple(asdict(line).values()),
        )
    return line


def lines(
    connection: sqlite3.Connection, examination: str | None = None, after: int = 0, kind: str | None = None
) -> list[LedgerLine]:
    """The lines with a number above `after`, in order; with `examination` or `kind`, those of it alone."""
    wanted = {"seq > ?": after, "examination = ?": examination, "kind = ?": kind}
    conditions = {condition: value for condition, value in wanted.items() if value is not None}
    return list(_read(connection, " AND ".join(conditions), tuple(conditions.values())))


def head(connection: sqlite3.Connection) -> str:
    """The hash of the last line. Kept elsewhere, it is what later shows that lines are missing."""
    last = connection.execute("SELECT hash FROM ledger ORDER BY seq DESC LIMIT 1").fetchone()
    return last[0] if last else GENESIS


def verify(connection: sqlite3.Connection, head: str | None = None) -> str | None:
    """The first thing that is wrong with the ledger, or None.

    With `head`, a hash noted earlier, also that the line with this hash is still there. Without it a ledger
    that was cut off at its end, or written anew as a whole, cannot be told from a sound one.
    """
    try:
        wrong = _first_wrong(_read(connection, "true", ()), head)
        return wrong or _triggers_wrong(connection)
    except (sqlite3.Error, TypeError, ValueError) as error:
        return f"ledger: cannot be read as it was written ({error})"


def _first_wrong(every: Iterator[LedgerLine], head: str | None) -> str | None:
    previous = GENESIS
    met = head in (None, GENESIS)
    expected = 1
    for line in every:
        if line.seq != expected:
            return f"ledger line {expected}: missing, the next one is line {line.seq}"
        if line.hash != line_hash(line):
            return f"ledger line {line.seq}: its hash does not fit its content, the line was changed"
        if line.previous != previous:
            return f"ledger line {line.seq}: does not follow from the line before it, the chain is broken"
        previous = line.hash
        met = met or line.hash == head
        expected += 1
    if not met:
        return (
            f"ledger: no line has the noted head hash {head}; lines at the end were removed, or the ledger "
            f"was written anew (it ends at line {expected - 1})"
        )
    return None


def _triggers_wrong(connection: sqlite3.Connection) -> str | None:
    triggers = {row[0] for row in connection.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger'")}
    missing = [trigger.split()[2] for trigger in _TRIGGERS if trigger not in triggers]
    return f"ledger: missing or changed triggers: {', '.join(missing)}" if missing else None


def _read(
    connection: sqlite3.Connection, condition: str, parameters: tuple[Any, ...]
) -> Iterator[LedgerLine]:
    # Conditions are the fixed texts of this file; values are always parameters.
    for row in connection.execute(
        f"SELECT {_COLUMNS} FROM ledger WHERE {condition} ORDER BY seq", parameters
    ):
        yield LedgerLine(*row)


def text_of(data: bytes) -> str:
    """A text of the database. Reversible: a byte that is no UTF-8 is found by the hash."""
    return data.decode("utf-8", "surrogateescape")
