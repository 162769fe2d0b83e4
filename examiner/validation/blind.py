"""Blind samples for training and proficiency, from the plates of a validation; their answers sealed apart.

Which plates are drawn, and in which order, follows from the table of truths and the name of the round, so
that the same folder gives the same sheet, and nobody without the table can work the order out. The sheet
carries the SHA-256 of the answers: they cannot be changed afterwards without its being seen.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from examiner.photographs.crops import jpeg, shrunk
from examiner.typesetting.pdf_a import pdf_a
from examiner.validation.measure import TruthRow
from pipelines.errors import PhotoError, TruthError
from pipelines.photographs.photo import photo_paths, read_photo, upright_image
from pipelines.photographs.video import is_video

SCHEMA = 1

MOST = 200
"""Samples of a sheet."""

SHOWN = 4
"""Photographs of a sample at most, spread over its series."""

SIDE = 1100
"""Pixels of the longer side of a printed photograph; nothing of the file but its pixels is in the sheet."""

QUALITY = 88


@dataclass(frozen=True)
class BlindSheet:
    """The sheet as PDF/A-2b, and the answers as JSON."""

    sheet: bytes
    answers: bytes


def blind_sheet(
    folder: Path, rows: Sequence[TruthRow], truth: bytes, name: str, count: int, paper: str = "a4"
) -> BlindSheet:
    """A sheet of `count` samples. The same folder, table and name of the round give the same bytes. Raises
    TruthError for too few plates with a readable photograph."""
    drawn = sorted(rows, key=lambda row: _keyed(truth, f"{name}\0order\0{row.series}"))
    samples: list[dict[str, Any]] = []
    pictures: dict[str, bytes] = {}
    answers: list[dict[str, Any]] = []
    for row in drawn:
        if len(samples) == count:
            break
        number = len(samples) + 1
        shown = _pictures(folder, row)
        if not shown:
            continue
        names = [f"sample-{number}-{place}.jpg" for place in range(len(shown))]
        pictures.update(zip(names, shown, strict=True))
        samples.append({"number": number, "pictures": names})
        answers.append({"sample": number, "series": row.series, "text": row.text})
    if len(samples) < count:
        raise TruthError(
            f"{folder}: {len(samples)} plates with readable photographs, {count} samples are asked for"
        )
    value = {"schema": SCHEMA, "round": name, "salt": _keyed(truth, f"{name}\0salt"), "answers": answers}
    sealed = (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
    sheet = {
        "round": name,
        "paper": {"a4": "a4", "letter": "us-letter"}[paper],
        "seal": sha256(sealed).hexdigest(),
        "samples": samples,
    }
    return BlindSheet(pdf_a("examiner.validation", ("blind.typ",), sheet, pictures, 0), sealed)


def _keyed(truth: bytes, text: str) -> str:
    return hmac.new(truth, text.encode("utf-8", "surrogateescape"), sha256).hexdigest()


def _pictures(folder: Path, row: TruthRow) -> list[bytes]:
    """Photographs of a series as JPEG without any note of the camera; none where the series is not there."""
    place = folder / row.series
    if not place.resolve().is_relative_to(folder.resolve()) or not place.is_dir():
        return []
    paths = [path for path in photo_paths(place) if not is_video(path)]
    if len(paths) > SHOWN:
        paths = [paths[round(n * (len(paths) - 1) / (SHOWN - 1))] for n in range(SHOWN)]
    pictures = []
    for path in paths:
        try:
            image = upright_image(read_photo(path))
        except PhotoError:
            continue
        pixels = shrunk(np.asarray(np.round(np.clip(image, 0, 1) * 255), np.uint8), SIDE)
        pictures.append(jpeg(pixels, QUALITY))
    return pictures
