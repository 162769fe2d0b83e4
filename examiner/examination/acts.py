"""What a person does in an examination: acts, and what they are about. Every type is frozen.

One schema for page, command line and files; `examiner.examination.acts_json` is its plain form.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from examiner.examination.readings import MAX_REASON, CharacterReading, RecordError, check_different
from examiner.examination.untrusted_values import (
    Corner,
    Corners,
    Extension,
    FileName,
    Number,
    Numbers,
    Sha256,
    Text,
)
from pipelines.errors import ExitCode, MarkingError

MAX_PAIRS = 40
"""Points by which one photograph is registered on another."""

MAX_CONDITION = 120
"""Characters of method, reagent, light or cycle."""


class OrderError(MarkingError):
    """An act that the order of work does not allow now."""

    kind = "order"
    exit_code = ExitCode.USAGE


class Mode(StrEnum):
    CASEWORK = "casework"
    """Blind first: the proposal is shown only after the examiner's own reading is locked."""
    QUALITY_CONTROL = "quality_control"
    """The proposal is shown only after the own reading is signed."""
    INFORMED = "informed"
    """The proposal may be seen first; the report names it."""
    TRAINING = "training"
    """Exercises and samples: the proposal may be seen at once."""
    SECOND = "second"
    """The second examiner's reading of somebody else's examination: it ends with its lock, no proposal is
    ever shown in it."""


class Phase(StrEnum):
    OBSERVE = "observe"
    LOCKED = "locked"
    REVEALED = "revealed"
    SETTLING = "settling"
    """The second examiner's reading lies beside the final one; differences are settled."""
    SIGNED = "signed"


@dataclass(frozen=True)
class Rules:
    """What a laboratory demands of an examination; set when it is begun.

    `reasons`: every decision made with the proposal in view says why, for keeping as for changing. `second`:
    nothing is signed without a second examiner. `settled_by_both`: what was settled has the reasons of both
    examiners before it is signed; records that were begun earlier do not ask for it.
    """

    reasons: bool = False
    second: bool = False
    settled_by_both: bool = False


NO_DEMANDS = Rules()


@dataclass(frozen=True)
class Place:
    """Where on the plate: stored pixels of photograph `frame`, corners clockwise from the reading's start."""

    frame: Number
    quad: Corners


class PhotoOrder(StrEnum):
    """The order in which the photographs of a series are shown."""

    TIME = "time"
    """By the EXIF time; those without one after the others, by name."""
    NAME = "name"
    OWN = "own"


@dataclass(frozen=True)
class Conditions:
    """How a photograph was taken, in the examiner's words; empty where nothing is said.

    `cycle` is the number of the etching cycle; `light` where the light came from (N, NE …, degrees, coaxial).
    In a DescribePhotos, None leaves a field as it was. Raises RecordError for text that is no such thing.
    """

    method: str | None = ""
    reagent: str | None = ""
    cycle: str | None = ""
    light: str | None = ""
    note: str | None = ""

    def __post_init__(self) -> None:
        for name, text in asdict(self).items():
            if text is None:
                continue
            longest = MAX_REASON if name == "note" else MAX_CONDITION
            if not isinstance(text, str) or len(text) > longest or not text.isprintable():
                raise RecordError(f"{name} is a line of at most {longest} printable characters")
        if self.cycle and not re.fullmatch("[0-9]{1,4}", self.cycle):
            raise RecordError(f"cycle is a whole number from 0 to 9999, got {self.cycle[:20]!r}")


@dataclass(frozen=True)
class Act:
    """Base of everything a person does in an examination. `kind` names the act in JSON and ledger."""


@dataclass(frozen=True)
class DrawLine(Act):
    """The examiner draws a band and says how many characters stand in it, evenly spaced to begin with."""

    place: Place
    count: Number


@dataclass(frozen=True)
class InsertPosition(Act):
    """A position after `after` (a position's id) in the same line."""

    after: Number


@dataclass(frozen=True)
class InsertBefore(Act):
    """A position before `before` (a position's id) in the same line."""

    before: Number


@dataclass(frozen=True)
class DeletePosition(Act):
    position: Number


@dataclass(frozen=True)
class SplitPosition(Act):
    """One position turns out to be two: its place is halved, readings of it are dropped."""

    position: Number


@dataclass(frozen=True)
class MergePositions(Act):
    """A position and the next one in its line turn out to be one; readings of both are dropped."""

    position: Number


@dataclass(frozen=True)
class Observe(Act):
    """The examiner's own reading of a position, made before the proposal is seen."""

    position: Number
    reading: CharacterReading


@dataclass(frozen=True)
class Lock(Act):
    """Own readings are complete and can no longer change."""


@dataclass(frozen=True)
class ProposedPosition:
    """A position of the proposal as a reveal records it: where, and which position of which line it is."""

    line: Number
    index: Number
    place: Place


@dataclass(frozen=True)
class Reveal(Act):
    """The proposal is shown. Its hash and places are recorded; its positions join the examiner's by place."""

    proposal_sha256: Sha256
    positions: tuple[ProposedPosition, ...]


@dataclass(frozen=True)
class Decide(Act):
    """The final reading of one position, made with the proposal in view."""

    position: Number
    reading: CharacterReading


@dataclass(frozen=True)
class DescribePhotos(Act):
    """Says of these photographs (indices) how they were taken; fields that are None stay as they were."""

    photos: Numbers
    conditions: Conditions

    def __post_init__(self) -> None:
        check_different("the photographs described", self.photos)


@dataclass(frozen=True)
class OrderPhotos(Act):
    """Shows the photographs in another order. `own`: indices in the examiner's own order, else empty."""

    by: PhotoOrder
    own: Numbers = ()

    def __post_init__(self) -> None:
        check_different("an own order", self.own)


@dataclass(frozen=True)
class RegisterByHand(Act):
    """Registers photograph `photo` on photograph `other` (indices) by spots that both show: ((x, y), (x, y))
    each, in stored pixels of `photo` and of `other`. No pairs takes back the registration of the two."""

    photo: Number
    other: Number
    pairs: Annotated[tuple[tuple[Corner, Corner], ...], Meta(max_length=MAX_PAIRS)]


@dataclass(frozen=True)
class OrientPhotos(Act):
    """Says how these photographs (indices) lie: `quarter_turns` clockwise (0..3) bring them upright from the
    way their files show them; `mirrored`: they show the marking as in a mirror then, as casts and tapes do.
    0 and False take back what was said. Said before bands are drawn."""

    photos: Numbers
    quarter_turns: Number
    mirrored: bool

    def __post_init__(self) -> None:
        check_different("the photographs described", self.photos)
        if not 0 <= self.quarter_turns <= 3:
            raise RecordError(f"quarter turns are 0 to 3, got {self.quarter_turns}")


@dataclass(frozen=True)
class AddedPhoto:
    """A photograph as the ledger names it, see `examiner.casebook.originals.entry`."""

    name: FileName
    sha256: Sha256
    extension: Extension
    frame_time_s: float | None


@dataclass(frozen=True)
class AddPhotos(Act):
    """Photographs that were taken in join the series at its end."""

    added: tuple[AddedPhoto, ...]


@dataclass(frozen=True)
class NothingSeen(Act):
    """The examiner's own reading of a series in which no character is seen; says why."""

    reason: Text

    def __post_init__(self) -> None:
        _check_said("what was looked at and not seen", self.reason)


@dataclass(frozen=True)
class NoteContext(Act):
    """What the examiner was told beyond the photographs: maker, model, expected format, hits of a search."""

    note: Text

    def __post_init__(self) -> None:
        _check_said("what was told", self.note)


@dataclass(frozen=True)
class NoteInformed(Act):
    """The casebook knows that a person who reads these photographs alone was shown something of a machine of
    them before: `what` ("proposal", "suggestions", "batch") in `examination`, which is empty for a batch, at
    `time` (UTC, ISO 8601)."""

    person: Text
    what: Text
    examination: Text
    time: Text


@dataclass(frozen=True)
class SecondPosition:
    """A position of the second examiner: which of that examination, where, and what was read."""

    id: Number
    place: Place
    reading: CharacterReading


@dataclass(frozen=True)
class TakeSecond(Act):
    """The locked reading of a second examiner joins by place; made by the casebook from `examination`."""

    examination: Text
    reader: Text
    positions: tuple[SecondPosition, ...]


@dataclass(frozen=True)
class Settle(Act):
    """What both examiners settle on at a position where they differ. Both readings stay. `by` says it, with
    the reason of the reading; the casebook names the person."""

    position: Number
    reading: CharacterReading
    by: Text = ""


@dataclass(frozen=True)
class Amend(Act):
    """Opens a signed examination again, says why. What was signed stays as it was in the record."""

    reason: Text

    def __post_init__(self) -> None:
        _check_said("why it is amended", self.reason)


@dataclass(frozen=True)
class Undo(Act):
    """Takes back the last act since the last lock or reveal. The ledger keeps both."""


@dataclass(frozen=True)
class Sign(Act):
    """The examination is finished. `signature` (hexadecimal, Ed25519) is made with the `key` (hexadecimal,
    public) over what `examiner.casebook.signatures.statement` says; both are empty where the signer has no
    key."""

    signer: Text = ""
    key: Text = ""
    signature: Text = ""


ACTS: dict[str, type[Act]] = {
    "draw_line": DrawLine,
    "insert_position": InsertPosition,
    "insert_before": InsertBefore,
    "delete_position": DeletePosition,
    "split_position": SplitPosition,
    "merge_positions": MergePositions,
    "observe": Observe,
    "lock": Lock,
    "reveal": Reveal,
    "decide": Decide,
    "describe_photos": DescribePhotos,
    "order_photos": OrderPhotos,
    "lay_photo": RegisterByHand,
    "orient_photos": OrientPhotos,
    "add_photos": AddPhotos,
    "nothing_seen": NothingSeen,
    "note_context": NoteContext,
    "note_informed": NoteInformed,
    "take_second": TakeSecond,
    "settle": Settle,
    "amend": Amend,
    "undo": Undo,
    "sign": Sign,
}

KIND_OF = {act: kind for kind, act in ACTS.items()}


def _check_said(what: str, text: str) -> None:
    if not text.strip() or len(text) > MAX_REASON or not all(c.isprintable() or c in "\n\t" for c in text):
        raise RecordError(f"{what} is said in 1 to {MAX_REASON} printable characters")
