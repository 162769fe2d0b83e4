"""Outputs never lie among originals, however their place is written."""

import os
from pathlib import Path

import pytest

from examiner.photographs.apart_from_originals import folder_of_originals


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "photos" / "inner").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "sorted").mkdir()
    (tmp_path / "photos" / "inner" / "a.jpg").write_bytes(b"a")
    (tmp_path / "alias").symlink_to("photos", target_is_directory=True)
    (tmp_path / "photos" / "way_out").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (tmp_path / "sorted" / "b.jpg").symlink_to(tmp_path / "photos" / "inner" / "a.jpg")
    (tmp_path / "one.jpg").symlink_to(tmp_path / "photos" / "inner" / "a.jpg")
    return tmp_path


@pytest.mark.parametrize(
    ("output", "originals"),
    [
        ("photos/out", ["photos"]),
        ("photos", ["photos"]),
        ("photos/inner/../out", ["photos"]),
        ("elsewhere/../photos/out", ["photos"]),
        ("./photos//out/deeper", ["photos"]),
        ("alias/out", ["photos"]),
        ("photos/out", ["alias"]),
        ("alias/inner/out", ["photos/inner/a.jpg"]),
        ("photos/inner/out", ["alias/inner/a.jpg"]),
        ("photos/inner/out.csv", ["photos/inner/a.jpg"]),
        ("photos/inner/out", ["one.jpg"]),
        ("out", ["one.jpg"]),
        ("photos/inner/out", ["sorted"]),
        ("photos/out", ["elsewhere", "photos"]),
    ],
)
def test_it_lies_among_them(place, monkeypatch, output, originals):
    monkeypatch.chdir(place)
    for written in (Path(output), place / output):
        assert folder_of_originals(written, [Path(path) for path in originals]) is not None


@pytest.mark.parametrize(
    ("output", "originals"),
    [
        ("elsewhere/out", ["photos"]),
        ("out", ["photos"]),
        ("photos_of_today", ["photos"]),
        ("photos/../out", ["photos"]),
        ("photos/way_out/out", ["photos"]),
        ("elsewhere/out", ["gone", "gone/a.jpg"]),
        ("photos/out", ["photos/inner/a.jpg"]),
        ("sorted/out", ["photos"]),
    ],
)
def test_it_lies_elsewhere(place, monkeypatch, output, originals):
    monkeypatch.chdir(place)
    assert folder_of_originals(Path(output), [Path(path) for path in originals]) is None


def test_a_file_system_that_ignores_case_is_seen_through(place, monkeypatch):
    """Such a system gives the same file number for another spelling; here `stat` is told to."""
    real = Path.stat

    def of_any_case(path: Path, **more: bool) -> os.stat_result:
        return real(Path(str(path).replace("PHOTOS", "photos")), **more)

    monkeypatch.setattr(Path, "stat", of_any_case)
    assert folder_of_originals(place / "PHOTOS" / "out", [place / "photos"]) is not None
