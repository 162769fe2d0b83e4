"""The values of which a view of the page is made: photographs, choices, a message, and all together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from examiner.casebook.laboratory import Laboratory
from examiner.examination.conditions import AS_SHOWN, DescribedSeries, Lying
from examiner.examination.permissions import Deed
from examiner.examination.positions import ExaminedPosition
from examiner.examination.seen_state import NOTHING_SEEN_YET, SeenState
from examiner.examination.state import Examination
from examiner.page.access.served_files import Address
from examiner.page.casework.work_stages import WorkStage
from examiner.page.pictures.images import Pictures, proxy_width, shown_lying, upright_degrees
from pipelines.enhance.recipe import Recipe
from pipelines.types import Proposal


@dataclass(frozen=True)
class SeriesPhoto:
    """A photograph of the series as the browser needs it: sizes and matrices of the full resolution."""

    index: int
    name: str
    sha256: str
    thumb: str
    width: int
    height: int
    proxy_width: int
    to_upright: tuple[float, ...]
    to_stored: tuple[float, ...]
    upright_degrees: int
    quarter_turns: int = 0
    mirrored: bool = False
    """How it lies, as the examiner said: `width`, `height` and the matrices are those of the picture as it is
    shown, `proxy_width` and the addresses those of the picture that is turned for it."""
    from_picture: tuple[float, ...] = ()
    """From the pixels of the picture (not the proxy) to those of the one shown."""


@dataclass(frozen=True)
class SelectorOption:
    """An entry of the selector of samples and examinations."""

    value: str
    label: str
    group: str


@dataclass(frozen=True)
class Notice:
    """A message to the person; `kind` is "error" or "info"."""

    kind: str
    text: str


@dataclass(frozen=True)
class ViewContent:
    """Everything that a view is made of. `proposal` has passed the gate, or is None."""

    id: str
    examiner: str
    examination: Examination
    proposal: Proposal | None
    photos: tuple[SeriesPhoto, ...]
    photo: int
    recipe: str
    recipes: tuple[Mapping[str, str], ...]
    original: str
    enhanced: str
    crop: Callable[[ExaminedPosition], str]
    choices: tuple[SelectorOption, ...]
    chosen: str
    laboratory: Laboratory
    filed: str = ""
    """Case, item and marking that the series belongs to, in words."""
    reader: str = ""
    """Whose examination it is."""
    sign_out: bool = False
    """Whether the person signed in with a password."""
    step: WorkStage | None = None
    more: tuple[WorkStage, ...] = ()
    fusions: tuple[Mapping[str, Any], ...] = ()
    fusion: Mapping[str, Any] | None = None
    fusing: str = ""
    """What is said while a fused picture is made."""
    download: Mapping[str, str] | None = None
    """Address and name of a file that is given out with this view."""
    reply: int = -1
    notice: Notice | None = None
    busy: str = ""
    seen: SeenState = NOTHING_SEEN_YET
    """The state that this view shows: what is done from it names it."""
    allowed: Callable[[Deed], bool] = lambda _: True
    """What the person may do with the examination now."""
    question: Mapping[str, str] | None = None
    """What the person is asked before something is opened: `choice` and `words`."""
    stale: bool = False
    """Whether an act was refused because the window had not seen the state that stood."""
    stamp: int = 0
    """Grows from view to view of one person: what comes late or twice is known by it."""


def series_photos(
    pictures: Pictures,
    photos: Sequence[Any],
    as_taken: Recipe,
    address: Address,
    series: DescribedSeries | None = None,
) -> tuple[SeriesPhoto, ...]:
    """Every photograph: thumbnail, size as it is shown, matrices between stored and shown pixels. `series`:
    what the examiner said of how they lie."""
    return tuple(
        _series_photo(
            pictures, index, photo, as_taken, address, AS_SHOWN if series is None else series.lying(index)
        )
        for index, photo in enumerate(photos)
    )


def photo_label(photo: Any) -> str:
    """The name that a photograph came with; of a video's frame, its time too."""
    return photo.name if photo.frame_time_s is None else f"{photo.name} at {photo.frame_time_s:.2f} s"


def _series_photo(
    pictures: Pictures, index: int, photo: Any, as_taken: Recipe, address: Address, lying: Lying
) -> SeriesPhoto:
    frame = pictures.frame(photo, as_taken)
    shown = shown_lying(lying, frame.width, frame.height)
    to_upright = shown @ frame.to_upright
    sideways = lying.quarter_turns % 2 == 1
    return SeriesPhoto(
        index=index,
        name=photo_label(photo),
        sha256=photo.sha256,
        thumb=address(pictures.thumb(photo, as_taken)),
        width=frame.height if sideways else frame.width,
        height=frame.width if sideways else frame.height,
        proxy_width=proxy_width(frame.width, frame.height),
        to_upright=_numbers(to_upright),
        to_stored=_numbers(np.linalg.inv(to_upright)),
        upright_degrees=upright_degrees(to_upright),
        quarter_turns=lying.quarter_turns,
        mirrored=lying.mirrored,
        from_picture=_numbers(shown),
    )


def _numbers(matrix: npt.NDArray[Any]) -> tuple[float, ...]:
    return tuple(float(value) for value in matrix.ravel())
