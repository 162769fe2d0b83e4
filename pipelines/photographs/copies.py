"""Which photographs are copies of one exposure: converted, compressed again, or written beside a raw file.

Copies show the same, and so do twenty frames from a tripod. What tells them apart is the sensor's noise: it
is new in every exposure and the same in all copies of one. A wrong match would leave evidence out, so what is
not certain is no copy. Three signs count:

- The same pixels, in whatever file.
- A JPEG of the other picture. Its encoder rounded each coefficient of each block of 8 by 8 to a step. Where
  the other picture's coefficient lies within NEAR of the middle between two steps, the noise of an exposure
  of its own would throw it to the other side about every second time. A copy's falls to the right side, but
  for the rounding of pixels.
- A raw file and the picture of the same name and time that the camera wrote beside it, with finest detail in
  common: cov(a, b) / min(var a, var b) in the flattest parts, where it is mostly noise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.photographs.photo import grey, upright_pixels
from pipelines.types import Photo

NEAR = 0.3
"""Distance of a coefficient, in steps of 8 bits, from the middle between two steps of a JPEG's encoder."""

RIGHT_SIDES = 0.78
"""Least part of such coefficients that fall to the JPEG's side."""

LEAST_NEAR = 200
"""As many such coefficients must be there, in blocks that are not flat, for the JPEG to say anything."""

CHANGED = 4.0
"""Difference of the mean brightness of a block of 16 by 16, in steps of 8 bits, that no compression makes:
part of the picture was changed."""

RAW_NOISE = 0.35
"""Least share of the flattest parts' finest detail that a raw file has in common with the picture that its
camera wrote beside it."""

LEAST_NOISE = 0.35
"""Standard deviation of the noise, in steps of 8 bits, below which rounding hides it."""

ALIKE = 0.95
"""Least correlation of two pictures shrunk to 64 by 64 before their noise is looked at."""

WITHOUT_LOSSES = frozenset({"PNG", "TIFF", "BMP", "camera raw"})

FLATTEST = 0.1
"""Part of the blocks, those with least detail, in which the noise is compared."""

MOST_PIXELS_SIDE = 2048
"""Side in pixels of the middle part that is compared."""

LARGEST_SHIFT = 32
"""Pixels by which the frames of copies may differ: a raw file has a border that its JPEG lacks."""

_BLOCK = 16
_DETAIL = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / 6
"""Of white noise of standard deviation s it gives s (J. Immerkær, Fast noise variance estimation, 1996,
doi:10.1006/cviu.1996.0060)."""

_THUMBNAIL = 64

Floats = npt.NDArray[np.float32]
Why = Literal["the same pixels", "the same sensor noise"]


@dataclass(frozen=True)
class Copy:
    """The photograph that a copy is one of, and how that was seen."""

    original: int
    why: Why


@dataclass(frozen=True, eq=False)
class _Look:
    """What is compared of a photograph: a digest of its pixels, a small picture, the middle part."""

    photo: Photo
    digest: bytes
    small: Floats
    middle: Floats
    size: tuple[int, int]


def copies(photos: Mapping[int, Photo], order: Sequence[int] | None = None) -> dict[int, Copy]:
    """The photographs that are copies of one that comes before them in `order` (by default the order given).

    Of each set of copies the first stands for all; no original is a copy itself. Deterministic. Cost: about
    0.1 s for each photograph of 24 megapixels, and about 0.1 s for each pair that looks the same.
    """
    looks: dict[int, _Look] = {}
    copied: dict[int, Copy] = {}
    for i in photos if order is None else order:
        look = _look(photos[i])
        for j, other in looks.items():
            why = _why(look, other)
            if why is not None:
                # A copy may be made from a copy, and look like the original no more.
                copied[i] = Copy(copied[j].original if j in copied else j, why)
                break
        looks[i] = look
    return copied


def noise_in_common(a: Floats, b: Floats) -> float:
    """The share of the finest detail that two registered pictures have in common where they are flattest.

    (H, W) each, of one size, in steps of 8 bits. 0 where no noise can be seen in one of them. See
    the head of this file.
    """
    fine_a, fine_b = (cv2.filter2D(x, cv2.CV_32F, _DETAIL)[2:-2, 2:-2] for x in (a, b))
    energy_a, energy_b = _blocks(fine_a * fine_a), _blocks(fine_b * fine_b)
    clipped = sum(_blocks(((x < 2) | (x > 253))[2:-2, 2:-2].astype(np.float32)) for x in (a, b))
    # A block in which either was clipped, or lost all its detail as it was compressed, shows no noise.
    usable = (clipped == 0) & (np.minimum(energy_a, energy_b) >= LEAST_NOISE**2)
    if usable.sum() < 16:
        return 0.0
    energy = np.where(usable, energy_a + energy_b, np.inf)
    flattest = energy <= np.quantile(energy[usable], FLATTEST)
    if flattest.sum() < 16:
        flattest = usable
    both = _blocks(fine_a * fine_b)[flattest].sum()
    return float(both / min(energy_a[flattest].sum(), energy_b[flattest].sum()))


def right_sides(photo: Photo, steps: Sequence[int], tones: Floats) -> float:
    """The part of `tones`' coefficients near the middle between two of a JPEG's steps that fall to its side.

    `photo`: the JPEG; `tones` (H, W): the other picture as the JPEG stores it, in steps of 8 bits. About 0.5
    for other exposures, near 1 for the picture that the JPEG was made of; 0 where no noise can be seen or
    too few coefficients say anything.
    """
    coded = grey(photo.pixels).astype(np.float32)
    if _noise_hidden(tones) or np.abs(_blocks(coded - tones)).max() > CHANGED:
        return 0.0
    height, width = (side // 8 * 8 for side in coded.shape)
    table = np.asarray(steps, np.float32).reshape(8, 8)
    top = max(0, (height - MOST_PIXELS_SIDE) // 16 * 8)
    left = max(0, (width - MOST_PIXELS_SIDE) // 16 * 8)
    part = np.s_[top : min(height, top + MOST_PIXELS_SIDE), left : min(width, left + MOST_PIXELS_SIDE)]
    own, other = (_coefficients(x[part] - 128) for x in (coded, tones))
    level = np.round(own / table)
    # From here to the middle between the step that was taken and the next one; negative on the other side.
    beyond = np.abs(other / table - level) * table - table / 2
    clipped = np.asarray(_coded_blocks((tones < 2) | (tones > 253), part).any(axis=(1, 2)))
    # Coefficients that were rounded to nothing in a flat block say little: a flat part is flat in each frame.
    told = (np.abs(beyond) < NEAR) & (table >= 3) & (level != 0) & ~clipped[:, None, None]
    told[:, 0, 0] = False
    return float((beyond[told] <= 0).mean()) if told.sum() >= LEAST_NEAR else 0.0


def _why(a: _Look, b: _Look) -> Why | None:
    if a.digest == b.digest:
        return "the same pixels"
    if float((a.small * b.small).mean()) < ALIKE:
        return None
    for coded, other in ((a, b), (b, a)):
        if coded.photo.luminance_steps and coded.size == other.size:
            tones = _as_stored(other, coded.photo)
            if right_sides(coded.photo, coded.photo.luminance_steps, tones) >= RIGHT_SIDES:
                return "the same sensor noise"
    if _raw_and_beside(a.photo, b.photo):
        registered = _registered(a, b)
        if registered is not None and noise_in_common(*registered) >= RAW_NOISE:
            return "the same sensor noise"
    return None


def _noise_hidden(tones: Floats) -> bool:
    fine = cv2.filter2D(tones, cv2.CV_32F, _DETAIL)[2:-2, 2:-2]
    return min(fine.shape) < 4 * _BLOCK or bool(np.median(_blocks(fine * fine)) < LEAST_NOISE**2)


def _raw_and_beside(a: Photo, b: Photo) -> bool:
    """Whether one is raw and the other is not, with one name and one time."""
    names = {Path(photo.path).stem.casefold() for photo in (a, b)}
    raw = [photo.format == "camera raw" for photo in (a, b)]
    return len(names) == 1 and raw[0] != raw[1] and a.taken == b.taken is not None


def _as_stored(look: _Look, photo: Photo) -> Floats:
    """Tones of a photograph, in steps of 8 bits, turned as `photo` is stored."""
    back = {6: 8, 8: 6}.get(photo.orientation, photo.orientation)
    stored = upright_pixels(replace(photo, pixels=upright_pixels(look.photo), orientation=back))
    return np.asarray(grey(stored) / (257 if stored.dtype == np.uint16 else 1), np.float32)


def _coefficients(values: Floats) -> Floats:
    """Cosine transforms of the blocks of 8 by 8, as JPEG defines them: (N, 8, 8)."""
    k = np.arange(8)
    basis = np.cos((2 * k[None, :] + 1) * k[:, None] * np.pi / 16) / 2
    basis[0] /= np.sqrt(2)
    transform = basis.astype(np.float32)
    return np.asarray(transform @ _coded_blocks(values, np.s_[:, :]) @ transform.T, np.float32)


def _coded_blocks(values: npt.NDArray[Any], part: tuple[slice, slice]) -> npt.NDArray[Any]:
    whole = values[part]
    rows, columns = whole.shape[0] // 8, whole.shape[1] // 8
    return whole.reshape(rows, 8, columns, 8).swapaxes(1, 2).reshape(-1, 8, 8)


def _look(photo: Photo) -> _Look:
    pixels = upright_pixels(photo)
    if pixels.dtype == np.uint16 and not (pixels % 257).any():
        pixels = (pixels // 257).astype(np.uint8)
    if pixels.ndim == 3 and (pixels == pixels[..., :1]).all():
        pixels = np.ascontiguousarray(pixels[..., 0])
    digest = hashlib.sha256(repr((pixels.shape, pixels.dtype.str)).encode())
    digest.update(pixels.data)
    tones = grey(pixels)
    height, width = tones.shape
    small = cv2.resize(tones, (_THUMBNAIL, _THUMBNAIL), interpolation=cv2.INTER_AREA).astype(np.float32)
    small = np.asarray((small - small.mean()) / max(float(small.std()), 1e-6), np.float32)
    top, left = (max(0, (side - MOST_PIXELS_SIDE) // 2) for side in (height, width))
    middle = tones[top : top + MOST_PIXELS_SIDE, left : left + MOST_PIXELS_SIDE]
    middle = np.asarray(middle / (257 if tones.dtype == np.uint16 else 1), np.float32)
    return _Look(photo, digest.digest(), small, middle, (height, width))


def _registered(a: _Look, b: _Look) -> tuple[Floats, Floats] | None:
    """The parts of both that show the same, the brightness of the second as that of the first."""
    if max(abs(x - y) for x, y in zip(a.size, b.size, strict=True)) > 2 * LARGEST_SHIFT:
        return None
    height, width = (min(x, y) for x, y in zip(a.middle.shape, b.middle.shape, strict=True))
    first, second = a.middle, b.middle
    if a.size != b.size:
        x, y = _shift(first[:height, :width], second[:height, :width])
        first, second = first[max(y, 0) :, max(x, 0) :], second[max(-y, 0) :, max(-x, 0) :]
        height, width = (min(s, t) for s, t in zip(first.shape, second.shape, strict=True))
    first, second = first[:height, :width], second[:height, :width]
    if min(height, width) < 4 * _BLOCK:
        return None
    return first, _toned(second, first)


def _shift(a: Floats, b: Floats) -> tuple[int, int]:
    """Whole pixels (x, y) by which what b shows lies further right and down in a."""
    fine = [cv2.filter2D(x, cv2.CV_32F, _DETAIL) for x in (a, b)]
    spectra = [np.fft.rfft2(np.clip(x, -8, 8)) for x in fine]
    surface = np.fft.irfft2(spectra[0] * np.conj(spectra[1]), s=a.shape)
    reach = np.arange(-LARGEST_SHIFT, LARGEST_SHIFT + 1)
    near = surface[np.ix_(reach % a.shape[0], reach % a.shape[1])]
    y, x = np.unravel_index(int(near.argmax()), near.shape)
    return int(reach[x]), int(reach[y])


def _toned(b: Floats, a: Floats) -> Floats:
    """b with the tones of a: the curve that takes its histogram to that of a, as a raw file and its JPEG
    differ by a curve."""
    if float(np.abs(a - b).mean()) < 2:
        return b
    steps = np.linspace(0, 1, 65)
    return np.interp(b, np.quantile(b, steps), np.quantile(a, steps)).astype(np.float32)


def _blocks(values: npt.NDArray[Any]) -> Floats:
    """Means of blocks of 16 by 16."""
    rows, columns = values.shape[0] // _BLOCK, values.shape[1] // _BLOCK
    whole = values[: rows * _BLOCK, : columns * _BLOCK]
    return whole.reshape(rows, _BLOCK, columns, _BLOCK).mean((1, 3), dtype=np.float32)
