"""Full disks, and files nested so deep that a parser gives up: each is a named error, never a trace."""

from __future__ import annotations

import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from examiner.casebook.case_file import Item, SignOfAlteration
from examiner.casebook.casebook import Casebook
from examiner.casebook.laboratory import laboratory, shipped
from examiner.casebook.originals import OriginalsFolderError
from examiner.cli import application
from examiner.examination.acts import AddedPhoto, Mode
from examiner.examination.readings import RecordError
from examiner.exercises.course import read_file
from examiner.folders.results.file import rows_in
from examiner.tracing.maker_formats import maker_formats
from examiner.validation.table import read_table
from pipelines.enhance.recipe import recipe_of
from pipelines.errors import MarkingError
from tests.examiner.whole_case import plate

DEEP_TOML = "x = " + "[" * 100_000
DEEP_JSON = '{"a":' * 100_000

TOML: list[Callable[[Path], Any]] = [
    laboratory,
    maker_formats,
    read_table,
    lambda path: recipe_of(path.read_text()),
]


@pytest.mark.parametrize("read", TOML)
def test_a_nested_toml_is_named(tmp_path, read):
    path = tmp_path / "deep.toml"
    path.write_text(DEEP_TOML)
    with pytest.raises(MarkingError):
        read(path)


@pytest.mark.parametrize("read", [read_file, lambda path: list(rows_in(path))])
def test_a_nested_json_is_named(tmp_path, read):
    path = tmp_path / "deep.jsonl"
    path.write_text(DEEP_JSON + "\n")
    with pytest.raises(MarkingError):
        read(path)


def test_nested_keys_are_named(tmp_path):
    with Casebook(tmp_path / "casebook"):
        pass
    (tmp_path / "keys.json").write_text(DEEP_JSON)
    verify = ["verify", str(tmp_path / "casebook"), "--keys", str(tmp_path / "keys.json")]
    done = CliRunner().invoke(application, verify)
    assert done.exit_code == 2 and "public keys" in done.stderr


def test_a_full_disk_while_a_photograph_is_taken_in_is_named(tmp_path):
    """The system refuses to write a file beyond a size, as it does on a full disk."""
    photo = plate(tmp_path / "a.png")
    large = tmp_path / "large.png"
    large.write_bytes(photo.read_bytes() + bytes(8 << 20))
    with Casebook(tmp_path / "casebook") as casebook:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4 << 20, before[1]))
        try:
            with pytest.raises(OriginalsFolderError, match="make room on the disk"):
                casebook.begin(Mode.CASEWORK, [photo, large], "eva", "Exhibit 1")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert casebook.examinations() == [] and casebook.verify() == []
        assert not list((casebook.folder / "originals").glob(".incoming-*"))
        assert casebook.begin(Mode.CASEWORK, [photo], "eva", "Exhibit 1")


def test_a_photograph_that_was_never_taken_in_is_not_filed(tmp_path):
    with Casebook(tmp_path / "casebook") as casebook:
        case = casebook.cases.open_case("2026/1", "", shipped(), "eva")
        seam = SignOfAlteration("weld seam", photos=(AddedPhoto("x.png", "ab" * 32, ".png", None),))
        with pytest.raises(RecordError, match="no such photograph"):
            casebook.cases.put(Item("", case.id, "Pistol", signs=(seam,)), "eva")
        assert casebook.verify() == []
