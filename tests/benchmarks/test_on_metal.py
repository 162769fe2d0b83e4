"""The judge on bare metal: what its plates say about themselves is so, and its tables count right."""

import ast
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks import on_metal
from benchmarks.on_metal import (
    BEST,
    EACH,
    OURS,
    Task,
    charged_to,
    edits_by_character,
    error_table,
    quarters,
    state_table,
    states_at,
)
from benchmarks.on_metal_glyphs import CUTS, STROKES, drawn, extent, lines_of
from benchmarks.on_metal_plates import (
    JUDGED_KINDS,
    PHOTOGRAPHS,
    PICTURES,
    NoMetalError,
    _boundary,
    metal_digest,
    metal_files,
    on_metal_plate,
    pictures_of,
    quilted,
    straightened,
)
from pipelines.glyphs import GLYPHS, SEPARATORS
from pipelines.strip import moved
from pipelines.types import Candidate, LineProposal, Position, Proposal, as_quad

SEED = 5
TRAINING_KINDS = ("crazing", "patches", "pitted_surface", "scratches")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Made metal: smooth random shades with specks, a few pictures of every kind."""
    folder = tmp_path_factory.mktemp("metal")
    (folder / "steel").mkdir()
    rng = np.random.default_rng(1)
    for kind in JUDGED_KINDS + TRAINING_KINDS:
        for number in range(1, 10):
            noise = cv2.GaussianBlur(rng.standard_normal((200, 200)), (0, 0), 2.0)
            picture = np.clip(120 + 60 * noise + 4 * rng.standard_normal((200, 200)), 0, 255)
            cv2.imwrite(str(folder / "steel" / f"{kind}_{number}.png"), picture.astype(np.uint8))
    return folder


@pytest.fixture(scope="module")
def plates(folder):
    return [on_metal_plate(folder, SEED, number, strength=6.0) for number in range(4)]


def test_only_the_kinds_that_no_training_may_use_are_read(folder):
    assert not set(JUDGED_KINDS) & set(TRAINING_KINDS)
    assert set(metal_files(folder)) == set(JUDGED_KINDS)
    for kind, several in metal_files(folder).items():
        assert len(several) == 9
        assert all(path.name.startswith(f"{kind}_") for path in several)


def test_the_folder_of_the_pictures_does_as_well_as_the_one_above_it(folder):
    assert metal_digest(folder) == metal_digest(folder / "steel")


def test_a_folder_without_these_kinds_is_refused_and_named(tmp_path):
    cv2.imwrite(str(tmp_path / "scratches_1.png"), np.zeros((200, 200), np.uint8))
    with pytest.raises(NoMetalError, match=r"inclusion, rolled-in_scale") as caught:
        metal_files(tmp_path)
    assert str(tmp_path) in str(caught.value)


def test_no_picture_serves_twice_before_all_have_served(folder):
    def of(place):
        return [picture.tobytes() for picture in pictures_of(folder, "inclusion", place, SEED)]

    first_two = of(0) + of(1)
    assert len(set(first_two)) == 2 * PICTURES
    assert not set(of(2)) <= set(first_two)


def test_nothing_of_models_is_imported():
    for path in Path(on_metal.__file__).parent.glob("on_metal*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        names = [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
        names += [alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names]
        assert not [name for name in names if name.split(".")[0] == "models"]
        assert not [name for name in names if name.startswith("benchmarks.foreign")]


def test_the_same_number_gives_the_same_plate_whatever_the_threads(folder, plates):
    before = cv2.getNumThreads()
    try:
        cv2.setNumThreads(1)
        again = on_metal_plate(folder, SEED, 1, strength=6.0)
    finally:
        cv2.setNumThreads(before)
    assert again.files == plates[1].files
    assert again.visibility == plates[1].visibility
    assert on_metal_plate(folder, SEED + 1, 1, strength=6.0).files != again.files


def test_without_strength_the_photographs_are_those_of_the_bare_twin(folder):
    faint, bare = on_metal_plate(folder, SEED, 2, strength=0.0), on_metal_plate(folder, SEED, 2, bare=True)
    assert faint.files == bare.files
    assert max(faint.visibility) == 0
    assert (bare.text, bare.boxes, bare.visibility) == ("", (), ())


def test_what_differs_from_the_bare_twin_lies_in_the_boxes_of_the_characters(folder, plates):
    plate, bare = plates[1], on_metal_plate(folder, SEED, 1, bare=True)
    for index in range(PHOTOGRAPHS):
        changed = np.abs(plate.photograph(index).astype(float) - bare.photograph(index))
        inside = np.zeros(changed.shape, np.uint8)
        for box in plate.boxes:
            cv2.fillConvexPoly(inside, np.rint(moved(box, plate.motions[index])).astype(np.int32), 1)
        height = np.linalg.norm(np.subtract(plate.band[3], plate.band[0]))
        near = cv2.dilate(inside, np.ones((3, 3)), iterations=int(0.25 * height))
        assert changed[inside == 1].mean() > 4 * changed[near == 0].mean()
        # Each character is there, not only the row.
        for box in plate.boxes:
            one = np.zeros(changed.shape, np.uint8)
            cv2.fillConvexPoly(one, np.rint(moved(box, plate.motions[index])).astype(np.int32), 1)
            assert changed[one == 1].mean() > 2 * changed[near == 0].mean()


def test_every_photograph_has_a_region_that_holds_the_row(plates):
    for plate in plates:
        for (x0, y0, x1, y1), motion in zip(plate.regions, plate.motions, strict=True):
            corners = moved(plate.band, motion)
            assert (corners >= (x0, y0)).all()
            assert (corners <= (x1, y1)).all()
            assert (y1 - y0) > 1.4 * np.linalg.norm(corners[3] - corners[0])


def test_motions_stay_within_their_bounds(plates):
    for plate in plates:
        middle = moved([(920 / 2 + 32, 360 / 2 + 32)], plate.motions[0])[0]
        assert np.abs(middle - (460, 180)).max() <= 6
        for motion in plate.motions:
            scale, turn = (
                np.hypot(motion[0, 0], motion[1, 0]),
                np.degrees(np.arctan2(motion[1, 0], motion[0, 0])),
            )
            assert abs(scale - 1) <= 0.01
            assert abs(turn) <= 1


def test_visibility_grows_with_strength(folder):
    low, high = (np.mean(on_metal_plate(folder, SEED, 0, strength=s).visibility) for s in (1.0, 4.0))
    assert low * 2 < high < low * 5


def test_rows_cut_out_of_moved_photographs_lie_over_each_other(plates):
    """Of a surface without noise and with one light the strips are the same to a few grey levels."""
    pattern = np.random.default_rng(2).standard_normal((360 + 64, 920 + 64))
    surface = (128 + 600 * cv2.GaussianBlur(pattern, (0, 0), 5.0)).astype(np.float32)
    for plate in plates:
        moved_surfaces = [
            cv2.warpPerspective(surface, m, (920, 360), flags=cv2.INTER_CUBIC) for m in plate.motions
        ]
        files = tuple(
            cv2.imencode(".png", np.clip(one, 0, 255).astype(np.uint8))[1].tobytes() for one in moved_surfaces
        )
        still = replace(plate, files=files)
        first, *others = (straightened(still, n, 0.15, 64).astype(float) for n in range(PHOTOGRAPHS))
        assert first.std() > 20
        for other in others:
            assert np.abs(first - other).mean() < 2
            assert np.abs(first[:, 2:] - other[:, :-2]).mean() > 4


def test_quilting_lays_whole_pieces_of_the_pictures_and_nothing_else():
    rng = np.random.default_rng(0)
    flat = quilted([np.full((80, 80), 7.0, np.float32)], 120, 200, rng)
    np.testing.assert_allclose(flat, 7.0, atol=1e-4)
    pictures = [rng.uniform(40, 60, (80, 80)).astype(np.float32) for _ in range(2)]
    metal = quilted(pictures, 120, 200, rng)
    assert metal.shape == (120, 200)
    assert metal.min() > 38
    assert metal.max() < 62


def test_the_boundary_follows_the_path_of_least_error():
    error = np.full((5, 6), 9.0, np.float32)
    path = [2, 3, 4, 3, 2]
    error[np.arange(5), path] = 0
    mask = _boundary(error)
    assert [int(row.argmax()) for row in mask] == path
    assert all((np.diff(row) >= 0).all() for row in mask)


def test_every_class_but_the_separators_and_the_twin_of_3_has_a_glyph():
    assert set(STROKES) == set(GLYPHS) - set(SEPARATORS) - {"З"}


@pytest.mark.parametrize("name", sorted(CUTS))
def test_no_two_glyphs_of_a_cut_look_alike(name):
    cut = CUTS[name]
    pictures = {}
    for glyph in STROKES:
        start, _ = extent(glyph, cut)
        matrix = np.array([[40.0, 0, 12 - 40 * start], [0, 40.0, 14]])
        picture = drawn(lines_of(glyph, cut), matrix, 5, (72, 72))
        assert picture.max() == 1
        pictures[glyph] = cv2.GaussianBlur(picture, (0, 0), 1.0).ravel()
    names = list(pictures)
    likeness = np.corrcoef(np.array([pictures[glyph] for glyph in names]))
    np.fill_diagonal(likeness, 0)
    one, other = np.unravel_index(likeness.argmax(), likeness.shape)
    assert likeness.max() < 0.97, (names[one], names[other])


@pytest.mark.parametrize(
    ("truth", "read", "charged"),
    [
        ("AB12", "AB12", [0, 0, 0, 0]),
        ("AB12", "AX12", [0, 1, 0, 0]),
        ("AB12", "A12", [0, 1, 0, 0]),
        ("AB12", "", [1, 1, 1, 1]),
        ("AB12", "AB7712", [0, 2, 0, 0]),
        ("AB12", "7AB12", [1, 0, 0, 0]),
        ("", "AB", []),
    ],
)
def test_edits_are_charged_to_the_characters(truth, read, charged):
    assert edits_by_character(truth, read) == charged


def judged(truth, *reads):
    return [
        {"truth": truth, "read": read, "edits": 0, "positions": [], "boldest": 0.0, "seconds": 1.0}
        for read in reads
    ]


@pytest.fixture
def results():
    """Two plates: ours wrong at the two least visible characters, the peer at these and one more."""
    return [
        {
            "kind": "inclusion",
            "script": "latin",
            "text": "ABCD",
            "visibility": [0.1, 0.2, 2.0, 3.0],
            "states": ["no position", "no_character", "proposed", "proposed"],
            "judged": {
                OURS: judged("ABCD", "XCD"),
                BEST: judged("ABCD", "XYCD"),
                EACH: judged("ABCD", "XYCD", ""),
            },
        },
        {
            "kind": "rolled-in_scale",
            "script": "cyrillic",
            "text": "ЖИ12",
            "visibility": [0.5, 0.6, 0.9, 1.0],
            "states": ["unreadable", "alternatives", "proposed", "proposed"],
            "judged": {
                OURS: judged("ЖИ12", "ЖИ12"),
                BEST: judged("ЖИ12", "KИ12"),
                EACH: judged("ЖИ12", "ЖИ12", "KИ12"),
            },
        },
    ]


def test_quarters_are_of_all_characters_by_visibility(results):
    assert [own.tolist() for own in quarters(results)] == [[0, 0, 3, 3], [1, 1, 2, 2]]


def test_several_photographs_are_averaged(results):
    np.testing.assert_array_equal(charged_to(results[0], EACH), [1, 1, 0.5, 0.5])


def test_the_table_by_quarter(results):
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in error_table(results, rounds=50)]
    heads = rows[0]
    assert heads == ["characters", "n", "visibility", OURS, BEST, EACH, "ratio", "difference"]
    by_name = {row[0]: row for row in rows[2:]}
    values = {name: [cell.split(" ")[0] for cell in row[3:]] for name, row in by_name.items()}
    assert values["all"] == ["0.250", "0.375", "0.438", "0.667", "-0.125"]
    assert values["visibility, quarter 1"] == ["1.000", "1.000", "1.000", "1.000", "0.000"]
    assert values["visibility, quarter 2"] == ["0.000", "0.500", "0.250", "0.000", "-0.500"]
    assert values["visibility, quarter 3"] == ["0.000", "0.000", "0.000", "–", "0.000"]
    assert values["visibility, quarter 4"] == ["0.000", "0.000", "0.500", "–", "0.000"]
    assert values["inclusion"][:2] == ["0.500", "0.500"]
    assert values["Cyrillic"][:2] == ["0.000", "0.250"]
    assert by_name["all"][1] == "8"


def test_the_states_by_quarter(results):
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in state_table(results)[2:]]
    assert rows[0] == ["quarter 1", "0.000", "0.000", "0.000", "0.500", "0.500"]
    assert rows[1] == ["quarter 2", "0.000", "0.500", "0.500", "0.000", "0.000"]
    assert rows[3] == ["quarter 4", "1.000", "0.000", "0.000", "0.000", "0.000"]


def test_states_are_found_by_place_in_the_photograph_of_the_frame(plates):
    plate = plates[0]
    boxes = [as_quad(moved(box, plate.motions[2])) for box in plate.boxes[1:]]
    positions = tuple(Position((Candidate("A", 0.9),), box, "unreadable") for box in boxes)
    line = LineProposal("A", "A", 2, as_quad(plate.band), positions)
    states = states_at(Proposal("", (), (line,), {}, 0.0), plate)
    assert states == ["no position", *["unreadable"] * len(boxes)]


def test_details_are_taken_up_again_unless_weights_or_metal_differ(tmp_path):
    details = tmp_path / "details.jsonl"
    value = {"format": on_metal.FORMAT, "weights": on_metal.fingerprint(), "metal": "m", "key": "0 ours"}
    details.write_bytes(b'{"half": ')
    on_metal.keep(details, value)
    on_metal.keep(details, {**value, "key": "1 ours", "metal": "other"})
    on_metal.keep(details, {**value, "key": "2 ours", "weights": "other"})
    assert on_metal.known(details, "m") == {"0 ours": value}
    both = (False, True)
    keys = {Task(tmp_path, 0, bare, peer, band).key for bare in both for peer in both for band in both}
    assert len(keys) == 8
