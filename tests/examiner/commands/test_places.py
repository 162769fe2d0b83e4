"""What counts as a photograph, over which nothing is written."""

import pytest

from examiner.commands.places import is_photograph


@pytest.mark.parametrize(
    "name",
    ["r.pdf", "r.json", "r.jsonl", "r.csv", "r.sqlite", "r.parquet", "r.zip", "r.txt", "r.html", "r"],
)
def test_what_commands_write_is_no_photograph_also_where_it_is_there_already(tmp_path, name):
    assert not is_photograph(tmp_path / name)
    (tmp_path / name).write_bytes(b"%PDF-1.7\n" if name == "r.pdf" else b"PK\x03\x04 words")
    assert not is_photograph(tmp_path / name)


@pytest.mark.parametrize("name", ["a.JPG", "a.cr3", "a.mov", "a.HEIC", "a.tif"])
def test_photographs_are_known_by_their_name_or_their_content(tmp_path, name):
    assert is_photograph(tmp_path / name)
    (tmp_path / "words.txt").write_bytes(b"\xff\xd8\xff\xe0 what a JPEG begins with")
    assert is_photograph(tmp_path / "words.txt")
