"""How the photographs were taken, as the examiner says, their order, and what was registered by hand.

Part of an examination's state: changed by acts, kept through every undo.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from examiner.examination.acts import (
    Conditions,
    DescribePhotos,
    OrderError,
    OrderPhotos,
    OrientPhotos,
    PhotoOrder,
    RegisterByHand,
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
class Lying:
    """How a photograph lies, seen as its file shows it, see `OrientPhotos`."""

    quarter_turns: int = 0
    mirrored: bool = False


AS_SHOWN = Lying()


@dataclass(frozen=True)
class DescribedSeries:
    """`conditions` of each photograph by index. `own_order`: the examiner's own order where there is one;
    what joined the series later comes after it. `registered_by_hand`: one act for each two photographs.
    `oriented`: how photographs lie, by index, where the examiner said that they do not lie as they are shown.
    """

    conditions: tuple[Conditions, ...]
    by: PhotoOrder = PhotoOrder.TIME
    own_order: tuple[int, ...] = ()
    registered_by_hand: tuple[RegisterByHand, ...] = ()
    oriented: Mapping[int, Lying] = field(default_factory=dict)

    def lying(self, photo: int) -> Lying:
        return self.oriented.get(photo, AS_SHOWN)


def undescribed(photos: int) -> DescribedSeries:
    """Of so many photographs nothing is said yet."""
    return DescribedSeries((Conditions(),) * photos)


def grown(series: DescribedSeries, more: int) -> DescribedSeries:
    """After `more` photographs joined the series. Raises OrderError for none, and where it gets too long."""
    if not 0 < more <= MAX_PHOTOS - len(series.conditions):
        raise OrderError(f"add at least one photograph; a series has at most {MAX_PHOTOS}")
    return replace(series, conditions=series.conditions + (Conditions(),) * more)


def after(
    series: DescribedSeries, act: DescribePhotos | OrderPhotos | OrientPhotos | RegisterByHand
) -> DescribedSeries:
    """After an act on the photographs. Raises as the four below do."""
    match act:
        case DescribePhotos():
            return described(series, act)
        case OrderPhotos():
            return ordered(series, act)
        case OrientPhotos():
            return oriented(series, act)
        case RegisterByHand():
            return registered(series, act)


def described(series: DescribedSeries, act: DescribePhotos) -> DescribedSeries:
    """After the act. Raises OrderError for a photograph that is not in the series."""
    _known(series, act.photos)
    if not act.photos:
        raise OrderError("no photograph is chosen")
    texts = {name: text.strip() for name, text in asdict(act.conditions).items() if text is not None}
    conditions = tuple(
        replace(now, **texts) if index in act.photos else now for index, now in enumerate(series.conditions)
    )
    return replace(series, conditions=conditions)


def ordered(series: DescribedSeries, act: OrderPhotos) -> DescribedSeries:
    """After the act. Raises OrderError where an own order does not name every photograph once."""
    _known(series, act.own)
    if (act.by is PhotoOrder.OWN) != (len(act.own) == len(series.conditions)) or (
        act.own and act.by is not PhotoOrder.OWN
    ):
        raise OrderError("an order of your own, and no other, names every photograph of the series once")
    return replace(series, by=act.by, own_order=act.own)


def oriented(series: DescribedSeries, act: OrientPhotos) -> DescribedSeries:
    """After the act. Raises OrderError for a photograph that is not in the series."""
    _known(series, act.photos)
    if not act.photos:
        raise OrderError("no photograph is chosen")
    said = {**series.oriented, **dict.fromkeys(act.photos, Lying(act.quarter_turns, act.mirrored))}
    return replace(series, oriented={i: lying for i, lying in sorted(said.items()) if lying != AS_SHOWN})


def registered(series: DescribedSeries, act: RegisterByHand) -> DescribedSeries:
    """After the act, which takes the place of one between the same two photographs. Raises OrderError for a
    photograph that is not in the series or is registered on itself, AlignmentError for points that register
    nothing."""
    _known(series, (act.photo, act.other))
    if act.photo == act.other:
        raise OrderError("a photograph is registered on another one, not on itself")
    pair = {act.photo, act.other}
    if act.pairs:
        homography_by_points(act.pairs, f"photograph {act.photo + 1} over {act.other + 1}")
    elif all({earlier.photo, earlier.other} != pair for earlier in series.registered_by_hand):
        raise OrderError("these two photographs are not registered by hand")
    others = tuple(earlier for earlier in series.registered_by_hand if {earlier.photo, earlier.other} != pair)
    return replace(series, registered_by_hand=(*others, act) if act.pairs else others)


def hand_registrations(series: DescribedSeries) -> dict[tuple[int, int], Matrix]:
    """Homographies between stored pixels, from the first photograph to the second, as they were set."""
    return {(act.photo, act.other): homography_by_points(act.pairs) for act in series.registered_by_hand}


def arranged(series: DescribedSeries, names: Sequence[str], times: Sequence[str]) -> list[int]:
    """Indices of the photographs in the order in which they are shown.

    `times` sort as text; "" where a photograph says none.
    """
    every = range(len(series.conditions))
    match series.by:
        case PhotoOrder.OWN:
            return [*series.own_order, *(index for index in every if index not in series.own_order)]
        case PhotoOrder.NAME:
            return sorted(every, key=lambda i: (natural_order(names[i]), i))
        case PhotoOrder.TIME:
            return sorted(every, key=lambda i: (not times[i], times[i], natural_order(names[i]), i))


def lamps(series: DescribedSeries) -> dict[int, LightDirection]:
    """The light of each photograph where it is said as two numbers of degrees, "azimuth / elevation"
    (`pipelines.photographs.lights`): "90 / 30", "90°, 30°". What is said in words only is no direction."""
    directions = {}
    for index, conditions in enumerate(series.conditions):
        match = LAMP.fullmatch(conditions.light or "")
        if match is None:
            continue
        azimuth, elevation = (float(number.replace(",", ".")) for number in match.groups())
        try:
            directions[index] = direction(azimuth, elevation, f"photograph {index + 1}")
        except LightsError:
            continue
    return directions


def _known(series: DescribedSeries, photos: Sequence[int]) -> None:
    unknown = [index for index in photos if not 0 <= index < len(series.conditions)]
    if unknown:
        raise OrderError(f"there is no photograph {unknown[0]}; the series has {len(series.conditions)}")
