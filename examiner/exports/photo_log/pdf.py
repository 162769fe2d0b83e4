"""The photo log as PDF/A-2b: a contact sheet, then the log. Photographs are decoded one at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np

from examiner.casebook.casebook import Casebook
from examiner.casebook.laboratory import Laboratory
from examiner.casebook.versions import PROGRAM
from examiner.exports.photo_log.content import Logged, LoggedPhoto
from examiner.photographs.crops import jpeg, read_kept, shrunk, when_taken
from examiner.typesetting.pdf_a import PAPERS, pdf_a
from pipelines.errors import PhotoError
from pipelines.photographs.photo import upright_image

SIDE = 420
"""Pixels of the longer side of a photograph on the contact sheet."""

QUALITY = 80


def photo_log(casebook: Casebook, logged: Logged, laboratory: Laboratory, paper: str = "") -> bytes:
    """The same bytes for the same record. A photograph that cannot be decoded is in the log without a
    picture. Raises TypesettingError."""
    pictures: dict[str, bytes] = {}
    rows = []
    for number, photograph in enumerate(logged.photographs, 1):
        row = _row(number, photograph)
        try:
            photo = read_kept(photograph.photo)
            pixels = np.asarray(np.round(np.clip(upright_image(photo), 0, 1) * 255), np.uint8)
            row |= {
                "time": when_taken(photo),
                "width": photo.pixels.shape[1],
                "height": photo.pixels.shape[0],
            }
            pictures[f"photo-{number}.jpg"] = jpeg(shrunk(pixels, SIDE), QUALITY)
        except PhotoError as error:
            row["problem"] = str(error)
        rows.append(row)
    words = laboratory.to_json()
    begun = [entry.begun for entry in casebook.examinations() if entry.id in logged.examinations]
    value = {
        "title": logged.title,
        "laboratory": words,
        "paper": PAPERS[paper or words.get("report", {}).get("paper", "a4")],
        "program": PROGRAM,
        "examinations": list(logged.examinations),
        "head": _head(casebook, logged),
        "photographs": rows,
        "pictures": sorted(pictures),
    }
    at = int(datetime.fromisoformat(max(begun)).timestamp()) if begun else 0
    return pdf_a("examiner.exports.photo_log", ("photo_log.typ",), value, pictures, at)


def _head(casebook: Casebook, logged: Logged) -> str:
    """The hash of the last line of these examinations that is no export and no fetch of a file: what was
    given out before changes nothing."""
    lines = [line for id in logged.examinations for line in casebook.history(id)]
    return max(
        ((line.seq, line.hash) for line in lines if line.kind not in ("export", "fetch")), default=(0, "")
    )[1]


def _row(number: int, photograph: LoggedPhoto) -> dict[str, Any]:
    photo = photograph.photo
    return {
        "number": number,
        "name": photo.name,
        "sha256": photo.sha256,
        "frame_time_s": photo.frame_time_s,
        "about": photograph.about,
        **photograph.conditions,
        "scale": photograph.scale,
        "used": list(photograph.used),
        "time": "",
        "width": 0,
        "height": 0,
        "problem": "",
    }
