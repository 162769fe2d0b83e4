"""Chosen series of a run taken into a casebook: their photographs, never their proposals.

A batch proposal is triage. An examination begun so starts where every other one does, with nothing read; its
ledger says which run the series was chosen from.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from examiner.casebook.casebook import Casebook
from examiner.casebook.originals import PhotoSource
from examiner.examination.acts import NO_DEMANDS, Mode, OrderError, Phase, Rules
from examiner.folders.results.row import Row
from pipelines.errors import ExitCode, MarkingError
from pipelines.photographs.file_checks import file_sha256
from pipelines.types import Failure

CHOSEN = "chosen from a batch"
"""What the ledger calls the line that says where the series comes from."""

OPEN_TO_SEE = {
    Mode.CASEWORK: {Phase.REVEALED, Phase.SETTLING, Phase.SIGNED},
    Mode.QUALITY_CONTROL: {Phase.REVEALED, Phase.SIGNED},
    Mode.SECOND: {Phase.LOCKED, Phase.REVEALED, Phase.SETTLING, Phase.SIGNED},
}
"""Phases from which a proposal no longer spoils an examination of that mode; in the others it never does."""

NOTE = "whoever chose the series may have seen the proposal of the batch"


@dataclass(frozen=True)
class Imported:
    """A series that was taken in as `examination`, or why it was not."""

    series: str
    examination: str = ""
    error: Failure | None = None


def import_series(
    casebook: Casebook,
    rows: Iterable[Row],
    actor: str,
    *,
    mode: Mode = Mode.CASEWORK,
    rules: Rules = NO_DEMANDS,
    marking: str = "",
    results: str = "",
) -> Iterator[Imported]:
    """Begins an examination of each row's photographs, titled by the series' last name.

    `results`: the name of the file that the rows are from, for the ledger. Photographs that could not be read
    are left out. A series with a file that is gone, or has another content than when it was read, is not
    taken in and does not stop the others.
    """
    for row in rows:
        try:
            sources = _sources(row)
            examination = casebook.begin(mode, sources, actor, Path(row.series).name, rules, marking)
        except (MarkingError, OrderError) as error:
            kind = error.kind if isinstance(error, MarkingError) else "order"
            yield Imported(row.series, "", Failure(kind, str(error)))
            continue
        content = {"results": results, "series": row.series, "key": row.key, "note": NOTE}
        casebook.record_view(examination, actor, CHOSEN, content)
        yield Imported(row.series, examination)


class ChangedSinceError(MarkingError):
    """A photograph that is not the one that the batch read."""

    kind = "changed"
    exit_code = ExitCode.LEFT_OUT


def _sources(row: Row) -> list[PhotoSource]:
    """The photographs of the series that were read. Raises a PhotoError or ChangedSinceError."""
    sources = []
    for photo in json.loads(row.photographs):
        if photo["sha256"] is None:
            continue
        path = Path(photo["path"])
        if file_sha256(path) != photo["sha256"]:
            raise ChangedSinceError(
                f"{path.name}: is not the file that the batch read; read the folder again"
            )
        sources.append(PhotoSource(path, photo["frame_time_s"]))
    if not sources:
        raise ChangedSinceError(f"{row.series}: none of its photographs could be read")
    return sources


def withheld_photographs(casebook: Casebook) -> frozenset[str]:
    """SHA-256 of the photographs of every examination that has not come to its proposal yet."""
    return frozenset(
        photo.sha256
        for entry in casebook.examinations()
        if entry.mode in OPEN_TO_SEE and entry.phase not in OPEN_TO_SEE[entry.mode]
        for photo in casebook.photos(entry.id)
    )
