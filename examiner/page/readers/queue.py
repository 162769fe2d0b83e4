"""The readers at work for the page: one proposal at a time, first what a person waits for."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import queue
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from examiner.casebook.versions import reader_versions
from examiner.examination.conditions import Lying
from examiner.examination.state import Examination
from examiner.page.pictures.images import shown_lying, upright_degrees
from examiner.photographs.crops import KeptPhoto, read_kept
from pipelines.photographs.photo import upright_matrix
from pipelines.propose import Source, propose_series
from pipelines.registration.alignments import ByHand
from pipelines.types import DrawnBand, Photo, Proposal, Quad, as_quad

Outcome = TypeVar("Outcome")

STOP = -1
WAITED_FOR = 0
AHEAD = 1

NOTHING_SAID: Mapping[int, Lying] = {}


class Readers:
    """A queue before the readers: they use every core, so two series at once would be slower."""

    def __init__(self) -> None:
        self._orders: queue.PriorityQueue[tuple[int, int, Callable[[], Any] | None, Future[Any]]] = (
            queue.PriorityQueue()
        )
        self._numbers = itertools.count()
        self._thread = threading.Thread(target=self._work, name="readers", daemon=True)
        self._thread.start()

    def order(self, work: Callable[[], Outcome], urgency: int = WAITED_FOR) -> Future[Outcome]:
        """What `work` gives, to come. What it raises, the future raises."""
        future: Future[Outcome] = Future()
        self._orders.put((urgency, next(self._numbers), work, future))
        return future

    def stop(self) -> None:
        """Drops what waits and returns when the series being read is done, however long that takes: a network
        that is running when the program ends would end it with a crash."""
        self._orders.put((STOP, next(self._numbers), None, Future()))
        self._thread.join()

    def _work(self) -> None:
        while True:
            _, _, work, future = self._orders.get()
            if work is None:
                return
            try:
                future.set_result(work())
            except Exception as error:
                future.set_exception(error)


@dataclass(frozen=True)
class DrawnRow:
    """A row as the examiner drew it in the photograph with index `frame`: its band with its positions."""

    frame: int
    band: DrawnBand


def drawn_rows(examination: Examination) -> list[DrawnRow]:
    """The examiner's rows: the positions of each line, per photograph, in one band from first to last."""
    rows: dict[tuple[int, int], list[Quad]] = {}
    for position in examination.positions:
        rows.setdefault((position.line, position.place.frame), []).append(position.place.quad)
    return [DrawnRow(frame, _band(row)) for (_, frame), row in rows.items()]


def _band(cells: Sequence[Quad]) -> DrawnBand:
    corners = np.asarray(cells, np.float64)
    left, right = (corners[:, a] + corners[:, b] for a, b in ((0, 3), (1, 2)))
    along = right[-1] - left[0]
    ends = np.stack([left - left[0], right - left[0]], axis=1) @ along / max(float(along @ along), 1e-9)
    places = tuple((float(start), float(end)) for start, end in np.clip(ends, 0, 1))
    return DrawnBand(as_quad([cells[0][0], cells[-1][1], cells[-1][2], cells[0][3]]), places)


def propose(
    photos: Sequence[KeptPhoto],
    names: Sequence[str],
    series: str,
    drawn: Sequence[DrawnRow],
    frame: int | None = None,
    by_hand: ByHand | None = None,
    lying: Mapping[int, Lying] = NOTHING_SAID,
) -> Proposal:
    """The proposal for a series, in the examiner's bands where there are any, by the photographs' names.

    `frame`: the photograph in whose pixels positions are wanted where there are no bands; `by_hand`: motions
    between photographs that the examiner set; `lying`: how photographs lie that do not lie as they are shown.
    """
    sources = [_source(photo, lying.get(index)) for index, photo in enumerate(photos)]
    if not drawn:
        return _named(propose_series(sources, series=series, frame=frame, by_hand=by_hand), names)
    parts = [
        propose_series(sources, series=series, band=row.band, frame=row.frame, by_hand=by_hand)
        for row in drawn
    ]
    return _named(_joined(parts), names)


def _source(photo: KeptPhoto, lying: Lying | None) -> Source:
    """What is said of how it lies is a fact to the readers, in the pixels of its file."""
    if lying is None:
        return Source(photo.path, frame_time_s=photo.frame_time_s)
    rotate_cw = None
    if lying.quarter_turns:
        stored = read_kept(photo)
        height, width = _upright_shape(stored)
        rotate_cw = float(upright_degrees(shown_lying(lying, width, height) @ upright_matrix(stored)))
    return Source(
        photo.path,
        rotate_cw=rotate_cw,
        frame_time_s=photo.frame_time_s,
        mirrored=lying.mirrored or None,
    )


def _upright_shape(stored: Photo) -> tuple[int, int]:
    height, width = stored.pixels.shape[:2]
    return (width, height) if stored.orientation >= 5 else (height, width)


def finished(future: Future[Any], seconds: float) -> bool:
    """Whether the work is done, waiting for it so long."""
    try:
        future.exception(seconds)
    except FutureTimeoutError:
        return False
    return True


def _joined(parts: Sequence[Proposal]) -> Proposal:
    """Proposals for several bands of the same photographs as one."""
    errors = [part.error for part in parts if part.error]
    lines = tuple(line for part in parts for line in part.lines)
    return replace(
        parts[0],
        lines=lines,
        seconds=round(sum(part.seconds for part in parts), 3),
        error=errors[0] if errors and not lines else None,
    )


def _named(proposal: Proposal, names: Sequence[str]) -> Proposal:
    photos = tuple(replace(photo, path=name) for photo, name in zip(proposal.photos, names, strict=True))
    return replace(proposal, photos=photos)


def remembered(folder: Path, hashes: Iterable[str], work: Callable[[], Proposal]) -> Proposal:
    """The proposal for these photographs by these versions, from `folder` where it has been made before."""
    key = hashlib.sha256(json.dumps([dict(reader_versions()), *hashes]).encode()).hexdigest()
    path = folder / f"{key}.json"
    try:
        return Proposal.from_json(json.loads(path.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError):
        # Missing, cut off by a crash or of an older schema: made again and replaced.
        proposal = work()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_text(json.dumps(proposal.to_json()), encoding="utf-8")
    part.replace(path)
    return proposal
