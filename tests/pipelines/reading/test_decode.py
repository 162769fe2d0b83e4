"""Exactness of the decoder: every sum against brute force over all strings."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.reading.decode import (
    MAX_CHARACTERS,
    REACH,
    beam_search,
    cells_round,
    centres,
    doubted,
    insertions,
    insertions_in,
    log_likelihoods,
    log_likelihoods_in,
    string_of,
    substitutions,
    substitutions_in,
    text_of,
)

CLASSES = 4


def columns_of(seed: int, count: int, classes: int = CLASSES, sharpness: float = 2.0) -> np.ndarray:
    raw = np.random.default_rng(seed).normal(size=(count, classes)) * sharpness
    return (raw - np.log(np.exp(raw).sum(axis=1, keepdims=True))).astype(np.float32)


def spans(columns: np.ndarray, string: tuple[int, ...], widest: float) -> list[tuple[float, float]]:
    return cells_round(centres(columns, string), len(columns), widest)


def every_string(longest: int) -> list[tuple[int, ...]]:
    return [s for length in range(longest + 1) for s in product(range(1, CLASSES), repeat=length)]


@given(st.integers(0, 10_000), st.integers(1, 5))
@settings(max_examples=30)
def test_the_likelihoods_of_all_strings_sum_to_one(seed, count):
    likelihoods = log_likelihoods(columns_of(seed, count), every_string(count))
    assert np.logaddexp.reduce(likelihoods) == pytest.approx(0.0, abs=1e-5)


@given(st.integers(0, 10_000), st.integers(3, 7), st.lists(st.integers(1, 3), min_size=1, max_size=3))
@settings(max_examples=40)
def test_substitutions_equal_the_likelihood_of_each_changed_string(seed, count, string):
    columns, string = columns_of(seed, count), tuple(string)
    table = substitutions(columns, string)
    for position, glyph in product(range(len(string)), range(CLASSES)):
        middle = (glyph,) if glyph else ()
        changed = (*string[:position], *middle, *string[position + 1 :])
        direct = log_likelihoods(columns, [changed])[0]
        assert table[position, glyph] == pytest.approx(direct, abs=1e-6)


@given(st.integers(0, 10_000), st.integers(2, 6), st.lists(st.integers(1, CLASSES - 1), max_size=3))
@settings(max_examples=60)
def test_insertions_equal_the_likelihood_of_each_longer_string(seed, count, string):
    columns, string = columns_of(seed, count), tuple(string)
    table = insertions(columns, string)
    assert table.shape == (len(string) + 1, CLASSES)
    for place, glyph in product(range(len(string) + 1), range(1, CLASSES)):
        direct = log_likelihoods(columns, [(*string[:place], glyph, *string[place:])])[0]
        assert table[place, glyph] == pytest.approx(direct, abs=1e-6)
    assert table[:, 0] == pytest.approx(log_likelihoods(columns, [string])[0], abs=1e-6)


@given(st.integers(0, 10_000), st.integers(2, 5))
@settings(max_examples=30)
def test_beam_search_finds_the_most_probable_string(seed, count):
    columns = columns_of(seed, count)
    strings = every_string(count)
    best = strings[int(log_likelihoods(columns, strings).argmax())]
    assert beam_search(columns, width=200, classes=CLASSES)[0] == best


def test_beam_search_gives_best_first_and_no_string_twice():
    columns = columns_of(3, 12, sharpness=1.0)
    found = beam_search(columns)
    assert len(set(found)) == len(found)
    likelihoods = log_likelihoods(columns, found)
    assert likelihoods[0] == max(likelihoods)


def test_a_repeated_glyph_needs_a_gap_between():
    sure = np.full((2, CLASSES), -50.0, np.float32)
    sure[:, 1] = 0.0
    assert log_likelihoods(sure, [(1,)])[0] == pytest.approx(0.0)
    assert log_likelihoods(sure, [(1, 1)])[0] == -np.inf


def test_a_string_longer_than_the_columns_does_not_fit():
    columns = columns_of(0, 2)
    assert log_likelihoods(columns, [(1, 2, 3)])[0] == -np.inf
    with pytest.raises(ValueError, match="3 characters do not fit into 2 columns"):
        spans(columns, (1, 2, 3), widest=2)


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(3, 40)), min_size=2, max_size=5))
@settings(max_examples=30)
def test_several_slices_at_once_are_each_by_itself_in_any_order(drawn):
    slices = [columns_of(seed, count) for seed, count in drawn]
    strings = [(), (1,), (2, 2), (1, 2, 3)]
    once = log_likelihoods_in(slices, strings)
    assert once == pytest.approx(np.array([log_likelihoods(columns, strings) for columns in slices]))
    assert (log_likelihoods_in(slices[::-1], strings) == once[::-1]).all()
    for several, single in ((substitutions_in, substitutions), (insertions_in, insertions)):
        tables = several(slices, (1, 2))
        for table, columns in zip(tables, slices, strict=True):
            assert table == pytest.approx(single(columns, (1, 2)))
        turned = several(slices[::-1], (1, 2))
        assert all((a == b).all() for a, b in zip(tables, turned[::-1], strict=True))


def test_what_no_column_shows_has_a_likelihood_however_small():
    """Two thousand columns that each say the opposite: nothing is lost to the range of numbers."""
    columns = np.full((2000, CLASSES), np.log(1e-4), np.float32)
    columns[:, 3] = np.log(1 - 3e-4)
    gaps = 1998 * np.log(1e-4)
    assert log_likelihoods(columns, [(1,)])[0] < gaps
    table = substitutions(columns, (1,))
    assert np.isfinite(table).all()
    assert table[0, 3] == pytest.approx(log_likelihoods(columns, [(3,)])[0])
    assert table[0, 0] == pytest.approx(2000 * np.log(1e-4))


def test_one_column_is_enough_for_one_character():
    columns = columns_of(1, 1)
    assert log_likelihoods(columns, [(2,)])[0] == pytest.approx(float(columns[0, 2]))
    assert beam_search(columns)


def test_endless_texture_gives_no_endless_string():
    columns = columns_of(7, 300, classes=30)
    assert all(len(string) <= MAX_CHARACTERS for string in beam_search(columns))


@given(st.integers(0, 10_000), st.integers(6, 30), st.lists(st.integers(1, 3), min_size=1, max_size=3))
@settings(max_examples=40)
def test_cells_are_in_order_inside_and_apart(seed, count, string):
    laid = spans(columns_of(seed, count), tuple(string), widest=6)
    edges = [edge for cell in laid for edge in cell]
    assert edges == sorted(edges)
    assert edges[0] >= 0 and edges[-1] <= count
    assert all(end > start for start, end in laid)


def test_cells_lie_where_the_characters_stand():
    columns = np.full((30, CLASSES), np.log(0.01), np.float32)
    columns[:, 0] = np.log(0.97)
    for centre, glyph in ((5, 1), (15, 2), (25, 3)):
        columns[centre] = np.log(0.01)
        columns[centre, glyph] = np.log(0.97)
    laid = spans(columns, (1, 2, 3), widest=12)
    assert laid == [(pytest.approx(0.5), 10.5), (10.5, 20.5), (20.5, pytest.approx(30.0))]


def test_a_cell_is_no_wider_than_a_character_however_far_the_next_one_stands():
    columns = np.full((60, CLASSES), np.log(0.01), np.float32)
    columns[:, 0] = np.log(0.97)
    for centre, glyph in ((10, 1), (50, 2)):
        columns[centre, [0, glyph]] = np.log([0.01, 0.97])
    for (start, end), centre in zip(spans(columns, (1, 2), widest=6), (10, 50), strict=True):
        assert start < centre + 0.5 < end
        assert 6 <= end - start <= 2 * REACH * 6


def test_a_character_may_end_at_the_last_column():
    sure = np.full((2, CLASSES), np.log(1e-9), np.float32)
    sure[:, 1] = 0.0
    assert spans(sure, (1,), widest=2) == [(0.0, 2.0)]


def test_doubt_bounds_what_a_column_says_and_keeps_its_sum():
    columns = np.full((1, CLASSES), -30.0, np.float32)
    columns[0, 0] = 0.0
    mixed = doubted(columns, 0.1)
    assert np.exp(mixed).sum() == pytest.approx(1.0, abs=1e-6)
    assert mixed.min() == pytest.approx(np.log(0.1 / CLASSES), abs=1e-4)


def test_text_and_classes_are_inverse():
    assert text_of(string_of("AB-9З")) == "AB-9З"
    with pytest.raises(ValueError):
        string_of("é")
