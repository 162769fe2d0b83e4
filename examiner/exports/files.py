"""The files that can be made of an examination; each that is given out is recorded by its hash."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from examiner.casebook.casebook import Casebook
from examiner.casebook.laboratory import Laboratory
from examiner.exports.handover import handover
from examiner.exports.photo_log import photo_log, photographs_of_examination
from examiner.exports.reading_csv import photographs_csv, reading_csv
from examiner.exports.reading_json import reading_json
from examiner.exports.report import report_pdf, report_value
from examiner.exports.report.illustrations import Illustrations
from examiner.exports.trace_package import NAME as TRACE_PACKAGE
from examiner.exports.trace_package import PARTS, trace_package
from examiner.tracing.trace import trace, trace_text

HANDOVER = "handover.zip"

Make = Callable[[Casebook, str, Laboratory], bytes]


def report_as_pdf(casebook: Casebook, id: str, laboratory: Laboratory, paper: str = "") -> bytes:
    """The report of an examination, its pictures made from the originals. Raises PhotoError, ReportError."""
    value = report_value(casebook, id, laboratory)
    pictures = Illustrations(casebook.photos(id, check=True), casebook.examination(id)).of(value)
    return report_pdf(value, pictures, paper)


def report_as_json(casebook: Casebook, id: str, laboratory: Laboratory) -> bytes:
    """Everything that the report says, as one JSON file; see docs/report.md."""
    return _text(report_value(casebook, id, laboratory))


def log_of_photographs(casebook: Casebook, id: str, laboratory: Laboratory) -> bytes:
    """Contact sheet and photo log of an examination. Raises OriginalChangedError, TypesettingError."""
    return photo_log(casebook, photographs_of_examination(casebook, id), laboratory)


MAKERS: Mapping[str, Make] = {
    "report.pdf": report_as_pdf,
    "report.json": report_as_json,
    "reading.json": lambda casebook, id, _: _text(reading_json(casebook, id)),
    "reading.csv": lambda casebook, id, _: reading_csv(casebook, id).encode(),
    "photo-log.pdf": log_of_photographs,
    "photographs.csv": lambda casebook, id, _: photographs_csv(casebook, id).encode(),
    "trace.json": lambda casebook, id, _: _text(trace(casebook, id)),
    "trace.txt": lambda casebook, id, _: trace_text(trace(casebook, id)).encode(),
}
"""How each file is made of an examination, by its name."""


def give_out(
    casebook: Casebook, id: str, name: str, actor: str, laboratory: Laboratory, paper: str = ""
) -> bytes:
    """One of the files of MAKERS, the zip of all of them with what they rest on, or what goes with a trace
    request; recorded as an export.

    Raises KeyError for another name, and what making the file raises.
    """
    makers: dict[str, Make] = {**MAKERS, "report.pdf": partial(report_as_pdf, paper=paper)}
    if name == HANDOVER:
        files = {part: make(casebook, id, laboratory) for part, make in makers.items()}
        return handover(casebook, id, files, actor)
    if name == TRACE_PACKAGE:
        parts = {part: makers[part](casebook, id, laboratory) for part in PARTS}
        return trace_package(casebook, id, parts, trace(casebook, id), actor)
    data = makers[name](casebook, id, laboratory)
    casebook.record_export(id, actor, name, data)
    return data


def _text(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
