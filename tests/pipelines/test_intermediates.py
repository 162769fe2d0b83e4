"""The inside of a reading as pictures: what is there, where it lies, and what does not change by it."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from pipelines.errors import ResultsError
from pipelines.glyphs import GLYPHS
from pipelines.intermediates import STRIP_WIDTH, ReadingStages, ReadLine, keep_intermediates, new_folder
from pipelines.propose import Source, propose_series
from pipelines.reading.pooling import Slice, pool
from pipelines.search.hypotheses import Hypothesis
from pipelines.search.sheets import Sheet
from pipelines.types import Candidate, LineProposal, Photo, Position, as_quad

SAMPLE = Path(str(files("sample_images") / "01_intact_stamped"))
FRAMES = [SAMPLE / "frame_01.jpg", SAMPLE / "frame_02.jpg"]
FORMS = ("together", "together_close", "together_wide")


@pytest.fixture(scope="module")
def reading(tmp_path_factory):
    folder = tmp_path_factory.mktemp("inside")
    return propose_series(FRAMES, readers=["marks"], intermediates=folder), folder


def test_every_stage_of_every_photograph_and_line_has_its_picture(reading):
    proposal, folder = reading
    assert [line.best for line in proposal.lines] == ["QX48271"]
    assert {path.name for path in folder.iterdir()} == {
        *(f"photograph_{number}.jpg" for number in (1, 2)),
        *(f"sheet_{number}.png" for number in (1, 2)),
        "view.jpg",
        "line_1_strips.png",
        *(f"line_1_evidence_marks_{form}.png" for form in FORMS),
    }


def test_the_pictures_change_nothing_of_the_proposal(reading):
    proposal, _ = reading
    plain = propose_series(FRAMES, readers=["marks"])
    assert {**plain.to_json(), "seconds": 0} == {**proposal.to_json(), "seconds": 0}


def test_the_line_is_drawn_where_the_proposal_has_it(reading):
    proposal, folder = reading
    (line,) = proposal.lines
    canvas = cv2.imread(str(folder / f"photograph_{line.frame + 1}.jpg"))
    photograph = cv2.imread(str(FRAMES[line.frame]))
    above = canvas.shape[0] - photograph.shape[0]
    assert above > 0 and canvas.shape[1] >= photograph.shape[1]
    blue, green, red = (canvas[above:, : photograph.shape[1], i].astype(int) for i in range(3))
    drawn = (green - np.maximum(blue, red)) > 60
    # A green pixel near every corner of the line and of its positions, none far from the line.
    for x, y in np.concatenate([np.array(line.quad), *(np.array(p.box) for p in line.positions)]):
        column, row = round(x), round(y)
        assert drawn[max(0, row - 3) : row + 4, max(0, column - 3) : column + 4].any()
    rows, columns = np.nonzero(drawn)
    corners = np.array(line.quad)
    inside = [
        cv2.pointPolygonTest(corners.astype(np.float32), (float(x), float(y)), True) > -6
        for x, y in zip(columns, rows, strict=True)
    ]
    assert np.mean(inside) > 0.99


def test_evidence_stands_under_the_character_that_it_is_for(tmp_path):
    """A stroke at 0.7 of the line and a reader that says H there, in a strip cut wider than the line."""
    start, end, place = -0.2, 1.4, 0.7
    quad = as_quad([(20, 10), (220, 10), (220, 40), (20, 40)])
    image = np.full((60, 320), 0.8, np.float32)
    at = round(20 + place * 200)
    image[:, at - 2 : at + 3] = 0.1
    centres = ((np.arange(40) + 0.5) / 40).astype(np.float32)
    probabilities = np.full((40, len(GLYPHS) + 1), 1e-4, np.float32)
    probabilities[:, 0] = 0.9
    said = int(np.argmin(abs(start + centres * (end - start) - place)))
    probabilities[said, [0, GLYPHS.index("H") + 1]] = 0.01, 0.9
    columns = np.log(probabilities / probabilities.sum(axis=1, keepdims=True)).astype(np.float32)
    piece = Slice(columns, np.zeros(40, np.float32), centres, 0, "marks", "as taken", 1.0, start, end, 20.0)
    photo = Photo("a.png", "0", np.zeros((60, 320), np.uint8), "PNG")
    line = Hypothesis(quad, pool([piece]), 1.0, (piece,))
    read = ReadLine(line, (Sheet(0, image, image),))
    proposal = LineProposal("H", "H", 0, quad, (Position((Candidate("H", 0.9),), quad, "proposed"),))
    stages = ReadingStages({0: photo}, (), {}, 0, None, (), (), (), (read,))
    paths = keep_intermediates(stages, [proposal], tmp_path)
    assert [path.name for path in paths] == ["line_1_strips.png", "line_1_evidence_marks_as_taken.png"]
    canvas = cv2.imread(str(paths[1]), cv2.IMREAD_GRAYSCALE)[:, 30:STRIP_WIDTH]  # right of the rows' names
    rows = canvas.shape[0]
    stroke = np.nonzero(canvas[rows - 2 * 14 - 30] < 100)[0].mean()
    heat = np.nonzero(canvas[rows - 2 * 14 + 6] < 100)[0].mean()
    assert stroke == pytest.approx((place - start) / (end - start) * STRIP_WIDTH - 30, abs=8)
    assert heat == pytest.approx(stroke, abs=STRIP_WIDTH / 40)


def test_a_photograph_held_sideways_is_drawn_upright(tmp_path):
    path = tmp_path / "held sideways.jpg"
    with Image.open(FRAMES[0]) as picture:
        exif = Image.Exif()
        exif[0x0112] = 6
        picture.transpose(Image.Transpose.ROTATE_90).save(path, exif=exif, quality=97)
        width = picture.width
    propose_series([Source(path)], readers=["marks"], intermediates=tmp_path / "inside")
    canvas = cv2.imread(str(tmp_path / "inside" / "photograph_1.jpg"))
    assert canvas.shape[1] == width
    upright = cv2.imread(str(FRAMES[0]))
    above = canvas.shape[0] - upright.shape[0]
    difference = cv2.absdiff(canvas[above:], upright)
    assert np.median(difference) < 6


def test_where_nothing_is_found_the_photographs_are_still_there(tmp_path):
    bare = tmp_path / "bare.png"
    cv2.imwrite(str(bare), np.full((200, 300), 128, np.uint8))
    proposal = propose_series([bare], readers=["marks"], intermediates=tmp_path / "inside")
    assert proposal.lines == ()
    assert [path.name for path in (tmp_path / "inside").iterdir()] == ["photograph_1.jpg"]


def test_nothing_is_written_over_or_read_in_vain(tmp_path):
    (tmp_path / "kept.txt").write_text("mine")
    with pytest.raises(ResultsError, match="new or an empty"):
        propose_series(FRAMES, readers=["marks"], intermediates=tmp_path)
    with pytest.raises(ResultsError, match=r"kept\.txt"):
        new_folder(tmp_path / "kept.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]
