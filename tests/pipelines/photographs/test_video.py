"""Frames of a video: the right ones, as stored, every broken container named by its cause."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipelines.errors import (
    PhotoEmptyError,
    PhotoError,
    PhotoFormatError,
    PhotoMissingError,
    PhotoRenamedError,
    PhotoTruncatedError,
)
from pipelines.photographs.photo import read_photo, upright_image
from pipelines.photographs.video import is_video, pick_frame_times, read_frames

FRAMES, RATE, HEIGHT, WIDTH = 40, 10, 64, 96
SHARP = (3, 12, 21, 38)


def _expected_level(index: int) -> int:
    """Neighbours differ by far more than the codec's loss."""
    return 40 + 4 * (index * 17 % FRAMES)


def _scene(index: int) -> np.ndarray:
    """Grey of a level that tells the frame, red at the top left; fine stripes only in the sharp frames."""
    frame = np.full((HEIGHT, WIDTH, 3), _expected_level(index), np.uint8)
    frame[:24, :40] = (40, 40, 200)
    if index in SHARP:
        frame[32:, ::8] = 0
    return frame


def _record(path: Path, code: str) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*code), RATE, (WIDTH, HEIGHT))
    assert writer.isOpened()
    for index in range(FRAMES):
        writer.write(_scene(index))
    writer.release()
    return path


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _record(tmp_path_factory.mktemp("video") / "clip.mp4", "mp4v")


def _level(pixels: np.ndarray) -> float:
    return float(pixels[26:30, 60:].mean())


@pytest.mark.parametrize(
    ("name", "code"), [("a.mp4", "mp4v"), ("a.avi", "MJPG"), ("a.mkv", "MJPG"), ("a.mov", "mp4v")]
)
def test_frames_are_those_at_their_times(tmp_path: Path, name: str, code: str) -> None:
    path = _record(tmp_path / name, code)
    assert is_video(path)
    times = [2.0, 0.0, 0.55, 3.9, 2.0]
    frames = read_frames(path, times)
    assert [round(frame.frame_time_s or 0, 3) for frame in frames] == [2.0, 0.0, 0.6, 3.9, 2.0]
    for frame in frames:
        assert frame.pixels.shape == (HEIGHT, WIDTH, 3)
        assert frame.pixels.dtype == np.uint8
        assert frame.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert abs(_level(frame.pixels) - _expected_level(round((frame.frame_time_s or 0) * RATE))) < 8
        red, green, blue = frame.pixels[4:20, 4:36].reshape(-1, 3).mean(axis=0)
        assert red > 150 and green < 90 and blue < 90


def test_picked_times_are_the_sharp_frames(clip: Path) -> None:
    times = pick_frame_times(clip, 4)
    assert [round(time * RATE) for time in times] == list(SHARP)
    assert times == pick_frame_times(clip, 4)
    assert [frame.frame_time_s for frame in read_frames(clip, times)] == times


def test_more_times_than_frames(clip: Path) -> None:
    assert len(pick_frame_times(clip, 100)) == FRAMES
    with pytest.raises(ValueError, match="count"):
        pick_frame_times(clip, 0)


def test_no_times_no_frames(clip: Path) -> None:
    assert read_frames(clip, []) == []


@pytest.mark.parametrize(("degrees", "orientation"), [(90, 6), (180, 3), (270, 8)])
def test_rotation_is_kept_apart(clip: Path, tmp_path: Path, degrees: int, orientation: int) -> None:
    data = bytearray(clip.read_bytes())
    matrix = data.index(b"tkhd") + 4 + 40
    cosine, sine = {90: (0, 1), 180: (-1, 0), 270: (0, -1)}[degrees]
    one = 1 << 16
    data[matrix : matrix + 36] = struct.pack(
        ">9i", cosine * one, sine * one, 0, -sine * one, cosine * one, 0, 0, 0, 1 << 30
    )
    turned = tmp_path / "turned.mp4"
    turned.write_bytes(data)
    frame, plain = read_frames(turned, [0.0])[0], read_frames(clip, [0.0])[0]
    assert frame.orientation == orientation
    np.testing.assert_array_equal(frame.pixels, plain.pixels)
    upright = upright_image(frame)
    np.testing.assert_array_equal(upright, np.rot90(upright_image(plain), -degrees // 90))


@pytest.mark.parametrize("time", [-0.5, float("nan"), float("inf"), 60.0])
def test_times_outside_the_video(clip: Path, time: float) -> None:
    with pytest.raises(PhotoError, match=r"clip\.mp4: no frame at"):
        read_frames(clip, [0.0, time])


def test_broken_videos(clip: Path, tmp_path: Path) -> None:
    data = clip.read_bytes()

    def raises(name: str, content: bytes | None, expected: type[PhotoError]) -> None:
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        for read in (lambda: read_frames(path, [0.0]), lambda: pick_frame_times(path)):
            with pytest.raises(PhotoError) as caught:
                read()
            assert type(caught.value) is expected
            assert name in str(caught.value)

    raises("none.mp4", None, PhotoMissingError)
    raises("empty.mp4", b"", PhotoEmptyError)
    raises("noise.mp4", b"no video at all" * 20, PhotoFormatError)
    raises("cut.mp4", data[: len(data) // 2], PhotoTruncatedError)
    raises("byte.mp4", data[:-1], PhotoTruncatedError)
    raises("head.mp4", b"\0\0\0\x18ftypmp42" + bytes(4) + b"mp42isom", PhotoFormatError)
    raises("clip.jpg", data, PhotoRenamedError)
    avi = _record(tmp_path / "whole.avi", "MJPG").read_bytes()
    raises("cut.avi", avi[: len(avi) // 2], PhotoTruncatedError)
    raises("webm.mkv", b"\x1aE\xdf\xa3" + bytes(200), PhotoFormatError)


def test_damaged_videos_end_in_a_photo_error_or_frames(clip: Path, tmp_path: Path) -> None:
    data = clip.read_bytes()
    rng = np.random.default_rng(2)
    path = tmp_path / "damaged.mp4"
    for _ in range(40):
        broken = bytearray(data)
        for place in rng.integers(0, len(data), 20):
            broken[place] = rng.integers(256)
        path.write_bytes(broken)
        try:
            assert read_frames(path, [0.0])[0].pixels.ndim == 3
        except PhotoError as error:
            assert path.name in str(error)


def test_what_is_a_video_is_told_by_content(clip: Path, tmp_path: Path) -> None:
    renamed = tmp_path / "x.jpg"
    renamed.write_bytes(clip.read_bytes())
    assert is_video(renamed)
    (tmp_path / "y.mp4").write_bytes(b"text")
    assert not is_video(tmp_path / "y.mp4")
    assert not is_video(tmp_path / "none.mp4")
    with pytest.raises(PhotoFormatError, match="video"):
        read_photo(clip)
