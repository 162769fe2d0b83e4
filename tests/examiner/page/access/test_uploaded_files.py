"""Uploads belong to who sent them: forged paths move and delete nothing, and what nobody opens goes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from examiner.casebook.casebook import Casebook
from examiner.examination.readings import RecordError
from examiner.page.access.uploaded_files import KEPT_S, UploadedFiles
from examiner.page.uploads import Incoming
from tests.examiner.page.over_http import Page, Window


@pytest.fixture
def running(start_page: Callable[..., Any]) -> Any:
    """A page without accounts: its address carries a token."""
    return start_page()


@pytest.fixture
def files(tmp_path):
    paths = [tmp_path / "cache" / name for name in ("a.png", "b.png")]
    paths[0].parent.mkdir()
    for path in paths:
        path.write_bytes(path.name.encode())
    return paths


def test_a_file_of_somebody_else_is_not_moved(files, tmp_path):
    uploads = UploadedFiles()
    uploads.received("eva", [str(files[0])])
    uploads.received("max", [str(files[1])])
    both = [Incoming(path, path.name) for path in files]
    with pytest.raises(RecordError, match="did not upload"), uploads.opened("eva", both, tmp_path / "room"):
        pass
    assert all(path.exists() for path in files)
    with uploads.opened("eva", both[:1], tmp_path / "room") as mine:
        assert [file.path.read_bytes() for file in mine] == [b"a.png"]
        assert not files[0].exists()
    assert list((tmp_path / "room").iterdir()) == [] and files[1].exists()


def test_the_same_file_of_two_persons_is_there_for_both(files, tmp_path):
    uploads = UploadedFiles()
    for name in ("eva", "max"):
        uploads.received(name, [str(files[0])])
    for name in ("max", "eva"):
        twice = [Incoming(files[0], "x.png"), Incoming(files[0], "y.png")]
        with uploads.opened(name, twice, tmp_path / "room") as mine:
            assert [file.path.read_bytes() for file in mine] == [b"a.png"] * 2
    assert not files[0].exists()
    with pytest.raises(RecordError), uploads.opened("eva", twice, tmp_path / "room"):
        pass


def test_what_nobody_opens_in_time_is_removed(files):
    now = [0.0]
    uploads = UploadedFiles(lambda: now[0])
    uploads.received("", [str(files[0])])
    now[0] = KEPT_S - 1
    uploads.received("", [str(files[1])])
    assert uploads.sweep() == 0
    now[0] = KEPT_S + 1
    assert uploads.sweep() == 1
    assert [path.exists() for path in files] == [False, True]


def test_forged_paths_over_http_move_and_delete_nothing(
    page: Page, window: Callable[[], Window], photographs: list[Path], tmp_path: Path
) -> None:
    opened = window()
    opened.upload(photographs, ["a.png", "b.png"])
    casebook = Casebook(page.folder)
    id = casebook.examinations()[-1].id
    outside = tmp_path / "outside.png"
    outside.write_bytes(photographs[0].read_bytes())
    made = sorted(path for path in (page.folder / "page").rglob("*") if path.is_file())
    there = [outside, page.folder / "casebook.sqlite", *(photo.path for photo in casebook.photos(id)), *made]
    before = {path: path.read_bytes() for path in there}
    for path in [*map(str, there), "/etc/passwd", "../../x", "", "\0", "https://evil.example/x.png"]:
        data = {"path": path, "orig_name": "x.png", "size": 1, "meta": {"_type": "gradio.FileData"}}
        opened.send("upload", None, [None, [data], None])
    record = page.folder / "casebook.sqlite"
    assert [path for path in there if path != record and path.read_bytes() != before[path]] == []
    assert record.exists() and len(casebook.examinations()) == 1
