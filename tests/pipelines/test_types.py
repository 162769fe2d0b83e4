"""The JSON of a proposal: the contract that other programs rely on."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.glyphs import GLYPHS
from pipelines.types import (
    Candidate,
    Failure,
    LineProposal,
    PhotoEntry,
    Position,
    Proposal,
    as_quad,
)

numbers = st.floats(-1e5, 1e5)
quads = st.lists(st.tuples(numbers, numbers), min_size=4, max_size=4).map(as_quad)
texts = st.text(max_size=12)
failures = st.none() | st.builds(Failure, texts, texts)
candidates = st.lists(
    st.builds(Candidate, st.sampled_from(["", *GLYPHS]), st.floats(0, 1)), min_size=1, max_size=4
).map(tuple)
positions = st.builds(
    Position,
    candidates,
    quads,
    st.sampled_from(["proposed", "alternatives", "unreadable", "no_character"]),
    st.lists(st.tuples(st.integers(0, 40), numbers), max_size=3).map(tuple),
    st.lists(st.sampled_from(["", *GLYPHS]), max_size=3).map(tuple),
    st.lists(st.tuples(st.sampled_from(["", *GLYPHS]), numbers), max_size=3).map(tuple),
)
lines = st.builds(
    LineProposal,
    texts,
    texts,
    st.integers(0, 40),
    quads,
    st.lists(positions, max_size=3).map(tuple),
    st.dictionaries(texts, texts, max_size=2),
)
proposals = st.builds(
    Proposal,
    texts,
    st.lists(
        st.builds(
            PhotoEntry,
            texts,
            st.none() | texts,
            failures,
            st.integers(1, 8),
            st.none() | numbers,
            st.booleans(),
        ),
        max_size=3,
    ).map(tuple),
    st.lists(lines, max_size=2).map(tuple),
    st.dictionaries(texts, texts, max_size=2),
    st.floats(0, 1e4),
    failures,
    texts,
)


@given(proposals)
def test_a_proposal_survives_its_json(proposal):
    assert Proposal.from_json(json.loads(json.dumps(proposal.to_json()))) == proposal


def test_the_json_has_the_fields_of_the_contract():
    box = as_quad([(0, 0), (1, 0), (1, 1), (0, 1)])
    position = Position((Candidate("8", 0.6), Candidate("3", 0.3)), box, "alternatives")
    line = LineProposal("?", "8", 0, box, (position,))
    value = Proposal("folder", (PhotoEntry("a.jpg", "00"),), (line,), {"general": "ok"}, 1.5).to_json()
    assert value["schema"] == 1
    assert {"schema", "series", "photos", "lines", "readers", "seconds", "error"} <= set(value)
    assert {"path", "sha256", "error"} <= set(value["photos"][0])
    assert {"text", "best", "frame", "quad", "positions"} <= set(value["lines"][0])
    assert {"candidates", "box", "state"} <= set(value["lines"][0]["positions"][0])
    assert value["lines"][0]["positions"][0]["candidates"][0] == {"glyph": "8", "p": 0.6}
    assert value["lines"][0]["quad"] == [[0, 0], [1, 0], [1, 1], [0, 1]]


def test_a_proposal_of_an_earlier_version_without_sets_is_read():
    box = as_quad([(0, 0), (1, 0), (1, 1), (0, 1)])
    line = LineProposal("8", "8", 0, box, (Position((Candidate("8", 0.9),), box, "proposed"),))
    value = Proposal("", (), (line,), {}, 0.0).to_json()
    for name in ("photos", "candidate_set", "log10_likelihoods"):
        del value["lines"][0]["positions"][0][name]
    assert Proposal.from_json(value).lines == (line,)


def test_another_schema_is_refused():
    value = Proposal("", (), (), {}, 0.0).to_json()
    with pytest.raises(ValueError, match="schema 2"):
        Proposal.from_json({**value, "schema": 2})


def test_a_quad_has_four_corners():
    with pytest.raises(ValueError, match="4 corners, got 3"):
        as_quad([(0, 0), (1, 0), (1, 1)])
