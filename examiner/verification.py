"""What is wrong with a casebook, apart from its ledger: proposals, originals and the order of work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from examiner import originals
from examiner.ledger import LedgerLine
from examiner.replay import advanced, photo_entries, sha256_of
from pipelines.errors import MarkingError


def proposals_wrong(every: Sequence[LedgerLine], kept: Mapping[int, str]) -> list[str]:
    """What is wrong with the `kept` proposals (text by ledger line); `every`: all lines of the ledger."""
    recorded = {line.seq: line for line in every if line.kind == "proposal"}
    wrong = [
        f"proposal of ledger line {seq}: the ledger does not know it" for seq in kept if seq not in recorded
    ]
    for seq, line in recorded.items():
        if seq not in kept:
            wrong.append(f"proposal of ledger line {seq}: is gone")
        # As text: a line that is no JSON any more must not end the check.
        elif f'"proposal_sha256":"{sha256_of(kept[seq])}"' not in line.content:
            wrong.append(f"proposal of ledger line {seq}: was changed, its hash is not the recorded one")
    return wrong


def examination_wrong(
    folder: Path, examination_id: str, lines: Sequence[LedgerLine], checked: dict[Path, str | None]
) -> list[str]:
    """What is wrong with one examination and its originals in `folder`.

    `checked` holds what is known of an original already, so that each is read once.
    """
    try:
        advanced(None, lines)
        photos = [originals.stored(folder, entry) for entry in photo_entries(lines)]
    except (MarkingError, KeyError, TypeError, ValueError, AttributeError) as error:
        return [f"examination {examination_id}: its lines do not replay ({error})"]
    wrong = []
    for photo in photos:
        if photo.path not in checked:
            checked[photo.path] = originals.wrong(photo)
            wrong += [fault for fault in [checked[photo.path]] if fault]
    return wrong
