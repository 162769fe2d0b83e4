"""The rows of the time strip: every position cut out of one photograph, made in the background, made once.

A row is one lossless picture with the positions side by side, so that a browser asks for one file a
photograph.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from examiner.examination.acts import Place
from examiner.page.pictures.images import Pictures
from examiner.photographs.crops import Bytes, KeptPhoto, cut, outside, upright_quad, write_png
from pipelines.enhance.recipe import Recipe
from pipelines.photographs.legibility import Legibility, legibility_at
from pipelines.registration.alignments import Key, Registration, UprightCopy, key_of, upright_copy
from pipelines.registration.pairs import Alignment
from pipelines.search.hypotheses import carried
from pipelines.strip import inverse
from pipelines.types import Matrix, Quad, as_quad

CELL_HEIGHT = 120
CELL_ASPECT = 0.9
"""Width over height of a cell."""

ByHand = Mapping[tuple[Key, Key], Matrix]


@dataclass(frozen=True)
class TimeCell:
    """One position in one photograph: where, in its own stored pixels, and how it is shown there."""

    quad: Quad
    legibility: Legibility


@dataclass(frozen=True)
class TimeRow:
    """One photograph of the time strip. A cell is None where the position lies outside the photograph.

    `registration`: in words, how it was registered to the photographs that positions lie in, or that it could
    not be (`aligned` False); `wrong`: why it cannot be shown at all.
    """

    picture: Path | None
    cells: tuple[TimeCell | None, ...]
    aligned: bool
    registration: str = ""
    wrong: str = ""


@dataclass(frozen=True)
class _RowOrder:
    series: tuple[KeptPhoto, ...]
    photo: KeptPhoto
    places: tuple[Place, ...]
    recipe: Recipe
    by_hand: ByHand

    @property
    def key(self) -> str:
        places = [[kept_key(self.series[place.frame]), place.quad] for place in self.places]
        # Without positions a photograph is registered to the first one.
        first = kept_key(self.series[0]) if not places else None
        steps = [(step.step, dict(step.parameters)) for step in self.recipe.run]
        shape = (CELL_HEIGHT, CELL_ASPECT)
        hand = [[*pair, matrix.tolist()] for pair, matrix in self.by_hand.items()]
        parts = [shape, kept_key(self.photo), first, places, steps, hand]
        return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()


def kept_key(photo: KeptPhoto) -> Key:
    """What tells one photograph's pixels from another's."""
    return key_of(photo.sha256, photo.frame_time_s)


def keyed(series: Sequence[KeptPhoto], by_hand: Mapping[tuple[int, int], Matrix]) -> ByHand:
    """The motions by what tells the photographs apart instead of by their places in the series."""
    return {(kept_key(series[i]), kept_key(series[j])): matrix for (i, j), matrix in by_hand.items()}


class TimeRows:
    """Makes rows on a thread of its own, those asked for last first in line. `as_taken` is measured."""

    def __init__(self, pictures: Pictures, as_taken: Recipe) -> None:
        self._pictures = pictures
        self._as_taken = as_taken
        self._photos: dict[Key, KeptPhoto] = {}
        self._registration = Registration(self._copy)
        self._made: dict[str, TimeRow] = {}
        self._wanted: dict[str, list[_RowOrder]] = {}
        self._changed = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._work, name="time rows", daemon=True)
        self._thread.start()

    def rows(
        self,
        examination: str,
        series: Sequence[KeptPhoto],
        places: Sequence[Place],
        recipe: Recipe,
        order: Sequence[int],
        by_hand: Mapping[tuple[int, int], Matrix],
    ) -> list[TimeRow | None]:
        """The rows of these photographs in `order`, None where one is still to be made; returns at once.
        `by_hand`: motions between photographs, by index, that the examiner set.

        What is not made yet is ordered; what was ordered for this examination before and is not wanted any
        more is dropped.
        """
        kept = tuple(series)
        hand = keyed(kept, by_hand)
        orders = [_RowOrder(kept, kept[index], tuple(places), recipe, hand) for index in order]
        keys = [row_order.key for row_order in orders]
        with self._changed:
            self._photos |= {kept_key(photo): photo for photo in kept}
            missing = [
                row_order for row_order, key in zip(orders, keys, strict=True) if key not in self._made
            ]
            self._wanted.pop(examination, None)
            if missing:
                self._wanted[examination] = missing
                self._changed.notify()
            return [self._made.get(key) for key in keys]

    def alignment(
        self,
        photo: KeptPhoto,
        reference: KeptPhoto,
        series: Sequence[KeptPhoto],
        by_hand: Mapping[tuple[int, int], Matrix],
    ) -> Alignment:
        """The registration of one photograph of a series to another; made once."""
        with self._changed:
            self._photos |= {kept_key(kept): kept for kept in series}
        keys = [kept_key(kept) for kept in series]
        return self._registration.alignment(
            kept_key(photo), keys, kept_key(reference), keyed(series, by_hand)
        )

    def stop(self) -> None:
        """Ends the thread once the row in work is done."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self._thread.join()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopped or self._wanted)
                if self._stopped:
                    return
                examination = next(reversed(self._wanted))
                order = self._wanted[examination].pop(0)
                if not self._wanted[examination]:
                    del self._wanted[examination]
            if order.key in self._made:
                continue
            try:
                row = self._row(order)
            except Exception as error:  # OpenCV raises classes of its own; the next row can still be made
                row = TimeRow(None, (None,) * len(order.places), False, wrong=str(error))
            with self._changed:
                self._made[order.key] = row

    def _row(self, order: _RowOrder) -> TimeRow:
        frames = {place.frame for place in order.places} or {0}
        keys = [kept_key(photo) for photo in order.series]
        alignments = {
            frame: self._registration.alignment(kept_key(order.photo), keys, keys[frame], order.by_hand)
            for frame in sorted(frames)
        }
        aligned = all(alignment.to_reference is not None for alignment in alignments.values())
        least = min(
            alignments.values(),
            key=lambda alignment: (alignment.to_reference is not None, alignment.agreeing or 1.0),
        )
        enhanced = self._pictures.rendered(order.photo, order.recipe)
        as_taken = self._pictures.rendered(order.photo, self._as_taken)
        cells: list[TimeCell | None] = []
        crops: list[Bytes] = []
        for place in order.places:
            to_frame = alignments[place.frame].to_reference
            quad = None if to_frame is None else carried([place.quad], inverse(to_frame))[0]
            if quad is None or outside(as_taken.pixels, as_taken.to_upright, quad):
                cells.append(None)
                crops.append(np.zeros((CELL_HEIGHT, round(CELL_HEIGHT * CELL_ASPECT)), np.uint8))
                continue
            upright = upright_quad(as_taken.to_upright, quad)
            cells.append(TimeCell(quad, legibility_at(as_taken.pixels, as_quad(upright))))
            crops.append(cut(enhanced.pixels, upright, CELL_HEIGHT, CELL_ASPECT))
        return TimeRow(self._picture(order, crops), tuple(cells), aligned, least.words)

    def _picture(self, order: _RowOrder, crops: Sequence[Bytes]) -> Path | None:
        if not crops:
            return None
        path = self._pictures.folder / f"row-{order.key[:40]}.png"
        if not path.exists():
            colour = any(crop.ndim == 3 for crop in crops)
            write_png(path, np.hstack([_coloured(crop) if colour else crop for crop in crops]))
        return path

    def _copy(self, key: Key) -> UprightCopy:
        taken = self._pictures.rendered(self._photos[key], self._as_taken)
        return upright_copy(taken.pixels, inverse(taken.to_upright))


def _coloured(crop: Bytes) -> Bytes:
    return crop if crop.ndim == 3 else np.repeat(crop[:, :, None], 3, axis=2)
