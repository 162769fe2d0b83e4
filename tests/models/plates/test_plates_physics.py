"""What the simulator says is true of a plate is what its pictures show: further checks."""

import json
from dataclasses import asdict, replace

import cv2
import numpy as np
import pytest

from models.plates.camera import Camera, apply
from models.plates.draw import random_spec
from models.plates.etch import Etching
from models.plates.light import Light
from models.plates.obliterate import Obliteration
from models.plates.plate import photographs
from models.plates.samples import FOLDER, SERIES, make, state
from models.plates.spec import Handling, PlateSpec, Stage, stream
from models.plates.strike import Punch, groove, impress, lay_out, outline
from models.plates.typefaces import glyphs
from pipelines.comparison.drawn_faces import FACES
from pipelines.glyphs import GLYPHS

NAMES = [series.folder for series in SERIES]
TIERS = ("intact", "worn", "etched")
STILL = Handling(0, 0, 0, 0, 0, 0, 0, 0)
PUNCH = Punch(height=5.0, stroke=0.7, depth=0.25, pitch=5.4)
CAMERA = Camera(width=360, height=150, scale=10.5, aim=(18.0, 7.5), gain=0.0, sharpening=0.0)
REFLECTANCE_ALONE = Light(azimuth=0, elevation=80, strength=0, diffuse=0, ambient=1)
PLAIN = PlateSpec(
    seed=7, lines=("B48Ж7",), tier="intact", size=(36.0, 15.0), dirt=0.6, punch=PUNCH, camera=CAMERA
)


def ground(depth: float, **changes) -> PlateSpec:
    """The plate ground `depth` mm deep, the same all over."""
    everywhere = (-30.0, -30.0, 96.0, 75.0)
    return replace(PLAIN, obliteration=Obliteration(depth, (0.0, 0.0), 0.0, everywhere, 1.0), **changes)


ETCHING = Etching(0.5, reach=4, stain=0.0, rise=60, fade=200, time_spread=0.4, dwell=(0, 600))
ETCHED = ground(
    0.3,
    tier="etched",
    lines=("48Ж7BXQ2",),
    punch=replace(PUNCH, pitch=4.0, height=4.0),
    light=REFLECTANCE_ALONE,
    handling=STILL,
    etching=ETCHING,
)


def grey(pixels: np.ndarray) -> np.ndarray:
    return pixels.astype(np.float32).mean(axis=2)


def inside(quads: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    mask = np.zeros(shape, np.uint8)
    for quad in quads:
        cv2.fillConvexPoly(mask, np.round(quad * 16).astype(np.int32), 1, shift=4)
    return mask.astype(bool)


def changes(spec: PlateSpec, count: int) -> list[np.ndarray]:
    """What the strokes change in each photograph, the meter's different exposure taken out."""
    pairs = zip(
        photographs(spec, count).photographs,
        photographs(replace(spec, lines=()), count).photographs,
        strict=True,
    )
    differences = [grey(struck.pixels) - grey(bare.pixels) for struck, bare in pairs]
    return [difference - np.median(difference) for difference in differences]


@pytest.mark.parametrize("line", ["A*", "Aa", "AЁ", "AА"], ids=["sign", "small", "Ё", "Cyrillic twin of A"])
def test_a_character_outside_the_classes_is_refused(line):
    with pytest.raises(KeyError):
        photographs(replace(PLAIN, lines=(line,)), 1)
    with pytest.raises(KeyError):
        photographs(replace(PLAIN, overstruck=((0, 0, line[-1]),)), 1)


def test_an_unknown_face_is_refused():
    with pytest.raises(KeyError):
        glyphs("blackletter")
    with pytest.raises(KeyError):
        photographs(replace(PLAIN, punch=replace(PUNCH, face="blackletter")), 1)


@pytest.mark.parametrize("spec", [PLAIN, replace(PLAIN, punch=replace(PUNCH, dot_spacing=0.1))])
def test_quads_hold_the_strokes_of_a_tilted_and_moved_plate_and_not_those_of_another_photograph(spec):
    spec = replace(spec, handling=Handling(tilt_spread=8, turn_spread=6, shift_spread=2.5))
    quads = [photograph.quads for photograph in photographs(spec, 3).photographs]
    for number, change in enumerate(changes(spec, 3)):
        shares = [(change[inside(q, change.shape)] ** 2).sum() / (change**2).sum() for q in quads]
        assert shares[number] > 0.9
        assert all(share < 0.9 * shares[number] for k, share in enumerate(shares) if k != number)


def test_the_aim_point_is_in_the_middle_and_the_scale_holds_there():
    camera = replace(CAMERA, tilt=(12, -9), turn=20, scale=9.0)
    (photograph,) = photographs(replace(PLAIN, camera=camera, handling=STILL), 1).photographs
    middle, aim = np.array([(360 - 1) / 2, (150 - 1) / 2]), np.array(camera.aim)
    np.testing.assert_allclose(apply(photograph.homography, aim), middle, atol=1e-9)
    right = apply(photograph.homography, aim + np.array([0.001, 0])) - middle
    down = apply(photograph.homography, aim + np.array([0, 0.001])) - middle
    # Turned clockwise: the plate's x axis points to the right and down in the picture.
    assert 0 < right[1] < right[0]
    # A tilted plane looks smaller by the cosine of each tilt.
    area = (right[0] * down[1] - right[1] * down[0]) / 0.001**2
    assert area == pytest.approx(9.0**2 * np.cos(np.radians(12)) * np.cos(np.radians(9)), rel=0.001)


def test_even_grinding_leaves_the_depth_less_what_it_took():
    spec = ground(0.1, punch=replace(PUNCH, lean_spread=0.0))
    characters = photographs(spec, 1).characters
    assert [c.left for c in characters] == pytest.approx([c.depth - 0.1 for c in characters])
    assert np.abs(changes(spec, 1)[0]).max() > 15


def test_the_picture_has_the_sign_of_the_etched_contrast_and_both_occur_on_one_plate():
    signs = set()
    for photograph, change in zip(photographs(ETCHED, 9).photographs, changes(ETCHED, 9), strict=True):
        for quad, contrast in zip(photograph.quads, photograph.contrast, strict=True):
            if abs(contrast) > 0.12:
                strokes = change[inside(quad[None], change.shape)]
                assert np.sign(strokes[np.argsort(np.abs(strokes))[-200:]].mean()) == np.sign(contrast)
                signs.add(float(np.sign(contrast)))
    assert signs == {-1.0, 1.0}


def test_every_characters_contrast_rises_and_fades_in_its_own_time():
    over_time = np.abs([photograph.contrast for photograph in photographs(ETCHED, 41).photographs])
    assert not over_time[0].any()
    peaks = over_time.argmax(axis=0)
    for series, peak in zip(over_time.T, peaks, strict=True):
        assert 0 < peak < 40
        assert (np.diff(series[: peak + 1]) > 0).all()
        assert (np.diff(series[peak:]) <= 0).all()
        assert series[-1] < 0.5 * series[peak]
    assert len(set(peaks)) > 2


def test_etching_shows_what_grinding_took_unless_it_went_below_the_deformed_zone():
    specs = [
        replace(ETCHED, obliteration=replace(ETCHED.obliteration, depth=depth)) for depth in (0.3, 0.6, 6)
    ]
    shown = [photographs(spec, 9).photographs[1].visibility.mean() for spec in specs]
    assert shown[0] > 0.2
    assert shown[0] > shown[1] > shown[2]
    assert shown[2] < 1e-6


def test_the_deformed_zone_moves_outwards_below_the_groove():
    """Away from the stroke, where there was next to nothing at the groove's bottom, deeper metal answers."""

    def half_width(depth: float) -> float:
        """Columns in which a bar is darker by at least half of its middle, by the zone's own edge."""
        spec = replace(
            ETCHED,
            lines=("-",),
            obliteration=replace(ETCHED.obliteration, depth=depth),
            etching=replace(ETCHING, strength=1.0, reach=20, darkening=1.0, time_spread=0, dwell=(90, 90)),
        )
        centre = photographs(spec, 1).photographs[0].quads[0].mean(axis=0).round().astype(int)
        profile = -changes(spec, 1)[0][:, centre[0] - 2 : centre[0] + 3].mean(axis=1)
        return float((profile > 0.5 * profile.max()).sum())

    assert half_width(1.2) > half_width(0.25) + 4


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("profile", ["v", "flat", "round"])
def test_every_glyph_leaves_a_groove_as_deep_as_it_was_struck_inside_its_quad(face, profile):
    punch = replace(PUNCH, face=face, profile=profile, lean_spread=0.0)
    size, scale = (20 * punch.pitch + 6, 30.0), 12.0
    shape = (round(size[1] * scale), round(size[0] * scale))
    blows = lay_out((GLYPHS[:20], GLYPHS[20:40], GLYPHS[40:]), punch, size, stream(1, Stage.LAYOUT))
    assert "".join(blow.glyph for blow in blows) == GLYPHS
    for blow in blows:
        impression = impress(blow, punch, shape, scale)
        assert impression is not None
        depth = groove(impression, punch)
        # A sample beside the centre line of a V is less deep than the line itself.
        assert depth.max() == pytest.approx(blow.depth, rel=0.2)
        row, column = np.unravel_index(depth.argmax(), depth.shape)
        x = (impression.columns.start + column + 0.5) / scale
        y = (impression.rows.start + row + 0.5) / scale
        assert cv2.pointPolygonTest(outline(blow, punch).astype(np.float32), (float(x), float(y)), False) > 0


@pytest.mark.parametrize("tier", TIERS)
def test_drawn_plates_keep_their_characters_on_the_plate_and_their_tier(tier):
    for seed in range(60):
        spec = random_spec(seed, tier)
        assert (spec.etching.strength > 0) == (tier == "etched")
        if tier == "intact":
            assert spec.obliteration.depth == 0
        else:
            assert (spec.obliteration.depth > spec.punch.depth) == (tier == "etched")
        for blow in lay_out(spec.lines, spec.punch, spec.size, stream(seed, Stage.LAYOUT)):
            quad = outline(blow, spec.punch)
            assert (quad > 0).all()
            assert (quad < spec.size).all()


# --- samples ----------------------------------------------------------------------------------------------


def test_the_folders_are_those_the_program_makes():
    assert sorted(path.name for path in FOLDER.iterdir() if path.is_dir() and path.name[0] != "_") == NAMES
    assert "simulated" in (FOLDER / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("series", SERIES, ids=NAMES)
def test_truth_names_every_file_and_its_figures_follow_from_each_other(series):
    truth = json.loads((FOLDER / series.folder / "truth.json").read_text(encoding="utf-8"))
    assert truth["shows"] == series.shows
    assert truth["spec"] == json.loads(json.dumps(asdict(series.spec)))
    names = sorted(path.name for path in (FOLDER / series.folder).iterdir())
    assert names == [*(frame["file"] for frame in truth["frames"]), "truth.json"]
    assert len(truth["frames"]) == series.count
    on_plate = np.array([c["quad"] for c in truth["characters"]])
    for frame in truth["frames"]:
        # Both are rounded where they are stored: a hundredth of a pixel, and nine digits.
        np.testing.assert_allclose(
            apply(np.array(frame["homography"]), on_plate), np.array(frame["quads"]), atol=0.02
        )
        figures = zip(truth["characters"], frame["contrast"], frame["visibility"], strict=True)
        assert frame["states"] == [state(c["relief"], contrast, seen) for c, contrast, seen in figures]


@pytest.mark.parametrize("series", SERIES, ids=NAMES)
def test_making_any_series_again_gives_the_committed_files(series, tmp_path):
    make(series, tmp_path)
    for new in sorted((tmp_path / series.folder).iterdir()):
        old = FOLDER / series.folder / new.name
        if new.suffix != ".jpg" or new.read_bytes() == old.read_bytes():
            continue
        # Another kind of processor rounds otherwise in the last digit: the pictures agree, not the bytes.
        ours, theirs = (cv2.imread(str(path)).astype(np.int16) for path in (new, old))
        assert np.percentile(np.abs(ours - theirs), 99) <= 1
