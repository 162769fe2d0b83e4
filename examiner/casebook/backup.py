"""A copy of a casebook that is in use, as it stands at one moment."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from examiner.casebook import database, originals
from examiner.casebook.replay import CasebookError, named_photographs
from examiner.casebook.verification import casebook_wrong


def copy_casebook(folder: Path, target: Path) -> list[str]:
    """Copies database and originals into the new folder `target`; returns what is wrong with the copy.

    The casebook may be in use meanwhile: what is added after the beginning is not in the copy. Raises
    CasebookError where the folder is no casebook or the target is there already.
    """
    if not (folder / database.FILE).is_file():
        raise CasebookError(f"{folder} holds no casebook ({database.FILE})")
    try:
        target.mkdir(parents=True, mode=0o700)
    except OSError as error:
        raise CasebookError(f"{target}: a copy needs a new folder ({error.strerror or error})") from error
    try:
        with (
            closing(database.opened_for_reading(folder)) as source,
            closing(sqlite3.connect(target / database.FILE)) as copy,
        ):
            source.backup(copy)
            copy.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
            names = _originals(copy)
        for sha256, extension in names:
            place = originals.place_of(target / "originals", sha256, extension)
            place.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
            source_file = originals.place_of(folder / "originals", sha256, extension)
            if source_file.exists():
                shutil.copyfile(source_file, place)
                place.chmod(0o400)
    except (OSError, sqlite3.Error) as error:
        raise CasebookError(f"{target}: cannot be copied to ({error})") from error
    return casebook_wrong(target)


def _originals(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    from examiner.casebook import ledger

    entries = [entry for line in ledger.lines(connection) for entry in named_photographs(line)]
    return sorted({(entry["sha256"], entry["extension"]) for entry in entries})
