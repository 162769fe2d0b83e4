"""The decoder over positions: exact against every row there is, and what it promises of places and gaps."""

from itertools import combinations, product

import numpy as np
import pytest

from pipelines.reading.positions import (
    Field,
    Spacing,
    distances,
    lattice,
    likeliest,
    log_probability,
    log_total,
    row_of,
)

TINY = Spacing(pitches=(0.3, 0.5), longest=0.8, widest_own=0.13, closest=0.1)


def tiny_field(seed: int, columns: int = 7, glyphs: int = 2) -> Field:
    rng = np.random.default_rng(seed)
    rows = rng.dirichlet(np.full(glyphs + 1, 0.5), columns) * 0.98 + 0.02 / (glyphs + 1)
    return Field(np.log(rows[:, 1:]), np.log(rows[:, 0]), 0.1, (0.5, columns - 1.0))


def every_row(field: Field, spacing: Spacing) -> dict[tuple[tuple[int, ...], tuple[int, ...]], float]:
    """Weight of every row, (places, glyphs), written down from the definition without a lattice."""
    columns, glyphs = field.glyphs.shape
    lags = np.arange(1, min(columns, round(spacing.longest / field.step) + 1))
    pitches = np.array(spacing.pitches) / field.step
    chance = distances(lags, pitches, spacing)
    prior = np.exp(-0.5 * (np.log(np.array(spacing.pitches) / spacing.median) / spacing.pitch_spread) ** 2)
    prior /= prior.sum()

    def empty(begin: float, end: float) -> float:
        """What the columns between two edges say for nothing, parts of columns counted as parts."""
        shares = [max(0.0, min(end, t + 1) - max(begin, t)) for t in range(columns)]
        return float(np.dot(shares, field.between))

    whole = empty(0, columns)
    centres = np.arange(columns) + 0.5

    def opens(away: float, pitch: float, all_away: np.ndarray) -> float:
        near = (all_away >= -spacing.margin * pitch) & (all_away <= spacing.room * pitch)
        inside = -spacing.margin * pitch <= away <= spacing.room * pitch
        return (1 - spacing.fills) / columns + spacing.fills * inside / max(1, near.sum())

    weights: dict[tuple[tuple[int, ...], tuple[int, ...]], float] = {((), ()): float(np.exp(spacing.nothing))}
    for count in range(1, columns + 1):
        for places in combinations(range(columns), count):
            gaps = np.diff(places)
            if any(gap > len(lags) for gap in gaps):
                continue
            for classes in product(range(glyphs), repeat=count):
                weight = 0.0
                for p, pitch in enumerate(pitches):
                    reach = min(spacing.own * pitch, spacing.widest_own / field.step)
                    log = np.log(prior[p]) + np.log(columns) - whole
                    begin, end = field.edges
                    log += np.log(opens(centres[places[0]] - begin, pitch, centres - begin))
                    log += np.log(opens(end - centres[places[-1]], pitch, end - centres))
                    log += empty(0, places[0] + 0.5 - reach) + empty(places[-1] + 0.5 + reach, columns)
                    for left, gap in zip(places, gaps, strict=False):
                        reach = min(spacing.own * min(gap, pitch), spacing.widest_own / field.step)
                        log += chance[p, gap - 1] + empty(left + 0.5 + reach, left + gap + 0.5 - reach)
                    log += sum(
                        field.glyphs[t, c] + spacing.more for t, c in zip(places, classes, strict=True)
                    )
                    weight += float(np.exp(log))
                weights[places, classes] = weight
    return weights


@pytest.mark.parametrize("seed", range(6))
def test_sums_are_those_over_every_row_there_is(seed: int):
    field = tiny_field(seed)
    given, weights = lattice(field, TINY), every_row(field, TINY)
    total = sum(weights.values())
    assert log_total(given) == pytest.approx(np.log(total), abs=1e-9)
    row = row_of(given)
    numbers, there = np.zeros(len(row.numbers)), np.zeros(len(field.between))
    strings: dict[tuple[int, ...], float] = {}
    for (places, classes), weight in weights.items():
        numbers[len(places)] += weight / total
        there[list(places)] += weight / total
        strings[classes] = strings.get(classes, 0.0) + weight / total
    assert np.allclose(row.numbers, numbers, atol=1e-12)
    assert np.allclose(row.there, there, atol=1e-12)
    for classes, probability in strings.items():
        found = np.exp(log_probability(given, classes, np.log(total)))
        assert found == pytest.approx(probability, rel=1e-9)
    ranked = sorted(strings.items(), key=lambda entry: (-entry[1], entry[0]))
    best = likeliest(given, count=3, numbers=8, tried=8 * 128)
    assert [glyphs for glyphs, _ in best] == [glyphs for glyphs, _ in ranked[:3]]
    assert [p for _, p in best] == pytest.approx([p for _, p in ranked[:3]], rel=1e-9)


def field_showing(
    centres: dict[float, tuple[int, float]], length: float, glyphs: int = 5, blank: float = 0.99
) -> Field:
    """A row `length` heights long on a grid of tenths: at each centre a glyph with its probability, the rest
    of a character's spread over all glyphs; elsewhere `blank` for nothing."""
    columns = round(length * 10)
    rows = np.full((columns, glyphs + 1), (1 - blank) / glyphs)
    rows[:, 0] = blank
    for centre, (glyph, p) in centres.items():
        rows[int(centre * 10)] = (1 - p - 0.02) / glyphs
        rows[int(centre * 10), 0] = 0.02
        rows[int(centre * 10), 1 + glyph] += p
    return Field(np.log(rows[:, 1:]), np.log(rows[:, 0]), 0.1, (0.0, float(columns)))


def read(field: Field) -> list[int]:
    return (row_of(lattice(field, Spacing())).marginals[:, 1:].argmax(axis=1)).tolist()


ROW = {0.45 + 0.7 * i: (i % 5, 0.9) for i in range(8)}


def test_every_character_is_a_position_at_its_place():
    row = row_of(lattice(field_showing(ROW, 6.0), Spacing()))
    assert np.allclose(row.centres / 10, [int(c * 10) / 10 + 0.05 for c in ROW], atol=0.06)
    assert row.marginals[:, 1:].argmax(axis=1).tolist() == [glyph for glyph, _ in ROW.values()]
    assert row.numbers.argmax() == 8
    assert row.pitch == pytest.approx(7, rel=0.2)


def test_a_position_that_nobody_can_read_stays_and_the_next_ones_keep_their_place():
    centres = dict(ROW)
    lost = list(ROW)[3]
    del centres[lost]
    field = field_showing(centres, 6.0)
    # Something stands there for all that can be seen, of no glyph in particular.
    glyphs, between = field.glyphs.copy(), field.between.copy()
    place = slice(int(lost * 10) - 1, int(lost * 10) + 2)
    glyphs[place], between[place] = np.log(0.4 / 5), np.log(0.6)
    row = row_of(lattice(Field(glyphs, between, 0.1, field.edges), Spacing()))
    assert len(row.centres) == 8
    assert row.marginals[:, 1:].argmax(axis=1).tolist()[4:] == [glyph for glyph, _ in ROW.values()][4:]
    assert row.marginals[3, 1:] == pytest.approx(np.full(5, row.marginals[3, 1:].mean()))


def test_a_gap_of_two_pitches_where_nothing_is_seen_holds_no_position():
    centres = dict(ROW)
    del centres[list(ROW)[3]]
    assert len(read(field_showing(centres, 6.0))) == 7


def test_glyphs_of_several_widths_and_a_word_gap_are_read():
    places = [0.4, 0.8, 1.4, 2.1, 2.6, 4.4, 5.0, 5.6]
    assert read(field_showing({p: (i % 5, 0.9) for i, p in enumerate(places)}, 6.0)) == [
        i % 5 for i in range(8)
    ]


def test_a_row_read_backwards_is_the_row_backwards():
    field = field_showing({c: (g, 0.5) for c, (g, _) in ROW.items()}, 6.0, blank=0.8)
    turned = Field(field.glyphs[::-1], field.between[::-1], field.step, field.edges)
    one, other = (row_of(lattice(f, Spacing())) for f in (field, turned))
    assert np.allclose(one.there, other.there[::-1])
    assert np.allclose(one.numbers, other.numbers)


def test_a_glyph_is_read_as_well_whatever_stands_beside_it():
    """No habits: the same places with the glyphs in another order give the same probabilities, permuted."""
    order = [3, 0, 4, 1, 2, 0, 3, 1]
    rows = [
        row_of(
            lattice(field_showing({c: (g, 0.5) for c, g in zip(ROW, glyphs, strict=True)}, 6.0), Spacing())
        )
        for glyphs in (order, order[::-1])
    ]
    assert np.allclose(rows[0].there, rows[1].there)
    picked = [
        row.marginals[np.arange(8), 1 + np.array(g)]
        for row, g in zip(rows, (order, order[::-1]), strict=True)
    ]
    assert np.allclose(*picked)


def test_where_nothing_stands_it_is_said_by_the_probability():
    row = row_of(lattice(field_showing({}, 6.0), Spacing()))
    assert row.numbers[0] > 0.9
    assert (row.marginals[:, 0] > 0.9).all()
