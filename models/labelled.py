"""Labelled photographs in a folder outside the project: `index.csv`, see docs/benchmarks.md."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import ExitCode, MarkingError
from pipelines.spreadsheet import text_of
from pipelines.tables import read_table

COLUMNS = ("path", "text", "lines", "regions", "rotate_cw")


class LabelsError(MarkingError):
    """An index.csv that cannot be understood."""

    kind = "labels"
    exit_code = ExitCode.USAGE


@dataclass(frozen=True)
class Labelled:
    """A row of the index."""

    path: str
    text: str
    lines: str
    region: tuple[float, float, float, float] | None
    rotate_cw: float | None
    group: str = ""

    @property
    def folder(self) -> str:
        return self.path.split("/")[0]

    @property
    def designation(self) -> str:
        return self.text.split()[0]

    @property
    def half(self) -> str:
        """Constants were chosen by looking at the tuning half only; split by designation."""
        return "held-out" if self._draw % 2 else "tuning"

    @property
    def trains(self) -> bool:
        """Whether our own reader is trained on it: about every second designation of the tuning half. The
        others are for calibration and for choosing; a designation's photographs are all on one side."""
        return self.half == "tuning" and self._draw // 2 % 2 == 1

    @property
    def _draw(self) -> int:
        return int(hashlib.md5(self.designation.encode(), usedforsecurity=False).hexdigest(), 16)


def read_index(folder: Path) -> list[Labelled]:
    """The rows of `index.csv`. Raises LabelsError."""
    labelled = []
    for row in read_table(folder / "index.csv", COLUMNS, ", group", LabelsError).rows:
        cells = row.cells
        try:
            regions = json.loads(cells["regions"]) if cells["regions"] else []
        except ValueError as error:
            raise LabelsError(
                f"{row.where}, column regions: expected JSON, got {cells['regions']!r}"
            ) from error
        labelled.append(
            Labelled(
                text_of(cells["path"]),
                text_of(cells["text"]),
                text_of(cells["lines"]),
                tuple(regions[0]) if regions else None,
                row.number("rotate_cw", "degrees clockwise, or nothing") if cells["rotate_cw"] else None,
                cells.get("group", ""),
            )
        )
    return labelled
