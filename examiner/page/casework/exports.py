"""What is given out of a signed examination, as a file that the browser fetches."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from examiner.casebook.casebook import Casebook
from examiner.casebook.laboratory import Laboratory
from examiner.examination.readings import RecordError
from examiner.exports.files import HANDOVER, TRACE_PACKAGE, give_out
from examiner.exports.handover import head_of
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


@dataclass(frozen=True)
class GivenFile:
    """A file that was given out: address, name, and what the person has to know of it."""

    url: str
    name: str
    to_know: str = ""


def written_file(
    casebook: Casebook,
    id: str,
    name: object,
    actor: str,
    laboratory: Laboratory,
    folder: Path,
    address: Address,
) -> GivenFile:
    """A file that is given out now. Raises RecordError for one not offered."""
    if not isinstance(name, str) or name not in [offer[0] for offer in OFFERED]:
        raise RecordError("There is no such file.")
    stem, dot, suffix = name.rpartition(".")
    path = folder / id / f"{stem}-{id[:8]}{dot}{suffix}"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    data = give_out(casebook, id, name, actor, laboratory)
    path.write_bytes(data)
    return GivenFile(address(path), path.name, _head_words(head_of(data)) if name == HANDOVER else "")


def _head_words(head: str) -> str:
    return (
        f"Head of this hand-over file: {head}. Tell it on another way than the file: "
        "with it, examiner verify FILE.zip --head HASH covers all of the file."
    )
