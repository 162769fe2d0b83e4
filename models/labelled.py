"""Labelled photographs in a folder outside the project: `index.csv`, see docs/benchmarks.md."""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path


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
    labelled = []
    with (folder / "index.csv").open(encoding="utf-8") as table:
        for row in csv.DictReader(table):
            regions = json.loads(row["regions"]) if row["regions"] else []
            labelled.append(
                Labelled(
                    row["path"],
                    row["text"],
                    row["lines"],
                    tuple(regions[0]) if regions else None,
                    float(row["rotate_cw"]) if row["rotate_cw"] else None,
                    row.get("group") or "",
                )
            )
    return labelled
