"""Photographs of which nothing that a reader made may be shown now: somebody is still reading them alone."""

from __future__ import annotations

from examiner.casebook.casebook import Casebook
from examiner.examination.acts import Mode, Phase

OPEN_TO_SEE = {
    Mode.CASEWORK: {Phase.REVEALED, Phase.SETTLING, Phase.SIGNED},
    Mode.QUALITY_CONTROL: {Phase.REVEALED, Phase.SIGNED},
    Mode.SECOND: {Phase.LOCKED, Phase.REVEALED, Phase.SETTLING, Phase.SIGNED},
}
"""Phases from which a proposal no longer spoils an examination of that mode; in the others it never does."""


def withheld_photographs(casebook: Casebook) -> frozenset[str]:
    """SHA-256 of the photographs of every examination that has not come to its proposal yet."""
    return frozenset(
        photo.sha256
        for entry in casebook.examinations()
        if entry.mode in OPEN_TO_SEE and entry.phase not in OPEN_TO_SEE[entry.mode]
        for photo in casebook.photos(entry.id)
    )
