"""Bad input: each is named with its reason, nothing is lost, exit code 3."""

import json
import os
import shutil
import unicodedata
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner, Result

from examiner.cli import application
from examiner.folders import job as job_module
from examiner.folders.job import Job, read_job
from examiner.folders.notices import duplicates, links_in
from examiner.folders.results.file import rows_in
from examiner.folders.series import Options, Series, series_in
from pipelines.propose import Source
from pipelines.types import PhotoEntry, Proposal

OPTIONS = Options(readers=("general",))


def picture(path: Path, seed: int = 1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(90, 160, (48, 96), np.uint8)
    path.write_bytes(cv2.imencode(".png", pixels)[1].tobytes())
    return path


def run(*arguments: object) -> Result:
    command = ["read", *map(str, arguments), "--readers", "general", "--workers", "1"]
    return CliRunner().invoke(application, command)


def test_every_kind_is_named_with_its_reason_and_the_others_are_read(tmp_path):
    archive = tmp_path / "archive"
    good = picture(archive / "good.png")
    shutil.copy(good, archive / "good again.png")
    (archive / "cut.png").write_bytes(good.read_bytes()[:60])
    (archive / "empty.png").write_bytes(b"")
    (archive / "renamed.jpg").write_bytes(picture(archive / "r.png", 2).read_bytes())
    (archive / "words.png").write_text("not a photograph")
    (archive / "dangling.png").symlink_to(tmp_path / "nowhere.png")
    (archive / "itself.png").symlink_to(archive / "itself.png")
    os.mkfifo(archive / "pipe.png")
    picture(archive / "sub" / "деталь № 7 — 銃 ‏عدد.png", 3)
    (archive / "sub" / "up").symlink_to(archive)
    elsewhere = picture(tmp_path / "elsewhere" / "a.png", 4).parent
    (archive / "sub" / "aside").symlink_to(elsewhere)
    out = tmp_path / "results.csv"

    result = run(archive, "--each-photo", "--out", out)

    assert result.exit_code == 3
    rows = {Path(row.series).name: row for row in rows_in(out)}
    assert set(rows) == {entry.name for entry in archive.iterdir() if entry.name != "sub"} | {
        "деталь № 7 — 銃 ‏عدد.png"
    }
    kinds = {name: [f["kind"] for f in json.loads(row.failures)][:1] for name, row in rows.items()}
    assert kinds == {
        "good.png": [],
        "good again.png": [],
        "r.png": [],
        "деталь № 7 — 銃 ‏عدد.png": [],
        "cut.png": ["truncated"],
        "empty.png": ["empty"],
        "renamed.jpg": ["renamed"],
        "words.png": ["not_a_photograph"],
        "dangling.png": ["missing"],
        "itself.png": ["missing"] if kinds["itself.png"] == ["missing"] else ["photo"],
        "pipe.png": ["not_a_photograph"],
    }
    said = result.stderr
    for words in ("duplicate: ", "link_loop: ", "link: "):
        assert words in said
    for name in ("good again.png", "good.png", "sub/up", "sub/aside", "cut.png", "empty.png", "pipe.png"):
        assert name in said


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may read everything")
def test_no_permission_is_named(tmp_path):
    path = picture(tmp_path / "a.png")
    path.chmod(0)
    assert "permission: a.png" in run(path).stderr


def test_a_file_that_changes_while_it_is_read_is_named_and_read_again_the_next_time(tmp_path, monkeypatch):
    path = picture(tmp_path / "a.png")

    def meanwhile(series: Series, _options: Options, _intermediates: Path | None) -> Proposal:
        return Proposal(series.name, (PhotoEntry(str(path), "1" * 64),), (), {}, 0.1)

    monkeypatch.setattr(job_module, "read_series", meanwhile)
    (series,) = series_in([path], False, OPTIONS)
    result = read_job(Job(series, OPTIONS))
    assert result is not None and result.proposal.photos[0].error is not None
    assert result.proposal.photos[0].error.kind == "changed"


def test_a_folder_that_vanishes_during_the_run_is_named(tmp_path):
    path = picture(tmp_path / "gone" / "a.png")
    (series,) = series_in([path.parent], False, OPTIONS)
    shutil.rmtree(path.parent)
    result = read_job(Job(series, OPTIONS))
    assert result is not None and result.proposal.photos[0].error is not None
    assert result.proposal.photos[0].error.kind == "missing"
    assert result.proposal.error is not None and result.proposal.error.kind == "no_photographs"


def test_the_first_given_is_the_original_and_a_file_named_twice_is_none(tmp_path):
    paths = [picture(tmp_path / name) for name in ("b.png", "a.png", "c.png")]
    picture(tmp_path / "other.png", 2)
    every = series_in([paths[0], paths[1], paths[0], paths[2], tmp_path / "other.png"], False, OPTIONS)
    messages = [failure.message for failure in duplicates(every)]
    assert [message.split(": ")[0] for message in messages] == [str(paths[1]), str(paths[2])]
    assert all(str(paths[0]) in message.split(": ")[1] for message in messages)


def test_the_same_photograph_with_another_region_is_no_duplicate(tmp_path):
    path, copy = picture(tmp_path / "a.png"), picture(tmp_path / "b.png")
    marked = [Series(str(p), ((Source(p, (1.0, 2.0, 30.0, y)),),)) for p, y in ((path, 20.0), (copy, 21.0))]
    assert duplicates(marked) == []
    assert duplicates([*marked, Series("c", marked[0].sources)]) == []


def test_links_to_photographs_are_read_and_not_noticed(tmp_path):
    folder = tmp_path / "archive"
    picture(folder / "a.png")
    (folder / "b.png").symlink_to(picture(tmp_path / "elsewhere" / "b.png", 2))
    assert links_in([folder]) == []


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_names_in_any_form_are_known_again(tmp_path, form):
    picture(tmp_path / "in" / unicodedata.normalize(form, "снимок й é.png"))
    out = tmp_path / "out.sqlite"
    assert run(tmp_path / "in", "--out", out).exit_code == 0
    assert "1 known" in run(tmp_path / "in", "--out", out, "--resume").stderr


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "sqlite", "parquet"])
def test_a_name_that_is_no_text_or_has_line_breaks_comes_back_from_every_format(tmp_path, suffix):
    folder = tmp_path / "in"
    folder.mkdir()
    for name in (b"=\xff\n1.png", b'\\n\r\n,".png', b"'a.png"):
        (folder / os.fsdecode(name)).write_bytes(b"")
    out = tmp_path / f"out.{suffix}"
    assert run(folder, "--each-photo", "--out", out).exit_code == 3
    paths = {json.loads(row.photographs)[0]["path"] for row in rows_in(out)}
    assert paths == {str(entry) for entry in folder.iterdir()}
    assert "3 known" in run(folder, "--each-photo", "--out", out, "--resume").stderr
