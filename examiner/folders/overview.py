"""The overview."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from examiner.folders.result import Row
from pipelines.types import Failure


def begun(folder: Path) -> Path:
    """The folder of pictures."""
    return folder


def write_overview(folder: Path, rows: Iterable[Row], notices: Sequence[Failure]) -> Path:
    """Where the page is."""
    return folder / str(len(list(rows)) + len(notices))
