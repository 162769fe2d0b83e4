"""A whole trace of an examination, and the makers' table."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner
from whole_case import whole_case

from examiner.casebook import Casebook
from examiner.cli import application
from examiner.maker_formats import MakerFormatError, fitting, maker_formats
from examiner.query import Slot
from examiner.tracing import trace, trace_text


@pytest.fixture
def case(tmp_path):
    id, _ = whole_case(tmp_path / "casebook", tmp_path / "room")
    with Casebook(tmp_path / "casebook") as casebook:
        yield casebook, id


def test_a_trace_says_what_it_is_and_what_was_read(case):
    casebook, id = case
    found = trace(casebook, id)
    assert found["about"] == "search aid, not a finding"
    [line] = found["lines"]
    assert line["string"] and line["patterns"]["regex"].startswith("^")
    assert line["makers"] == []
    assert line["candidates"]["total"] >= len(line["candidates"]["shown"]) > 0
    text = trace_text(found)
    assert text.startswith("SEARCH AID, NOT A FINDING") and line["patterns"]["regex"] in text


def test_the_request_has_the_fields_of_the_case(case):
    casebook, id = case
    fields = {one["etrace"]: one["value"] for one in trace(casebook, id)["request"]}
    assert fields["5a"] == trace(casebook, id)["lines"][0]["string"]
    assert list(fields) == ["5a", "5b", "5c", "5d", "5e", "5f", "5g", "5h", "5i"]


def test_the_command_gives_the_same_as_json(case):
    casebook, id = case
    result = CliRunner().invoke(application, ["trace", str(casebook.folder), id[:6], "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout) == json.loads(json.dumps(trace(casebook, id)))


def test_an_id_that_nothing_begins_with_is_named(case):
    casebook, _ = case
    result = CliRunner().invoke(application, ["trace", str(casebook.folder), "zz"])
    assert result.exit_code != 0 and "'zz'" in result.output


@pytest.mark.parametrize(
    ("read", "maker"), [("AB123", "Glock"), ("ЖЯ1234", "Izhevsk, Makarov"), ("BER123456Z", "Beretta")]
)
def test_a_number_fits_formats_of_its_form(read, maker):
    names = [row.maker for row in fitting([Slot((c,)) for c in read], maker_formats())]
    assert maker in names


def test_a_latin_number_fits_no_cyrillic_format():
    assert "Izhevsk, Makarov" not in [
        row.maker for row in fitting([Slot((c,)) for c in "AB1234"], maker_formats())
    ]


def test_an_open_position_fits_what_the_format_has_there():
    slots = [Slot(("A", "4")), Slot(), Slot(excluded=("1",)), Slot(("2",)), Slot(("3",))]
    assert "Glock" in [row.maker for row in fitting(slots, maker_formats())]


def test_every_row_says_where_it_is_from():
    assert all(row.source and row.known in ("published", "unchecked") for row in maker_formats())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[[format]]\nmaker='x'\n",
        "[[format]]\nmaker=1\npattern=['A']\nmarks='m'\nknown='published'\nsource='s'\n",
        "no toml [",
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path, text):
    path = tmp_path / "formats.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MakerFormatError, match=r"formats\.toml"):
        maker_formats(path)
