"""A simulated plate on which nothing ever stood: the bench shows on it what a chain makes up.

    python -m models.plates.bare_plate examiner/page/bench/bare_plate.jpg

The same bytes each time with the same versions.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import cv2

from models.plates.draw import random_spec
from models.plates.plate import photographs

SEED = 6
QUALITY = 88


def main(out: Path) -> None:
    spec = replace(random_spec(SEED, "etched"), lines=())
    pixels = photographs(spec, 1).photographs[0].pixels
    encoded, data = cv2.imencode(
        ".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
    )
    if not encoded:
        raise OSError("the plate could not be encoded")
    out.write_bytes(data.tobytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
