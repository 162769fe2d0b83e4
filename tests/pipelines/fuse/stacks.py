"""Stacks of small photographs that lie over each other as told."""

from collections.abc import Mapping, Sequence

import numpy as np

from pipelines.fuse.stack import Stack, stacked
from pipelines.photographs.lights import LightDirection
from pipelines.types import Photo


def photo(image: np.ndarray, name: str = "") -> Photo:
    """An image in [0, 1] as a stored photograph of 16 bits; its content's name is its own."""
    pixels = np.round(np.asarray(image) * 65535).astype(np.uint16)
    return Photo(name or "plate", name or f"{hash(pixels.tobytes()) & 0xFFFFFFFF:08x}", pixels, "PNG")


def stack_of(
    images: Sequence[np.ndarray],
    matrices: Mapping[int, np.ndarray] | None = None,
    lights: Mapping[int, LightDirection] | None = None,
    reference: int = 0,
) -> Stack:
    """Photographs numbered from 0, laid by `matrices` or exactly over each other."""
    photos = {i: photo(image, f"{i:02d}") for i, image in enumerate(images)}
    laid = {i: (matrices or {}).get(i, np.eye(3)) for i in photos}
    return stacked(photos, laid, reference, lights)


def texture(seed: int, shape: tuple[int, int] = (60, 80)) -> np.ndarray:
    return (0.2 + 0.6 * np.random.default_rng(seed).random(shape)).astype(np.float32)
