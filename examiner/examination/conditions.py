"""How the photographs of an examination were taken, as the examiner says, and how they are laid out.

Part of an examination's state: changed by acts, kept through every undo.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from examiner.examination.acts import (
    Conditions,
    DescribePhotos,
    LayPhoto,
    OrderError,
    OrderPhotos,
    PhotoOrder,
)
from pipelines.errors import LightsError
from pipelines.photographs.lights import LightDirection, direction
from pipelines.photographs.photo import natural_order
from pipelines.registration.hand_points import homography_by_points
from pipelines.types import Matrix

LAMP = re.compile(r"\s*(-?\d{1,3}(?:[.,]\d+)?)\s*°?\s*(?:[/;]|, )\s*(\d{1,2}(?:[.,]\d+)?)\s*°?\s*")
"""Azimuth and elevation in degrees."""

MAX_PHOTOS = 1000
"""Photographs of a series that grows."""


@dataclass(frozen=True)
class Taking:
    """`conditions` of each photograph by index. `own`: the examiner's own order where one was made; what
    joined the series later comes after it. `laid`: photographs that were laid over others by hand."""

    conditions: tuple[Conditions, ...]
    by: PhotoOrder = PhotoOrder.TIME
    own: tuple[int, ...] = ()
    laid: tuple[LayPhoto, ...] = ()


def undescribed(photos: int) -> Taking:
    """Of so many photographs nothing is said yet."""
    return Taking((Conditions(),) * photos)


def grown(taking: Taking, more: int) -> Taking:
    """After `more` photographs joined the series. Raises OrderError for none, and where it gets too long."""
    if not 0 < more <= MAX_PHOTOS - len(taking.conditions):
        raise OrderError(f"at least one photograph joins, and a series has at most {MAX_PHOTOS}")
    return replace(taking, conditions=taking.conditions + (Conditions(),) * more)


def after(taking: Taking, act: DescribePhotos | OrderPhotos | LayPhoto) -> Taking:
    """After an act on the photographs. Raises as the three below do."""
    match act:
        case DescribePhotos():
            return described(taking, act)
        case OrderPhotos():
            return laid_out(taking, act)
        case LayPhoto():
            return laid_over(taking, act)


def described(taking: Taking, act: DescribePhotos) -> Taking:
    """After the act. Raises OrderError for a photograph that is not in the series."""
    _known(taking, act.photos)
    if not act.photos:
        raise OrderError("no photograph is chosen")
    described = {name: text.strip() for name, text in asdict(act.conditions).items() if text is not None}
    conditions = tuple(
        replace(now, **described) if index in act.photos else now
        for index, now in enumerate(taking.conditions)
    )
    return replace(taking, conditions=conditions)


def laid_out(taking: Taking, act: OrderPhotos) -> Taking:
    """After the act. Raises OrderError where an own order does not name every photograph once."""
    _known(taking, act.own)
    if (act.by is PhotoOrder.OWN) != (len(act.own) == len(taking.conditions)) or (
        act.own and act.by is not PhotoOrder.OWN
    ):
        raise OrderError("an own order, and no other, names every photograph of the series once")
    return replace(taking, by=act.by, own=act.own)


def laid_over(taking: Taking, act: LayPhoto) -> Taking:
    """After the act, which takes the place of one between the same two photographs. Raises OrderError for a
    photograph that is not in the series or is laid over itself, AlignmentError for points that lay
    nothing."""
    _known(taking, (act.photo, act.other))
    if act.photo == act.other:
        raise OrderError("a photograph is laid over another one")
    pair = {act.photo, act.other}
    if act.pairs:
        homography_by_points(act.pairs, f"photograph {act.photo + 1} over {act.other + 1}")
    elif all({earlier.photo, earlier.other} != pair for earlier in taking.laid):
        raise OrderError("nothing was laid by hand between these two photographs")
    others = tuple(earlier for earlier in taking.laid if {earlier.photo, earlier.other} != pair)
    return replace(taking, laid=(*others, act) if act.pairs else others)


def by_hand(taking: Taking) -> dict[tuple[int, int], Matrix]:
    """Homographies between stored pixels, from the first photograph to the second, as they were set."""
    return {(act.photo, act.other): homography_by_points(act.pairs) for act in taking.laid}


def arranged(taking: Taking, names: Sequence[str], times: Sequence[str]) -> list[int]:
    """Indices of the photographs in the order they are laid out.

    `times` sort as text; "" where a photograph says none.
    """
    every = range(len(taking.conditions))
    match taking.by:
        case PhotoOrder.OWN:
            return [*taking.own, *(index for index in every if index not in taking.own)]
        case PhotoOrder.NAME:
            return sorted(every, key=lambda i: (natural_order(names[i]), i))
        case PhotoOrder.TIME:
            return sorted(every, key=lambda i: (not times[i], times[i], natural_order(names[i]), i))


def lamps(taking: Taking) -> dict[int, LightDirection]:
    """The light of each photograph where it is said as two numbers of degrees, "azimuth / elevation"
    (`pipelines.photographs.lights`): "90 / 30", "90°, 30°". What is said in words only is no direction."""
    directions = {}
    for index, conditions in enumerate(taking.conditions):
        match = LAMP.fullmatch(conditions.light or "")
        if match is None:
            continue
        azimuth, elevation = (float(number.replace(",", ".")) for number in match.groups())
        try:
            directions[index] = direction(azimuth, elevation, f"photograph {index + 1}")
        except LightsError:
            continue
    return directions


def _known(taking: Taking, photos: Sequence[int]) -> None:
    unknown = [index for index in photos if not 0 <= index < len(taking.conditions)]
    if unknown:
        raise OrderError(f"there is no photograph {unknown[0]}; the series has {len(taking.conditions)}")
