"""A run that is killed or stopped, and resumed: nothing is lost, nothing is read twice."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner, Result

from examiner.cli import application
from examiner.folders.results.file import rows_in

COUNT = 6
READ = ("--each-photo", "--readers", "general")


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> Path:
    """Small photographs of bare metal, one of them cut off, one with a name in three scripts."""
    folder = tmp_path_factory.mktemp("archive")
    random = np.random.default_rng(5)
    bare_metal(folder, COUNT - 2, random)
    whole = cv2.imencode(".png", random.integers(0, 255, (48, 96), np.uint8))[1].tobytes()
    (folder / "Ωмега 銃.png").write_bytes(whole)
    (folder / "cut.png").write_bytes(whole[: len(whole) // 2])
    return folder


def bare_metal(folder: Path, count: int, random: np.random.Generator) -> None:
    for number in range(count):
        pixels = random.integers(90, 160, (48, 96), np.uint8)
        cv2.imwrite(str(folder / f"{number}.png"), pixels)


@pytest.fixture(scope="module")
def finished(archive, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("finished") / "results.jsonl"
    assert run(archive, *READ, "--out", out, "--workers", 2).exit_code == 3
    return out


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-c", "from examiner.cli import main; main()", "read", *map(str, arguments)]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(application, ["read", *map(str, arguments)])


def series_of(out: Path) -> list[str]:
    return sorted(Path(row.series).name for row in rows_in(out))


@pytest.mark.parametrize("suffix", [".jsonl", ".sqlite"])
def test_killed_at_any_moment_it_goes_on_and_reads_nothing_twice(archive, tmp_path, suffix):
    out = tmp_path / f"results{suffix}"
    arguments = command(archive, *READ, "--out", out, "--out", "-", "--workers", 1)
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as begun:
        assert begun.stdout is not None
        for _ in range(3):
            assert begun.stdout.readline()
        begun.kill()
    before = out.read_bytes()
    if suffix == ".jsonl":
        with out.open("ab") as file:
            file.write(b'{"what was being written when the power we')

    gone_on = run(archive, *READ, "--out", out, "--resume", "--workers", 1)

    assert gone_on.exit_code == 3, gone_on.stderr
    assert series_of(out) == sorted(path.name for path in archive.iterdir())
    known = int(gone_on.stderr.split(" known")[0].split()[-1])
    assert 3 <= known < COUNT
    if suffix == ".jsonl":
        assert out.read_bytes().startswith(before)
    assert "cut.png" in gone_on.stderr
    assert not list(tmp_path.glob("*.part*"))


def test_a_second_resume_reads_nothing_and_still_names_what_failed(archive, finished):
    before = finished.read_bytes()
    again = run(archive, *READ, "--out", finished, "--resume")
    assert (again.exit_code, finished.read_bytes()) == (3, before)
    assert f"{COUNT} known" in again.stderr and "truncated: cut.png" in again.stderr


def test_only_what_changed_is_read_again_and_then_counts_alone(archive, finished, tmp_path):
    folder = tmp_path / "archive"
    shutil.copytree(archive, folder)
    out = tmp_path / "results.jsonl"
    out.write_text(finished.read_text("utf-8").replace(str(archive), str(folder)), "utf-8")
    before = {row.series: row for row in rows_in(out)}
    changed = folder / "3.png"
    cv2.imwrite(str(changed), cv2.imread(str(changed))[::-1])

    again = run(folder, *READ, "--out", out, "--resume", "--workers", 1)

    assert f"{COUNT - 1} known" in again.stderr
    after = {row.series: row for row in rows_in(out)}
    assert {name for name in before if before[name] != after[name]} == {str(changed)}
    assert len(out.read_text("utf-8").splitlines()) == len(after) == COUNT


@pytest.mark.parametrize("other", [("--alphabet", "latin"), ("--rotate", "90")])
def test_another_recipe_is_read_anew(archive, tmp_path, other):
    out = tmp_path / "results.jsonl"
    photograph = archive / "1.png"
    run(photograph, "--readers", "general", "--out", out)
    again = run(photograph, "--readers", "general", *other, "--out", out, "--resume")
    assert "known" not in again.stderr
    assert len(out.read_text().splitlines()) == 1


def test_a_file_that_is_there_is_neither_overwritten_nor_continued_unasked(archive, tmp_path):
    for name in ("r.jsonl", "r.csv", "r.sqlite", "r.parquet"):
        out = tmp_path / name
        assert run(archive / "1.png", "--readers", "general", "--out", out).exit_code == 0
        before = out.read_bytes()
        refused = run(archive / "1.png", "--readers", "general", "--out", out)
        assert (refused.exit_code, out.read_bytes()) == (2, before)
        assert "--resume" in refused.stderr


@pytest.mark.parametrize("name", ["r.jsonl", "r.csv", "r.sqlite", "r.parquet"])
def test_what_is_no_file_of_results_is_left_as_it_is(archive, tmp_path, name):
    out = tmp_path / name
    out.write_bytes(b"the only copy of something else\n" * 40)
    refused = run(archive / "1.png", "--out", out, "--resume")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert out.read_bytes() == b"the only copy of something else\n" * 40


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_stop_cleanly_and_say_how_to_go_on(tmp_path, sent):
    count, archive = 8, tmp_path / "archive"
    archive.mkdir()
    bare_metal(archive, count, np.random.default_rng(6))
    out = tmp_path / "results.sqlite"
    arguments = command(archive, *READ, "--out", out, "--out", "-", "--workers", 2)
    begun = subprocess.Popen(
        arguments,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
        # What a shell starts in the background ignores Ctrl-C, and so does what that starts: these tests.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert begun.stdout is not None
    assert begun.stdout.readline()
    os.killpg(begun.pid, sent)  # As a terminal does: to the workers as well.
    _, said = begun.communicate()  # Both ends of file: no worker is left that could write.
    assert begun.returncode == 130, said
    assert f"of {count} series; run again with --resume to continue" in said and "Traceback" not in said
    written = sqlite3.connect(out).execute("SELECT count(*) FROM results").fetchone()[0]
    assert 1 <= written < count
    assert run(archive, *READ, "--out", out, "--resume", "--workers", 1).exit_code == 0
    assert series_of(out) == sorted(path.name for path in archive.iterdir())


def test_two_runs_do_not_write_one_file(archive, tmp_path):
    from examiner.folders.results.file import results_to

    with results_to(tmp_path / "r.jsonl", False):
        refused = run(archive / "1.png", "--out", tmp_path / "r.jsonl", "--resume")
    assert refused.exit_code == 2 and "another run" in refused.stderr


def test_a_run_in_two_parts_gives_what_one_run_gives(archive, finished, tmp_path):
    """But for the order and the clock."""
    two = tmp_path / "two.jsonl"
    two.write_bytes(b"".join(finished.read_bytes().splitlines(True)[:-2]))
    run(archive, *READ, "--out", two, "--resume", "--workers", 1)

    def values(path: Path) -> dict[str, dict]:
        proposals = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        return {value["series"]: {**value, "seconds": 0} for value in proposals}

    assert values(finished) == values(two)
