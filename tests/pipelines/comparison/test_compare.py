"""Characters laid over each other by known motions; typefaces, hostile ones among them."""

import io

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.comparison.compare import (
    BOX_HEIGHT,
    HEIGHT,
    WIDTH,
    difference,
    drawn_glyph,
    font_glyph,
    fonts_in,
    overlaid,
    overlay_picture,
    stretched,
)
from pipelines.comparison.drawn_faces import FACES
from pipelines.errors import TypefaceError
from pipelines.glyphs import GLYPHS

SHIFT = st.integers(-30, 30)


def moved(patch: np.ndarray, degrees: float, scale: float, shift: tuple[int, int]) -> np.ndarray:
    matrix = cv2.getRotationMatrix2D(((WIDTH - 1) / 2, (HEIGHT - 1) / 2), degrees, scale)
    matrix[:, 2] += shift
    return cv2.warpAffine(patch, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)


def dark(patch: np.ndarray) -> np.ndarray:
    return patch < 0.5


def shared(one: np.ndarray, other: np.ndarray) -> float:
    """Strokes that both have, as a share of those that either has."""
    return float((dark(one) & dark(other)).sum() / (dark(one) | dark(other)).sum())


@settings(max_examples=15)
@given(SHIFT, SHIFT, st.sampled_from([-8, -3, 0, 5, 9]), st.sampled_from([0.9, 1.0, 1.1]), st.booleans())
def test_the_same_character_moved_is_laid_back_in_either_polarity(x, y, degrees, scale, inverted):
    one = drawn_glyph("8", "gothic")
    other = moved(one, degrees, scale, (x, y))
    laid = overlaid(one, 1 - other if inverted else other)
    back = 1 - laid.moved if inverted else laid.moved
    assert shared(one, back) > 0.75
    assert laid.agreement > 0.75


def test_another_character_agrees_less_than_the_same_in_another_face():
    one = drawn_glyph("8", "gothic")
    same, other = (overlaid(one, drawn_glyph(glyph, "narrow")).agreement for glyph in "81")
    assert same > other + 0.1


def test_an_empty_patch_is_laid_nowhere():
    empty = np.full((HEIGHT, WIDTH), 0.4, np.float32)
    for one, other in (
        (empty, drawn_glyph("A", "gothic")),
        (drawn_glyph("A", "gothic"), empty),
        (empty, empty),
    ):
        laid = overlaid(one, other)
        assert np.isfinite(laid.moved).all() and laid.agreement < 0.5


def test_views_show_what_they_say():
    black, white = np.zeros((HEIGHT, WIDTH), np.float32), np.ones((HEIGHT, WIDTH), np.float32)
    assert overlay_picture(white, black)[0, 0, 2] > overlay_picture(white, black)[0, 0, 0]
    assert overlay_picture(black, white)[0, 0, 0] > overlay_picture(black, white)[0, 0, 2]
    assert overlay_picture(white, white).min() > 0.9 and overlay_picture(black, black).max() == 0
    assert difference(white, black).min() == 1 and difference(white, white).max() == 0


@settings(max_examples=20)
@given(st.floats(0, 1), st.floats(0, 1))
def test_stretching_keeps_the_range_whatever_is_in_it(low, high):
    patch = np.linspace(low, high, 400, dtype=np.float32).reshape(20, 20)
    found = stretched(patch)
    assert 0 <= found.min() <= found.max() <= 1 and np.isfinite(found).all()


@pytest.mark.parametrize("face", FACES)
def test_every_glyph_of_every_drawn_face_stands_in_the_middle(face):
    for glyph in GLYPHS:
        drawn = drawn_glyph(glyph, face)
        rows, columns = np.nonzero(dark(drawn))
        assert len(rows) > 50, glyph
        assert abs(columns.mean() - WIDTH / 2) < 0.16 * WIDTH
    rows, _ = np.nonzero(dark(drawn_glyph("H", face)))
    assert np.ptp(rows) + 1 == pytest.approx(BOX_HEIGHT * HEIGHT, abs=3)


@pytest.mark.parametrize("glyph,face", [("€", "gothic"), ("AB", "gothic"), ("", "gothic"), ("A", "fraktur")])
def test_what_no_drawn_face_has_is_refused(glyph, face):
    with pytest.raises(TypefaceError, match="has no"):
        drawn_glyph(glyph, face)


@pytest.mark.parametrize(
    "content", [b"", b"no font", b"\x00\x01\x00\x00" + bytes(4000), b"OTTO" + b"\xff" * 300]
)
def test_a_file_that_is_no_font_is_refused(content):
    with pytest.raises(TypefaceError, match="no font"):
        font_glyph("A", content, "evil.ttf")


def test_the_laboratorys_folder_is_listed_by_its_fonts_alone(tmp_path):
    for name in ("b.TTF", "a.otf", "read me.txt"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "folder.ttf").mkdir()
    assert list(fonts_in(tmp_path)) == ["a.otf", "b.TTF"]
    assert fonts_in(None) == {} and fonts_in(tmp_path / "none") == {}


def test_a_real_font_gives_its_glyphs_and_says_what_it_lacks():
    from PIL import ImageFont

    font = ImageFont.load_default(20)
    if not isinstance(font, ImageFont.FreeTypeFont):
        pytest.skip("Pillow without FreeType")
    assert isinstance(font.path, io.BytesIO)
    content = font.path.getvalue()
    drawn = font_glyph("8", content, "own.ttf")
    rows, columns = np.nonzero(dark(drawn))
    assert np.ptp(rows) + 1 == pytest.approx(BOX_HEIGHT * HEIGHT, abs=4)
    assert abs(columns.mean() - WIDTH / 2) < 4
    with pytest.raises(TypefaceError, match="has no"):
        font_glyph("Ж", content, "own.ttf")
