"""The simulated plates: chance, geometry, physics."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.plates import camera as cameras
from models.plates.body import Body
from models.plates.camera import Camera
from models.plates.draw import random_spec
from models.plates.etch import Etching
from models.plates.light import Light
from models.plates.obliterate import Obliteration, removal
from models.plates.plate import photographs
from models.plates.spec import Handling, PlateSpec, Stage, Tier, stream
from models.plates.strike import Punch, impress, lay_out, strike
from models.plates.surface import Surface
from models.plates.typefaces import distance_field, extent, glyphs
from pipelines.comparison.drawn_faces import FACES
from pipelines.glyphs import GLYPHS

TIERS: tuple[Tier, ...] = ("intact", "worn", "etched")

STILL = Handling(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)

WHOLE_PLATE = (-20.0, -20.0, 80.0, 64.0)


def plain_spec(**changes: object) -> PlateSpec:
    """A quiet plate seen by a still camera: what differs between two of them is what the test changed."""
    spec = PlateSpec(
        seed=7,
        lines=("K4B9",),
        tier="intact",
        size=(40.0, 24.0),
        punch=Punch(height=6.0, stroke=0.8, depth=0.25, pitch=7.0),
        surface=Surface("steel", "blasted", 0.0, 0.15, 0.03, 0.0, 0.0, 0.0),
        body=Body(chamfer=0.0, corner=0.1),
        light=Light(315.0, 35.0),
        camera=Camera(width=320, height=192, scale=8.0, aim=(20.0, 12.0), gain=0.0, sharpening=0.0),
        handling=STILL,
    )
    return replace(spec, **changes)  # type: ignore[arg-type]


def luminance(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    return pixels.astype(np.float64).mean(axis=-1)


def inside(quads: npt.NDArray[np.float64], shape: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """The pixels that any of the quads covers."""
    mask = np.zeros(shape, np.uint8)
    for quad in quads:
        cv2.fillConvexPoly(mask, np.rint(quad).astype(np.int32), 1)
    return mask.astype(bool)


@pytest.mark.parametrize("tier", TIERS)
def test_same_seed_same_bytes(tier: Tier) -> None:
    first, again = photographs(random_spec(11, tier), 2), photographs(random_spec(11, tier), 2)
    for one, other in zip(first.photographs, again.photographs, strict=True):
        assert one.pixels.tobytes() == other.pixels.tobytes()
    assert first.characters == again.characters


def test_bytes_do_not_depend_on_thread_count() -> None:
    before = cv2.getNumThreads()
    try:
        cv2.setNumThreads(1)
        alone = photographs(random_spec(12, "etched"), 1)
        cv2.setNumThreads(4)
        together = photographs(random_spec(12, "etched"), 1)
    finally:
        cv2.setNumThreads(before)
    assert alone.photographs[0].pixels.tobytes() == together.photographs[0].pixels.tobytes()


def test_other_seed_other_plate() -> None:
    assert random_spec(1, "intact") != random_spec(2, "intact")
    spec = plain_spec()
    one, other = photographs(spec, 1), photographs(replace(spec, seed=8), 1)
    assert one.photographs[0].pixels.tobytes() != other.photographs[0].pixels.tobytes()


def test_photographs_of_a_short_series_begin_the_long_one() -> None:
    spec = random_spec(4, "intact")
    short, long = photographs(spec, 1), photographs(spec, 3)
    assert short.photographs[0].pixels.tobytes() == long.photographs[0].pixels.tobytes()


@settings(max_examples=12)
@given(seed=st.integers(0, 2**32), tier=st.sampled_from(TIERS))
def test_random_plates_are_consistent(seed: int, tier: Tier) -> None:
    spec = random_spec(seed, tier)
    plate = photographs(spec, 1)
    shot = plate.photographs[0]
    assert shot.pixels.shape == (spec.camera.height, spec.camera.width, 3) and shot.pixels.dtype == np.uint8
    assert len(plate.characters) == len(plate.text.replace("\n", "").replace(" ", ""))
    assert shot.quads.shape == (len(plate.characters), 4, 2)
    assert all(glyph in GLYPHS + " \n" for glyph in plate.text)
    assert shot.pixels.std() > 1, "a photograph without any structure"
    assert ((shot.visibility >= 0) & (shot.visibility <= 1)).all()


@pytest.mark.parametrize("face", sorted(FACES))
def test_every_glyph_is_drawn_and_stands_apart(face: str) -> None:
    drawn = glyphs(face)
    assert set(drawn) == set(GLYPHS)
    images = {}
    for glyph in GLYPHS:
        field, x0, y0 = distance_field(face, glyph)
        left, _, right, _ = extent(drawn[glyph])
        # Compared centred, as a reader that has found the character would see it.
        shift = np.array(
            [[1.0, 0.0, 48 * 0.9 - 96 * ((left + right) / 2 - x0) / 2], [0.0, 1.0, 48 * (0.5 + y0)]]
        )
        shift[0, 0] = shift[1, 1] = 0.5
        images[glyph] = cv2.warpAffine((field < 0.06).astype(np.float32), shift, (96, 96))
        assert images[glyph].sum() > 5
    for one, other in combinations(GLYPHS, 2):
        difference = np.abs(images[one] - images[other]).sum()
        assert difference > 0.06 * (images[one].sum() + images[other].sum()), f"{one} looks like {other}"


def test_faces_differ() -> None:
    widths = {face: extent(glyphs(face)["8"])[2] for face in FACES}
    assert len(set(widths.values())) == len(FACES)


@pytest.mark.parametrize("azimuth", [0.0, 120.0, 240.0])
def test_quads_hold_the_strokes(azimuth: float) -> None:
    spec = plain_spec(light=Light(azimuth, 40.0))
    struck = photographs(spec, 1).photographs[0]
    blank = photographs(replace(spec, lines=()), 1).photographs[0]
    difference = luminance(struck.pixels) - luminance(blank.pixels)
    energy = (difference - np.median(difference)) ** 2
    mask = inside(struck.quads, energy.shape)
    assert energy[mask].sum() > 0.9 * energy.sum()
    for quad in struck.quads:
        alone = inside(quad[None], energy.shape)
        assert energy[alone].mean() > 20 * energy[~mask].mean()


def test_quads_run_clockwise_from_the_top_left() -> None:
    for quad in photographs(plain_spec(), 1).photographs[0].quads:
        top_left, top_right, bottom_right, bottom_left = quad
        assert top_left[0] < top_right[0] and bottom_left[0] < bottom_right[0]
        assert top_left[1] < bottom_left[1] and top_right[1] < bottom_right[1]


def test_homographies_take_quads_from_frame_to_frame() -> None:
    plate = photographs(replace(plain_spec(), handling=Handling()), 3)
    first = plate.photographs[0]
    for shot in plate.photographs[1:]:
        across = shot.homography @ np.linalg.inv(first.homography)
        assert not np.allclose(first.quads, shot.quads, atol=0.5)
        assert np.allclose(cameras.apply(across, first.quads), shot.quads, atol=1e-6)


def test_homography_fits_the_pixels() -> None:
    spec = replace(plain_spec(), handling=Handling(0, 0, 0, 0.6, 1.5, 3.0, 0.02, 0.0))
    first, second = photographs(spec, 2).photographs
    across = second.homography @ np.linalg.inv(first.homography)
    moved = cv2.warpPerspective(first.pixels, across, (320, 192), borderMode=cv2.BORDER_REPLICATE)
    middle = np.s_[40:-40, 60:-60]
    true = np.corrcoef(luminance(moved)[middle].ravel(), luminance(second.pixels)[middle].ravel())[0, 1]
    still = np.corrcoef(luminance(first.pixels)[middle].ravel(), luminance(second.pixels)[middle].ravel())[
        0, 1
    ]
    assert true > 0.85 and true > still


def test_grinding_past_the_groove_removes_it() -> None:
    deep = Obliteration(0.6, (0.0, 0.0), 0.0, WHOLE_PLATE, 1.0, (0.0,), 0.1, 0.02)
    spec = plain_spec(obliteration=deep, tier="worn")
    ground = photographs(spec, 1)
    assert all(character.left == 0 and character.relief == 0 for character in ground.characters)
    blank = photographs(replace(spec, lines=()), 1)
    assert ground.photographs[0].pixels.tobytes() == blank.photographs[0].pixels.tobytes()


def test_grinding_leaves_what_lies_deeper() -> None:
    shallow = replace(Obliteration(), depth=0.1, unevenness=0.0, patch=WHOLE_PLATE)
    plate = photographs(plain_spec(obliteration=shallow, tier="worn"), 1)
    for character in plate.characters:
        assert 0 < character.left < character.depth * 1.6
    shape, scale = (192, 320), 8.0
    removed = removal(shallow, shape, scale, stream(1, Stage.GRINDING))
    assert np.allclose(removed, 0.1, atol=1e-3)


def test_a_shallow_blow_is_narrow_as_well() -> None:
    punch = Punch(depth=0.25, depth_spread=0.0, lean_spread=0.0, ragged=0.0)
    (blow,) = lay_out(("I",), punch, (10.0, 10.0), stream(1, Stage.LAYOUT))
    areas = []
    for depth in (0.25, 0.12):
        impression = impress(replace(blow, depth=depth), punch, (200, 200), 20.0)
        assert impression is not None
        struck, _ = strike([impression], punch, (200, 200), 20.0, stream(1, Stage.STRIKE))
        areas.append(int((struck > 0.01).sum()))
        assert struck.max() <= depth
    assert areas[1] < 0.75 * areas[0]


def test_blank_plate_has_no_characters() -> None:
    plate = photographs(plain_spec(lines=()), 2)
    assert plate.text == "" and plate.characters == ()
    assert plate.photographs[0].quads.shape == (0, 4, 2)
    assert any(not random_spec(seed, "intact").lines for seed in range(60))


def test_a_space_is_a_position_without_a_character() -> None:
    plate = photographs(plain_spec(lines=("K 9",)), 1)
    assert [(character.glyph, character.index) for character in plate.characters] == [("K", 0), ("9", 2)]


def _etched(darkening: float, **changes: Any) -> PlateSpec:
    etching = replace(
        Etching(0.5, darkening=darkening, stain=0.0, relief=0.0, time_spread=0.0, dwell=(90.0, 90.0)),
        **changes,
    )
    return plain_spec(
        tier="etched",
        obliteration=Obliteration(0.4, (0.0, 0.0), 0.0, WHOLE_PLATE, 1.0, (0.0,), 0.1, 0.02),
        etching=etching,
        light=Light(315.0, 70.0, diffuse=1.0),
    )


@pytest.mark.parametrize(("darkening", "sign"), [(1.0, -1), (0.0, 1)])
def test_etched_contrast_has_either_sign(darkening: float, sign: int) -> None:
    spec = _etched(darkening)
    etched = photographs(spec, 1)
    blank = photographs(replace(spec, lines=()), 1)
    difference = luminance(etched.photographs[0].pixels) - luminance(blank.photographs[0].pixels)
    difference -= np.median(difference)
    mask = inside(etched.photographs[0].quads, difference.shape)
    assert sign * difference[mask].mean() > 1
    assert (sign * etched.photographs[0].contrast > 0).all()
    assert all(character.relief == 0 for character in etched.characters)


def test_etched_contrast_rises_peaks_and_fades() -> None:
    spec = _etched(1.0, rise=40.0, fade=150.0)
    series = photographs(replace(spec, etching=replace(spec.etching, dwell=(5.0, 400.0))), 8)
    course = np.array([np.abs(shot.contrast).mean() for shot in series.photographs])
    peak = int(course.argmax())
    assert 0 < peak < 7
    assert course[0] < 0.5 * course[peak] and course[-1] < 0.5 * course[peak]


def test_deformed_zone_is_wider_and_weaker_below_the_groove() -> None:
    widths, contrasts = [], []
    for depth in (0.26, 0.6):
        spec = _etched(1.0)
        spec = replace(spec, lines=("I",), obliteration=replace(spec.obliteration, depth=depth))
        shot = photographs(spec, 1).photographs[0]
        blank = photographs(replace(spec, lines=()), 1).photographs[0]
        difference = luminance(blank.pixels) - luminance(shot.pixels)
        profile = difference[70:122].mean(axis=0)
        profile = np.clip(profile - np.median(profile), 0, None)
        widths.append(float((profile > 0.5 * profile.max()).sum()))
        contrasts.append(float(np.abs(shot.contrast[0])))
    assert widths[1] > widths[0]
    assert contrasts[1] < contrasts[0]


def test_overstruck_character_stands_over_the_old_one() -> None:
    spec = _etched(1.0)
    over = photographs(replace(spec, overstruck=((0, 1, "8"),)), 1)
    assert over.text == "K4B9"
    assert [character.overstruck for character in over.characters] == [None, "8", None, None]
    difference = luminance(over.photographs[0].pixels) - luminance(photographs(spec, 1).photographs[0].pixels)
    where = [
        (difference[inside(quad[None], difference.shape)] ** 2).mean() for quad in over.photographs[0].quads
    ]
    assert int(np.argmax(where)) == 1


def test_raking_light_turns_the_bright_edge_with_the_lamp() -> None:
    left = photographs(plain_spec(lines=("I",), light=Light(270.0, 25.0)), 1).photographs[0]
    right = photographs(plain_spec(lines=("I",), light=Light(90.0, 25.0)), 1).photographs[0]
    middle = round(float(left.quads[0, :, 0].mean()))
    columns = np.arange(middle - 4, middle + 5) - middle
    sides = []
    for shot in (left, right):
        profile = luminance(shot.pixels)[80:112, middle - 4 : middle + 5].mean(axis=0)
        sides.append(float(((profile - profile.mean()) * columns).sum()))
    assert sides[0] * sides[1] < 0
