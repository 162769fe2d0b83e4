"""A series of photographs registered and fused into one picture, in one call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.errors import FusionError
from pipelines.fuse import FUSIONS
from pipelines.fuse.fusion import Fused
from pipelines.fuse.stack import Stack, stacked
from pipelines.photographs.lights import LightDirection
from pipelines.photographs.photo import read_photo
from pipelines.registration.alignments import ByHand, alignments, fitting
from pipelines.registration.pairs import Alignment
from pipelines.types import Photo


@dataclass(frozen=True, eq=False)
class RegisteredSeries:
    """The photographs of a series that fit its reference, as a stack in the reference's frame, and where
    every photograph lies, by its number in the series."""

    stack: Stack
    alignments: Mapping[int, Alignment]


def registered_series(
    photographs: Mapping[int, Photo],
    reference: int,
    by_hand: ByHand | None = None,
    lights: Mapping[int, LightDirection] | None = None,
) -> RegisteredSeries:
    """The photographs, by their numbers in the series, registered to photograph `reference`.

    `by_hand`: homographies between stored pixels that a person set. `lights`: as seen in each photograph.
    Raises as `stacked` does. Cost: see `alignments`.
    """
    if reference not in photographs:
        raise FusionError(f"the reference, photograph {reference}, is not among those given")
    registered = alignments(photographs, reference, by_hand)
    return RegisteredSeries(stacked(photographs, fitting(registered), reference, lights), registered)


def fuse_series(
    photographs: Sequence[Photo | str | Path],
    fusion: str,
    *,
    reference: int | None = None,
    by_hand: ByHand | None = None,
    lights: Mapping[int, LightDirection] | None = None,
    **parameters: Any,
) -> Fused:
    """One of FUSIONS made of photographs of one marking, in the frame of photograph `reference`, by default
    the middle one. Photographs that do not fit it are left out: `weights` has no number of theirs.

    `parameters`: those of the fusion, see `docs/fusion.md`. Raises FusionError for a fusion that there is
    not, or photographs that do not allow it, RecipeError for a parameter, PhotoError for a file that cannot
    be read. About 1 s a photograph of 2 megapixels.
    """
    if fusion not in FUSIONS:
        raise FusionError(f"there is no fusion {fusion!r}; there are {', '.join(FUSIONS)}")
    photos = {
        number: photo if isinstance(photo, Photo) else read_photo(photo)
        for number, photo in enumerate(photographs)
    }
    middle = len(photos) // 2 if reference is None else reference
    return FUSIONS[fusion].run(registered_series(photos, middle, by_hand, lights).stack, **parameters)
