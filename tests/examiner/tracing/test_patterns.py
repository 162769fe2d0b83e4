"""Patterns find just what a reading admits: against Python's re, SQLite's LIKE and fnmatch themselves."""

from __future__ import annotations

import fnmatch
import itertools
import re
import sqlite3

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from examiner.examination.readings import CharacterReading, Layer, State
from examiner.tracing.patterns import Slot, admits, combinations, patterns_of, slots_of
from examiner.tracing.spellings import ICAO, spelled

ALPHABET = "ABО0O8З3%_?*[\\-]^.А"
character = st.sampled_from(ALPHABET)
option = st.one_of(character, st.sampled_from(["10", "II", "A\u0308", "%_"]))
closed = st.lists(option, min_size=1, max_size=3, unique=True).map(lambda found: Slot(tuple(found)))
opened = st.lists(character, max_size=3, unique=True).map(lambda found: Slot(excluded=tuple(found)))
slot_lists = st.lists(st.one_of(closed, opened), min_size=1, max_size=5)


def one_of(slots, data):
    return "".join(
        data.draw(st.sampled_from(slot.options) if slot.options else character.filter(slot.admits))
        for slot in slots
    )


def like(text, pattern):
    connection = sqlite3.connect(":memory:")
    connection.execute("PRAGMA case_sensitive_like = ON")
    return bool(connection.execute(r"SELECT ? LIKE ? ESCAPE '\'", (text, pattern)).fetchone()[0])


@given(slot_lists, st.data())
@example([Slot(("10", "1")), Slot(("0", "00"))], None)
def test_the_regular_expression_matches_what_is_admitted_and_nothing_else(slots, data):
    pattern = re.compile(patterns_of(slots).regex)
    texts = (
        ["100", "1000", "10"]
        if data is None
        else [one_of(slots, data), data.draw(st.text(character, max_size=7))]
    )
    for text in texts:
        assert bool(pattern.fullmatch(text)) == admits(slots, text)


@given(slot_lists, st.data())
def test_like_and_wildcards_find_all_that_is_admitted(slots, data):
    patterns = patterns_of(slots)
    text = one_of(slots, data)
    assert any(like(text, pattern) for pattern in patterns.like)
    assert any(fnmatch.fnmatchcase(text, pattern) for pattern in patterns.wildcards)


@given(slot_lists, st.text(character, max_size=7))
def test_exact_patterns_find_nothing_else(slots, text):
    patterns = patterns_of(slots)
    if patterns.exact:
        assert any(like(text, pattern) for pattern in patterns.like) == admits(slots, text)
        assert any(fnmatch.fnmatchcase(text, pattern) for pattern in patterns.wildcards) == admits(
            slots, text
        )


@given(st.lists(closed, min_size=1, max_size=4))
def test_combinations_are_counted(slots):
    assert combinations(slots) == len(list(itertools.product(*(slot.options for slot in slots))))


def test_many_alternatives_are_one_pattern_that_finds_more():
    slots = [Slot(tuple("ABCDE")) for _ in range(4)]
    patterns = patterns_of(slots)
    assert patterns.like == ("____",) and patterns.wildcards == ("????",)
    assert not patterns.exact and patterns.combinations == 625


def test_what_each_state_admits():
    read = [
        CharacterReading(State.DEFINITE, "A"),
        CharacterReading(State.PROBABLE, "4"),
        CharacterReading(State.ALTERNATIVES, "", ("3", "8")),
        CharacterReading(State.UNREADABLE, excluded=("1", "7")),
        CharacterReading(State.TRACE_ONLY),
        CharacterReading(State.NO_CHARACTER),
        CharacterReading(State.SYMBOL, "star"),
        CharacterReading(State.DEFINITE, "X", layer=Layer.OVER_STAMP),
        None,
    ]
    slots = slots_of(read)
    assert slots == (
        Slot(("A",)),
        Slot(("4",)),
        Slot(("3", "8")),
        Slot(excluded=("1", "7")),
        Slot(),
        Slot(),
        Slot(),
    )
    assert patterns_of(slots).regex == "^A4[38][^17]...$"


@pytest.mark.parametrize(
    ("read", "name", "regex"),
    [
        ("AB-12", "without separators", "^AB12$"),
        ("O1", "digits for letters", "^01$"),
        ("АВ4", "Latin look-alikes", "^AB4$"),
        ("ЖЦ1", "transliterated", "^ZHTS1$"),
        ("АО-1", "normal form", "^A01$"),
        ("8", "taken for each other", "^[8BВ]$"),
    ],
)
def test_spellings_by_name(read, name, regex):
    slots = [Slot((character,)) for character in read]
    found = {spelling.name: patterns_of(changed).regex for spelling, changed in spelled(slots)}
    assert found[name] == regex


def test_cyrillic_and_latin_stay_apart_as_read():
    cyrillic, latin = [Slot(("А",))], [Slot(("A",))]
    assert not admits(cyrillic, "A") and not admits(latin, "А")
    assert patterns_of(cyrillic).regex != patterns_of(latin).regex


def test_a_plain_number_has_no_spelling_but_what_it_is_taken_for():
    assert [spelling.name for spelling, _ in spelled([Slot(("7",)), Slot(("9",))])] == []


def test_a_letter_without_a_sound_leaves_no_position():
    [(spelling, changed)] = [
        one for one in spelled([Slot(("Ь",)), Slot(("7",))]) if one[0].name == "transliterated"
    ]
    assert spelling.said and changed == (Slot(("7",)),) and ICAO["Щ"] == "SHCH"
