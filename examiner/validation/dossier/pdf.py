"""The dossier as PDF/A-2b, made from its values alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Any

from examiner.casebook.versions import PROGRAM
from examiner.typesetting.pdf_a import PAPERS, pdf_a

MOST_SERIES = 1000
"""Plates of the printed list; dossier.json has all."""


def dossier_pdf(value: Mapping[str, Any]) -> bytes:
    """The same bytes for the same values. The file's own date is that of the plan: no clock is asked, and the
    day of the measurement is written beside the signatures. Raises TypesettingError."""
    plan = value["plan"]
    stated = datetime.combine(datetime.fromisoformat(plan["stated"]).date(), time(), UTC)
    data = {
        **value,
        "paper": PAPERS[plan["paper"]],
        "program": PROGRAM,
        "most_series": MOST_SERIES,
    }
    return pdf_a("examiner.validation.dossier", ("dossier.typ",), data, {}, int(stated.timestamp()))
