"""A proposal's candidate set and likelihood ratio in words."""

from __future__ import annotations

import pytest

from examiner.examination.notation import set_words
from pipelines.types import Candidate, Position


@pytest.mark.parametrize(
    "candidate_set, likelihoods, words",
    [
        ((), (("8", 0.0), ("3", -1.0)), ""),
        (
            ("8", "3"),
            (("8", 0.0), ("3", -1.0), ("", -2.0)),
            "95 % candidate set: 3 or 8. Likelihood ratio 8 : 3 = 10.",
        ),
        (("3",), (("3", 0.0), ("8", 0.3)), "95 % candidate set: 3. Likelihood ratio 8 : 3 = 2.0."),
        (("3",), (("3", 0.0), ("", -5.0)), "95 % candidate set: 3."),
        (
            ("", "I"),
            (("I", 0.0), ("1", -4.0)),
            "95 % candidate set: I or no character. Likelihood ratio I : 1 > 1000.",
        ),
        (tuple("ABCDEFGH"), (("A", 0.0),), "95 % candidate set: more than 6 characters."),
    ],
)
def test_the_candidate_set_is_said_in_words(
    candidate_set: tuple[str, ...], likelihoods: tuple[tuple[str, float], ...], words: str
) -> None:
    position = Position(
        (Candidate("8", 0.9),),
        ((0, 0), (9, 0), (9, 9), (0, 9)),
        "proposed",
        candidate_set=candidate_set,
        log10_likelihoods=likelihoods,
    )
    assert set_words(position) == words
