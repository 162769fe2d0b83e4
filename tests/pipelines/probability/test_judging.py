"""A proposal laid beside the truth: what counts as what, and figures with analytic values."""

import json
import math

import pytest

from pipelines.glyphs import GLYPHS
from pipelines.probability.candidate_sets import MOST
from pipelines.probability.judging import FIGURES, JudgedSeries, counts, figures, judge, judge_scored
from pipelines.types import Candidate, LineProposal, Position, as_quad

BOX = as_quad([(0, 0), (1, 0), (1, 1), (0, 1)])


def position(*candidates: tuple[str, float], held: str | None = None) -> Position:
    named = tuple(Candidate(glyph, p) for glyph, p in candidates)
    evidence = tuple((glyph, math.log10(p / candidates[0][1])) for glyph, p in candidates)
    holds = tuple(c.glyph for c in named) if held is None else tuple(held)
    return Position(named, BOX, "proposed", (), holds, evidence)


def line(*positions: Position) -> LineProposal:
    best = "".join(p.candidates[0].glyph for p in positions)
    return LineProposal(best, best, 0, BOX, positions)


def sure(text: str, p: float = 0.9) -> LineProposal:
    return line(*(position((glyph, p)) for glyph in text))


def test_every_position_stands_beside_its_truth():
    read = line(position(("4", 0.9)), position(("3", 0.6), ("8", 0.3)), position(("-", 0.9)))
    judged = judge([read, sure("7Z")], "48 | 7")
    assert (judged.truth, judged.read, judged.edits) == ("487", "437Z", 2)
    assert [(p.truth, p.said) for p in judged.positions] == [("4", "4"), ("8", "3"), ("7", "7"), ("", "Z")]
    assert [p.p_truth for p in judged.positions[:2]] == [0.9, 0.3]
    # The 0.1 left over is shared among the classes that are not candidates, no character among them.
    assert judged.positions[3].p_truth == pytest.approx(0.1 / len(GLYPHS))
    ratio, first = judged.positions[1].trial
    assert (ratio, first) == (pytest.approx(math.log10(0.6 / 0.3)), False)
    assert judged.positions[0].trial is None


def test_a_position_without_a_character_is_no_insertion():
    judged = judge([line(position(("4", 0.9)), position(("", 0.7)), position(("8", 0.9)))], "4 8")
    assert judged.edits == 0
    assert [(p.truth, p.said) for p in judged.positions] == [("4", "4"), ("", ""), ("8", "8")]
    assert figures([judged])["missed"].value == 0


def test_what_was_judged_survives_its_json():
    read = line(position(("3", 0.6), ("8", 0.3)), position(("1", 0.9)))
    judged = judge([read], "81", 1.5)
    assert JudgedSeries.from_json(json.loads(json.dumps(judged.to_json()))) == judged


def test_figures_of_a_worked_example():
    plates = [
        judge([sure("4827")], "4827"),
        judge([line(position(("4", 0.9)), position(("3", 0.6), ("8", 0.3)), position(("2", 0.9)))], "4827"),
        judge([], ""),
        judge([sure("1", 0.5)], ""),
    ]
    found = {name: figure.value for name, figure in figures(plates, rounds=50).items()}
    assert counts(plates) == {"series": 4, "characters": 8, "positions": 8, "blanks": 2}
    assert found["cer"] == 2 / 8
    assert found["exact"] == 1 / 2
    assert found["missed"] == 1 / 8
    assert found["false_alarms"] == 1 / 2
    assert found["coverage"] == 7 / 8
    assert found["set_size"] == 9 / 8
    assert found["unreadable"] == 0
    assert found["brier"] == pytest.approx((6 * 0.1**2 + 0.6**2 + 0.5**2) / 8)
    losses = [-math.log(0.9)] * 6 + [-math.log(0.4), -math.log(0.5)]
    assert found["log_loss"] == pytest.approx(sum(losses) / 8)
    # Four 9s are right and two; the one 0.6 and the one 0.5 are not.
    assert found["ece"] == pytest.approx((6 * 0.1 + 0.6 + 0.5) / 8)
    assert found["base_log_loss"] == pytest.approx(-(0.75 * math.log(0.75) + 0.25 * math.log(0.25)))
    assert math.isnan(found["cllr"])


def test_a_large_set_is_unreadable_and_an_absent_one_is_not_counted():
    large = position(("8", 0.2), held=GLYPHS[: MOST + 1])
    found = figures([judge([line(large, position(("1", 0.9), held=""))], "81")], rounds=10)
    assert (found["unreadable"].value, found["set_size"].value) == (1.0, MOST + 1)


def test_a_blank_plate_alarms_at_even_odds_and_a_hyphen_is_an_alarm():
    for text, p, alarm in (("8", 0.5, 1.0), ("8", 0.49, 0.0), ("-", 0.9, 1.0)):
        assert figures([judge([sure(text, p)], "")], rounds=5)["false_alarms"].value == alarm
    nothing = figures([judge([line(position(("", 0.9)))], "")], rounds=5)
    assert nothing["false_alarms"].value == 0


def test_lines_with_one_score_each_are_judged_too():
    judged = judge_scored([("48-27", 0.8), ("X", 0.3)], "4827")
    assert judged.edits == 1
    assert [(p.truth, p.p) for p in judged.positions] == [(c, 0.8) for c in "4827"] + [("", 0.3)]
    assert judged.boldest == 0.8
    found = figures([judged], rounds=5)
    assert math.isnan(found["coverage"].value)
    assert found["ece"].value == pytest.approx((4 * 0.2 + 0.3) / 5)


def test_intervals_hold_their_figure_and_are_the_same_again():
    plates = [judge([sure("48", 0.7)], "48" if number % 3 else "47") for number in range(30)]
    found = figures(plates, seed=5, rounds=300)
    assert list(found) == list(FIGURES)
    for name in ("cer", "exact", "ece", "log_loss", "coverage"):
        assert found[name].low <= found[name].value <= found[name].high
    assert found["cer"].low < found["cer"].high
    again = figures(plates, seed=5, rounds=300)
    assert repr(again) == repr(found)


def test_without_series_no_figure_is_defined():
    assert all(math.isnan(figure.value) for figure in figures([]).values())
