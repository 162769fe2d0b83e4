"""The command line's contract: what goes to stdout, and the exit codes."""

import json
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from examiner.casebook import Casebook
from examiner.cli import application
from examiner.records import Mode

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
    line = value["lines"][0]
    assert (line["best"], line["frame"], len(line["quad"])) == ("QX48271", 0, 4)
    assert {"candidates", "box", "state"} <= set(line["positions"][0])
    assert value["readers"] == {"general": "ok", "tesseract": "not asked"}


def test_a_folder_is_one_series_and_its_good_photographs_are_read(mixed):
    result = run("read", mixed, *GENERAL)
    (value,) = objects(result)
    assert result.exit_code == 3
    assert [photo["error"] is None for photo in value["photos"]] == [True, False, False]
    assert [line["best"] for line in value["lines"]] == ["QX48271"]


def test_a_program_of_its_own_prints_json_only_and_ends_with_0(tmp_path):
    folder = tmp_path / "-odd"
    folder.mkdir()
    shutil.copy(FRAME, folder / "x.jpg")
    command = [sys.executable, "-c", "from examiner.cli import main; main()", "read", *GENERAL, "--", "-odd"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    assert json.loads(line)["lines"][0]["best"] == "QX48271"


def test_workers_change_nothing_but_the_clock(mixed, each):
    pooled = run("read", mixed, "--each-photo", "--readers", "general", "--workers", "2")
    without = [[{**value, "seconds": 0} for value in objects(result)] for result in (pooled, each)]
    assert without[0] == without[1]


def test_a_file_takes_the_lines_and_stdout_stays_empty(tmp_path):
    result = run("read", tmp_path / "none.jpg", "--jsonl", tmp_path / "out.jsonl")
    assert result.exit_code == 3
    assert result.stdout == ""
    value = json.loads((tmp_path / "out.jsonl").read_text("utf-8"))
    assert value["photos"][0]["error"]["kind"] == "missing"
    assert value["photos"][0]["sha256"] is None


def test_an_empty_folder_is_a_failed_series(tmp_path):
    (value,) = objects(result := run("read", tmp_path))
    assert (result.exit_code, value["error"]["kind"], value["photos"]) == (3, "no_photographs", [])


@pytest.mark.parametrize(
    "arguments",
    [
        ("read",),
        ("read", "x.jpg", "--region", "1,2,3"),
        ("read", "x.jpg", "--region", "9,2,3,4"),
        ("read", "x.jpg", "--region", "a,b,c,d"),
        ("read", "x.jpg", "--readers", "oracle"),
        ("read", "x.jpg", "--workers", "0"),
        ("read", "x.jpg", "--rotate", "upright"),
        ("read", "x.jpg", "--jsonl", "/nowhere/out.jsonl"),
        ("read", "x.jpg", "--no-such-option"),
    ],
)
def test_wrong_usage_is_code_2_and_prints_nothing(arguments):
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""


def test_verify_finds_nothing_wrong_and_then_a_changed_original(tmp_path):
    with Casebook(tmp_path / "casebook") as casebook:
        stored = casebook.photos(casebook.begin(Mode.CASEWORK, [FRAME], "eva", "case 1"))[0]
    assert run("verify", tmp_path / "casebook").exit_code == 0
    stored.path.chmod(0o600)
    stored.path.write_bytes(FRAME.read_bytes()[:-1] + b"\0")
    result = run("verify", tmp_path / "casebook")
    assert result.exit_code == 1
    assert stored.sha256[:12] in result.stderr
