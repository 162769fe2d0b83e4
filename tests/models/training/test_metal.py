"""Photographs of steel under training's characters: which are opened, and how they become a strip."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from models.training import metal

MODELS = Path(metal.__file__).resolve().parents[1]


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(3)
    for kind in (*metal.TRAINING_KINDS, *metal.JUDGED_KINDS):
        for number in range(1, 31):
            grey = cv2.GaussianBlur(rng.integers(0, 256, (200, 200)).astype(np.uint8), (0, 0), 2.0)
            cv2.imwrite(str(tmp_path / f"{kind}_{number}.jpg"), grey)
    return tmp_path


def test_kinds_that_judge_are_never_opened(folder):
    paths = [path for kept_back in (False, True) for path in metal.photographs(folder, kept_back)]
    assert len(paths) == len(set(paths)) == 30 * len(metal.TRAINING_KINDS)
    assert {path.stem.rsplit("_", 1)[0] for path in paths} == set(metal.TRAINING_KINDS)
    for kind in metal.JUDGED_KINDS:
        with pytest.raises(ValueError, match=kind):
            metal.photographs(folder, kinds=(kind,))


def test_no_other_module_of_models_names_a_kind_that_judges():
    naming = [
        path.name
        for path in MODELS.rglob("*.py")
        if any(f'"{kind}' in path.read_text("utf-8") for kind in metal.JUDGED_KINDS)
    ]
    assert naming == ["metal.py"]


def test_the_judge_judges_on_what_training_may_not_open():
    from benchmarks import on_metal_plates

    assert set(on_metal_plates.JUDGED_KINDS) == set(metal.JUDGED_KINDS)
    assert not set(metal.TRAINING_KINDS) & set(metal.JUDGED_KINDS)


def test_a_folder_without_steel_is_named(tmp_path):
    with pytest.raises(ValueError, match=str(tmp_path)):
        metal.photographs(tmp_path)


@pytest.mark.parametrize("wide", [96, 256, 640])
def test_a_strip_of_metal_is_as_wide_as_asked_and_the_same_again(folder, wide):
    picture = metal.opened(metal.photographs(folder)[:1])[0]
    strip, again = (metal.metal_strip(picture, 48, wide, np.random.default_rng(wide)) for _ in range(2))
    assert strip.shape == (48, wide) and strip.tobytes() == again.tobytes()
    assert abs(float(strip.mean())) < 1e-4 and float(strip.std()) == pytest.approx(1, abs=1e-4)


def test_a_quilt_is_made_of_the_picture_and_shows_no_seam():
    """Of a ramp downwards, pieces from the same height join without a trace."""
    ramp = np.repeat(np.arange(48, dtype=np.float32)[:, None], 100, axis=1)
    quilt = metal._quilted(ramp, 48, 333, np.random.default_rng(1))
    assert np.array_equal(quilt, np.repeat(ramp[:, :1], 333, axis=1))


def test_a_seam_goes_where_two_pieces_agree():
    left, right = np.zeros((6, 2 * metal.SEAM), np.float32), np.ones((6, 2 * metal.SEAM), np.float32)
    right[:, 3] = 0
    joined = metal._joined(left, right)
    assert (joined[:, metal.SEAM : metal.SEAM + 4] == 0).all() and (joined[:, metal.SEAM + 4 :] == 1).all()
