"""What is wrong with a casebook: database, ledger, proposals, originals, order of work, signatures, cases."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

from examiner.casebook import database, ledger, originals
from examiner.casebook.cases import filed_by
from examiner.casebook.ledger import LedgerLine
from examiner.casebook.replay import CasebookError, advanced, named_photographs, photo_entries, sha256_of
from examiner.casebook.second_reading import reading_of
from examiner.casebook.signatures import signature_wrong
from examiner.examination.acts import TakeSecond
from examiner.examination.acts_json import act_from_json
from pipelines.errors import MarkingError

Keys = Mapping[str, Sequence[str]]
"""Public keys in hexadecimal by the name of the person."""

# SQLite quotes damaged names in its messages, and those may be no text.
DAMAGED = (sqlite3.Error, OSError, OverflowError, UnicodeError)

NOT_REPLAYED = (MarkingError, KeyError, TypeError, ValueError, AttributeError, RecursionError)

ADDED_BESIDE = (
    "no line of the ledger names this file; it was added beside the record, "
    "or a program was stopped before it wrote down what it had taken in"
)


def casebook_wrong(folder: Path, head: str | None = None, keys: Keys | None = None) -> list[str]:
    """Everything found wrong, the first thing first; empty where all is right. Changes nothing in the folder.

    `head` is a hash noted earlier: without it, lines cut off the end are not missed. `keys`: the keys that
    persons are known by; without them a signature only binds whoever holds the key beside it.
    """
    try:
        with closing(database.opened_for_reading(folder)) as connection:
            # One snapshot: what another process adds meanwhile is not half seen.
            connection.execute("BEGIN")
            wrong = [fault for fault in [ledger.verify(connection, head)] if fault]
            structure = database.wrong_with(connection)
            every = ledger.lines(connection)
            kept = dict(connection.execute("SELECT seq, CAST(content AS TEXT) FROM proposals"))
    except DAMAGED as error:
        return [f"casebook {folder}: cannot be read ({error})"]
    wrong += lines_wrong(every, kept, folder / "originals", keys)
    return wrong + structure + list(_added_originals(folder / "originals", every))


def casebook_notes(folder: Path) -> list[str]:
    """What is no error, but is to be known: moments at which the clock ran backwards, copies that were
    interrupted. Changes nothing in the folder."""
    try:
        with closing(database.opened_for_reading(folder)) as connection:
            every = ledger.lines(connection)
        names = sorted(path.name for path in (folder / "originals").iterdir())
    except DAMAGED as error:
        return [f"casebook {folder}: cannot be read ({error})"]
    interrupted = [
        f"originals/{name}: the rest of an interrupted copy; it can be deleted"
        for name in names
        if name.startswith(originals.INCOMING)
    ]
    return [*clock_notes(every), *interrupted]


def clock_notes(every: Sequence[LedgerLine]) -> Iterator[str]:
    """Where a line's time is before that of the line before it, and where a time is none."""
    before: datetime | None = None
    for line in every:
        try:
            time = datetime.fromisoformat(line.time)
            back_s = (before - time).total_seconds() if before is not None else 0.0
        except (ValueError, TypeError):
            yield f"ledger line {line.seq}: {line.time[:40]!r} is no time"
            continue
        if back_s > 0:
            yield (
                f"ledger line {line.seq}: its time ({line.time}) is {back_s:.3f} s before that of the line "
                "before it; the clock of the machine was set back"
            )
        before = time


def files_wrong(folder: Path, files: Sequence[Path]) -> list[str]:
    """Which of these files the casebook's ledger does not name as given out, by their SHA-256."""
    with closing(database.opened_for_reading(folder)) as connection:
        recorded = {line.value()["sha256"] for line in ledger.lines(connection, kind="export")}
    return [
        f"{path.name}: is no file that this casebook gave out, or was changed since"
        for path in files
        if hashlib.sha256(path.read_bytes()).hexdigest() not in recorded
    ]


def lines_wrong(
    every: Sequence[LedgerLine],
    kept: Mapping[int, str],
    folder: Path,
    keys: Keys | None = None,
    held: Mapping[Path, str | None] | None = None,
) -> list[str]:
    """What is wrong with what the lines say: proposals (`kept`: text by line), examinations, cases, the
    originals in `folder`, signatures. `held`: what is known already of originals, None where one is right."""
    wrong = proposals_wrong(every, kept)
    wrong += [fault for line in every if line.kind == "sign" for fault in _signature_wrong(line, keys)]
    histories: dict[str, list[LedgerLine]] = {}
    for line in every:
        if line.examination is not None:
            histories.setdefault(line.examination, []).append(line)
    checked = dict(held or {})
    for examination_id, lines in histories.items():
        wrong += examination_wrong(folder, examination_id, lines, checked)
        wrong += [
            fault for line in lines if line.kind == "take_second" for fault in _second_wrong(line, histories)
        ]
    return wrong + _cases_wrong(folder, every, checked)


def proposals_wrong(every: Sequence[LedgerLine], kept: Mapping[int, str]) -> list[str]:
    """What is wrong with the `kept` proposals (text by ledger line); `every`: all lines of the ledger."""
    recorded = {line.seq: line for line in every if line.kind == "proposal"}
    wrong = [
        f"proposal of ledger line {seq}: the ledger does not know it" for seq in kept if seq not in recorded
    ]
    for seq, line in recorded.items():
        if seq not in kept:
            wrong.append(f"proposal of ledger line {seq}: is gone")
        # As text: a line that is no JSON any more must not end the check.
        elif f'"proposal_sha256":"{sha256_of(kept[seq])}"' not in line.content:
            wrong.append(f"proposal of ledger line {seq}: was changed, its hash is not the recorded one")
    return wrong


def examination_wrong(
    folder: Path, examination_id: str, lines: Sequence[LedgerLine], checked: dict[Path, str | None]
) -> list[str]:
    """What is wrong with one examination and its originals in `folder`.

    `checked` holds what is known of an original already, so that each is read once.
    """
    try:
        advanced(None, lines)
        entries = photo_entries(lines)
        photos = [originals.stored(folder, entry) for entry in entries]
    except NOT_REPLAYED as error:
        return [f"examination {examination_id}: its lines do not replay ({error})"]
    return list(_originals_wrong(photos, checked))


def _cases_wrong(folder: Path, every: Sequence[LedgerLine], checked: dict[Path, str | None]) -> list[str]:
    try:
        file = filed_by(every)
        photos = [
            originals.stored(folder, originals.entry_of(photo))
            for item in file.items.values()
            for sign in item.signs
            for photo in sign.photos
        ]
    except NOT_REPLAYED as error:
        return [f"cases: their lines do not replay ({error})"]
    return list(_originals_wrong(photos, checked))


def _added_originals(folder: Path, every: Sequence[LedgerLine]) -> Iterator[str]:
    """Files in the folder of originals that no line names, and links instead of files."""
    try:
        named = {
            originals.place_of(folder, photo["sha256"], photo["extension"])
            for line in every
            for photo in named_photographs(line)
        }
        for path in sorted(folder.rglob("*")):
            place = f"originals/{path.relative_to(folder).as_posix()}"
            if path.is_symlink():
                yield f"{place}: is a link; an original is a file"
            elif path not in named and not path.is_dir() and not path.name.startswith(originals.INCOMING):
                yield f"{place}: {ADDED_BESIDE}"
    except (OSError, *NOT_REPLAYED) as error:
        yield f"originals: what was added to them cannot be said ({error})"


def _originals_wrong(
    photos: Sequence[originals.StoredPhoto], checked: dict[Path, str | None]
) -> Iterator[str]:
    for photo in photos:
        if photo.path not in checked:
            checked[photo.path] = fault = originals.wrong(photo)
            if fault:
                yield fault


def _signature_wrong(line: LedgerLine, keys: Keys | None) -> Iterator[str]:
    try:
        fault = signature_wrong(line, keys)
    except NOT_REPLAYED as error:
        fault = f"ledger line {line.seq}: is no signature ({error})"
    if fault:
        yield fault


def _second_wrong(line: LedgerLine, histories: Mapping[str, Sequence[LedgerLine]]) -> Iterator[str]:
    """What is wrong with a second reading as it was taken in, against the second reading itself."""
    try:
        act = act_from_json(line.value())
        if not isinstance(act, TakeSecond):
            raise CasebookError("the act is another one")
        read = [earlier for earlier in histories[act.examination] if earlier.seq < line.seq]
        if read[0].value()["second_of"] != line.examination:
            raise CasebookError("it is the second reading of another examination")
        fits = reading_of(act.examination, read[0].actor, advanced(None, read)) == act
    except (*NOT_REPLAYED, IndexError) as error:
        yield f"ledger line {line.seq}: takes in a second reading that cannot be one ({error})"
        return
    if not fits:
        yield f"ledger line {line.seq}: takes in something else than {act.reader} read as second examiner"
