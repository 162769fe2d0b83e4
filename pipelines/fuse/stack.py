"""The photographs of a series in one frame: what is fused, with a mask for each.

The frame is the reference photograph as it is seen (EXIF orientation applied), at its own resolution. A
photograph is taken into it by one bilinear interpolation straight from the stored pixels, so that no value
appears that lies outside those of its neighbours. Where a photograph has no pixels it says nothing: its mask
is False there, and what stands in the picture is only the last pixel of its border drawn out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.enhance.light import MID_GREY
from pipelines.enhance.step import STEPS
from pipelines.errors import FusionError, FusionSizeError, TooFewPhotographsError
from pipelines.photographs.lights import LightDirection
from pipelines.photographs.photo import grey, upright_matrix
from pipelines.types import Image, Matrix, Photo

Mask = npt.NDArray[np.bool_]

SLAB_SAMPLES = 12_000_000
"""Numbers of all photographs together in one slab of rows, so that memory does not grow with the series."""

MOST_BYTES = 6 << 30
"""Memory that the photographs of one stack may take."""


@dataclass(frozen=True, eq=False)
class Layer:
    """One photograph of a stack. `index` is its number in the series, `to_reference` the homography from its
    stored pixels to those of the reference, `to_frame` to the stack's frame. `light` is as seen in the
    photograph, `light_in_frame` as seen in the frame: an item that was turned is lit from elsewhere."""

    index: int
    photo: Photo
    to_reference: Matrix
    to_frame: Matrix
    light: LightDirection | None
    light_in_frame: LightDirection | None


@dataclass(frozen=True, eq=False)
class Stack:
    """Photographs in one frame of `size` (height, width).

    `layers` stand in an order of their own, by content, so that nothing that is summed over them depends on
    the order in which they were given. `colour` is True where all are RGB; else all are taken as grey.
    """

    layers: tuple[Layer, ...]
    reference: int
    size: tuple[int, int]
    colour: bool

    def lights(self) -> dict[int, LightDirection]:
        """Light directions in the frame by the photographs' numbers in the series."""
        return {
            layer.index: layer.light_in_frame for layer in self.layers if layer.light_in_frame is not None
        }

    def only(self, indices: Sequence[int]) -> Stack:
        """The stack of these photographs in the same frame. Raises FusionError for one that is not in it."""
        missing = sorted(set(indices) - {layer.index for layer in self.layers})
        if missing:
            there = ", ".join(str(layer.index) for layer in self.in_series_order())
            raise FusionError(
                f"photograph {missing[0]} is not in the stack; it holds {there} (counted from 0). "
                "One that could not be aligned is not fused."
            )
        layers = tuple(layer for layer in self.layers if layer.index in set(indices))
        return Stack(layers, self.reference, self.size, self.colour)

    def in_series_order(self) -> tuple[Layer, ...]:
        return tuple(sorted(self.layers, key=lambda layer: layer.index))


def stacked(
    photographs: Mapping[int, Photo],
    to_reference: Mapping[int, Matrix],
    reference: int,
    lights: Mapping[int, LightDirection] | None = None,
) -> Stack:
    """The photographs that have a homography, as a stack in the frame of photograph `reference`.

    Keys are the photographs' numbers in the series, which give their order in time; `to_reference` as
    `pipelines.registration.alignments.fitting` gives it: stored pixels to the reference's. `lights` as seen
    in each photograph. Raises FusionError where the reference is missing, FusionSizeError for a homography
    that is none or photographs too large together.
    """
    if reference not in photographs:
        raise FusionError(f"the reference, photograph {reference}, is not among those given")
    wanted = sorted(index for index in to_reference if index in photographs)
    if not wanted:
        raise TooFewPhotographsError("no photograph has a homography to the reference; nothing can be fused")
    to_frame = upright_matrix(photographs[reference])
    height, width = photographs[reference].pixels.shape[:2]
    size = (width, height) if photographs[reference].orientation >= 5 else (height, width)
    _check_memory([photographs[index] for index in wanted])
    layers = []
    for index in wanted:
        matrix = np.asarray(to_reference[index], np.float64)
        _check_homography(index, matrix, (height, width))
        photo, whole = photographs[index], to_frame @ matrix
        light = (lights or {}).get(index)
        seen = (
            None
            if light is None
            else light_in_frame(light, whole @ np.linalg.inv(upright_matrix(photo)), photo)
        )
        layers.append(Layer(index, photo, matrix, whole, light, seen))
    layers.sort(key=_by_content)
    colour = all(layer.photo.pixels.ndim == 3 for layer in layers)
    return Stack(tuple(layers), reference, size, colour)


def light_in_frame(light: LightDirection, upright_to_frame: Matrix, photo: Photo) -> LightDirection:
    """The light as it falls on the marking in the frame: turned by as much as the photograph is, at its
    middle. Elevation stays."""
    height, width = photo.pixels.shape[:2]
    if photo.orientation >= 5:
        height, width = width, height
    azimuth = np.radians(light.azimuth)
    middle = np.array([(width - 1) / 2, (height - 1) / 2])
    step = 0.5 * np.array([np.sin(azimuth), -np.cos(azimuth)])
    ends = cv2.perspectiveTransform(np.array([[middle - step, middle + step]]), upright_to_frame)[0]
    x, y = ends[1] - ends[0]
    turned = float(np.degrees(np.arctan2(x, -y)))
    # Rounded far below what anyone can set up, so that 90° stays 90°.
    return LightDirection(round(turned, 9) % 360 % 360, light.elevation)


def taken(layer: Layer, stack: Stack, rows: slice | None = None) -> tuple[Image, Mask]:
    """The photograph as taken, in the frame: float32 in [0, 1] and its mask; `rows` of the frame or all."""
    return _warped(layer.photo.pixels, layer.to_frame, stack, rows)


def row_slabs(stack: Stack, evened: bool, scale: float = 8.0) -> Iterator[tuple[slice, Image, Mask]]:
    """The stack in slabs of whole rows: (rows, values (K, h, W) or (K, h, W, 3) float32, masks (K, h, W)).

    `evened`: grey, and every photograph divided by its own slow changes of light (the step `even_light` with
    `scale`), so that exposure and the fall-off of the lamp do not count and the background is mid-grey.
    """
    prepared = [_evened(layer.photo, scale) for layer in stack.layers] if evened else None
    height, width = stack.size
    channels = 3 if stack.colour and not evened else 1
    step = max(16, SLAB_SAMPLES // (len(stack.layers) * width * channels))
    for top in range(0, height, step):
        rows = slice(top, min(height, top + step))
        shape = (len(stack.layers), rows.stop - rows.start, width)
        values = np.empty((*shape, 3) if channels == 3 else shape, np.float32)
        masks = np.empty(shape, bool)
        for number, layer in enumerate(stack.layers):
            values[number], masks[number] = (
                taken(layer, stack, rows)
                if prepared is None
                else _warped(prepared[number], layer.to_frame, stack, rows)
            )
        yield rows, values, masks


def stack_sha256(stack: Stack) -> str:
    """SHA-256 over everything that goes in: frame, stored pixels, homographies and light directions."""
    digest = hashlib.sha256(f"frame {stack.size}, colour {stack.colour}\n".encode())
    for layer in stack.layers:
        digest.update(pixels_sha256(layer.photo).encode())
        digest.update(np.ascontiguousarray(layer.to_frame, "<f8").data)
        light = layer.light_in_frame
        digest.update(b"no light\n" if light is None else f"{light.azimuth!r} {light.elevation!r}\n".encode())
    return digest.hexdigest()


def pixels_sha256(photo: Photo) -> str:
    """SHA-256 over shape, type and values of the stored pixels, row by row, little-endian."""
    pixels = photo.pixels
    digest = hashlib.sha256(f"{pixels.shape} {pixels.dtype.name}\n".encode())
    digest.update(np.ascontiguousarray(pixels, pixels.dtype.newbyteorder("<")).data)
    return digest.hexdigest()


def full_range(pixels: npt.NDArray[Any]) -> int:
    """The largest value that stored pixels may have."""
    return int(np.iinfo(pixels.dtype).max)


def _by_content(layer: Layer) -> tuple[str, float, bytes, str]:
    time = layer.photo.frame_time_s
    return (
        layer.photo.sha256,
        -1.0 if time is None else time,
        layer.to_frame.astype("<f8").tobytes(),
        repr(layer.light_in_frame),
    )


def _warped(
    pixels: npt.NDArray[np.generic], to_frame: Matrix, stack: Stack, rows: slice | None
) -> tuple[Image, Mask]:
    """`pixels` (8 or 16 bits) as float32 in these rows of the frame, grey where the stack is. Only the part
    that is needed is worked on."""
    rows = rows or slice(0, stack.size[0])
    width, height = stack.size[1], rows.stop - rows.start
    down = np.array([[1, 0, 0], [0, 1, -float(rows.start)], [0, 0, 1]])
    to_band = down @ to_frame
    corners = np.array([[[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]]], np.float64)
    reach = cv2.perspectiveTransform(corners, np.linalg.inv(to_band))[0]
    sizes = np.array(pixels.shape[1::-1])
    low = np.clip(np.floor(reach.min(axis=0)) - 2, 0, sizes - 1).astype(int)
    high = np.clip(np.ceil(reach.max(axis=0)) + 3, low + 1, sizes).astype(int)
    part = pixels[low[1] : high[1], low[0] : high[0]]
    to_band = to_band @ np.array([[1, 0, float(low[0])], [0, 1, float(low[1])], [0, 0, 1]])
    values = np.ascontiguousarray(np.divide(part, np.float32(full_range(pixels)), dtype=np.float32))
    image = cv2.warpPerspective(
        values if stack.colour else grey(values),
        to_band,
        (width, height),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    coverage = cv2.warpPerspective(
        np.full(part.shape[:2], 255, np.uint8), to_band, (width, height), flags=cv2.INTER_LINEAR
    )
    return np.clip(image, 0, 1), coverage == 255


def _evened(photo: Photo, scale: float) -> npt.NDArray[np.uint16]:
    """The stored photograph, grey, its light evened; 16 bits, as many are kept at a time."""
    pixels = photo.pixels
    image = np.divide(pixels, np.float32(full_range(pixels)), dtype=np.float32)
    even = STEPS["even_light"].run(np.ascontiguousarray(grey(image)), scale=scale)
    return np.rint(even * 65535).astype(np.uint16)


def _check_memory(photographs: Sequence[Photo]) -> None:
    total = sum(photo.pixels.nbytes for photo in photographs)
    if total > MOST_BYTES:
        raise FusionSizeError(
            f"{len(photographs)} photographs take {total / 2**30:.1f} GiB of memory, at most "
            f"{MOST_BYTES >> 30} are fused at once; leave some out."
        )


def _check_homography(index: int, matrix: Matrix, size: tuple[int, int]) -> None:
    """Raises FusionSizeError unless the inverse takes the whole frame to the front of the photograph."""
    said = f"photograph {index}: its homography to the reference"
    if matrix.shape != (3, 3) or not np.isfinite(matrix).all():
        raise FusionSizeError(f"{said} is not a 3 × 3 matrix of numbers: shape {matrix.shape}")
    if abs(np.linalg.det(matrix / max(float(np.abs(matrix).max()), 1e-300))) < 1e-15:
        raise FusionSizeError(f"{said} cannot be inverted; set its points anew or leave it out")
    height, width = size
    corners = np.array([[0, 0, 1], [width, 0, 1], [width, height, 1], [0, height, 1]], np.float64)
    depths = corners @ np.linalg.inv(matrix)[2]
    # A plane seen from the front: no corner behind the camera or at the horizon.
    if not (abs(depths).min() > 1e-3 * abs(depths).max() and (np.sign(depths) == np.sign(depths[0])).all()):
        raise FusionSizeError(f"{said} folds the picture over; set its points anew or leave it out")


BACKGROUND = np.float32(MID_GREY)
"""Value of the background in an evened photograph, and what a fused picture holds where nothing is known."""
