"""Damage inside a JPEG is heard, and whole ones decode as they always have."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PillowImage
from scipy.ndimage import gaussian_filter

from pipelines.errors import PhotoDamagedError, PhotoError, PhotoTruncatedError
from pipelines.photographs import jpeg
from pipelines.photographs.photo import read_photo
from pipelines.propose import propose_series

RNG = np.random.default_rng(5)
SCENE = np.clip(gaussian_filter(RNG.normal(0, 400, (240, 320, 3)), (2, 2, 0)) + 128, 0, 255).astype(np.uint8)


def coded(form: str = "RGB", **options: Any) -> bytes:
    stream = io.BytesIO()
    PillowImage.fromarray(SCENE).convert(form).save(stream, "JPEG", quality=90, **options)
    return stream.getvalue()


def zeroed(data: bytes) -> bytes:
    at = len(data) // 2
    return data[:at] + bytes(2048) + data[at + 2048 :]


def half_lost(data: bytes) -> bytes:
    return data[: len(data) // 2] + jpeg.END


def joined(data: bytes) -> bytes:
    """The first half of this picture and the last part of another."""
    stream = io.BytesIO()
    PillowImage.fromarray(SCENE[::-1]).save(stream, "JPEG", quality=90)
    return data[: len(data) // 2] + stream.getvalue()[len(data) // 3 :]


def between_scans(data: bytes) -> bytes:
    """Cut where the last scan begins: every block is decoded, though coarsely, and libjpeg says nothing."""
    return data[: data.rindex(b"\xff\xda")] + jpeg.END


@pytest.mark.parametrize(
    "options", [{}, {"progressive": True}, {"restart_marker_rows": 1}, {"subsampling": 0}]
)
@pytest.mark.parametrize("form", ["RGB", "L", "CMYK"])
def test_whole_pictures_decode_as_pillow_decodes_them(
    tmp_path: Path, form: str, options: dict[str, Any]
) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(coded(form, **options))
    photo = read_photo(path)
    with PillowImage.open(path) as picture:
        expected = np.asarray(picture if form != "CMYK" else picture.convert("RGB"))
    np.testing.assert_array_equal(photo.pixels, expected)
    assert photo.notices == ()


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_rows": 1}])
@pytest.mark.parametrize("harm", [zeroed, half_lost, joined])
@pytest.mark.parametrize("in_grey", [False, True])
def test_damage_inside_is_heard_and_what_is_left_is_given_when_asked(
    tmp_path: Path, harm: Any, options: dict[str, Any], in_grey: bool
) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(harm(coded(**options)))
    with pytest.raises(PhotoDamagedError, match=r"a\.jpg: damaged JPEG"):
        read_photo(path, in_grey=in_grey)
    photo = read_photo(path, in_grey=in_grey, damaged=True)
    assert photo.pixels.shape[:2] == SCENE.shape[:2]
    assert [notice.kind for notice in photo.notices] == ["damaged"]


def test_a_progressive_picture_without_its_last_scan_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(between_scans(coded(progressive=True)))
    with pytest.raises(PhotoDamagedError, match="last scans"):
        read_photo(path)


@pytest.mark.parametrize("options", [{}, {"progressive": True}])
def test_a_missing_end_marker_is_harmless_only_where_every_block_is_there(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    data = coded(**options)
    path = tmp_path / "a.jpg"
    path.write_bytes(data[:-2])
    photo = read_photo(path)
    assert [notice.kind for notice in photo.notices] == ["no_end_marker"]
    with PillowImage.open(io.BytesIO(data)) as picture:
        np.testing.assert_array_equal(photo.pixels, np.asarray(picture))
    path.write_bytes(data[:-60])
    with pytest.raises(PhotoTruncatedError):
        read_photo(path)
    assert [notice.kind for notice in read_photo(path, damaged=True).notices] == ["damaged"]


def test_scans_without_number_are_refused_before_decoding(tmp_path: Path) -> None:
    data = coded(progressive=True)
    at = data.rindex(b"\xff\xda")
    path = tmp_path / "bomb.jpg"
    path.write_bytes(data[:at] + data[at:-2] * jpeg.MOST_SCANS + jpeg.END)
    with pytest.raises(PhotoError, match="more than 100 scans"):
        read_photo(path, damaged=True)


def test_a_damaged_photograph_is_not_read_unless_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(half_lost(coded()))
    (entry,) = propose_series([path], readers=["marks"]).photos
    assert entry.error is not None
    assert entry.error.kind == "damaged"
    (entry,) = propose_series([path], readers=["marks"], damaged=True).photos
    assert entry.error is None
    assert [notice.kind for notice in entry.notices] == ["damaged"]
