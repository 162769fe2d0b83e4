"""The contract of `examiner read`: what goes to standard output, and the exit codes."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner, Result

from examiner.cli import application

FRAME = Path(str(files("sample_images") / "01_intact_stamped" / "frame_01.jpg"))
GENERAL = ["--readers", "general", "--workers", "1"]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(application, [str(argument) for argument in arguments])


def objects(result: Result) -> list[dict]:
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture(scope="module")
def mixed(tmp_path_factory) -> Path:
    """A folder with a good photograph, a truncated one and words named like a photograph."""
    folder = tmp_path_factory.mktemp("Вещдок 7")
    shutil.copy(FRAME, folder / "a good one.jpg")
    (folder / "b cut.jpg").write_bytes(FRAME.read_bytes()[:30_000])
    (folder / "c words.jpg").write_text("not a photograph")
    (folder / "notes.txt").write_text("ignored")
    return folder


@pytest.fixture(scope="module")
def each(mixed) -> Result:
    return run("read", mixed, "--each-photo", *GENERAL)


def test_each_photograph_is_a_line_in_order_failed_ones_included(each):
    values = objects(each)
    names = [Path(value["series"]).name for value in values]
    assert names == ["a good one.jpg", "b cut.jpg", "c words.jpg"]
    errors = [value["photos"][0]["error"] for value in values]
    assert [error and error["kind"] for error in errors] == [None, "truncated", "not_a_photograph"]


def test_failures_give_code_3_and_are_named_on_stderr(each):
    assert each.exit_code == 3
    assert "b cut.jpg" in each.stderr and "c words.jpg" in each.stderr


def test_the_object_has_the_fields_of_the_contract(each):
    value = objects(each)[0]
    assert {"schema", "series", "photos", "lines", "readers", "seconds", "error"} <= set(value)
    assert (value["schema"], value["error"]) == (1, None)
    assert value["readers"] == {"marks": "not asked", "general": "ok", "tesseract": "not asked"}
    assert value["seconds"] > 0
    (photo,) = value["photos"]
    assert {"path", "sha256", "error"} <= set(photo)
    assert photo["sha256"] == hashlib.sha256(FRAME.read_bytes()).hexdigest()
    (line,) = value["lines"]
    assert {"text", "best", "frame", "quad", "positions"} <= set(line)
    assert (line["best"], line["frame"]) == ("QX48271", 0)
    assert len(line["text"]) == len(line["best"]) == len(line["positions"])
    assert all(said in (best, "?") for said, best in zip(line["text"], line["best"], strict=True))


def test_quads_run_clockwise_from_the_top_left_inside_the_photograph(each):
    (line,) = objects(each)[0]["lines"]
    height, width = cv2.imread(str(FRAME)).shape[:2]
    for quad in (line["quad"], *(position["box"] for position in line["positions"])):
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = quad
        assert ax < bx and dx < cx and ay < dy and by < cy
        assert all(0 <= x < width and 0 <= y < height for x, y in quad)
    lefts = [position["box"][0][0] for position in line["positions"]]
    assert lefts == sorted(lefts)


def test_candidates_are_probabilities_best_first_and_go_with_the_state(each):
    (line,) = objects(each)[0]["lines"]
    for position, best in zip(line["positions"], line["best"], strict=True):
        assert {"candidates", "box", "state"} <= set(position)
        candidates = position["candidates"]
        assert all(set(candidate) == {"glyph", "p"} for candidate in candidates)
        p = [candidate["p"] for candidate in candidates]
        assert p == sorted(p, reverse=True) and p[-1] >= 0 and sum(p) <= 1 + 1e-9
        assert best in [candidate["glyph"] for candidate in candidates]
        assert position["state"] in ("proposed", "alternatives", "unreadable", "no_character")
        assert (position["state"] == "proposed") == (p[0] >= 0.8 and candidates[0]["glyph"] != "")


def test_failed_objects_have_the_same_fields(each):
    good, *failed = objects(each)
    for value in failed:
        assert set(value) == set(good)
        assert value["lines"] == []
        assert set(value["error"]) == set(value["photos"][0]["error"]) == {"kind", "message"}
        assert Path(value["series"]).name in value["photos"][0]["error"]["message"]


def test_a_folder_is_one_series_and_its_good_photographs_are_read(mixed):
    result = run("read", mixed, *GENERAL)
    (value,) = objects(result)
    assert result.exit_code == 3
    assert [photo["error"] is None for photo in value["photos"]] == [True, False, False]
    assert [line["best"] for line in value["lines"]] == ["QX48271"]


def command(*arguments: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """The command as a process of its own, started by the installed script."""
    script = shutil.which("examiner", path=str(Path(sys.executable).parent))
    assert script is not None
    return subprocess.run(
        [script, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
    )


def test_a_path_may_begin_with_a_dash_after_two_dashes(tmp_path):
    folder = tmp_path / "-odd"
    folder.mkdir()
    shutil.copy(FRAME, folder / "x.jpg")
    done = command("read", *GENERAL, "--", "-odd", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    value = json.loads(line)
    assert (value["series"], value["lines"][0]["best"]) == ("-odd", "QX48271")


def test_stdout_is_utf_8_whatever_the_locale(tmp_path):
    (tmp_path / "снимок 1.jpg").write_bytes(b"")
    done = command("read", ".", *GENERAL, cwd=tmp_path, LC_ALL="C", PYTHONIOENCODING="ascii")
    assert done.returncode == 3, done.stderr
    (line,) = done.stdout.decode("utf-8").splitlines()
    assert "снимок 1.jpg" in line
    assert json.loads(line)["photos"][0]["error"]["kind"] == "empty"


NO_NETWORK = """
import socket
def refuse(*_args, **_keywords):
    raise OSError("this test has no network")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = socket.create_connection = refuse
from examiner.cli import main
main()
"""


def test_reading_needs_no_network(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", NO_NETWORK, "read", str(FRAME)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    value = json.loads(line)
    assert [own["best"] for own in value["lines"]] == ["QX48271"]
    assert value["readers"]["general"] == "ok"


def test_a_name_that_is_no_text_is_written_so_that_it_comes_back(tmp_path):
    name = os.fsdecode(b"\xff.jpg")
    try:
        (tmp_path / name).write_bytes(b"")
    except (OSError, UnicodeEncodeError):
        pytest.skip("this system has no such names")
    (tmp_path / "out").mkdir()
    (tmp_path / "in").mkdir()
    (tmp_path / name).rename(tmp_path / "in" / name)
    for more in ([], ["--out", tmp_path / "out" / "out.jsonl"]):
        result = run("read", tmp_path / "in" / name, *more)
        assert result.exit_code == 3
        text = (tmp_path / "out" / "out.jsonl").read_text("utf-8") if more else result.stdout
        assert json.loads(text)["photos"][0]["path"] == str(tmp_path / "in" / name)


@pytest.fixture(scope="module")
def two_lines(struck, tmp_path_factory) -> Path:
    """AK 4731 upright in the upper half, X 8265 upside down in the lower."""
    folder = tmp_path_factory.mktemp("two")
    texts = ("AK 4731", "X 8265")
    upper, lower = (
        cv2.imread(str(struck(folder / f"{i}.png", text, seed=i, size=(900, 250), base=160)))
        for i, text in enumerate(texts)
    )
    path = folder / "both.jpg"
    cv2.imwrite(str(path), np.vstack([upper, lower[::-1, ::-1]]))
    return path


def test_only_the_region_is_read(two_lines):
    (value,) = objects(run("read", two_lines, "--region", "20,30,880,230", *GENERAL))
    (line,) = value["lines"]
    assert line["best"] == "AK4731"
    assert all(y < 250 for _, y in line["quad"])


def test_a_folder_of_folders_is_a_line_each_with_the_regions_of_its_table(two_lines, tmp_path):
    for name, row in (("2 lower", "20,270,880,470,180"), ("10 upper", "20,30,880,230,")):
        (tmp_path / name).mkdir()
        shutil.copy(two_lines, tmp_path / name / "both.jpg")
        (tmp_path / name / "regions.csv").write_text(f"file,x0,y0,x1,y1,rotate_cw\nboth.jpg,{row}\n")
    (tmp_path / "3 empty").mkdir()
    result = run("read", tmp_path, *GENERAL)
    assert result.exit_code == 0, result.stderr
    read_back = {Path(v["series"]).name: [line["best"] for line in v["lines"]] for v in objects(result)}
    assert read_back == {"10 upper": ["AK4731"], "2 lower": ["X8265"]}


def test_pictures_of_the_reading_go_into_a_folder_for_each_series_and_region(two_lines, tmp_path):
    folder, kept = tmp_path / "in", tmp_path / "kept"
    folder.mkdir()
    shutil.copy(two_lines, folder / "снимок 1.jpg")
    rows = "снимок 1.jpg,20,30,880,230,\nснимок 1.jpg,20,270,880,470,180\n"
    (folder / "regions.csv").write_text(f"file,x0,y0,x1,y1,rotate_cw\n{rows}", encoding="utf-8")
    cv2.imwrite(str(folder / "z flat.png"), np.full((300, 400), 128, np.uint8))
    arguments = ("read", folder, "--each-photo", *GENERAL, "--keep-intermediates", kept)
    result = run(*arguments)
    assert result.exit_code == 0, result.stderr
    assert sorted(path.relative_to(kept).as_posix() for path in kept.glob("*")) == [
        "0001_z_flat.png",
        "0002_снимок_1.jpg",
    ]
    for region in ("region_1", "region_2"):
        names = {path.name for path in (kept / "0002_снимок_1.jpg" / region).iterdir()}
        assert {"photograph_1.jpg", "view.jpg", "sheet_1.png", "line_1_strips.png"} <= names
    assert (kept / "0001_z_flat.png" / "photograph_1.jpg").exists()
    again = run(*arguments)
    assert again.exit_code == 2 and "name a new or" in again.stderr
    among = run("read", folder, "--keep-intermediates", folder / "kept")
    assert among.exit_code == 2 and not (folder / "kept").exists()


def test_a_video_is_read_from_frames_with_their_times_and_the_hash_of_the_file(struck, tmp_path):
    picture = cv2.imread(str(struck(tmp_path / "still.png", "AK 4731", size=(900, 250), base=160)))
    path = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25, (900, 250))
    assert writer.isOpened()
    for _ in range(2):
        writer.write(picture)
    writer.release()
    result = run("read", path, *GENERAL)
    assert result.exit_code == 0, result.stderr
    (value,) = objects(result)
    assert [line["best"] for line in value["lines"]] == ["AK4731"]
    assert {photo["sha256"] for photo in value["photos"]} == {hashlib.sha256(path.read_bytes()).hexdigest()}
    times = [photo["frame_time_s"] for photo in value["photos"]]
    assert times and times == sorted(set(times)) and times[0] >= 0 and times[-1] < 0.08


@pytest.mark.parametrize(("degrees", "turned"), [("180", True), ("0", False)])
def test_the_rotation_says_where_the_reading_begins(two_lines, degrees, turned):
    region = ("--region", "20,270,880,470")
    (value,) = objects(run("read", two_lines, *region, "--rotate", degrees, "--mirrored", "no", *GENERAL))
    (line,) = value["lines"]
    (ax, ay), _, (cx, cy), _ = line["quad"]
    assert (ax > cx, ay > cy) == (turned, turned)
    if turned:
        assert line["best"] == "X8265"
        first, last = line["positions"][0]["box"][0][0], line["positions"][-1]["box"][0][0]
        assert last < first < 850  # the X stands rightmost in the photograph


def test_a_region_outside_is_a_failed_series_with_code_3(two_lines):
    result = run("read", two_lines, "--region", "5000,1,6000,9", *GENERAL)
    (value,) = objects(result)
    assert (result.exit_code, value["error"]["kind"]) == (3, "region")
    assert "both.jpg" in result.stderr


def test_workers_change_nothing_but_the_clock(mixed, each):
    pooled = run("read", mixed, "--each-photo", "--readers", "general", "--workers", "2")
    without = [[{**value, "seconds": 0} for value in objects(result)] for result in (pooled, each)]
    assert without[0] == without[1]


def test_a_file_takes_the_lines_and_stdout_stays_empty(tmp_path):
    result = run("read", tmp_path / "none.jpg", "--out", tmp_path / "out.jsonl")
    assert result.exit_code == 3
    assert result.stdout == ""
    value = json.loads((tmp_path / "out.jsonl").read_text("utf-8"))
    assert value["photos"][0]["error"]["kind"] == "missing"
    assert value["photos"][0]["sha256"] is None


@pytest.mark.parametrize("name", ["a.jpg", "a.HEIC", "without a suffix"])
def test_results_are_not_written_over_a_photograph(tmp_path, name):
    photo = tmp_path / name
    shutil.copy(FRAME, photo)
    result = run("read", tmp_path / "none.jpg", "--out", photo, "--force")
    assert (result.exit_code, result.stdout) == (2, "")
    assert photo.read_bytes() == FRAME.read_bytes()


def test_no_file_named_like_a_photograph_is_begun(tmp_path):
    assert run("read", tmp_path / "none.jpg", "--out", tmp_path / "new.png").exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_begun_anew_only_with_force(mixed, each, tmp_path):
    target = tmp_path / "out.jsonl"
    target.write_text("what stood here before\n" * 1000)
    arguments = ("read", mixed / "c words.jpg", mixed / "b cut.jpg", *GENERAL, "--out", target)
    refused = run(*arguments)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "exists already" in refused.stderr and target.read_text().startswith("what stood here")
    result = run(*arguments, "--force")
    assert (result.exit_code, result.stdout) == (3, "")
    written = [json.loads(line) for line in target.read_text("utf-8").splitlines()]
    assert {value["series"] for value in written} == {value["series"] for value in objects(each)[1:]}


def test_one_failure_gives_code_3_also_when_what_follows_is_read(tmp_path):
    cv2.imwrite(str(tmp_path / "flat.png"), np.full((300, 400), 128, np.uint8))
    result = run("read", tmp_path / "none.jpg", tmp_path / "flat.png", *GENERAL)
    errors = [value["error"] and value["error"]["kind"] for value in objects(result)]
    assert (result.exit_code, errors) == (3, ["no_photographs", None])


def test_an_empty_folder_is_a_failed_series(tmp_path):
    (value,) = objects(result := run("read", tmp_path))
    assert (result.exit_code, value["error"]["kind"], value["photos"]) == (3, "no_photographs", [])
