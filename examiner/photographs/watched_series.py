"""The series of a watched folder for the command line: a plain dict for each photograph that joins.

This is triage, never a reading, and nothing of it is recorded.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from examiner.photographs.watched_folder import own_copy
from pipelines.photographs.photo import read_photo
from pipelines.probability.over_time import best_now
from pipelines.propose import propose_series
from pipelines.registration.alignments import Registration, copy_of

ALREADY = "the series has this photograph already"
UNALIGNED = "does not fit the photographs before it; another marking, or too much of it is hidden"


class WatchedSeries:
    """Photographs in the order they joined, registered to the first. With `read`, the whole series is read
    again for each. `room`: a private folder for their copies."""

    def __init__(self, room: Path, read: bool, readers: Sequence[str] | None = None) -> None:
        self._room = room
        self._read = read
        self._readers = readers
        self._copies: dict[str, Path] = {}
        self._registration = Registration(lambda sha256: copy_of(read_photo(self._copies[sha256])))

    def join(self, path: Path) -> dict[str, Any]:
        """Takes a complete file; returns how it is registered to the first and, with `read`, the proposal.

        Raises PhotoError where the file cannot be read.
        """
        started = time.monotonic()
        with own_copy(path, self._room) as copy:
            photo = read_photo(copy)
            entry: dict[str, Any] = {"name": path.name, "sha256": photo.sha256, "taken": photo.taken}
            if photo.sha256 in self._copies:
                return {**entry, "aligned": None, "why": ALREADY}
            kept = copy.replace(self._room / f"{len(self._copies):05d}{path.suffix}")
        self._copies[photo.sha256] = kept
        keys = list(self._copies)
        alignment = self._registration.alignment(photo.sha256, keys, keys[0])
        matrix = alignment.to_reference
        entry |= {
            "number": len(keys),
            "aligned": matrix is not None,
            "laid": alignment.words,
            "why": "" if matrix is not None else UNALIGNED,
            "to_first": None if matrix is None else [float(value) for value in matrix.ravel()],
            "seconds": round(time.monotonic() - started, 3),
        }
        return {**entry, **self._reading()} if self._read else entry

    def _reading(self) -> dict[str, Any]:
        proposal = propose_series(list(self._copies.values()), readers=self._readers)
        return {
            "lines": [{"text": line.text, "best": line.best} for line in proposal.lines],
            # Numbered from 1 through all lines, as on the page.
            "best_now": [
                sum(len(line.positions) for line in proposal.lines[:number]) + index + 1
                for number, index in best_now(proposal, len(self._copies) - 1)
            ],
            "error": None if proposal.error is None else proposal.error.message,
            "reading_seconds": proposal.seconds,
        }
