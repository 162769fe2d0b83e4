"""What a casebook's ledger notes beside acts: looks, openings, files given out, and who the persons are."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from examiner.casebook.book import Book
from examiner.casebook.ledger import LedgerLine
from examiner.casebook.replay import CasebookError


class Notes:
    """Lines of a casebook's ledger that change no examination."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def record_view(self, examination_id: str, actor: str, what: str, content: Mapping[str, Any]) -> None:
        """Records that a person looked at something, for example an enhanced photograph with its steps."""
        self._begin_line(examination_id)
        self._book.append(examination_id, actor, "view", {"what": what, "content": dict(content)})

    def record_opened(self, examination_id: str, actor: str) -> None:
        """Records, once, that a person who did nothing in an examination has seen it."""
        if not self.has_done(examination_id, actor):
            self.record_view(examination_id, actor, "examination", {})

    def has_done(self, examination_id: str, actor: str) -> bool:
        """Whether a line of the examination is this person's: an act, or a look."""
        with self._book.reading() as connection:
            found = connection.execute(
                "SELECT 1 FROM ledger WHERE examination = ? AND actor = ? LIMIT 1", (examination_id, actor)
            ).fetchone()
        return found is not None

    def record_person(self, person: Mapping[str, Any]) -> None:
        """Records whose an actor's name is (name, full_name, roles, key), once for each change."""
        known = [line.value() for line in self._book.lines(kind="person")]
        latest = next((one for one in reversed(known) if one["name"] == person["name"]), None)
        if latest != person:
            self._book.append(None, str(person["name"]), "person", person)

    def people(self) -> dict[str, Mapping[str, Any]]:
        """What is recorded of each person, by name; persons without an account are not in it."""
        return {line.actor: line.value() for line in self._book.lines(kind="person")}

    def record_export(self, examination_id: str, actor: str, name: str, data: bytes) -> str:
        """Records a file that was given out by its SHA-256, which it returns; one that was given out already
        is not recorded again."""
        sha256 = hashlib.sha256(data).hexdigest()
        known = {line.value()["sha256"] for line in self._book.lines(examination_id, kind="export")}
        if sha256 not in known:
            self._begin_line(examination_id)
            self._book.append(examination_id, actor, "export", {"name": name, "sha256": sha256})
        return sha256

    def history(self, examination_id: str) -> list[LedgerLine]:
        """The examination's ledger lines in order. They name proposals by hash only, until the reveal."""
        self._begin_line(examination_id)
        return self._book.lines(examination_id)

    def every_line(self) -> list[LedgerLine]:
        """All lines of the ledger in order."""
        return self._book.lines()

    def _begin_line(self, examination_id: str) -> LedgerLine:
        lines = self._book.lines(examination_id, kind="begin")
        if not lines:
            raise self._unknown(examination_id)
        return lines[0]

    def _unknown(self, examination_id: str) -> CasebookError:
        return CasebookError(f"there is no examination {examination_id!r} in {self._book.folder}")
