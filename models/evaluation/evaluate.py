"""The released reader on held-out simulated strips: `python -m models.evaluation.evaluate [--count N]
[--unseen-faces]`.

Simulated by the training renderer with seeds that training never uses: it shows what was learnt, not what the
reader is worth. Claims are made in benchmarks/, on other renderers and on photographs.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict

import cv2
import numpy as np

from models.plates.fonts import HELD_OUT
from models.plates.strips import strip_series
from models.plates.typefaces import unseen_faces
from pipelines.glyphs import GLYPHS
from pipelines.probability.measures import distance
from pipelines.reading.decode import beam_search, text_of
from pipelines.reading.readers.marks import MarksReader

FIRST_SEED = 500_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument(
        "--unseen-faces", action="store_true", help="rows in the fonts kept back, which must be installed"
    )
    given = parser.parse_args()
    faces = unseen_faces() if given.unseen_faces else (None,)
    if not faces:
        parser.error(f"none of the fonts kept back is installed: {', '.join(HELD_OUT.values())}")
    cv2.setNumThreads(1)
    reader = MarksReader()
    errors: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for seed in range(FIRST_SEED, FIRST_SEED + given.count):
        series = strip_series(seed, faces[seed % len(faces)])
        if not series.counted.all():
            continue
        truth = "".join(GLYPHS[i] for i in series.classes[np.argsort(series.middles)])
        evidence, alone = reader.read_together([frame.astype(np.float32) / 255 for frame in series.pixels])
        read = text_of(beam_search(evidence.log_probs[0])[0])
        single = [distance(truth, text_of(beam_search(one.log_probs[0])[0])) for one in alone]
        counts = errors[series.tier if truth else "blank"]
        counts[0] += distance(truth, read)
        counts[1] += min(single)
        counts[2] += len(truth)
        counts[3] += 1
    for tier, (together, best, characters, strips) in sorted(errors.items()):
        rate = (
            f"{together / characters:.3f}, best single photograph {best / characters:.3f}"
            if characters
            else together
        )
        sys.stdout.write(f"{tier}: {strips} strips, {characters} characters, errors {rate}\n")


if __name__ == "__main__":
    main()
