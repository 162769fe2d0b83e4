"""Chosen series of a run taken into a casebook: their photographs, never their proposals.

The proposal of a run is triage. Such an examination starts like every other one, with nothing read; its
ledger names the run from which the series was chosen.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from examiner.casebook.casebook import Casebook
from examiner.casebook.originals import PhotoSource
from examiner.examination.acts import NO_DEMANDS, Mode, OrderError, Rules
from examiner.folders.results.row import ResultRow
from pipelines.errors import ExitCode, MarkingError
from pipelines.photographs.file_checks import file_sha256
from pipelines.types import Failure

CHOSEN = "chosen from a batch"
"""The name, in the ledger, of the line that says where the series comes from."""

NOTE = "whoever chose the series may have seen the proposal of the batch"


@dataclass(frozen=True)
class Imported:
    """A series that was taken into the casebook as `examination`, or the reason why not."""

    series: str
    examination: str = ""
    error: Failure | None = None


def import_series(
    casebook: Casebook,
    rows: Iterable[ResultRow],
    actor: str,
    *,
    mode: Mode = Mode.CASEWORK,
    rules: Rules = NO_DEMANDS,
    marking: str = "",
    results: str = "",
) -> Iterator[Imported]:
    """Begins an examination of each row's photographs, titled by the last part of the series' name.

    `results`: the name of the file of the rows, for the ledger. Photographs that could not be read are left
    out. A series with a file that is missing, or that changed since it was read, is not taken in; the others
    are.
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
    """A photograph whose file changed since the run read it."""

    kind = "changed"
    exit_code = ExitCode.LEFT_OUT


def _sources(row: ResultRow) -> list[PhotoSource]:
    """The photographs of the series that were read. Raises a PhotoError or ChangedSinceError."""
    sources = []
    for photo in json.loads(row.photographs):
        if photo["sha256"] is None:
            continue
        path = Path(photo["path"])
        if file_sha256(path) != photo["sha256"]:
            raise ChangedSinceError(
                f"{path.name}: the file changed after the run read it; read the folder again"
            )
        sources.append(PhotoSource(path, photo["frame_time_s"]))
    if not sources:
        raise ChangedSinceError(
            f"{row.series}: none of its photographs could be read, so there is nothing to examine"
        )
    return sources
