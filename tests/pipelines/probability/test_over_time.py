"""When a character is seen, and what a new photograph shows best."""

from __future__ import annotations

import pytest

from pipelines.probability.over_time import (
    SEEN_NATS,
    ShowingPhotographs,
    best_now,
    best_now_words,
    photographs_showing,
)
from pipelines.types import Candidate, LineProposal, Position, Proposal

QUAD = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


@pytest.mark.parametrize(
    ("evidence", "order", "found"),
    [
        ({0: 9.0, 1: 20.0, 2: 4.0, 3: -5.0}, [0, 1, 2, 3], ShowingPhotographs(0, 1, 2)),
        ({0: 9.0, 1: 20.0, 2: 4.0, 3: -5.0}, [3, 2, 1, 0], ShowingPhotographs(2, 1, 0)),
        ({0: 2.9, 1: -20.0}, [0, 1], None),
        ({}, [0, 1], None),
        ({1: SEEN_NATS}, [0, 1], ShowingPhotographs(1, 1, 1)),
        ({0: 5.0, 1: 5.0}, [1, 0], ShowingPhotographs(1, 1, 0)),
    ],
)
def test_a_character_is_seen_from_enough_evidence_on(evidence, order, found):
    assert photographs_showing(evidence, order) == found


def test_a_photograph_is_best_where_it_says_most_and_enough():
    def position(*nats):
        return Position((Candidate("8", 0.9),), QUAD, "proposed", tuple(enumerate(nats)))

    line = LineProposal("", "", 0, QUAD, (position(5, 9), position(9, 5), position(1, 2), position(4, 7)))
    assert best_now(Proposal("", (), (line,), {}, 0.0), 1) == [(0, 0), (0, 3)]
    assert best_now_words([4]) == "character 4 is best now"
    assert best_now_words([1, 4, 6]) == "characters 1, 4 and 6 are best now"
    assert best_now_words([]) == ""
