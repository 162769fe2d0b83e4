"""What our own network alone reads on real bare metal: weights as released beside others, on the same strips.

    python benchmarks/evidence_on_metal.py FOLDER WEIGHTS.onnx [OTHER.onnx] [--plates N]

The plates of `benchmarks/on_metal.py` (FOLDER as there), cut out by their true band, six photographs pooled:
no search, no registration, no other reader, no pool, no decoder; the likeliest class column by column. It
tells whether a training carried over to metal that it never saw, and chooses nothing but whether to release.
Intervals: 95 %, plates drawn anew, of the difference on the same plates.
"""

from __future__ import annotations

import argparse
import platform
from itertools import groupby
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.on_metal import BAND_HEIGHT, BAND_MARGIN, PLATES, SEED
from benchmarks.on_metal_plates import PHOTOGRAPHS, on_metal_plate, straightened
from pipelines.glyphs import GLYPHS
from pipelines.networks import inference_session
from pipelines.probability.measures import distance
from pipelines.reading.readers.levelling import STEP, presented, scaled

DRAWN_ANEW = 2000


def strips(folder: Path, number: int) -> tuple[npt.NDArray[np.float32], str]:
    """(photographs, 64, W) float32 grey [0, 1] of a plate's row, and its text."""
    plate = on_metal_plate(folder, SEED, number)
    cuts = [straightened(plate, index, BAND_MARGIN, BAND_HEIGHT) for index in range(PHOTOGRAPHS)]
    photographs = np.asarray(np.stack(cuts), np.float32) / np.float32(255)
    return photographs, plate.text


class Weights:
    """A network as `models.training.export` writes it, of this version or an earlier one."""

    def __init__(self, path: Path) -> None:
        self.session = inference_session(path)
        self.channels: int = self.session.get_inputs()[0].shape[1]

    def text(self, photographs: npt.NDArray[np.float32]) -> str:
        """What it reads of the photographs together."""
        frames = np.stack([presented(scaled(strip), self.channels) for strip in photographs])
        frames = np.pad(frames, ((0, 0), (0, 0), (0, 0), (0, -frames.shape[3] % STEP)))
        log_probs = self.session.run(None, {"photographs": frames, "rows": np.zeros(1, np.int64)})[0][0]
        return "".join(GLYPHS[i - 1] for i, _ in groupby(log_probs.argmax(-1).tolist()) if i)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("weights", type=Path, nargs="+")
    parser.add_argument("--plates", type=int, default=PLATES)
    given = parser.parse_args()
    cv2.setNumThreads(1)
    networks = [Weights(path) for path in given.weights]
    edits, characters = np.zeros((given.plates, len(networks))), np.zeros(given.plates)
    for number in range(given.plates):
        photographs, text = strips(given.folder, number)
        characters[number] = len(text)
        edits[number] = [distance(text, network.text(photographs)) for network in networks]
    drawn = np.random.default_rng(0).integers(given.plates, size=(DRAWN_ANEW, given.plates))
    anew = edits[drawn].sum(axis=1) / characters[drawn].sum(axis=1)[:, None]
    print(f"{platform.machine()}, seed {SEED}, {given.plates} plates, {int(characters.sum())} characters")
    for order, path in enumerate(given.weights):
        low, high = np.quantile(anew[:, order], [0.025, 0.975])
        rate = edits[:, order].sum() / characters.sum()
        print(f"{path}: {rate:.3f} wrong ({low:.3f} to {high:.3f})")
        if order:
            low, high = np.quantile(anew[:, order] - anew[:, 0], [0.025, 0.975])
            print(f"  against {given.weights[0]}: {low:+.3f} to {high:+.3f}")


if __name__ == "__main__":
    main()
