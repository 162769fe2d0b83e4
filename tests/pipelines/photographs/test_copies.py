"""One exposure counts once, and no two exposures are ever taken for one."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image as PillowImage
from scipy.ndimage import gaussian_filter

from pipelines.photographs.copies import RIGHT_SIDES, copies, right_sides
from pipelines.photographs.photo import grey
from pipelines.types import Photo

HEIGHT, WIDTH = 480, 640


def scene(seed: int, texture: float, marking: str = "A4821") -> np.ndarray:
    """A plate with grain of a standard deviation of about `texture` and a struck marking, float RGB."""
    rng = np.random.default_rng(seed)
    broad = gaussian_filter(rng.normal(0, 1, (HEIGHT, WIDTH)), 30)
    grain = gaussian_filter(rng.normal(0, 1, (HEIGHT, WIDTH)), 0.7)
    plate = 120 + 25 * broad / broad.std() + texture * grain / grain.std()
    letters = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.putText(letters, marking, (60, 280), cv2.FONT_HERSHEY_SIMPLEX, 4, 255, 9)
    return np.repeat((plate - 0.2 * gaussian_filter(letters.astype(float), 1.2))[..., None], 3, axis=2)


def exposure(view: np.ndarray, seed: int, noise: float) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.clip(np.round(view + rng.normal(0, noise, view.shape)), 0, 255).astype(np.uint8)


def photo(pixels: np.ndarray, form: str = "PNG", name: str = "a", **fields: Any) -> Photo:
    return Photo(f"{name}.x", str(pixels.sum()), pixels, form, **fields)


def jpeg(pixels: np.ndarray, quality: int, **fields: Any) -> Photo:
    stream = io.BytesIO()
    PillowImage.fromarray(pixels).save(stream, "JPEG", quality=quality)
    with PillowImage.open(stream) as picture:
        steps = tuple(picture.quantization[0])  # type: ignore[attr-defined]
        return photo(np.asarray(picture), "JPEG", luminance_steps=steps, **fields)


def found(*photos: Photo) -> Mapping[int, int]:
    return {i: copy.original for i, copy in copies(dict(enumerate(photos))).items()}


PIXELS = exposure(scene(1, 3.0), 2, 1.5)


@pytest.mark.parametrize(
    "copy",
    [
        photo(PIXELS.copy(), "TIFF"),
        photo(PIXELS.astype(np.uint16) * 257, "TIFF"),
        photo(np.rot90(PIXELS, 1).copy(), "BMP", orientation=6),
        jpeg(PIXELS, 92),
        jpeg(PIXELS, 80),
        jpeg(PIXELS, 60),
        jpeg(np.rot90(PIXELS, 1).copy(), 80, orientation=6),
    ],
    ids=["file", "16 bits", "turned", "q92", "q80", "q60", "turned and q80"],
)
def test_a_copy_counts_once(copy: Photo) -> None:
    assert found(photo(PIXELS), copy) == {1: 0}
    assert found(copy, photo(PIXELS)) == {1: 0}


def test_a_jpeg_compressed_again_is_a_copy() -> None:
    first = jpeg(PIXELS, 92)
    assert found(first, jpeg(first.pixels, 75)) == {1: 0}


def test_a_raw_file_and_the_picture_beside_it_are_one_exposure() -> None:
    pixels, other = (exposure(scene(1, 1.0), seed, 2.5) for seed in (2, 3))
    developed = cv2.GaussianBlur(pixels, (0, 0), 0.5)[8:-8, 12:-12].copy()
    raw = photo(pixels.astype(np.uint16) * 257, "camera raw", "IMG_7", taken="2026:01:02 03:04:05")
    beside = jpeg(developed, 95, name="img_7", taken="2026:01:02 03:04:05")
    assert found(raw, beside) == {1: 0}
    assert found(raw, jpeg(developed, 95, name="img_8")) == {}
    beside = jpeg(other[8:-8, 12:-12].copy(), 95, name="img_7", taken=raw.taken)
    assert found(raw, beside) == {}


@pytest.mark.parametrize("noise", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("texture", [0.0, 3.0, 10.0])
def test_twenty_frames_from_a_tripod_are_never_copies(texture: float, noise: float) -> None:
    view = scene(4, texture)
    pixels = [exposure(view, 100 + n, noise) for n in range(20)]
    # As the cameras of a laboratory write them: PNG, and JPEG of several qualities.
    forms = [photo(p) if n % 4 == 0 else jpeg(p, (0, 95, 85, 65)[n % 4]) for n, p in enumerate(pixels)]
    assert found(*forms) == {}
    assert found(*map(photo, pixels)) == {}


@pytest.mark.parametrize("texture", [0.0, 3.0, 10.0])
def test_the_margin_between_copies_and_frames(texture: float) -> None:
    view = scene(5, texture)
    first, second = (exposure(view, seed, 1.0) for seed in (7, 8))
    tones = [np.asarray(grey(p), np.float32) for p in (first, second)]
    for quality in (90, 80, 65):
        coded = jpeg(first, quality)
        assert right_sides(coded, coded.luminance_steps, tones[0]) > RIGHT_SIDES + 0.02
        assert right_sides(coded, coded.luminance_steps, tones[1]) < RIGHT_SIDES - 0.12


def test_a_copy_of_a_copy_counts_once() -> None:
    once = jpeg(PIXELS, 85)
    assert found(photo(PIXELS), once, jpeg(once.pixels, 70)) == {1: 0, 2: 0}


@pytest.mark.parametrize("texture", [0.0, 3.0, 10.0])
def test_frames_without_losses_and_hardly_any_noise_are_never_copies(texture: float) -> None:
    frames = [exposure(scene(8, texture), seed, 0.1) for seed in range(20)]
    assert found(*map(photo, frames)) == {}


def test_two_states_of_an_etching_are_never_copies() -> None:
    states = [scene(6, 3.0, marking) for marking in ("A4821", "A4824", "A482")]
    pixels = [exposure(state, 20 + n, 1.0) for n, state in enumerate(states)]
    assert found(*map(photo, pixels)) == {}
    assert found(*(jpeg(p, 85) for p in pixels)) == {}


def test_where_no_noise_can_be_seen_only_equal_pixels_count() -> None:
    still = np.clip(np.round(gaussian_filter(scene(7, 0.0), (3, 3, 0))), 0, 255).astype(np.uint8)
    other = still.copy()
    other[200:210, 300:310] += 40
    assert found(photo(still), photo(still.copy(), "TIFF")) == {1: 0}
    assert found(photo(still), photo(other), jpeg(other, 80)) == {}


def test_a_copy_in_which_a_part_was_changed_is_none() -> None:
    changed = PIXELS.copy()
    changed[190:230, 90:130] = 120
    assert found(photo(PIXELS), jpeg(changed, 80), photo(changed)) == {2: 1}
    assert found(photo(PIXELS), photo(changed)) == {}
