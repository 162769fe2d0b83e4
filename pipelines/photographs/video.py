"""Single frames of a video, each as a photograph with its time. The container is never written.

Frames are found by decoding from the beginning: seeking lands on different frames with different containers,
and a frame that cannot be found again is no evidence. Cost: about the video's length in decoding.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.errors import PhotoError, PhotoFormatError
from pipelines.photographs import formats
from pipelines.photographs.file_checks import (
    check_format,
    check_pixels,
    file_sha256,
    regular_size,
    truncated,
    unreadable,
)
from pipelines.types import Photo

log = logging.getLogger(__name__)

SLACK_S = 0.001
"""A frame this much before the time asked for still counts as at it: containers round to milliseconds."""

COARSE = 12
"""Frames looked at in each segment when the sharpest is sought."""

SHARPNESS_WIDTH = 960
"""Width in pixels at which sharpness is compared; at full size the sensor's noise counts as sharpness."""

# The container's rotation, clockwise degrees, as the EXIF orientation that turns the picture the same way.
_ROTATION_ORIENTATION = {0: 1, 90: 6, 180: 3, 270: 8}


def is_video(path: str | Path) -> bool:
    """Whether a file's content is a video; False also where it cannot be read, `read_photo` says why."""
    try:
        with Path(path).open("rb") as stream:
            return formats.sniff(stream.read(formats.HEAD)) == "video"
    except (OSError, ValueError):
        return False


def read_frames(path: str | Path, times_s: Sequence[float]) -> list[Photo]:
    """The first frame at or after each of `times_s` (seconds from the start), in the order asked for.

    `pixels` (H, W, 3) uint8 RGB as stored, before the container's rotation, which is in `orientation`;
    `sha256` is of the container; `frame_time_s` the frame's own time. Two times within one frame give it
    twice. Raises a PhotoError as `read_photo` does; PhotoTruncatedError where the container ends too early;
    PhotoError for a time that is not a number from 0 to the last frame's. Memory: 3 bytes a pixel and frame.
    """
    path = Path(path)
    _check_container(path)
    wrong = [time for time in times_s if not (math.isfinite(time) and time >= 0)]
    if wrong:
        raise PhotoError(f"{path.name}: no frame at {wrong[0]} s; give a time of 0 s or later.")
    order = sorted(range(len(times_s)), key=lambda index: times_s[index])
    frames: dict[int, tuple[npt.NDArray[Any], float]] = {}
    last = -1.0
    with _capture(path) as capture:
        orientation = _orientation(path, capture)
        for last in _times(capture):
            due = [index for index in order[len(frames) :] if times_s[index] <= last + SLACK_S]
            if due:
                frame = _frame(path, capture)
                frames |= {index: (frame, last) for index in due}
            if len(frames) == len(order):
                break
    if last < 0:
        raise PhotoFormatError(f"{path.name}: holds no frame that can be decoded. Export it as MP4 (H.264).")
    if len(frames) < len(order):
        late = times_s[order[len(frames)]]
        raise PhotoError(
            f"{path.name}: no frame at {late:g} s; the last one is at {last:.3f} s. Ask for that."
        )
    digest = file_sha256(path)
    return [
        Photo(
            path=str(path),
            sha256=digest,
            pixels=frames[index][0],
            format="video",
            orientation=orientation,
            frame_time_s=frames[index][1],
        )
        for index in range(len(times_s))
    ]


def pick_frame_times(path: str | Path, count: int = 8) -> list[float]:
    """The times in seconds of `count` frames worth looking at: the sharpest of each of equal segments.

    About 12 frames a segment are compared, by the variance of the Laplacian at a width of 960 pixels, the
    earlier one where two are equal; fewer times where the video has fewer frames. The choice knows nothing of
    what the frames show. Raises as `read_frames`; ValueError for a `count` below 1.
    """
    if count < 1:
        raise ValueError(f"count must be at least 1, got {count}")
    path = Path(path)
    _check_container(path)
    with _capture(path) as capture:
        times = list(_times(capture))
    if not times:
        raise PhotoFormatError(f"{path.name}: holds no frame that can be decoded. Export it as MP4 (H.264).")
    step = max(1, len(times) // (count * COARSE))
    sharpest: dict[int, tuple[float, float]] = {}
    with _capture(path) as capture:
        for index, time in enumerate(_times(capture)):
            if index % step:
                continue
            segment = index * count // len(times)
            sharpness = _sharpness(_frame(path, capture))
            if segment not in sharpest or sharpness > sharpest[segment][0]:
                sharpest[segment] = (sharpness, time)
    return [sharpest[segment][1] for segment in sorted(sharpest)]


def _check_container(path: Path) -> None:
    size = regular_size(path)
    try:
        with path.open("rb") as stream:
            head = stream.read(formats.HEAD)
            name = check_format(path, formats.sniff(head), ("video",))
            lacking = None
            if head[:4] == b"RIFF":
                lacking = formats.riff_lacks(head, size)
            elif head[4:8].isalpha():
                lacking = formats.boxes_lack(stream, size)
    except OSError as error:
        raise unreadable(path, error) from error
    if lacking:
        raise truncated(path, name, lacking)


@contextmanager
def _capture(path: Path) -> Iterator[Any]:
    # One thread: with more, a damaged stream may give other frames from run to run.
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
    try:
        if not capture.isOpened():
            raise PhotoFormatError(
                f"{path.name}: the video is damaged or of a kind that cannot be decoded. "
                "Copy it again from the camera, or export it as MP4 (H.264)."
            )
        capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 0)
        width, height = capture.get(cv2.CAP_PROP_FRAME_WIDTH), capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
        check_pixels(path, int(width), int(height))
        yield capture
    except cv2.error as error:
        raise PhotoFormatError(
            f"{path.name}: the video is damaged ({error.err}). Copy it again from the camera."
        ) from error
    finally:
        capture.release()


def _times(capture: Any) -> Iterator[float]:
    """Grabs frame after frame; the time of each in seconds. One without a later time is passed over."""
    last = -1.0
    while capture.grab():
        time = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        if time > last:
            last = time
            yield time


def _frame(path: Path, capture: Any) -> npt.NDArray[Any]:
    decoded, frame = capture.retrieve()
    if not decoded or frame is None:
        raise PhotoFormatError(
            f"{path.name}: the frame at {capture.get(cv2.CAP_PROP_POS_MSEC) / 1000:.3f} s cannot be decoded. "
            "Copy the video again from the camera."
        )
    pixels = cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
    pixels.setflags(write=False)
    return pixels


def _orientation(path: Path, capture: Any) -> int:
    rotation = round(capture.get(cv2.CAP_PROP_ORIENTATION_META)) % 360
    if rotation:
        log.info("%s: the container says to turn its frames by %d degrees clockwise", path.name, rotation)
    if rotation not in _ROTATION_ORIENTATION:
        log.warning("%s: a rotation of %d degrees is left out", path.name, rotation)
    return _ROTATION_ORIENTATION.get(rotation, 1)


def _sharpness(frame: npt.NDArray[Any]) -> float:
    height, width = frame.shape[:2]
    scale = min(1.0, SHARPNESS_WIDTH / width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), size, interpolation=cv2.INTER_AREA)
    return float(np.var(cv2.Laplacian(small, cv2.CV_64F)))
