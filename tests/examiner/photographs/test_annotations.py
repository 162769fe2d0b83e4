"""Annotations as plain data: what a browser sends is checked, what was kept comes back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examiner.photographs.annotations import (
    MOST,
    Annotation,
    AnnotationError,
    Arrow,
    Note,
    from_json,
    to_json,
)

places = st.tuples(*[st.floats(-1e6, 1e6)] * 2)
words = st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=40).filter(str.isprintable)
kept: st.SearchStrategy[list[Annotation]] = st.lists(
    st.builds(Arrow, places, places, words) | st.builds(Note, places, words.filter(str.strip)), max_size=5
)


@given(kept)
def test_they_come_back_through_json(given_: list[Annotation]) -> None:
    assert from_json(json.loads(json.dumps(to_json(given_)))) == tuple(given_)


NOTE = {"kind": "note", "at": [1, 2], "text": "weld"}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("nonsense", "a list"),
        ([NOTE] * (MOST + 1), "at most 200"),
        ([NOTE, 3], "annotation 2: expected an object"),
        ([{**NOTE, "kind": "picture"}], "one of arrow, note"),
        ([{**NOTE, "kind": ["note"]}], "one of arrow, note"),
        ([{**NOTE, "colour": "red"}], "the fields at, text"),
        ([{"kind": "arrow", "tail": [0, 0], "text": ""}], "the fields head, tail, text"),
        ([{**NOTE, "text": "a\nb"}], "one line"),
        ([{**NOTE, "text": "\u202e"}], "one line"),
        ([{**NOTE, "text": "x" * 201}], "at most 200 characters"),
        ([{**NOTE, "text": " "}], "without words"),
        ([{**NOTE, "text": 3}], "one line"),
        ([{**NOTE, "at": [1]}], r"a place \[x, y\]"),
        ([{**NOTE, "at": [1, "2"]}], r"a place \[x, y\]"),
        ([{**NOTE, "at": [1, True]}], r"a place \[x, y\]"),
        ([{**NOTE, "at": [1, float("nan")]}], r"a place \[x, y\]"),
        ([{**NOTE, "at": [1, 10**400]}], r"a place \[x, y\]"),
    ],
)
def test_what_is_wrong_is_named(value: Any, message: str) -> None:
    with pytest.raises(AnnotationError, match=message):
        from_json(value)
