"""A proposal that stands in for the readers: four positions, with a glyph that only the machine says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipelines.photographs.photo import read_photo
from pipelines.types import Candidate, LineProposal, PhotoEntry, Position, Proposal, Quad

SECRET = "Ω"
"""A glyph that only the proposal contains: it must reach nobody before the reveal."""


SECRET_AT_PLACE = "Ψ"
"""A glyph that only the evidence at the examiner's places contains; as secret as SECRET."""


def box(x0: float, y0: float, x1: float, y1: float) -> Quad:
    return ((x0, y0), (x1, y0), (x1, y1), (x0, y1))


def proposal_of(sources: Sequence[Any], **_: Any) -> Proposal:
    """Four positions in a row with two candidates each, evidence in the first photograph only; in the
    evidence at places another glyph leads."""
    photos = tuple(
        PhotoEntry(str(source.path), read_photo(source.path).sha256, frame_time_s=source.frame_time_s)
        for source in sources
    )
    positions = tuple(
        Position(
            (Candidate(SECRET, 0.61234), Candidate("8", 0.2)),
            box(100 + 50 * i, 100, 150 + 50 * i, 180),
            "proposed",
            ((0, 3.25),),
        )
        for i in range(4)
    )
    at_places = tuple(
        Position(
            (Candidate(SECRET_AT_PLACE, 0.71234), Candidate("8", 0.15)),
            position.box,
            "proposed",
            candidate_set=(SECRET_AT_PLACE, "8"),
            log10_likelihoods=((SECRET_AT_PLACE, 0.0), ("8", -0.717), ("", -3.0)),
        )
        for position in positions
    )
    quad = box(100, 100, 300, 180)
    line = LineProposal(
        SECRET * 4, SECRET * 4, 0, quad, positions, {"marks": SECRET * 4}, at_places=at_places
    )
    return Proposal("", photos, (line,), {"marks": "ok"}, 0.1)
