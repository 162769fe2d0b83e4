"""The second renderer: what it says about its pictures is so, and every tier is harder than the last."""

import csv
from functools import cache

import cv2
import numpy as np
import pytest

from models.foreign.faces import DRAWN, PAD, UNIT, faces, glyph, missing_faces
from models.foreign.plates import TIERS, ForeignPlate, Tier, foreign_plate, main
from pipelines.glyphs import GLYPHS

SEEDS = (3, 6, 7)


@cache
def plate(seed: int, tier: Tier, blank: bool = False) -> ForeignPlate:
    return foreign_plate(seed, tier, photographs=1 if tier != "etched" else 2, blank=blank)


def relief(picture: np.ndarray, quads: np.ndarray) -> float:
    """Grey steps inside the quads over those between one and two heights above and below them."""
    grey = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32), (0, 0), 1.2)
    steps = np.hypot(np.gradient(grey, axis=1), np.gradient(grey, axis=0))
    inside, near = np.zeros(grey.shape, np.uint8), np.zeros(grey.shape, np.uint8)
    for quad in quads:
        cv2.fillConvexPoly(inside, np.round(quad).astype(np.int32), 1)
        down = quad[3] - quad[0]
        for shift in (-1.2 * down, 1.2 * down):
            cv2.fillConvexPoly(near, np.round(quad + shift).astype(np.int32), 1)
    return float(steps[inside > 0].mean() / steps[(near > 0) & (inside == 0)].mean())


@pytest.mark.parametrize("tier", TIERS)
def test_the_same_seed_gives_the_same_bytes(tier):
    seed = SEEDS[0]
    again = foreign_plate(seed, tier, photographs=len(plate(seed, tier).files))
    assert again.files == plate(seed, tier).files
    assert again.text == plate(seed, tier).text
    assert all(np.array_equal(a, b) for a, b in zip(again.quads, plate(seed, tier).quads, strict=True))
    assert again.files != plate(SEEDS[1], tier).files


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("seed", SEEDS)
def test_quads_are_boxes_of_characters_in_the_picture(seed, tier):
    made = plate(seed, tier)
    assert made.glyphs == tuple("".join(made.text).replace(" ", ""))
    assert set(made.glyphs) <= set(GLYPHS)
    for picture, quads, region in zip(made.photographs, made.quads, made.region, strict=True):
        height, width = picture.shape[:2]
        assert picture.dtype == np.uint8
        assert 600 <= min(height, width) <= max(height, width) <= 1600
        assert quads.shape == (len(made.glyphs), 4, 2)
        assert quads.min() >= 0 and (quads <= (width - 1, height - 1)).all()
        x0, y0, x1, y1 = region
        assert (quads >= (x0, y0)).all() and (quads <= (x1, y1)).all()
        across, down = quads[:, 1] - quads[:, 0], quads[:, 3] - quads[:, 0]
        assert (across[:, 0] * down[:, 1] - across[:, 1] * down[:, 0] > 0).all()  # clockwise
        tall = np.hypot(*down.T)
        assert (tall > 20).all() and (tall < 160).all()
        assert (np.hypot(*across.T) < 1.7 * tall).all()
        upright = np.degrees(np.arctan2(across[:, 1], across[:, 0])) + made.rotate_cw
        assert (np.abs((upright + 180) % 360 - 180) < 20).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_ink_of_an_intact_plate_is_where_the_quads_are(seed):
    made = plate(seed, "intact")
    assert relief(made.photographs[0], made.quads[0]) > 1.3


def test_every_tier_is_harder_than_the_one_before():
    told = {
        tier: np.mean([relief(plate(s, tier).photographs[0], plate(s, tier).quads[0]) for s in SEEDS])
        for tier in TIERS
    }
    assert told["intact"] > told["worn"] > told["etched"]


@pytest.mark.parametrize("tier", TIERS)
def test_a_blank_plate_has_a_region_and_no_characters(tier):
    made = plate(SEEDS[1], tier, blank=True)
    assert made.text == () and made.glyphs == ()
    assert all(quads.shape == (0, 4, 2) for quads in made.quads)
    for x0, y0, x1, y1 in made.region:
        assert x1 - x0 > y1 - y0 > 24


def test_every_face_has_every_glyph():
    assert set(DRAWN) <= set(faces())
    assert not set(faces()) & set(missing_faces())
    for face in faces():
        seen = set()
        for character in GLYPHS:
            sign = glyph(face, character)
            ink = sign.distance[PAD - UNIT // 2 : PAD + UNIT + UNIT // 2] < 0
            assert 0.05 < sign.width < 1.9 and -0.4 < sign.top < sign.bottom < 1.4, (face, character)
            assert 0.003 < ink.sum() / UNIT**2 < 1.4, (face, character)
            seen.add(ink.tobytes())
        # DejaVu Sans Mono has one outline for 3 and З.
        assert len(seen) == len(GLYPHS) - ("mono" in face), face


def test_an_unknown_face_and_glyph_are_named():
    with pytest.raises(ValueError, match="no face 'helvetica'"):
        glyph("helvetica", "A")
    with pytest.raises(ValueError, match="no glyph class"):
        glyph("rounded", "a")


def test_the_folder_says_what_is_on_the_plates(tmp_path):
    main([str(tmp_path), "--tier", "worn", "--count", "2", "--seed", "6", "--photographs", "1"])
    with (tmp_path / "truth.csv").open(encoding="utf-8-sig", newline="") as file:
        truth = list(csv.DictReader(file))
    assert [row["series"] for row in truth] == ["worn_00006", "worn_00007"]
    assert truth[0]["text"] == "|".join(plate(6, "worn").text)
    folder = tmp_path / "worn_00006"
    with (folder / "regions.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (folder / row["file"]).read_bytes() == plate(6, "worn").files[0]
    assert tuple(float(row[key]) for key in ("x0", "y0", "x1", "y1")) == plate(6, "worn").region[0]


@pytest.mark.parametrize(("tier", "count"), [("rubbed", 1), ("worn", 0)])
def test_what_cannot_be_made_is_refused(tier, count):
    with pytest.raises(ValueError):
        foreign_plate(1, tier, photographs=count)
