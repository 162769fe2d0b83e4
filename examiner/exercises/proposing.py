"""What the readers propose for a try's photographs, laid beside the trainee's positions."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from examiner.exercises.attempt import Attempt
from examiner.exercises.picturing import taken
from examiner.exercises.scoring import aligned
from examiner.photographs.crops import write_png

MISTAKEN = dict(zip("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", "8773685539R8GOFEGNTXLNMFBZIVUNKT2", strict=True))
"""By sign, another that it is taken for."""


def proposed_for(attempt: Attempt) -> list[str]:
    """The proposal by position of the own reading, empty where it has none; wrong on purpose where the
    exercise misleads. Takes seconds a photograph."""
    best = _read([seen.pixels for seen in taken(attempt)])
    if attempt.exercise.misleading:
        best = misled(attempt.exercise.text, attempt.exercise.seed)
    return laid_beside(best, attempt)


def misled(text: str, seed: int) -> str:
    """A text with two of its signs taken for others, the same each time."""
    rng = np.random.default_rng([seed, 11])
    places = rng.choice(len(text), size=min(2, len(text)), replace=False)
    return "".join(MISTAKEN.get(sign, sign) if place in places else sign for place, sign in enumerate(text))


def laid_beside(best: str, attempt: Attempt) -> list[str]:
    """A text's signs by position of the own reading, in their order."""
    found = [""] * len(attempt.own)
    for at, position in aligned(best, [one.reading for one in attempt.final]):
        if at is not None and position is not None:
            found[position] = best[at]
    return found


def _read(photographs: Sequence[npt.NDArray[np.uint8]]) -> str:
    from pipelines.propose import Source, propose_series

    with tempfile.TemporaryDirectory(prefix="examiner-training-") as room:
        sources = []
        for number, pixels in enumerate(photographs):
            path = Path(room) / f"{number}.png"
            write_png(path, pixels)
            sources.append(Source(path))
        proposal = propose_series(sources)
    return proposal.lines[0].best if proposal.lines else ""
