"""Where examinations are kept: one folder with `casebook.sqlite` and `originals/` by SHA-256.

An examination is what its ledger lines say: the first names mode and photographs, every act is a line, and
the state is replayed from them. Beside the ledger the database holds only the proposals, each bound to the
line that records its hash.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from examiner import examination as order
from examiner import ledger, originals, verification
from examiner.examination import Examination, OrderError
from examiner.ledger import LedgerError, LedgerLine
from examiner.originals import PhotoSource, StoredPhoto
from examiner.records import KIND_OF, Act, AddedPhoto, AddPhotos, Mode, Phase, Reveal, act_to_json
from examiner.replay import CasebookError, advanced, photo_entries, sha256_of
from pipelines.types import Proposal

SCHEMA = 2
"""The database's user_version. 2: acts on photographs, which programs of schema 1 would pass over unseen;
the tables are those of 1."""

KEPT_IN_MEMORY = 64
"""Examinations whose state is held in memory; others are replayed when asked for."""

MACHINE = "machine"
"""The actor of lines that no person caused."""

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


class ProposalChangedError(CasebookError):
    """A kept proposal that is gone or no longer has the hash that the ledger recorded."""

    kind = "proposal_changed"


@dataclass(frozen=True)
class ExaminationEntry:
    """One row of the list of examinations. `begun` is UTC, ISO 8601."""

    id: str
    title: str
    mode: Mode
    begun: str
    phase: Phase


class Casebook:
    """The only place of state. Usable from several threads and, on a local disk, by several processes.

    Opens the folder, or creates it readable by its owner only. Not to be carried through a fork.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self._originals = self.folder / "originals"
        self._lock = threading.RLock()
        self._known: dict[str, tuple[int, Examination]] = {}
        try:
            self._connection = _opened(self.folder)
        except (OSError, sqlite3.Error) as error:
            raise CasebookError(
                f"casebook {self.folder}: cannot be opened ({error}); choose a folder of a local disk that "
                "you may write to, with a casebook or without anything in it"
            ) from error

    def __enter__(self) -> Casebook:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the use of the casebook; nothing is lost if it is not called."""
        with self._lock:
            self._connection.close()

    def begin(self, mode: Mode, photos: Sequence[Path | PhotoSource], actor: str, title: str) -> str:
        """Takes the photographs in and begins an examination of them; returns its id.

        Nothing is begun where one of them cannot be taken in: raises the PhotoError that says why.
        """
        sources = [photo if isinstance(photo, PhotoSource) else PhotoSource(Path(photo)) for photo in photos]
        order.begin(mode, len(sources))
        taken = {path: originals.take_in(self._originals, path) for path in {s.path for s in sources}}
        content = {
            "mode": mode.value,
            "title": title,
            "photos": [originals.entry(source, taken[source.path]) for source in sources],
        }
        examination_id = uuid.uuid4().hex
        with self._writing():
            self._append(examination_id, actor, "begin", content)
        return examination_id

    def add_photos(
        self, examination_id: str, photos: Sequence[Path], actor: str
    ) -> tuple[Examination, list[StoredPhoto]]:
        """Takes photographs in at the end of the series; those that are in it already (by SHA-256) are not
        added again. Returns the examination and what was added.

        Raises OrderError where no photograph may join now, and the PhotoError of one that cannot be taken in.
        """
        order.apply(self.examination(examination_id), AddPhotos((AddedPhoto("", "0" * 64, "", None),)))
        taken = {originals.take_in(self._originals, path): path for path in reversed(photos)}
        with self._writing():
            known = {photo.sha256 for photo in self.photos(examination_id)}
            new = [
                originals.entry(PhotoSource(path), sha256)
                for sha256, path in reversed(taken.items())
                if sha256 not in known
            ]
            if not new:
                return self._current(examination_id), []
            act = AddPhotos(tuple(AddedPhoto(**entry) for entry in new))
            seq, examination = self._recorded(examination_id, act, actor)
        stored = [originals.stored(self._originals, entry) for entry in new]
        return self._remember(examination_id, seq, examination), stored

    def photos(self, examination_id: str, check: bool = False) -> list[StoredPhoto]:
        """The photographs in their order. With `check`, raises OriginalChangedError where one was changed."""
        begun = self._begin_line(examination_id)
        with self._reading():
            added = ledger.lines(self._connection, examination_id, kind="add_photos")
        stored = [originals.stored(self._originals, entry) for entry in photo_entries([begun, *added])]
        if check:
            for path, sha256 in {photo.path: photo.sha256 for photo in stored}.items():
                originals.check(path, sha256)
        return stored

    def examination(self, examination_id: str) -> Examination:
        """Where the examination stands now, acts of other processes included."""
        with self._reading():
            return self._current(examination_id)

    def act(self, examination_id: str, act: Act, actor: str) -> Examination:
        """Applies and records an act. Raises OrderError, and records nothing, where it is not allowed.

        A Reveal and an AddPhotos do not come from a person: `reveal` and `add_photos` make them.
        """
        if isinstance(act, Reveal):
            raise OrderError("the proposal is shown by revealing the one that was kept, not by naming one")
        if isinstance(act, AddPhotos):
            raise OrderError("photographs join by being taken in, not by being named")
        with self._writing():
            seq, examination = self._recorded(examination_id, act, actor)
        return self._remember(examination_id, seq, examination)

    def keep_proposal(self, examination_id: str, proposal: Proposal) -> str:
        """Keeps a proposal out of sight; returns the SHA-256 of its canonical JSON. The last one kept counts.

        Raises CasebookError where it is not about the examination's photographs in their order, OrderError
        where one is shown already.
        """
        content = ledger.canonical(proposal.to_json())
        sha256 = sha256_of(content)
        with self._writing():
            misfit = originals.misfit(self.photos(examination_id), proposal)
            if misfit:
                raise CasebookError(f"{misfit}; read the examination's photographs in their order")
            if not order.awaits_proposal(self._current(examination_id)):
                raise OrderError("the proposal is already shown; another one cannot take its place")
            line = self._append(examination_id, MACHINE, "proposal", {"proposal_sha256": sha256})
            self._connection.execute("INSERT INTO proposals VALUES (?, ?)", (line.seq, content))
        return sha256

    def reveal(self, examination_id: str, actor: str) -> Examination:
        """Shows the kept proposal. Raises OrderError where it is not time yet or none was kept."""
        with self._writing():
            kept = self._kept_lines(examination_id)
            if not kept:
                raise OrderError("there is no proposal yet; wait until the readers are done")
            act = order.revealing(self._proposal(kept[-1]), kept[-1].value()["proposal_sha256"])
            seq, examination = self._recorded(examination_id, act, actor)
        return self._remember(examination_id, seq, examination)

    def proposal_in_view(self, examination_id: str) -> Proposal | None:
        """The revealed proposal, or None where the person may not see one. There is no other way to read one.

        Raises ProposalChangedError where it is not the one that the reveal recorded.
        """
        with self._reading():
            examination = self._current(examination_id)
            shown = examination.proposal_sha256
            if shown is None:
                return order.proposal_in_view(examination, None)
            for line in self._kept_lines(examination_id):
                if line.value()["proposal_sha256"] == shown:
                    return order.proposal_in_view(examination, self._proposal(line))
        raise ProposalChangedError(
            f"examination {examination_id}: the revealed proposal {shown} was never kept"
        )

    def record_view(self, examination_id: str, actor: str, what: str, content: Mapping[str, Any]) -> None:
        """Records that a person looked at something, for example an enhanced photograph with its steps."""
        self._begin_line(examination_id)
        with self._writing():
            self._append(examination_id, actor, "view", {"what": what, "content": dict(content)})

    def history(self, examination_id: str) -> list[LedgerLine]:
        """The examination's ledger lines in order. They name proposals by hash only, until the reveal."""
        self._begin_line(examination_id)
        with self._reading():
            return ledger.lines(self._connection, examination_id)

    def examinations(self) -> list[ExaminationEntry]:
        """All examinations in the order they were begun."""
        with self._reading():
            rows = self._connection.execute(
                """SELECT examination, time, content, (
                    SELECT kind FROM ledger AS later
                    WHERE later.examination = first.examination AND kind IN ('lock', 'reveal', 'sign')
                    ORDER BY seq DESC LIMIT 1
                ) FROM ledger AS first WHERE kind = 'begin' ORDER BY seq"""
            ).fetchall()
        return [_entry(*row) for row in rows]

    def head(self) -> str:
        """The hash of the ledger's last line. Noted outside the casebook it is what `verify` can be given."""
        with self._reading():
            return ledger.head(self._connection)

    def verify(self, head: str | None = None) -> list[str]:
        """What is wrong with ledger, originals, proposals and the order of work; empty where all is right.

        `head` is a hash that `head()` once returned; without it, lines cut off the end are not missed.
        """
        with self._reading():
            # One snapshot: what another process adds meanwhile is not half seen.
            self._connection.execute("BEGIN")
            found = [wrong for wrong in [ledger.verify(self._connection, head)] if wrong]
            try:
                every = ledger.lines(self._connection)
                kept = dict(self._connection.execute("SELECT seq, CAST(content AS TEXT) FROM proposals"))
            except sqlite3.Error as error:
                return [*found, f"casebook: cannot be read ({error})"]
            finally:
                self._connection.rollback()
        found += verification.proposals_wrong(every, kept)
        histories: dict[str, list[LedgerLine]] = {}
        for line in every:
            if line.examination is not None:
                histories.setdefault(line.examination, []).append(line)
        checked: dict[Path, str | None] = {}
        for examination_id, lines in histories.items():
            found += verification.examination_wrong(self._originals, examination_id, lines, checked)
        return found

    def _recorded(self, examination_id: str, act: Act, actor: str) -> tuple[int, Examination]:
        examination = order.apply(self._current(examination_id), act)
        line = self._append(examination_id, actor, KIND_OF[type(act)], act_to_json(act))
        return line.seq, examination

    def _append(self, examination_id: str, actor: str, kind: str, content: Mapping[str, Any]) -> LedgerLine:
        return ledger.append(
            self._connection,
            examination=examination_id,
            actor=actor,
            kind=kind,
            content=content,
            versions=ledger.software_versions(),
        )

    def _current(self, examination_id: str) -> Examination:
        seq, examination = self._known.get(examination_id, (0, None))
        new = ledger.lines(self._connection, examination_id, after=seq)
        if examination is None and not new:
            raise self._unknown(examination_id)
        for line in new:
            if line.hash != ledger.line_hash(line):
                raise LedgerError(f"ledger line {line.seq} was changed; verify the casebook")
        return self._remember(examination_id, new[-1].seq if new else seq, advanced(examination, new))

    def _remember(self, examination_id: str, seq: int, examination: Examination) -> Examination:
        with self._lock:
            self._known.pop(examination_id, None)
            self._known[examination_id] = (seq, examination)
            while len(self._known) > KEPT_IN_MEMORY:
                del self._known[next(iter(self._known))]
        return examination

    def _begin_line(self, examination_id: str) -> LedgerLine:
        with self._reading():
            lines = ledger.lines(self._connection, examination_id, kind="begin")
        if not lines:
            raise self._unknown(examination_id)
        return lines[0]

    def _unknown(self, examination_id: str) -> CasebookError:
        return CasebookError(f"there is no examination {examination_id!r} in {self.folder}")

    def _kept_lines(self, examination_id: str) -> list[LedgerLine]:
        return ledger.lines(self._connection, examination_id, kind="proposal")

    def _proposal(self, line: LedgerLine) -> Proposal:
        row = self._connection.execute("SELECT content FROM proposals WHERE seq = ?", (line.seq,)).fetchone()
        if row is None or sha256_of(row[0]) != line.value()["proposal_sha256"]:
            raise ProposalChangedError(
                f"the proposal of ledger line {line.seq} was {'removed' if row is None else 'changed'}; "
                "verify the casebook"
            )
        return Proposal.from_json(json.loads(row[0]))

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with self._lock:
            try:
                yield
            except sqlite3.Error as error:
                raise CasebookError(f"casebook {self.folder}: cannot be used ({error})") from error

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._reading(), ledger.transaction(self._connection):
            yield


def _opened(folder: Path) -> sqlite3.Connection:
    if not folder.exists():
        folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        originals.sync_folder(folder.parent)
    (folder / "originals").mkdir(mode=0o700, exist_ok=True)
    database = folder / "casebook.sqlite"
    # SQLite gives its side files the mode of the database.
    os.close(os.open(database, os.O_RDWR | os.O_CREAT, 0o600))
    connection = ledger.connect(database)
    try:
        with ledger.transaction(connection):
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version > SCHEMA:
                raise CasebookError(
                    f"casebook {folder}: was written by a newer version of the program (schema {version}, "
                    f"this one knows {SCHEMA}); use that version"
                )
            if version == 0:
                ledger.create(connection)
                for statement in _PROPOSALS:
                    connection.execute(statement)
            if version < SCHEMA:
                connection.execute(f"PRAGMA user_version={SCHEMA}")
    except BaseException:
        connection.close()
        raise
    return connection


def _entry(examination_id: str, begun: str, content: str, last: str | None) -> ExaminationEntry:
    phases = {None: Phase.OBSERVE, "lock": Phase.LOCKED, "reveal": Phase.REVEALED, "sign": Phase.SIGNED}
    value = json.loads(content)
    return ExaminationEntry(examination_id, value["title"], Mode(value["mode"]), begun, phases[last])
