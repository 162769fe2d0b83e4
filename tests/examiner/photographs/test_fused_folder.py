"""`examiner fuse`: pictures with their records, nothing written over, everything left out named."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from examiner.cli import application
from pipelines.fuse.provenance import replayed
from pipelines.photographs.photo import read_photo


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three photographs of one plate, moved, and one of another plate."""
    place = tmp_path / "series"
    place.mkdir()
    for number, seed in enumerate((1, 1, 1, 2)):
        noise = np.random.default_rng(seed).random((300, 400)).astype(np.float32)
        plate = cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 2), None, 40, 210, cv2.NORM_MINMAX)
        shot = np.roll(plate, (-2 * number, 3 * number), axis=(0, 1)).astype(np.uint8)
        cv2.imwrite(str(place / f"shot_{number}.png"), shot)
    return place


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the command is called: not among the photographs."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


def fuse(*words: object):
    return CliRunner().invoke(application, ["fuse", *map(str, words)])


def test_pictures_come_with_records_that_give_them_again(folder, elsewhere):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    done = fuse(folder, "--how", "mean,components", "--reference", "shot_0.png")
    assert done.exit_code == 3 and "left out: shot_3.png: does not fit" in done.stderr
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before
    assert sorted(path.name for path in (elsewhere / "fused").iterdir()) == [
        "components.json",
        "components.png",
        "mean.json",
        "mean.png",
    ]
    record = json.loads((elsewhere / "fused" / "mean.json").read_text("utf-8"))
    assert [entry["file"] for entry in record["photographs"]] == ["shot_0.png", "shot_1.png", "shot_2.png"]
    again = replayed(record, [read_photo(folder / f"shot_{n}.png") for n in range(3)])
    stored = cv2.imread(str(elsewhere / "fused" / "mean.png"), cv2.IMREAD_UNCHANGED)
    assert stored.dtype == np.uint16
    assert np.abs(stored / 65535 - again.image).max() < 1e-5


def test_nothing_is_written_over(folder, elsewhere):
    (folder / "shot_3.png").unlink()
    fuse(folder, "--how", "mean")
    kept = (elsewhere / "fused" / "mean.png").read_bytes()
    done = fuse(folder, "--how", "mean", "--reference", "shot_2.png")
    assert done.exit_code == 3 and "exists already" in done.stderr
    assert (elsewhere / "fused" / "mean.png").read_bytes() == kept
    assert fuse(folder, "--how", "mean", "--reference", "shot_2.png", "--force").exit_code == 0
    assert (elsewhere / "fused" / "mean.png").read_bytes() != kept


def test_files_are_fused_as_their_folder_is(folder, elsewhere):
    files = [folder / f"shot_{n}.png" for n in range(3)]
    assert fuse("--how", "mean", *files, "--out", "of_files").exit_code == 0
    (folder / "shot_3.png").unlink()
    assert fuse(folder, "--out", "of_folder", "--how", "mean").exit_code == 0
    assert (elsewhere / "of_files/mean.png").read_bytes() == (elsewhere / "of_folder/mean.png").read_bytes()


def test_what_needs_lights_says_so(folder):
    (folder / "shot_3.png").unlink()
    done = fuse(folder, "--how", "normals")
    assert done.exit_code == 3 and "lights.csv" in done.stderr
    assert fuse(folder, "--out", folder.parent / "all").exit_code == 0


@pytest.mark.parametrize(
    "words,code,said",
    [
        (("--how", "magic"), 2, "the fusions are"),
        (("--reference", "gone.png"), 2, "no photograph 'gone.png'"),
    ],
)
def test_wrong_words_are_refused(folder, words, code, said):
    done = fuse(folder, *words)
    assert done.exit_code == code and said in done.stderr.replace("\n", " ")


def test_hand_points_bring_in_what_does_not_fit(folder, elsewhere):
    rows = [f"shot_3.png,{x},{y},shot_0.png,{x},{y}" for x, y in ((10, 10), (300, 20), (40, 250))]
    text = "\n".join(["file,x,y,other,other_x,other_y", *rows])
    (folder / "alignment.csv").write_text(text, encoding="utf-8")
    done = fuse(folder, "--how", "mean", "--reference", "shot_0.png")
    assert done.exit_code == 0
    record = json.loads((elsewhere / "fused" / "mean.json").read_text("utf-8"))
    assert record["photographs"][3]["laid"] == "by hand"


def test_a_folder_without_photographs_is_named(tmp_path):
    (tmp_path / "empty").mkdir()
    done = fuse(tmp_path / "empty")
    assert done.exit_code == 2 and "no photograph" in done.stderr
