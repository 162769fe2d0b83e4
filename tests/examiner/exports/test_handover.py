"""What is handed over verifies on its own, holds nothing of another case, and is the same twice."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from examiner.casebook.casebook import Casebook
from examiner.exports.handover import HandoverError, handover, handover_wrong
from tests.examiner.whole_case import exports, whole_case


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    room = tmp_path_factory.mktemp("handover")
    folder = room / "casebook"
    return (folder, *whole_case(folder, room / "given"))


def test_it_verifies_on_its_own_against_the_head_of_the_report(made):
    folder, id, given = made
    assert handover_wrong(given) == []
    with zipfile.ZipFile(given) as archive:
        reading = json.loads(archive.read("exports/reading.json"))
    assert reading["examination"] == id
    assert handover_wrong(given, head=reading["ledger"]["head"]) == []
    assert "no line has the noted head" in handover_wrong(given, head="1" * 64)[0]
    with Casebook(folder) as casebook:
        assert casebook.verify(head=reading["ledger"]["head"]) == []


def test_it_says_everything_of_the_examination(made):
    _, _, given = made
    with zipfile.ZipFile(given) as archive:
        reading = json.loads(archive.read("exports/reading.json"))
    assert reading["second"]["by"] == "max" and len(reading["signatures"]) == 4
    assert [line["string"] for line in reading["agreed"]] == ["A8"]
    assert [line["string"] for line in reading["amendments"][0]["agreed"]] == ["AB"]
    assert reading["case"]["case"]["reference"] == "2026/17"
    assert reading["case"]["procedure"][0]["reagent"] == "Fry's"
    assert reading["context"][0]["note"] == "seized with a Tokarev"


def test_it_holds_nothing_of_another_case(made):
    _, _, given = made
    with zipfile.ZipFile(given) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"SECRET OF ANOTHER CASE" not in everything
    assert b"Exhibit 1" in everything


def test_the_same_record_gives_the_same_bytes(made):
    folder, id, given = made
    with Casebook(folder) as casebook:
        before = len(casebook.every_line())
        assert handover(casebook, id, exports(casebook, id), "eva") == given.read_bytes()
        assert len(casebook.every_line()) == before


def _with(given: Path, target: Path, change) -> Path:
    """The zip again with changed members and a manifest that fits them."""
    with zipfile.ZipFile(given) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return target


def _fitting(members: dict[str, bytes]) -> None:
    import hashlib

    manifest = json.loads(members["manifest.json"])
    manifest["files"] = {
        name: hashlib.sha256(data).hexdigest() for name, data in members.items() if name != "manifest.json"
    }
    members["manifest.json"] = json.dumps(manifest).encode()


def test_a_changed_export_is_found_though_the_manifest_fits(made, tmp_path):
    def change(members):
        members["exports/reading.csv"] = members["exports/reading.csv"].replace(b"Exhibit 1", b"Exhibit 2")
        _fitting(members)

    assert "does not record this file" in handover_wrong(_with(made[2], tmp_path / "x.zip", change))[0]


def test_a_changed_line_is_found_though_the_manifest_fits(made, tmp_path):
    def change(members):
        members["ledger.jsonl"] = members["ledger.jsonl"].replace(b"seized with", b"bought with")
        _fitting(members)

    assert "hash does not fit" in handover_wrong(_with(made[2], tmp_path / "x.zip", change))[0]


def test_lines_cut_off_are_found_with_the_head(made, tmp_path):
    with zipfile.ZipFile(made[2]) as archive:
        head = json.loads(archive.read("exports/reading.json"))["ledger"]["head"]

    def change(members):
        lines = members["ledger.jsonl"].splitlines()[:-6]
        members["ledger.jsonl"] = b"\n".join(lines) + b"\n"
        manifest = json.loads(members["manifest.json"])
        manifest["head"] = json.loads(lines[-1])["hash"]
        members["manifest.json"] = json.dumps(manifest).encode()
        for name in [name for name in members if name.startswith("exports/")]:
            del members[name]
        _fitting(members)

    cut = _with(made[2], tmp_path / "x.zip", change)
    assert handover_wrong(cut) == []
    assert "no line has the noted head" in handover_wrong(cut, head)[0]


@pytest.mark.parametrize(
    "name", ["../outside", "originals/ab/../../x", "/etc/passwd", "exports/a/b", "originals/zz/1.png"]
)
def test_a_hostile_member_is_refused(made, tmp_path, name):
    def change(members):
        members[name] = b"x"
        _fitting(members)

    [wrong] = handover_wrong(_with(made[2], tmp_path / "x.zip", change))
    assert "does not belong" in wrong
    assert not (tmp_path / "outside").exists()


def test_what_is_no_handover_is_named(tmp_path):
    path = tmp_path / "x.zip"
    for content in (b"", b"PK\x03\x04", b"nothing"):
        path.write_bytes(content)
        assert "cannot be read" in handover_wrong(path)[0]


def test_a_file_name_that_leads_elsewhere_is_refused(made):
    folder, id, _ = made
    with Casebook(folder) as casebook, pytest.raises(HandoverError):
        handover(casebook, id, {"../x": b""}, "eva")
