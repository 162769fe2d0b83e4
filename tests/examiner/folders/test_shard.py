"""Parts of an archive: each series in one of them, the same everywhere; put together they are one run."""

import json
import shutil
import sqlite3
from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from examiner.cli import application
from examiner.folders.results.file import results_to, rows_in
from examiner.folders.results.run_record import SCHEMA, begin_run, finish_run, last_run
from examiner.folders.series import Series
from examiner.folders.shard import Shard, parse_shard, series_of_shard

READ = ("--each-photo", "--readers", "general", "--workers", "1")


def call(*arguments: object) -> Result:
    """One command line, which is what the record of the run says of it."""
    words = [str(argument) for argument in arguments]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["examiner", *words])
        return CliRunner().invoke(application, words)


def names_of(root: Path, names: list[str], shard: Shard) -> list[str]:
    series = [Series(str(root / name), ()) for name in names]
    return [Path(entry.name).name for entry in series_of_shard(series, [root], shard)]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 10**6).map("{}.jpg".format), unique=True), st.integers(1, 60))
def test_every_series_is_in_one_part(names, count):
    root = Path("archive")
    parts = [names_of(root, names, Shard(number, count)) for number in range(1, count + 1)]
    assert sorted(name for part in parts for name in part) == sorted(names)


def test_the_part_does_not_depend_on_order_other_series_or_where_the_archive_lies(tmp_path):
    names = [f"{number}.jpg" for number in range(300)]
    part = names_of(Path("archive"), names, Shard(2, 5))
    assert 30 < len(part) < 90
    assert sorted(names_of(tmp_path / "elsewhere", names[::-1], Shard(2, 5))) == sorted(part)
    assert set(names_of(Path("archive"), names[:150], Shard(2, 5))) == set(part) & set(names[:150])


def test_one_name_in_two_forms_of_unicode_is_in_one_part():
    for count in range(2, 30):
        composed, decomposed = (
            [n for n in range(1, count + 1) if names_of(Path("a"), [name], Shard(n, count))]
            for name in ("M\u00fcller.jpg", "Mu\u0308ller.jpg")
        )
        assert composed == decomposed


@pytest.mark.parametrize("text", ["", "3", "0/5", "6/5", "3/0", "-1/5", "1/5/2", "a/b", "1/99999", "٣/٥"])
def test_what_is_no_part_is_refused(text):
    with pytest.raises(ValueError, match="expected a part of a whole such as 3/50"):
        parse_shard(text)


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("archive") / "archive"
    folder.mkdir()
    random = np.random.default_rng(8)
    for number in range(7):
        cv2.imwrite(str(folder / f"{number}.png"), random.integers(90, 160, (48, 96), np.uint8))
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    return folder


@pytest.fixture(scope="module")
def parts(archive, tmp_path_factory) -> list[Path]:
    folder = tmp_path_factory.mktemp("parts")
    files = [folder / f"{number}.sqlite" for number in (1, 2, 3)]
    for number, file in enumerate(files, 1):
        done = call(
            "read",
            archive,
            *READ,
            "--shard",
            f"{number}/3",
            "--out",
            file,
            "--overview",
            folder / "overview",
            "--force",
        )
        assert done.exit_code in (0, 3), done.stderr
    return files


def values(path: Path) -> dict[str, dict]:
    return {row.series: {**asdict(row), "seconds": 0} for row in rows_in(path)}


def proposals(path: Path) -> dict[str, dict]:
    rows = sqlite3.connect(path).execute("SELECT series, proposal FROM results").fetchall()
    return {series: {**json.loads(proposal), "seconds": 0} for series, proposal in rows}


def test_put_together_they_are_one_uninterrupted_run(archive, parts, tmp_path):
    whole, merged = tmp_path / "whole.sqlite", tmp_path / "merged.sqlite"
    assert call("read", archive, *READ, "--out", whole).exit_code == 3
    done = call("merge", *parts[::-1], "--out", merged, "--overview", parts[0].parent / "overview")
    assert done.exit_code == 0, done.stderr
    assert values(merged) == values(whole) and len(values(merged)) == 8
    assert proposals(merged) == proposals(whole)
    first, second = last_run(whole), last_run(merged)
    assert first is not None and second is not None
    assert (first.versions, first.options, first.shards) == (second.versions, second.options, second.shards)
    page = (parts[0].parent / "overview" / "index.html").read_text()
    assert page.count('<li class="series"') == 8 and page.count("<img") >= 7
    again = call("read", archive, *READ, "--out", merged, "--resume")
    assert "8 known" in again.stderr


def test_the_file_says_how_it_was_made(parts):
    record = last_run(parts[1])
    assert record is not None and record.finished
    assert (record.shard, record.shards) == (2, 3)
    assert record.options["readers"] == ["general"] and record.options["each_photo"] is True
    assert {"marking-examination-assistant", "numpy", "weights/marks.onnx"} <= record.versions.keys()
    assert record.command.startswith("examiner read ")
    assert sqlite3.connect(parts[1]).execute("PRAGMA user_version").fetchone() == (SCHEMA,)


def refused(files: list[Path], tmp_path: Path) -> str:
    out = tmp_path / "out.sqlite"
    done = call("merge", *files, "--out", out)
    assert done.exit_code == 2 and not out.exists() and "Traceback" not in done.stderr
    assert not list(tmp_path.glob("*.part*"))
    return done.stderr


def changed(parts: list[Path], tmp_path: Path, statement: str) -> list[Path]:
    """The parts, with the second one changed."""
    copy = tmp_path / "changed.sqlite"
    shutil.copy(parts[1], copy)
    with sqlite3.connect(copy) as database:
        database.execute(statement)
    return [parts[0], copy, parts[2]]


def test_parts_that_are_missing_are_named(parts, tmp_path):
    assert "of 3 parts 2 are missing: 1, 3" in refused([parts[1]], tmp_path)


def test_a_part_given_twice_is_named(parts, tmp_path):
    copy = tmp_path / "copy.sqlite"
    shutil.copy(parts[0], copy)
    said = refused([*parts, copy], tmp_path)
    assert "copy.sqlite: is part 1/3, as " in said and "give each part once" in said


def test_parts_of_another_whole_are_refused(parts, tmp_path):
    files = changed(parts, tmp_path, "UPDATE runs SET shards = 4")
    assert "is part 2 of 4, but" in refused(files, tmp_path)


def test_other_versions_are_named(parts, tmp_path):
    files = changed(parts, tmp_path, "UPDATE runs SET versions = json_set(versions, '$.numpy', '0.1')")
    said = refused(files, tmp_path)
    assert "was read with other versions than" in said and "numpy 0.1 instead of" in said


def test_other_options_are_named(parts, tmp_path):
    files = changed(parts, tmp_path, "UPDATE runs SET options = json_set(options, '$.alphabet', 'latin')")
    said = refused(files, tmp_path)
    assert "was read with other options than" in said and "alphabet latin instead of None" in said


def test_a_part_that_was_not_read_to_its_end_is_named(parts, tmp_path):
    files = changed(parts, tmp_path, "UPDATE runs SET finished = 0")
    assert "part 2/3 was not read to its end; continue it with --resume" in refused(files, tmp_path)


def test_one_series_in_two_parts_is_named(parts, tmp_path):
    (row,) = sqlite3.connect(parts[0]).execute("SELECT series FROM results LIMIT 1").fetchall()
    files = changed(parts, tmp_path, f"UPDATE results SET series = '{row[0]}' WHERE rowid = 1")
    assert f"series {row[0]} is in" in refused(files, tmp_path)


def test_a_file_of_an_earlier_version_says_why_it_is_no_part(parts, tmp_path):
    files = changed(parts, tmp_path, "DROP TABLE runs")
    assert "does not say how it was made" in refused(files, tmp_path)


def test_a_file_of_a_later_version_is_refused_in_words(archive, parts, tmp_path):
    files = changed(parts, tmp_path, "PRAGMA user_version = 99")
    assert "was written by a later version of this program" in refused(files, tmp_path)
    done = call("read", archive, *READ, "--shard", "2/3", "--out", files[1], "--resume")
    assert done.exit_code == 2 and "later version" in done.stderr


def test_another_part_is_not_continued_in_the_same_file(archive, parts):
    done = call("read", archive, *READ, "--shard", "1/3", "--out", parts[1], "--resume")
    assert done.exit_code == 2 and "holds part 2/3 of an archive, not 1/3" in done.stderr
    record = last_run(parts[1])
    assert record is not None and record.finished


def test_a_part_needs_a_file_that_knows_it(archive, tmp_path):
    done = call("read", archive, "--shard", "1/3", "--out", tmp_path / "a.csv")
    assert done.exit_code == 2 and "name a .sqlite file" in done.stderr


def test_a_run_that_was_stopped_has_not_finished(tmp_path, parts):
    path = tmp_path / "r.sqlite"
    record = last_run(parts[0])
    assert record is not None
    with results_to(path, resume=False):
        begin_run(path, record)
    begun = last_run(path)
    assert begun is not None and begun.finished is record.finished
    finish_run(path)
    ended = last_run(path)
    assert ended is not None and ended.finished
