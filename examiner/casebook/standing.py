"""How persons stand to the examinations of a casebook: what the table of permissions and the gate ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from examiner.casebook.examination_entry import ExaminationEntry
from examiner.casebook.knowledge import Key, Knowledge
from examiner.examination import gate
from examiner.examination.acts import Mode, Phase
from examiner.examination.gate import Sharing
from examiner.examination.permissions import Standing, Whose


class Standings:
    """Of one moment: `entries` are all examinations of the casebook as they stand."""

    def __init__(self, entries: Sequence[ExaminationEntry], knowledge: Knowledge) -> None:
        knowledge.catch_up()
        self._knowledge = knowledge
        self._entries: Mapping[str, ExaminationEntry] = {entry.id: entry for entry in entries}
        self._seconds: dict[str, list[ExaminationEntry]] = {}
        for entry in entries:
            if entry.second_of:
                self._seconds.setdefault(entry.second_of, []).append(entry)

    def __contains__(self, examination: str) -> bool:
        return examination in self._entries

    def entry(self, examination: str) -> ExaminationEntry:
        """The examination's row of the list."""
        return self._entries[examination]

    def seconds(self, examination: str) -> Sequence[ExaminationEntry]:
        """The second readings of an examination, in the order they were begun."""
        return self._seconds.get(examination, ())

    def waiting(self, examination: str) -> ExaminationEntry | None:
        """The second reading that is to be set beside it: the first that is locked, else the last begun; None
        where there is none or one lies beside it already."""
        seconds = self.seconds(examination)
        if any(self._knowledge.taken(second.id) for second in seconds):
            return None
        locked = [second for second in seconds if second.phase is Phase.LOCKED]
        return locked[0] if locked else seconds[-1] if seconds else None

    def of(self, examination: str, person: str) -> Standing:
        """How the person stands to an examination."""
        entry = self._entries[examination]
        keys = self._knowledge.photographs(examination)
        this, sharing = self._sharing(entry), self._others(keys, examination)
        knows = self._knowledge.shown_before(person, keys) is not None
        return Standing(
            entry.reader,
            entry.mode,
            entry.phase,
            self._whose(entry, person),
            ended=bool(entry.second_of) and self._knowledge.taken(entry.id),
            held=gate.held(person, knows, this, sharing),
            held_machine=gate.held_machine(person, knows, this, sharing),
        )

    def shown_machine(self, examination: str, person: str) -> bool:
        """Whether the person was shown something of a machine of its photographs."""
        keys = self._knowledge.photographs(examination)
        return self._knowledge.shown_before(person, keys) is not None

    def held_machine(self, person: str, keys: Sequence[Key], mode: Mode | None = None) -> str:
        """Why nothing of a machine may be shown to the person of photographs that are in no examination of
        theirs, or are about to be in one of this mode."""
        knows = self._knowledge.shown_before(person, keys) is not None
        this = Sharing("", "", person, mode or Mode.INFORMED, Phase.OBSERVE)
        return gate.held_machine(person, knows, this, self._others(keys, ""))

    def _whose(self, entry: ExaminationEntry, person: str) -> Whose:
        if entry.reader == person:
            return Whose.OWN
        mine = [second for second in self.seconds(entry.id) if second.reader == person]
        if any(self._knowledge.taken(second.id) for second in mine):
            return Whose.BESIDE
        if any(second.phase is Phase.OBSERVE for second in mine):
            return Whose.BLIND
        if mine:
            return Whose.WAITING
        if entry.second_of and not self._knowledge.taken(entry.id):
            return Whose.UNTAKEN
        return Whose.OTHER

    def _others(self, keys: Sequence[Key], examination: str) -> list[Sharing]:
        ids = self._knowledge.sharing(keys) - {examination}
        return [self._sharing(self._entries[id]) for id in sorted(ids) if id in self._entries]

    def _sharing(self, entry: ExaminationEntry) -> Sharing:
        machine = self._knowledge.revealed(entry.id)
        return Sharing(entry.id, entry.title, entry.reader, entry.mode, entry.phase, machine)
