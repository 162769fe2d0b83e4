"""Readings, places, acts and proposals for the tests: hypothesis strategies and fixed examples."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from functools import reduce

from hypothesis import strategies as st

from examiner.examination.acts import (
    Act,
    AddedPhoto,
    AddPhotos,
    Amend,
    Conditions,
    Decide,
    DeletePosition,
    DescribePhotos,
    DrawLine,
    InsertBefore,
    InsertPosition,
    Lock,
    MergePositions,
    Mode,
    NoteContext,
    NothingSeen,
    Observe,
    OrderError,
    OrderPhotos,
    OrientPhotos,
    Phase,
    PhotoOrder,
    Place,
    ProposedPosition,
    Reveal,
    SecondPosition,
    Settle,
    Sign,
    SplitPosition,
    TakeSecond,
    Undo,
)
from examiner.examination.order_of_work import apply, begin
from examiner.examination.readings import CharacterReading, Layer, ReadFrom, State
from examiner.examination.state import Examination
from pipelines.suggest import SuggestedPosition, Suggestion
from pipelines.types import Candidate, LineProposal, PhotoEntry, Position, Proposal, Quad

SECRET = "QZJX"
"""Stands in every example proposal and nowhere else."""


def box(x: float, width: float = 10, y: float = 0, height: float = 20) -> Quad:
    return ((x, y), (x + width, y), (x + width, y + height), (x, y + height))


def read(character: str = "A") -> CharacterReading:
    return CharacterReading(State.DEFINITE, character)


def after(mode: Mode, photos: int, acts: Iterable[Act]) -> Examination:
    """The examination that these acts lead to."""
    return reduce(apply, acts, begin(mode, photos))


UNREADABLE = CharacterReading(State.UNREADABLE)


def proposal(
    boxes: list[Quad], photos: tuple[PhotoEntry, ...] = (PhotoEntry("a.jpg", None),), frame: int = 0
) -> Proposal:
    positions = tuple(Position((Candidate("Q", 0.75), Candidate("", 0.2)), b, "proposed") for b in boxes)
    line = LineProposal(SECRET, SECRET, frame, box(0, 500), positions, {"marks": SECRET})
    return Proposal("series", photos, (line,), {"marks": "1"}, 0.5)


characters = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=4)
reasons = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20)
coordinates = st.floats(-9e5, 9e5)
corners = st.tuples(coordinates, coordinates)
places = st.builds(Place, st.integers(0, 5), st.tuples(corners, corners, corners, corners))
numbers = st.integers(0, 2**31 - 1)

seen_beside = st.fixed_dictionaries(
    {},
    optional={
        "excluded": st.lists(characters.map(lambda c: f"x{c}"[:16]), max_size=3, unique=True).map(tuple),
        "features": reasons,
        "photos": st.lists(st.integers(0, 1), max_size=2, unique=True).map(tuple),
        "layer": st.sampled_from(Layer),
        "read_from": st.sampled_from(ReadFrom),
    },
)

bare_readings = st.one_of(
    st.builds(
        CharacterReading,
        st.sampled_from([State.DEFINITE, State.PROBABLE, State.SYMBOL]),
        characters,
        st.just(()),
        reasons,
    ),
    st.builds(
        CharacterReading,
        st.sampled_from([State.TRACE_ONLY, State.UNREADABLE, State.NO_CHARACTER]),
        st.just(""),
        st.just(()),
        reasons,
    ),
    st.builds(
        CharacterReading,
        st.just(State.ALTERNATIVES),
        st.just(""),
        st.lists(characters, min_size=2, max_size=4, unique=True).map(tuple),
        reasons,
    ),
)


def _with_more(reading: CharacterReading, more: dict) -> CharacterReading:
    taken = {reading.reading, *reading.alternatives}
    excluded = tuple(c for c in more.get("excluded", ()) if c not in taken)
    if reading.state is State.NO_CHARACTER:
        excluded = ()
    return replace(reading, **{**more, "excluded": excluded})


readings = st.builds(_with_more, bare_readings, seen_beside)
said = characters.filter(str.isprintable)
second_positions = st.lists(st.builds(SecondPosition, numbers, places, readings), max_size=2).map(tuple)

acts = st.one_of(
    *(st.builds(kind, said) for kind in (NothingSeen, NoteContext, Amend)),
    st.builds(TakeSecond, said, said, second_positions),
    st.builds(Settle, numbers, readings),
    st.builds(Sign, said, said, said),
    st.builds(DrawLine, places, numbers),
    *(st.builds(kind, numbers) for kind in (InsertPosition, InsertBefore, DeletePosition)),
    *(st.builds(kind, numbers) for kind in (SplitPosition, MergePositions)),
    *(st.builds(kind, numbers, readings) for kind in (Observe, Decide)),
    *(st.just(kind()) for kind in (Lock, Undo, Sign)),
    st.builds(
        DescribePhotos,
        st.lists(numbers, max_size=3, unique=True).map(tuple),
        st.builds(
            Conditions,
            method=st.none() | characters,
            reagent=st.none() | characters,
            cycle=st.none() | st.integers(0, 9999).map(str),
            light=st.none() | characters,
            note=st.none() | characters,
        ),
    ),
    st.builds(
        OrderPhotos, st.sampled_from(PhotoOrder), st.lists(numbers, max_size=3, unique=True).map(tuple)
    ),
    st.builds(
        OrientPhotos,
        st.lists(numbers, max_size=3, unique=True).map(tuple),
        st.integers(0, 3),
        st.booleans(),
    ),
    st.builds(
        AddPhotos,
        st.lists(
            st.builds(
                AddedPhoto,
                characters,
                st.text("0123456789abcdef", min_size=64, max_size=64),
                st.sampled_from(["", ".jpg"]),
                st.none() | st.floats(0, 1e6),
            ),
            max_size=2,
        ).map(tuple),
    ),
    st.builds(
        Reveal,
        st.text("0123456789abcdef", min_size=64, max_size=64),
        st.lists(st.builds(ProposedPosition, numbers, numbers, places), max_size=3).map(tuple),
    ),
)

bands = st.builds(
    lambda x, y, width, flip: (
        ((x + width, y + 20), (x, y + 20), (x, y), (x + width, y))
        if flip
        else ((x, y), (x + width, y), (x + width, y + 20), (x, y + 20))
    ),
    st.integers(-50, 500),
    st.integers(-50, 500),
    st.integers(5, 200),
    st.booleans(),
)

_KINDS = [
    "draw",
    "insert_after",
    "insert_before",
    "delete",
    "split",
    "merge",
    "observe",
    "decide",
    "lock",
    "reveal",
    "undo",
    "sign",
    "settle",
    "second",
    "nothing",
    "amend",
    "onwards",
    "onwards",
]

moves = st.lists(
    st.tuples(st.sampled_from(_KINDS), st.integers(0, 50), readings, bands), min_size=8, max_size=30
)
"""Intentions, made acts by `acts_of` where an examination stands."""


def acts_of(examination: Examination, move: tuple[str, int, CharacterReading, Quad]) -> list[Act]:
    """The acts of an intention; "onwards" does what the next phase needs."""
    kind, number, reading, band = move
    ids = [p.id for p in examination.positions] or [1]
    # One number in seventeen names a position that may not exist.
    position = number if number % 17 == 16 else ids[number % len(ids)]
    by_position = {
        "insert_after": InsertPosition,
        "insert_before": InsertBefore,
        "delete": DeletePosition,
        "split": SplitPosition,
        "merge": MergePositions,
    }
    if kind in by_position:
        return [by_position[kind](position)]
    match kind:
        case "draw":
            return [DrawLine(Place(number % 3, band), number % 7)]
        case "observe":
            return [Observe(position, reading)]
        case "decide":
            return [Decide(position, reading)]
        case "onwards" if examination.phase is Phase.OBSERVE:
            return [*(Observe(p.id, reading) for p in examination.positions), Lock()]
        case "onwards" if examination.phase is Phase.REVEALED:
            return [*(Decide(p.id, reading) for p in examination.positions), Sign()]
        case "onwards" if examination.phase is Phase.SETTLING:
            return [*(Settle(p.id, reading) for p in examination.positions), Sign("eva"), Sign("max")]
        case "onwards" | "amend" if examination.phase is Phase.SIGNED:
            return [Amend("looked again")]
        case "amend":
            return [Amend("looked again")]
        case "settle":
            return [Settle(position, reading)]
        case "second":
            return [TakeSecond("second", "max", (SecondPosition(1, Place(number % 2, band), reading),))]
        case "nothing":
            return [NothingSeen("bare metal under every light")]
        case "reveal" | "onwards":
            place = Place(number % 2, band)
            return [Reveal("ab" * 32, (ProposedPosition(0, 0, place), ProposedPosition(1, 0, place)))]
        case _:
            return [{"lock": Lock(), "undo": Undo(), "sign": Sign()}[kind]]


def walked(mode: Mode, intentions) -> list[tuple[Examination, Act, Examination | None]]:
    """Every act tried with the examination before it and after it, None where it was refused."""
    start = DrawLine(Place(0, box(0, 40)), 4)
    now = apply(begin(mode, 2), start)
    steps: list[tuple[Examination, Act, Examination | None]] = [(begin(mode, 2), start, now)]
    for intention in intentions:
        for act in acts_of(now, intention):
            try:
                after = apply(now, act)
            except OrderError:
                steps.append((now, act, None))
                continue
            steps.append((now, act, after))
            now = after
    return steps


PROPOSAL = proposal([box(0)])
RANKED = [Suggestion("strokes", 0.4, "1 position", (SuggestedPosition("8", 0.4, "8", 0.9),))]

hostile = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.sampled_from([math.nan, math.inf, -math.inf, 10**400, -1, 2**31, "\ud800", "", "1" * 3000]),
        st.floats(),
        st.text(max_size=8),
        st.binary(max_size=4),
        st.just(object()),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=6,
)
