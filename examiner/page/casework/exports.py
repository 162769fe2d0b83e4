"""What is given out of a signed examination, as a file that the browser fetches."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from examiner.casebook.casebook import Casebook
from examiner.casebook.laboratory import Laboratory
from examiner.examination.readings import RecordError
from examiner.exports.files import HANDOVER, TRACE_PACKAGE, give_out
from examiner.page.access.served_files import Address

OFFERED = (
    ("report.pdf", "Report", "The report as PDF/A"),
    ("reading.json", "JSON", "Everything of this examination as one JSON file"),
    ("reading.csv", "CSV", "One row for each character"),
    ("photo-log.pdf", "Photo log", "Contact sheet and log of every photograph as PDF/A"),
    ("photographs.csv", "Photos CSV", "How each photograph was taken"),
    ("trace.txt", "Trace", "Search patterns and candidates: a search aid, not a finding"),
    (
        TRACE_PACKAGE,
        "Trace package",
        "A ZIP file of request, patterns, report and photo log",
    ),
    (HANDOVER, "Hand-over", "A ZIP file for the other side that anyone can check"),
)
"""Name of the file, label of its button and what it is."""


def written_file(
    casebook: Casebook,
    id: str,
    name: object,
    actor: str,
    laboratory: Laboratory,
    folder: Path,
    address: Address,
) -> Mapping[str, str]:
    """Address and file name of a file that is given out now. Raises RecordError for one not offered."""
    if not isinstance(name, str) or name not in [offer[0] for offer in OFFERED]:
        raise RecordError("There is no such file.")
    stem, dot, suffix = name.rpartition(".")
    path = folder / id / f"{stem}-{id[:8]}{dot}{suffix}"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_bytes(give_out(casebook, id, name, actor, laboratory))
    return {"url": address(path), "name": path.name}
