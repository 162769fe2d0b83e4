"""What the browser is told for the time strip: photographs × positions, one plain dict.

The proposal comes in only as the casebook handed it out through the gate; before the reveal it is None, and
a cell then says only how sharp, how rich in contrast and how glaring its crop is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from examiner.examination.acts import Conditions
from examiner.examination.positions import ExaminedPosition
from examiner.examination.readings import CharacterReading
from examiner.examination.seen_state import SeenState
from examiner.examination.state import Examination
from examiner.page.access.served_files import Address
from examiner.page.time_strip.rows import CELL_ASPECT, TimeCell, TimeRow
from pipelines.probability.over_time import SEEN_NATS, photographs_showing
from pipelines.types import Position, Proposal

WITHOUT_POSITIONS = (
    "First draw a band over a line of characters. Then this table shows each character in each photograph. "
    "You can already enter how the photographs were taken."
)


@dataclass(frozen=True)
class WatchedFolderState:
    """The watched folder: whether the page was started with one, whether it is watched, and what it said."""

    folder: str = ""
    on: bool = False
    said: tuple[str, ...] = ()
    hint: str = ""


@dataclass(frozen=True)
class TimeStripContent:
    """Everything that the time strip is made of. `proposal` has passed the gate, or is None.

    `names`, `times` by photograph; `rows` by the order in which photographs are laid out (`order`).
    """

    id: str
    stamp: str
    examination: Examination
    proposal: Proposal | None
    names: Sequence[str]
    times: Sequence[str]
    order: Sequence[int]
    rows: Sequence[TimeRow | None]
    live: WatchedFolderState
    address: Address
    seen: SeenState
    may_describe: bool
    notice: str = ""


def time_strip(content: TimeStripContent) -> dict[str, Any]:
    """Columns are positions in reading order, rows photographs in the order they are laid out."""
    positions = content.examination.positions
    evidence = [_evidence(content.proposal, position) for position in positions]
    return {
        "examination": content.id,
        "stamp": content.stamp,
        "photos": content.examination.photos,
        "proposal": content.examination.proposal_sha256 or "",
        "revealed": content.proposal is not None,
        "columns": [
            _column(content, n, position, evidence[n - 1]) for n, position in enumerate(positions, 1)
        ],
        "rows": [
            _row(content, index, row, evidence)
            for index, row in zip(content.order, content.rows, strict=True)
        ],
        "pending": sum(row is None for row in content.rows),
        "aspect": CELL_ASPECT,
        "seen_nats": SEEN_NATS,
        "order": content.examination.series.by.value,
        "may_describe": content.may_describe,
        "seen": content.seen.to_json(),
        "nothing": "" if positions else WITHOUT_POSITIONS,
        "live": asdict(content.live),
        "notice": content.notice,
    }


def nothing_open(stamp: str) -> dict[str, Any]:
    """What is shown while no examination is open."""
    return {
        "examination": "",
        "stamp": stamp,
        "photos": 0,
        "proposal": "",
        "revealed": False,
        "columns": [],
        "rows": [],
        "pending": 0,
        "aspect": CELL_ASPECT,
        "seen_nats": SEEN_NATS,
        "order": "time",
        "may_describe": False,
        "seen": SeenState(0, 0, 0).to_json(),
        "nothing": "Open photographs above, or choose a sample.",
        "live": asdict(WatchedFolderState()),
        "notice": "",
    }


def _proposed(proposal: Proposal | None, position: ExaminedPosition) -> Position | None:
    if proposal is None or position.proposed is None:
        return None
    line, index = position.proposed
    return proposal.lines[line].positions[index]


def _evidence(proposal: Proposal | None, position: ExaminedPosition) -> dict[int, float]:
    proposed = _proposed(proposal, position)
    return {} if proposed is None else dict(proposed.photos)


def _column(
    content: TimeStripContent, n: int, position: ExaminedPosition, evidence: Mapping[int, float]
) -> dict[str, Any]:
    proposed = _proposed(content.proposal, position)
    when = photographs_showing(evidence, content.order) if proposed else None
    glyphs = [candidate.glyph for candidate in proposed.candidates[:2]] if proposed else []
    return {
        "id": position.id,
        "n": n,
        "line": position.line,
        "said": _said(position),
        "glyphs": glyphs,
        "seen": [when.first + 1, when.best + 1, when.last + 1] if when else [],
    }


def _said(position: ExaminedPosition) -> str:
    """What the examiner last said stands there."""
    reading: CharacterReading | None = position.final or position.own
    if reading is None:
        return ""
    return reading.reading or "/".join(reading.alternatives)


def _row(
    content: TimeStripContent, index: int, row: TimeRow | None, evidence: Sequence[Mapping[int, float]]
) -> dict[str, Any]:
    cells = row.cells if row else ()
    said = content.examination.series.conditions[index]
    return {
        "index": index,
        "name": content.names[index],
        "time": content.times[index],
        "conditions": asdict(said),
        "words": conditions_words(said),
        "state": _state(row),
        "registration": row.registration if row else "",
        "wrong": row.wrong if row else "",
        "picture": content.address(row.picture) if row and row.picture else "",
        "cells": [_cell(cell, evidence[n].get(index)) for n, cell in enumerate(cells)],
    }


def _state(row: TimeRow | None) -> str:
    if row is None:
        return "waiting"
    if row.wrong:
        return "wrong"
    return "aligned" if row.aligned else "unaligned"


def _cell(cell: TimeCell | None, nats: float | None) -> dict[str, Any] | None:
    if cell is None:
        return None
    measures = cell.legibility
    return {
        "quad": [[round(x, 2), round(y, 2)] for x, y in cell.quad],
        "measures": [round(measures.sharpness, 2), round(measures.contrast, 1), round(measures.glare, 1)],
        "nats": None if nats is None else round(nats, 1),
    }


def conditions_words(said: Conditions) -> str:
    """How a photograph was taken, in a line; what is not said is left out."""
    cycle = f"cycle {said.cycle}" if said.cycle else ""
    light = f"light {said.light}" if said.light else ""
    parts = [part for part in (said.method, said.reagent, cycle, light, said.note) if part]
    return " · ".join(parts)
