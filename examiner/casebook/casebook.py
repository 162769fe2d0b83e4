"""Where examinations are kept: one folder with `casebook.sqlite` and `originals/` by SHA-256.

An examination is what its ledger lines say: the first names mode and photographs, every act is a line, and
the state is replayed from them. Beside the ledger the database holds only the proposals, each bound to the
line that records its hash.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from examiner.casebook import ledger, originals, signatures
from examiner.casebook.cases import Cases
from examiner.casebook.database import SCHEMA as SCHEMA
from examiner.casebook.database import Database
from examiner.casebook.ledger import LedgerError, LedgerLine
from examiner.casebook.originals import PhotoSource, StoredPhoto
from examiner.casebook.replay import CasebookError, advanced, photo_entries, sha256_of
from examiner.casebook.second_reading import reading_of, second_of
from examiner.casebook.verification import casebook_wrong
from examiner.examination import order_of_work as order
from examiner.examination.acts import (
    KIND_OF,
    NO_DEMANDS,
    Act,
    AddedPhoto,
    AddPhotos,
    Mode,
    OrderError,
    Phase,
    Reveal,
    Rules,
    Sign,
    TakeSecond,
)
from examiner.examination.acts_json import act_to_json
from examiner.examination.state import Examination
from pipelines.types import Proposal

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KEPT_IN_MEMORY = 64
"""Examinations whose state is held in memory; others are replayed when asked for."""

MACHINE = "machine"
"""The actor of lines that no person caused."""


class ProposalChangedError(CasebookError):
    """A kept proposal that is gone or no longer has the hash that the ledger recorded."""

    kind = "proposal_changed"


@dataclass(frozen=True)
class ExaminationEntry:
    """One row of the list of examinations. `begun` is UTC, ISO 8601; `reader` began it; `second_of` is the
    examination that it is the second reading of, or empty."""

    id: str
    title: str
    mode: Mode
    begun: str
    phase: Phase
    reader: str = ""
    second_of: str = ""


class Casebook:
    """The only place of state. Usable from several threads and, on a local disk, by several processes.

    Opens the folder, or creates it readable by its owner only. Not to be carried through a fork. Raises
    CasebookError where it cannot be opened or lies on a network share.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self._originals = self.folder / "originals"
        self._known: dict[str, tuple[int, Examination]] = {}
        self._phases: dict[str, tuple[int | None, Phase]] = {}
        self._database = Database(self.folder)
        self.cases = Cases(self._database)

    def __enter__(self) -> Casebook:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the use of the casebook; nothing is lost if it is not called."""
        self._database.close()

    def begin(
        self,
        mode: Mode,
        photos: Sequence[Path | PhotoSource],
        actor: str,
        title: str,
        rules: Rules = NO_DEMANDS,
        marking: str = "",
    ) -> str:
        """Takes the photographs in and begins an examination of them, filed under a marking where one is
        named; returns its id.

        Nothing is begun where one of them cannot be taken in: raises the PhotoError that says why.
        """
        if mode is Mode.SECOND:
            raise OrderError("a second reading is begun from the examination it belongs to")
        sources = [photo if isinstance(photo, PhotoSource) else PhotoSource(Path(photo)) for photo in photos]
        order.begin(mode, len(sources))
        sha256_of_path = {
            path: originals.take_in(self._originals, path) for path in {s.path for s in sources}
        }
        content = {
            "mode": mode.value,
            "title": title,
            "photos": [originals.entry(source, sha256_of_path[source.path]) for source in sources],
            "rules": asdict(rules),
            "marking": marking,
        }
        return self._begun(content, actor)

    def begin_second(self, examination_id: str, actor: str) -> str:
        """Begins a second reading of the same photographs, blind to the first and to the proposal.

        Raises OrderError for somebody who has read or seen the examination, and where it is too late.
        """
        with self._database.writing():
            lines = self._database.lines(examination_id)
            return self._begun(
                second_of(examination_id, self.examination(examination_id), lines, actor), actor
            )

    def take_second(self, examination_id: str, actor: str) -> Examination:
        """Lays the locked second reading beside the decided one. Raises OrderError where there is none."""
        with self._database.writing():
            locked = [
                entry
                for entry in self.examinations()
                if entry.second_of == examination_id and entry.phase is Phase.LOCKED
            ]
            if not locked:
                raise OrderError("no second examiner has read this examination and locked the reading yet")
            second = locked[-1]
            act = reading_of(second.id, second.reader, self.examination(second.id))
            seq, examination = self._recorded(examination_id, act, actor)
        return self._remember(examination_id, seq, examination)

    def refuse_blind(self, examination_id: str, actor: str) -> None:
        """Raises OrderError where this person may not see an examination now: a second reader the first
        reading before the own one is locked, everybody else the second reading before it was taken in."""
        entries = self.examinations()
        mine = next(entry for entry in entries if entry.id == examination_id)
        if mine.second_of and mine.reader != actor:
            first = self.examination(mine.second_of)
            if first.second_examination != examination_id:
                raise OrderError(
                    f"this is the second reading of {mine.reader}; it can be seen after it was taken in"
                )
        for entry in entries:
            if (entry.second_of, entry.reader, entry.phase) == (examination_id, actor, Phase.OBSERVE):
                raise OrderError(
                    "you are the second examiner of this examination: lock your own reading first"
                )

    def add_photos(
        self, examination_id: str, photos: Sequence[Path], actor: str
    ) -> tuple[Examination, list[StoredPhoto]]:
        """Takes photographs in at the end of the series; those that are in it already (by SHA-256) are not
        added again. Returns the examination and what was added.

        Raises OrderError where no photograph may join now, and the PhotoError of one that cannot be taken in.
        """
        order.apply(self.examination(examination_id), AddPhotos((AddedPhoto("", "0" * 64, "", None),)))
        path_of_sha256 = {originals.take_in(self._originals, path): path for path in reversed(photos)}
        with self._database.writing():
            known = {photo.sha256 for photo in self.photos(examination_id)}
            new = [
                originals.entry(PhotoSource(path), sha256)
                for sha256, path in reversed(path_of_sha256.items())
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
        added = self._database.lines(examination_id, kind="add_photos")
        stored = [originals.stored(self._originals, entry) for entry in photo_entries([begun, *added])]
        if check:
            for path, sha256 in {photo.path: photo.sha256 for photo in stored}.items():
                originals.check(path, sha256)
        return stored

    def examination(self, examination_id: str) -> Examination:
        """Where the examination stands now, acts of other processes included."""
        with self._database.reading():
            return self._current(examination_id)

    def act(self, examination_id: str, act: Act, actor: str) -> Examination:
        """Applies and records an act. Raises OrderError, and records nothing, where it is not allowed.

        Reveal, AddPhotos and TakeSecond do not come from a person: `reveal`, `add_photos` and `take_second`
        make them; `sign` signs with a key.
        """
        if isinstance(act, Sign):
            return self.sign(examination_id, actor)
        if isinstance(act, TakeSecond):
            raise OrderError("the casebook takes a second reading in; an act cannot name one")
        if isinstance(act, Reveal):
            raise OrderError("the casebook shows the proposal that it kept; an act cannot name one")
        if isinstance(act, AddPhotos):
            raise OrderError("the casebook takes photographs in; an act cannot name one")
        with self._database.writing():
            seq, examination = self._recorded(examination_id, act, actor)
        return self._remember(examination_id, seq, examination)

    def sign(self, examination_id: str, actor: str, key: Ed25519PrivateKey | None = None) -> Examination:
        """Signs, with a key where the person has one. Raises OrderError where it is not time yet."""
        with self._database.writing():
            act = signatures.signature(examination_id, actor, self._database.head(), key)
            seq, examination = self._recorded(examination_id, act, actor)
        return self._remember(examination_id, seq, examination)

    def keep_proposal(self, examination_id: str, proposal: Proposal) -> str:
        """Keeps a proposal out of sight; returns the SHA-256 of its canonical JSON. The last one kept counts.

        Raises CasebookError where it is not about the examination's photographs in their order, OrderError
        where one is shown already.
        """
        content = ledger.canonical(proposal.to_json())
        sha256 = sha256_of(content)
        with self._database.writing():
            misfit = originals.misfit(self.photos(examination_id), proposal)
            if misfit:
                raise CasebookError(f"{misfit}; read the examination's photographs in their order")
            if not order.awaits_proposal(self._current(examination_id)):
                raise OrderError("the proposal is already shown; another one cannot take its place")
            line = self._database.append(examination_id, MACHINE, "proposal", {"proposal_sha256": sha256})
            self._database.connection.execute("INSERT INTO proposals VALUES (?, ?)", (line.seq, content))
        return sha256

    def reveal(self, examination_id: str, actor: str) -> Examination:
        """Shows the kept proposal. Raises OrderError where it is not time yet or none was kept."""
        with self._database.writing():
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
        with self._database.reading():
            examination = self._current(examination_id)
            revealed = examination.proposal_sha256
            if revealed is None:
                return order.proposal_in_view(examination, None)
            for line in self._kept_lines(examination_id):
                if line.value()["proposal_sha256"] == revealed:
                    return order.proposal_in_view(examination, self._proposal(line))
        raise ProposalChangedError(
            f"examination {examination_id}: the revealed proposal {revealed} was never kept"
        )

    def shown_proposals(self, examination_id: str) -> dict[str, str]:
        """The text of each proposal that was shown, by the number of the line that kept it."""
        revealed = {
            line.value()["proposal_sha256"] for line in self._database.lines(examination_id, kind="reveal")
        }
        with self._database.reading() as connection:
            rows = {
                line.seq: connection.execute(
                    "SELECT content FROM proposals WHERE seq = ?", (line.seq,)
                ).fetchone()
                for line in self._kept_lines(examination_id)
                if line.value()["proposal_sha256"] in revealed
            }
        return {str(seq): row[0] for seq, row in rows.items() if row is not None}

    def original(self, sha256: str, extension: str) -> bytes:
        """An original's bytes. Raises OriginalChangedError where they are not what was taken in."""
        path = originals.place_of(self._originals, sha256, extension)
        originals.check(path, sha256)
        return path.read_bytes()

    def examinations(self) -> list[ExaminationEntry]:
        """All examinations in the order they were begun."""
        with self._database.reading() as connection:
            rows = connection.execute(
                """SELECT examination, time, actor, content, (
                    SELECT max(seq) FROM ledger AS later WHERE later.examination = first.examination
                    AND kind IN ('lock', 'reveal', 'take_second', 'sign', 'amend')
                ) FROM ledger AS first WHERE kind = 'begin' ORDER BY seq"""
            ).fetchall()
            return [self._entry(*row) for row in rows]

    def id_beginning_with(self, beginning: str) -> str:
        """The id of the only examination whose id begins so. Raises CasebookError where there is not one."""
        ids = [entry.id for entry in self.examinations() if entry.id.startswith(beginning)]
        if len(ids) != 1:
            raise CasebookError(f"{len(ids)} examinations of {self.folder} begin with {beginning[:40]!r}")
        return ids[0]

    def record_view(self, examination_id: str, actor: str, what: str, content: Mapping[str, Any]) -> None:
        """Records that a person looked at something, for example an enhanced photograph with its steps."""
        self._begin_line(examination_id)
        self._database.append(examination_id, actor, "view", {"what": what, "content": dict(content)})

    def record_opened(self, examination_id: str, actor: str) -> None:
        """Records, once, that a person who did nothing in an examination has seen it."""
        if not self.has_done(examination_id, actor):
            self.record_view(examination_id, actor, "examination", {})

    def has_done(self, examination_id: str, actor: str) -> bool:
        """Whether a line of the examination is this person's: an act, or a look."""
        with self._database.reading() as connection:
            line = connection.execute(
                "SELECT 1 FROM ledger WHERE examination = ? AND actor = ? LIMIT 1", (examination_id, actor)
            ).fetchone()
        return line is not None

    def record_person(self, person: Mapping[str, Any]) -> None:
        """Records whose an actor's name is (name, full_name, roles, key), once for each change."""
        known = [line.value() for line in self._database.lines(kind="person")]
        latest = next((about for about in reversed(known) if about["name"] == person["name"]), None)
        if latest != person:
            self._database.append(None, str(person["name"]), "person", person)

    def people(self) -> dict[str, Mapping[str, Any]]:
        """What is recorded of each person, by name; persons without an account are not in it."""
        return {line.actor: line.value() for line in self._database.lines(kind="person")}

    def record_export(self, examination_id: str, actor: str, name: str, data: bytes) -> str:
        """Records a file that was given out by its SHA-256, which it returns; one that was given out already
        is not recorded again."""
        sha256 = hashlib.sha256(data).hexdigest()
        known = {line.value()["sha256"] for line in self._database.lines(examination_id, kind="export")}
        if sha256 not in known:
            self._begin_line(examination_id)
            self._database.append(examination_id, actor, "export", {"name": name, "sha256": sha256})
        return sha256

    def history(self, examination_id: str) -> list[LedgerLine]:
        """The examination's ledger lines in order. They name proposals by hash only, until the reveal."""
        self._begin_line(examination_id)
        return self._database.lines(examination_id)

    def every_line(self) -> list[LedgerLine]:
        """All lines of the ledger in order."""
        return self._database.lines()

    def head(self) -> str:
        """The hash of the ledger's last line. Noted outside the casebook it is what `verify` can be given."""
        return self._database.head()

    def verify(self, head: str | None = None) -> list[str]:
        """What is wrong with the casebook, see `examiner.casebook.verification.casebook_wrong`."""
        return casebook_wrong(self.folder, head)

    def _begin_line(self, examination_id: str) -> LedgerLine:
        lines = self._database.lines(examination_id, kind="begin")
        if not lines:
            raise self._unknown(examination_id)
        return lines[0]

    def _unknown(self, examination_id: str) -> CasebookError:
        return CasebookError(f"there is no examination {examination_id!r} in {self._database.folder}")

    def _begun(self, content: Mapping[str, Any], actor: str) -> str:
        examination_id = uuid.uuid4().hex
        with self._database.writing():
            if content.get("marking") and content["marking"] not in self.cases.file().markings:
                raise CasebookError(f"there is no marking {content['marking'][:40]!r} in {self.folder}")
            self._database.append(examination_id, actor, "begin", content)
        return examination_id

    def _entry(
        self, examination_id: str, begun: str, reader: str, content: str, last: int | None
    ) -> ExaminationEntry:
        value = json.loads(content)
        known = self._phases.get(examination_id)
        if known is None or known[0] != last:
            # Of the last of these acts alone the phase is not known: two may have to sign.
            phase = Phase.OBSERVE if last is None else self._current(examination_id).phase
            known = self._phases[examination_id] = (last, phase)
        return ExaminationEntry(
            examination_id,
            value["title"],
            Mode(value["mode"]),
            begun,
            known[1],
            reader,
            value.get("second_of", ""),
        )

    def _recorded(self, examination_id: str, act: Act, actor: str) -> tuple[int, Examination]:
        examination = order.apply(self._current(examination_id), act)
        line = self._database.append(examination_id, actor, KIND_OF[type(act)], act_to_json(act))
        return line.seq, examination

    def _current(self, examination_id: str) -> Examination:
        seq, examination = self._known.get(examination_id, (0, None))
        new = self._database.lines(examination_id, after=seq)
        if examination is None and not new:
            raise self._unknown(examination_id)
        for line in new:
            if line.hash != ledger.line_hash(line):
                raise LedgerError(f"ledger line {line.seq} was changed; verify the casebook")
        return self._remember(examination_id, new[-1].seq if new else seq, advanced(examination, new))

    def _remember(self, examination_id: str, seq: int, examination: Examination) -> Examination:
        with self._database.lock:
            self._known.pop(examination_id, None)
            self._known[examination_id] = (seq, examination)
            while len(self._known) > KEPT_IN_MEMORY:
                del self._known[next(iter(self._known))]
        return examination

    def _kept_lines(self, examination_id: str) -> list[LedgerLine]:
        return self._database.lines(examination_id, kind="proposal")

    def _proposal(self, line: LedgerLine) -> Proposal:
        row = self._database.connection.execute(
            "SELECT content FROM proposals WHERE seq = ?", (line.seq,)
        ).fetchone()
        if row is None or sha256_of(row[0]) != line.value()["proposal_sha256"]:
            raise ProposalChangedError(
                f"the proposal of ledger line {line.seq} was {'removed' if row is None else 'changed'}; "
                "verify the casebook"
            )
        return Proposal.from_json(json.loads(row[0]))
