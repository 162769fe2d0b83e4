"""The released locator on held-out simulated pictures: `python -m models.evaluation.evaluate_rows [--count
N]`.

Pictures of the training renderer in the fonts kept back, with seeds that training never uses, seen as
training sees them: it shows what was learnt, not what a locator is worth.
"""

from __future__ import annotations

import argparse
import sys
from importlib.resources import as_file, files

import cv2
import numpy as np
import onnxruntime

from models.plates.fonts import HELD_OUT
from models.plates.pictures import pictures
from models.plates.typefaces import unseen_faces
from models.training.row_examples import seen_anew

FIRST_SEED = 3_990_000


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=200)
    given = parser.parse_args()
    faces = unseen_faces()
    if not faces:
        parser.error(f"none of the fonts kept back is installed: {', '.join(HELD_OUT.values())}")
    cv2.setNumThreads(1)
    with as_file(files("models") / "rows.onnx") as path:
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(FIRST_SEED)
    hit = called = there = bare = alarms = 0
    for seed in range(FIRST_SEED, FIRST_SEED + given.count):
        for picture in pictures(seed, faces):
            shown, cells = seen_anew(picture, rng)
            heat = session.run(None, {"pictures": shown[None, None]})[0][0] > 0.5
            hit += int((heat & (cells == 1)).sum())
            called += int((heat & (cells >= 0)).sum())
            there += int((cells == 1).sum())
            if not len(picture.rows):
                bare, alarms = bare + 1, alarms + bool(heat[cells >= 0].any())
    sys.stdout.write(
        f"of {called} cells called a row {hit / called:.3f} are one; of {there} that are {hit / there:.3f} "
        f"are called one; on {alarms} of {bare} pictures without a row some are\n"
    )


if __name__ == "__main__":
    main()
