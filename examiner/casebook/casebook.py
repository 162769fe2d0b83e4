"""Where examinations are kept: one folder with `casebook.sqlite` and `originals/` by SHA-256.

An examination is what its ledger lines say: the first names mode and photographs, every act is a line, and
the state is replayed from them. Beside the ledger the database holds only the proposals, each bound to the
line that records its hash.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from examiner.casebook import ledger, originals, signatures
from examiner.casebook.cases import Cases
from examiner.casebook.database import SCHEMA as SCHEMA
from examiner.casebook.database import Database
from examiner.casebook.examination_entry import ExaminationEntry as ExaminationEntry
from examiner.casebook.knowledge import SHOWN, Key, Knowledge, ShownBefore, key_of
from examiner.casebook.ledger import LedgerError, LedgerLine
from examiner.casebook.originals import PhotoSource, StoredPhoto
from examiner.casebook.replay import CasebookError, advanced, named_photographs, photo_entries, sha256_of
from examiner.casebook.second_reading import reading_of, second_of
from examiner.casebook.standing import Standings
from examiner.casebook.verification import casebook_wrong
from examiner.examination import order_of_work as order
from examiner.examination import permissions
from examiner.examination.acts import (
    ACTS,
    KIND_OF,
    NO_DEMANDS,
    Act,
    AddedPhoto,
    AddPhotos,
    Lock,
    Mode,
    NoteInformed,
    OrderError,
    Phase,
    Reveal,
    Rules,
    Settle,
    Sign,
    TakeSecond,
)
from examiner.examination.acts_json import act_to_json
from examiner.examination.gate import ALONE
from examiner.examination.permissions import DEED_OF_ACT, EVERY_ROLE, Asking, Deed, Standing
from examiner.examination.seen_state import ON_PHOTOGRAPHS, SeenState, StaleError, missed
from examiner.examination.state import Examination
from pipelines.photographs.file_checks import file_sha256
from pipelines.types import Proposal

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KEPT_IN_MEMORY = 64
"""Examinations whose state is held in memory; others are replayed when asked for."""

MACHINE = "machine"
"""The actor of lines that no person caused."""

CHANGES_PHASE = "lock", "reveal", "take_second", "sign", "amend"
"""Kinds of lines after which an examination may be in another phase."""


class ProposalChangedError(CasebookError):
    """A kept proposal that is gone or no longer has the hash that the ledger recorded."""

    kind = "proposal_changed"


@dataclass(frozen=True)
class _Known:
    """An examination in memory. `seq`: the ledger line up to which it was replayed; `readings` and
    `photographs`: the last lines that changed the one or the other."""

    seq: int
    examination: Examination
    readings: int
    photographs: int


class Casebook:
    """The only place of state. Usable from several threads and, on a local disk, by several processes.

    Opens the folder, or creates it readable by its owner only. Not to be carried through a fork. Raises
    CasebookError where it cannot be opened or lies on a network share.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self._originals = self.folder / "originals"
        self._known: dict[str, _Known] = {}
        # Up to which line, what, and how many transactions were taken back before where this is not certain.
        self._listed: tuple[int, Mapping[str, ExaminationEntry], int | None] = (0, {}, None)
        self._database = Database(self.folder)
        self._knowledge = Knowledge(self._database)
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

        Nothing is begun where one of them cannot be taken in: raises the PhotoError that says why. Raises
        OrderError where a proposal could be shown in it at once and somebody is reading one of the
        photographs alone. Where the person was shown something of a machine of them before, the examination
        names it.
        """
        if mode is Mode.SECOND:
            raise OrderError("a second reading is begun from the examination it belongs to")
        sources = [photo if isinstance(photo, PhotoSource) else PhotoSource(Path(photo)) for photo in photos]
        order.begin(mode, len(sources))
        with self._taking_in([source.path for source in sources], actor) as sha256_of_path:
            entries = [originals.entry(source, sha256_of_path[source.path]) for source in sources]
            content = {
                "mode": mode.value,
                "title": title,
                "photos": entries,
                "rules": asdict(replace(rules, settled_by_both=True)),
                "marking": marking,
            }
            photos_taken = [originals.stored(self._originals, entry) for entry in entries]
            self._knowledge.learn(photos_taken)
            keys = [key_of(photo) for photo in photos_taken]
            with self._database.writing():
                if mode not in ALONE and (held := self.standings().held_machine(actor, keys, mode)):
                    raise OrderError(held)
                id = self._begun(content, actor)
                if mode in ALONE:
                    self._note_informed(id, actor, keys)
        return id

    def begin_second(self, examination_id: str, actor: str) -> str:
        """Begins a second reading of the same photographs, blind to the first and to the proposal.

        Raises OrderError for somebody who has read or seen the examination, or something of a machine of its
        photographs, and where it is too late.
        """
        with self._database.writing():
            lines = self._database.lines(examination_id)
            content = second_of(examination_id, self.examination(examination_id), lines, actor)
            if any(second.reader == actor for second in self.standings().seconds(examination_id)):
                raise OrderError("you have begun a second reading of this examination already; go on with it")
            before = self._known_now().shown_before(actor, self._known_now().photographs(examination_id))
            if before is not None:
                raise OrderError(
                    f"{actor} was shown what a program made of a photograph of it ({before.time[:16]} UTC); "
                    "the second examiner is somebody who was not"
                )
            return self._begun(content, actor)

    def take_second(self, examination_id: str, actor: str, seen: SeenState | None = None) -> Examination:
        """Lays the locked second reading beside the decided one. Raises OrderError where there is none."""
        with self._database.writing():
            second = self.standings().waiting(examination_id)
            if second is None or second.phase is not Phase.LOCKED:
                raise OrderError("no second examiner has read this examination and locked the reading yet")
            act = reading_of(second.id, second.reader, self.examination(second.id))
            self._record(examination_id, act, actor, seen)
        return self.examination(examination_id)

    def standings(self) -> Standings:
        """How persons stand to all examinations now."""
        with self._database.reading():
            return Standings(self.examinations(), self._knowledge)

    def standing(self, examination_id: str, person: str) -> Standing:
        """How the person stands to an examination now. Raises CasebookError where there is none."""
        standings = self.standings()
        if examination_id not in standings:
            raise self._unknown(examination_id)
        return standings.of(examination_id, person)

    def refuse(self, examination_id: str, actor: str, deed: Deed) -> None:
        """Raises OrderError where the person may not do this now, whatever the roles allow."""
        refused = permissions.refusal(Asking(actor, EVERY_ROLE), deed, self.standing(examination_id, actor))
        if refused:
            raise OrderError(refused)

    def seen_state(self, examination_id: str) -> SeenState:
        """The state of the examination now, as an act names it."""
        with self._database.reading() as connection:
            known = self._advanced(examination_id)
            seconds = [second.id for second in self.standings().seconds(examination_id)]
            marks = ", ".join("?" * len(seconds))
            second = connection.execute(
                f"SELECT max(seq) FROM ledger WHERE kind IN ('begin', 'lock') AND examination IN ({marks})",
                seconds,
            ).fetchone()[0]
            return SeenState(known.readings, known.photographs, second or 0)

    def refuse_stale(self, examination_id: str, seen: SeenState) -> None:
        """Raises StaleError where another state stands than the one that the author of a step saw."""
        with self._database.reading():
            if what := missed(Lock(), seen, self.seen_state(examination_id)):
                raise StaleError(self._changed_words(examination_id, what))

    def learn_photographs(self) -> None:
        """Works out what photographs of earlier versions show, so that copies of them are found. Costs as
        much as reading them; known ones cost nothing."""
        for id in self._knowledge.unlearnt():
            self._knowledge.learn(self.photos(id))

    def learn(self, photos: Sequence[StoredPhoto]) -> None:
        """Works out what photographs show that are in no examination, so that copies of them are found."""
        self._knowledge.learn(photos)

    def held_machine(self, actor: str, photos: Sequence[Sequence[StoredPhoto]]) -> list[str]:
        """For each series, why nothing that a machine makes of it may be shown to the person now; empty where
        it may."""
        standings = self.standings()
        return [standings.held_machine(actor, [key_of(photo) for photo in series]) for series in photos]

    def record_shown(self, examination_id: str, actor: str, what: str) -> None:
        """Records, once, that the person was shown something of a machine of these photographs."""
        keys = self._known_now().photographs(examination_id)
        if not all(self._known_now().shown_before(actor, [key]) for key in keys):
            self._database.append(examination_id, actor, SHOWN, {"what": what})

    def record_shown_batch(self, actor: str, hashes: Sequence[str]) -> None:
        """Records, once, that the person was shown what readers made of photographs with these SHA-256."""
        new = [sha256 for sha256 in hashes if not self._known_now().shown_before(actor, [(sha256, -1.0)])]
        if new:
            self._database.append(None, actor, SHOWN, {"what": "batch", "photos": new})

    def record_fetch(self, examination_id: str, actor: str, kind: str, path: Path) -> None:
        """Records that a person fetches a file; `kind`: "pictures" or "exports", whose SHA-256 is recorded
        too. An empty id: a picture of no examination."""
        content: dict[str, Any] = {"kind": kind, "name": path.name}
        if kind == "exports":
            content["sha256"] = file_sha256(path)
        if examination_id:
            self._begin_line(examination_id)
        self._database.append(examination_id or None, actor, "fetch", content)

    def sharing(self, examination_id: str) -> set[str]:
        """The examinations with a photograph that shows the same as one of this, itself among them."""
        return self._known_now().sharing(self._known_now().photographs(examination_id))

    def _known_now(self) -> Knowledge:
        self._knowledge.catch_up()
        return self._knowledge

    def shown_before(self, examination_id: str, person: str) -> ShownBefore | None:
        """Where the person was first shown something of a machine of these photographs, or None."""
        return self._known_now().shown_before(person, self._known_now().photographs(examination_id))

    def add_photos(
        self, examination_id: str, photos: Sequence[Path], actor: str
    ) -> tuple[Examination, list[StoredPhoto]]:
        """Takes photographs in at the end of the series; those that are in it already (by SHA-256) are not
        added again. Returns the examination and what was added.

        Raises OrderError where no photograph may join now, and the PhotoError of one that cannot be taken in.
        """
        order.apply(self.examination(examination_id), AddPhotos((AddedPhoto("", "0" * 64, "", None),)))
        self.refuse(examination_id, actor, Deed.ADD_PHOTOS)
        with (
            self._taking_in(photos, actor) as sha256_of_path,
            self._database.writing(),
        ):
            known = {photo.sha256 for photo in self.photos(examination_id)}
            copies = {path: sha256 for path, sha256 in sha256_of_path.items() if sha256 in known}
            self._record_left_over(copies, actor)
            path_of_sha256 = {sha256_of_path[path]: path for path in reversed(photos)}
            new = [
                originals.entry(PhotoSource(path), sha256)
                for sha256, path in reversed(path_of_sha256.items())
                if sha256 not in known
            ]
            if not new:
                return self._current(examination_id), []
            stored = [originals.stored(self._originals, entry) for entry in new]
            self._knowledge.learn(stored)
            act = AddPhotos(tuple(AddedPhoto(**entry) for entry in new))
            self._record(examination_id, act, actor)
            now = self._current(examination_id)
            if now.mode in ALONE and now.phase is Phase.OBSERVE:
                self._note_informed(examination_id, actor, [key_of(photo) for photo in stored])
        return self.examination(examination_id), stored

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

    def act(self, examination_id: str, act: Act, actor: str, seen: SeenState | None = None) -> Examination:
        """Applies and records an act. Raises OrderError, and records nothing, where it is not allowed, and
        StaleError where the author saw another state than the one that stands (`seen` None: not asked).

        Reveal, AddPhotos, TakeSecond and NoteInformed do not come from a person: `reveal`, `add_photos`,
        `take_second` and `begin` make them; `sign` signs with a key.
        """
        if isinstance(act, Sign):
            return self.sign(examination_id, actor, seen=seen)
        if isinstance(act, NoteInformed):
            raise OrderError("the casebook names who is informed; an act cannot")
        if isinstance(act, TakeSecond):
            raise OrderError("the casebook takes a second reading in; an act cannot name one")
        if isinstance(act, Reveal):
            raise OrderError("the casebook shows the proposal that it kept; an act cannot name one")
        if isinstance(act, AddPhotos):
            raise OrderError("the casebook takes photographs in; an act cannot name one")
        with self._database.writing():
            self._record(examination_id, act, actor, seen)
        return self.examination(examination_id)

    def sign(
        self,
        examination_id: str,
        actor: str,
        key: Ed25519PrivateKey | None = None,
        seen: SeenState | None = None,
    ) -> Examination:
        """Signs, with a key where the person has one. Raises OrderError where it is not time yet, and where a
        second examiner's locked reading waits."""
        with self._database.writing():
            waiting = self.standings().waiting(examination_id)
            if waiting is not None and waiting.phase is Phase.LOCKED:
                raise OrderError(
                    f"{waiting.reader} has locked a second reading of this examination: set it beside yours "
                    "first"
                )
            act = signatures.signature(examination_id, actor, self._database.head(), key)
            self._record(examination_id, act, actor, seen)
        return self.examination(examination_id)

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
            self._record(examination_id, act, actor)
        return self.examination(examination_id)

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
        """All examinations in the order they were begun. Costs one query, and work for what is new only."""
        with self._database.reading() as connection:
            seq, entries, uncertain = self._listed
            if uncertain not in (None, self._database.rollbacks):
                seq, entries = 0, {}
            # The sign before `kind` has SQLite go by the number of the line, not through all lines of a kind.
            # The last line of all comes along, so that none is looked at twice.
            rows = connection.execute(
                """SELECT seq, examination, time, actor, kind, CASE kind WHEN 'begin' THEN content END
                FROM ledger WHERE seq > ?
                AND (+kind IN ('begin', ?, ?, ?, ?, ?) OR seq = (SELECT max(seq) FROM ledger))
                ORDER BY seq""",
                (seq, *CHANGES_PHASE),
            ).fetchall()
            if rows:
                entries = {**entries, **{row[1]: _begun_entry(row) for row in rows if row[4] == "begin"}}
                # Of the last of these acts alone the phase is not known: two may have to sign.
                for id in {row[1] for row in rows if row[4] in CHANGES_PHASE}:
                    entries[id] = replace(entries[id], phase=self._current(id).phase)
                seq = rows[-1][0]
            # What a transaction wrote is certain when it is committed: it may fail.
            self._listed = seq, entries, self._database.rollbacks if connection.in_transaction else None
            return list(entries.values())

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

    @contextmanager
    def only_writer(self) -> Iterator[None]:
        """Nobody else adds a line until the block ends; what is recorded inside stands or falls together."""
        with self._database.writing():
            yield

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

    @contextmanager
    def _taking_in(self, paths: Sequence[Path], actor: str) -> Iterator[Mapping[Path, str]]:
        """Takes files in; yields the SHA-256 of each. Where the block fails, a line names what was taken in
        all the same: no original lies in the folder that the ledger does not know."""
        taken: dict[Path, str] = {}
        try:
            for path in dict.fromkeys(paths):
                taken[path] = originals.take_in(self._originals, path)
            yield taken
        except BaseException:
            with contextlib.suppress(CasebookError):
                self._record_left_over(taken, actor)
            raise

    def _record_left_over(self, taken: Mapping[Path, str], actor: str) -> None:
        entries = [originals.entry(PhotoSource(path), sha256) for path, sha256 in taken.items()]
        with self._database.writing():
            named = {
                (photo["sha256"], photo["extension"])
                for kind in ("begin", "add_photos", "item", "left_over")
                for line in self._database.lines(kind=kind)
                for photo in named_photographs(line)
            }
            left = [entry for entry in entries if (entry["sha256"], entry["extension"]) not in named]
            if left:
                self._database.append(None, actor, "left_over", {"originals": left})

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

    def _record(self, examination_id: str, act: Act, actor: str, seen: SeenState | None = None) -> None:
        """Writes an act that the order of work and the table of permissions allow. Joins the transaction."""
        current = self._current(examination_id)
        if isinstance(act, Settle):
            act = replace(act, by=actor)
        if seen is not None and (what := missed(act, seen, self.seen_state(examination_id))):
            raise StaleError(self._changed_words(examination_id, what))
        order.apply(current, act)
        if type(act) in DEED_OF_ACT:
            self.refuse(examination_id, actor, DEED_OF_ACT[type(act)])
        self._database.append(examination_id, actor, KIND_OF[type(act)], act_to_json(act))

    def _changed_words(self, examination_id: str, what: str) -> str:
        if what == "second":
            return (
                "A second reading of this examination was begun or locked since this window showed it. "
                "Nothing was done: look at it as it is now, and decide again"
            )
        last = [line for line in self._database.lines(examination_id) if line.kind in ACTS][-1]
        return (
            f"{last.actor} has changed this examination since this window showed it (last: {last.kind} at "
            f"{last.time[11:19]} UTC). Nothing was done: look at it as it is now, and decide again"
        )

    def _note_informed(self, examination_id: str, actor: str, keys: Sequence[Key]) -> None:
        """Names the person as informed where that is known. Joins the transaction."""
        before = self._known_now().shown_before(actor, keys)
        current = self._current(examination_id)
        if before is not None and not any(note.person == actor for note in current.informed):
            act = NoteInformed(actor, before.what, before.examination, before.time)
            self._record(examination_id, act, MACHINE)

    def _current(self, examination_id: str) -> Examination:
        return self._advanced(examination_id).examination

    def _advanced(self, examination_id: str) -> _Known:
        known = self._known.get(examination_id)
        new = self._database.lines(examination_id, after=known.seq if known else 0)
        if known is None and not new:
            raise self._unknown(examination_id)
        for line in new:
            if line.hash != ledger.line_hash(line):
                raise LedgerError(f"ledger line {line.seq} was changed; verify the casebook")
        on_photographs = {KIND_OF[act] for act in ON_PHOTOGRAPHS}
        changes = [line for line in new if line.kind in ACTS]
        readings = [line.seq for line in changes if line.kind not in on_photographs]
        photographs = [line.seq for line in changes if line.kind in on_photographs]
        now = _Known(
            new[-1].seq if new else known.seq if known else 0,
            advanced(known.examination if known else None, new),
            max([known.readings if known else 0, *readings]),
            max([known.photographs if known else 0, *photographs]),
        )
        # What a transaction wrote is not remembered before it is committed: it may fail.
        if not self._database.connection.in_transaction:
            self._known.pop(examination_id, None)
            self._known[examination_id] = now
            while len(self._known) > KEPT_IN_MEMORY:
                del self._known[next(iter(self._known))]
        return now

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


def _begun_entry(row: Sequence[Any]) -> ExaminationEntry:
    """The row of the list that an examination's first line makes: seq, id, time, actor, kind, content."""
    _, id, begun, reader, _, content = row
    value = json.loads(content)
    second_of = value.get("second_of", "")
    return ExaminationEntry(id, value["title"], Mode(value["mode"]), begun, Phase.OBSERVE, reader, second_of)
