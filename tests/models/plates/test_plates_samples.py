"""The committed sample series: small, true and made again byte for byte."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.plates.samples import FOLDER, SERIES, Series, make

NAMES = [series.folder for series in SERIES]


@pytest.mark.parametrize("series", SERIES, ids=NAMES)
def test_series_is_small_and_its_truth_fits(series: Series) -> None:
    place = FOLDER / series.folder
    assert sum(path.stat().st_size for path in place.iterdir()) < 1_000_000
    truth = json.loads((place / "truth.json").read_text(encoding="utf-8"))
    assert truth["text"] == "\n".join(series.spec.lines) == "\n".join(truth["lines"])
    assert "no real item" in truth["licence"]
    struck = [
        (n, i, glyph) for n, line in enumerate(truth["lines"]) for i, glyph in enumerate(line) if glyph != " "
    ]
    assert [(item["line"], item["index"], item["glyph"]) for item in truth["characters"]] == struck
    assert 3 <= len(truth["frames"]) <= 6
    for frame in truth["frames"]:
        with Image.open(place / frame["file"]) as photograph:
            width, height = photograph.size
        quads = np.array(frame["quads"])
        assert quads.shape == (len(struck), 4, 2)
        assert (quads > 0).all() and (quads[..., 0] < width).all() and (quads[..., 1] < height).all()
        assert len(frame["states"]) == len(frame["visibility"]) == len(struck)


def test_samples_hold_every_state() -> None:
    found = set()
    for name in NAMES:
        truth = json.loads((FOLDER / name / "truth.json").read_text(encoding="utf-8"))
        found |= {state for frame in truth["frames"] for state in frame["states"]}
    assert found == {"relief", "etched_dark", "etched_light", "not_visible"}


def test_etched_series_has_no_frame_with_every_character() -> None:
    truth = json.loads((FOLDER / "05_etched_over_time" / "truth.json").read_text(encoding="utf-8"))
    assert all("not_visible" in frame["states"] for frame in truth["frames"])


def test_making_a_series_again_gives_the_same_bytes(tmp_path: Path) -> None:
    series = SERIES[4]
    make(series, tmp_path / "first")
    make(series, tmp_path / "second")
    first, second = tmp_path / "first" / series.folder, tmp_path / "second" / series.folder
    assert sorted(path.name for path in first.iterdir()) == sorted(path.name for path in second.iterdir())
    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes(), path.name


def test_committed_series_is_what_the_program_makes(tmp_path: Path) -> None:
    series = SERIES[0]
    make(series, tmp_path)
    for path in (FOLDER / series.folder).glob("*.jpg"):
        committed = np.asarray(Image.open(path)).astype(np.int16)
        made = np.asarray(Image.open(tmp_path / series.folder / path.name)).astype(np.int16)
        # Another kind of processor may round a few pixels otherwise.
        assert np.abs(committed - made).mean() < 0.5
