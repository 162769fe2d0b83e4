"""Acts from outside: what is valid comes back the same, everything else is a RecordError and nothing else."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examiner.casebook.ledger import canonical
from examiner.examination.acts import ACTS, Observe
from examiner.examination.acts_json import act_from_json, act_to_json
from examiner.examination.readings import CharacterReading, RecordError, State
from tests.examiner.drawn import acts, hostile, readings


@given(acts)
def test_an_act_comes_back_from_its_json_the_same(act):
    assert act_from_json(json.loads(canonical(act_to_json(act)))) == act


@given(hostile)
def test_a_value_that_is_no_act_is_a_record_error(value):
    with pytest.raises(RecordError):
        act_from_json(value)


@given(acts, st.data())
def test_an_act_with_a_hostile_part_is_an_act_or_a_record_error(act, data):
    value = json.loads(canonical(act_to_json(act)))
    target = value
    # Walks down to any depth and replaces or removes what is there.
    while True:
        keys = list(target) if isinstance(target, dict) else list(range(len(target)))
        key = data.draw(st.sampled_from(keys))
        if isinstance(target[key], (dict, list)) and target[key] and data.draw(st.booleans()):
            target = target[key]
            continue
        if data.draw(st.booleans()):
            target[key] = data.draw(hostile)
        else:
            del target[key]
        break
    try:
        made = act_from_json(value)
    except RecordError:
        return
    assert act_from_json(json.loads(canonical(act_to_json(made)))) == made


@given(st.sampled_from(sorted(ACTS)), st.dictionaries(st.text(max_size=8), hostile, max_size=4))
def test_an_act_needs_all_its_fields(kind, other):
    whole = {"lock", "undo", "sign"}
    if kind in whole:
        assert act_from_json({"act": kind}) == ACTS[kind]()
    else:
        with pytest.raises(RecordError):
            act_from_json({**other, "act": kind})


@pytest.mark.parametrize(
    "quad",
    [
        [[0, 0], [1, 0], [1, 1]],
        [[0, 0], [1, 0], [1, 1], [math.nan, 1]],
        [[0, 0], [1, 0], [1, 1], [1e300, 1]],
        ["12", "34", "56", "78"],
        "12345678",
        {"00": 1, "10": 1, "11": 1, "01": 1},
        [[False, 0], [1, 0], [1, 1], [0, 1]],
        [["0", 0], [1, 0], [1, 1], [0, 1]],
    ],
)
def test_a_place_is_four_finite_corners(quad):
    with pytest.raises(RecordError):
        act_from_json({"act": "draw_line", "count": 3, "place": {"frame": 0, "quad": quad}})


@pytest.mark.parametrize("huge", [2**31, 10**400, 10**5000, -1], ids=["2**31", "10**400", "10**5000", "-1"])
def test_a_number_has_bounds_and_the_refusal_can_be_shown(huge):
    for value in (
        {"act": huge},
        {"act": "delete_position", "position": huge},
        {"act": "draw_line", "count": huge, "place": {"frame": 0, "quad": []}},
        {"act": "draw_line", "count": 1, "place": {"frame": huge, "quad": [[0, 0]] * 4}},
        {"act": "observe", "position": 1, "reading": {"state": huge}},
    ):
        with pytest.raises(RecordError) as refusal:
            act_from_json(value)
        assert len(str(refusal.value)) < 500


@pytest.mark.parametrize(
    "value",
    [
        {"act": "delete_position", "position": "\ud800"},
        {"act": "note_context", "note": "\ud800"},
        {"act": "take_second", "examination": "\ud800", "reader": "max", "positions": []},
        {"act": "sign", "signer": "a\udc80"},
    ],
)
def test_half_a_character_is_no_text(value):
    with pytest.raises(RecordError):
        act_from_json(value)


def test_a_refusal_names_the_field():
    reading = {"state": "definite", "reading": "A", "photos": [0, -1]}
    with pytest.raises(RecordError, match=r"no act 'observe': Expected `int` >= 0 - at `\$.reading.photos"):
        act_from_json({"act": "observe", "position": 1, "reading": reading})
    with pytest.raises(RecordError, match="missing required field `position`"):
        act_from_json({"act": "observe", "reading": {"state": "unreadable"}})


@pytest.mark.parametrize("numbers", [[1, 1], list(range(1001)), "12", [1.0], [True], None])
def test_an_own_order_names_different_photographs(numbers):
    with pytest.raises(RecordError):
        act_from_json({"act": "order_photos", "by": "own", "own": numbers})


@pytest.mark.parametrize("sha256", ["", "a" * 63, "A" * 64, "g" * 64, "a" * 64 + "\n", 64, None])
def test_a_reveal_names_a_sha256(sha256):
    with pytest.raises(RecordError):
        act_from_json({"act": "reveal", "proposal_sha256": sha256, "positions": []})


@pytest.mark.parametrize(
    "fields",
    [
        {"state": State.DEFINITE},
        {"state": State.DEFINITE, "reading": " "},
        {"state": State.SYMBOL},
        {"state": State.UNREADABLE, "reading": "A"},
        {"state": State.UNREADABLE, "reading": " "},
        {"state": State.ALTERNATIVES, "alternatives": ("3",)},
        {"state": State.ALTERNATIVES, "alternatives": ("3", "3", "8")},
        {"state": State.ALTERNATIVES, "alternatives": ("3", " ")},
        {"state": State.ALTERNATIVES, "alternatives": ("3", "8"), "reading": "3"},
        {"state": State.DEFINITE, "reading": "3", "alternatives": ("8",)},
        {"state": State.DEFINITE, "reading": "3", "alternatives": ("3", "8")},
        {"state": State.DEFINITE, "reading": "3\n"},
        {"state": State.DEFINITE, "reading": "3" * 17},
        {"state": State.DEFINITE, "reading": "3\u202e"},
        {"state": State.UNREADABLE, "reason": "x" * 2001},
        {"state": State.UNREADABLE, "reason": "\x00"},
        {"state": State.UNREADABLE, "reason": "\ud800"},
        {"state": State.ALTERNATIVES, "alternatives": tuple(map(str, range(41)))},
    ],
)
def test_state_and_content_fit_together(fields):
    with pytest.raises(RecordError):
        CharacterReading(**fields)


def test_alternatives_are_a_list_not_a_text():
    with pytest.raises(RecordError):
        act_from_json(
            {"act": "observe", "position": 1, "reading": {"state": "alternatives", "alternatives": "38"}}
        )


def test_cyrillic_and_latin_twins_stay_apart():
    latin, cyrillic = (Observe(1, CharacterReading(State.DEFINITE, letter)) for letter in ("A", "А"))
    assert latin != cyrillic
    assert act_from_json(json.loads(canonical(act_to_json(cyrillic)))) == cyrillic


@given(readings)
def test_a_reading_is_kept_exactly(reading):
    act = act_from_json(json.loads(canonical(act_to_json(Observe(1, reading)))))
    assert isinstance(act, Observe)
    assert act.reading == reading
