"""The report as PDF/A-2b, set by Typst. What people wrote reaches it as data, never as Typst code."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from examiner.casebook.versions import PROGRAM
from examiner.exports.report.illustrations import MOST_ENHANCED, MOST_PHOTOGRAPHS, MOST_ROWS, WIDE
from examiner.typesetting.pdf_a import PAPERS, pdf_a
from pipelines.errors import ExitCode, MarkingError


class ReportError(MarkingError):
    """A report that cannot be set."""

    kind = "report"
    exit_code = ExitCode.FAILED


def report_pdf(report: Mapping[str, Any], pictures: Mapping[str, bytes], paper: str = "") -> bytes:
    """PDF/A-2b of a report's values (`report_value`) and pictures (`Illustrations.of`); the same bytes for
    the same values, pictures and version of Typst. `paper`: a4 or letter, else the laboratory's. Raises
    ReportError, TypesettingError."""
    paper = paper or paper_of(report)
    if paper not in PAPERS:
        raise ReportError(f"paper is {' or '.join(PAPERS)}, got {paper!r}")
    # row-PART-PHOTOGRAPH-LACKING.png
    rows = [[int(number) for number in name[4:-4].split("-")] for name in pictures if name.startswith("row-")]
    data = {
        **report,
        "paper": PAPERS[paper],
        "program": PROGRAM,
        "pictures": sorted(pictures),
        "rows": rows,
        "most": {"photographs": MOST_PHOTOGRAPHS, "enhanced": MOST_ENHANCED, "rows": MOST_ROWS, "wide": WIDE},
    }
    return pdf_a("examiner.exports.report", ("report.typ", "parts.typ"), data, pictures, _last_time(report))


def paper_of(report: Mapping[str, Any]) -> str:
    """The size of paper that the report's laboratory uses; A4 where it does not say."""
    return str(report["laboratory"].get("report", {}).get("paper", "a4"))


def _last_time(report: Mapping[str, Any]) -> int:
    """Seconds since 1970 of the record's last signature, else of its beginning."""
    reading = report["reading"]
    last = (reading["signed"] or reading["begun"])["at"]
    return int(datetime.fromisoformat(last).timestamp())
