"""Spellings against every number spelled out by hand: nothing that is read is lost, nothing is added."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examiner.tracing.patterns import Slot, admits, patterns_of
from examiner.tracing.spellings import DIGITS_FOR, ICAO, LOOK_ALIKES, SEPARATORS, SPELLINGS, spelled
from pipelines.glyphs import CYRILLIC_TWINS, GLYPHS

ALPHABET = "0O1I8BZAОІАВЖЦЬ-/."
UNIVERSE = sorted(
    {*ALPHABET, *DIGITS_FOR, *ICAO, *CYRILLIC_TWINS, *SEPARATORS, *"".join(LOOK_ALIKES), *GLYPHS}
)


def _by(table):
    return lambda text: "".join(table.get(character, character) for character in text)


def bare(text):
    return "".join(character for character in text if character not in SEPARATORS)


BY_HAND = {
    "without separators": bare,
    "digits for letters": _by(DIGITS_FOR),
    "Latin look-alikes": _by(CYRILLIC_TWINS),
    "transliterated": _by(ICAO),
    "normal form": lambda text: _by(DIGITS_FOR)(_by(CYRILLIC_TWINS)(bare(text))),
}
CHANGES = {spelling.name: spelling.change for spelling in SPELLINGS}

character = st.sampled_from(ALPHABET)
closed = st.lists(st.one_of(character, st.just("10")), min_size=1, max_size=3, unique=True).map(
    lambda found: Slot(tuple(found))
)
opened = st.lists(st.sampled_from(UNIVERSE), max_size=6, unique=True).map(
    lambda found: Slot(excluded=tuple(found))
)


def every(slots):
    return {"".join(texts) for texts in itertools.product(*(slot.options for slot in slots))}


@pytest.mark.parametrize("name", BY_HAND)
@given(st.lists(closed, min_size=1, max_size=4))
def test_a_spelling_admits_the_numbers_so_spelled_and_no_others(name, slots):
    spelled_by_hand = {BY_HAND[name](text) for text in every(slots)}
    assert every(CHANGES[name](slots)) == spelled_by_hand
    assert all(admits(CHANGES[name](slots), text) for text in spelled_by_hand)


@pytest.mark.parametrize("name", BY_HAND)
@given(opened)
def test_what_was_ruled_out_stays_ruled_out_only_where_nothing_else_is_so_written(name, slot):
    written = {BY_HAND[name](one) for one in UNIVERSE if slot.admits(one)}
    never = {BY_HAND[name](one) for one in UNIVERSE} - written
    [changed] = CHANGES[name]([slot])
    assert all(changed.admits(sign) for sign in written if len(sign) == 1)
    assert not any(changed.admits(sign) for sign in never)


@given(st.lists(st.one_of(closed, opened), min_size=1, max_size=4), st.data())
def test_what_is_taken_for_each_other_is_admitted_either_way(slots, data):
    read = [
        data.draw(st.sampled_from(slot.options) if slot.options else character.filter(slot.admits))
        for slot in slots
    ]
    typed = [
        data.draw(st.sampled_from([one, *"".join(group for group in LOOK_ALIKES if one in group)]))
        for one in read
    ]
    assert admits(CHANGES["taken for each other"](slots), "".join(typed))


def test_ruling_out_the_digit_does_not_rule_out_the_letter_written_so():
    [changed] = CHANGES["digits for letters"]([Slot(excluded=("0",))])
    assert changed.admits("0")
    [changed] = CHANGES["digits for letters"]([Slot(excluded=("0", "O", "О"))])
    assert not changed.admits("0")


def test_an_alternative_that_is_a_separator_may_be_left_out():
    found = {spelling.name: changed for spelling, changed in spelled([Slot(("7",)), Slot(("-", "1"))])}
    assert patterns_of(found["without separators"]).regex == "^7(?:|1)$"
