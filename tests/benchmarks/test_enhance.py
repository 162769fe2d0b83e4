"""The enhancement benchmark's figures on drawings whose strokes are known."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.enhance import Case, gains, known, seen_strokes, strokes_of, tuning_case
from pipelines.strip import as_quad
from pipelines.types import Image


def case(contrast: float = 0.2, noise: float = 0.02) -> Case:
    """Four digits on grainy metal, and the same grain without them."""
    rng = np.random.default_rng(4)
    blank = (0.5 + cv2.GaussianBlur(rng.normal(0, noise * 4, (160, 360)), (0, 0), 1.2)).astype(np.float32)
    marks = np.zeros(blank.shape, np.uint8)
    cv2.putText(marks, "4718", (60, 110), cv2.FONT_HERSHEY_SIMPLEX, 3, 255, 9)
    marked = np.clip(blank - contrast * marks.astype(np.float32) / 255, 0, 1)
    blank = np.clip(blank, 0, 1)
    band = as_quad([(50, 38), (310, 38), (310, 122), (50, 122)])
    return Case("drawn", "4718", marked.astype(np.float32), band, blank, (blank, band))


def seen(drawn: Case, marked: Image, blank: Image) -> tuple[float, float]:
    strokes = strokes_of(drawn)
    assert strokes is not None
    return seen_strokes(drawn, strokes, marked, blank)


def test_the_strokes_are_found_where_they_were_drawn() -> None:
    strokes = strokes_of(case())
    assert strokes is not None
    expected = case(noise=0).image < 0.4
    assert (strokes & expected).sum() > 0.9 * max(strokes.sum(), expected.sum())
    assert strokes_of(case(contrast=0.005, noise=0.0)) is None


def test_contrast_to_noise_follows_both() -> None:
    plain = case()
    assert plain.blank is not None
    contrast, _ = seen(plain, plain.image, plain.blank)
    stronger = case(contrast=0.4)
    assert stronger.blank is not None
    assert seen(stronger, stronger.image, stronger.blank)[0] == pytest.approx(2 * contrast, rel=0.1)
    halved = [0.5 + 0.5 * (one - 0.5) for one in (plain.image, plain.blank)]
    assert seen(plain, halved[0], halved[1])[0] == pytest.approx(contrast, rel=0.01)


def test_what_a_step_draws_on_the_blank_counts_and_even_metal_does_not() -> None:
    plain = case(noise=0.004)
    assert plain.blank is not None
    assert seen(plain, plain.image, plain.blank)[1] == 0
    invented = [one.copy() for one in (plain.image, plain.blank)]
    for picture in invented:
        for x in (120, 200):
            picture[50:100, x : x + 9] -= np.float32(0.2)
    # Each with its rims.
    assert seen(plain, invented[0], invented[1])[1] == 3 * 2 / 4


def test_gains_are_beside_the_photograph_as_taken_on_the_same_plates() -> None:
    taken = {"evidence": -2.0, "blank": 0, "contrast": 1.0, "false": 1.0}
    plates = {
        "tuning a 1": {"as_taken": taken, "step": {**taken, "evidence": -1.0, "contrast": 4.0, "blank": 1}},
        "tuning a 2": {"as_taken": taken, "step": {**taken, "evidence": -2.0, "contrast": 1.0}},
        "tuning a 3": {"as_taken": {"evidence": -1.0, "blank": 0}, "step": {"evidence": -0.5, "blank": 0}},
    }
    found = gains(plates, "step")
    assert (found["plates"], found["twins"]) == (3, 2)
    assert found["evidence"] == 0.5 and found["contrast"] == 2.0
    assert found["false_strokes"] == 1.0 and found["read_on_blanks"] == 0.333
    assert found["evidence_95"][0] <= 0.5 <= found["evidence_95"][1]


def test_details_add_up_and_a_line_cut_off_is_left_out(tmp_path: Path) -> None:
    details = tmp_path / "details.jsonl"
    rows = [{"key": "a", "found": {"x": 1}}, {"key": "a", "found": {"y": 2}}, {"key": "b", "found": {"x": 3}}]
    details.write_text("\n".join(json.dumps(row) for row in rows) + '\n{"key": "c", "fou', encoding="utf-8")
    assert known(details) == {"a": {"x": 1, "y": 2}, "b": {"x": 3}}
    assert known(tmp_path / "none") == {}


def test_a_tuning_plate_and_its_twin_differ_by_the_strokes_alone() -> None:
    plate = tuning_case(800_003, "intact")
    assert plate is not None and plate.blank is not None
    change = np.abs(plate.image - plate.blank).max(axis=2)
    assert np.median(change) < 0.01
    inside = np.zeros(change.shape, np.uint8)
    cv2.fillConvexPoly(inside, np.round(plate.band).astype(np.int32), 1)
    assert change[inside == 0].mean() < 0.1 * change[inside == 1].mean()
