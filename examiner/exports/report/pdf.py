"""The report as PDF/A-2b, set by Typst. What people wrote reaches it as data, never as Typst code."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from examiner.casebook.versions import PROGRAM
from examiner.exports.report.illustrations import MOST_ENHANCED, MOST_PHOTOGRAPHS, MOST_ROWS, WIDE
from examiner.exports.report.shown_text import showable
from pipelines.errors import ExitCode, MarkingError

PAPERS = {"a4": "a4", "letter": "us-letter"}


class ReportError(MarkingError):
    """A report that cannot be set."""

    kind = "report"
    exit_code = ExitCode.FAILED


def report_pdf(report: Mapping[str, Any], pictures: Mapping[str, bytes], paper: str = "") -> bytes:
    """PDF/A-2b of a report's values (`report_value`) and pictures (`Illustrations.of`); the same bytes for
    the same values, pictures and version of Typst. `paper`: a4 or letter, else the laboratory's. Raises
    ReportError."""
    import typst

    paper = paper or paper_of(report)
    if paper not in PAPERS:
        raise ReportError(f"paper is {' or '.join(PAPERS)}, got {paper!r}")
    plain, by_number = showable(report)
    # row-PART-PHOTOGRAPH-LACKING.png
    rows = [[int(number) for number in name[4:-4].split("-")] for name in pictures if name.startswith("row-")]
    data = {
        **plain,
        "paper": PAPERS[paper],
        "program": PROGRAM,
        "pictures": sorted(pictures),
        "rows": rows,
        "by_number": by_number,
        "most": {"photographs": MOST_PHOTOGRAPHS, "enhanced": MOST_ENHANCED, "rows": MOST_ROWS, "wide": WIDE},
    }
    with tempfile.TemporaryDirectory(prefix="examiner-report-") as room:
        folder = Path(room)
        for name, content in pictures.items():
            (folder / name).write_bytes(content)
        (folder / "report.json").write_text(json.dumps(data, ensure_ascii=False), "utf-8")
        for name in ("report.typ", "parts.typ"):
            (folder / name).write_text((files("examiner.exports.report") / name).read_text("utf-8"), "utf-8")
        try:
            document = typst.compile(
                folder / "report.typ",
                ignore_system_fonts=True,
                pdf_standards="a-2b",
                timestamp=_last_time(report),
            )
        except typst.TypstError as error:
            raise ReportError(f"the report cannot be set: {error}"[:500]) from error
    if not isinstance(document, bytes):
        raise ReportError("the report came out in several files")
    return document


def paper_of(report: Mapping[str, Any]) -> str:
    """The size of paper that the report's laboratory uses; A4 where it does not say."""
    return str(report["laboratory"].get("report", {}).get("paper", "a4"))


def _last_time(report: Mapping[str, Any]) -> int:
    """Seconds since 1970 of the record's last signature, else of its beginning."""
    reading = report["reading"]
    last = (reading["signed"] or reading["begun"])["at"]
    return int(datetime.fromisoformat(last).timestamp())
