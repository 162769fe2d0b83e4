"""The general reader: PP-OCRv6's recogniser, its own per-column probabilities over our glyph classes.

The network reads 18,710 classes; ours are a subset. A class that looks like one of ours (lower case, full
width, Greek and Cyrillic twins) counts for it; what is left is the probability `outside`.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.glyphs import GLYPHS, glyph_class
from pipelines.networks import Remembered, inference_session, weights_of_pp_ocr
from pipelines.types import Evidence

HEIGHT = 48
"""Pixels: the height the network was trained at."""

COLUMN = 8
"""Pixels of width for one column of evidence."""

MAX_WIDTH = 1600
"""Pixels: a longer line is squeezed, so that a hostile picture cannot ask for any amount of memory."""

LOOK_ALIKE = {
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True)),
    **dict(zip("ΓΛΠΦ", "ГЛПФ", strict=True)),
    **dict(zip("–—−_一", "-----", strict=True)),
    **dict(zip("·。,'", "....", strict=True)),
    "Ø": "0",
}
"""Signs of the network's alphabet that show the same strokes as one of our glyphs."""

UNKNOWN = {
    "Б": "6B5",
    "Д": "AD4",
    "Ж": "XK",
    "З": "38",
    "И": "NHM",
    "Й": "NHM",
    "Ц": "UL",
    "Ч": "4Y",
    "Ш": "WM",
    "Щ": "WM",
    "Ъ": "B6",
    "Ы": "HB",
    "Ь": "B6",
    "Э": "39",
    "Ю": "OH",
    "Я": "RA",
}
"""Glyphs that the network has no class for, and what it says instead."""

MISTAKEN = 0.02
"""Probability of such a glyph beside that of what is said instead: the network cannot speak against it."""


SMALL = "abdefghmnqrty"
"""Small letters whose shape is no capital's or digit's; i, j and l look like I, J and 1."""

NUMERO = 0.75
"""Probability of № there: the network has no better word for it, and some markings do bear an N and an o."""

NUMERO_REACH = 3
"""Columns behind an N in which the o of № stands."""

NUMERO_RING = 0.1
"""Probability from which it does."""


class GeneralReader:
    """PP-OCRv6 small, weights from RapidOCR's wheel. About 0.03 s a line of 320 pixels on one core."""

    name = "general"

    def read(self, slices: list[npt.NDArray[np.float32]]) -> list[Evidence]:
        """Evidence per slice, each by a run of its own: a run of several gives other last bits, no speed."""
        return [_read(piece) for piece in slices]


def _read(piece: npt.NDArray[np.float32]) -> Evidence:
    prepared = _prepare(piece)
    width = prepared.shape[1]
    tensor = np.zeros((1, 3, HEIGHT, max(320, -(-width // 32) * 32)), np.float32)
    tensor[0, :, :, :width] = prepared.transpose(2, 0, 1)
    (probabilities,) = _network().run(tensor)
    return _evidence(probabilities[0], width)


def _prepare(piece: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """BGR in [-1, 1], 48 pixels high, aspect kept up to MAX_WIDTH."""
    height, width = piece.shape[:2]
    new_width = int(np.clip(round(width * HEIGHT / height), COLUMN, MAX_WIDTH))
    interpolation = cv2.INTER_AREA if height > HEIGHT else cv2.INTER_CUBIC
    resized = np.clip(cv2.resize(piece, (new_width, HEIGHT), interpolation=interpolation), 0, 1)
    colour = np.repeat(resized[:, :, None], 3, axis=2) if resized.ndim == 2 else resized[:, :, ::-1]
    return np.asarray(colour * 2 - 1, np.float32)


def _evidence(probabilities: npt.NDArray[np.float32], width: int) -> Evidence:
    columns = probabilities.shape[0]
    centres = (np.arange(columns) + 0.5) * COLUMN / width
    ours = np.zeros((columns, len(GLYPHS) + 1), np.float64)
    np.add.at(ours.T, _class_of()[_kept()], probabilities[:, _kept()].T.astype(np.float64))
    total = ours.sum(axis=1, keepdims=True)
    for glyph, instead in UNKNOWN.items():
        said = ours[:, [GLYPHS.index(other) + 1 for other in instead]].max(axis=1)
        ours[:, GLYPHS.index(glyph) + 1] = MISTAKEN * said
    ours *= total / np.maximum(ours.sum(axis=1, keepdims=True), 1e-12)
    ours = np.where(total > 1e-6, ours / np.maximum(total, 1e-6), 1 / ours.shape[1])
    log_probs = np.log(np.maximum(ours, 1e-12)).astype(np.float32)
    outside = np.maximum(1 - total[:, 0], _numero(probabilities))
    small = probabilities[:, _named(SMALL)].sum(axis=1)
    # The padding right of the strip is not evidence.
    inside = centres < 1
    return Evidence(
        reader=GeneralReader.name,
        log_probs=log_probs[None, inside],
        columns=centres[inside].astype(np.float32),
        outside=outside[None, inside].astype(np.float32),
        small=small[None, inside].astype(np.float32),
    )


def _numero(probabilities: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """(T,) probability of the sign №, which the network reads as N and a small o: NUMERO where it does."""
    capital = probabilities[:, _named("N")].sum(axis=1) > 0.5
    ring = probabilities[:, _named("oº°")].sum(axis=1)
    seen = np.zeros(len(probabilities))
    for column in np.flatnonzero(capital).tolist():
        behind = ring[column + 1 : column + 1 + NUMERO_REACH]
        if len(behind) and behind.max() > NUMERO_RING:
            last = column + 1 + int(behind.argmax())
            seen[column : last + 1] = NUMERO
    return seen


@cache
def _named(characters: str) -> npt.NDArray[np.int64]:
    """The network's classes of these characters."""
    known = _characters()
    return np.array([known.index(c) + 1 for c in characters if c in known], np.int64)


@cache
def _characters() -> tuple[str, ...]:
    return tuple(_network().session.get_modelmeta().custom_metadata_map["character"].splitlines())


@cache
def _network() -> Remembered:
    return Remembered(inference_session(weights_of_pp_ocr("rec")))


@cache
def _class_of() -> npt.NDArray[np.int64]:
    """For each of the network's classes our class: 0 between characters, i + 1 for GLYPHS[i], -1 for none."""
    classes = [0]
    for character in _characters():
        glyph = glyph_class(LOOK_ALIKE.get(character.upper(), _half_width(character)))
        classes.append(-1 if glyph is None else GLYPHS.index(glyph) + 1)
    classes.append(0)  # space
    return np.array(classes)


@cache
def _kept() -> npt.NDArray[np.int64]:
    return np.flatnonzero(_class_of() >= 0)


def _half_width(character: str) -> str:
    """Full-width forms (U+FF01..U+FF5E) as their ASCII originals."""
    code = ord(character) if len(character) == 1 else 0
    return chr(code - 0xFEE0) if 0xFF01 <= code <= 0xFF5E else character
