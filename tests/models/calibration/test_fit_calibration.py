"""Fitting on lines whose truth is known by construction: no plate is drawn and no network runs."""

import sys
import tomllib
from dataclasses import replace

import numpy as np
import pytest

from models.calibration import fit_calibration
from models.calibration.calibration_samples import (
    FIRST_BARE,
    USES,
    Sample,
    labelled_photos,
    read,
    sample,
    tasks,
    write,
)
from models.calibration.fit_calibration import (
    KEPT,
    fitted,
    judged,
    measured,
    report,
    toml,
    trials,
    with_pair_weight,
    with_rest,
    with_sets,
)
from models.labelled import read_index
from pipelines.glyphs import GLYPHS
from pipelines.probability import calibration as calibrations
from pipelines.probability.calibration import Calibration, Rest, calibration
from pipelines.probability.candidate_sets import within
from pipelines.reading.pooling import PooledLine
from pipelines.search.hypotheses import Hypothesis
from pipelines.types import as_quad

CLASSES = len(GLYPHS) + 1
QUAD = as_quad([(0, 0), (1, 0), (1, 1), (0, 1)])


def samples(count: int, boast: float = 1.0, seed: int = 1) -> list[Sample]:
    """Lines of four positions whose log-likelihoods are right, or `boast` times too strong."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(count):
        logits = rng.normal(0, 3, (4, CLASSES))
        p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        truth = (p.cumsum(axis=1) > rng.random(4)[:, None]).argmax(axis=1)
        table = boast * np.log(p)
        table[:, 0] -= 50  # a line's string holds characters only
        string = tuple(int(c) for c in table.argmax(axis=1))
        cells = tuple((i / 4, (i + 1) / 4) for i in range(4))
        line = PooledLine(string, table, {0: table}, np.zeros(4), cells, {})
        truths = tuple(GLYPHS[c - 1] if c else "" for c in truth)
        made.append(Sample("drawn", USES[number % len(USES)], ((line, truths),)))
    return made


def of(some: list[Sample], use: str) -> list[Sample]:
    return [one for one in some if one.use == use]


def test_thresholds_hold_on_lines_that_nothing_was_fitted_on():
    some = samples(1200)
    released = with_sets(of(some, "sets"), fitted(of(some, "fit"), 1.0)[0])
    known = judged(of(some, "judge"), released)
    sets = within(known.probabilities, released.set_kind, released.set_threshold)
    held = [truth in classes for truth, classes in zip(known.truth.tolist(), sets, strict=True)]
    assert np.mean(held) == pytest.approx(0.95, abs=0.03)


def test_ratios_that_boast_are_made_weaker():
    honest, boasting = samples(800), samples(800, boast=2.5)
    plain = with_pair_weight(honest, fitted(honest, 1.0)[0])
    tamed = with_pair_weight(boasting, fitted(boasting, 1.0)[0])
    assert plain.pair_weight == pytest.approx(1.0, abs=0.35)
    assert tamed.pair_weight == pytest.approx(plain.pair_weight / 2.5, abs=0.15)


def test_kept_coefficients_stay_and_only_sets_and_ratios_are_set(tmp_path, monkeypatch):
    some, output = samples(400, boast=2.5), tmp_path / "marks.toml"
    monkeypatch.setattr(fit_calibration, "gathered", lambda *_: iter(some))
    command = ["fit", "--keep-coefficients", "--workers", "1", "--output", str(output)]
    monkeypatch.setattr(sys, "argv", command)
    fit_calibration.main()
    text = output.read_text("utf-8")
    value, released = tomllib.loads(text), calibration()
    wanted = with_pair_weight(of(some, "sets"), with_sets(of(some, "sets"), released))
    assert value["weights"] == dict(released.weights)
    assert value["pair_weight"] == wanted.pair_weight != released.pair_weight
    assert value["candidate_sets"]["threshold"] == wanted.set_threshold != released.set_threshold
    # Nothing was fitted, so nothing is called so.
    assert f"# {KEPT}" in text and ", fitted: " not in text and ", held out: " in text


def test_trials_are_pairs_of_which_one_stands_there():
    some = samples(100)
    ratios, first = trials(judged(some, Calibration(1.0, fitted(some, 1.0)[0].weights, "")))
    assert 0 < len(ratios) == len(first) <= 400
    assert set(first.tolist()) == {True, False}


def test_what_the_first_leaves_goes_to_the_others_by_likelihoods_that_boast_less():
    honest, boasting = (
        with_rest(some, fitted(some, 1.0)[0]).rest for some in (samples(600), samples(600, 2.5))
    )
    assert honest.weight == pytest.approx(1.0, abs=0.35)
    assert boasting.weight == pytest.approx(honest.weight / 2.5, rel=0.3)
    assert honest.flat < 0.2


def test_where_the_first_is_always_right_nothing_is_known_of_the_rest():
    sure = [
        Sample(
            one.source,
            one.use,
            tuple((line, tuple(GLYPHS[c - 1] for c in line.string)) for line, _ in one.lines),
        )
        for one in samples(20)
    ]
    assert with_rest(sure, Calibration(1.0, dict.fromkeys(calibrations.FEATURES, 0.0), "")).rest == Rest()


def test_a_kept_sample_is_worth_what_it_was(tmp_path):
    (one,) = samples(1)
    line, truths = one.lines[0]
    line = replace(line, small=np.array([0.0, 0.9, 0.2, 0.0]))
    given = Sample(one.source, one.use, ((line, (None, *truths[1:])),))
    write(tmp_path / "one.npz", given)
    again = read(tmp_path / "one.npz")
    released = fitted(samples(100), 1.0)[0]
    assert (again.source, again.use) == (given.source, given.use)
    assert [truths for _, truths in again.lines] == [truths for _, truths in given.lines]
    assert np.array_equal(judged([again], released).probabilities, judged([given], released).probabilities)


def test_tasks_have_names_of_their_own_and_every_use_sees_every_kind(tmp_path):
    every = tasks(40, None, tmp_path)
    assert len({task.name for task in every}) == len(every) == 2 * 3 * (40 + 13) + 80
    kinds = {(task.tier, task.foreign, task.steel) for task in every}
    assert kinds == {
        *((tier, foreign, None) for tier in ("intact", "worn", "etched") for foreign in (False, True)),
        (None, False, tmp_path),
    }
    assert {(task.tier, task.foreign, task.steel, task.use) for task in every} == {
        (*kind, use) for kind in kinds for use in USES
    }
    assert {task.use for task in every if task.number >= FIRST_BARE} == set(USES)


def test_without_samples_nothing_is_promised():
    released = Calibration(1.0, dict.fromkeys(calibrations.FEATURES, 0.0), "")
    assert with_sets([], released).set_threshold == 1.0
    assert with_pair_weight([], released) == released
    assert report([], released) == []


def test_the_truth_is_aligned_with_what_was_read():
    read = tuple(GLYPHS.index(glyph) + 1 for glyph in "4-8Z7")
    table = np.zeros((5, CLASSES))
    line = PooledLine(read, table, {0: table}, np.zeros(5), tuple((i / 5, i / 5 + 0.2) for i in range(5)), {})
    lines = [Hypothesis(QUAD, line, 1.0)]
    assert sample("x", "fit", lines, "4.8 7").lines[0][1] == ("4", None, "8", "", "7")
    assert sample("x", "fit", lines, "Ø.8 7").lines[0][1] == (None, None, "8", "", "7")


def test_what_is_written_is_what_is_read_again(tmp_path, monkeypatch):
    some = samples(200)
    released = with_pair_weight(some, with_sets(some, with_rest(some, fitted(some, 1.0)[0])))
    lines = report(some, released)
    assert len(lines) == 3 and "held out" in "".join(lines)
    assert "Cllr" in measured(judged(some, released), released)
    (tmp_path / "marks.toml").write_text(toml(released, lines), encoding="utf-8")
    monkeypatch.setattr(calibrations, "files", lambda _package: tmp_path)
    assert calibrations.calibration.__wrapped__() == released
    assert tomllib.loads(toml(released, lines))["candidate_sets"]["kind"] == released.set_kind


def test_no_photograph_calibrates_whose_designation_was_trained_on(tmp_path):
    header = "path,upright,kind,text,lines,regions,rotate_cw,group\n"
    rows = "".join(f"parts/{n}.jpg,,photo,{n % 120} {n},{n % 120} | {n},,,part:{n}\n" for n in range(160))
    (tmp_path / "index.csv").write_text(header + rows, "utf-8")
    every = {str(tmp_path / row.path): row for row in read_index(tmp_path)}
    trained = {row.designation for row in every.values() if row.trains}
    chosen = [every[str(task.photo)] for task in labelled_photos(tmp_path)]
    assert chosen and trained
    assert not {row.designation for row in chosen} & trained
    assert {row.half for row in chosen} == {"tuning"}
