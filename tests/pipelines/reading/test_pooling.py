"""Pooling: order-free, bounded, and split into what each photograph says."""

import numpy as np
import pytest

from pipelines.glyphs import GLYPHS
from pipelines.reading.decode import beam_search, string_of, text_of
from pipelines.reading.pooling import Slice, as_slice, filled, pool
from pipelines.types import Evidence

CLASSES = len(GLYPHS) + 1


def columns_showing(text: str, sure: float = 0.9, rival: str = "") -> np.ndarray:
    """Each character stands with probability `sure`, in its place the rival's with the rest."""
    rows = []
    for i, glyph in enumerate(text):
        row = np.full(CLASSES, 1e-4)
        row[GLYPHS.index(glyph) + 1] = sure
        if rival:
            row[GLYPHS.index(rival[i]) + 1] += 1 - sure
        row[0] += max(0.0, 1 - row.sum())
        gap = np.full(CLASSES, 1e-4)
        gap[0] = 1.0
        rows += [gap, row, gap]
    table = np.array(rows)
    return np.log(table / table.sum(axis=1, keepdims=True)).astype(np.float32)


def slice_of(columns: np.ndarray, photo: int, weight: float = 1.0, reader: str = "general") -> Slice:
    count = len(columns)
    return Slice(
        columns=columns,
        outside=np.zeros(count, np.float32),
        centres=((np.arange(count) + 0.5) / count).astype(np.float32),
        photo=photo,
        reader=reader,
        form="as taken",
        weight=weight,
        start=0.0,
        end=1.0,
        height=4.0,
    )


def test_one_clear_slice_is_read():
    line = pool([slice_of(columns_showing("A41-7"), 0)])
    assert line.text == "A41-7"
    assert line.conditionals(1.0).argmax(axis=1).tolist() == list(string_of("A41-7"))


def test_shuffled_photographs_give_the_same_bits():
    rng = np.random.default_rng(0)
    shown = [columns_showing("8053", 0.5 + 0.1 * k, "3065") for k in range(5)]
    slices = [slice_of(columns, k, 0.3 + rng.random()) for k, columns in enumerate(shown)]
    first, other = pool(slices), pool(slices[::-1])
    assert first.string == other.string
    assert np.array_equal(first.table, other.table)


def test_the_table_is_the_sum_of_the_photographs():
    slices = [slice_of(columns_showing("8053", 0.6, "3065"), k, 0.5) for k in (0, 0, 1)]
    line = pool(slices)
    assert sorted(line.by_photo) == [0, 1]
    assert np.allclose(sum(line.by_photo.values()), line.table)


def test_agreement_of_photographs_makes_surer():
    one = pool([slice_of(columns_showing("8", 0.6, "3"), 0)])
    three = pool([slice_of(columns_showing("8", 0.6, "3"), k) for k in range(3)])
    eight = string_of("8")[0]
    assert three.conditionals(3.0)[0, eight] > one.conditionals(1.0)[0, eight]


def test_the_same_photographs_with_one_vote_are_as_sure_as_one():
    one, three = (
        pool([slice_of(columns_showing("8", 0.6, "3"), k) for k in range(count)]) for count in (1, 3)
    )
    assert np.allclose(three.conditionals(1.0), one.conditionals(1.0))


def test_an_empty_photograph_changes_no_ranking():
    clear = slice_of(columns_showing("8053", 0.7, "3065"), 0)
    empty = slice_of(np.full((12, CLASSES), -np.log(CLASSES), np.float32), 1)
    alone, both = pool([clear]), pool([clear, empty])
    assert both.string == alone.string
    assert both.table.argmax(axis=1).tolist() == alone.table.argmax(axis=1).tolist()


def test_one_contradicting_photograph_does_not_veto_three():
    three = [slice_of(columns_showing("8053"), k) for k in range(3)]
    against = slice_of(columns_showing("7777", 0.999), 3)
    assert pool([*three, against]).text == "8053"


def test_a_photograph_too_short_for_the_line_does_not_veto_many():
    short = slice_of(columns_showing("7"), 8)
    assert len(short.columns) < len("8053")
    line = pool([*(slice_of(columns_showing("8053", 0.999), k) for k in range(8)), short])
    assert line.text == "8053"
    assert np.isfinite(line.table).all()


def test_what_no_photograph_shows_alone_is_found_together():
    truth, wrong = "804716529", "3DAT1S5Z7"
    slices = []
    for k in range(3):
        lost = range(3 * k, 3 * k + 3)  # each photograph misreads another third
        shown = "".join(wrong[i] if i in lost else truth[i] for i in range(9))
        columns = columns_showing(shown, 0.75, "".join(truth[i] if i in lost else wrong[i] for i in range(9)))
        assert truth not in {text_of(string) for string in beam_search(columns)[:4]}
        slices.append(slice_of(columns, k))
    assert pool(slices).text == truth


def test_a_character_that_each_photograph_sees_elsewhere_is_none():
    truth = "804716529"
    slices = []
    for k in range(3):
        pieces = [columns_showing(glyph, 0.95) for glyph in truth]
        for place in (8 - k, 5 - k, 2 - k):
            pieces.insert(place, columns_showing("X", 0.6))
        columns = np.concatenate(pieces)
        assert truth not in {text_of(string) for string in beam_search(columns)[:4]}
        slices.append(slice_of(columns, k))
    assert pool(slices).text == truth


def faint(places: int) -> np.ndarray:
    """Columns of as many characters of which hardly anything is left, without a likely glyph among them."""
    row = np.full(CLASSES, 1e-4)
    row[0] = 0.62
    row[[1, 4, 9, 12, 20]] = 0.07
    between = np.full(CLASSES, 1e-4)
    between[0] = 1.0
    table = np.array([between, row, between] * places)
    return np.log(table / table.sum(axis=1, keepdims=True)).astype(np.float32)


def test_a_trace_in_a_gap_of_the_pitch_is_a_position_and_one_beside_a_character_is_not():
    def read(columns: np.ndarray) -> str:
        slices = [slice_of(columns, 0)]
        return filled(pool(slices), slices).text

    in_gap = np.concatenate([columns_showing("804"), faint(1), columns_showing("7165")])
    assert len(read(in_gap)) == 8
    assert read(in_gap)[:3] + read(in_gap)[4:] == "8047165"
    beside = np.concatenate([columns_showing("804"), faint(1)[1:2], columns_showing("7165")])
    assert read(beside) == "8047165"


def test_each_reader_keeps_its_own_answer():
    line = pool(
        [
            slice_of(columns_showing("8053"), 0),
            slice_of(columns_showing("3065"), 0, weight=0.05, reader="tesseract"),
        ]
    )
    assert line.text == "8053"
    assert line.by_reader == {"general": "8053", "tesseract": "3065"}


def test_cells_are_fractions_of_the_band_even_where_the_strip_is_wider():
    columns = columns_showing("12")
    wide = Slice(**{**vars(slice_of(columns, 0)), "start": -0.5, "end": 1.5})
    plain, wider = pool([slice_of(columns, 0)]).cells, pool([wide]).cells
    for (a, b), (c, d) in zip(plain, wider, strict=True):
        assert (c, d) == (pytest.approx(2 * a - 0.5), pytest.approx(2 * b - 0.5))


@pytest.mark.parametrize(("text", "seen"), [("48", ""), ("4827", "7"), ("482716", "87")])
def test_a_reader_that_saw_few_characters_takes_none_away(text, seen):
    gap, *rest = columns_showing(seen or "0")
    few = np.stack([gap, *(column for i, column in enumerate(rest) if seen and i % 3 < 2)])
    assert len(few) == 2 * len(seen) + 1
    clear = slice_of(columns_showing(text, 0.8), 0)
    assert pool([clear, slice_of(few, 0, 0.05, "tesseract")]).text == text


def test_cells_are_laid_where_the_line_is_seen_best():
    clear = slice_of(columns_showing("12"), 1)
    empty = slice_of(np.full((9, CLASSES), -np.log(CLASSES), np.float32), 0)
    assert pool([empty, clear]).cells == pool([clear]).cells


def test_nothing_to_pool_is_an_error():
    with pytest.raises(ValueError, match="no slices"):
        pool([])


def test_evidence_becomes_a_slice_with_bounded_columns():
    columns = columns_showing("A", 0.9999)
    nothing = np.zeros((1, 3), np.float32)
    evidence = Evidence("general", columns[None], np.linspace(0, 1, 3, dtype=np.float32), nothing)
    made = as_slice(evidence, 2, "levelled", 0.25, 0.0, 1.0, aspect=0.5)
    assert (made.photo, made.form, made.weight, made.height) == (2, "levelled", 0.25, 6.0)
    assert made.columns.min() > columns.min()
    assert text_of(pool([made]).string) == "A"


def columns_with_something_at(place: int, text: str, existence: float, among: str) -> np.ndarray:
    """`text` clearly, but at `place` a character that exists with that probability and may be any `among`."""
    columns = np.exp(columns_showing(text))
    row = np.full(CLASSES, 1e-4)
    row[0] = 1 - existence
    for glyph in among:
        row[GLYPHS.index(glyph) + 1] = existence / len(among)
    columns[3 * place + 1] = row / row.sum()
    return np.log(columns).astype(np.float32)


@pytest.mark.parametrize("existence, length", [(0.7, 4), (0.2, 3)])
def test_a_position_that_nobody_can_read_is_kept_where_a_character_must_stand(existence, length):
    slices = [slice_of(columns_with_something_at(1, "4127", existence, "3568"), 0)]
    line = pool(slices)
    assert line.text == "427"
    whole = filled(line, slices)
    assert len(whole.string) == length
    if length == 4:
        first = whole.conditionals(1.0)[1]
        assert first.max() < 0.4 and GLYPHS[int(first[1:].argmax())] in "3568"
        assert whole.text[0] + whole.text[2:] == "427"


def test_a_line_without_such_a_place_stays_as_it_is():
    slices = [slice_of(columns_showing("A41-7"), 0)]
    line = pool(slices)
    assert filled(line, slices) is line
