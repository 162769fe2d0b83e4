"""Which photographs of a series show a character: the first, the best and the last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipelines.types import Proposal

SEEN_NATS = 3.0
"""Evidence from which a photograph counts as showing a character: about 20 times likelier with the first
candidate there than with the second, as the readers weigh it; it is not calibrated."""


@dataclass(frozen=True)
class ShowingPhotographs:
    """The photographs (indices) that show a character, in the order asked for; `best` carries most
    evidence."""

    first: int
    best: int
    last: int


def photographs_showing(evidence: Mapping[int, float], order: Sequence[int]) -> ShowingPhotographs | None:
    """Which photographs show a character; None where none says enough. `evidence`: nats by photograph, see
    `Position.photos`. Of photographs that say the same, the earlier is the best."""
    showing = [photo for photo in order if evidence.get(photo, 0.0) >= SEEN_NATS]
    if not showing:
        return None
    return ShowingPhotographs(showing[0], max(showing, key=lambda photo: evidence[photo]), showing[-1])


def best_now(proposal: Proposal, photo: int) -> list[tuple[int, int]]:
    """The positions (line, index) that this photograph shows better than every other one."""
    return [
        (number, index)
        for number, line in enumerate(proposal.lines)
        for index, position in enumerate(line.positions)
        if (showing := photographs_showing(dict(position.photos), [p for p, _ in position.photos]))
        and showing.best == photo
    ]


def best_now_words(numbers: Sequence[int]) -> str:
    """The hint in words, by the numbers of the characters; empty where there are none."""
    if not numbers:
        return ""
    if len(numbers) == 1:
        return f"character {numbers[0]} is best now"
    return f"characters {', '.join(map(str, numbers[:-1]))} and {numbers[-1]} are best now"
