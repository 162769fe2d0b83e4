"""The whole way, on sample photographs with known truth, by the general reader."""

import json
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from models.plates.draw import random_spec
from models.plates.plate import photographs
from pipelines.errors import ReaderError
from pipelines.glyphs import ALPHABETS
from pipelines.propose import Source, propose_series
from pipelines.strip import overlap
from pipelines.types import Proposal, as_quad

SAMPLE = Path(str(files("sample_images") / "01_intact_stamped"))
TEXT = "QX48271"


def frame(number: int) -> Path:
    return SAMPLE / f"frame_{number:02d}.jpg"


def truth(number: int) -> np.ndarray:
    """(N, 4, 2) quads of the characters in that frame's stored pixels."""
    return np.array(json.loads((SAMPLE / "truth.json").read_text("utf-8"))["frames"][number - 1]["quads"])


def proposal(*sources, **given) -> Proposal:
    return propose_series(sources, readers=["general"], **given)


def texts(made: Proposal) -> list[str]:
    return [line.best for line in made.lines]


def without_seconds(made: Proposal) -> dict:
    return {**made.to_json(), "seconds": 0}


def hull(quads: np.ndarray) -> tuple[float, float, float, float]:
    x0, y0 = quads.reshape(-1, 2).min(axis=0) - 15
    x1, y1 = quads.reshape(-1, 2).max(axis=0) + 15
    return float(x0), float(y0), float(x1), float(y1)


@pytest.fixture(scope="module")
def single() -> Proposal:
    return proposal(frame(1))


def test_an_intact_plate_is_read(single):
    assert texts(single) == [TEXT]
    assert single.readers == {"marks": "not asked", "general": "ok", "tesseract": "not asked"}
    assert single.error is None


def test_boxes_lie_on_the_characters(single):
    boxes = [position.box for position in single.lines[0].positions]
    for box, quad in zip(boxes, truth(1), strict=True):
        assert overlap(box, as_quad(quad)) > 0.5


def test_candidates_states_and_text_fit_together(single):
    assert single.lines
    for line in single.lines:
        assert len(line.positions) == len(line.best) == len(line.text)
        for sign, best, position in zip(line.text, line.best, line.positions, strict=True):
            ps = [candidate.p for candidate in position.candidates]
            assert ps == sorted(ps, reverse=True) and sum(ps) <= 1
            assert position.candidates[0].glyph == best
            assert sign == (best if position.state == "proposed" else "?")


def test_the_same_input_gives_the_same_answer(single):
    assert without_seconds(proposal(frame(1))) == without_seconds(single)


def test_a_region_given_upright_is_read_there():
    made = proposal(frame(1), region=hull(truth(1)), rotate_cw=0)
    assert texts(made) == [TEXT]
    assert made.lines[0].frame == 0


def test_a_region_may_be_turned_upright_by_a_known_angle(tmp_path):
    path = tmp_path / "lying.png"
    cv2.imwrite(str(path), cv2.rotate(cv2.imread(str(frame(1))), cv2.ROTATE_90_CLOCKWISE))
    height = cv2.imread(str(frame(1))).shape[0]
    # A quarter turn clockwise takes (x, y) to (height − 1 − y, x).
    quads = truth(1)
    lying = np.stack([height - 1 - quads[..., 1], quads[..., 0]], axis=-1)
    made = proposal(path, region=hull(lying), rotate_cw=-90)
    assert texts(made) == [TEXT]
    for position, quad in zip(made.lines[0].positions, lying, strict=True):
        assert overlap(position.box, as_quad(quad)) > 0.5


def test_lines_come_from_top_to_bottom(tmp_path, struck):
    rows = ("X 826", "AK 4731")  # the longer one, which has more evidence, below
    drawn = [struck(tmp_path / f"{i}.png", t, seed=i, size=(900, 230), base=150) for i, t in enumerate(rows)]
    path = tmp_path / "both.png"
    cv2.imwrite(str(path), np.vstack([cv2.imread(str(drawn_line)) for drawn_line in drawn]))
    assert texts(proposal(path)) == ["X826", "AK4731"]


def test_of_lines_upside_down_none_is_lost(tmp_path, struck):
    rows = ("AK 4731", "X 8265")
    drawn = [struck(tmp_path / f"{i}.png", t, seed=i, size=(900, 230), base=150) for i, t in enumerate(rows)]
    path = tmp_path / "both.png"
    cv2.imwrite(str(path), np.vstack([cv2.imread(str(drawn_line)) for drawn_line in drawn])[::-1, ::-1])
    assert texts(proposal(path)) == ["AK4731", "X8265"]


def test_a_region_beside_the_marking_shows_nothing_of_it():
    x0, _, x1, y1 = hull(truth(1))
    made = proposal(frame(1), region=(x0, y1 + 60, x1, y1 + 160))
    assert not {"Q", "X", "4", "8", "2", "7"} & set("".join(line.text for line in made.lines))


def test_a_region_outside_is_an_error_of_the_series():
    made = proposal(frame(1), region=(5000, 5000, 6000, 6000))
    assert made.error is not None and made.error.kind == "region"
    assert "frame_01.jpg" in made.error.message


@pytest.mark.parametrize("degrees", [90, 180, 270, 33])
def test_a_turned_photograph_is_read_and_its_boxes_turn_with_it(tmp_path, degrees):
    picture = cv2.imread(str(frame(1)))
    height, width = picture.shape[:2]
    side = int(np.hypot(height, width))
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0)
    matrix[:, 2] += (side - width) / 2, (side - height) / 2
    path = tmp_path / "turned.png"
    turned = cv2.warpAffine(picture, matrix, (side, side), borderMode=cv2.BORDER_REPLICATE)
    cv2.imwrite(str(path), turned)
    made = proposal(path)
    assert TEXT in texts(made)
    line = made.lines[texts(made).index(TEXT)]
    for position, quad in zip(line.positions, truth(1), strict=True):
        moved = cv2.transform(quad.reshape(1, -1, 2), matrix)[0]
        assert overlap(position.box, as_quad(moved)) > 0.5
        # The corners begin at the reading's top left, whichever way the photograph lies.
        assert np.linalg.norm(np.array(position.box[0]) - moved[0]) < np.linalg.norm(moved[2] - moved[0]) / 2


def test_exif_orientation_leaves_coordinates_in_stored_pixels(tmp_path):
    path = tmp_path / "held sideways.jpg"
    with Image.open(frame(1)) as picture:
        exif = Image.Exif()
        exif[0x0112] = 6
        picture.transpose(Image.Transpose.ROTATE_90).save(path, exif=exif, quality=97)
        width = picture.width
    made = proposal(path)
    assert made.photos[0].orientation == 6
    assert texts(made) == [TEXT]
    # A quarter turn anticlockwise takes (x, y) to (y, width − 1 − x).
    for position, quad in zip(made.lines[0].positions, truth(1), strict=True):
        stored = np.stack([quad[:, 1], width - 1 - quad[:, 0]], axis=1)
        assert overlap(position.box, as_quad(stored)) > 0.5


@pytest.mark.parametrize(
    ("orientation", "stored"),
    [
        (2, Image.Transpose.FLIP_LEFT_RIGHT),
        (4, Image.Transpose.FLIP_TOP_BOTTOM),
        (5, Image.Transpose.TRANSPOSE),
        (7, Image.Transpose.TRANSVERSE),
    ],
)
def test_a_photograph_stored_mirrored_is_read_as_it_is_shown(tmp_path, orientation, stored):
    path = tmp_path / "mirrored.jpg"
    with Image.open(frame(1)) as picture:
        exif = Image.Exif()
        exif[0x0112] = orientation
        picture.transpose(stored).save(path, exif=exif, quality=97)
        width, height = picture.size
    made = proposal(path)
    assert texts(made) == [TEXT]
    x, y = truth(1)[..., 0], truth(1)[..., 1]
    placed = {
        2: (width - 1 - x, y),
        4: (x, height - 1 - y),
        5: (y, x),
        7: (height - 1 - y, width - 1 - x),
    }[orientation]
    for position, quad in zip(made.lines[0].positions, np.stack(placed, axis=-1), strict=True):
        assert overlap(position.box, as_quad(quad)) > 0.5


def test_a_mirrored_cast_is_read_by_the_mirror_hypothesis(tmp_path):
    path = tmp_path / "cast.png"
    cv2.imwrite(str(path), cv2.imread(str(frame(1)))[:, ::-1])
    made = propose_series([path])
    assert texts(made) == [TEXT] and made.lines[0].mirrored
    assert not propose_series([frame(1)]).lines[0].mirrored
    width = cv2.imread(str(path)).shape[1]
    for position, quad in zip(made.lines[0].positions, truth(1), strict=True):
        there = np.stack([width - 1 - quad[..., 0], quad[..., 1]], axis=-1)
        assert overlap(position.box, as_quad(there)) > 0.5


def test_the_negative_reads_the_same(tmp_path, single):
    path = tmp_path / "negative.png"
    cv2.imwrite(str(path), 255 - cv2.imread(str(frame(1))))
    assert texts(proposal(path)) == texts(single)


@pytest.fixture(scope="module")
def series() -> Proposal:
    return proposal(frame(1), frame(2))


def test_a_series_is_registered_and_read_as_one(series):
    assert texts(series) == [TEXT]
    assert [photo.aligned for photo in series.photos] == [True, True]
    assert all({index for index, _ in p.photos} == {0, 1} for p in series.lines[0].positions)


def test_a_shuffled_series_says_the_same(series):
    swapped = proposal(frame(2), frame(1))
    assert texts(swapped) == texts(series)
    pairs = zip(swapped.lines[0].positions, series.lines[0].positions, strict=True)
    assert all(ours.candidates == theirs.candidates for ours, theirs in pairs)


def test_a_photograph_of_something_else_is_named_and_says_nothing(single):
    other = Path(str(files("sample_images") / "04_heavily_ground" / "frame_01.jpg"))
    made = proposal(frame(1), other)
    assert [photo.aligned for photo in made.photos] == [True, False]
    assert made.lines == single.lines


def test_a_wanted_frame_is_the_one_that_the_boxes_are_in(series):
    other = 1 - series.lines[0].frame
    made = proposal(frame(1), frame(2), frame=other)
    assert made.lines[0].frame == other
    for position, quad in zip(made.lines[0].positions, truth(other + 1), strict=True):
        assert overlap(position.box, as_quad(quad)) > 0.5


def test_sixteen_bits_of_colour_read_like_eight(tmp_path, single):
    path = tmp_path / "deep.tif"
    cv2.imwrite(str(path), cv2.imread(str(frame(1))).astype(np.uint16) * 257)
    assert texts(proposal(path)) == texts(single)


def test_bad_photographs_are_named_and_the_others_read(tmp_path):
    cut = tmp_path / "cut.jpg"
    cut.write_bytes(frame(1).read_bytes()[:20_000])
    words = tmp_path / "words.jpg"
    words.write_text("not a photograph")
    made = proposal(cut, frame(1), words)
    assert [photo.error.kind if photo.error else None for photo in made.photos] == [
        "truncated",
        None,
        "not_a_photograph",
    ]
    assert all("cut.jpg" in p.error.message or "words.jpg" in p.error.message for p in made.photos if p.error)
    assert texts(made) == [TEXT]
    assert made.lines[0].frame == 1


def test_a_region_marked_in_one_photograph_holds_for_the_series(tmp_path, struck):
    rows = ("AK 4731", "X 8265")
    drawn = [struck(tmp_path / f"{i}.png", t, seed=i, size=(900, 230), base=150) for i, t in enumerate(rows)]
    path = tmp_path / "both.png"
    cv2.imwrite(str(path), np.vstack([cv2.imread(str(drawn_line)) for drawn_line in drawn]))
    made = proposal(path, Source(path, region=(20, 30, 880, 220)))
    assert [(line.best, line.frame) for line in made.lines] == [("AK4731", 1)]


def test_a_series_of_bad_photographs_has_an_error_of_its_own(tmp_path):
    made = proposal(tmp_path / "none.jpg")
    assert made.lines == () and made.error is not None and made.error.kind == "no_photographs"


def test_grinding_without_characters_is_not_read_as_sure_ones(tmp_path):
    rng = np.random.default_rng(0)
    texture = cv2.GaussianBlur(rng.normal(size=(500, 800)).astype(np.float32), (0, 0), 14, sigmaY=0.8)
    picture = np.clip(120 + 30 * texture / texture.std(), 0, 255).astype(np.uint8)
    path = tmp_path / "blank.png"
    cv2.imwrite(str(path), picture)
    assert not any(
        position.state == "proposed" for line in proposal(path).lines for position in line.positions
    )


def test_a_photograph_given_twice_counts_once(tmp_path, series):
    copy = tmp_path / f"copy{frame(1).suffix}"
    copy.write_bytes(frame(1).read_bytes())
    twice = proposal(frame(1), copy, frame(2))
    assert [photo.aligned for photo in twice.photos] == [True, True, True]
    assert [p.candidates for line in twice.lines for p in line.positions] == [
        p.candidates for line in series.lines for p in line.positions
    ]


def test_a_frame_that_is_none_of_the_photographs_is_refused():
    with pytest.raises(IndexError, match="none of the 1 photographs"):
        propose_series([frame(1)], frame=1)


def test_a_region_in_a_photograph_that_cannot_be_read_is_not_passed_over(tmp_path):
    made = proposal(tmp_path / "none.jpg", frame(1), frame=0, region=(0, 0, 100, 100))
    assert made.error is not None and made.error.kind == "region" and "none.jpg" in made.error.message


def test_a_plate_without_a_marking_has_no_line_and_no_error(tmp_path):
    path = tmp_path / "flat.png"
    cv2.imwrite(str(path), np.full((240, 640), 128, np.uint8))
    made = propose_series([path])
    assert made.lines == () and made.error is None


def test_an_unknown_reader_is_refused():
    with pytest.raises(ReaderError, match="no reader is called oracle; there are marks, general, tesseract"):
        propose_series([frame(1)], readers=["oracle"])


def test_a_source_s_own_region_comes_before_the_one_given_for_all():
    sources = [Source(frame(n), region=hull(truth(n)), rotate_cw=0) for n in (1, 2)]
    assert texts(proposal(*sources, region=(5000, 5000, 6000, 6000), rotate_cw=180)) == [TEXT]


def test_cyrillic_letters_are_not_taken_for_latin_ones_in_a_mirror(tmp_path):
    plate = photographs(random_spec(500_010, "intact"), 1)
    assert plate.text == "EГЯЖЯUФY"
    path = tmp_path / "plate.png"
    cv2.imwrite(str(path), plate.photographs[0].pixels[..., ::-1])
    (line,) = propose_series([path]).lines
    # The bar of the Г is hardly to be seen.
    assert not line.mirrored and line.best[0] + line.best[2:] == plate.text[0] + plate.text[2:]


@pytest.mark.parametrize("alphabet", sorted(ALPHABETS))
def test_nothing_outside_the_alphabet_that_was_named_is_proposed(tmp_path, alphabet):
    plate = photographs(random_spec(500_010, "intact"), 1)
    path = tmp_path / "plate.png"
    cv2.imwrite(str(path), plate.photographs[0].pixels[..., ::-1])
    made = propose_series([path], alphabet=alphabet)
    assert made.alphabet == alphabet and len(made.lines) == 1
    for position in made.lines[0].positions:
        named = {c.glyph for c in position.candidates} | set(position.candidate_set)
        assert named - {""} <= ALPHABETS[alphabet]
        assert sum(c.p for c in position.candidates) <= 1
    assert ("Ж" in made.lines[0].best) == (alphabet == "cyrillic")


def test_an_unknown_alphabet_is_refused():
    with pytest.raises(KeyError, match="greek"):
        propose_series([frame(1)], alphabet="greek")
