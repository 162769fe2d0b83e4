"""The pictures of a report, made from the originals: photographs, crops, enhanced ones, the time strip."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import cv2
import numpy as np

from examiner.casebook.originals import StoredPhoto
from examiner.examination.acts import PhotoOrder
from examiner.examination.conditions import arranged, hand_registrations
from examiner.examination.state import Examination
from examiner.exports.report.content import SIDE
from examiner.photographs.crops import (
    Bytes,
    crop_share,
    cut,
    jpeg,
    outside,
    png,
    read_kept,
    shrunk,
    upright_quad,
    when_taken,
)
from pipelines.enhance.recipe import replay
from pipelines.errors import MarkingError
from pipelines.fuse.provenance import replayed
from pipelines.photographs.photo import upright_image, upright_matrix
from pipelines.registration.alignments import Registration, UprightCopy, key_of, upright_copy
from pipelines.search.hypotheses import carried
from pipelines.strip import inverse
from pipelines.types import Matrix, Quad, StepRecord

MOST_PHOTOGRAPHS = 24
MOST_ENHANCED = 12
MOST_ROWS = 16
"""Photographs of the time strip."""

CROP = 96
ROW = 64
"""Heights in pixels of a character's crop in the table and in the time strip."""

WIDE = 14
"""Positions side by side in the time strip; more go into further parts."""

KEPT = 3
"""Decoded photographs held at once, however many the series has."""


class Illustrations:
    """Makes the pictures of one examination by name; holds KEPT photographs in memory, and for a fused
    picture those that it is made of."""

    def __init__(self, photos: Sequence[StoredPhoto], examination: Examination) -> None:
        self._photos = photos
        self._examination = examination
        self._seen: OrderedDict[int, tuple[Bytes, Matrix]] = OrderedDict()
        self._taken: dict[int, str] = {}

    def of(self, report: Mapping[str, Any]) -> dict[str, bytes]:
        """Files by name: `photo-N`, `enhanced-N`, `fused-N` as JPEG; `crop-ID` and `row-PART-N-LACKING` as
        PNG, rows in the order of the time strip, LACKING places of which could not be found in photograph N.
        One that cannot be made again is left out, and the report says so."""
        return dict(_encoded(name, pixels) for name, pixels in self._every(report))

    def _every(self, report: Mapping[str, Any]) -> Iterator[tuple[str, Bytes]]:
        enhanced = report["enhancements"][:MOST_ENHANCED]
        printed = {*range(len(self._photos))[:MOST_PHOTOGRAPHS], *(view["photo"] for view in enhanced)}
        for index in sorted(printed & {*range(len(self._photos))}):
            yield f"photo-{index}", shrunk(self._upright(index)[0], SIDE)
        reading = report["reading"]
        for position in sorted(
            (*reading["positions"], *reading["removed"]), key=lambda position: int(position["place"]["frame"])
        ):
            pixels, matrix = self._upright(position["place"]["frame"])
            quad = upright_quad(matrix, position["place"]["quad"])
            yield f"crop-{position['id']}", _framed(cut(pixels, quad, CROP), quad)
        for number, look in enumerate(enhanced):
            if (picture := self._enhanced(look)) is not None:
                yield f"enhanced-{number}", shrunk(picture, SIDE)
        for number, look in enumerate(report["fusions"][:MOST_ENHANCED]):
            if (picture := self._fused(look["record"])) is not None:
                yield f"fused-{number}", shrunk(picture, SIDE)
        if self._examination.positions:
            yield from self._time_strip()

    def _upright(self, index: int) -> tuple[Bytes, Matrix]:
        if index not in self._seen:
            photo = read_kept(self._photos[index])
            self._taken[index] = when_taken(photo)
            self._seen[index] = _bytes(upright_image(photo)), upright_matrix(photo)
            while len(self._seen) > KEPT:
                self._seen.popitem(last=False)
        self._seen.move_to_end(index)
        return self._seen[index]

    def _copy(self, index: int) -> UprightCopy:
        pixels, to_upright = self._upright(index)
        return upright_copy(pixels, inverse(to_upright))

    def _enhanced(self, look: Mapping[str, Any]) -> Bytes | None:
        steps = [StepRecord(**{k: step[k] for k in STEP_FIELDS}) for step in look["steps"]]
        try:
            return _bytes(replay(steps, upright_image(read_kept(self._photos[look["photo"]]))))
        except (MarkingError, IndexError, ValueError):
            return None

    def _fused(self, record: Mapping[str, Any]) -> Bytes | None:
        try:
            used = {int(photo["number"]) for photo in record["photographs"]}
            return _bytes(replayed(record, [read_kept(self._photos[index]) for index in sorted(used)]).image)
        except (MarkingError, IndexError, KeyError, TypeError, ValueError):
            return None

    def _time_strip(self) -> Iterator[tuple[str, Bytes]]:
        """A row of all positions for each photograph, registered to the photographs they lie in."""
        places = [position.place for position in self._examination.positions]
        keys = [key_of(photo.sha256, photo.frame_time_s) for photo in self._photos]
        indices = {key: index for index, key in enumerate(keys)}
        registration = Registration(lambda key: self._copy(indices[key]))
        hand = {(keys[i], keys[j]): m for (i, j), m in hand_registrations(self._examination.series).items()}
        for index in evenly(self._order(), MOST_ROWS):
            to_frames = {
                frame: registration.alignment(keys[index], keys, keys[frame], hand).to_reference
                for frame in dict.fromkeys(place.frame for place in places)
            }
            pixels, matrix = self._upright(index)
            crops, lacking = [], []
            for place in places:
                to_frame = to_frames[place.frame]
                quad = None if to_frame is None else carried([place.quad], inverse(to_frame))[0]
                lacking.append(quad is None)
                crops.append(self._cell(pixels, matrix, quad))
            colour = any(crop.ndim == 3 for crop in crops)
            crops = [_coloured(crop) if colour else crop for crop in crops]
            for part in range(0, len(crops), WIDE):
                yield (
                    f"row-{part // WIDE}-{index}-{sum(lacking[part : part + WIDE])}",
                    np.hstack(crops[part : part + WIDE]),
                )

    def _order(self) -> list[int]:
        """The photographs in the order in which the examiner saw them."""
        if self._examination.series.by is PhotoOrder.TIME:
            for index in set(range(len(self._photos))) - set(self._taken):
                self._upright(index)
        times = [self._taken.get(index, "") for index in range(len(self._photos))]
        names = [
            photo.name if photo.frame_time_s is None else f"{photo.name} at {photo.frame_time_s:.2f} s"
            for photo in self._photos
        ]
        return arranged(self._examination.series, names, times)

    def _cell(self, pixels: Bytes, matrix: Matrix, quad: Quad | None) -> Bytes:
        if quad is None or outside(pixels, matrix, quad):
            return np.full((ROW, round(ROW * 0.9)), 255, np.uint8)
        return cut(pixels, upright_quad(matrix, quad), ROW, 0.9)


STEP_FIELDS = ("name", "parameters", "input_sha256", "output_sha256")


def evenly(order: Sequence[int], most: int) -> list[int]:
    """At most so many of them, spread evenly, the first and the last among them."""
    if len(order) <= most:
        return list(order)
    return [order[round(place * (len(order) - 1) / (most - 1))] for place in range(most)]


JPEG = ("photo", "enhanced", "fused")
"""Kinds of pictures that are printed as JPEG: large, and reduced already."""

QUALITY = 85


def _encoded(name: str, pixels: Bytes) -> tuple[str, bytes]:
    """The picture's file name and content; the same pixels give the same bytes."""
    if name.split("-")[0] not in JPEG:
        return f"{name}.png", png(pixels)
    return f"{name}.jpg", jpeg(pixels, QUALITY)


def _framed(crop: Bytes, quad: Any) -> Bytes:
    """A crop with a thin frame around the position that it is of: its neighbours stand in it too."""
    height, width = crop.shape[:2]
    across, down = crop_share(quad)
    left, right = round(width * (1 - across) / 2), round(width * (1 + across) / 2)
    top, bottom = round(height * (1 - down) / 2), round(height * (1 + down) / 2)
    framed = np.ascontiguousarray(crop)
    cv2.rectangle(framed, (left - 1, top - 1), (right, bottom), (255, 255, 255), 1)
    cv2.rectangle(framed, (left - 2, top - 2), (right + 1, bottom + 1), (0, 0, 0), 1)
    return framed


def _bytes(image: Any) -> Bytes:
    return np.asarray(np.round(np.clip(image, 0, 1) * 255), np.uint8)


def _coloured(crop: Bytes) -> Bytes:
    return crop if crop.ndim == 3 else np.asarray(cv2.cvtColor(crop, cv2.COLOR_GRAY2RGB), np.uint8)
