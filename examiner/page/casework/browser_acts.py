"""What a browser asks for, checked: acts of the parts of the page and the place of a band."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

from examiner.examination.acts import Act, DrawLine
from examiner.examination.acts_json import act_from_json
from examiner.examination.readings import RecordError
from examiner.page.pictures.images import Pictures
from examiner.photographs.crops import outside
from pipelines.enhance.recipe import Recipe

ACTS_OF_THE_STRIP = frozenset(
    (
        *("observe", "decide", "settle", "undo", "insert_position", "insert_before"),
        *("delete_position", "split_position", "merge_positions", "lay_photo", "orient_photos"),
    )
)


def act_of(value: object, pictures: Pictures, photos: Sequence[Any], as_taken: Recipe) -> Act:
    """An act of the strip, or a band drawn inside its photograph. Raises RecordError for anything else."""
    if not isinstance(value, Mapping):
        raise RecordError("no act")
    if value.get("act") == "draw_line":
        act = act_from_json(value)
        if not isinstance(act, DrawLine):
            raise RecordError("no band was drawn; nothing was changed")
        _check_inside(act, pictures, photos, as_taken)
        return act
    if value.get("act") not in ACTS_OF_THE_STRIP:
        raise RecordError("This cannot be done from here; nothing was changed.")
    return act_from_json(value)


def is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _check_inside(act: DrawLine, pictures: Pictures, photos: Sequence[Any], as_taken: Recipe) -> None:
    if not 0 <= act.place.frame < len(photos):
        raise RecordError(f"there is no photograph {act.place.frame}; the series has {len(photos)}")
    upright = pictures.rendered(photos[act.place.frame], as_taken)
    if outside(upright.pixels, upright.to_upright, act.place.quad):
        raise RecordError("The middle of the band lies outside the photograph; check the four edges.")
