"""Lines by positions: no order of slices, nobody vetoes, and who sees nothing takes nothing away."""

from dataclasses import replace

import numpy as np
import pytest

from pipelines.glyphs import GLYPHS
from pipelines.reading.decode import text_of
from pipelines.reading.lines import DRAWN, MARKED, read_at_places, read_line, sees_all
from pipelines.reading.pooling import Slice

CLASSES = len(GLYPHS) + 1


def columns_of(text: str, sure: float, pitch: int = 6, rival: str = "") -> np.ndarray:
    """Log-probabilities: a character in the middle of every `pitch` columns, a blank in `text` none."""
    rows = np.full((pitch * len(text), CLASSES), 0.01 / CLASSES)
    rows[:, 0] += 0.99
    for i, glyph in enumerate(text):
        if glyph == " ":
            continue
        place = pitch * i + pitch // 2
        rows[place] = 0.02 / CLASSES
        rows[place, 0] += 0.98 - sure
        rows[place, GLYPHS.index(glyph) + 1] += sure
        if rival:
            rows[place, 0] -= min(rows[place, 0], 0.3)
            rows[place, GLYPHS.index(rival[i]) + 1] += 0.3
    return np.log(rows / rows.sum(axis=1, keepdims=True)).astype(np.float32)


def piece(columns: np.ndarray, photo: int | None, weight: float = 1.0, **changes) -> Slice:
    """A slice of a band whose columns are a tenth of its height wide."""
    count = len(columns)
    own = Slice(
        columns=columns,
        outside=np.zeros(count, np.float32),
        centres=((np.arange(count) + 0.5) / count).astype(np.float32),
        photo=photo,
        reader="marks" if photo is None else "general",
        form="",
        weight=weight,
        start=0.0,
        end=1.0,
        height=10.0,
    )
    return replace(own, **changes)


def test_a_row_is_read_with_its_places():
    line = read_line([piece(columns_of("A41-7", 0.9), None)])
    assert line.text == "A41-7"
    assert line.by_reader == {"marks": "A41-7"}
    assert np.allclose(line.centres, (np.arange(5) * 6 + 3.5) / 30, atol=0.03)
    assert all(start < centre < end for (start, end), centre in zip(line.cells, line.centres, strict=True))
    assert line.table.shape == (5, CLASSES)


def test_shuffled_slices_give_the_same_bits():
    rng = np.random.default_rng(3)
    slices = [
        piece(columns_of("80531", 0.5, rival="3065A"), None, 0.7),
        piece(columns_of("80531", 0.8), None, 0.4),
        *(piece(columns_of("80531", 0.4 + 0.1 * k), k, 0.3 + rng.random()) for k in range(4)),
        *(piece(columns_of("80531", 0.3 + 0.1 * k), k, votes=False, reader="marks") for k in range(4)),
    ]
    first = read_line(slices)
    for _ in range(3):
        other = read_line([slices[i] for i in rng.permutation(len(slices))])
        assert other.string == first.string
        assert np.array_equal(other.table, first.table)
        assert all(np.array_equal(other.by_photo[k], first.by_photo[k]) for k in first.by_photo)


def test_grids_of_several_widths_are_brought_to_one():
    """Every form has columns of its own, and margins; the places of the characters are the same."""
    wide = np.concatenate([columns_of("  ", 0.9), columns_of("A41-7", 0.9), columns_of("  ", 0.9)])
    line = read_line(
        [
            piece(columns_of("A41-7", 0.9), None),
            piece(columns_of("A41-7", 0.9, pitch=4), None, height=10 * 4 / 6 * 1.5, tall=1.5),
            piece(wide, None, start=-0.4, end=1.4),
        ]
    )
    assert line.text == "A41-7"
    assert np.allclose(line.centres, (np.arange(5) * 6 + 3.5) / 30, atol=0.04)


def test_one_photograph_that_says_something_else_vetoes_nothing():
    against = piece(columns_of("77777", 0.97), 3)
    clear = [piece(columns_of("80531", 0.95), None), *(piece(columns_of("80531", 0.95), k) for k in range(3))]
    assert read_line([*clear, against]).text == "80531"


def test_a_reader_that_sees_nothing_takes_nothing_away():
    ours = piece(columns_of("80531", 0.85), None)
    blind = [piece(columns_of(" " * 5, 0.9), k) for k in range(4)]
    assert read_line([ours, *blind]).text == read_line([ours]).text
    # In a band that a person drew, a character at 0.85 is one.
    assert read_line([ours, *blind], DRAWN).text == read_line([ours], DRAWN).text == "80531"


def test_a_character_that_only_the_other_reader_sees_is_a_position():
    ours, theirs = piece(columns_of("80 31", 0.9), None), piece(columns_of("80531", 0.97), 0)
    assert read_line([ours, theirs], MARKED).text == "80531"
    assert read_line([ours], MARKED).text == "8031"


def test_each_photograph_says_which_it_speaks_for():
    slices = [
        piece(columns_of("80531", 0.9), None),
        piece(columns_of("80531", 0.9), 0, votes=False, reader="marks"),
        piece(columns_of("30531", 0.9), 1, votes=False, reader="marks"),
    ]
    line = read_line(slices)
    eight, three = (GLYPHS.index(glyph) + 1 for glyph in "83")
    assert line.by_photo[0][0, eight] > line.by_photo[0][0, three]
    assert line.by_photo[1][0, eight] < line.by_photo[1][0, three]


def test_a_bare_band_has_one_position_at_least_and_says_that_nothing_stands_there():
    line = read_line([piece(columns_of(" " * 5, 0.9), None)])
    assert len(line.string) >= 1
    assert (line.table.argmax(axis=1) == 0).all()
    assert read_line([piece(columns_of("80531", 0.9), None)], DRAWN).text == "80531"
    assert len(text_of(line.string)) == len(line.cells)


def test_without_a_reader_of_all_photographs_there_is_no_line_by_positions():
    slices = [piece(columns_of("80531", 0.9), 0)]
    assert not sees_all(slices)
    with pytest.raises(ValueError, match="all photographs"):
        read_line(slices)


def test_places_that_a_person_marked_are_read_each_by_itself():
    seen = piece(columns_of("A4 7", 0.9), None)
    line = read_at_places([seen], [(i / 4, (i + 1) / 4) for i in range(4)])
    assert line.text[0] + line.text[1] + line.text[3] == "A47"
    assert (line.table.argmax(axis=1) == 0).tolist() == [False, False, True, False]
    assert line.by_reader == {"marks": "A47"}
    assert np.allclose(line.cells, [(0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1)])


def test_a_place_over_two_characters_holds_one_and_the_other_place_is_not_moved():
    seen = piece(columns_of("8317", 0.9), None)
    line = read_at_places([seen], [(0.0, 0.5), (0.75, 1.0)])
    assert line.text[0] in "83" and line.text[1] == "7"


def test_a_reader_of_single_photographs_counts_at_places_as_in_a_line():
    weak = piece(columns_of("8", 0.4, rival="3"), None)
    alone = read_at_places([weak], [(0.0, 1.0)]).table[0]
    both = read_at_places([weak, piece(columns_of("3", 0.95), 0)], [(0.0, 1.0)]).table[0]
    three, eight = GLYPHS.index("3") + 1, GLYPHS.index("8") + 1
    assert both[three] - both[eight] > alone[three] - alone[eight]


def test_the_order_of_slices_changes_nothing_at_places():
    slices = [
        piece(columns_of("A41", 0.9), None),
        piece(columns_of("A47", 0.6), 0),
        piece(columns_of("441", 0.6), 1),
    ]
    places = [(i / 3, (i + 1) / 3) for i in range(3)]
    assert np.array_equal(read_at_places(slices, places).table, read_at_places(slices[::-1], places).table)
