"""Cases, items, markings and procedure in a casebook: lines of its ledger, and what they come to."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from examiner.casebook import originals
from examiner.casebook.case_file import (
    KINDS,
    Case,
    CaseFile,
    Filed,
    Item,
    ProcedureStep,
    filed_from_json,
    filed_to_json,
    with_filed,
    with_series,
)
from examiner.casebook.database import Database
from examiner.casebook.laboratory import Laboratory
from examiner.casebook.ledger import LedgerError, LedgerLine, line_hash
from examiner.examination.readings import RecordError

Kept = TypeVar("Kept", bound=Filed)

KIND_OF_FILED: Mapping[type, str] = {filed: kind for kind, filed in KINDS.items()}


class Cases:
    """What is filed in a casebook, acts of other processes included."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: tuple[int, CaseFile] = (0, CaseFile())

    def file(self) -> CaseFile:
        """Everything filed as it stands now."""
        with self._database.reading():
            seq, file = self._known
            new = sorted(
                (
                    line
                    for kind in (*KINDS, "series", "begin")
                    for line in self._database.lines(None, seq, kind)
                ),
                key=lambda line: line.seq,
            )
            for line in new:
                if line.hash != line_hash(line):
                    raise LedgerError(f"ledger line {line.seq} was changed; verify the casebook")
            if new:
                self._known = (new[-1].seq, filed_by(new, file))
            return self._known[1]

    def open_case(self, reference: str, title: str, laboratory: Laboratory, actor: str) -> Case:
        """A new case with a copy of the laboratory's words. Raises RecordError."""
        return self._put(Case(_new_id(), reference, title, laboratory), actor)

    def put(self, filed: Kept, actor: str) -> Kept:
        """Files an item, a marking or something done; without an id as a new one. Raises RecordError."""
        return self._put(replace(filed, id=filed.id or _new_id()), actor)

    def attach(self, examination: str, marking: str, actor: str) -> None:
        """Files an examination's series under a marking; the last filing counts. Raises RecordError."""
        if not self._database.lines(examination, kind="begin"):
            raise RecordError(f"there is no examination {examination[:40]!r} in this casebook")
        with self._database.writing():
            with_series(self.file(), examination, marking)
            self._database.append(None, actor, "series", {"examination": examination, "marking": marking})

    def procedure(self, marking: str) -> list[ProcedureStep]:
        """What was done to a marking, in the order in which it was filed first."""
        return [step for step in self.file().procedure.values() if step.marking == marking]

    def _put(self, filed: Kept, actor: str) -> Kept:
        kind = KIND_OF_FILED[type(filed)]
        value = filed_to_json(filed)
        # What comes back from its own plain form has passed every check.
        checked = filed_from_json(kind, value)
        self._refuse_unknown_photographs(checked)
        with self._database.writing():
            with_filed(self.file(), checked)
            self._database.append(None, actor, kind, value)
        return filed

    def _refuse_unknown_photographs(self, filed: Filed) -> None:
        """Raises RecordError where a sign of alteration names a photograph that was never taken in: a record
        with it would be called wrong for ever."""
        if not isinstance(filed, Item):
            return
        for photo in (photo for sign in filed.signs for photo in sign.photos):
            try:
                originals.check(
                    originals.place_of(self._database.originals, photo.sha256, photo.extension), photo.sha256
                )
            except originals.OriginalChangedError as error:
                raise RecordError(f"the casebook has no such photograph: {error}") from error


def filed_by(lines: Iterable[LedgerLine], file: CaseFile | None = None) -> CaseFile:
    """What these lines come to, in their order. Raises RecordError for one that says nothing valid."""
    file = file or CaseFile()
    for line in lines:
        value = line.value()
        if line.kind in KINDS:
            file = with_filed(file, filed_from_json(line.kind, value))
        elif line.kind == "series":
            file = with_series(file, value["examination"], value["marking"])
        elif line.kind == "begin" and value.get("marking") and line.examination:
            file = with_series(file, line.examination, value["marking"])
    return file


def _new_id() -> str:
    return uuid.uuid4().hex
