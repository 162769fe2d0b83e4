"""The sentences of a report that depend on the record: each is made only where the record bears it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from examiner.examination.acts import Mode, NoteInformed, Phase
from examiner.examination.mode_words import MODE_WORDS, informed_words

READ_FIRST = (Mode.CASEWORK, Mode.QUALITY_CONTROL, Mode.SECOND)

UNFINISHED = "The own reading is not finished."
NO_POSITIONS = "No position was marked: the photographs were looked at before a proposal could be seen."
LATER = "Those that were added later were read with the proposal in view, or after it."
REASONED = "Every decision made with the proposal in view says why, for keeping as for changing."

SECOND_ALONE = (
    "The program showed the second examiner neither the first reading nor a proposal before the own "
    "reading was locked."
)
READ_ALIKE = "Both examiners read the same at every position."
OTHERS_ALIKE = "At all other positions both read the same."
TOLD_AFTERWARDS = "All of it was told after the own reading was locked."
NO_PROPOSAL = "No proposal of a program was seen in this examination."
NOTHING_PROPOSED = "The program proposed no character."
PERCENTAGES = (
    "Percentages in the table are the program's for what stands at a position, not the examiner's. A "
    "likelihood ratio says how many times more probable the photographs are with one character than "
    "with another, without any prior."
)
SETS = "A candidate set is meant to hold the right character in 95 of 100 cases."
OTHER_VERSION = (
    "The proposal was made with another version of the calibration than the one installed where this "
    "report was made; how that version was measured is not given here."
)

RESTORED = "The marking was examined on photographs taken while it was restored."
ON_PHOTOGRAPHS = "The marking was examined on photographs."
ON_ITEM_TOO = "The marking was examined on photographs and, where it is said so, on the item itself."
SEEN_IN_PHOTOGRAPHS = (
    "The readings say what can be seen in the photographs of this examination. They do not say who "
    "removed the marking, or when."
)
SEEN_ON_ITEM_TOO = (
    "The readings say what can be seen in the photographs of this examination, and of the item itself "
    "where it is said so. They do not say who removed the marking, or when."
)
ENHANCED = (
    "Enhanced pictures are made by documented filters from the originals, which were not altered. The "
    "pictures printed here are reduced; the originals are identified by SHA-256."
)
ENHANCED_ONLY = "Enhanced pictures are made by documented filters from the originals, which were not altered."


def opening(reading: Mapping[str, Any], lines: Sequence[str]) -> list[str]:
    """The laboratory's words at the beginning. What the shipped laboratory says, or once said, is said as far
    as the record bears it out; a laboratory's own words are its own."""
    filed = reading["case"]
    said = []
    for line in lines:
        if line == RESTORED and not (filed and filed["procedure"]):
            continue
        said.append(ON_ITEM_TOO if line == ON_PHOTOGRAPHS and _from_item(reading) else line)
    return said


def limits(reading: Mapping[str, Any], lines: Sequence[str], filtered: bool) -> list[str]:
    """The laboratory's words on limits, in the same way. `filtered`: whether an enhanced or a fused picture
    was looked at."""
    said = []
    for line in lines:
        if line in (ENHANCED, ENHANCED_ONLY):
            said += [ENHANCED_ONLY] if filtered else []
        else:
            said.append(SEEN_ON_ITEM_TOO if line == SEEN_IN_PHOTOGRAPHS and _from_item(reading) else line)
    return said


def order(reading: Mapping[str, Any]) -> str:
    """In which order the marking was read and a proposal seen, in sentences."""
    mode = Mode(reading["mode"])
    if reading["signed" if mode is Mode.QUALITY_CONTROL else "locked"] is None and mode in READ_FIRST:
        return UNFINISHED
    informed = [NoteInformed(**note) for note in reading["informed"]]
    sentences = [informed_words(note) for note in informed] or [MODE_WORDS[mode].order]
    if mode in READ_FIRST:
        sentences = _of_positions(reading, sentences, bool(informed))
    if _reasoned(reading):
        sentences.append(REASONED)
    return " ".join(sentences)


def _of_positions(reading: Mapping[str, Any], sentences: list[str], informed: bool) -> list[str]:
    """How many positions were read alone, where not all were."""
    positions = reading["positions"]
    alone = sum(position["own"] is not None for position in positions)
    of_second = sum(_only_second(position) for position in positions)
    later = len(positions) - alone - of_second
    if not positions:
        return sentences if informed else [NO_POSITIONS]
    if not later and not of_second:
        return sentences
    counted = [f"{alone} were read alone first"]
    counted += [f"{later} were added later"] if later else []
    counted += [f"{of_second} were marked by the second examiner only"] if of_second else []
    said = f"Of {len(positions)} positions {'; '.join(counted)}."
    if informed:
        return [*sentences, said]
    return [" ".join(filter(None, (said, LATER if later else "")))]


def _only_second(position: Mapping[str, Any]) -> bool:
    """Whether only the second examiner marked a position."""
    return position["own"] is None and position["final"] is None and position["second"] is not None


def _reasoned(reading: Mapping[str, Any]) -> bool:
    """Whether every decision made with the proposal in view says why, and there is one."""
    if not reading["rules"]["reasons"] or not reading["proposal"] or reading["mode"] == "quality_control":
        return False
    decided = [position["final"] for position in reading["positions"]]
    told = [reading for reading in decided if reading is not None]
    undecided = any(
        position["final"] is None and not _only_second(position) for position in reading["positions"]
    )
    return bool(told) and not undecided and all(reading["reason"].strip() for reading in told)


def second(reading: Mapping[str, Any], differences: int) -> list[str]:
    """What the second examiner had seen, and whether both read the same."""
    if reading["second"] is None:
        return []
    informed = [informed_words(NoteInformed(**note)) for note in reading["second"]["informed"]]
    alike = len(reading["positions"]) > differences
    said = READ_ALIKE if not differences else OTHERS_ALIKE if alike else ""
    return [*(informed or [SECOND_ALONE]), *([said] if said and reading["positions"] else [])]


def told(reading: Mapping[str, Any]) -> str:
    """That everything was told after the own reading, where that is so."""
    locked = reading["locked"]
    after = locked is not None and all(note["at"] > locked["at"] for note in reading["context"])
    return TOLD_AFTERWARDS if after and reading["context"] else ""


def proposal(reading: Mapping[str, Any], candidate_sets: bool, other_version: bool) -> list[str]:
    """What the numbers of the proposal mean, where there are any."""
    seen = reading["proposal"]
    if seen is None:
        return [NO_PROPOSAL]
    if not any(position["proposed"] or position["at_place"] for position in reading["positions"]):
        error = seen["error"]
        return [f"{NOTHING_PROPOSED} {error['message']}" if error else NOTHING_PROPOSED]
    said = [PERCENTAGES, SETS if candidate_sets else "", OTHER_VERSION if other_version else ""]
    return [sentence for sentence in said if sentence]


def photographs(count: int, pixels: int) -> str:
    """What stands above the photographs."""
    many = "1 photograph" if count == 1 else f"{count} photographs"
    return f"{many}, printed at most {pixels} pixels wide; the original is identified by its SHA-256."


def is_draft(reading: Mapping[str, Any]) -> bool:
    """Whether the examination is not signed."""
    return bool(reading["phase"] != Phase.SIGNED.value)


def _from_item(reading: Mapping[str, Any]) -> bool:
    """Whether anything was read from the item itself."""
    return any(
        position[which] is not None and position[which]["read_from"] == "item"
        for position in reading["positions"]
        for which in ("own", "final", "second", "settled")
    )
