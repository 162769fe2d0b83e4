"""The released networks on held-out simulated samples.

    python -m models.evaluation.evaluate [--count N] [--unseen-faces]    our reader, on strips
    python -m models.evaluation.evaluate --locator [--count N]           our locator, on pictures

Simulated by the training renderer with seeds that training never uses: it shows what was learnt, not what a
reader or a locator is worth. Claims are made in benchmarks/, on other renderers and on photographs.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Sequence
from importlib.resources import as_file, files

import cv2
import numpy as np

from models.plates.fonts import HELD_OUT
from models.plates.pictures import pictures
from models.plates.strips import strip_series
from models.plates.typefaces import unseen_faces
from models.training.row_examples import seen_anew
from pipelines.glyphs import GLYPHS
from pipelines.networks import inference_session
from pipelines.probability.measures import distance
from pipelines.reading.decode import beam_search, text_of
from pipelines.reading.readers.marks import MarksReader

FIRST_STRIP_SEED = 500_000
FIRST_PICTURE_SEED = 3_990_000


def reader_errors(count: int, faces: Sequence[str | None]) -> str:
    """A line per tier: the reader's errors per character on `count` strip series in `faces`, in turn."""
    reader = MarksReader()
    errors: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for seed in range(FIRST_STRIP_SEED, FIRST_STRIP_SEED + count):
        series = strip_series(seed, faces[seed % len(faces)])
        if not series.counted.all():
            continue
        truth = "".join(GLYPHS[i] for i in series.classes[np.argsort(series.middles)])
        evidence, alone = reader.read_together([frame.astype(np.float32) / 255 for frame in series.pixels])
        read = text_of(beam_search(evidence.log_probs[0])[0])
        single = [distance(truth, text_of(beam_search(seen.log_probs[0])[0])) for seen in alone]
        counts = errors[series.tier if truth else "blank"]
        counts[0] += distance(truth, read)
        counts[1] += min(single)
        counts[2] += len(truth)
        counts[3] += 1
    lines = []
    for tier, (together, best, characters, strips) in sorted(errors.items()):
        rate = (
            f"{together / characters:.3f}, best single photograph {best / characters:.3f}"
            if characters
            else together
        )
        lines.append(f"{tier}: {strips} strips, {characters} characters, errors {rate}\n")
    return "".join(lines)


def locator_cells(count: int, faces: Sequence[str]) -> str:
    """A line: how many cells of the pictures of `count` plates the locator calls a row, rightly and not."""
    with as_file(files("models") / "rows.onnx") as path:
        session = inference_session(path)
    rng = np.random.default_rng(FIRST_PICTURE_SEED)
    hit = called = there = bare = alarms = 0
    for seed in range(FIRST_PICTURE_SEED, FIRST_PICTURE_SEED + count):
        for picture in pictures(seed, faces):
            pixels, cells = seen_anew(picture, rng)
            heat = session.run(None, {"pictures": pixels[None, None]})[0][0] > 0.5
            hit += int((heat & (cells == 1)).sum())
            called += int((heat & (cells >= 0)).sum())
            there += int((cells == 1).sum())
            if not len(picture.rows):
                bare, alarms = bare + 1, alarms + bool(heat[cells >= 0].any())
    return (
        f"cells called a row: {called}, of which {hit / called:.3f} are in a row; of {there} cells in a row "
        f"{hit / there:.3f} are called one; false alarms on {alarms} of {bare} pictures without a row\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, help="series of strips, by default 300, or plates, 200")
    parser.add_argument("--locator", action="store_true", help="our locator, in the fonts kept back")
    parser.add_argument(
        "--unseen-faces", action="store_true", help="rows in the fonts kept back, which must be installed"
    )
    arguments = parser.parse_args()
    faces = unseen_faces()
    if not faces and (arguments.unseen_faces or arguments.locator):
        parser.error(f"none of the fonts kept back is installed: {', '.join(HELD_OUT.values())}")
    cv2.setNumThreads(1)
    if arguments.locator:
        sys.stdout.write(locator_cells(arguments.count or 200, faces))
    else:
        sys.stdout.write(reader_errors(arguments.count or 300, faces if arguments.unseen_faces else (None,)))


if __name__ == "__main__":
    main()
