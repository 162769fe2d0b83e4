"""An examination and its photographs, replayed from ledger lines."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from examiner.casebook.ledger import LedgerLine
from examiner.examination import order_of_work as order
from examiner.examination.acts import ACTS, Mode, Rules
from examiner.examination.acts_json import act_from_json
from examiner.examination.state import Examination
from pipelines.errors import ExitCode, MarkingError


class CasebookError(MarkingError):
    """A casebook that cannot be used, or a question about something that is not in it."""

    kind = "casebook"
    exit_code = ExitCode.RECORD


def advanced(examination: Examination | None, lines: Iterable[LedgerLine]) -> Examination:
    """The examination that these ledger lines lead to from where it stood; None where it has not begun."""
    for line in lines:
        if line.kind == "begin":
            content = line.value()
            rules = Rules(**content.get("rules", {}))
            examination = order.begin(Mode(content["mode"]), len(content["photos"]), rules)
        elif examination is None:
            raise CasebookError(f"ledger line {line.seq}: its examination was never begun")
        elif line.kind in ACTS:
            examination = order.apply(examination, act_from_json(line.value()))
    if examination is None:
        raise CasebookError("an examination without ledger lines")
    return examination


def photo_entries(lines: Sequence[LedgerLine]) -> list[Mapping[str, Any]]:
    """The photographs that these lines of one examination name, in their order; see `originals.entry`."""
    return [
        entry for line in lines if line.kind in ("begin", "add_photos") for entry in named_photographs(line)
    ]


def named_photographs(line: LedgerLine) -> list[Mapping[str, Any]]:
    """The originals that one line of any kind names; see `originals.entry`."""
    match line.kind:
        case "begin":
            return list(line.value()["photos"])
        case "add_photos":
            return list(line.value()["added"])
        case "item":
            return [photo for sign in line.value()["signs"] for photo in sign["photos"]]
        case "left_over":
            return list(line.value()["originals"])
    return []


def sha256_of(text: str) -> str:
    """SHA-256 of a text, bytes that are no UTF-8 included."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
