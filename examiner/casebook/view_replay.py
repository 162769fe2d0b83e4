"""The pictures that examiners looked at, made again from the originals and compared with the record."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from examiner.casebook import database, ledger, originals
from examiner.casebook.ledger import LedgerLine
from examiner.casebook.replay import photo_entries
from examiner.casebook.versions import picture_made_here
from examiner.photographs.crops import read_kept
from pipelines.enhance.recipe import replay
from pipelines.errors import MarkingError
from pipelines.fuse.provenance import replayed
from pipelines.photographs.photo import upright_image
from pipelines.types import StepRecord


@dataclass(frozen=True)
class ViewsReplayed:
    """`same`: pictures that came out again bit for bit; `wrong`: what did not, though program, libraries and
    kind of processor are the same; `elsewhere`: what did not where one of them is another or was not
    recorded, which proves nothing."""

    same: int = 0
    wrong: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()


def views_replayed(folder: Path) -> ViewsReplayed:
    """Makes every enhanced and fused picture that a person looked at again and compares the hashes.

    Costs as much as making them did. What cannot be read is named under `wrong`.
    """
    with closing(database.opened_for_reading(folder)) as connection:
        lines = ledger.lines(connection)
    histories: dict[str, list[LedgerLine]] = {}
    for line in lines:
        if line.examination is not None:
            histories.setdefault(line.examination, []).append(line)
    done: dict[str, str] = {}
    same, wrong, elsewhere = 0, [], []
    for history in histories.values():
        photos = [originals.stored(folder / "originals", entry) for entry in photo_entries(history)]
        for line, what in _views(history):
            key = ledger.canonical([what, line.value()["content"]])
            if key not in done:
                done[key] = _fault(what, line.value()["content"], photos)
            if not done[key]:
                same += 1
            elif picture_made_here(json.loads(line.versions)):
                wrong.append(
                    f"ledger line {line.seq}: the picture seen does not come out again ({done[key]})"
                )
            else:
                elsewhere.append(f"ledger line {line.seq}: made with other software or on another processor")
    return ViewsReplayed(same, tuple(wrong), tuple(elsewhere))


def _views(lines: Sequence[LedgerLine]) -> Iterator[tuple[LedgerLine, str]]:
    for line in lines:
        if line.kind == "view" and line.value()["what"] in ("enhancement", "fusion"):
            yield line, line.value()["what"]


def _fault(what: str, content: Mapping[str, Any], photos: Sequence[originals.StoredPhoto]) -> str:
    """Why a picture does not come out again, empty where it does."""
    try:
        if what == "fusion":
            replayed(content, [read_kept(photo) for photo in photos])
        else:
            steps = [StepRecord(**step) for step in content["steps"]]
            if steps:
                replay(steps, upright_image(read_kept(photos[content["photo"]])))
    except (MarkingError, KeyError, IndexError, TypeError, ValueError) as error:
        return f"{type(error).__name__}: {error}"[:300]
    return ""
