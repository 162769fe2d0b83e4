"""The photographs of a series as the browser needs them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from examiner.page.casework.view_model import ShownPhoto
from examiner.page.pictures.images import Pictures, proxy_width
from pipelines.enhance.recipe import Recipe


def series_photos(pictures: Pictures, photos: Sequence[Any], as_taken: Recipe) -> tuple[ShownPhoto, ...]:
    """Every photograph: thumbnail, upright size, matrices between stored and upright pixels."""
    return tuple(_shown(pictures, index, photo, as_taken) for index, photo in enumerate(photos))


def shown_name(photo: Any) -> str:
    """The name that a photograph came with; of a video's frame, its time too."""
    return photo.name if photo.frame_time_s is None else f"{photo.name} at {photo.frame_time_s:.2f} s"


def _shown(pictures: Pictures, index: int, photo: Any, as_taken: Recipe) -> ShownPhoto:
    frame = pictures.frame(photo, as_taken)
    return ShownPhoto(
        index=index,
        name=shown_name(photo),
        sha256=photo.sha256,
        thumb=pictures.thumb(photo, as_taken),
        width=frame.width,
        height=frame.height,
        proxy_width=proxy_width(frame.width, frame.height),
        to_upright=_numbers(frame.to_upright),
        to_stored=_numbers(np.linalg.inv(frame.to_upright)),
        upright_degrees=frame.upright_degrees,
    )


def _numbers(matrix: npt.NDArray[Any]) -> tuple[float, ...]:
    return tuple(float(value) for value in matrix.ravel())
