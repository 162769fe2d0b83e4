"""How long each fusion takes, and the relief under a new lamp.

    python benchmarks/series.py fuse [--photographs 8] [--size 1280x720]

Photographs are those of the first sample series, resized, with noise of their own, lit from all sides. What
fused pictures are worth to the reader is measured by `series.py read`.
"""

from __future__ import annotations

import argparse
import platform
import resource
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from pipelines.fuse import FUSIONS
from pipelines.fuse.relief import relit
from pipelines.fuse.stack import Stack, stacked
from pipelines.fuse.stereo import relief
from pipelines.photographs.lights import LightDirection
from pipelines.photographs.photo import photo_paths, read_photo
from pipelines.types import Photo

SAMPLE = Path(__file__).resolve().parents[1] / "sample_images" / "01_intact_stamped"


def stack_of(count: int, size: tuple[int, int]) -> Stack:
    """`count` colour photographs of `size` (width, height)."""
    taken = [read_photo(path).pixels for path in photo_paths(SAMPLE)]
    rng = np.random.default_rng(1)
    photos = {}
    for number in range(count):
        resized = cv2.resize(taken[number % len(taken)], size, interpolation=cv2.INTER_AREA)
        noisy = np.clip(resized + rng.normal(0, 2, resized.shape), 0, 255).astype(np.uint8)
        photos[number] = Photo("", f"{number:064d}", noisy, "JPEG")
    lights = {number: LightDirection(360.0 * number / count, 30.0) for number in range(count)}
    return stacked(photos, {number: np.eye(3) for number in photos}, 0, lights)


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="series.py fuse", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--photographs", type=int, default=8)
    parser.add_argument("--size", default="1280x720", help="width x height in pixels")
    arguments = parser.parse_args(words)
    width, height = (int(part) for part in arguments.size.split("x"))
    stack = stack_of(arguments.photographs, (width, height))
    print(
        f"{arguments.photographs} colour photographs of {width} × {height}, {cv2.getNumThreads()} threads, "
        f"{platform.machine()}, Python {platform.python_version()}, OpenCV {cv2.__version__}.\n"
    )
    print("| fusion | s |\n| --- | --- |")
    for name, fusion in FUSIONS.items():
        started = time.perf_counter()
        fusion.run(stack)
        print(f"| {name} | {time.perf_counter() - started:.2f} |", flush=True)
    surface = relief(stack, where="common", surface="level", robust=True)
    started = time.perf_counter()
    for azimuth in range(0, 360, 36):
        relit(surface, LightDirection(azimuth, 30.0))
    print(f"| the relief under another lamp | {(time.perf_counter() - started) / 10:.3f} |")
    print(f"\nMost memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")


if __name__ == "__main__":
    main()
