"""A photograph of a struck marking, drawn: known text, known place, no model of this project behind it."""

import os
from collections.abc import Callable, Generator
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import settings

# Importing the program switches the reports of libraries off, before a test loads one.
from examiner.folders.pool import set_threads

settings.register_profile("everywhere", deadline=None, derandomize=True)
settings.load_profile("everywhere")

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
if WORKER:
    # One of several processes that share the cores; each has ports of its own to choose from.
    set_threads(1)
    os.environ["GRADIO_SERVER_PORT"] = str(17860 + 100 * int(WORKER.removeprefix("gw")))

DARK, LIGHT = 45, 215
FONT, THICKNESS, SCALE = cv2.FONT_HERSHEY_DUPLEX, 6, 3.3


def plate(text: str, seed: int = 1, size: tuple[int, int] = (900, 500), left: int = 60, base: int = 290):
    """Mid-grey brushed metal, (H, W) uint8; the strokes are dark with a lit edge."""
    width, height = size
    noise = np.random.default_rng(seed).normal(0, 14, (height, width)).astype(np.float32)
    picture = np.clip(128 + cv2.blur(noise, (9, 1)) * 2, 0, 255).astype(np.uint8)
    cv2.putText(picture, text, (left + 3, base + 3), FONT, SCALE, LIGHT, THICKNESS, cv2.LINE_AA)
    cv2.putText(picture, text, (left, base), FONT, SCALE, DARK, THICKNESS, cv2.LINE_AA)
    return cv2.GaussianBlur(picture, (0, 0), 0.8)


@pytest.fixture(scope="session")
def struck() -> Callable[..., Path]:
    """Draws `text` as a photograph at a path (the suffix says the format) and returns the path."""

    def draw(path: Path, text: str, **options) -> Path:
        encoded = cv2.imencode(path.suffix, plate(text, **options))[1]
        path.write_bytes(encoded.tobytes())  # cv2.imwrite knows only some names on some systems
        return path

    return draw


@pytest.fixture(scope="session")
def struck_strip() -> Callable[..., np.ndarray]:
    """`text` as a strip for a reader: float32 [0, 1], (H, W), one upright line that fills the height."""

    def draw(text: str, seed: int = 1) -> np.ndarray:
        width, height = cv2.getTextSize(text, FONT, SCALE, THICKNESS)[0]
        picture = plate(text, seed, (width + 60, height + 50), left=30, base=height + 22)
        return picture.astype(np.float32) / 255

    return draw


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What tests print may hold names that are no text; processes that share the tests send UTF-8."""
    report = yield
    report.sections = [
        (name, text.encode("utf-8", "backslashreplace").decode("utf-8")) for name, text in report.sections
    ]
    return report
