"""The modes of an examination in words: what each is called, what it means, and how a report says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from examiner.examination.acts import Mode, NoteInformed


@dataclass(frozen=True)
class ModeWords:
    """`name` as it stands inside a sentence; `meaning` after it; `order` is the report's sentence."""

    name: str
    meaning: str
    order: str

    @property
    def title(self) -> str:
        """The name as a heading begins."""
        return self.name.capitalize()


MODE_WORDS: Mapping[Mode, ModeWords] = {
    Mode.CASEWORK: ModeWords(
        "casework",
        "read alone first, the proposal seen afterwards",
        "Every character was read by the examiner before a program's proposal could be seen.",
    ),
    Mode.QUALITY_CONTROL: ModeWords(
        "quality control",
        "read and signed without the proposal",
        "Every character was read and signed without a program's proposal.",
    ),
    Mode.INFORMED: ModeWords(
        "informed",
        "the proposal could be seen before the own reading",
        "The examiner could see a program's proposal before reading the marking.",
    ),
    Mode.TRAINING: ModeWords(
        "training",
        "an exercise, not a finding",
        "This is an exercise on a marking whose truth may be known.",
    ),
    Mode.SECOND: ModeWords(
        "second examiner",
        "read without the first reading or a proposal",
        "Every character was read without knowing the first examiner's reading or a proposal.",
    ),
}
"""The words of each mode."""


def informed_words(note: NoteInformed) -> str:
    """Who was shown what a program made of these photographs before reading them, in a sentence."""
    where = f"{note.what} in examination {note.examination[:8]}" if note.examination else note.what
    return (
        f"Informed: {note.person} was shown what a program made of a photograph of this series on "
        f"{note.time[:10]} at {note.time[11:16]} UTC ({where}), before this reading."
    )
