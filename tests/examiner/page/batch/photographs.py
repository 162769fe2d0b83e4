"""Small photographs of nothing, and a name that is none."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

HOSTILE = "<img src=x onerror=alert(1)> & 銃.png"


def picture(path: Path, seed: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(90, 160, (48, 96), np.uint8)
    path.write_bytes(cv2.imencode(".png", pixels)[1].tobytes())
    return path
