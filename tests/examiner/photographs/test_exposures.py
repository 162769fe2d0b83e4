"""Copies of one photograph are known again, other plates are not taken for them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from examiner.photographs.exposures import ShownPicture, same_pictures, shown_picture
from pipelines.photographs.photo import read_photo

SAMPLES = Path(__file__).parents[3] / "sample_images"
PLATES = ("01_intact_stamped", "03_worn", "04_heavily_ground", "05_etched_over_time")


@pytest.fixture(scope="module")
def plates() -> list[ShownPicture]:
    if not SAMPLES.is_dir():
        pytest.skip("the sample series are not here")
    return [shown_picture(read_photo(SAMPLES / plate / "frame_01.jpg")) for plate in PLATES]


def _jpeg(quality: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda pixels: cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]


def _smaller(pixels: np.ndarray) -> np.ndarray:
    return _jpeg(80)(cv2.resize(pixels, None, fx=0.37, fy=0.37, interpolation=cv2.INTER_AREA))


def _turned(pixels: np.ndarray) -> np.ndarray:
    return _jpeg(70)(cv2.rotate(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), cv2.ROTATE_90_CLOCKWISE))


def _mirrored_negative(pixels: np.ndarray) -> np.ndarray:
    return _jpeg(70)(255 - pixels[:, ::-1])


def _other_gamma(pixels: np.ndarray) -> np.ndarray:
    return _jpeg(90)((255 * (pixels / 255) ** 0.6).astype(np.uint8))


@pytest.mark.parametrize("change", [_jpeg(30), _smaller, _turned, _mirrored_negative, _other_gamma])
def test_a_copy_is_known_again_and_only_by_its_own_plate(
    plates: list[ShownPicture], change: Callable[[np.ndarray], np.ndarray], tmp_path: Path
) -> None:
    others = np.stack([plate.small for plate in plates])
    for number, plate in enumerate(PLATES):
        pixels = cv2.imread(str(SAMPLES / plate / "frame_01.jpg"))
        copy = tmp_path / "copy.jpg"
        copy.write_bytes(change(pixels).tobytes())
        same = same_pictures(shown_picture(read_photo(copy)), others)
        assert same.tolist() == [number == other for other in range(len(PLATES))]


def test_the_same_pixels_in_another_format_have_the_same_hash(tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (40, 60, 3)).astype(np.uint8)
    for name in ("a.png", "b.bmp"):
        cv2.imwrite(str(tmp_path / name), pixels)
    one, other = (shown_picture(read_photo(tmp_path / name)) for name in ("a.png", "b.bmp"))
    assert one.pixels == other.pixels


def test_a_picture_of_nothing_is_a_copy_of_nothing(tmp_path: Path) -> None:
    for name, grey in (("a.png", 90), ("b.png", 91)):
        cv2.imwrite(str(tmp_path / name), np.full((40, 60), grey, np.uint8))
    one, other = (shown_picture(read_photo(tmp_path / name)) for name in ("a.png", "b.png"))
    assert not same_pictures(one, other.small[None]).any() and one.pixels != other.pixels
